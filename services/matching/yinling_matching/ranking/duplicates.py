"""Near-duplicates: profiles that say nearly the same must not fill a list.

Two profiles say nearly the same where each text of the one has a text in the other that is nearly the same, and the
other way round. Texts count by the square root of their length: by number alone, a list of skills that half a trade
writes alike would outweigh the experience that tells two people apart; by length alone, a long bio would outweigh
everything else.

The threshold is for the default model. In the sample roster two different people come to 0.62 at most, and to 0.87
where position, employer, all skills and all certificates of the one are written into the other and only experience and
bio are their own. The same person imported again under another spelling of the employer comes to 0.89 at least and 0.99
mostly; a profile whose numbers alone are changed to 0.92 at least.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yinling_matching.catalogue.facets import Facet

Floats = NDArray[np.float32]

NEARLY_THE_SAME = 0.88
"""From this mean of cosines on, in both directions."""

LEAST_FACETS = 3
"""Who says less than this is never grouped: two electricians who write nothing but that are two electricians."""

_ALIKE = 0.92
"""Cosine of the mean vectors of two people below which they are not compared text by text, which spares nearly every
pair: two different people of the sample roster come to 0.85 at most, and copies planted in it to 0.94 at least."""


def grouped(profiles: Sequence[Sequence[Facet]], vectors: Floats, limit: int) -> list[list[int]]:
    """Put near-duplicates under the first of them.

    Args:
        profiles: Facets of some people, the best person first.
        vectors: Of all these facets in turn, of length 1; shape (facets, dimensions).
        limit: Groups at most.

    Returns:
        Positions in `profiles`: in each group first the one to show, then those that are nearly the same. The groups
        are in the order of their first; people beyond the limit who belong to none of them are left out.
    """
    texts = list(_texts(profiles, vectors))
    alike = _alike(texts)
    groups: dict[int, list[int]] = {}  # by their first
    for position, said in enumerate(texts):
        before = [first for first in np.flatnonzero(alike[position, :position]).tolist() if first in groups]
        first = next((first for first in before if _same(texts[first], said)), None)
        if first is not None:
            groups[first].append(position)
        elif len(groups) < limit:
            groups[position] = [position]
    return list(groups.values())


@dataclass(frozen=True, slots=True)
class _Texts:
    """What a person says. `weights` add up to 1."""

    vectors: Floats
    weights: Floats


def _texts(profiles: Sequence[Sequence[Facet]], vectors: Floats) -> Iterator[_Texts]:
    start = 0
    for facets in profiles:
        weights = np.sqrt([len(facet.text) for facet in facets], dtype=np.float32)
        if len(facets):
            weights /= weights.sum()
        yield _Texts(vectors[start : start + len(facets)], weights)
        start += len(facets)


def _alike(texts: Sequence[_Texts]) -> NDArray[np.bool_]:
    """Which pairs are worth a closer look, shape (people, people)."""
    alike = np.zeros((len(texts), len(texts)), np.bool_)
    many = [n for n, said in enumerate(texts) if len(said.weights) >= LEAST_FACETS]
    if many:
        means = np.array([texts[n].vectors.sum(axis=0) for n in many])
        means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
        alike[np.ix_(many, many)] = means @ means.T >= _ALIKE
    return alike


def _same(one: _Texts, other: _Texts) -> bool:
    cosines = one.vectors @ other.vectors.T
    there, back = cosines.max(axis=1) @ one.weights, cosines.max(axis=0) @ other.weights
    return bool(min(there, back) >= NEARLY_THE_SAME)
