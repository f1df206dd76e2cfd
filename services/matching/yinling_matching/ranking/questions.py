"""Requests as questions: their points embedded and cut into words."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np

from yinling_matching.domain import MentoringRequest
from yinling_matching.lexical import ask
from yinling_matching.ranking.comparing import Question
from yinling_matching.ranking.points import telling
from yinling_matching.ranking.weights import NO_WEIGHTS, Weights, effective
from yinling_matching.remembering import remembered
from yinling_matching.vectors import Vectors

WeightsOf = Callable[[Collection[str]], Awaitable[Mapping[str, Weights]]]
"""The weights that each of some organisations set."""

_TEXTS = 256
"""Texts that are looked up at once: the table answers so many well within the patience it is given."""

query_of = remembered(maxsize=4096)(ask)
"""The words of a point; requests are asked again and again. An index looks up what it knows of them each time."""


async def questions(vectors: Vectors, weights_of: WeightsOf, requests: Sequence[MentoringRequest]) -> list[Question]:
    """The questions of requests, with the weights that hold for them."""
    return await weighed(weights_of, await unweighed(vectors, requests))


async def weighed(weights_of: WeightsOf, made: Sequence[Question]) -> list[Question]:
    """Questions with the weights that their organisations have set by now."""
    set_by = await weights_of({one.request.organisation for one in made})
    return [replace(one, weights=effective(one.request.weights, set_by[one.request.organisation])) for one in made]


async def unweighed(vectors: Vectors, requests: Sequence[MentoringRequest]) -> list[Question]:
    """The questions of requests, with no weights but their own; each text is embedded once.

    A request that says nothing gives one without points.
    """
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
        built.append(Question(request, kinds, vectors_of, words, effective(request.weights, NO_WEIGHTS)))
        # Cutting the words of a thousand requests takes seconds: everybody else has a turn after each.
        await asyncio.sleep(0)
    return built
