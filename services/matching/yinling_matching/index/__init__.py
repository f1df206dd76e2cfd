"""Indexes of vectors: one abstract class, the FAISS one, and an exact reference that tests compare with."""

from yinling_matching.index.base import Hits, VectorIndex
from yinling_matching.index.flat import FlatIndex

__all__ = ["FlatIndex", "Hits", "VectorIndex"]
