"""Compares a request with people: vectors, profiles as wholes, and words. On one view of the catalogue."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yinling_matching.catalogue.catalogue import View
from yinling_matching.catalogue.facets import FacetGroup
from yinling_matching.catalogue.slots import Selection
from yinling_matching.domain import MentoringRequest
from yinling_matching.lexical import Query
from yinling_matching.ranking.adjustments import WishCosines
from yinling_matching.ranking.weights import Effective
from yinling_matching.scoring import Compared, PointKind, SharedWords

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]

FEW = 400
"""Up to this many facets are looked up one by one for their words; for more, all postings of a term are added up."""


@dataclass(frozen=True, slots=True)
class Question:
    """A request, ready to be compared.

    Attributes:
        request: The request.
        kinds: Kinds of the points that say something.
        vectors: Their vectors, shape (points, dimensions).
        queries: Their words.
        weights: That hold for the request.
    """

    request: MentoringRequest
    kinds: Sequence[PointKind]
    vectors: Floats
    queries: Sequence[Query]
    weights: Effective


def compare(view: View, question: Question, chosen: Selection) -> Compared:
    """Everything about some people and a request; there must be a point and a person."""
    return Compared(
        similarity=view.index.similarities(question.vectors, chosen.slots),
        starts=chosen.starts,
        whole=_wholes(view, question, chosen.rows),
        words=_shared_words(view, question.queries, chosen),
    )


def words_of_facets(view: View, question: Question, slots: Ids) -> Floats:
    """Shared words of each point and the facets of one person, shape (points, facets); as `SharedWords.best`."""
    return view.lexical.few(slots, np.zeros(1, np.int64)).facets([view.lexical.weighted(q) for q in question.queries])


def wish_cosines(view: View, question: Question, rows: Ids) -> WishCosines | None:
    """How near what a request is about lies to what people say they want and do not want.

    Args:
        view: Held for reading.
        question: The request; one that is about nothing has no cosines.
        rows: The people.
    """
    about = [row for row, kind in enumerate(question.kinds) if kind is PointKind.ABOUT]
    if not about:
        return None
    of_group = [_best_wish(view, question.vectors[about], rows, g) for g in (FacetGroup.WANTED, FacetGroup.AVOIDED)]
    return WishCosines(wanted=of_group[0], avoided=of_group[1])


def _best_wish(view: View, about: Floats, rows: Ids, group: FacetGroup) -> Floats:
    size = int(rows.max(initial=-1)) + 1
    mask = np.zeros(size, np.bool_)
    mask[rows] = True
    chosen = view.select(mask, group)
    by_row = np.full(size, np.nan, np.float32)
    if len(chosen.rows):
        cosines = view.index.similarities(about, chosen.slots).max(axis=0)
        by_row[chosen.rows] = np.maximum.reduceat(cosines, chosen.starts)
    return by_row[rows]


def _shared_words(view: View, queries: Sequence[Query], chosen: Selection) -> SharedWords:
    weighted = [view.lexical.weighted(query) for query in queries]
    if len(chosen.slots) <= FEW:
        best, together = view.lexical.few(chosen.slots, chosen.starts).people(weighted)
    else:
        best, together = view.lexical.many(view.owner).people(weighted, chosen.rows)
    return SharedWords(best, together)


def _wholes(view: View, question: Question, rows: Ids) -> Floats:
    """Only what the request is about is compared with profiles as wholes; the other rows stay 0."""
    found = np.zeros((len(question.kinds), len(rows)), np.float32)
    about = [row for row, kind in enumerate(question.kinds) if kind is PointKind.ABOUT]
    if about:
        found[about] = view.wholes.similarities(question.vectors[about], rows)
    return found
