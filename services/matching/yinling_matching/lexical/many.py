"""How many people answer by their words: the postings of the query's terms added up, for everybody at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from yinling_matching.lexical.bm25 import BM25
from yinling_matching.lexical.postings import Postings
from yinling_matching.lexical.weighted import WeightedTerms, measures

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]
Rows = NDArray[np.int32]


class Many:
    """Everybody in an index.

    Term by term, with small arrays only: in one long array everything would be written and read once more. What does
    not depend on the query is kept with the postings, see `kept`.

    Args:
        postings: Of the index.
        bm25: As the index has it now.
        owner: Row of the person by slot; -1 where there is none. Must stay the same for a facet while it is in.
    """

    def __init__(self, postings: Postings, bm25: BM25, owner: Rows) -> None:
        self._postings = postings
        self._bm25 = bm25
        self._owner = owner

    def people(self, queries: Sequence[WeightedTerms], rows: Ids) -> tuple[Floats, Floats]:
        """How the people in some rows answer.

        Args:
            queries: What is asked.
            rows: The people.

        Returns:
            Of each query and person the sum over the terms for their best facet, and the sum over the terms where each
            term counts as in the facet that has most of it. Divided by the query's measure; shape (queries, rows).
        """
        size = 1 + max(int(self._owner.max(initial=0)), int(rows.max(initial=0)))
        of_slots, of_rows = np.zeros(len(self._owner), np.float32), np.zeros(size, np.float32)
        best, together = (np.zeros((len(queries), len(rows)), np.float32) for _ in range(2))
        for number, query in enumerate(queries):
            of_slots.fill(0)
            of_rows.fill(0)
            self._add_up(query, of_slots, of_rows)
            together[number] = of_rows[rows]
            of_rows.fill(0)
            np.maximum.at(of_rows, self._owner, of_slots)  # what belongs to nobody is 0, and so leaves row -1 as it is
            best[number] = of_rows[rows]
        measure = measures(queries)
        return best / measure, together / measure

    def facets(self, queries: Sequence[WeightedTerms], slots: Ids) -> Floats:
        """Sums over the terms of each query for some facets, divided by its measure, shape (queries, slots)."""
        found = np.zeros((len(queries), len(slots)), np.float32)
        of_slots = np.zeros(len(self._owner), np.float32)
        for number, query in enumerate(queries):
            of_slots.fill(0)
            for key, weight in query.weights.items():
                if posting := self._postings.of(key):
                    parts = self._postings.parts(posting, self._bm25.of(key), self._owner)
                    np.add.at(of_slots, posting.slots_array, parts.of_facets * np.float32(weight))
            found[number] = of_slots[slots]
        return found / measures(queries)

    def _add_up(self, query: WeightedTerms, of_slots: Floats, of_rows: Floats) -> None:
        """Add the sums over the terms, as they are for each facet and, each term in its best facet, for each person."""
        for key, weight in query.weights.items():
            if posting := self._postings.of(key):
                parts = self._postings.parts(posting, self._bm25.of(key), self._owner)
                np.add.at(of_slots, posting.slots_array, parts.of_facets * np.float32(weight))
                np.add.at(of_rows, parts.rows, parts.of_people * np.float32(weight))
