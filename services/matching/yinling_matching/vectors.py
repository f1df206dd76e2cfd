"""Vectors of texts: from memory, from the table, or from the model, in this order."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Executor
from hashlib import sha256
from time import monotonic

import numpy as np
from numpy.typing import NDArray
from prometheus_client import Counter

from yinling_common import logs
from yinling_common.errors import YinlingError
from yinling_matching.embedding import Embedder
from yinling_matching.repository import EmbeddingRepository

Floats = NDArray[np.float32]

EMBEDDED = Counter("yinling_matching_texts_embedded", "Texts that went through the model", ["kind"])

_PATIENCE = {"query": 0.3, "passage": 5.0}
"""Seconds that the table may take; embedding a few words of a request takes no longer."""

_REST = 5.0
"""Seconds that the table is left alone after it did not answer: a request does not wait for it each time."""

_PROBE = "退休工程师"

_PASSAGE, _QUERY = b"passage\n", b"query\n"


def passage_key(text: str) -> bytes:
    """Under which the vector of a facet is stored: models embed what is found and what is searched differently."""
    return sha256(_PASSAGE + text.encode()).digest()


def query_key(text: str) -> bytes:
    """Under which the vector of a point of a request is stored."""
    return sha256(_QUERY + text.encode()).digest()


class Vectors:
    """Gives vectors, embedding each text once whoever asks.

    The table is a convenience: where it does not answer, texts are embedded and go unstored, and suggestions go on
    without a database.

    Args:
        embedder: The model.
        repository: The table.
        queries: Threads in which points of requests are embedded, apart from those of the facets: a person who
            waits for suggestions does not wait behind an import.
        passages: Threads in which facets are embedded.
        remembered: How many points of requests are kept in memory.
        chunk: Texts that go to the model at once: between two chunks it is free for somebody else's.
    """

    def __init__(
        self,
        embedder: Embedder,
        repository: EmbeddingRepository,
        *,
        queries: Executor,
        passages: Executor,
        remembered: int = 20_000,
        chunk: int = 16,
    ) -> None:
        self.embedder = embedder
        self.embedded = 0
        self._repository = repository
        self._queries_in, self._passages_in = queries, passages
        self._remembered = remembered
        self._chunk = chunk
        self._recent: OrderedDict[bytes, Floats] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        self._rest_until = 0.0

    async def queries(self, texts: Sequence[str]) -> Floats:
        """Vectors of points of requests, shape (len(texts), dimensions)."""
        wanted = {query_key(text): text for text in texts}
        found = {key: self._recent[key] for key in wanted if key in self._recent}
        if missing := [key for key in wanted if key not in found]:
            found |= await self._find("query", missing)
        missing = [key for key in wanted if key not in found]
        for first in range(0, len(missing), self._chunk):
            keys = missing[first : first + self._chunk]
            made = await self._embed("query", self._queries_in, [wanted[key] for key in keys])
            fresh = dict(zip(keys, made, strict=True))
            found |= fresh
            # Remembered at once: a caller who gave up finds further on the next time.
            self._remember(fresh)
            # The answer does not wait for this; it is saved so that a restart and other replicas need not embed it.
            self._beside(self._store(fresh))
        self._remember({key: found[key] for key in wanted})
        rows = [found[query_key(text)] for text in texts]
        return np.array(rows, dtype=np.float32).reshape(len(rows), self.embedder.dimensions)

    def prepare(self, texts: Sequence[str]) -> None:
        """Embed points of a request that somebody will soon ask for, beside everything else."""

        async def work() -> None:
            try:
                await self.queries(texts)
            except Exception:  # nobody waits for it
                logs.get().exception("vectors.not_prepared")

        self._beside(work())

    async def passages(self, texts: Mapping[bytes, str]) -> dict[bytes, Floats]:
        """Vectors of facets by key. The table is asked first, and given what had to be embedded."""
        found = await self._find("passage", list(texts)) if texts else {}
        # Short ones together: a batch takes as long as its longest text.
        missing = sorted((key for key in texts if key not in found), key=lambda key: len(texts[key]))
        fresh: dict[bytes, Floats] = {}
        try:
            for first in range(0, len(missing), self._chunk):
                keys = missing[first : first + self._chunk]
                made = await self._embed("passage", self._passages_in, [texts[key] for key in keys])
                fresh |= zip(keys, made, strict=True)
        finally:
            # What was embedded before a failure need not be embedded again after it.
            if fresh:
                await self._store(fresh)
        return found | fresh

    def forget(self) -> None:
        """Remember nothing: what somebody who is erased wished was among the points."""
        self._recent.clear()

    async def check(self) -> None:
        """Raise where nothing at all can be embedded, whatever the text."""
        await self._find("passage", [passage_key(_PROBE)])
        await self._embed("passage", self._passages_in, [_PROBE])

    async def close(self) -> None:
        """Wait for what is still being done beside."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _remember(self, vectors: Mapping[bytes, Floats]) -> None:
        for key, vector in vectors.items():
            self._recent[key] = vector
            self._recent.move_to_end(key)
        while len(self._recent) > self._remembered:
            self._recent.popitem(last=False)

    def _beside(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _embed(self, kind: str, executor: Executor, texts: list[str]) -> Floats:
        encode: Callable[[Sequence[str]], Floats] = (
            self.embedder.encode_queries if kind == "query" else self.embedder.encode_passages
        )
        vectors = await asyncio.get_running_loop().run_in_executor(executor, encode, texts)
        # One of these in the index spoils every comparison with it, and stored it would come back for ever.
        if not np.isfinite(vectors).all():
            raise ValueError(f"the model {self.embedder.name} gave a {kind} vector that is not finite")
        self.embedded += len(texts)
        EMBEDDED.labels(kind).inc(len(texts))
        return vectors

    async def _find(self, kind: str, keys: Sequence[bytes]) -> dict[bytes, Floats]:
        if monotonic() < self._rest_until:
            return {}
        asked = asyncio.create_task(self._ask(keys))
        # Left alone when time is up: cancelled, the driver would wait for a frozen server to agree, for five seconds.
        if not (await asyncio.wait({asked}, timeout=_PATIENCE[kind]))[0]:
            self._not_answering("read", TimeoutError())
            return {}
        found = asked.result()
        # A vector of another length was not made by this model, whatever it calls itself; nor one with holes.
        shape = (self.embedder.dimensions,)
        return {key: vector for key, vector in found.items() if vector.shape == shape and np.isfinite(vector).all()}

    async def _ask(self, keys: Sequence[bytes]) -> dict[bytes, Floats]:
        try:
            return await self._repository.find(self.embedder.name, keys)
        except YinlingError as error:
            self._not_answering("read", error)
            return {}

    async def _store(self, vectors: Mapping[bytes, Floats]) -> None:
        if monotonic() < self._rest_until:
            return
        try:
            await self._repository.store(self.embedder.name, vectors)
        except YinlingError as error:
            self._not_answering("written", error)

    def _not_answering(self, done: str, error: Exception) -> None:
        self._rest_until = monotonic() + _REST
        logs.get().warning("vectors.table_not_" + done, error=str(error) or type(error).__name__)
