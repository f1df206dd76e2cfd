"""Takes off what all texts have in common, and looks at what is asked from both sides.

Models of the e5 family put all texts near one direction, and their cosines lie between 0.75 and 0.92 whatever the
text. Most of that direction is taken off: the mean of the texts in `reference`, apart for what is asked and what is
found, and apart for Chinese and other languages. So cosines spread out, and a request in English finds people whose
profiles are Chinese on the same scale. And what is asked is embedded as a query and as a passage, and both are added:
a request may be two words or, like what it is compared with, a page.

docs/benchmarks.md has the figures.
"""

import hashlib
import logging
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yinling_matching.embedding.base import Embedder, Vectors, Wrapped
from yinling_matching.embedding.cache import make_once
from yinling_matching.embedding.reference import PASSAGES, QUERIES

_log = logging.getLogger(__name__)

SHARE = 0.85
"""How much of the mean is taken off. More is better for titles and skills, and worse for whole papers, without the
adapter. The adapter is learnt on what is left and belongs to this share."""

_AS_PASSAGE = 2.0
"""Weight of what is asked, seen as a passage, beside 1 for the same as a query."""

_CHINESE = re.compile("[\u3400-\u9fff]")

_FILE = "means.npy"


class CentredEmbedder(Wrapped):
    """A model with its means taken off. Works with any model; one that has no common direction is hardly changed."""

    def __init__(self, base: Embedder, cache_dir: Path | None = None) -> None:
        """Wrap a model.

        Args:
            base: The model.
            cache_dir: Where the means are kept; without it they are computed at every start, which takes a second.
        """
        super().__init__(base)
        self._name = centred_name(base.name)
        self._means = _means(base, centres_directory(cache_dir, base.name))

    @property
    def name(self) -> str:
        """Name of the model, with a checksum of what was taken off."""
        return self._name

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed what is searched for."""
        return _unit(_both_sides(self._base, texts) - self._means[0, languages(texts)])

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed what is found."""
        return _unit(self._base.encode_passages(texts) - self._means[1, languages(texts)])


def centred_name(base_name: str) -> str:
    """Name of the embedder that `CentredEmbedder` makes of a model."""
    said = "\0".join([str(SHARE), str(_AS_PASSAGE), *QUERIES, "", *PASSAGES])
    return f"{base_name}:centred-{hashlib.sha256(said.encode()).hexdigest()[:8]}"


def centres_directory(cache_dir: Path | None, base_name: str) -> Path | None:
    """Where the means of a model are kept."""
    if cache_dir is None:
        return None
    return cache_dir / "centres" / hashlib.sha256(centred_name(base_name).encode()).hexdigest()[:16]


def _means(base: Embedder, directory: Path | None) -> Vectors:
    """What is taken off, shape (2, 2, dimensions): asked or found, Chinese or not."""

    def build(fresh: Path) -> None:
        np.save(fresh / _FILE, _compute_means(base))

    if directory is not None:
        try:
            make_once(directory, build, lambda problem: _log.warning("means are made again: %s", problem))
            kept: Vectors = np.load(directory / _FILE)
        except OSError as error:
            # A cache that can only be read is no reason not to start.
            _log.info("means are not kept: %s", error)
        else:
            return kept
    return _compute_means(base)


def _compute_means(base: Embedder) -> Vectors:
    sides = [(QUERIES, _both_sides(base, QUERIES)), (PASSAGES, base.encode_passages(PASSAGES))]
    means = [[vectors[languages(texts) == language].mean(axis=0) for language in (0, 1)] for texts, vectors in sides]
    taken_off: Vectors = (SHARE * np.array(means)).astype(np.float32)
    return taken_off


def languages(texts: Sequence[str]) -> NDArray[np.int64]:
    """0 for texts with a Chinese character, 1 for others."""
    return np.array([0 if _CHINESE.search(text) else 1 for text in texts], dtype=np.int64)


def with_passages(queries: Vectors, passages: Vectors) -> Vectors:
    """What is asked, from both sides."""
    return _unit(queries + _AS_PASSAGE * passages)


def _both_sides(base: Embedder, texts: Sequence[str]) -> Vectors:
    return with_passages(*base.encode_both(texts))


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = (vectors / np.maximum(lengths, 1e-12)).astype(np.float32)
    return unit
