"""Suggestions: rules first, then similarity, on one consistent view of the catalogue. Blocks; call it from a thread."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from yinling_matching.catalogue import Catalogue, Entry, View
from yinling_matching.domain import HardRule, MentoringRequest, Person
from yinling_matching.eligibility import Exclusion
from yinling_matching.facets import Facet
from yinling_matching.rules import Outcome, judge
from yinling_matching.scoring import Evidence, PointKind, evidence_of, score_people

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Question:
    """A request, ready to be compared.

    Attributes:
        request: The request.
        kinds: Kinds of the points that say something.
        vectors: Their vectors, shape (points, dimensions).
    """

    request: MentoringRequest
    kinds: Sequence[PointKind]
    vectors: Floats


@dataclass(frozen=True, slots=True)
class Answer:
    """How one point is answered. Without a facet it is not."""

    facet: Facet | None
    strength: float


@dataclass(frozen=True, slots=True)
class Match:
    """One person for one request. `answers` and `outcomes` are empty where only scores were asked for."""

    person: Person
    score: float
    answers: Sequence[Answer] = ()
    outcomes: dict[HardRule, Outcome] | None = None


@dataclass(frozen=True, slots=True)
class Ranking:
    """The people for a request, best first, and what was left out."""

    revision: int
    people: int
    eligible: int
    exclusions: Sequence[Exclusion]
    without_information: int
    matches: Sequence[Match]


def rank(
    catalogue: Catalogue,
    question: Question,
    *,
    today: date,
    organisations: Collection[str] = (),
    limit: int,
    explain: bool,
) -> Ranking:
    """Rank everyone who may be suggested; exact, as every facet of every eligible person is compared.

    Args:
        catalogue: Who there is.
        question: What is asked. Without a point nobody is ranked.
        today: For the rules.
        organisations: Only their people; empty means all.
        limit: Matches at most.
        explain: With answers and outcomes.
    """
    with catalogue.reading() as view:
        assessed = view.columns.assess(question.request, today, organisations)
        eligible = int(np.count_nonzero(assessed.eligible))
        chosen = view.select(assessed.eligible)
        matches: list[Match] = []
        if question.kinds and len(chosen.rows):
            similarity = view.index.similarities(question.vectors, chosen.slots)
            scores = score_people(question.kinds, similarity, chosen.starts)
            best = _best(view, chosen.rows, scores, limit)
            if explain:
                evidence = evidence_of(similarity, chosen.starts, best)
                first = chosen.starts[best]
                matches = [
                    Match(
                        person=entry.indexed.person,
                        score=float(scores[position]),
                        answers=_answers(entry, evidence, number, int(first[number])),
                        outcomes=judge(question.request, entry.indexed.person, today),
                    )
                    for number, position in enumerate(best)
                    for entry in [view.at(int(chosen.rows[position]))]
                ]
            else:
                matches = [Match(view.at(int(chosen.rows[p])).indexed.person, float(scores[p])) for p in best]
        return Ranking(
            revision=view.revision,
            people=assessed.people,
            eligible=eligible,
            exclusions=assessed.exclusions,
            without_information=eligible - len(chosen.rows),
            matches=matches,
        )


@dataclass(frozen=True, slots=True)
class RequestMatch:
    """One request for one person."""

    question: Question
    match: Match


def rank_requests(
    catalogue: Catalogue, person_id: str, questions: Sequence[Question], *, today: date, limit: int
) -> tuple[int, list[RequestMatch]] | None:
    """Rank the requests that suit one person, and the revision that this is built on; None where they are not here."""
    with catalogue.reading() as view:
        entry = view.entry(person_id)
        if entry is None:
            return None
        person, revision = entry.indexed.person, view.revision
        vectors = view.index.reconstruct(entry.slots)
    if not len(vectors):
        return revision, []
    found: list[RequestMatch] = []
    start = np.zeros(1, dtype=np.int64)
    for question in questions:
        outcomes = judge(question.request, person, today)
        if not question.kinds or Outcome.BROKEN in outcomes.values():
            continue
        similarity = question.vectors @ vectors.T
        score = float(score_people(question.kinds, similarity, start)[0])
        answers = _answers(entry, evidence_of(similarity, start, start), 0, 0)
        found.append(RequestMatch(question, Match(person, score, answers, outcomes)))
    found.sort(key=lambda one: (-one.match.score, one.question.request.id))
    return revision, found[:limit]


def _best(view: View, rows: NDArray[np.int64], scores: Floats, limit: int) -> NDArray[np.int64]:
    """Positions of the best, best first. Of equal scores the smaller id comes first, on every replica alike."""
    chosen = np.arange(len(scores))
    if limit < len(scores):
        last = np.partition(scores, len(scores) - limit)[len(scores) - limit]
        chosen = np.flatnonzero(scores >= last)
    ordered = sorted(chosen.tolist(), key=lambda p: (-scores[p], view.at(int(rows[p])).indexed.person.id))
    return np.array(ordered[:limit], dtype=np.int64)


def _answers(entry: Entry, evidence: Evidence, number: int, first: int) -> list[Answer]:
    """The answers of one person: `number` among those explained, whose facets begin at `first`."""
    return [
        Answer(entry.indexed.facets[int(facet) - first] if found else None, float(strength) if found else 0.0)
        for facet, strength, found in zip(
            evidence.facet[number], evidence.strength[number], evidence.found[number], strict=True
        )
    ]
