"""Which facet holds which term: postings that follow every change exactly."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

MOST = 65_535
"""A term counts at most this often in a facet."""


class Posting:
    """The facets that hold a term.

    Attributes:
        slots: Of the facets, ascending.
        counts: How often each holds it.
    """

    __slots__ = ("counts", "slots", "weighed")

    def __init__(self) -> None:
        self.slots = array("i")
        self.counts = array("H")
        self.weighed: tuple[float, float, NDArray[np.float32]] | None = None  # see Postings.parts


class Postings:
    """Facets by term, and terms by facet, under slots.

    Lists stay sorted by slot: to put one in is a binary search and a move of memory, both in C, which for 60,000
    facets is a microsecond. So nothing is marked for later, and nothing is ever rebuilt. Does not lock.
    """

    def __init__(self) -> None:
        self._postings: dict[str, Posting] = {}
        self._terms: dict[int, tuple[str, ...]] = {}
        self._lengths = np.zeros(0, dtype=np.float32)
        self._total = 0

    def __len__(self) -> int:
        return len(self._terms)

    @property
    def lengths(self) -> NDArray[np.float32]:
        """Terms of each facet, repetitions counted, by slot; 0 where there is none."""
        return self._lengths

    @property
    def mean_length(self) -> float:
        """Of the facets, empty ones included; 1 where there is none."""
        return self._total / len(self._terms) if self._total else 1.0

    def of(self, term: str) -> Posting | None:
        """The facets that hold a term. Do not keep it; a kept view of its arrays makes the next change copy them."""
        return self._postings.get(term)

    def parts(self, posting: Posting, base: float, slope: float) -> NDArray[np.float32]:
        """What BM25 makes of each count: count / (count + base + slope × length of the facet), shape (facets,).

        Kept until the posting changes or other numbers are asked for, as the mean length of all facets moves them: so
        between two changes a term is worked out once.
        """
        kept = posting.weighed
        if kept is not None and kept[:2] == (base, slope):
            return kept[2]
        counts = np.frombuffer(posting.counts, dtype=np.uint16)
        parts = self._lengths[np.frombuffer(posting.slots, dtype=np.int32)]
        parts *= np.float32(slope)
        parts += np.float32(base)
        parts += counts
        np.divide(counts, parts, out=parts)
        posting.weighed = base, slope, parts
        return parts

    def terms_at(self, slot: int) -> tuple[str, ...]:
        """The terms of a facet; none where there is no facet."""
        return self._terms.get(slot, ())

    def count(self, term: str, slot: int) -> int:
        """How often a facet holds a term."""
        posting = self._postings.get(term)
        if posting is None:
            return 0
        at = bisect_left(posting.slots, slot)
        return posting.counts[at] if at < len(posting.slots) and posting.slots[at] == slot else 0

    def add(self, slot: int, counts: Mapping[str, int]) -> None:
        """Put a facet in; what is under the slot is replaced."""
        self.remove(slot)
        postings = self._postings
        for term, count in counts.items():
            posting = postings.get(term)
            if posting is None:
                posting = postings[term] = Posting()
            at = bisect_left(posting.slots, slot)
            posting.slots = _with(posting.slots, at, slot)
            posting.counts = _with(posting.counts, at, min(count, MOST))
            posting.weighed = None
        self._terms[slot] = tuple(counts)
        self._set_length(slot, sum(counts.values()))

    def remove(self, slot: int) -> None:
        """Take a facet out, if it is there."""
        terms = self._terms.pop(slot, None)
        if terms is None:
            return
        for term in terms:
            posting = self._postings[term]
            if len(posting.slots) == 1:
                del self._postings[term]
            else:
                at = bisect_left(posting.slots, slot)
                posting.slots = _without(posting.slots, at)
                posting.counts = _without(posting.counts, at)
                posting.weighed = None
        self._set_length(slot, 0)

    def frequencies(self, terms: Iterable[str]) -> NDArray[np.int64]:
        """How many facets hold each term."""
        held = (self._postings.get(term) for term in terms)
        return np.array([len(posting.slots) if posting else 0 for posting in held], dtype=np.int64)

    def _set_length(self, slot: int, length: int) -> None:
        if slot >= len(self._lengths):
            more = max(slot + 1, 2 * len(self._lengths)) - len(self._lengths)
            self._lengths = np.concatenate([self._lengths, np.zeros(more, dtype=np.float32)])
        self._total += length - int(self._lengths[slot])
        self._lengths[slot] = length


def _with(values: "array[int]", at: int, value: int) -> "array[int]":
    """The same array with one more; a copy where somebody holds a view of it, as after a reader's error."""
    try:
        values.insert(at, value)
    except BufferError:
        values = values[:]
        values.insert(at, value)
    return values


def _without(values: "array[int]", at: int) -> "array[int]":
    """As `_with`, with one less."""
    try:
        del values[at]
    except BufferError:
        values = values[:]
        del values[at]
    return values
