"""The optimal assignment over some of the pairs, as a flow of least cost, and the prices that prove it.

Each request sends the people it wants as a flow: through a pair, through the person's places, to the end; or past them
all, which gains nothing. A filled place gains more than any rearrangement of scores can bring, so that places come
first and scores second, in one exact calculation: scores are taken as multiples of 2^-30, and everything is whole
numbers.
"""

import numpy as np
from ortools.graph.python import min_cost_flow  # type: ignore[import-untyped] # ships no types

from yinling_matching.cohort.problem import Mask, Numbers, Pairs, Problem

UNIT = 1 << 30
"""Steps between a score of 0 and one of 1."""

_NEVER = np.int64(1 << 60)
"""More than anything is worth."""


def gains(problem: Problem, pairs: Pairs) -> Numbers:
    """What it brings to assign some pairs: a place filled, and the score.

    A rearrangement goes through each request and each person once at most, so scores can change by no more than there
    are of the fewer.
    """
    filled = UNIT * (min(len(problem.wanted), len(problem.places)) + 1)
    return np.rint(problem.scores[pairs].astype(np.float64) * UNIT).astype(np.int64) + filled


def assign(problem: Problem, among: Pairs) -> Mask:
    """Which of some pairs are assigned, where no others are allowed; optimal among them."""
    requests = problem.requests(among)
    people, person = np.unique(problem.people[among], return_inverse=True)
    first_person, end = len(problem.wanted), len(problem.wanted) + len(people)
    every_request, every_person = np.arange(first_person), np.arange(first_person, end)
    arcs: list[tuple[Numbers, Numbers, Numbers, Numbers]] = [
        (requests, first_person + person, np.ones_like(among), -gains(problem, among)),
        (every_person, np.full_like(every_person, end), problem.places[people], np.zeros_like(every_person)),
        (every_request, np.full_like(every_request, end), problem.wanted, np.zeros_like(every_request)),
    ]
    tails, heads, capacities, costs = (np.concatenate(parts) for parts in zip(*arcs, strict=True))
    flow = min_cost_flow.SimpleMinCostFlow()
    flow.add_arcs_with_capacity_and_unit_cost(tails.astype(np.int32), heads.astype(np.int32), capacities, costs)
    supplies = np.zeros(end + 1, np.int64)
    supplies[:first_person], supplies[end] = problem.wanted, -problem.wanted.sum()
    flow.set_nodes_supplies(np.arange(end + 1, dtype=np.int32), supplies)
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise ArithmeticError(f"a flow over {len(among)} pairs was not solved: {status}")
    flows: Numbers = flow.flows(np.arange(len(among)))
    return flows > 0


def prices(problem: Problem, among: Pairs, assigned: Mask) -> tuple[Numbers, Numbers]:
    """What one more wanted by each request, and one more place of each person, is worth in an optimal assignment.

    By the duality of linear programs, the assignment is optimal among all pairs where each that is not assigned gains
    no more than its two sides are worth together. For those that were allowed that holds; for the others it can be
    looked up with these prices.

    Args:
        problem: All pairs.
        among: Positions of the pairs allowed, ascending.
        assigned: Which of them are assigned.

    Returns:
        Of requests, shape (requests,), and of people, shape (people,). None is below 0.
    """
    free, taken = among[~assigned], among[assigned]
    taken = taken[np.argsort(problem.people[taken], kind="stable")]
    free_person, taken_request = problem.people[free], problem.requests(taken)
    free_gain, taken_gain = gains(problem, free), gains(problem, taken)
    owners, firsts = np.unique(problem.requests(free), return_index=True)
    holders, firsts_taken = np.unique(problem.people[taken], return_index=True)
    used = np.bincount(problem.people[taken], minlength=len(problem.places))
    # A place that nobody has is worth nothing; another one the least that somebody loses by giving it up.
    of_people = np.where(used < problem.places, np.int64(0), _NEVER)
    of_requests = np.zeros(len(problem.wanted), np.int64)
    # Shortest ways to a place that is free, or to leaving a request without: until none gets shorter.
    while True:
        before = of_requests, of_people
        of_requests, of_people = of_requests.copy(), of_people.copy()
        if len(owners):
            offers = np.maximum.reduceat(free_gain - before[1][free_person], firsts)
            of_requests[owners] = np.maximum(offers, 0)
        if len(holders):
            losses = np.minimum.reduceat(taken_gain - of_requests[taken_request], firsts_taken)
            of_people[holders] = np.minimum(of_people[holders], losses)
        if np.array_equal(before[0], of_requests) and np.array_equal(before[1], of_people):
            return of_requests, of_people
