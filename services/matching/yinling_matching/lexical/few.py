"""How a few people answer by their words: looked up in their own facets, whatever the size of the index."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from yinling_matching.lexical.bm25 import BM25
from yinling_matching.lexical.postings import Postings
from yinling_matching.lexical.weighted import WeightedTerms, measures

Floats = NDArray[np.float32]


class Few:
    """The terms of some facets, ready for any number of queries: a term of a query is one look into a dict.

    Attributes:
        held: The facets that hold a term, by their number, and what BM25 makes of each.

    Args:
        postings: Of the index.
        bm25: As the index has it now.
        slots: The facets, those of a person side by side.
        starts: Where each person's facets begin.
    """

    def __init__(self, postings: Postings, bm25: BM25, slots: Sequence[int], starts: Sequence[int]) -> None:
        self._starts = np.array(starts, dtype=np.int64)
        self._person_of = np.repeat(np.arange(len(starts)), np.diff([*starts, len(slots)])).tolist()
        self.held: dict[str, list[tuple[int, float]]] = {}
        for facet, slot in enumerate(slots):
            length = postings.length(slot)
            once = facet, bm25.part(1, length)
            for key in postings.terms_at(slot):
                of_key = bm25.of(key)
                held = once if of_key is bm25 else (facet, of_key.part(1, length))
                if key in self.held:
                    self.held[key].append(held)
                else:
                    self.held[key] = [held]
            for key, count in postings.repeated_at(slot).items():
                self.held[key][-1] = facet, bm25.of(key).part(count, length)

    def __len__(self) -> int:
        """How many facets."""
        return len(self._person_of)

    def facets(self, queries: Sequence[WeightedTerms]) -> Floats:
        """Sums over the terms of each query, divided by its measure, shape (queries, facets)."""
        return self._answers(queries)[0]

    def people(self, queries: Sequence[WeightedTerms]) -> tuple[Floats, Floats]:
        """As `Many.people`."""
        of_facets, together = self._answers(queries)
        return np.maximum.reduceat(of_facets, self._starts, axis=1), together

    def _answers(self, queries: Sequence[WeightedTerms]) -> tuple[Floats, Floats]:
        of_facets = np.zeros((len(queries), len(self._person_of)), np.float32)
        together = np.zeros((len(queries), len(self._starts)), np.float32)
        for row, query in enumerate(queries):
            of_facets[row], together[row] = self._sums(query)
        measure = measures(queries)
        return of_facets / measure, together / measure

    def _sums(self, query: WeightedTerms) -> tuple[list[float], list[float]]:
        of_facets, together = [0.0] * len(self._person_of), [0.0] * len(self._starts)
        for key, weight in query.weights.items():
            held = self.held.get(key)
            if held is None:
                continue
            highest: dict[int, float] = {}
            for facet, part in held:
                of_facets[facet] += weight * part
                person = self._person_of[facet]
                highest[person] = max(highest.get(person, 0.0), part)
            for person, part in highest.items():
                together[person] += weight * part
        return of_facets, together
