"""What a suggestion answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from yinling_matching.domain import MentoringRequest, Requirement
from yinling_matching.ranking.matches import Match
from yinling_matching.ranking.ranking import Ranking
from yinling_matching.ranking.weights import Effective


class Verdict(Enum):
    """Whether there was enough to go by."""

    RANKED = "ranked"
    NOT_ENOUGH_INFORMATION = "not enough information"
    NOBODY_ELIGIBLE = "nobody eligible"


@dataclass(frozen=True, slots=True)
class MentorSuggestions:
    """People for a request.

    Attributes:
        verdict: Whether there was enough to go by.
        ranking: Who.
        points: What was asked, in the order of each match's answers.
        full: Whether answers and checks are given.
        weights: That were used.
    """

    verdict: Verdict
    ranking: Ranking
    points: Sequence[Requirement]
    full: bool
    weights: Effective


@dataclass(frozen=True, slots=True)
class RequestSuggestion:
    """A request for a person, with what it asks in the order of the match's answers."""

    request: MentoringRequest
    points: Sequence[Requirement]
    match: Match


@dataclass(frozen=True, slots=True)
class RequestSuggestions:
    """Requests for a person, best first."""

    suggestions: Sequence[RequestSuggestion]
    revision: int
    open_requests: int
