"""Requests and people whose scores look like real ones: crafts, noise, and a few people whom everybody wants."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CRAFTS, RANK = 40, 12
LOWEST = 0.3


@dataclass(frozen=True)
class Market:
    """What is to be assigned.

    Attributes:
        scores: 0 to 1, shape (requests, people).
        places: Of each person, 1 to 3.
    """

    scores: NDArray[np.float32]
    places: NDArray[np.int64]


def market(requests: int, people: int, seed: int) -> Market:
    """One of them; the same for the same seed."""
    random = np.random.default_rng(seed)
    crafts = random.normal(size=(CRAFTS, RANK))

    def somebody(count: int) -> NDArray[np.float64]:
        vectors = crafts[random.integers(CRAFTS, size=count)] + 0.6 * random.normal(size=(count, RANK))
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    asked, offered = somebody(requests), somebody(people)
    popular = 0.06 * random.gumbel(size=people)
    fits = asked @ offered.T + popular + 0.05 * random.normal(size=(requests, people))
    scores = 1 / (1 + np.exp(-6 * (fits - 0.75)))
    return Market(scores.astype(np.float32), random.integers(1, 4, size=people))
