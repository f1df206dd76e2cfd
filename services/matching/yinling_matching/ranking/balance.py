"""Who comes first among people who fit equally well: those who had fewer chances.

The best few of a trade would otherwise be shown to everyone, for a difference in score that means nothing. People whose
log-odds differ by less than a width count as fitting equally well; of these whoever was shown for fewer other requests
comes first. Where that is equal too the higher score decides, so that nothing is lost where there is nothing to make
up for, and last a fixed order by chance, another one for each request.

The width is one of log-odds and not of scores: near the middle it is the same, but of a score of .02 nearly everybody
is within .03, and they do not fit alike. Equal fit is not a bin of the scale: .6999 and .7001 would lie in different
bins. For each place of the list everybody is looked at who lies no more than the width below the best one who is still
to be placed. So nobody ever stands above somebody who is higher by more than the width, whoever the others are: that is
the price, at most, for one place. `python -m bench.fairness` measures what it brings and what it costs.
"""

from collections.abc import Sequence
from hashlib import blake2b
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]

WIDTH = 0.15
"""Of log-odds: people count as fitting equally well within it. Near a score of .5 that is .04, near .1 it is .01."""

_DEEPEST = 4
"""At most so many times the places are looked at, so that a request that says little does not compare everybody."""


def within_reach(logits: Floats, limit: int, width: float = WIDTH) -> Indices:
    """Positions of everybody who can come into the first `limit` places, in no order."""
    reach = np.arange(len(logits))
    if limit < len(logits):
        last = np.partition(logits, len(logits) - limit)[len(logits) - limit]
        reach = np.flatnonzero(logits >= last - np.float32(width))
    if (most := _DEEPEST * limit) < len(reach):
        last = np.partition(logits[reach], len(reach) - most)[len(reach) - most]
        # Who is exactly as good as the last of them is not left out for it.
        reach = reach[logits[reach] >= last]
    return reach


def balanced(
    logits: Floats,
    profile_ids: Sequence[str],
    turns: NDArray[np.integer],
    *,
    request_id: str,
    limit: int,
    width: float = WIDTH,
) -> Indices:
    """The order in which people are shown.

    Args:
        logits: Scores of some people as log-odds, shape (people,); all that are `within_reach`, in any order.
        profile_ids: Theirs.
        turns: Whose turn it is, the smaller the sooner, as `Ledger.turns` has it. What was shown for this very request
            must not be counted: the same request shows the same list again.
        request_id: Chooses the order by chance of those who are equal in all.
        limit: People at most.
        width: See the module; with 0 only equal ones are equal.

    Returns:
        Positions in `logits`, at most `limit`.
    """
    chance = [_chance(request_id, profile_id) for profile_id in profile_ids]
    order = np.argsort(-logits, kind="stable").tolist()
    # Below the best one of all that are left, and not below the one before: floats are compared as they are.
    bounds = (logits - np.float32(width)).tolist()
    values = logits.tolist()
    ranks = turns.tolist()
    open_: list[tuple[int, float, int, str, int]] = []
    placed: set[int] = set()
    found: list[int] = []
    best = come = 0
    while len(found) < min(limit, len(values)):
        while order[best] in placed:
            best += 1
        bound = bounds[order[best]]
        while come < len(order) and values[order[come]] >= bound:
            position = order[come]
            heappush(open_, (ranks[position], -values[position], chance[position], profile_ids[position], position))
            come += 1
        position = heappop(open_)[-1]
        placed.add(position)
        found.append(position)
    return np.array(found, dtype=np.int64)


def by_turn(logits: Floats, order: Indices) -> NDArray[np.bool_]:
    """For each place of `balanced`: whether somebody with a higher score stands below it, or has none."""
    placed = logits[order]
    left_out = np.delete(logits, order).max(initial=-np.inf)
    below = np.append(placed[1:], np.float32(left_out))[: len(placed)]
    return np.maximum.accumulate(below[::-1])[::-1] > placed


def _chance(request_id: str, profile_id: str) -> int:
    """The same on every replica and after every restart."""
    return int.from_bytes(blake2b(f"{request_id} {profile_id}".encode(), digest_size=8).digest(), "big")
