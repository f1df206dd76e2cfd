"""People for a request: rules first, then the score, on one consistent view of the catalogue.

Blocks; call it from a thread.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yinling_matching.catalogue.catalogue import Catalogue, View
from yinling_matching.catalogue.slots import Selection
from yinling_matching.exposure.ledger import Ledger
from yinling_matching.ranking.comparing import Question
from yinling_matching.ranking.listing import Asked, Listing
from yinling_matching.ranking.matches import Match
from yinling_matching.ranking.scored import Scored, score
from yinling_matching.rules.bitmaps import Assessment, Exclusion
from yinling_matching.rules.relaxing import Relaxation, relaxations
from yinling_matching.scoring import GOOD, STRONG

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The people for a request, best first, and what was left out."""

    revision: int
    people: int
    eligible: int
    exclusions: Sequence[Exclusion]
    without_information: int
    matches: Sequence[Match]
    relaxations: Sequence[Relaxation] = ()


def rank(catalogue: Catalogue, question: Question, asked: Asked, ledger: Ledger) -> Ranking:
    """Rank everyone who may be suggested; exact, as every facet of every eligible person is compared.

    People whom one rule alone keeps out are scored in the same pass, to tell what relaxing it would bring.

    Args:
        catalogue: Who there is.
        question: What is asked. Without a point nobody is ranked.
        asked: How.
        ledger: Who was shown how often, and what was said of them.
    """
    with catalogue.reading() as view:
        assessed = view.columns.assess(question.request, asked.today, asked.organisations, asked.without)
        wanted = assessed.eligible.copy()
        if asked.explain:
            for mask in assessed.reachable.values():
                wanted |= mask
        chosen = view.select(wanted)
        able = np.flatnonzero(assessed.eligible[chosen.rows])
        eligible = int(np.count_nonzero(assessed.eligible))
        matches: list[Match] = []
        told: list[Relaxation] = []
        if question.kinds and len(chosen.rows):
            scored = score(
                view,
                question,
                chosen,
                today=asked.today,
                broken_wishes=assessed.broken_wishes,
                ledger=ledger,
            )
            if asked.explain:
                matches = Listing(view, question, chosen, scored, asked, ledger).matches(able)
                told = _relaxations(assessed, chosen, scored)
            else:
                best = _best(view, chosen.rows[able], scored.scores[able], asked.limit)
                matches = [
                    Match(view.at(int(chosen.rows[p])).indexed.person, float(scored.scores[p])) for p in able[best]
                ]
        return Ranking(
            revision=view.revision,
            people=assessed.people,
            eligible=eligible,
            exclusions=assessed.exclusions,
            without_information=eligible - len(able),
            matches=matches,
            relaxations=told,
        )


def _relaxations(assessed: Assessment, chosen: Selection, scored: Scored) -> list[Relaxation]:
    by_row = np.zeros(len(assessed.eligible), np.float32)
    by_row[chosen.rows] = scored.scores
    return relaxations(assessed.reachable, assessed.only_demand, by_row, strong=STRONG, good=GOOD)


def _best(view: View, rows: Ids, scores: Floats, limit: int) -> Ids:
    """Positions of the best, best first. Of equal scores the smaller id comes first, on every replica alike."""
    found = np.arange(len(scores))
    if limit < len(scores):
        last = np.partition(scores, len(scores) - limit)[len(scores) - limit]
        found = np.flatnonzero(scores >= last)
    ordered = sorted(found.tolist(), key=lambda p: (-scores[p], view.at(int(rows[p])).indexed.person.id))
    return np.array(ordered[:limit], dtype=np.int64)
