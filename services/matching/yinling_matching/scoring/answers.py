"""How well people answer the points of a request, on the scale of cosines.

A person is a list of facets, each with its vector and its words. A requirement is answered by the person's best facet
(late interaction). What a request is about is answered by the best three facets, because somebody who has done one
thing like it once is not yet an expert in it, and as much by the profile as a whole: the direction of all its facets
together. To either come the words that the point and the person share, which meaning alone passes over: a model of
equipment, a standard, a certificate.

`make quality` measures this on the labelled sets; docs/benchmarks.md says what each part brings.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yinling_matching.ranking.weights import Effective
from yinling_matching.scoring.points import PointKind

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

BEST_FACETS = 3
"""Facets of a person that are looked at for what the request is about."""

COMMON = 0.05
"""Cosine of a request and a facet that have nothing to do with each other, for the default model. A facet that a person
does not have counts as halfway between this and their best one: neither for nor against them."""

WHOLE = 0.5
"""Share of the profile as a whole in the answer to what a request is about."""

WORDS = 0.5
"""Weight of the words, where their own weight is 1. Rank fusion would be independent of the scale, and lowers half of
the labelled sets: it gives words the same say where they tell nothing."""


@dataclass(frozen=True, slots=True)
class SharedWords:
    """How much of what points say stands in profiles word for word, see `lexical`.

    Attributes:
        best: In the facet that shares most, shape (points, people).
        together: In all facets together: each word counts where any facet has it, same shape.
    """

    best: Floats
    together: Floats


@dataclass(frozen=True, slots=True)
class Compared:
    """Everything that was compared for one request.

    Attributes:
        similarity: Cosines, shape (points, facets). The facets of a person lie side by side.
        starts: Where each person's facets begin, ascending, first 0; shape (people,). Each person has one at least:
            people without facets are left out by the caller, as nothing can be said of them.
        whole: Cosines with each profile as a whole, shape (points, people); only rows of kind ABOUT are read.
        words: Shared words; None counts as none.
    """

    similarity: Floats
    starts: Indices
    whole: Floats
    words: SharedWords | None = None


def answers_of(kinds: Sequence[PointKind], compared: Compared, weights: Effective) -> Floats:
    """How well each person answers each point, shape (points, people)."""
    similarity, starts = compared.similarity, compared.starts
    answers: Floats = np.maximum.reduceat(similarity, starts, axis=1)
    for row, kind in enumerate(kinds):
        if kind is PointKind.ABOUT:
            best = _mean_of_best(similarity[row], starts, answers[row])
            answers[row] = (1 - WHOLE) * best + WHOLE * compared.whole[row]
    if compared.words is not None and weights.words:
        answers += np.float32(WORDS * weights.words) * (compared.words.best + compared.words.together)
    return answers


def answers_of_one(
    about: Mask, similarity: Floats, whole: Floats, words: NDArray[np.floating], weight: NDArray[np.floating]
) -> Floats:
    """How well one person answers very many points, shape (points,): the same as `answers_of`, the other way round.

    Args:
        about: Which points say what a request is about.
        similarity: Cosines, shape (points, facets); there must be a facet.
        whole: Cosines with the profile as a whole.
        words: Shared words: those of the best facet and of all together, added up.
        weight: Of the words.
    """
    answers: Floats = similarity.max(axis=1)
    # To the mean, each point is a person with these facets.
    starts = np.arange(np.count_nonzero(about)) * similarity.shape[1]
    best = _mean_of_best(similarity[about].ravel(), starts, answers[about])
    answers[about] = (1 - WHOLE) * best + WHOLE * whole[about]
    answers += np.float32(WORDS) * weight * words
    return answers


def fits_of(kinds: Sequence[PointKind], answers: Floats, weights: Effective) -> Floats:
    """How well each person fits, shape (people,): the answers by weight. What people are ranked by."""
    of_kind = {PointKind.ABOUT: weights.about, PointKind.MUST: weights.must, PointKind.NICE: weights.nice}
    shares = np.array([of_kind[kind] for kind in kinds], dtype=np.float32)
    # A request of nothing but what is weighed with nothing is still about all of it alike.
    shares = shares / shares.sum() if shares.sum() > 0 else np.full_like(shares, 1 / len(shares))
    fits: Floats = shares @ answers
    return fits


def best_facets(values: Floats, starts: Indices, people: Indices) -> Indices:
    """The best facet of some people for each point, shape (people, points), as columns of `values`.

    Args:
        values: How well each facet answers, shape (points, facets).
        starts: As in `Compared`.
        people: Which people, as positions in `starts`.
    """
    ends = np.append(starts[1:], values.shape[1])
    found = np.empty((len(people), values.shape[0]), dtype=np.int64)
    for row, person in enumerate(people):
        found[row] = starts[person] + values[:, starts[person] : ends[person]].argmax(axis=1)
    return found


def _mean_of_best(similarity: Floats, starts: Indices, best: Floats) -> Floats:
    """Mean of the best facets of each person for one point, shape (people,).

    Args:
        similarity: Shape (facets,).
        starts: Where each person's facets begin.
        best: Each person's best.
    """
    counts = np.diff(np.append(starts, len(similarity)))
    total = np.float32(BEST_FACETS) * np.minimum(best, (best + np.float32(COMMON)) / 2)
    # People with as many facets form a matrix: sorting its rows is much quicker than a loop over people.
    for count in np.unique(counts):
        people = np.flatnonzero(counts == count)
        facets = similarity[starts[people, None] + np.arange(count)]
        taken = min(int(count), BEST_FACETS)
        highest: Floats = np.partition(facets, count - taken, axis=1)[:, count - taken :] if taken < count else facets
        total[people] += highest.sum(axis=1) - taken * (total[people] / BEST_FACETS)
    mean: Floats = total / np.float32(BEST_FACETS)
    return mean
