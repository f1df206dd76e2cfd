"""Scores of some people for one request, with what they are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from yinling_matching.catalogue.catalogue import View
from yinling_matching.catalogue.slots import Selection
from yinling_matching.domain import HardRule
from yinling_matching.exposure.ledger import Ledger
from yinling_matching.ranking.adjustments import Shift, shifts_of, sigmoid, total
from yinling_matching.ranking.comparing import Question, compare, wish_cosines
from yinling_matching.rules.wish_penalties import penalties
from yinling_matching.scoring import Compared, answers_of, fits_of, logits_of

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for people, in the order of a selection.

    Attributes:
        compared: With the request.
        answers: How well each answers each point, on the scale of cosines, shape (points, people).
        logits: Log-odds of a good match by that alone, shape (people,).
    """

    compared: Compared
    answers: Floats
    logits: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scored:
    """Scores of people, in the order of a selection.

    Attributes:
        evidence: What speaks for them.
        shifts: What else moves the scores.
        logits: Log-odds of a good match by both, shape (people,).
        scores: The same as chances, 0 to 1.
    """

    evidence: Evidence
    shifts: Sequence[Shift]
    logits: Floats
    scores: Floats


def evidence_of(view: View, question: Question, chosen: Selection) -> Evidence:
    """Compare some people with a request; there must be a point and a person."""
    compared = compare(view, question, chosen)
    answers = answers_of(question.kinds, compared, question.weights)
    return Evidence(compared, answers, logits_of(fits_of(question.kinds, answers, question.weights)))


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
    evidence, weights = evidence_of(view, question, chosen), question.weights
    severity = penalties(view.columns, question.request, today, broken_wishes) if weights.broken_wishes else {}
    shifts = shifts_of(
        question.request,
        weights,
        view.traits.at(chosen.rows),
        feedback=None if ledger is None else _feedback(view, ledger, chosen),
        wishes=wish_cosines(view, question, chosen.rows) if weights.wishes else None,
        broken={rule: by_row[chosen.rows] for rule, by_row in severity.items()},
    )
    logits = evidence.logits + total(shifts, len(chosen.rows))
    return Scored(evidence, shifts, logits.astype(np.float32), sigmoid(logits).astype(np.float32))


def _feedback(view: View, ledger: Ledger, chosen: Selection) -> Floats:
    return ledger.feedback(ledger.numbers_of_rows(view, view.generation)[chosen.rows])
