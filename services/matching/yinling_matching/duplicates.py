"""Near-duplicates: profiles that say nearly the same must not fill a list.

Two profiles say nearly the same where each text of the one has a text in the other that is nearly the same, and the
other way round. Texts count by the square root of their length: by number alone, a list of skills that half a trade
writes alike would outweigh the experience that tells two people apart; by length alone, a long bio would outweigh
everything else.

The threshold is for the default model. In the sample roster two different people come to 0.65 at most, and to 0.89
where position, employer, all skills and all certificates of the one are written into the other and only experience and
bio are their own. The same person imported again under another spelling of the employer comes to 0.89 at least and 0.99
mostly; a profile whose numbers alone are changed to 0.94 at least.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yinling_matching.facets import Facet

Floats = NDArray[np.float32]

NEARLY_THE_SAME = 0.90
"""From this mean of cosines on, in both directions."""

LEAST_FACETS = 3
"""Who says less than this is never grouped: two electricians who write nothing but that are two electricians."""

_FIRST_LOOK = 2
"""Longest texts of each person that are compared first: they rule out nearly every pair, at a fraction of the work."""


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
    possible = _possible(texts)
    groups: list[list[int]] = []
    for position, said in enumerate(texts):
        for group in groups:
            if possible[group[0], position] and _same(texts[group[0]], said):
                group.append(position)
                break
        else:
            if len(groups) < limit:
                groups.append([position])
    return groups


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


def _possible(texts: Sequence[_Texts]) -> NDArray[np.bool_]:
    """Which pairs can be the same, whatever their shorter texts say; shape (people, people)."""
    possible = np.zeros((len(texts), len(texts)), np.bool_)
    many = [n for n, said in enumerate(texts) if len(said.weights) >= LEAST_FACETS]
    if len(many) < 2:
        return possible
    starts = np.cumsum([0] + [len(texts[n].weights) for n in many[:-1]])
    chosen = [np.argpartition(texts[n].weights, -_FIRST_LOOK)[-_FIRST_LOOK:] for n in many]
    longest = np.concatenate([texts[n].vectors[rows] for n, rows in zip(many, chosen, strict=True)])
    weights = np.array([texts[n].weights[rows] for n, rows in zip(many, chosen, strict=True)])
    cosines = longest @ np.concatenate([texts[n].vectors for n in many]).T
    best = np.maximum.reduceat(cosines, starts, axis=1).reshape(len(many), _FIRST_LOOK, len(many))
    # As if all other texts were the same.
    at_most = 1 - np.einsum("pk,pko->po", weights, 1 - best)
    possible[np.ix_(many, many)] = np.minimum(at_most, at_most.T) >= NEARLY_THE_SAME
    return possible


def _same(one: _Texts, other: _Texts) -> bool:
    cosines = one.vectors @ other.vectors.T
    there, back = cosines.max(axis=1) @ one.weights, cosines.max(axis=0) @ other.weights
    return bool(min(there, back) >= NEARLY_THE_SAME)
