"""An assignment in which nobody has a reason to change.

A request and a person see each other by the same score. So the best pair of all stays together in every stable
assignment, and what is left is the same question again, smaller: pairs are taken from the best down, where both sides
still have room. A pair that is passed over has a side that is full of pairs at least as good. Deferred acceptance
comes to the same, as a test shows, and takes longer.
"""

import numpy as np

from yinling_matching.cohort.problem import Pairs, Problem


def stable(problem: Problem) -> Pairs:
    """Assign the best pairs first. Of equal scores the smaller request comes first, then the smaller person."""
    # Candidates lie by request and person already, and the sort keeps what is equal as it lies.
    order = np.argsort(-problem.scores, kind="stable")
    requests = problem.requests(order)
    wanted, places = problem.wanted.tolist(), problem.places.tolist()
    most = min(sum(wanted), sum(places))
    chosen: list[int] = []
    for position, request, person in zip(order, requests, problem.people[order], strict=True):
        if wanted[request] > 0 and places[person] > 0:
            wanted[request] -= 1
            places[person] -= 1
            chosen.append(position)
            if len(chosen) == most:
                break
    return np.array(sorted(chosen), dtype=np.int64)
