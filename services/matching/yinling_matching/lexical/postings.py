"""Which facet holds which term: postings that follow every change exactly."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from yinling_matching.catalogue.growing import grown
from yinling_matching.lexical.bm25 import BM25
from yinling_matching.lexical.kept import Holders, Parts

MOST = 65_535
"""A term counts at most this often in a facet."""


class Posting:
    """The facets that hold a term.

    Where somebody still holds a view of an array, as after a reader's error, a change goes into a copy of it.

    Attributes:
        key: The term.
        slots: Of the facets, ascending.
        counts: How often each holds it.
        holders: Kept by readers, until the posting changes; as `parts`.
        parts: Kept by readers.
    """

    __slots__ = ("counts", "holders", "key", "parts", "slots")

    def __init__(self, key: str) -> None:
        self.key = key
        self.slots = array("i")
        self.counts = array("H")
        self.holders: Holders | None = None
        self.parts: Parts | None = None

    @property
    def slots_array(self) -> NDArray[np.int32]:
        """A view of the slots. Do not keep it: the next change would have to copy them."""
        return np.frombuffer(self.slots, dtype=np.int32)

    def append(self, slot: int, count: int) -> None:
        """One facet more, behind all others. There must be no view of the arrays."""
        self.slots.append(slot)
        self.counts.append(count)

    def put(self, slot: int, count: int) -> None:
        """One facet more."""
        at = bisect_left(self.slots, slot)
        try:
            self.slots.insert(at, slot)
        except BufferError:
            self.slots = self.slots[:at] + array("i", [slot]) + self.slots[at:]
        try:
            self.counts.insert(at, count)
        except BufferError:
            self.counts = self.counts[:at] + array("H", [count]) + self.counts[at:]
        self.holders = self.parts = None

    def take(self, slot: int) -> None:
        """One facet less."""
        at = bisect_left(self.slots, slot)
        try:
            del self.slots[at]
        except BufferError:
            self.slots = self.slots[:at] + self.slots[at + 1 :]
        try:
            del self.counts[at]
        except BufferError:
            self.counts = self.counts[:at] + self.counts[at + 1 :]
        self.holders = self.parts = None


class Postings:
    """Facets by term, and terms by facet, under slots.

    Lists stay sorted by slot: to put one in is a binary search and a move of memory, both in C, which for 60,000
    facets is a microsecond. So nothing is marked for later, and nothing is ever rebuilt. Does not lock.
    """

    def __init__(self) -> None:
        self._postings: dict[str, Posting] = {}
        self._terms: dict[int, tuple[str, ...]] = {}
        self._repeated: dict[int, dict[str, int]] = {}  # terms that a facet holds more than once, which are few
        self._lengths = np.zeros(0, dtype=np.float32)
        self._total = 0

    def __len__(self) -> int:
        return len(self._terms)

    @property
    def mean_length(self) -> float:
        """Terms of a facet, repetitions counted, empty facets included; 1 where there is none."""
        return self._total / len(self._terms) if self._total else 1.0

    def of(self, term: str) -> Posting | None:
        """The facets that hold a term. Do not keep it."""
        return self._postings.get(term)

    def frequency(self, term: str) -> int:
        """How many facets hold a term."""
        posting = self._postings.get(term)
        return len(posting.slots) if posting else 0

    def parts(self, posting: Posting, bm25: BM25, owner: NDArray[np.int32]) -> Parts:
        """What BM25 makes of a posting; between two changes this is worked out once.

        Args:
            posting: One of these.
            bm25: As it is now.
            owner: Row of the person by slot; must stay the same for a facet while it is in.
        """
        kept = posting.parts
        if kept is not None and kept.bm25 == bm25:
            return kept
        slots = posting.slots_array
        if posting.holders is None:
            posting.holders = Holders.of(owner[slots])
        counts = np.frombuffer(posting.counts, dtype=np.uint16)
        posting.parts = made = Parts.of(bm25, bm25.parts(counts, self._lengths[slots]), posting.holders)
        return made

    def terms_at(self, slot: int) -> tuple[str, ...]:
        """The terms of a facet; none where there is no facet."""
        return self._terms.get(slot, ())

    def repeated_at(self, slot: int) -> Mapping[str, int]:
        """How often a facet holds the terms that it holds more than once."""
        return self._repeated.get(slot, {})

    def held(self) -> tuple[Mapping[int, tuple[str, ...]], Mapping[int, Mapping[str, int]]]:
        """Copies of what `terms_at` and `repeated_at` say, of all facets."""
        return self._terms.copy(), self._repeated.copy()

    def length(self, slot: int) -> int:
        """Terms of a facet, repetitions counted; 0 where there is none."""
        return int(self._lengths[slot]) if slot < len(self._lengths) else 0

    def add(self, slot: int, counts: Mapping[str, int]) -> None:
        """Put a facet in; what is under the slot is replaced."""
        self.remove(slot)
        self._hold(slot, counts, Posting.put)

    def append(self, slot: int, counts: Mapping[str, int]) -> None:
        """Put a facet in behind all others, before anybody has read: takes half the time."""
        self._hold(slot, counts, Posting.append)

    def remove(self, slot: int) -> None:
        """Take a facet out, if it is there."""
        terms = self._terms.pop(slot, None)
        if terms is None:
            return
        self._repeated.pop(slot, None)
        for term in terms:
            posting = self._postings[term]
            if len(posting.slots) == 1:
                del self._postings[term]
            else:
                posting.take(slot)
        self._set_length(slot, 0)

    def _hold(self, slot: int, counts: Mapping[str, int], put: Callable[[Posting, int, int], None]) -> None:
        terms: list[str] = []
        repeated: dict[str, int] = {}
        for term, count in counts.items():
            posting = self._postings.get(term)
            if posting is None:
                posting = self._postings[term] = Posting(term)
            key = posting.key  # the same string for all facets: it is in memory once
            terms.append(key)
            put(posting, slot, min(count, MOST))
            if count > 1:
                repeated[key] = min(count, MOST)
        self._terms[slot] = tuple(terms)
        if repeated:
            self._repeated[slot] = repeated
        self._set_length(slot, sum(counts.values()))

    def _set_length(self, slot: int, length: int) -> None:
        self._lengths = grown(self._lengths, slot + 1)
        self._total += length - int(self._lengths[slot])
        self._lengths[slot] = length
