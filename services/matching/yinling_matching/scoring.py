"""The method that ranks: how similarities between points and facets become a score between 0 and 1.

A request is a list of points: what it is about (title and description), and each requirement. A person is a list of
facets. A requirement is answered by the person's best facet. What the request is about is answered by the best three,
because somebody who has done one thing like it once is not yet an expert in it. The answers are put together by
weight, and a logistic map turns the sum, which is on the scale of cosines, into a number that can be read: the chance
that somebody with this sum fits, where one in five of those compared do.

The constants of the map are fitted on the public labelled sets; `python -m bench.quality.calibrate --data FOLDER`
prints them, with how many people of each sort lie on which side. They belong to the default model; another one needs
its own.
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


WEIGHTS = {PointKind.ABOUT: 2.0, PointKind.MUST: 1.0, PointKind.NICE: 0.4}
"""What it is about weighs as much as two requirements; what is welcome less than half of what is needed."""

BEST_FACETS = 3
"""Facets of a person that are looked at for what the request is about."""

COMMON = 0.1
"""Cosine of a request and a facet that have nothing to do with each other, for the default model. A facet that a person
does not have counts as halfway between this and their best one: neither for nor against them."""

MIDDLE, SLOPE = 0.420, 10.7
"""Of the logistic map, for the default model."""

FOUND = 0.6
"""From this strength on a point counts as answered. It is more than 0.5, as the best of a dozen facets is strong by
chance: in the sample roster 4 % of all people reach it, and 9 of 10 of those who are known to have what is asked."""


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
    return calibrated(fit(kinds, similarity, starts))


def fit(kinds: Sequence[PointKind], similarity: Floats, starts: Indices) -> Floats:
    """How well people fit, on the scale of cosines: what is ranked by, before it is made readable."""
    weights = np.array([WEIGHTS[kind] for kind in kinds], dtype=np.float32)
    answers = np.maximum.reduceat(similarity, starts, axis=1)
    for row, kind in enumerate(kinds):
        if kind is PointKind.ABOUT:
            answers[row] = _mean_of_best(similarity[row], starts, answers[row])
    fits: Floats = (weights / weights.sum()) @ answers
    return fits


def evidence_of(similarity: Floats, starts: Indices, people: Indices) -> Evidence:
    """The best facet of some people for each point.

    Args:
        similarity: As for `score_people`.
        starts: As for `score_people`.
        people: Which people, as positions in `starts`.
    """
    points = similarity.shape[0]
    ends = np.append(starts[1:], similarity.shape[1])
    facet = np.empty((len(people), points), dtype=np.int64)
    for row, person in enumerate(people):
        facet[row] = starts[person] + similarity[:, starts[person] : ends[person]].argmax(axis=1)
    strength = calibrated(similarity[np.arange(points), facet])
    return Evidence(facet=facet, strength=strength, found=strength >= FOUND)


def calibrated(fits: Floats) -> Floats:
    """Map values on the scale of cosines to 0..1. Keeps the order."""
    scores: Floats = (1.0 / (1.0 + np.exp(-SLOPE * (fits.astype(np.float64) - MIDDLE)))).astype(np.float32)
    return scores


def _mean_of_best(similarity: Floats, starts: Indices, best: Floats) -> Floats:
    """Mean of the best facets of each person for one point, shape (people,).

    Args:
        similarity: Shape (facets,).
        starts: Where each person's facets begin.
        best: Each person's best.
    """
    rest = similarity.copy()
    counts = np.diff(np.append(starts, len(similarity)))
    owners = np.repeat(np.arange(len(starts)), counts)
    untold = np.minimum(best, (best + COMMON) / 2)
    total, last = best.copy(), best
    for rank in range(1, BEST_FACETS):
        # Take away the best that is left of each person: the first facet that has its value.
        hits = np.flatnonzero(rest == last[owners])
        _, first = np.unique(owners[hits], return_index=True)
        rest[hits[first]] = -np.inf
        last = np.maximum.reduceat(rest, starts)
        total = total + np.where(counts > rank, last, untold)
    mean: Floats = total / np.float32(BEST_FACETS)
    return mean
