"""The optimal assignment among all pairs, found over few of them.

The flow is solved over the best candidates of each request. The prices that prove it optimal among these tell of every
other pair whether it could improve anything; those that could are let in, and it is solved again. When no pair is left
that could, the assignment is optimal among all: what was left out cost nothing.
"""

import numpy as np

from yinling_matching.cohort.flow import assign, gains, prices
from yinling_matching.cohort.problem import Numbers, Pairs, Problem

FIRST = 16
"""Candidates of each request that are tried first, beside as many as it wants."""

MORE = 32
"""Pairs of each request that are let in at once."""


def optimal(problem: Problem) -> Pairs:
    """As many places filled as can be and, of all such assignments, one with the highest sum of scores."""
    among = problem.best(problem.wanted + FIRST)
    while True:
        assigned = assign(problem, among)
        better = improving(problem, among, *prices(problem, among, assigned))
        if not len(better):
            return among[assigned]
        among = np.union1d(among, better)


def improving(problem: Problem, among: Pairs, of_requests: Numbers, of_people: Numbers) -> Pairs:
    """The best of the pairs that are not among those allowed and gain more than their sides are worth."""
    found = [
        _best_of_each(problem.requests(pairs), surplus[surplus > 0], pairs)
        for block in problem.blocks()
        for left_out in [np.setdiff1d(block, among, assume_unique=True)]
        for surplus in [
            gains(problem, left_out) - of_requests[problem.requests(left_out)] - of_people[problem.people[left_out]]
        ]
        for pairs in [left_out[surplus > 0]]
    ]
    return np.concatenate([*found, np.zeros(0, np.int64)])


def _best_of_each(requests: Numbers, surplus: Numbers, pairs: Pairs) -> Pairs:
    order = np.lexsort((-surplus, requests))
    _, firsts, counts = np.unique(requests, return_index=True, return_counts=True)
    rank = np.arange(len(order)) - np.repeat(firsts, counts)
    return pairs[order[rank < MORE]]
