"""What a request asks, point by point."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class PointKind(IntEnum):
    """What a point of a request is."""

    ABOUT = 0
    MUST = 1
    NICE = 2


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a request, embedded as one query."""

    kind: PointKind
    text: str


def points_of(title: str, description: str, requirements: Iterable[tuple[str, PointKind]]) -> list[Point]:
    """The points of a request. What it is about comes first; requirements keep their order, empty ones included.

    Where title and description are empty there is no point of kind ABOUT.
    """
    about = "\n".join(part.strip() for part in (title, description) if part.strip())
    points = [Point(PointKind.ABOUT, about)] if about else []
    return points + [Point(kind, text) for text, kind in requirements]
