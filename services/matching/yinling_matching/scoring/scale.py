"""The scale that scores are shown on: the chance that a judge would call a match good, and that chance in a word."""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

MIDDLE, SLOPE = 0.639, 6.7
"""Of the logistic map from fits to scores, for the default model. Platt scaling; `make calibrate` fits and prints them.
Another model needs its own."""

STRONG, GOOD, POSSIBLE = 0.7, 0.4, 0.2
"""Least score of each label, as a chance: seven in ten, four in ten, one in five. In the judged set all whom they call
strong or good are so, one in four of the possible ones, and one in a hundred of the weak."""


class Label(IntEnum):
    """A score in a word. The numbers are those of the contract."""

    STRONG = 1
    GOOD = 2
    POSSIBLE = 3
    WEAK = 4


def label_of(score: float) -> Label:
    """The word for a score or a strength."""
    for label, least in ((Label.STRONG, STRONG), (Label.GOOD, GOOD), (Label.POSSIBLE, POSSIBLE)):
        if score >= least:
            return label
    return Label.WEAK


def logits_of(fits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Log-odds of a good match, same shape."""
    logits: NDArray[np.float64] = SLOPE * (fits.astype(np.float64) - MIDDLE)
    return logits


def calibrated(fits: Floats) -> Floats:
    """Map fits to 0..1. Keeps the order."""
    scores: Floats = (1.0 / (1.0 + np.exp(-logits_of(fits)))).astype(np.float32)
    return scores
