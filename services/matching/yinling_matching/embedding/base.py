"""What the rest of matching may ask of an embedding model."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Embedder(ABC):
    """Turns texts into unit vectors, so that a dot product is a cosine.

    Calls block for as long as the model computes: run them in a thread. They may come from several threads at once.
    """

    @property
    @abstractmethod
    def name(self) -> str:
        """Identity of the model: two embedders with the same name give the same vectors.

        It holds a checksum of the weights, and is the key under which vectors are stored.
        """

    @property
    @abstractmethod
    def dimensions(self) -> int:
        """Length of a vector."""

    @property
    def max_batch(self) -> int:
        """Texts that are worth handing over in one call; more are taken too."""
        return 256

    @abstractmethod
    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed what is searched for: the points of a request.

        Returns:
            Shape (len(texts), dimensions), rows of length 1. Empty text gets a vector too: it says nothing,
            and callers should not ask for it.
        """

    @abstractmethod
    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed what is found: the facets of a profile. Shapes as for queries."""

    def encode_both(self, texts: Sequence[str]) -> tuple[Vectors, Vectors]:
        """Embed the same texts as queries and as passages. A model that can do it in one go overrides this."""
        return self.encode_queries(texts), self.encode_passages(texts)

    def close(self) -> None:  # noqa: B027  # most embedders hold nothing that must be given back
        """Give back threads and memory."""


class Wrapped(Embedder):
    """A model whose vectors something is done to; the rest is as the model has it."""

    def __init__(self, base: Embedder) -> None:
        self._base = base

    @property
    def dimensions(self) -> int:
        """Those of the model."""
        return self._base.dimensions

    @property
    def max_batch(self) -> int:
        """That of the model."""
        return self._base.max_batch

    def close(self) -> None:
        """Close the model."""
        self._base.close()
