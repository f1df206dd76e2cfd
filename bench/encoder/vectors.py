"""Vectors of many texts, kept in a folder: embedding them takes a quarter of an hour, learning from them seconds."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from bench.pieces import in_pieces
from yinling_matching.embedding import Embedder, Vectors

_PIECE = 2048


class Kept:
    """Texts as a model embeds them on one side; those that were embedded before are read."""

    def __init__(self, embedder: Embedder, folder: Path, side: Literal["queries", "passages"] = "passages") -> None:
        self._encode = embedder.encode_queries if side == "queries" else embedder.encode_passages
        folder = folder / f"{embedder.name.replace(':', '-')}-{side}"
        folder.mkdir(parents=True, exist_ok=True)
        self._texts, self._vectors = folder / "texts.json", folder / "vectors.npy"
        self._rows: dict[str, int] = {}
        self._known: Vectors = np.empty((0, embedder.dimensions), dtype=np.float32)
        if self._texts.is_file():
            self._rows = {text: row for row, text in enumerate(json.loads(self._texts.read_text("utf-8")))}
            self._known = np.load(self._vectors).astype(np.float32)

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (texts, dimensions)."""
        new = sorted({text for text in texts if text not in self._rows}, key=len)
        for piece, vectors in in_pieces(self._encode, new, _PIECE):
            self._rows |= {text: len(self._known) + row for row, text in enumerate(piece)}
            self._known = np.concatenate([self._known, vectors])
            # A run that breaks off has not been in vain.
            np.save(self._vectors, self._known.astype(np.float16))
            self._texts.write_text(json.dumps(list(self._rows), ensure_ascii=False), "utf-8")
        return self._known[[self._rows[text] for text in texts]]
