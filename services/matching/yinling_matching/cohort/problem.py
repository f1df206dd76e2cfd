"""What is to be solved, in arrays: who fits which request how well, how many are wanted, how many places there are.

Nothing here knows requests or people but by their number.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]
People = NDArray[np.int32]
Mask = NDArray[np.bool_]

Pairs = NDArray[np.int64]
"""Positions of the candidate pairs that are assigned, ascending."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Candidate pairs of requests and people. A pair that is not here cannot be assigned.

    Attributes:
        starts: Where the candidates of each request begin, and the end; shape (requests + 1,).
        people: Candidates, those of a request side by side, best first, of equal scores the smaller number first;
            shape (pairs,). Nobody is a candidate of a request twice.
        scores: How well they fit, 0 to 1, same shape.
        wanted: People wanted by each request, shape (requests,).
        places: Places that each person has, shape (people,).
    """

    starts: Numbers
    people: People
    scores: Floats
    wanted: Numbers
    places: Numbers

    @classmethod
    def of(
        cls, requests: NDArray[Any], people: NDArray[Any], scores: Floats, wanted: Numbers, places: Numbers
    ) -> "Problem":
        """From pairs in any order."""
        order = np.lexsort((people, -scores, requests))
        starts = np.zeros(len(wanted) + 1, np.int64)
        np.cumsum(np.bincount(requests, minlength=len(wanted)), out=starts[1:])
        return cls(starts, people[order].astype(np.int32), scores[order].astype(np.float32), wanted, places)

    def requests(self, pairs: Pairs) -> Numbers:
        """The request of some pairs."""
        return np.searchsorted(self.starts, pairs, side="right") - 1

    def best(self, counts: Numbers) -> Pairs:
        """The best candidates of each request, so many of each at most."""
        counts = np.minimum(counts, np.diff(self.starts))
        ends = np.cumsum(counts)
        return np.arange(ends[-1] if len(ends) else 0) + np.repeat(self.starts[:-1] - ends + counts, counts)

    def blocks(self, size: int = 1 << 20) -> Iterator[Pairs]:
        """All pairs, piece by piece: arrays of whole numbers for all of them would be large."""
        for first in range(0, len(self.people), size):
            yield np.arange(first, min(first + size, len(self.people)))

    def without(self, dropped: Mask, places: Numbers) -> "Problem":
        """The same without some pairs, and with other places."""
        kept = ~dropped
        starts = np.concatenate([[0], np.cumsum(kept)])[self.starts].astype(np.int64)
        return Problem(starts, self.people[kept], self.scores[kept], self.wanted, places)

    def total(self, pairs: Pairs) -> float:
        """Sum of the scores of some pairs."""
        return float(self.scores[pairs].sum(dtype=np.float64))
