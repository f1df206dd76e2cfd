"""BM25 sums for chosen facets: one way for few of them, one for many. Both give the same numbers."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from yinling_matching.lexical.postings import Postings

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]


class Scorer(Protocol):
    """Sums weight × tf / (tf + norm) over terms, for the facets that it was made for."""

    def sums(self, keys: Sequence[str], weights: Sequence[float], cuts: Sequence[int]) -> list[Floats]:
        """The sums over the first `cut` terms, shape (facets,), for each cut; cuts ascend."""


class Few:
    """Looks up each facet's own terms: a few microseconds a query, whatever the size of the index."""

    def __init__(self, postings: Postings, slots: Ids, base: float, slope: float) -> None:
        self._facets = len(slots)
        self._held: dict[str, list[tuple[int, float]]] = {}
        for column, slot in enumerate(slots.tolist()):
            keys = postings.terms_at(slot)
            if not keys:
                continue
            norm = base + slope * float(postings.lengths[slot])
            for key in keys:
                count = postings.count(key, slot)
                self._held.setdefault(key, []).append((column, count / (count + norm)))

    def sums(self, keys: Sequence[str], weights: Sequence[float], cuts: Sequence[int]) -> list[Floats]:
        """See Scorer."""
        total = [0.0] * self._facets
        results: list[Floats] = []
        done = 0
        for cut in cuts:
            for key, weight in zip(keys[done:cut], weights[done:cut], strict=True):
                for column, part in self._held.get(key, ()):
                    total[column] += weight * part
            done = cut
            results.append(np.array(total, dtype=np.float32))
        return results


class Many:
    """Adds up the postings of the query's terms for everybody, and picks the facets out.

    Term by term, with small arrays only: in a long one everything would be written and read once more.
    """

    def __init__(self, postings: Postings, slots: Ids, base: float, slope: float) -> None:
        self._postings = postings
        self._base, self._slope = base, slope
        self._size = max(len(postings.lengths), int(slots.max(initial=-1)) + 1)
        self._slots = slots

    def sums(self, keys: Sequence[str], weights: Sequence[float], cuts: Sequence[int]) -> list[Floats]:
        """See Scorer."""
        total = np.zeros(self._size, dtype=np.float32)
        results: list[Floats] = []
        done = 0
        for cut in cuts:
            for key, weight in zip(keys[done:cut], weights[done:cut], strict=True):
                if posting := self._postings.of(key):
                    parts = self._postings.parts(posting, self._base, self._slope)
                    np.add.at(total, np.frombuffer(posting.slots, dtype=np.int32), parts * np.float32(weight))
            done = cut
            results.append(total[self._slots])
        return results
