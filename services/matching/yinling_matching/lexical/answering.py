"""How well people answer a query by their words: each person's best facet, and all of their facets together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yinling_matching.lexical.postings import Posting, Postings

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]

_LONG, _USUAL = 0.7, 30.0
"""What is said in a sentence can stand in a facet as a whole; of a page only some can. So a long query is not divided
by all that it says (`_LONG` of 1 would be its covered share), and one that says `_USUAL` is the measure."""


@dataclass(frozen=True, slots=True)
class Said:
    """The terms of a query.

    Attributes:
        keys: The terms.
        weights: Weight times idf of each; those that no facet holds included.
    """

    keys: Sequence[str]
    weights: Sequence[float]

    @property
    def measure(self) -> float:
        """What sums are divided by."""
        total = sum(self.weights)
        return float(total**_LONG * _USUAL ** (1 - _LONG)) if total > 0 else 1.0


@dataclass(frozen=True, slots=True)
class BM25:
    """Parts of BM25 of one index: count / (count + base + slope × length).

    Attributes:
        postings: Of the index.
        base: k1 × (1 - b).
        slope: k1 × b / mean length.
    """

    postings: Postings
    base: float
    slope: float

    def of_facets(self, said: Said, slots: Ids) -> Floats:
        """Sum over the terms for each of a few facets, shape (facets,)."""
        weights = dict(zip(said.keys, said.weights, strict=True))
        sums = np.zeros(len(slots), np.float32)
        for place, slot in enumerate(slots.tolist()):
            sums[place] = sum(self._parts_at(slot, weights).values())
        return sums / np.float32(said.measure)

    def of_few(self, said: Said, slots: Ids, starts: Ids) -> tuple[Floats, Floats]:
        """As `of_many`, looking up each facet's own terms."""
        weights = dict(zip(said.keys, said.weights, strict=True))
        best = np.zeros(len(starts), np.float32)
        together = np.zeros(len(starts), np.float32)
        ends = np.append(starts[1:], len(slots))
        for person, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
            of_person: dict[str, float] = {}
            for slot in slots[start:end].tolist():
                parts = self._parts_at(slot, weights)
                best[person] = max(best[person], sum(parts.values()))
                for key, part in parts.items():
                    of_person[key] = max(of_person.get(key, 0.0), part)
            together[person] = sum(of_person.values())
        return best / np.float32(said.measure), together / np.float32(said.measure)

    def of_many(self, said: Said, slots: Ids, starts: Ids, person_of: NDArray[np.int32]) -> tuple[Floats, Floats]:
        """Sums over the terms: of each person's best facet, and of each term's best facet of the person.

        Args:
            said: The query.
            slots: Facets, those of a person side by side.
            starts: Where each person's facets begin.
            person_of: Position in `starts` by slot; -1 for slots that are not in `slots`.

        Returns:
            Both of shape (people,), divided by the query's measure.
        """
        held = [
            (posting, weight)
            for key, weight in zip(said.keys, said.weights, strict=True)
            if weight > 0 and (posting := self.postings.of(key))
        ]
        people = len(starts)
        if not held:
            return np.zeros(people, np.float32), np.zeros(people, np.float32)
        of_slots, parts, of_terms = self._all_parts(held, person_of)
        sums = np.bincount(of_slots, weights=parts, minlength=len(person_of))[slots]
        best = np.maximum.reduceat(sums, starts).astype(np.float32)
        highest = np.zeros(len(held) * people, np.float32)
        np.maximum.at(highest, of_terms * people + person_of[of_slots], parts)
        together = highest.reshape(len(held), people).sum(axis=0)
        return best / np.float32(said.measure), together / np.float32(said.measure)

    def _all_parts(
        self, held: Sequence[tuple[Posting, float]], person_of: NDArray[np.int32]
    ) -> tuple[NDArray[np.int32], Floats, Ids]:
        """Slot, part and number of the term of everything in some postings, as far as it belongs to the people."""
        slots = np.concatenate([np.frombuffer(posting.slots, dtype=np.int32) for posting, _ in held])
        counts = np.concatenate([np.frombuffer(posting.counts, dtype=np.uint16) for posting, _ in held])
        lengths = [len(posting.slots) for posting, _ in held]
        of_terms = np.repeat(np.arange(len(held)), lengths)
        weights = np.repeat(np.array([weight for _, weight in held], dtype=np.float32), lengths)
        wanted = person_of[slots] >= 0
        if not wanted.all():
            slots, counts, of_terms, weights = slots[wanted], counts[wanted], of_terms[wanted], weights[wanted]
        parts = counts.astype(np.float32)
        parts /= parts + np.float32(self.base) + np.float32(self.slope) * self.postings.lengths[slots]
        parts *= weights
        return slots, parts, of_terms

    def _parts_at(self, slot: int, weights: dict[str, float]) -> dict[str, float]:
        norm = self.base + self.slope * float(self.postings.lengths[slot]) if slot < len(self.postings.lengths) else 1.0
        parts = {}
        for key in self.postings.terms_at(slot):
            if weight := weights.get(key, 0.0):
                count = self.postings.count(key, slot)
                parts[key] = weight * count / (count + norm)
        return parts
