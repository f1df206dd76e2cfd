"""The simulation of fairness: what it measures is what it says."""

import numpy as np

from bench.fairness.__main__ import LIMIT, by_balance, by_bands, by_bins, by_score, simulate
from bench.fairness.model import market


def test_balancing_brings_more_than_it_costs() -> None:
    given = market(300, 200, 1)
    plain, fair = simulate(given, by_score), simulate(given, by_balance(0.03))
    assert plain.by_score == 1
    assert fair.gini < plain.gini
    assert fair.never < plain.never
    assert fair.most < plain.most
    assert plain.by_truth - fair.by_truth < 0.015


def test_every_order_lists_different_people() -> None:
    scores = market(100, 1, 2).scores[0]
    for order in (by_score, by_balance(0.03), by_bands, by_bins):
        assert len(set(order(scores, np.zeros(100, np.int32), "r").tolist())) == LIMIT


def test_scores_are_spread_as_those_of_the_sample_roster() -> None:
    scores = np.concatenate([market(238, 200, seed).scores for seed in range(3)])
    best = -np.sort(-scores, axis=1)
    assert 0.6 < np.median(best[:, 0]) < 0.8
    assert 0.2 < np.median(best[:, 9]) < 0.3
    assert 0.17 < np.quantile(scores, 0.9) < 0.23
