"""The exact index on FAISS."""

import faiss
import numpy as np
from typing_extensions import override

from yinling_matching.index.base import Hits, Ids, Mask, VectorIndex, Vectors


class FlatIndex(VectorIndex):
    """An IndexFlatIP in which the position of a vector is its id.

    FAISS removes by moving everything behind the hole, 90 MB for a change of one facet among 60,000, and ids change
    with it. Here a removed position is only marked as free, overwritten with zeros, and kept from every search by the
    selector, so that adding, replacing and removing cost what the vectors themselves cost.
    """

    # Where fewer than this share of the rows is asked for, copying them out is cheaper than multiplying with all.
    _GATHER_BELOW = 0.4

    def __init__(self, dimensions: int) -> None:
        self._index = faiss.IndexFlatIP(dimensions)
        self._live: Mask = np.zeros(0, dtype=np.bool_)
        self._count = 0

    @property
    @override
    def dimensions(self) -> int:
        return int(self._index.d)

    def __len__(self) -> int:
        return self._count

    @override
    def add(self, ids: Ids, vectors: Vectors) -> None:
        if len(ids) == 0:
            return
        self._reach(int(ids.max()) + 1)
        self._rows()[ids] = vectors
        self._count += int(np.unique(ids[~self._live[ids]]).size)
        self._live[ids] = True

    @override
    def remove(self, ids: Ids) -> None:
        inside = ids[ids < len(self._live)]
        gone = np.unique(inside[self._live[inside]])
        # Zeros, so that nothing of a deleted person stays in memory.
        self._rows()[gone] = 0.0
        self._live[gone] = False
        self._count -= gone.size

    @override
    def search(self, queries: Vectors, k: int, selector: Mask | None = None) -> Hits:
        allowed = self._live
        if selector is not None:
            allowed = np.zeros_like(self._live)
            shared = min(len(selector), len(allowed))
            allowed[:shared] = self._live[:shared] & selector[:shared]
        bitmap = np.packbits(allowed, bitorder="little")
        selection = faiss.IDSelectorBitmap(bitmap)  # type: ignore[call-arg, arg-type] # the stubs describe the C++ side
        parameters = faiss.SearchParameters(sel=selection)  # type: ignore[call-arg] # as above
        scores, ids = self._index.search(np.ascontiguousarray(queries, dtype=np.float32), k, params=parameters)
        scores[ids < 0] = -np.inf
        return Hits(scores, ids)

    @override
    def similarities(self, queries: Vectors, ids: Ids) -> Vectors:
        self._must_hold(ids)
        rows = self._rows()
        # One matrix product over FAISS's own storage: its search would keep a heap per query only to give everything.
        if len(ids) < self._GATHER_BELOW * len(rows):
            return queries @ rows[ids].T
        return np.take(queries @ rows.T, ids, axis=1)

    @override
    def reconstruct(self, ids: Ids) -> Vectors:
        self._must_hold(ids)
        return self._rows()[ids]

    @override
    def clear(self) -> None:
        self._index.reset()
        self._live = np.zeros(0, dtype=np.bool_)
        self._count = 0

    def _rows(self) -> Vectors:
        """FAISS's storage as an array, not a copy. It moves when the index grows: do not keep it."""
        if self._index.ntotal == 0:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        flat = faiss.rev_swig_ptr(self._index.get_xb(), self._index.ntotal * self.dimensions)
        rows: Vectors = flat.reshape(-1, self.dimensions)
        return rows

    def _reach(self, size: int) -> None:
        """Grow to so many positions; the new ones are free."""
        more = size - len(self._live)
        if more > 0:
            self._index.add(np.zeros((more, self.dimensions), dtype=np.float32))
            self._live = np.concatenate([self._live, np.zeros(more, dtype=np.bool_)])

    def _must_hold(self, ids: Ids) -> None:
        if len(ids) and (ids.max() >= len(self._live) or ids.min() < 0 or not self._live[ids].all()):
            raise KeyError("an id is not in the index")
