"""What is asked of a cohort, and what is answered."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from yinling_common.errors import InvalidField
from yinling_matching.domain import MentoringRequest
from yinling_matching.scoring import POSSIBLE

# The numbers of both enums are those of the contract.


class Objective(IntEnum):
    """What is best."""

    UNSPECIFIED = 0
    OPTIMAL = 1
    STABLE = 2


class Reason(IntEnum):
    """Why a request did not get everybody it wants."""

    NOT_ENOUGH_INFORMATION = 1
    NOBODY_ELIGIBLE = 2
    NOBODY_FITS = 3
    ALL_TAKEN = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """One request of a cohort.

    Attributes:
        target: Id of a kept request, or one that is not kept.
        mentors: How many people are wanted.
    """

    target: str | MentoringRequest
    mentors: int = 1


@dataclass(frozen=True, slots=True)
class Pair:
    """A request, by its number in the cohort, and a person."""

    request: int
    person_id: str


@dataclass(frozen=True, slots=True)
class Cohort:
    """What is asked.

    Attributes:
        requests: In the order of their numbers.
        objective: What is best; not stated is OPTIMAL.
        organisations: Only people kept by these; empty means all.
        fixed: Pairs that are decided already.
        forbidden: Pairs that must not be.
        min_score: Nobody is assigned below it.
    """

    requests: Sequence[Wanted]
    objective: Objective = Objective.OPTIMAL
    organisations: frozenset[str] = frozenset()
    fixed: Sequence[Pair] = ()
    forbidden: Sequence[Pair] = ()
    min_score: float = POSSIBLE

    def fixed_of(self) -> list[list[str]]:
        """The people who are fixed, by request."""
        return self._by_request(self.fixed)

    def forbidden_of(self) -> list[list[str]]:
        """The people who are forbidden, by request."""
        return self._by_request(self.forbidden)

    def _by_request(self, pairs: Sequence[Pair]) -> list[list[str]]:
        people: list[list[str]] = [[] for _ in self.requests]
        for pair in pairs:
            people[pair.request].append(pair.person_id)
        return people


@dataclass(frozen=True, slots=True)
class Assigned:
    """A person assigned to a request.

    Attributes:
        score: How well they fit; 0 where nothing can be said of them.
        fixed: Whether the caller fixed the pair.
    """

    request: int
    person_id: str
    name: str
    score: float
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Unassigned:
    """A request that did not get everybody it wants.

    Attributes:
        missing: How many people it lacks.
        taken: Of ALL_TAKEN: the best of those who fit, best first, with the request that has them.
        best_score: The best among the eligible; 0 where there is none.
    """

    request: int
    missing: int
    reason: Reason
    taken: Sequence[Assigned] = ()
    best_score: float = 0.0


@dataclass(frozen=True, slots=True)
class Assignments:
    """Who is assigned to what.

    Attributes:
        assigned: By request, best first.
        unassigned: By request.
        greedy_total: Sum of the scores where each request in turn takes the best who is left.
        greedy_assigned: People assigned that way.
        revision: Of the profile feed, that the answer is built on.
    """

    assigned: Sequence[Assigned]
    unassigned: Sequence[Unassigned]
    greedy_total: float
    greedy_assigned: int
    revision: int

    @property
    def total(self) -> float:
        """Sum of the scores."""
        return sum(one.score for one in self.assigned)


def of_request(number: int, error: InvalidField) -> InvalidField:
    """The error with the fields as they are called in the cohort."""
    return InvalidField([replace(v, field=f"requests[{number}].{v.field}") for v in error.violations])
