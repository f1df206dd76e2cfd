"""Scores of some people for one request, with what they are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from yinling_matching.adjustments import Shift, shifts_of, sigmoid, total
from yinling_matching.catalogue import View
from yinling_matching.comparing import Question, compare, wish_cosines
from yinling_matching.domain import HardRule
from yinling_matching.ledger import Ledger
from yinling_matching.scoring import Compared, answers_of, fits_of, logits_of
from yinling_matching.slots import Selection
from yinling_matching.wish_penalties import penalties

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Scored:
    """People in the order of a selection.

    Attributes:
        compared: With the request.
        answers: How well each answers each point, on the scale of cosines, shape (points, people).
        logits: Of the evidence, shape (people,).
        shifts: What else moves the scores.
        scores: Shape (people,).
    """

    compared: Compared
    answers: Floats
    logits: NDArray[np.float64]
    shifts: Sequence[Shift]
    scores: Floats


def score(
    view: View,
    question: Question,
    chosen: Selection,
    *,
    today: date,
    broken_wishes: Mapping[HardRule, Mask],
    ledger: Ledger | None = None,
) -> Scored:
    """Score some people; there must be a point and a person.

    Args:
        view: Held for reading.
        question: What is asked.
        chosen: Who, with their facets.
        today: For the rules.
        broken_wishes: Who breaks each wish of the request, by row, as in the assessment.
        ledger: For what enterprises said of people; None leaves it out.
    """
    compared, weights = compare(view, question, chosen), question.weights
    answers = answers_of(question.kinds, compared, weights)
    logits = logits_of(fits_of(question.kinds, answers, weights))
    severity = penalties(view.columns, question.request, today, broken_wishes) if weights.broken_wishes else {}
    shifts = shifts_of(
        question.request,
        weights,
        view.traits.at(chosen.rows),
        feedback=None if ledger is None else _feedback(view, ledger, chosen),
        wishes=wish_cosines(view, question, chosen.rows) if weights.wishes else None,
        broken={rule: by_row[chosen.rows] for rule, by_row in severity.items()},
    )
    scores = sigmoid(logits + total(shifts, len(logits))).astype(np.float32)
    return Scored(compared, answers, logits, shifts, scores)


def _feedback(view: View, ledger: Ledger, chosen: Selection) -> Floats:
    return ledger.feedback(ledger.numbers_of_rows(view, view.generation)[chosen.rows])
