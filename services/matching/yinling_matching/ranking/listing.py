"""The list that is shown for a request: in turns among those who fit alike, near-duplicates under one, all told."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from yinling_matching.catalogue.catalogue import View
from yinling_matching.catalogue.entries import evidence_slots_of
from yinling_matching.catalogue.slots import Selection
from yinling_matching.domain import Person
from yinling_matching.exposure.ledger import Ledger
from yinling_matching.ranking.adjustments import effects_of
from yinling_matching.ranking.balance import balanced, by_turn, within_reach
from yinling_matching.ranking.comparing import Question
from yinling_matching.ranking.duplicates import grouped
from yinling_matching.ranking.matches import Match, Similar, answers_told
from yinling_matching.ranking.scored import Scored
from yinling_matching.rules.distances import distance_between
from yinling_matching.rules.pairs import judge

Ids = NDArray[np.int64]

_DEEPER = 3
"""So many times the people asked for are looked at for near-duplicates, which leave their places to others."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How people are to be ranked.

    Attributes:
        today: For the rules.
        organisations: Only their people; empty means all.
        limit: Matches at most.
        explain: With everything that is told of a match, in the order in which people are shown; without it scores
            alone, the highest first.
        without: Ids of people who are left out.
    """

    today: date
    organisations: Collection[str]
    limit: int
    explain: bool
    without: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """Makes the list.

    Attributes:
        view: Held for reading.
        question: What is asked.
        chosen: Who was scored; positions below are theirs.
        scored: Their scores.
        asked: How.
        ledger: Who was shown how often.
    """

    view: View
    question: Question
    chosen: Selection
    scored: Scored
    asked: Asked
    ledger: Ledger

    def matches(self, able: Ids) -> list[Match]:
        """The list out of those at these positions."""
        request, scores = self.question.request, self.scored.scores
        order, turned = self._in_turn(able)
        ordered = able[order]
        in_turn = set(ordered[turned].tolist())
        groups = self._groups(ordered)
        first = np.array([group[0] for group in groups], dtype=np.int64)
        answers = answers_told(self.view, self.question, self.chosen, self.scored.evidence, first)
        moved = effects_of(self.scored.evidence.logits, self.scored.shifts, first.tolist())
        people = [[self._person(position) for position in group] for group in groups]
        return [
            Match(
                person=of_group[0],
                score=float(scores[group[0]]),
                answers=of_person,
                outcomes=judge(request, of_group[0], self.asked.today),
                effects=effects,
                similar=[
                    Similar(person, float(scores[position]))
                    for person, position in zip(of_group[1:], group[1:], strict=True)
                ],
                distance_km=distance_between(request.city, of_group[0].city),
                by_turn=group[0] in in_turn,
            )
            for group, of_group, of_person, effects in zip(groups, people, answers, moved, strict=True)
        ]

    def _in_turn(self, able: Ids) -> tuple[Ids, NDArray[np.bool_]]:
        """Positions in `able`, in the order in which they are shown, and whose place was given by turn."""
        logits, limit = self.scored.logits[able], _DEEPER * self.asked.limit
        reach = within_reach(logits, limit)
        numbers = self.ledger.numbers_of_rows(self.view, self.view.generation)[self.chosen.rows[able[reach]]]
        request_id = self.question.request.id
        order = balanced(
            logits[reach],
            [self._person(int(position)).id for position in able[reach]],
            self.ledger.turns(request_id, numbers),
            request_id=request_id,
            limit=limit,
        )
        return reach[order], by_turn(logits[reach], order)

    def _groups(self, ordered: Ids) -> list[list[int]]:
        """In each group the one to show, then those who say nearly the same."""
        entries = [self.view.at(int(self.chosen.rows[position])) for position in ordered]
        vectors = self.view.index.reconstruct(evidence_slots_of(entries))
        groups = grouped([entry.indexed.evidence for entry in entries], vectors, self.asked.limit)
        return [[int(ordered[place]) for place in group] for group in groups]

    def _person(self, position: int) -> Person:
        return self.view.at(int(self.chosen.rows[position])).indexed.person
