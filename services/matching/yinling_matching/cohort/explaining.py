"""Says who is assigned to what, and of each request that lacks somebody why."""

from collections.abc import Sequence

from yinling_matching.cohort.domain import Assigned, Assignments, Cohort, Reason, Unassigned
from yinling_matching.cohort.gathering import Gathered, Kept
from yinling_matching.cohort.greedy import greedy
from yinling_matching.cohort.settling import Settled
from yinling_matching.ranking.comparing import Question

_TAKEN_SHOWN = 3


def explain(cohort: Cohort, questions: Sequence[Question], gathered: Gathered, settled: Settled) -> Assignments:
    """The answer."""
    by_request = _assigned(settled)
    holders = _holders(by_request)
    unassigned = []
    for number, wanted in enumerate(cohort.requests):
        missing = wanted.mentors - len(by_request[number])
        if missing > 0:
            mine = {one.person_id for one in by_request[number]}
            taken = _taken(settled, number, mine, holders)
            kept = gathered.requests[number]
            reason = _reason(bool(questions[number].kinds), kept, len(mine), taken)
            unassigned.append(Unassigned(number, missing, reason, taken, kept.best_score))
    alone = greedy(settled.problem)
    fixed = [one.score for ones in by_request for one in ones if one.fixed]
    return Assignments(
        assigned=[one for ones in by_request for one in ones],
        unassigned=unassigned,
        greedy_total=settled.problem.total(alone) + sum(fixed),
        greedy_assigned=len(alone) + len(fixed),
        revision=gathered.revision,
    )


def _assigned(settled: Settled) -> list[list[Assigned]]:
    """The people of each request, best first."""
    people, problem = settled.people, settled.problem
    found = [
        [Assigned(number, people[n].id, people[n].name, score, fixed=True) for n, score in fixed.items()]
        for number, fixed in enumerate(settled.fixed)
    ]
    for pair, number in zip(settled.pairs, problem.requests(settled.pairs).tolist(), strict=True):
        person = people[problem.people[pair]]
        found[number].append(Assigned(number, person.id, person.name, float(problem.scores[pair])))
    return [sorted(ones, key=lambda one: (-one.score, one.person_id)) for ones in found]


def _holders(by_request: Sequence[Sequence[Assigned]]) -> dict[str, Assigned]:
    """The request that has a person; of several the one that they fit least, which is the first to give them up."""
    holders: dict[str, Assigned] = {}
    for one in (one for ones in by_request for one in ones):
        if one.person_id not in holders or one.score < holders[one.person_id].score:
            holders[one.person_id] = one
    return holders


def _taken(settled: Settled, number: int, mine: set[str], holders: dict[str, Assigned]) -> list[Assigned]:
    """The best who fit and are with other requests."""
    problem, found = settled.problem, list[Assigned]()
    for person in problem.people[problem.starts[number] : problem.starts[number + 1]]:
        person_id = settled.people[person].id
        if person_id not in mine and person_id in holders:
            found.append(holders[person_id])
            if len(found) == _TAKEN_SHOWN:
                break
    return found


def _reason(says_something: bool, kept: Kept, assigned: int, taken: Sequence[Assigned]) -> Reason:
    if not says_something:
        return Reason.NOT_ENOUGH_INFORMATION
    if taken:
        return Reason.ALL_TAKEN
    return Reason.NOBODY_FITS if kept.eligible > assigned else Reason.NOBODY_ELIGIBLE
