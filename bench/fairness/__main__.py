"""What balancing brings and costs: `python -m bench.fairness`.

Requests come one after the other, and each shows ten people. Who was shown how often, and how good the lists are, is
printed for several ways to order people of equal fit.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from bench.fairness.model import Floats, Market, market
from yinling_matching.ranking.adjustments import Shifts, sigmoid
from yinling_matching.ranking.balance import WIDTH, balanced, within_reach

LIMIT = 10
FIRST = 3
WIDTHS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.5)
"""Of log-odds, that are tried."""

Counts = NDArray[np.int32]
Order = Callable[[Floats, Counts, str], NDArray[np.int64]]
"""People in the order of a list, from their log-odds and how often each was shown."""


@dataclass(frozen=True)
class Outcome:
    """What came out.

    Attributes:
        gini: Of the exposures of everybody: 0 where all were shown equally often, 1 where one person alone was.
        never: Share of the people who were shown for no request.
        most: Requests for which the most shown person was shown.
        by_score: nDCG of the lists where the score is taken for the truth.
        by_truth: nDCG of the lists by how well people really fit.
        first_three: nDCG of the first three places by how well people really fit.
        milliseconds: To order one list.
    """

    gini: float
    never: float
    most: int
    by_score: float
    by_truth: float
    first_three: float
    milliseconds: float


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.fairness", description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--requests", type=int, default=500)
    parser.add_argument("--seeds", type=int, default=5, help="simulations whose mean is printed")
    arguments = parser.parse_args()
    markets = [market(arguments.people, arguments.requests, seed) for seed in range(arguments.seeds)]
    best = -np.sort(-np.concatenate([one.logits for one in markets]), axis=1)
    scores = sigmoid(best)
    print(f"{arguments.people} people, {arguments.requests} requests, {LIMIT} places each, {len(markets)} simulations")
    print(
        f"scores: first {np.median(scores[:, 0]):.2f}, tenth {np.median(scores[:, 9]):.2f},"
        f" hundredth {np.median(scores[:, 99]):.2f}; within {WIDTH} of log-odds below the tenth:"
        f" {np.median((best >= best[:, 9:10] - WIDTH).sum(axis=1) - LIMIT):.0f} people\n"
    )
    ways: dict[str, Order] = {"by score alone": by_score}
    ways |= {f"balanced, width {width:.2f}": by_balance(width) for width in WIDTHS}
    ways[f"bands from the best, {WIDTH:.2f}"] = by_bands
    ways[f"bins of the scale, {WIDTH:.2f}"] = by_bins
    print("| order | Gini | never shown | most shown | nDCG by score | nDCG by fit | first three | ms |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, order in ways.items():
        found = [simulate(one, order) for one in markets]
        gini, never, most, scored, true, first, took = np.mean([list(vars(one).values()) for one in found], axis=0)
        print(
            f"| {name} | {gini:.3f} | {never:.1%} | {most:.0f} | {scored:.4f} | {true:.4f} | {first:.4f} | {took:.2f} |"
        )


def simulate(given: Market, order: Order) -> Outcome:
    """Let each request show its list in turn."""
    shown = np.zeros(given.logits.shape[1], np.int32)
    worth = zip(sigmoid(given.logits), sigmoid(given.truth), strict=True)
    by_score_, by_truth, first_three, took = [], [], [], 0.0
    for request, (logits, (scored, true)) in enumerate(zip(given.logits, worth, strict=True)):
        started = perf_counter()
        found = order(logits, shown, f"request {request}")
        took += perf_counter() - started
        shown[found] += 1
        by_score_.append(_ndcg(scored, found, LIMIT))
        by_truth.append(_ndcg(true, found, LIMIT))
        first_three.append(_ndcg(true, found, FIRST))
    return Outcome(
        gini=_gini(shown),
        never=float(np.mean(shown == 0)),
        most=int(shown.max()),
        by_score=float(np.mean(by_score_)),
        by_truth=float(np.mean(by_truth)),
        first_three=float(np.mean(first_three)),
        milliseconds=1000 * took / len(given.logits),
    )


def by_score(logits: Floats, shown: Counts, request_id: str) -> NDArray[np.int64]:
    """The best."""
    return np.argsort(-logits, kind="stable")[:LIMIT]


def by_balance(width: float) -> Order:
    """As the service does it."""

    def order(logits: Floats, shown: Counts, request_id: str) -> NDArray[np.int64]:
        near = within_reach(logits, LIMIT, width)
        ids = [f"{position:06}" for position in near.tolist()]
        return near[balanced(logits[near], ids, shown[near], request_id=request_id, limit=LIMIT, width=width)]

    return order


def by_bands(logits: Floats, shown: Counts, request_id: str) -> NDArray[np.int64]:
    """A band reaches down from its best; the next one begins with the best below it."""
    best_first = np.argsort(-logits, kind="stable")[: 5 * LIMIT]
    band, top = np.zeros(len(best_first), np.int64), logits[best_first[0]]
    for place, position in enumerate(best_first.tolist()):
        band[place] = band[place - 1] if place else 0
        if logits[position] < top - WIDTH:
            band[place] += 1
            top = logits[position]
    return best_first[np.lexsort((shown[best_first], band))][:LIMIT]


def by_bins(logits: Floats, shown: Counts, request_id: str) -> NDArray[np.int64]:
    """Fixed edges on the scale."""
    return np.lexsort((shown, -np.floor(logits / WIDTH)))[:LIMIT]


def _ndcg(gains: Shifts, found: NDArray[np.int64], places: int) -> float:
    discounts = 1 / np.log2(np.arange(2, places + 2))
    best = -np.sort(-gains)[:places]
    return float((gains[found[:places]] @ discounts) / (best @ discounts))


def _gini(shown: Counts) -> float:
    ordered = np.sort(shown).astype(float)
    ranks = np.arange(1, len(ordered) + 1)
    return float((2 * ranks - len(ordered) - 1) @ ordered / (len(ordered) * ordered.sum()))


if __name__ == "__main__":
    main()
