"""People and requests whose scores are spread as those of the sample roster are.

Of 30 requests against 238 people, with the real model (log-odds): mean -3.38; people differ by 0.26 whatever is asked
(a long profile answers a little of everything), requests by 0.15, and what is left is 0.54 with a long tail upwards,
those of the trade asked for. The first of a list has a score of 0.67 in the median, the tenth 0.09, and 90 % of all
stay below 0.06. The model, asked for 238 people: 0.64, 0.09 and 0.06. Within 0.15 below the tenth lie 4 in both.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

MEAN, OF_PEOPLE, OF_REQUESTS = -3.58, 0.26, 0.14
OF_PAIRS = 0.31
"""Scale of a Gumbel distribution: a few people come near every request, and nobody lies far below all others."""
TRADES = 100
OF_TRADE, SPREAD_IN_TRADE = 2.8, 1.8
"""What belonging to the trade asked for adds, on average, and by how much that differs from pair to pair."""
ERROR = 0.15
"""By how much a score misses how well somebody really fits: far less than its calibration could tell."""


@dataclass(frozen=True)
class Market:
    """Everybody and everything asked.

    Attributes:
        logits: Scores as log-odds, shape (requests, people).
        truth: How well each really fits, same shape and scale.
    """

    logits: Floats
    truth: Floats


def market(people: int, requests: int, seed: int) -> Market:
    """Make one. Some trades have many people and some few, and are asked for accordingly, but not always."""
    random = np.random.default_rng(seed)
    share = 1 / np.arange(1, TRADES + 1) ** 0.7
    share /= share.sum()
    trade_of = random.choice(TRADES, people, p=share)
    asked = random.choice(TRADES, requests, p=(share + 1 / TRADES) / 2)
    truth = (
        MEAN
        + OF_PEOPLE * random.normal(size=people)
        + OF_REQUESTS * random.normal(size=(requests, 1))
        + random.gumbel(0, OF_PAIRS, size=(requests, people))
    )
    of_trade = asked[:, None] == trade_of
    truth += of_trade * np.maximum(0, OF_TRADE + SPREAD_IN_TRADE * random.normal(size=truth.shape))
    logits = truth + ERROR * random.normal(size=truth.shape)
    return Market(logits.astype(np.float32), truth.astype(np.float32))
