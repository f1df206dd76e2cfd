"""Bends the vectors of the default model towards work: what people did, can do, and are called for it.

A general model knows that a pressman and a press operator are near, and puts almost as near what merely shares words
with them. `adapter.npz` is a symmetric matrix, learnt from pairs that say the same thing in other words (titles and
descriptions of occupations and skills, definitions and tasks, two halves of one text). What it adds to a vector brings
such pairs together. It is small and costs microseconds. The labelled sets of `make quality` are not among the pairs.

`python -m bench.encoder.train` makes it; docs/benchmarks.md says what it brings.
"""

import hashlib
from collections.abc import Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Self

import numpy as np

from yinling_matching.embedding.base import Embedder, Vectors, Wrapped

FILE = "adapter.npz"


class Adapter:
    """What is added to the vectors of one model."""

    def __init__(self, matrix: Vectors, made_for: str) -> None:
        """Take a matrix.

        Args:
            matrix: Shape (dimensions, dimensions).
            made_for: What `weights_of` says of the model it was learnt on.
        """
        self.made_for = made_for
        self._matrix = matrix.astype(np.float32)
        self._bend = np.eye(len(matrix), dtype=np.float32) + self._matrix

    @classmethod
    def load(cls, file: Traversable) -> Self:
        """Read one. OSError where there is none, ValueError where the file is no adapter."""
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as arrays:
            try:
                matrix, made_for = arrays["matrix"], str(arrays["made_for"])
            except KeyError as error:
                raise ValueError(f"{file.name} is no adapter: {error}") from error
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not np.isfinite(matrix).all():
            raise ValueError(f"{file.name} is no adapter: its matrix has the shape {matrix.shape}, or is not finite")
        return cls(matrix, made_for)

    @property
    def dimensions(self) -> int:
        """Length of the vectors it takes and gives."""
        return len(self._matrix)

    @property
    def checksum(self) -> str:
        """Of what it adds."""
        return hashlib.sha256(self._matrix.tobytes()).hexdigest()[:8]

    def __call__(self, vectors: Vectors) -> Vectors:
        """Bend unit vectors, shape (texts, dimensions); the result has unit rows too."""
        bent = vectors @ self._bend
        unit: Vectors = (bent / np.maximum(np.linalg.norm(bent, axis=1, keepdims=True), 1e-12)).astype(np.float32)
        return unit


class AdaptedEmbedder(Wrapped):
    """A model whose vectors are bent."""

    def __init__(self, base: Embedder, adapter: Adapter) -> None:
        """Wrap a model, a centred one where the adapter was learnt on one."""
        if adapter.dimensions != base.dimensions:
            raise ValueError(
                f"the adapter takes {adapter.dimensions} dimensions, and {base.name} has {base.dimensions}"
            )
        super().__init__(base)
        self._adapter = adapter

    @property
    def name(self) -> str:
        """Name of the model, with a checksum of the adapter."""
        return f"{self._base.name}:adapted-{self._adapter.checksum}"

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed what is searched for."""
        return self._adapter(self._base.encode_queries(texts))

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed what is found."""
        return self._adapter(self._base.encode_passages(texts))


def adapted(embedder: Embedder) -> Embedder:
    """The embedder with the adapter that was made for it, or as it is where none was."""
    adapter = Adapter.load(resources.files("yinling_matching.embedding") / FILE)
    return AdaptedEmbedder(embedder, adapter) if adapter.made_for == weights_of(embedder.name) else embedder


def weights_of(name: str) -> str:
    """An embedder's name without that of its directory: the same model is the same wherever it lies."""
    return name.partition(":")[2]
