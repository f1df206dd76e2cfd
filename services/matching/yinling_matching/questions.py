"""Requests as questions: their points embedded and cut into words."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import numpy as np

from yinling_matching.comparing import Question
from yinling_matching.domain import MentoringRequest
from yinling_matching.lexical import ask
from yinling_matching.points import telling
from yinling_matching.remembering import remembered
from yinling_matching.vectors import Vectors
from yinling_matching.weights import Weights, effective

WeightsOf = Callable[[str], Awaitable[Weights]]
"""The weights that an organisation set."""

_TEXTS = 256
"""Texts that are looked up at once: the table answers so many well within the patience it is given."""

query_of = remembered(maxsize=4096)(ask)
"""The words of a point; requests are asked again and again. An index looks up what it knows of them each time."""


async def questions(vectors: Vectors, weights_of: WeightsOf, requests: Sequence[MentoringRequest]) -> list[Question]:
    """The questions of requests, each text embedded once. A request that says nothing gives one without points."""
    weights = {name: await weights_of(name) for name in {request.organisation for request in requests}}
    chosen = [telling(request.points()) for request in requests]
    texts = list(dict.fromkeys(point.text for points in chosen for point in points))
    row = {text: number for number, text in enumerate(texts)}
    parts = [await vectors.queries(texts[first : first + _TEXTS]) for first in range(0, len(texts), _TEXTS)]
    found = np.concatenate(parts) if parts else np.zeros((0, vectors.embedder.dimensions), np.float32)
    built = []
    for request, points in zip(requests, chosen, strict=True):
        vectors_of = found[[row[point.text] for point in points]]
        words = [query_of(point.text) for point in points]
        kinds = [point.kind for point in points]
        weighed = effective(request.weights, weights[request.organisation])
        built.append(Question(request, kinds, vectors_of, words, weighed))
        # Cutting the words of a thousand requests takes seconds: everybody else has a turn after each.
        await asyncio.sleep(0)
    return built
