"""The lexical index: how well people answer queries by their letters."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from yinling_matching.lexical.bm25 import BM25
from yinling_matching.lexical.characters import EVERYWHERE, characters
from yinling_matching.lexical.few import Few
from yinling_matching.lexical.many import Many
from yinling_matching.lexical.normalise import normalised
from yinling_matching.lexical.postings import Postings
from yinling_matching.lexical.query import Query
from yinling_matching.lexical.terms import keys_of_normalised
from yinling_matching.lexical.weighted import WeightedTerms

K = TypeVar("K")
V = TypeVar("V")
Ids = NDArray[np.int64]

K1, B = 1.2, 0.75
"""Of BM25, as everybody has them: other values do not do better on all of the labelled sets."""

_QUERIES = 8192
_SELECTIONS = 8
"""So many queries and selections of facets are kept as they were worked out, until the index changes."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A facet's terms and how often it holds each."""

    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Held:
    """The terms of all facets at a moment, by slot.

    Attributes:
        terms: Of each facet.
        repeated: How often a facet holds the terms that it holds more than once.
    """

    terms: Mapping[int, Sequence[str]]
    repeated: Mapping[int, Mapping[str, int]]

    def prepared(self, slots: Ids) -> list[Prepared]:
        """Facets as they were put in."""
        return [
            Prepared({**dict.fromkeys(self.terms[slot], 1), **self.repeated.get(slot, {})}) for slot in slots.tolist()
        ]


def prepare(texts: Iterable[str]) -> list[Prepared]:
    """Cut facets into terms: outside the lock, as this takes longer than putting them in."""
    plain = map(normalised, texts)
    return [Prepared({**Counter(keys_of_normalised(text)), **characters(text)}) for text in plain]


class LexicalIndex:
    """Texts of facets under the slots of the vector index, in memory, scored by BM25.

    Every change counts at once, for the frequencies and the mean length too. Like the vector index it does not lock:
    many may read, nobody while somebody writes.

    Attributes:
        state: Another object after each change.
    """

    def __init__(self) -> None:
        self.state = object()
        self._postings = Postings()
        self._weighted: dict[Query, WeightedTerms] = {}
        self._few: dict[tuple[bytes, bytes], Few] = {}

    def __len__(self) -> int:
        """How many facets it holds, those without a term included."""
        return len(self._postings)

    def add(self, slots: Ids, facets: Sequence[Prepared]) -> None:
        """Put facets in; what is there under a slot is replaced. Quickest where slots ascend."""
        self._forget()
        for slot, facet in zip(slots.tolist(), facets, strict=True):
            self._postings.add(slot, facet.counts)

    def load(self, slots: Ids, facets: Sequence[Prepared]) -> None:
        """Fill an index that is empty; slots ascend."""
        self._forget()
        for slot, facet in zip(slots.tolist(), facets, strict=True):
            self._postings.append(slot, facet.counts)

    def held(self) -> "Held":
        """What it holds now; a copy, made in milliseconds."""
        return Held(*self._postings.held())

    def remove(self, slots: Ids) -> None:
        """Take facets out. Slots that are not there are left alone."""
        self._forget()
        for slot in slots.tolist():
            self._postings.remove(slot)

    def terms_at(self, slot: int) -> tuple[str, ...]:
        """The terms of a facet, each once; none where there is no facet."""
        return self._postings.terms_at(slot)

    def frequencies(self, terms: Collection[str]) -> NDArray[np.int64]:
        """How many facets hold each of some terms."""
        return np.fromiter(map(self._postings.frequency, terms), np.int64, len(terms))

    def weighted(self, query: Query) -> WeightedTerms:
        """A query by what the index knows of its terms now. Give the same object again where it is asked again."""
        return _kept(self._weighted, query, _QUERIES, lambda: self._weigh(query))

    def few(self, slots: Ids, starts: Ids) -> Few:
        """To ask about a few facets.

        Args:
            slots: The facets, those of a person side by side. One that is not there holds no term.
            starts: Where each person's facets begin.
        """
        key = slots.tobytes(), starts.tobytes()
        return _kept(
            self._few, key, _SELECTIONS, lambda: Few(self._postings, self._bm25(), slots.tolist(), starts.tolist())
        )

    def many(self, owner: NDArray[np.int32]) -> Many:
        """To ask about everybody.

        Args:
            owner: Row of the person by slot; must stay the same for a facet while it is in.
        """
        return Many(self._postings, self._bm25(), owner)

    def _weigh(self, query: Query) -> WeightedTerms:
        weights: dict[str, float] = {}
        too_many = EVERYWHERE * len(self)
        for key, weight in query.weights.items():
            frequency = self._postings.frequency(key)
            if frequency <= too_many or len(key) > 1 or weight == 1:
                # That of Lucene, ln(1 + (N - n + 0.5) / (n + 0.5)), put shorter.
                weights[key] = weight * log((len(self) + 1) / (frequency + 0.5))
        return WeightedTerms(weights)

    def _bm25(self) -> BM25:
        return BM25(K1 * (1 - B), K1 * B / self._postings.mean_length)

    def _forget(self) -> None:
        self.state = object()
        self._weighted.clear()
        self._few.clear()


def _kept(known: dict[K, V], key: K, most: int, make: Callable[[], V]) -> V:
    """What is known of a key, or made and remembered. Several readers may make the same at once."""
    found = known.get(key)
    if found is None:
        if len(known) >= most:
            known.clear()
        found = known[key] = make()
    return found
