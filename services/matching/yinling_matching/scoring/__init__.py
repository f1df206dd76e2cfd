"""The method that ranks: what a request asks, how a person answers it, and what number that gives."""

from yinling_matching.scoring.answers import (
    WORDS,
    Compared,
    SharedWords,
    answers_of,
    answers_of_one,
    best_facets,
    fits_of,
)
from yinling_matching.scoring.points import Point, PointKind, points_of
from yinling_matching.scoring.scale import GOOD, POSSIBLE, STRONG, Label, calibrated, label_of, logits_of

__all__ = [
    "GOOD",
    "POSSIBLE",
    "STRONG",
    "WORDS",
    "Compared",
    "Label",
    "Point",
    "PointKind",
    "SharedWords",
    "answers_of",
    "answers_of_one",
    "best_facets",
    "calibrated",
    "fits_of",
    "label_of",
    "logits_of",
    "points_of",
]
