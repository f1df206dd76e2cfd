"""Maps from fits to the chance of a good match: Platt's logistic map, and an isotonic one to compare with."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Platt:
    """1 / (1 + exp(-slope × (fit - middle)))."""

    slope: float
    middle: float

    def __call__(self, fits: Values) -> Values:
        """Chances, same shape."""
        chances: Values = 1 / (1 + np.exp(-self.slope * (fits - self.middle)))
        return chances


@dataclass(frozen=True)
class Isotonic:
    """Steps that never fall, and straight lines between their middles."""

    fits: Values
    chances: Values

    def __call__(self, fits: Values) -> Values:
        """Chances, same shape."""
        found: Values = np.interp(fits, self.fits, self.chances)
        return found


def platt(fits: Values, good: Values, weights: Values) -> Platt:
    """The logistic map of greatest likelihood, by Newton's method."""
    weights = weights / weights.sum()
    design = np.stack([fits, np.ones_like(fits)], axis=1)
    theta = np.zeros(2)
    for _ in range(50):
        chance = 1 / (1 + np.exp(-design @ theta))
        gradient = design.T @ (weights * (good - chance))
        curvature = (design * (weights * chance * (1 - chance))[:, None]).T @ design
        step = np.linalg.solve(curvature, gradient)
        theta += step
        if np.abs(step).max() < 1e-9:
            break
    return Platt(float(theta[0]), float(-theta[1] / theta[0]))


def isotonic(fits: Values, good: Values, weights: Values) -> Isotonic:
    """The rising steps nearest to the labels: neighbours that fall are put together until none does."""
    order = np.argsort(fits, kind="stable")
    steps: list[list[float]] = []  # weight, chance, middle of the fits
    for fit, label, weight in zip(fits[order], good[order], weights[order], strict=True):
        steps.append([float(weight), float(label), float(fit)])
        while len(steps) > 1 and steps[-2][1] >= steps[-1][1]:
            last, before = steps.pop(), steps[-1]
            both = before[0] + last[0]
            before[1:] = [(before[0] * x + last[0] * y) / both for x, y in zip(before[1:], last[1:], strict=True)]
            before[0] = both
    return Isotonic(np.array([step[2] for step in steps]), np.array([step[1] for step in steps]))
