"""The lexical index: how well facets answer queries by their letters."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from yinling_matching.lexical.answering import BM25, Said
from yinling_matching.lexical.characters import EVERYWHERE, characters
from yinling_matching.lexical.postings import Postings
from yinling_matching.lexical.query import Facts, LexicalScores, Query, ask, facts
from yinling_matching.lexical.scorers import Few, Many, Scorer
from yinling_matching.lexical.terms import terms

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]

K1, B = 1.2, 0.75
"""Of BM25, as everybody has them: other values do not do better on all of the labelled sets."""

RARE = 0.01
"""A term is rare where not more than this share of the facets hold it."""

FEW = 256
"""Up to this many facets are looked up one by one; for more, all postings of a term are added up."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A facet's terms and how often it holds each."""

    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Matches:
    """The facets that share a term with a query.

    Attributes:
        slots: Theirs, ascending.
        scores: For one query and these facets.
    """

    slots: Ids
    scores: LexicalScores


def prepare(texts: Iterable[str]) -> list[Prepared]:
    """Cut facets into terms: outside the lock, as this takes longer than putting them in."""
    return [Prepared({**Counter(term.key for term in terms(text)), **characters(text)}) for text in texts]


class LexicalIndex:
    """Texts of facets under the slots of the vector index, in memory, scored by BM25.

    BM25 as Lucene has it: idf = ln(1 + (N - n + 0.5) / (n + 0.5)), without the constant factor k1 + 1. Every change
    counts at once, for the frequencies too. Like the vector index it does not lock: many may read, nobody while
    somebody writes.
    """

    def __init__(self, k1: float = K1, b: float = B) -> None:
        self._k1, self._b = k1, b
        self._postings = Postings()

    def __len__(self) -> int:
        """How many facets it holds, those without a term included."""
        return len(self._postings)

    def add(self, slots: Ids, texts: Sequence[str] | Sequence[Prepared]) -> None:
        """Put facets in; what is there under a slot is replaced. Under a lock give what `prepare` made."""
        prepared = [one if isinstance(one, Prepared) else prepare([one])[0] for one in texts]
        for slot, facet in zip(slots.tolist(), prepared, strict=True):
            self._postings.add(slot, facet.counts)

    def remove(self, slots: Ids) -> None:
        """Take facets out. Slots that are not there are left alone."""
        for slot in slots.tolist():
            self._postings.remove(slot)

    def clear(self) -> None:
        """Take everything out."""
        self._postings = Postings()

    def load(self, slots: Ids, texts: Sequence[str] | Sequence[Prepared]) -> None:
        """Hold exactly these facets. Quickest where slots ascend."""
        self.clear()
        self.add(slots, texts)

    def idf(self, key: str) -> float:
        """Inverse document frequency of a term."""
        posting = self._postings.of(key)
        return self._idf(len(posting.slots) if posting else 0)

    def match(self, query: str | Query) -> Matches:
        """All facets that share a term with a query, and their scores."""
        asked = query if isinstance(query, Query) else ask(query)
        held = [posting.slots for key in asked.weights if (posting := self._postings.of(key))]
        slots = np.unique(np.concatenate(held)).astype(np.int64) if held else np.zeros(0, dtype=np.int64)
        return Matches(slots, self.similarities([asked], slots))

    def similarities(self, queries: Sequence[str] | Sequence[Query], slots: Ids) -> LexicalScores:
        """Score some facets for some queries. A slot that is not there scores 0."""
        asked = [query if isinstance(query, Query) else ask(query) for query in queries]
        scorer = self._scorer(slots)
        matrices = np.zeros((3, len(asked), len(slots)), dtype=np.float32)
        told: list[Facts] = []
        for row, query in enumerate(asked):
            keys = list(query.weights)
            postings = [self._postings.of(key) for key in keys]
            frequencies = [len(posting.slots) if posting else 0 for posting in postings]
            idf = [self._idf(frequency) for frequency in frequencies]
            told.append(facts(query, frequencies, idf, RARE * len(self)))
            weights = [one * weight for one, weight in zip(idf, query.weights.values(), strict=True)]
            cuts = sorted({query.codes, query.names, len(keys)} - {0})
            best = 1.0 / (1.0 + self._norm(len(keys)))
            for cut, sums in zip(cuts, scorer.sums(keys, weights, cuts), strict=True):
                share = np.minimum(sums / np.float32(best * sum(weights[:cut])), 1.0)
                for matrix, end in enumerate((len(keys), query.names, query.codes)):
                    if end == cut:
                        matrices[matrix, row] = share
        return _scores(matrices, told)

    def said(self, query: Query) -> Said:
        """What a query says, by what the index knows of its terms now."""
        keys, weights = [], []
        for key, weight in query.weights.items():
            posting = self._postings.of(key)
            frequency = len(posting.slots) if posting else 0
            if len(key) == 1 and frequency > EVERYWHERE * len(self) and weight < 1:
                continue
            keys.append(key)
            weights.append(weight * self._idf(frequency))
        return Said(keys, weights)

    @property
    def parts(self) -> BM25:
        """The parts of BM25 as they are now: do not keep it."""
        return BM25(self._postings, self._norm(0), self._norm(1) - self._norm(0))

    def bm25(self, terms_: Sequence[str], slots: Ids) -> Floats:
        """Plain BM25 of some facets for a query of these keys, shape (len(slots),)."""
        weights = [self.idf(key) for key in terms_]
        return self._scorer(slots).sums(terms_, weights, [len(terms_)])[0]

    def _scorer(self, slots: Ids) -> Scorer:
        kind = Few if len(slots) <= FEW else Many
        base, slope = self._norm(0), self._norm(1) - self._norm(0)
        return kind(self._postings, slots, base, slope)

    def _norm(self, length: float) -> float:
        return self._k1 * (1.0 - self._b + self._b * length / self._postings.mean_length)

    def _idf(self, frequency: int) -> float:
        return log(1.0 + (len(self) - frequency + 0.5) / (frequency + 0.5))


def _scores(matrices: Floats, told: Sequence[Facts]) -> LexicalScores:
    return LexicalScores(
        coverage=matrices[0],
        names=matrices[1],
        codes=matrices[2],
        terms=np.array([one.terms for one in told], dtype=np.int64),
        known=np.array([one.known for one in told], dtype=np.int64),
        rare=np.array([one.rare for one in told], dtype=np.int64),
        mean_idf=np.array([one.mean_idf for one in told], dtype=np.float32),
        max_idf=np.array([one.max_idf for one in told], dtype=np.float32),
        known_share=np.array([one.known_share for one in told], dtype=np.float32),
        name_share=np.array([one.name_share for one in told], dtype=np.float32),
        code_share=np.array([one.code_share for one in told], dtype=np.float32),
    )
