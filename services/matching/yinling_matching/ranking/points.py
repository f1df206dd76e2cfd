"""The points of a request: which of them can be compared, and how their answers are shown."""

from collections.abc import Sequence
from dataclasses import replace

from yinling_matching.domain import Importance, MentoringRequest, Requirement
from yinling_matching.ranking.matches import Answer, Match
from yinling_matching.ranking.saying import says_something
from yinling_matching.scoring import Point, PointKind


def texts_to_embed(request: MentoringRequest) -> list[str]:
    """What a suggestion for a request will need the vectors of."""
    return [point.text for point in telling(request.points())]


def telling(points: Sequence[Point]) -> list[Point]:
    """The points that say something: the others are not embedded, as every text would be near them."""
    return [point for point in points if says_something(point.text)]


def asked(request: MentoringRequest, points: Sequence[Point]) -> list[Requirement]:
    """What each point asks, as the request says it. What it is about is shown by its title."""
    requirements = iter(request.requirements)
    return [
        Requirement(request.title or point.text, Importance.UNSPECIFIED)
        if point.kind is PointKind.ABOUT
        else next(requirements)
        for point in points
    ]


def aligned(match: Match, points: Sequence[Point]) -> Match:
    """The match with an answer to every point: those that say nothing are not answered."""
    answers = iter(match.answers)
    return replace(
        match, answers=[next(answers) if says_something(point.text) else Answer(None, 0.0) for point in points]
    )
