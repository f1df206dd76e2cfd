"""Open requests for a person, compared by the same evidence as people for a request. Blocks; call it from a thread."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from yinling_matching.catalogue.catalogue import Catalogue, View
from yinling_matching.catalogue.entries import Entry
from yinling_matching.catalogue.slots import Selection
from yinling_matching.ranking.comparing import Question, wish_cosines
from yinling_matching.ranking.matches import Answer, Match, answers_told
from yinling_matching.ranking.scored import Evidence, evidence_of
from yinling_matching.ranking.wanted import Feasible, Offer, Wanted, ranked
from yinling_matching.rules.distances import distance_between

_AT_ONCE = 50
"""Requests that are compared while the catalogue is held: whoever takes consent back must not wait for all of them. A
person who changes in between is ranked partly by what was true a moment ago."""


@dataclass(frozen=True, slots=True)
class RequestMatch:
    """One request for one person."""

    question: Question
    match: Match


@dataclass(frozen=True, slots=True)
class _Compared:
    """Evidence, and the state of the words that it was found in: every change of a person's facets is another one."""

    state: object
    evidence: Evidence


def rank_requests(
    catalogue: Catalogue,
    person_id: str,
    asked: Sequence[tuple[Feasible, Question]],
    *,
    today: date,
    limit: int,
) -> tuple[int, list[RequestMatch]] | None:
    """Rank the requests that suit one person, and the revision that this is built on; None where they are not here.

    Args:
        catalogue: Who there is.
        person_id: Who.
        asked: Requests that no rule keeps the person out of, each with its question.
        today: For the rules.
        limit: Matches at most.
    """
    offers: list[Offer] = []
    known: dict[str, _Compared] = {}
    for first in range(0, len(asked), _AT_ONCE):
        with catalogue.reading() as view:
            entry = view.entry(person_id)
            if entry is None:
                return None
            offers += _offers(view, entry, asked[first : first + _AT_ONCE], known)
    questions = {question.request.id: question for _, question in asked}
    with catalogue.reading() as view:
        entry = view.entry(person_id)
        if entry is None:
            return None
        best = ranked(entry.indexed.person, offers, today=today, limit=limit)
        ids = [one.offer.feasible.request.id for one in best]
        return view.revision, [
            _told(view, entry, questions[id_], one, known.get(id_)) for id_, one in zip(ids, best, strict=True)
        ]


def _offers(
    view: View, entry: Entry, asked: Sequence[tuple[Feasible, Question]], known: dict[str, _Compared]
) -> list[Offer]:
    """Requests compared with a person; none where nothing can be said of one side. What was compared becomes known."""
    chosen = _alone(view, entry)
    if not len(chosen.rows):
        return []
    found = []
    for feasible, question in asked:
        if question.kinds:
            evidence = evidence_of(view, question, chosen)
            known[question.request.id] = _Compared(view.lexical.state, evidence)
            wishes = wish_cosines(view, question, chosen.rows)
            nearest = (float(wishes.wanted[0]), float(wishes.avoided[0])) if wishes else (np.nan, np.nan)
            found.append(Offer(feasible, float(evidence.logits[0]), question.weights, *nearest))
    return found


def _told(view: View, entry: Entry, question: Question, best: Wanted, known: _Compared | None) -> RequestMatch:
    person, chosen = entry.indexed.person, _alone(view, entry)
    answers = [Answer(None, 0.0)] * len(question.kinds)
    if len(chosen.rows):
        as_it_was = known is not None and known.state is view.lexical.state
        evidence = known.evidence if known and as_it_was else evidence_of(view, question, chosen)
        answers = answers_told(view, question, chosen, evidence, np.zeros(1, np.int64))[0]
    match = Match(
        person=person,
        score=best.score,
        answers=answers,
        outcomes=dict(best.offer.feasible.outcomes),
        effects=best.effects,
        distance_km=distance_between(question.request.city, person.city),
    )
    return RequestMatch(question, match)


def _alone(view: View, entry: Entry) -> Selection:
    mask = np.zeros(entry.row + 1, np.bool_)
    mask[entry.row] = True
    return view.select(mask)
