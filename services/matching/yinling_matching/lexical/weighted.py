"""A query as an index weighs it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

_LONG, _USUAL = 0.7, 30.0
"""What is said in a sentence can stand in a facet as a whole; of a page only some can. So a long query is not divided
by all that it says (`_LONG` of 1 would be its covered share), and one that says `_USUAL` is the measure."""


@dataclass(frozen=True)
class WeightedTerms:
    """The terms of a query.

    Attributes:
        weights: Weight times inverse document frequency of each; those that no facet holds included.
    """

    weights: Mapping[str, float]

    @cached_property
    def measure(self) -> float:
        """What sums over the terms are divided by, so that those of several queries compare."""
        total = sum(self.weights.values())
        return float(total**_LONG * _USUAL ** (1 - _LONG)) if total else 1.0


def measures_of(totals: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same for very many: the measures of queries whose weights add up to these totals."""
    return np.where(totals > 0, totals**_LONG * _USUAL ** (1 - _LONG), 1.0)


def measures(queries: Sequence[WeightedTerms]) -> NDArray[np.float32]:
    """Of several queries, as a column."""
    return np.array([query.measure for query in queries], dtype=np.float32).reshape(-1, 1)
