"""An embedder that keeps what it made in a folder: embedding the sets takes minutes, fitting to them seconds."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from typing_extensions import override

from bench.pieces import in_pieces
from yinling_matching.embedding import Embedder, Vectors
from yinling_matching.embedding.base import Wrapped

_PIECE = 512


class KeptEmbedder(Wrapped):
    """Any embedder; texts that were embedded before are read. By name of the model, so that another one starts anew."""

    def __init__(self, base: Embedder, folder: Path) -> None:
        super().__init__(base)
        folder = folder / hashlib.sha256(base.name.encode()).hexdigest()[:16]
        self._queries = _Side(base.encode_queries, folder / "queries", base.dimensions)
        self._passages = _Side(base.encode_passages, folder / "passages", base.dimensions)

    @property
    @override
    def name(self) -> str:
        """Name of the model."""
        return self._base.name

    @override
    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed what is searched for."""
        return self._queries(texts)

    @override
    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed what is found."""
        return self._passages(texts)


class _Side:
    def __init__(self, encode: Callable[[Sequence[str]], Vectors], folder: Path, dimensions: int) -> None:
        self._encode, self._folder = encode, folder
        self._texts, self._vectors = folder / "texts.json", folder / "vectors.npy"
        self._known: Vectors = np.zeros((0, dimensions), np.float32)
        self._rows: dict[str, int] = {}
        if self._texts.is_file():
            self._known = np.load(self._vectors)
            texts = json.loads(self._texts.read_text("utf-8"))[: len(self._known)]
            self._rows = {text: row for row, text in enumerate(texts)}

    def __call__(self, texts: Sequence[str]) -> Vectors:
        new = sorted({text for text in texts if text not in self._rows}, key=len)
        for piece, vectors in in_pieces(self._encode, new, _PIECE):
            self._rows |= {text: len(self._known) + row for row, text in enumerate(piece)}
            self._known = np.concatenate([self._known, vectors])
        if new:
            self._folder.mkdir(parents=True, exist_ok=True)
            np.save(self._vectors, self._known)
            self._texts.write_text(json.dumps(list(self._rows), ensure_ascii=False), "utf-8")
        return self._known[[self._rows[text] for text in texts]]
