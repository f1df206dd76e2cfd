"""The simulation of fairness: what it measures is what it says."""

import numpy as np

from bench.fairness.__main__ import LIMIT, by_balance, by_bands, by_bins, by_score, simulate
from bench.fairness.model import market
from yinling_matching.ranking.balance import WIDTH


def test_balancing_brings_more_than_it_costs() -> None:
    given = market(1000, 200, 1)
    plain, fair = simulate(given, by_score), simulate(given, by_balance(WIDTH))
    assert plain.by_score == 1
    assert fair.gini < plain.gini
    assert fair.never < plain.never
    assert fair.most < plain.most
    assert plain.by_truth - fair.by_truth < 0.015


def test_every_order_lists_different_people() -> None:
    logits = market(100, 1, 2).logits[0]
    for order in (by_score, by_balance(WIDTH), by_bands, by_bins):
        assert len(set(order(logits, np.zeros(100, np.int32), "r").tolist())) == LIMIT


def test_scores_are_spread_as_those_of_the_sample_roster() -> None:
    logits = np.concatenate([market(238, 200, seed).logits for seed in range(3)])
    scores = 1 / (1 + np.exp(-logits))
    best = -np.sort(-scores, axis=1)
    assert 0.55 < np.median(best[:, 0]) < 0.75
    assert 0.06 < np.median(best[:, 9]) < 0.12
    assert 0.02 < np.median(scores) < 0.05
