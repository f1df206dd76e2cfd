"""What one would do by hand: each request in turn takes the best who are left. The measure of the other ways."""

import numpy as np

from yinling_matching.cohort.problem import Pairs, Problem


def greedy(problem: Problem) -> Pairs:
    """Assign request by request."""
    left = problem.places.copy()
    chosen = []
    for request, wanted in enumerate(problem.wanted):
        first, end = problem.starts[request], problem.starts[request + 1]
        free = np.flatnonzero(left[problem.people[first:end]] > 0)[:wanted]
        left[problem.people[first + free]] -= 1
        chosen.append(first + free)
    return np.concatenate([*chosen, np.zeros(0, np.int64)]).astype(np.int64)
