"""Open requests for a person, compared by the same evidence as people for a request. Blocks; call it from a thread."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from yinling_matching.catalogue import Catalogue
from yinling_matching.comparing import Question, compare, wish_cosines
from yinling_matching.distances import distance_between
from yinling_matching.matches import Answer, Match, answers_told
from yinling_matching.scored import Scored
from yinling_matching.scoring import answers_of, fits_of, logits_of
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
        offers: list[Offer] = []
        told: Mapping[str, tuple[Question, list[Answer]]]
        told = {}
        one = np.zeros(1, np.int64)
        for feasible, question in asked:
            if not question.kinds:
                continue
            weights = question.weights
            compared = compare(view, question, chosen)
            answers = answers_of(question.kinds, compared, weights)
            logits = logits_of(fits_of(question.kinds, answers, weights))
            wishes = wish_cosines(view, question, chosen.rows)
            wanted, avoided = (float("nan"),) * 2 if wishes is None else (wishes.wanted[0], wishes.avoided[0])
            offers.append(Offer(feasible, float(logits[0]), weights, float(wanted), float(avoided)))
            scored = Scored(compared, answers, logits, (), np.zeros(1, np.float32))
            told[question.request.id] = question, answers_told(view, question, chosen, scored, one)[0]
        person, revision = entry.indexed.person, view.revision
    found = []
    for best in ranked(person, offers, today=today, limit=limit):
        request = best.offer.feasible.request
        question, of_points = told[request.id]
        found.append(
            RequestMatch(
                question,
                Match(
                    person=person,
                    score=best.score,
                    answers=of_points,
                    outcomes=dict(best.offer.feasible.outcomes),
                    effects=best.effects,
                    distance_km=distance_between(request.city, person.city),
                ),
            )
        )
    return revision, found
