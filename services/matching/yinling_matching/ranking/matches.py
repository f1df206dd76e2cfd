"""What is told of a person and a request that were compared."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from yinling_matching.catalogue.catalogue import View
from yinling_matching.catalogue.entries import Entry
from yinling_matching.catalogue.facets import Facet
from yinling_matching.catalogue.slots import Selection
from yinling_matching.domain import HardRule, Person
from yinling_matching.lexical import Query
from yinling_matching.ranking.adjustments import Effect
from yinling_matching.ranking.comparing import Question, words_of_facets
from yinling_matching.ranking.scored import Evidence
from yinling_matching.rules.pairs import Outcome
from yinling_matching.scoring import WORDS, best_facets, calibrated

Ids = NDArray[np.int64]

FOUND = 0.3
"""From this strength on a point counts as answered. In the judged set that holds for eight of ten musts of people who
answer all of them, and for one of a hundred of people who would not do; `make calibrate` prints more."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How one point is answered. Without a facet it is not."""

    facet: Facet | None
    strength: float


@dataclass(frozen=True, slots=True)
class Similar:
    """Somebody whose profile says nearly the same as that of a match."""

    person: Person
    score: float


@dataclass(frozen=True, slots=True)
class Match:
    """One person for one request. All but person and score is empty where only scores were asked for.

    Attributes:
        person: Who.
        score: How well they fit, 0 to 1.
        answers: How they answer each point.
        outcomes: What each rule says.
        effects: What else moved the score.
        similar: Who says nearly the same.
        distance_km: From the person's city to the place of work; None where either is not stated.
        by_turn: Whether somebody who fits equally well and scores higher stands below, or was left out.
    """

    person: Person
    score: float
    answers: Sequence[Answer] = ()
    outcomes: dict[HardRule, Outcome] = field(default_factory=dict)
    effects: Sequence[Effect] = ()
    similar: Sequence[Similar] = ()
    distance_km: float | None = None
    by_turn: bool = False


def answers_told(
    view: View, question: Question, chosen: Selection, evidence: Evidence, people: Ids
) -> list[list[Answer]]:
    """How some people answer each point, and with which facet.

    Args:
        view: Held for reading.
        question: What is asked.
        chosen: Who was scored.
        evidence: What speaks for them.
        people: Which of them, as positions in the selection.
    """
    ends = np.append(chosen.starts[1:], len(chosen.slots))
    counts = ends[people] - chosen.starts[people]
    first = np.cumsum(counts) - counts
    facets = np.repeat(chosen.starts[people] - first, counts) + np.arange(counts.sum())
    words = words_of_facets(view, question, chosen.slots[facets])
    values = evidence.compared.similarity[:, facets] + np.float32(WORDS * question.weights.words) * words
    places = best_facets(values, first, np.arange(len(people))) - first[:, None]
    strengths = calibrated(evidence.answers[:, people])
    told = []
    for number, person in enumerate(people):
        entry = view.at(int(chosen.rows[person]))
        answers = _answers(entry, places[number], strengths[:, number].tolist())
        told.append([_by_letters(view, entry, *one) for one in zip(answers, question.queries, strict=True)])
    return told


def _by_letters(view: View, entry: Entry, answer: Answer, query: Query) -> Answer:
    """The answer, or a facet that holds the letters of the point: such a point is never "not found".

    In a long text one model of equipment changes neither the meaning nor the share of words enough to be seen.
    """
    if answer.facet is not None or not query.letters:
        return answer
    facets = zip(entry.indexed.evidence, entry.evidence_slots.tolist(), strict=True)
    found = next((facet for facet, slot in facets if query.letters.issubset(view.lexical.terms_at(slot))), None)
    return Answer(found, FOUND) if found else answer


def _answers(entry: Entry, places: Ids, strengths: Sequence[float]) -> list[Answer]:
    return [
        Answer(entry.indexed.facets[place], strength) if strength >= FOUND else Answer(None, 0.0)
        for place, strength in zip(places.tolist(), strengths, strict=True)
    ]
