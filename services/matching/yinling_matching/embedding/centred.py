"""Takes off what all texts have in common, and looks at what is asked from both sides.

Models of the e5 family put all texts near one direction, and their cosines lie between 0.75 and 0.92 whatever the
text. Most of that direction is taken off: the mean of the texts in `reference`, for what is asked and what is found
apart. Unrelated texts then have a cosine of 0.3 or less. And what is asked is embedded as a query and as a passage,
and the mean of both is used: a request may be two words or, like what it is compared with, a page. On the labelled
sets both together are better than the plain model everywhere: see docs/benchmarks.md.
"""

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from yinling_matching.embedding.base import Embedder, Vectors
from yinling_matching.embedding.cache import make_once
from yinling_matching.embedding.reference import PASSAGES, QUERIES

_log = logging.getLogger(__name__)

_SHARE = 0.8
"""How much of the mean is taken off. All of it would be a little better for titles, and worse for long texts."""

_FILE = "means.npy"


class CentredEmbedder(Embedder):
    """A model with its means taken off. Works with any model; one that has no common direction is hardly changed."""

    def __init__(self, base: Embedder, cache_dir: Path | None = None) -> None:
        """Wrap a model.

        Args:
            base: The model.
            cache_dir: Where the means are kept; without it they are computed at every start, which takes a second.
        """
        self._base = base
        self._name = centred_name(base.name)
        self._query_mean, self._passage_mean = _means(base, centres_directory(cache_dir, base.name))

    @property
    def name(self) -> str:
        """Name of the model, with a checksum of what was taken off."""
        return self._name

    @property
    def dimensions(self) -> int:
        """Those of the model."""
        return self._base.dimensions

    @property
    def max_batch(self) -> int:
        """That of the model."""
        return self._base.max_batch

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed what is searched for."""
        return _unit(_both_sides(self._base, texts) - self._query_mean)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed what is found."""
        return _unit(self._base.encode_passages(texts) - self._passage_mean)

    def close(self) -> None:
        """Close the model."""
        self._base.close()


def centred_name(base_name: str) -> str:
    """Name of the embedder that `CentredEmbedder` makes of a model."""
    said = "\0".join([str(_SHARE), *QUERIES, "", *PASSAGES])
    return f"{base_name}:centred-{hashlib.sha256(said.encode()).hexdigest()[:8]}"


def centres_directory(cache_dir: Path | None, base_name: str) -> Path | None:
    """Where the means of a model are kept."""
    if cache_dir is None:
        return None
    return cache_dir / "centres" / hashlib.sha256(centred_name(base_name).encode()).hexdigest()[:16]


def _means(base: Embedder, directory: Path | None) -> tuple[Vectors, Vectors]:
    def build(fresh: Path) -> None:
        np.save(fresh / _FILE, _compute_means(base))

    means = None
    if directory is not None:
        try:
            make_once(directory, build, lambda problem: _log.warning("means are made again: %s", problem))
            means = np.load(directory / _FILE)
        except OSError as error:
            # A cache that can only be read is no reason not to start.
            _log.info("means are not kept: %s", error)
    if means is None:
        means = _compute_means(base)
    return means[0], means[1]


def _compute_means(base: Embedder) -> Vectors:
    means = np.stack([_both_sides(base, QUERIES).mean(axis=0), base.encode_passages(PASSAGES).mean(axis=0)])
    taken_off: Vectors = (_SHARE * means).astype(np.float32)
    return taken_off


def _both_sides(base: Embedder, texts: Sequence[str]) -> Vectors:
    queries, passages = base.encode_both(texts)
    return _unit(queries + passages)


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = (vectors / np.maximum(lengths, 1e-12)).astype(np.float32)
    return unit
