"""The method that ranks: how similarities between points and facets become a score between 0 and 1.

A request is a list of points: what it is about (title and description), and each requirement. A person is a list of
facets. Each point is answered by the person's best facets, and the answers are put together by weight.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]


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


@dataclass(frozen=True, slots=True)
class Evidence:
    """How the points are answered by some people.

    Attributes:
        facet: Row of the best facet in the similarity matrix, shape (people asked for, points).
        strength: How strongly it answers, 0 to 1, same shape, on the scale of the score.
        found: Whether that is enough to call the point answered, same shape.
    """

    facet: Indices
    strength: Floats
    found: NDArray[np.bool_]


WEIGHTS = {PointKind.ABOUT: 1.0, PointKind.MUST: 1.0, PointKind.NICE: 0.4}
BEST_FACETS = 3
MIDDLE, SLOPE = 0.85, 40.0
FOUND = 0.35


def points_of(title: str, description: str, requirements: Iterable[tuple[str, PointKind]]) -> list[Point]:
    """The points of a request. What it is about comes first; requirements keep their order, empty ones included.

    Where title and description are empty there is no point of kind ABOUT.
    """
    about = "\n".join(part.strip() for part in (title, description) if part.strip())
    points = [Point(PointKind.ABOUT, about)] if about else []
    return points + [Point(kind, text) for text, kind in requirements]


def score_people(kinds: Sequence[PointKind], similarity: Floats, starts: Indices) -> Floats:
    """Score people for one request.

    Args:
        kinds: Kind of each point.
        similarity: Cosines, shape (points, facets). The facets of a person lie side by side.
        starts: Where each person's facets begin, ascending, first 0; shape (people,). Each person has one at least:
            people without facets are left out by the caller, as nothing can be said of them.

    Returns:
        Scores from 0 to 1, shape (people,). Comparable between requests.
    """
    return calibrated(_raw(kinds, similarity, starts))


def evidence_of(similarity: Floats, starts: Indices, people: Indices) -> Evidence:
    """The best facet of some people for each point.

    Args:
        similarity: As for `score_people`.
        starts: As for `score_people`.
        people: Which people, as positions in `starts`.
    """
    ends = np.append(starts[1:], similarity.shape[1])
    facet = np.array(
        [starts[p] + similarity[:, starts[p] : ends[p]].argmax(axis=1) for p in people], dtype=np.int64
    ).reshape(len(people), similarity.shape[0])
    strength = calibrated(similarity[np.arange(similarity.shape[0]), facet])
    return Evidence(facet=facet, strength=strength, found=strength >= FOUND)


def calibrated(raw: Floats) -> Floats:
    """Map a raw value, a mean of cosines, to 0..1. Keeps the order."""
    return (1.0 / (1.0 + np.exp(-SLOPE * (raw - MIDDLE)))).astype(np.float32)


def _raw(kinds: Sequence[PointKind], similarity: Floats, starts: Indices) -> Floats:
    weights = np.array([WEIGHTS[kind] for kind in kinds], dtype=np.float32)
    best = np.maximum.reduceat(similarity, starts, axis=1)
    return (weights / weights.sum()) @ best
