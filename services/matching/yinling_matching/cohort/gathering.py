"""Gathers the candidates of a cohort, request by request, while the catalogue goes on changing.

Each request is scored on a consistent state, held for the milliseconds that takes: a cohort that held one state for
its whole time would keep every change out, also of those who take their consent back. What changed meanwhile is seen
to before anything is answered (`settling`).

Of each request only its best candidates are kept, as many as the cohort wants people altogether, and their equals.
That costs nothing: whatever the others take of these, one is left, and is at least as good as anyone further down. A
few more are kept for those who turn out to have gone or changed. So the memory grows with the cohort, and hardly with
the number of people.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from yinling_common.errors import InvalidField, Violation
from yinling_matching.catalogue.catalogue import Catalogue, View
from yinling_matching.cohort.candidates import Scores, score_everyone
from yinling_matching.cohort.domain import Cohort
from yinling_matching.domain import Person
from yinling_matching.exposure.ledger import Ledger
from yinling_matching.ranking.comparing import Question

SPARE = 100
"""Candidates of each request that are kept beyond those that it can need, in case somebody drops out meanwhile."""

MOST_PAIRS = 32_000_000
"""Pairs that are kept at most: 256 MiB."""


@dataclass(slots=True)
class Kept:
    """What is known of one request.

    Attributes:
        people: Numbers of the candidates that are kept, in any order.
        scores: Theirs, same shape.
        eligible: People who may be assigned to it, whether they fit or not. Fixed ones count, forbidden ones do not.
        best_score: The best of theirs; 0 where there is none.
        fixed: Scores of the fixed people, by number; 0 where nothing can be said of them.
    """

    people: NDArray[np.int32]
    scores: NDArray[np.float32]
    eligible: int
    best_score: float
    fixed: dict[int, float]


@dataclass(slots=True)
class Gathered:
    """What is known of all.

    Attributes:
        people: By number, as they were when they were first met.
        requests: By number.
        revision: The oldest that anything was taken from.
        generation: Of the catalogue, when it was begun.
    """

    people: list[Person] = field(default_factory=list)
    requests: list[Kept] = field(default_factory=list)
    revision: int = 0
    generation: int = 0


class Gathering:
    """Gathers. One thread at a time.

    Args:
        catalogue: Who there is.
        cohort: What is asked. Its fixed pairs are known to be there.
        questions: Its requests, ready to be compared.
        today: For the rules.
        ledger: For what enterprises said of people; None leaves it out.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        cohort: Cohort,
        questions: Sequence[Question],
        today: date,
        ledger: Ledger | None = None,
    ) -> None:
        self._ledger = ledger
        self.gathered = Gathered(generation=catalogue.generation)
        self._catalogue = catalogue
        self._cohort = cohort
        self._questions = questions
        self._today = today
        self._fixed, self._forbidden = cohort.fixed_of(), cohort.forbidden_of()
        self._most = sum(wanted.mentors for wanted in cohort.requests) + SPARE
        self._pairs = 0
        self._number: dict[str, int] = {}
        self._of_rows = np.zeros(0, np.int32)  # number of the person in a row; -1 where not known
        self._of_state: tuple[int, int] | None = None  # generation and revision that this holds for

    def take(self, count: int) -> bool:
        """Take the next so many requests. Whether there are more."""
        first = len(self.gathered.requests)
        for number in range(first, min(first + count, len(self._questions))):
            with self._catalogue.reading() as view:
                kept = self._one(view, number)
                older = view.revision if number == 0 else min(self.gathered.revision, view.revision)
            self._pairs += len(kept.people)
            if self._pairs > MOST_PAIRS:
                raise InvalidField([_too_many()])
            self.gathered.revision = older
            self.gathered.requests.append(kept)
        return len(self.gathered.requests) < len(self._questions)

    def _one(self, view: View, number: int) -> Kept:
        found = score_everyone(
            view, self._questions[number], self._ledger, today=self._today, organisations=self._cohort.organisations
        )
        # Who went away meanwhile is left out here, and seen to when all is settled.
        fixed = [entry for person in self._fixed[number] if (entry := view.entry(person))]
        forbidden = [entry.row for person in self._forbidden[number] if (entry := view.entry(person))]
        scores_of_fixed = [_score_of(found, entry.row) for entry in fixed]
        others = ~np.isin(found.rows, [*forbidden, *(entry.row for entry in fixed)])
        rows, scores = found.rows[others], found.scores[others]
        chosen = best_of(scores, self._most, self._cohort.min_score)
        return Kept(
            people=self._numbers(view, rows[chosen]),
            scores=scores[chosen],
            eligible=int(np.count_nonzero(found.eligible)) - int(np.count_nonzero(found.eligible[forbidden])),
            best_score=max([float(scores.max(initial=0.0)), *scores_of_fixed]),
            fixed=dict(zip((self._met(entry.indexed.person) for entry in fixed), scores_of_fixed, strict=True)),
        )

    def _numbers(self, view: View, rows: NDArray[np.int64]) -> NDArray[np.int32]:
        """The numbers of the people in some rows. They hold until the catalogue changes."""
        state = self._catalogue.generation, view.revision
        if state != self._of_state:
            self._of_state = state
            self._of_rows = np.full(len(view.columns.alive), -1, np.int32)
        unknown = rows[self._of_rows[rows] < 0]
        self._of_rows[unknown] = [self._met(view.at(row).indexed.person) for row in unknown.tolist()]
        return self._of_rows[rows]

    def _met(self, person: Person) -> int:
        number = self._number.setdefault(person.id, len(self._number))
        if number == len(self.gathered.people):
            self.gathered.people.append(person)
        return number


def _score_of(found: Scores, row: int) -> float:
    place = np.flatnonzero(found.rows == row)
    return float(found.scores[place[0]]) if len(place) else 0.0


def best_of(scores: NDArray[np.float32], most: int, lowest: float) -> NDArray[np.int64]:
    """Positions of those that reach the lowest score; of more than so many the best and their equals, in any order."""
    fitting = np.flatnonzero(scores >= np.float32(lowest))
    if len(fitting) > most:
        last = np.partition(scores[fitting], len(fitting) - most)[len(fitting) - most]
        fitting = fitting[scores[fitting] >= last]
    return fitting


def _too_many() -> Violation:
    return Violation(
        "requests",
        "cohort.max_pairs",
        f"这些需求与合适的人之间的组合超过 {MOST_PAIRS} 个；请提高 min_score，或分几次匹配。"
        f"There are more than {MOST_PAIRS} pairs of a request and somebody who fits; raise min_score, or assign fewer"
        " requests at a time.",
    )
