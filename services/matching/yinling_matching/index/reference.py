"""An index that is plainly right, and slow: what the others are compared with."""

import numpy as np
from typing_extensions import override

from yinling_matching.index.base import Hits, Ids, Mask, VectorIndex, Vectors


class ReferenceIndex(VectorIndex):
    """A dict of vectors, searched by sorting everything."""

    def __init__(self, dimensions: int) -> None:
        self._dimensions = dimensions
        self._vectors: dict[int, Vectors] = {}

    @property
    @override
    def dimensions(self) -> int:
        return self._dimensions

    def __len__(self) -> int:
        return len(self._vectors)

    @override
    def add(self, ids: Ids, vectors: Vectors) -> None:
        for key, vector in zip(ids.tolist(), vectors, strict=True):
            self._vectors[key] = vector.copy()

    @override
    def remove(self, ids: Ids) -> None:
        for key in ids.tolist():
            self._vectors.pop(key, None)

    @override
    def search(self, queries: Vectors, k: int, selector: Mask | None = None) -> Hits:
        chosen = [i for i in self._vectors if selector is None or (i < len(selector) and selector[i])]
        ids = np.array(chosen, dtype=np.int64)
        found = Hits(
            np.full((len(queries), k), -np.inf, dtype=np.float32), np.full((len(queries), k), -1, dtype=np.int64)
        )
        for row, similarity in enumerate(self.similarities(queries, ids)):
            best = np.argsort(-similarity, kind="stable")[:k]
            found.scores[row, : len(best)] = similarity[best]
            found.ids[row, : len(best)] = ids[best]
        return found

    @override
    def similarities(self, queries: Vectors, ids: Ids) -> Vectors:
        return queries.astype(np.float32) @ self.reconstruct(ids).T

    @override
    def reconstruct(self, ids: Ids) -> Vectors:
        rows = [self._vectors[key] for key in ids.tolist()]
        return np.array(rows, dtype=np.float32).reshape(len(rows), self._dimensions)

    @override
    def clear(self) -> None:
        self._vectors.clear()
