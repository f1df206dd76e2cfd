"""A fast stand-in for a model, for tests that are not about the model."""

import hashlib
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

from yinling_matching.embedding.base import Embedder, Vectors


class FakeEmbedder(Embedder):
    """Counts hashed characters and character pairs: texts that share words are near, others are not.

    The same in every process, without files or threads. Unlike the real model it knows no synonyms and no translation.
    """

    def __init__(self, dimensions: int = 64, name: str = "fake-1") -> None:
        if dimensions < 2:
            raise ValueError(f"dimensions must be at least 2, not {dimensions}")
        self._dimensions = dimensions
        self._name = f"{name}:{dimensions}"

    @property
    def name(self) -> str:
        """As given, with the dimensions."""
        return self._name

    @property
    def dimensions(self) -> int:
        """As given."""
        return self._dimensions

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """The same as passages."""
        return self._encode(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """The same as queries."""
        return self._encode(texts)

    def _encode(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self._dimensions), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
            # The last slot is there whatever the text says, so that an empty text has a direction.
            row[-1] = 0.5
            for gram in [*folded, *map("".join, pairwise(folded))]:
                slot, sign = _slot(gram, self._dimensions - 1)
                row[slot] += sign
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


@lru_cache(maxsize=65536)
def _slot(gram: str, slots: int) -> tuple[int, float]:
    """Where a gram is counted, and with which sign: collisions cancel out on average."""
    digest = int.from_bytes(hashlib.blake2b(gram.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
    return digest % slots, 1.0 if digest >> 63 else -1.0
