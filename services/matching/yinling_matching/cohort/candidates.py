"""What a cohort needs of the ranking: the scores of everybody who may be assigned to a request."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from yinling_matching.catalogue.catalogue import View
from yinling_matching.exposure.ledger import Ledger
from yinling_matching.ranking.comparing import Question
from yinling_matching.ranking.scored import score


@dataclass(frozen=True, slots=True)
class Scores:
    """Everybody who may be assigned to a request.

    Attributes:
        rows: Of the people of whom something can be said, ascending.
        scores: Theirs, same shape.
        eligible: Who passes every hard rule, by row; those of whom nothing can be said included.
    """

    rows: NDArray[np.int64]
    scores: NDArray[np.float32]
    eligible: NDArray[np.bool_]


def score_everyone(
    view: View, question: Question, ledger: Ledger | None, *, today: date, organisations: Collection[str]
) -> Scores:
    """Score all who pass the hard rules, as suggestions do. Nobody where the question has no points.

    Args:
        view: Held for reading.
        question: What is asked.
        ledger: For what enterprises said of people; None leaves it out.
        today: For the rules.
        organisations: Only their people; empty means all.
    """
    assessed = view.columns.assess(question.request, today, organisations)
    chosen = view.select(assessed.eligible)
    if not question.kinds or not len(chosen.rows):
        return Scores(np.zeros(0, np.int64), np.zeros(0, np.float32), assessed.eligible)
    scored = score(view, question, chosen, today=today, broken_wishes=assessed.broken_wishes, ledger=ledger)
    return Scores(chosen.rows, scored.scores, assessed.eligible)
