"""Suggestions as JSON."""

from datetime import datetime
from enum import StrEnum

from pydantic import ConfigDict, Field

from yinling_gateway.models.base import (
    HardRule,
    Input,
    Int,
    Output,
    PhysicalDemand,
    QueryInt,
    Revision,
    Text,
    TitleLevel,
)
from yinling_gateway.models.requests import EXAMPLE, Importance, MentoringRequest, MentoringRequestInput
from yinling_gateway.models.weights import Weights


class FacetKind(StrEnum):
    """Part of a profile."""

    POSITION = "position"
    SKILL = "skill"
    EXPERIENCE = "experience"
    CREDENTIAL = "credential"
    BIO = "bio"


class CheckOutcome(StrEnum):
    """What came out of a check."""

    PASSED = "passed"
    NOT_STATED = "not_stated"


class Verdict(StrEnum):
    """Whether there was enough to go by."""

    RANKED = "ranked"
    NOT_ENOUGH_INFORMATION = "not_enough_information"
    NOBODY_ELIGIBLE = "nobody_eligible"


class SuggestionView(StrEnum):
    """How much of each suggestion is answered."""

    FULL = "full"
    SCORES = "scores"


class Label(StrEnum):
    """A score in a word: 很合适, 合适, 可考虑, 关联较弱."""

    STRONG = "strong"
    GOOD = "good"
    POSSIBLE = "possible"
    WEAK = "weak"


class AdjustmentKind(StrEnum):
    """What else than the evidence moves a score."""

    YEARS = "years"
    TITLE_LEVEL = "title_level"
    FEEDBACK = "feedback"
    WISHES = "wishes"
    BROKEN_WISH = "broken_wish"


class Check(Output):
    """Outcome of one hard rule for one person."""

    rule: HardRule | None
    outcome: CheckOutcome | None


class Evidence(Output):
    """How one point of a request is answered by a profile."""

    requirement: str = Field(description="The point; title and description count as one of their own.")
    importance: Importance | None
    found: bool = Field(description="Whether anything in the profile answers it.")
    facet_kind: FacetKind | None = Field(description="Which part answers it best.")
    facet_text: str = Field(description="The person's own words.")
    strength: float = Field(description="How strongly, 0 to 1.")
    label: Label | None = Field(description="The strength in a word.")
    shared_words: list[str] = Field(description="Words of the point that stand in the profile too.")


class Adjustment(Output):
    """What else than the evidence moved a score."""

    kind: AdjustmentKind | None
    effect: float = Field(description="By how much the score is higher for it; below 0 where it is lower.")
    rule: HardRule | None = Field(description="Of broken_wish: the rule. To be read as a warning.")
    not_stated: bool = Field(description="Of years and title_level: lower only because the profile does not say.")


class SimilarPerson(Output):
    """Somebody whose profile says nearly the same."""

    profile_id: str
    name: str
    score: float


class Suggestion(Output):
    """A person suggested for a request."""

    profile_id: str
    score: float = Field(description="How well the person fits, 0 to 1; comparable between requests.")
    evidence: list[Evidence]
    checks: list[Check] = Field(description="Every hard rule that was checked; all are kept.")
    name: str
    city: str
    last_position: str
    former_employer: str
    organisation: str
    title_level: TitleLevel | None
    years: int
    label: Label | None = Field(description="The score in a word; null where there is not enough information.")
    adjustments: list[Adjustment] = Field(description="What else than the evidence moved the score.")
    similar: list[SimilarPerson] = Field(description="People of nearly the same profile, who do not fill the list.")
    distance_km: float | None = Field(description="To the place of work, as the crow flies.")
    by_turn: bool = Field(
        description="Somebody who fits equally well and scores higher stands below or was left out, because they were "
        "shown for more other requests in the last 90 days."
    )


class Exclusion(Output):
    """How many people a hard rule keeps out."""

    rule: HardRule | None
    people: int = Field(description="People that break it, whatever else they break.")
    only_this_rule: int = Field(description="People that would come in if it were relaxed.")


class Relaxation(Output):
    """What it would bring to relax a rule: people who break it and no other."""

    rule: HardRule | None
    physical_demand: PhysicalDemand | None = Field(description="Of physical: the one demand that keeps them out.")
    other_demand: str = Field(description="Of physical: as `physical_demand`, one of the `other_demands`.")
    strong: int = Field(description="How many of them fit strongly.")
    good: int = Field(description="How many fit well, not counting the strong.")
    best_score: float


class Suggestions(Output):
    """People for a request, best first; those who fit equally well by turn (`by_turn`)."""

    verdict: Verdict | None
    suggestions: list[Suggestion]
    revision: int = Field(description="Revision of the profile feed that the answer is built on.")
    people: int = Field(description="People in the index, within the organisations asked for.")
    eligible: int = Field(description="People who pass every hard rule.")
    exclusions: list[Exclusion]
    without_information: int = Field(description="Eligible people with an empty profile; they are not ranked.")
    relaxations: list[Relaxation] = Field(description="What it would bring to relax one rule, the most first.")
    weights: Weights | None = Field(description="The weights that were used.")


class SuggestionQuery(Input):
    """Parameters of suggestions for a request that is kept."""

    limit: QueryInt = Field(0, description="At most this many; 0 means 10. Up to 100, or 10000 as `scores`.")
    view: SuggestionView | None = Field(None, description="`scores` answers profile_id and score alone.")
    organisations: list[Text] = Field([], description="Only people kept by these organisations.")
    min_revision: Revision = Field(0, description="The index must have applied this revision: read your own write.")
    leave_out_asked: bool = Field(
        False,
        description="Leave out people who were asked for it, offered themselves or are engaged: the next best.",
    )


class SuggestionInput(Input):
    """A request that is not kept: to try wording before it is posted."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"mentoring_request": EXAMPLE, "limit": 5}]})

    mentoring_request: MentoringRequestInput
    limit: Int | None = Field(None, description="At most this many; null means 10.")
    view: SuggestionView | None = None
    organisations: list[Text] | None = None
    min_revision: Revision | None = None


class RequestSuggestion(Output):
    """A request suggested to a person."""

    request: MentoringRequest
    score: float
    evidence: list[Evidence]
    checks: list[Check]
    label: Label | None
    adjustments: list[Adjustment]
    distance_km: float | None


class RequestSuggestions(Output):
    """Open requests for a person, best first."""

    suggestions: list[RequestSuggestion]
    revision: int
    open_requests: int = Field(description="Open requests that were looked at.")


class RequestSuggestionQuery(Input):
    """Parameters of suggestions for a person."""

    limit: QueryInt = Field(0, description="At most this many, up to 100; 0 means 10.")
    min_revision: Revision = Field(0, description="The index must have applied this revision.")


class IndexStatus(Output):
    """How fresh and how large the index is."""

    revision: int
    caught_up: bool
    people: int
    facets: int
    model: str
    dimensions: int
    feed_time: datetime | None
    snapshot_time: datetime | None
    snapshot_revision: int
    texts_embedded: int
