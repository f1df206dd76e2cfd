"""Profiles as wholes: one vector a person."""

import numpy as np
from numpy.typing import NDArray

from yinling_matching.catalogue.growing import grown

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]

_FIRST_SIZE = 1024


class Wholes:
    """The direction of all facets of a person together, a row a person.

    It does not lock: many may read at once, but nobody while somebody writes.
    """

    def __init__(self, dimensions: int) -> None:
        self._vectors = np.zeros((_FIRST_SIZE, dimensions), np.float32)

    def set(self, row: int, facets: Floats) -> None:
        """Fill a row, new or not.

        Args:
            row: The person's.
            facets: Unit vectors, shape (facets, dimensions); without any the row is zero, near to nothing.
        """
        self._vectors = grown(self._vectors, row + 1)
        total = facets.sum(axis=0)
        self._vectors[row] = total / max(float(np.linalg.norm(total)), 1e-12)

    def clear(self, row: int) -> None:
        """Take a person out."""
        self._vectors[row] = 0.0

    def vectors(self, rows: Rows) -> Floats:
        """The rows themselves, as a copy."""
        return self._vectors[rows]

    def similarities(self, queries: Floats, rows: Rows) -> Floats:
        """Cosines, shape (queries, rows)."""
        vectors = self._vectors[: int(rows.max(initial=-1)) + 1]  # behind them may be as many that nobody has yet
        if 4 * len(rows) < len(vectors):
            return queries @ vectors[rows].T
        # Nearly everybody: one product with all costs less than copying their rows out.
        return np.take(queries @ vectors.T, rows, axis=1)
