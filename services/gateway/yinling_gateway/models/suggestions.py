"""Suggestions as JSON."""

from datetime import datetime
from enum import StrEnum

from pydantic import ConfigDict, Field

from yinling_gateway.models.base import Input, Int, Output, QueryInt, Revision, Text, TitleLevel
from yinling_gateway.models.requests import EXAMPLE, Importance, MentoringRequest, MentoringRequestInput


class FacetKind(StrEnum):
    """Part of a profile."""

    POSITION = "position"
    SKILL = "skill"
    EXPERIENCE = "experience"
    CREDENTIAL = "credential"
    BIO = "bio"


class HardRule(StrEnum):
    """A rule that keeps a person out."""

    AVAILABILITY = "availability"
    CAPACITY = "capacity"
    PHYSICAL = "physical"
    MODE = "mode"
    DISTANCE = "distance"
    HOURS = "hours"
    LANGUAGE = "language"
    BLOCKED = "blocked"


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


class Exclusion(Output):
    """How many people a hard rule keeps out."""

    rule: HardRule | None
    people: int = Field(description="People that break it, whatever else they break.")
    only_this_rule: int = Field(description="People that would come in if it were relaxed.")


class Suggestions(Output):
    """People for a request, best first."""

    verdict: Verdict | None
    suggestions: list[Suggestion]
    revision: int = Field(description="Revision of the profile feed that the answer is built on.")
    people: int = Field(description="People in the index, within the organisations asked for.")
    eligible: int = Field(description="People who pass every hard rule.")
    exclusions: list[Exclusion]
    without_information: int = Field(description="Eligible people with an empty profile; they are not ranked.")


class SuggestionQuery(Input):
    """Parameters of suggestions for a request that is kept."""

    limit: QueryInt = Field(0, description="At most this many; 0 means 10. Up to 100, or 10000 as `scores`.")
    view: SuggestionView | None = Field(None, description="`scores` answers profile_id and score alone.")
    organisations: list[Text] = Field([], description="Only people kept by these organisations.")
    min_revision: Revision = Field(0, description="The index must have applied this revision: read your own write.")


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
