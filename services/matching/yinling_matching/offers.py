"""Open requests for a person, compared by the same evidence as people for a request. Blocks; call it from a thread."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from yinling_matching.catalogue import Catalogue
from yinling_matching.comparing import Question, wish_cosines
from yinling_matching.distances import distance_between
from yinling_matching.matches import Match, answers_told
from yinling_matching.scored import Evidence, evidence_of
from yinling_matching.wanted import Feasible, Offer, ranked


@dataclass(frozen=True, slots=True)
class RequestMatch:
    """One request for one person."""

    question: Question
    match: Match


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
    with catalogue.reading() as view:
        entry = view.entry(person_id)
        if entry is None:
            return None
        mask = np.zeros(entry.row + 1, np.bool_)
        mask[entry.row] = True
        chosen = view.select(mask)
        if not len(chosen.rows):
            return view.revision, []
        person = entry.indexed.person
        offers: list[Offer] = []
        compared: dict[str, tuple[Question, Evidence]] = {}
        for feasible, question in asked:
            if question.kinds:
                evidence = evidence_of(view, question, chosen)
                compared[question.request.id] = question, evidence
                wishes = wish_cosines(view, question, chosen.rows)
                nearest = (wishes.wanted[0], wishes.avoided[0]) if wishes else (np.nan, np.nan)
                offers.append(Offer(feasible, float(evidence.logits[0]), question.weights, *map(float, nearest)))
        found = []
        for best in ranked(person, offers, today=today, limit=limit):
            question, evidence = compared[best.offer.feasible.request.id]
            match = Match(
                person=person,
                score=best.score,
                answers=answers_told(view, question, chosen, evidence, np.zeros(1, np.int64))[0],
                outcomes=dict(best.offer.feasible.outcomes),
                effects=best.effects,
                distance_km=distance_between(question.request.city, person.city),
            )
            found.append(RequestMatch(question, match))
        return view.revision, found
