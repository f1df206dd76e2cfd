"""What rankings and scores are judged by: agreement of readings, nDCG, precision, intervals, calibration."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

_RESAMPLES = 4000


@dataclass(frozen=True)
class Mean:
    """A mean over requests, with its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


@dataclass(frozen=True)
class Bin:
    """Pairs whose scores lie near each other.

    Attributes:
        share: Of all weight.
        score: Mean score.
        good: Share of them that is good.
    """

    share: float
    score: float
    good: float


def quadratic_kappa(first: Values, second: Values, highest: int) -> float:
    """Agreement beyond chance of two readings with grades 0 to `highest`; a distance of 2 counts four times."""
    seen = np.zeros((highest + 1, highest + 1))
    np.add.at(seen, (first.astype(int), second.astype(int)), 1)
    by_chance = np.outer(seen.sum(axis=1), seen.sum(axis=0)) / seen.sum()
    distance = np.subtract.outer(np.arange(highest + 1), np.arange(highest + 1)) ** 2
    expected = float((distance * by_chance).sum())
    return 1 - float((distance * seen).sum()) / expected if expected else 1.0


def ndcg(scores: Values, grades: Values, depth: int = 10) -> float:
    """Of one request, nDCG with the gain 2^grade - 1; NaN where nobody has a grade above 0. Ties count against it."""
    gains = 2.0**grades - 1
    discounts = 1 / np.log2(np.arange(2, depth + 2))
    got, best = _first(scores, gains, depth), np.sort(gains)[::-1][:depth]
    if not best.any():
        return float("nan")
    return float(got @ discounts[: len(got)] / (best @ discounts[: len(best)]))


def precision(scores: Values, good: Values, depth: int = 5) -> float:
    """Share of the first that is good. Ties count against it."""
    return float(_first(scores, good.astype(float), depth).sum() / depth)


def mean_of(values: Values) -> Mean:
    """Mean of what is no NaN, and its interval: requests drawn anew with replacement, always the same draws."""
    values = values[~np.isnan(values)]
    drawn = np.random.default_rng(0).integers(len(values), size=(_RESAMPLES, len(values)))
    low, high = np.percentile(values[drawn].mean(axis=1), [2.5, 97.5])
    return Mean(float(values.mean()), float(low), float(high))


def bins(scores: Values, good: Values, weights: Values, *, count: int = 10, equal_mass: bool) -> list[Bin]:
    """Pairs by score, in bins that are equally wide, or that hold equal weight as far as equal scores let them."""
    order = np.argsort(scores, kind="stable")
    scores, good, weights = scores[order], good[order], weights[order]
    if equal_mass:
        before = np.cumsum(weights) - weights
        first = before[np.searchsorted(scores, scores)]  # equal scores stay together
        place = np.minimum((first / weights.sum() * count + 1e-9).astype(int), count - 1)
    else:
        place = np.minimum((scores * count).astype(int), count - 1)
    found = []
    for one in np.unique(place):
        within = place == one
        mass = weights[within]
        share = float(mass.sum() / weights.sum())
        found.append(
            Bin(share, float(np.average(scores[within], weights=mass)), float(np.average(good[within], weights=mass)))
        )
    return found


def calibration_error(scores: Values, good: Values, weights: Values, *, equal_mass: bool) -> float:
    """Expected calibration error in ten bins: how far scores are from the share that is good, on average."""
    return sum(one.share * abs(one.score - one.good) for one in bins(scores, good, weights, equal_mass=equal_mass))


def _first(scores: Values, gains: Values, depth: int) -> Values:
    return gains[np.lexsort((gains, -scores))][:depth]
