"""What BM25 makes of a term that stands in a facet."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_DIGIT = re.compile("[0-9]")


@dataclass(frozen=True, slots=True)
class BM25:
    """count / (count + base + slope × length): how much of a term's weight a facet gets. Lucene's form, without k1 + 1.

    Attributes:
        base: k1 × (1 - b).
        slope: k1 × b / mean length of all facets.
    """

    base: float
    slope: float

    def of(self, key: str) -> "BM25":
        """For a term. A code says as much in the account of a long career as alone: its facet's length is left out."""
        return BM25(self.base, 0.0) if _DIGIT.search(key) else self

    def part(self, count: int, length: float) -> float:
        """For one facet, which holds the term so often and is so long."""
        return count / (count + self.base + self.slope * length)

    def parts(self, counts: NDArray[np.uint16], lengths: Floats) -> Floats:
        """For several facets."""
        parts: Floats = lengths * np.float32(self.slope)
        parts += np.float32(self.base)
        parts += counts
        np.divide(counts, parts, out=parts)
        return parts
