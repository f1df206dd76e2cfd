"""Settles who is assigned to whom, on what holds at the end and not only when it was scored.

Scoring takes a while, and people change meanwhile: they take their consent back, pause, or take another engagement.
Places are those of the end. Whoever changed is judged again before they are assigned; where that rules a pair out, it
is taken away and the rest is solved anew, until everything holds at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from yinling_common.errors import IndexBehind
from yinling_matching.catalogue.catalogue import Catalogue, View
from yinling_matching.cohort.domain import Cohort, Objective
from yinling_matching.cohort.fixing import check_fixed, places_of, wrong_with_person
from yinling_matching.cohort.gathering import Gathered
from yinling_matching.cohort.optimal import optimal
from yinling_matching.cohort.problem import Mask, Numbers, Pairs, Problem
from yinling_matching.cohort.stable import stable
from yinling_matching.domain import MentoringRequest, Person


@dataclass(frozen=True, slots=True)
class Settled:
    """Who is assigned to whom, fixed pairs aside.

    Attributes:
        problem: What was solved. People are numbered in the order of their ids: ties are broken everywhere alike.
        pairs: What came out.
        people: By these numbers.
        fixed: Scores of the fixed people, by these numbers, for each request.
    """

    problem: Problem
    pairs: Pairs
    people: Sequence[Person]
    fixed: Sequence[dict[int, float]]


def settle(
    catalogue: Catalogue, cohort: Cohort, requests: Sequence[MentoringRequest], gathered: Gathered, today: date
) -> Settled:
    """Solve, and look whether it holds. Blocks for the seconds that it takes.

    Raises:
        WrongState: A fixed pair does not hold any more.
        IndexBehind: The catalogue was begun anew meanwhile, and may not have everybody yet.
    """
    people, new_number = _in_order(gathered.people)
    fixed = [{int(new_number[n]): score for n, score in kept.fixed.items()} for kept in gathered.requests]
    taken = np.bincount([n for numbers in fixed for n in numbers], minlength=len(people)).astype(np.int64)
    with catalogue.reading() as view:
        places = _places(view, people, taken)
    problem = _problem(cohort, gathered, new_number, places)
    while True:
        pairs = stable(problem) if cohort.objective is Objective.STABLE else optimal(problem)
        with catalogue.reading() as view:
            if catalogue.generation != gathered.generation:
                raise IndexBehind(view.revision, gathered.revision)
            check_fixed(view, cohort, requests, today)
            places = _places(view, people, taken)
            wrong = _ruled_out(view, cohort, requests, Settled(problem, pairs, people, fixed), today)
        has = np.bincount(problem.people[pairs], minlength=len(people))
        if not len(wrong) and (has <= places).all():
            return Settled(problem, pairs, people, fixed)
        dropped: Mask = np.zeros(len(problem.people), np.bool_)
        dropped[wrong] = True
        problem = problem.without(dropped, places)


def _in_order(met: Sequence[Person]) -> tuple[list[Person], Numbers]:
    """The people by id, and the new number of each."""
    order = sorted(range(len(met)), key=lambda number: met[number].id)
    new_number = np.zeros(len(met), np.int64)
    new_number[order] = np.arange(len(met))
    return [met[number] for number in order], new_number


def _problem(cohort: Cohort, gathered: Gathered, new_number: Numbers, places: Numbers) -> Problem:
    wanted = [one.mentors - len(kept.fixed) for one, kept in zip(cohort.requests, gathered.requests, strict=True)]
    starts, people, scores = np.zeros(len(wanted) + 1, np.int64), [], []
    for number, kept in enumerate(gathered.requests):
        candidates = new_number[kept.people]
        order = np.lexsort((candidates, -kept.scores))
        people.append(candidates[order].astype(np.int32))
        scores.append(kept.scores[order])
        starts[number + 1] = starts[number] + len(order)
    return Problem(starts, np.concatenate(people), np.concatenate(scores), np.array(wanted, np.int64), places)


def _places(view: View, people: Sequence[Person], taken: Numbers) -> Numbers:
    """Places that people have left beside those of fixed pairs."""
    places = np.array([places_of(view, person.id) for person in people], dtype=np.int64)
    left: Numbers = np.maximum(places - taken, 0)
    return left


def _ruled_out(
    view: View, cohort: Cohort, requests: Sequence[MentoringRequest], settled: Settled, today: date
) -> Pairs:
    """Pairs whose person is gone, or changed so that they cannot be assigned."""
    problem, pairs, found = settled.problem, settled.pairs, []
    for pair, number, person in zip(pairs.tolist(), problem.requests(pairs), problem.people[pairs], strict=True):
        met = settled.people[person]
        entry = view.entry(met.id)
        if entry is not None and entry.indexed.person is met:
            continue  # nobody changed them since they were first met, so before they were scored
        if wrong_with_person(view, cohort.organisations, requests[number], met.id, today):
            found.append(pair)
    return np.array(found, dtype=np.int64)
