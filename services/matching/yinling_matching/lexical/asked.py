"""How one person answers very many queries by their words: here the queries are the index."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yinling_matching.lexical.characters import EVERYWHERE
from yinling_matching.lexical.few import Few
from yinling_matching.lexical.index import LexicalIndex
from yinling_matching.lexical.query import Query
from yinling_matching.lexical.weighted import measures_of

Floats = NDArray[np.float64]
Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Weighed:
    """What an index knew of the queries at a moment.

    Attributes:
        state: Of the index.
        weights: Of each term in each query; 0 where it tells nothing.
        measures: Of the queries, see `WeightedTerms`.
    """

    state: object
    weights: Floats
    measures: Floats


class Asked:
    """The terms of some queries, by term. Many may read at once.

    Args:
        queries: What is asked.
    """

    def __init__(self, queries: Sequence[Query]) -> None:
        self._queries = len(queries)
        self._number: dict[str, int] = {}
        found = [
            (self._number.setdefault(key, len(self._number)), number, weight)
            for number, query in enumerate(queries)
            for key, weight in query.weights.items()
        ]
        terms = np.array([term for term, _, _ in found], np.int64)
        order = np.argsort(terms, kind="stable")
        self._term = terms[order]
        self._query = np.array([query for _, query, _ in found], np.int64)[order]
        self._weight = np.array([weight for _, _, weight in found], np.float64)[order]
        self._starts = np.searchsorted(self._term, np.arange(len(self._number) + 1))
        single = np.array([len(key) == 1 for key in self._number], np.bool_)
        self._may_be_everywhere = single[self._term] & (self._weight != 1)
        self._weighed: Weighed | None = None

    def weighed(self, index: LexicalIndex) -> Weighed:
        """The queries by what an index knows of their terms now: worked out once for each of its states."""
        kept = self._weighed
        if kept is None or kept.state is not index.state:
            frequency = index.frequencies(self._number)[self._term]
            weights = self._weight * np.log((len(index) + 1) / (frequency + 0.5))  # as the index has it
            weights[self._may_be_everywhere & (frequency > EVERYWHERE * len(index))] = 0.0
            totals = np.bincount(self._query, weights, self._queries).astype(np.float64, copy=False)
            self._weighed = kept = Weighed(index.state, weights, measures_of(totals))
        return kept

    def answers(self, weighed: Weighed, few: Few) -> Floats:
        """What one person's best facet and all their facets together share with each query, added up; as `Few.people`.

        Args:
            weighed: The queries.
            few: The facets of the person; there must be one.
        """
        held = [(number, holders) for key, holders in few.held.items() if (number := self._number.get(key)) is not None]
        terms = np.array([number for number, holders in held for _ in holders], np.int64)
        facets = np.array([facet for _, holders in held for facet, _ in holders], np.int64)
        parts = np.array([part for _, holders in held for _, part in holders], np.float64)
        of_facets = self._sums(weighed, terms, parts, facets, len(few))
        once = np.array([number for number, _ in held], np.int64)
        highest = np.array([max(part for _, part in holders) for _, holders in held], np.float64)
        together = self._sums(weighed, once, highest, np.zeros_like(once), 1)
        answers: Floats = (of_facets.max(axis=0) + together[0]) / weighed.measures
        return answers

    def _sums(self, weighed: Weighed, terms: Ids, parts: Floats, rows: Ids, count: int) -> Floats:
        """Each term's part times its weight in each query that holds it, added up by row, shape (count, queries)."""
        holders = self._starts[terms + 1] - self._starts[terms]
        ends = np.cumsum(holders)
        places = np.repeat(self._starts[terms] - ends + holders, holders) + np.arange(holders.sum())
        values = weighed.weights[places] * np.repeat(parts, holders)
        cells = np.repeat(rows, holders) * self._queries + self._query[places]
        sums = np.bincount(cells, values, count * self._queries).astype(np.float64, copy=False)
        return sums.reshape(count, self._queries)
