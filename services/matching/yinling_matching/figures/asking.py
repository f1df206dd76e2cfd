"""What requests ask, text by text, ready to be compared."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yinling_matching.domain import MentoringRequest
from yinling_matching.figures.repository import Asked
from yinling_matching.lexical import Query
from yinling_matching.ranking.points import telling
from yinling_matching.ranking.questions import query_of
from yinling_matching.scoring import PointKind
from yinling_matching.vectors import Vectors

Floats = NDArray[np.float32]

_TEXTS = 256
"""Texts that are looked up at once."""


@dataclass(frozen=True, slots=True)
class AskedPoint:
    """One text, whoever asks it.

    Attributes:
        told: The text as it is told: what a request is about by its title.
        vector: Of the text.
        query: Its words.
        wanting: The requests that still want somebody who answers it; none where it only says what they are about.
    """

    told: str
    vector: Floats
    query: Query
    wanting: Sequence[MentoringRequest]


async def asked_points(vectors: Vectors, asked: Asked) -> list[AskedPoint]:
    """Every text that the requests hold. Of a request without requirements its title and description are wanted."""
    told: dict[str, str] = {}
    wanting: dict[str, list[MentoringRequest]] = {}
    for request in asked.requests:
        points = telling(request.points())
        only_about = all(point.kind is PointKind.ABOUT for point in points)
        for point in points:
            about = point.kind is PointKind.ABOUT
            told.setdefault(point.text, request.title or point.text if about else point.text)
            of = wanting.setdefault(point.text, [])
            if request.id in asked.unfilled and (only_about or not about) and request not in of[-1:]:
                of.append(request)
    texts = list(told)
    found: list[AskedPoint] = []
    for first in range(0, len(texts), _TEXTS):
        portion = texts[first : first + _TEXTS]
        rows = await vectors.queries(portion)
        for text, vector in zip(portion, rows, strict=True):
            found.append(AskedPoint(told[text], vector, query_of(text), wanting[text]))
            await asyncio.sleep(0)  # cutting words takes its time: everybody else has a turn after each
    return found
