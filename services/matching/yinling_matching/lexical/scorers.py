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
    """Adds up the postings of the query's terms for everybody, and picks the facets out."""

    def __init__(self, postings: Postings, slots: Ids, base: float, slope: float) -> None:
        self._postings = postings
        self._lengths = postings.lengths
        self._base, self._slope = np.float32(base), np.float32(slope)
        self._size = max(len(self._lengths), int(slots.max(initial=-1)) + 1)
        self._slots = slots

    def sums(self, keys: Sequence[str], weights: Sequence[float], cuts: Sequence[int]) -> list[Floats]:
        """See Scorer."""
        total = np.zeros(self._size)
        results: list[Floats] = []
        done = 0
        for cut in cuts:
            if cut > done:
                total = total + self._sum(keys[done:cut], weights[done:cut])
            done = cut
            results.append(total[self._slots].astype(np.float32))
        return results

    def _sum(self, keys: Sequence[str], weights: Sequence[float]) -> NDArray[np.float64] | float:
        held = [
            (posting, weight) for key, weight in zip(keys, weights, strict=True) if (posting := self._postings.of(key))
        ]
        if not held:
            return 0.0
        slots = np.concatenate([np.frombuffer(posting.slots, dtype=np.int32) for posting, _ in held])
        counts = np.concatenate([np.frombuffer(posting.counts, dtype=np.uint16) for posting, _ in held])
        lengths = [len(posting.slots) for posting, _ in held]
        parts = counts.astype(np.float32)
        norms = self._lengths[slots]
        norms *= self._slope
        norms += self._base
        norms += parts
        parts /= norms
        parts *= np.repeat(np.array([weight for _, weight in held], dtype=np.float32), lengths)
        return np.bincount(slots, weights=parts, minlength=self._size).astype(np.float64, copy=False)
