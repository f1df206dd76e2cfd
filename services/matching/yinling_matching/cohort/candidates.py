"""What a cohort needs of the ranking, in one place: questions, and the scores of everybody who may be assigned."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from yinling_matching.catalogue import View
from yinling_matching.domain import MentoringRequest
from yinling_matching.points import telling
from yinling_matching.ranking import Question
from yinling_matching.scoring import score_people
from yinling_matching.vectors import Vectors

_TEXTS = 256
"""Texts that are looked up at once: the table answers so many well within the patience it is given."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Everybody who may be assigned to a request.

    Attributes:
        rows: Of the people of whom something can be said, ascending.
        scores: Theirs, same shape.
        eligible: Who passes every hard rule, by row; those of whom nothing can be said included.
    """

    rows: NDArray[np.int64]
    scores: NDArray[np.float32]
    eligible: NDArray[np.bool_]


async def questions(vectors: Vectors, requests: Sequence[MentoringRequest]) -> list[Question]:
    """The questions of many requests, each text embedded once."""
    chosen = [telling(request.points()) for request in requests]
    texts = list(dict.fromkeys(point.text for points in chosen for point in points))
    row = {text: number for number, text in enumerate(texts)}
    parts = [await vectors.queries(texts[first : first + _TEXTS]) for first in range(0, len(texts), _TEXTS)]
    found = np.concatenate(parts) if parts else np.zeros((0, vectors.embedder.dimensions), np.float32)
    return [
        Question(request, [point.kind for point in points], found[[row[point.text] for point in points]])
        for request, points in zip(requests, chosen, strict=True)
    ]


def score_everyone(view: View, question: Question, *, today: date, organisations: Collection[str]) -> Scored:
    """Score all who pass the hard rules, on the scale of suggestions. Nobody where the question has no points.

    Args:
        view: Held for reading.
        question: What is asked.
        today: For the rules.
        organisations: Only their people; empty means all.
    """
    assessed = view.columns.assess(question.request, today, organisations)
    chosen = view.select(assessed.eligible)
    if not question.kinds or not len(chosen.rows):
        return Scored(np.zeros(0, np.int64), np.zeros(0, np.float32), assessed.eligible)
    similarity = view.index.similarities(question.vectors, chosen.slots)
    return Scored(chosen.rows, score_people(question.kinds, similarity, chosen.starts), assessed.eligible)
