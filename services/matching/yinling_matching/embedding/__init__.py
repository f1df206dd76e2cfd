"""Embedding models: one abstract class, the real one, and a fake for tests."""

from yinling_matching.embedding.base import Embedder, Vectors

__all__ = ["Embedder", "Vectors"]
