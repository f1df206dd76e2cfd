"""People and requests whose scores are spread as those of the sample roster are.

Of 30 requests against 238 people, with the real model (logit of the score): mean -2.06; people differ by 0.41 whatever
is asked (a long profile answers a little of everything: the same few are high everywhere), requests by 0.21, and what
is left is 0.44 with a long tail upwards, those of the trade asked for. The first of a list has 0.73 in the median, the
tenth 0.26, and 90 % of all stay below 0.21. The model, asked for 238 people: 0.71, 0.24 and 0.20.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

MEAN, OF_PEOPLE, OF_REQUESTS, OF_PAIRS = -2.07, 0.41, 0.21, 0.25
TRADES = 100
OF_TRADE, SPREAD_IN_TRADE = 2.2, 1.2
"""What belonging to the trade asked for adds, on average, and by how much that differs from pair to pair."""
ERROR = 0.15
"""By how much a score misses how well somebody really fits: far less than its calibration could tell."""


@dataclass(frozen=True)
class Market:
    """Everybody and everything asked.

    Attributes:
        scores: Shape (requests, people).
        truth: How well each really fits, same shape and scale.
    """

    scores: Floats
    truth: Floats


def market(people: int, requests: int, seed: int) -> Market:
    """Make one. Some trades have many people and some few, and are asked for accordingly, but not always."""
    random = np.random.default_rng(seed)
    share = 1 / np.arange(1, TRADES + 1) ** 0.7
    share /= share.sum()
    trade_of = random.choice(TRADES, people, p=share)
    asked = random.choice(TRADES, requests, p=(share + 1 / TRADES) / 2)
    logit = (
        MEAN
        + OF_PEOPLE * random.normal(size=people)
        + OF_REQUESTS * random.normal(size=(requests, 1))
        + OF_PAIRS * random.normal(size=(requests, people))
    )
    of_trade = asked[:, None] == trade_of
    logit += of_trade * np.maximum(0, OF_TRADE + SPREAD_IN_TRADE * random.normal(size=logit.shape))
    scores = logit + ERROR * random.normal(size=logit.shape)
    return Market(_logistic(scores), _logistic(logit))


def _logistic(values: NDArray[np.float64]) -> Floats:
    return (1 / (1 + np.exp(-values))).astype(np.float32)
