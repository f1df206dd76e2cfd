"""The ways of assigning that are compared. Each gives pairs of request and person, from the matrix of all scores."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment, linprog
from scipy.sparse import coo_matrix, csr_matrix, vstack
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from bench.cohort.market import LOWEST, Market
from yinling_matching.cohort.gathering import SPARE, best_of
from yinling_matching.cohort.greedy import greedy
from yinling_matching.cohort.optimal import optimal
from yinling_matching.cohort.problem import Pairs, Problem
from yinling_matching.cohort.stable import stable

Assigned = Sequence[tuple[int, int]]

FEW = 50
"""Candidates of each request where a method is given only some, without a proof that they are enough."""

FILLED = 1000.0
"""Worth more than all scores together of a request."""


def problem_of(market: Market, most: int) -> Problem:
    """The best candidates of each request."""
    kept = [best_of(row, most, LOWEST) for row in market.scores]
    requests = np.repeat(np.arange(len(kept)), [len(row) for row in kept])
    people = np.concatenate(kept)
    wanted = np.ones(len(kept), np.int64)
    return Problem.of(requests, people, market.scores[requests, people], wanted, market.places)


def _ours(solve: Callable[[Problem], Pairs]) -> Callable[[Market], Assigned]:
    def way(market: Market) -> Assigned:
        problem = problem_of(market, len(market.scores) + SPARE)  # as many as the service keeps
        pairs = solve(problem)
        return list(zip(problem.requests(pairs).tolist(), problem.people[pairs].tolist(), strict=True))

    return way


def _dense(market: Market) -> Assigned:
    """SciPy's Hungarian method; somebody with three places is three people."""
    owner = np.repeat(np.arange(len(market.places)), market.places)
    worth = market.scores[:, owner].astype(np.float64)
    worth = np.where(worth >= LOWEST, worth + FILLED, 0.0)
    rows, columns = linear_sum_assignment(worth, maximize=True)
    fits = worth[rows, columns] > 0
    return list(zip(rows[fits].tolist(), owner[columns[fits]].tolist(), strict=True))


def _sparse(market: Market) -> Assigned:
    """SciPy's sparse method over the best few; somebody with three places is three people."""
    problem = problem_of(market, FEW)
    every = np.arange(len(problem.people))
    times = market.places[problem.people]
    ends = np.cumsum(market.places)
    first = np.repeat((ends - market.places)[problem.people] - np.cumsum(times) + times, times)
    columns = first + np.arange(len(first))
    rows, costs = np.repeat(problem.requests(every), times), np.repeat(2.0 - problem.scores.astype(float), times)
    alone = np.arange(len(market.scores))  # a column of its own for each request: to go without
    graph = coo_matrix(
        (
            np.concatenate([costs, np.full(len(alone), FILLED)]),
            (np.concatenate([rows, alone]), np.concatenate([columns, ends[-1] + alone])),
        )
    )
    requests, chosen = min_weight_full_bipartite_matching(graph.tocsr())
    fits = chosen < ends[-1]
    people = np.searchsorted(ends, chosen[fits], side="right")
    return list(zip(requests[fits].tolist(), people.tolist(), strict=True))


def _linear(market: Market) -> Assigned:
    """HiGHS, as SciPy has it, over the best few."""
    problem = problem_of(market, FEW)
    every = np.arange(len(problem.people))
    ones, requests = np.ones(len(every)), problem.requests(every)
    limits = vstack(
        [
            csr_matrix((ones, (requests, every)), shape=(len(problem.wanted), len(every))),
            csr_matrix((ones, (problem.people, every)), shape=(len(problem.places), len(every))),
        ]
    ).tocsr()
    result = linprog(
        -(problem.scores.astype(float) + FILLED),
        A_ub=limits,
        b_ub=np.concatenate([problem.wanted, problem.places]),
        bounds=(0, 1),
        method="highs-ds",
    )
    pairs = np.flatnonzero(result.x > 0.5)
    return list(zip(requests[pairs].tolist(), problem.people[pairs].tolist(), strict=True))


def _mentor_match(market: Market) -> Assigned:
    """The package mentor-match by its own functions: each mentor has one mentee in a round, and there is one round.

    It subtracts scores from the largest integer, so they must be whole numbers to survive; these are millionths.
    """
    from matching import process  # noqa: PLC0415 - only where it is compared
    from matching.mentee import Mentee  # noqa: PLC0415 - as above
    from matching.mentor import Mentor  # noqa: PLC0415 - as above
    from matching.rules.rule import Rule  # noqa: PLC0415 - as above

    scores = np.where(market.scores >= LOWEST, np.rint(market.scores.astype(float) * 1e6), 0).astype(int).tolist()

    class Score(Rule):  # type: ignore[misc] # the package has no types
        """The score that is there already."""

        def apply(self, match_object: "process.Match") -> int:
            return int(scores[match_object.mentee.grade][match_object.mentor.grade])

    mentors = [Mentor(grade=number, email=f"mentor {number}") for number in range(len(market.places))]
    mentees = [Mentee(grade=number, email=f"mentee {number}") for number in range(len(scores))]
    process.match_and_assign_participants(process.generate_match_matrix(mentors, mentees, [Score()]))
    pairs = [(mentee.grade, mentor.grade) for mentee in mentees for mentor in mentee.mentors]
    return [(request, person) for request, person in pairs if scores[request][person]]


WAYS: dict[str, tuple[str, Callable[[Market], Assigned]]] = {
    "optimal": ("Yinling, optimal (proven over all pairs)", _ours(optimal)),
    "stable": ("Yinling, stable", _ours(stable)),
    "greedy": ("each request in turn takes the best left", _ours(greedy)),
    "dense": ("SciPy `linear_sum_assignment`, dense", _dense),
    "sparse": (f"SciPy `min_weight_full_bipartite_matching`, best {FEW} only", _sparse),
    "linear": (f"SciPy `linprog` (HiGHS), best {FEW} only", _linear),
    "mentor-match": ("mentor-match 7.0.1, one place a person", _mentor_match),
}
"""By name: what to call it, and how it goes."""
