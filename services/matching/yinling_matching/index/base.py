"""What matching asks of an index of vectors."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Hits:
    """The nearest vectors for each query, best first.

    Attributes:
        scores: Inner products, shape (queries, k); minus infinity where there are fewer than k.
        ids: Their ids, same shape; -1 where there are fewer than k.
    """

    scores: Vectors
    ids: Ids


class VectorIndex(ABC):
    """Unit vectors under ids, searched by inner product.

    Ids are chosen by the caller and are small: an index may hold arrays as long as the largest id. An id may be used
    again after its removal. An index does not lock: many may read at once, but nobody while somebody writes.
    """

    @property
    @abstractmethod
    def dimensions(self) -> int:
        """Length of a vector."""

    @abstractmethod
    def __len__(self) -> int:
        """How many vectors it holds."""

    @abstractmethod
    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Put vectors in, shape (len(ids), dimensions). A vector that is there under an id is replaced."""

    @abstractmethod
    def remove(self, ids: Ids) -> None:
        """Take vectors out. Ids that are not there are left alone."""

    @abstractmethod
    def search(self, queries: Vectors, k: int, selector: Mask | None = None) -> Hits:
        """The k nearest of the vectors whose id the selector holds true; ids beyond its end count as false.

        Of equal scores any may come first.
        """

    @abstractmethod
    def similarities(self, queries: Vectors, ids: Ids) -> Vectors:
        """Exact inner products, shape (queries, len(ids)). Every id must be there."""

    @abstractmethod
    def reconstruct(self, ids: Ids) -> Vectors:
        """A copy of the vectors under some ids. Every id must be there."""

    @abstractmethod
    def clear(self) -> None:
        """Take everything out."""

    def load(self, ids: Ids, vectors: Vectors) -> None:
        """Hold exactly these vectors: how a snapshot comes back. `reconstruct` is how one is made."""
        self.clear()
        self.add(ids, vectors)
