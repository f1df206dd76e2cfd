"""Vectors from memory, table and model."""

import asyncio
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np
import pytest
from typing_extensions import override

from yinling_common.errors import DatabaseUnavailable
from yinling_matching.embedding.base import Vectors as Array
from yinling_matching.embedding.fake import FakeEmbedder
from yinling_matching.repository import Floats
from yinling_matching.testing import MemoryEmbeddingRepository
from yinling_matching.vectors import Vectors, passage_key, query_key


class CountingEmbedder(FakeEmbedder):
    """Remembers what went through it."""

    def __init__(self) -> None:
        super().__init__(16)
        self.queries: list[list[str]] = []
        self.passages: list[list[str]] = []

    @override
    def encode_queries(self, texts: Sequence[str]) -> Array:
        self.queries.append(list(texts))
        return super().encode_queries(texts)

    @override
    def encode_passages(self, texts: Sequence[str]) -> Array:
        self.passages.append(list(texts))
        return super().encode_passages(texts)


class Away(MemoryEmbeddingRepository):
    """A database that does not answer."""

    @override
    async def find(self, model: str, keys: Sequence[bytes]) -> dict[bytes, Floats]:
        raise DatabaseUnavailable

    @override
    async def store(self, model: str, vectors: Mapping[bytes, Floats]) -> None:
        raise DatabaseUnavailable


class Frozen(MemoryEmbeddingRepository):
    """A database that neither answers nor lets go, until it thaws."""

    def __init__(self) -> None:
        super().__init__()
        self.thawed = asyncio.Event()

    @override
    async def find(self, model: str, keys: Sequence[bytes]) -> dict[bytes, Floats]:
        while not self.thawed.is_set():
            with suppress(asyncio.CancelledError):
                await self.thawed.wait()
        raise DatabaseUnavailable


@pytest.fixture
def thread() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as thread:
        yield thread


@pytest.fixture
def table() -> MemoryEmbeddingRepository:
    return MemoryEmbeddingRepository()


@pytest.fixture
def model() -> CountingEmbedder:
    return CountingEmbedder()


@pytest.fixture
def vectors(model: CountingEmbedder, table: MemoryEmbeddingRepository, thread: ThreadPoolExecutor) -> Vectors:
    return Vectors(model, table, queries=thread, passages=thread, chunk=4, remembered=3)


async def test_queries_are_embedded_once(vectors: Vectors, model: CountingEmbedder) -> None:
    first = await vectors.queries(["通风", "瓦斯", "通风"])
    assert model.queries == [["通风", "瓦斯"]]
    np.testing.assert_array_equal(first[0], first[2])
    np.testing.assert_array_equal(first[:2], model.encode_queries(["通风", "瓦斯"]))
    model.queries.clear()
    np.testing.assert_array_equal(await vectors.queries(["瓦斯", "通风"]), first[[1, 0]])
    assert model.queries == []
    assert vectors.embedded == 2
    assert (await vectors.queries([])).shape == (0, 16)


async def test_queries_come_from_the_table_after_a_restart(
    vectors: Vectors, model: CountingEmbedder, table: MemoryEmbeddingRepository, thread: ThreadPoolExecutor
) -> None:
    await vectors.queries(["通风"])
    await vectors.close()
    again = Vectors(model, table, queries=thread, passages=thread)
    await again.queries(["通风"])
    assert again.embedded == 0


async def test_memory_for_queries_is_limited(vectors: Vectors, model: CountingEmbedder) -> None:
    await vectors.queries(["一", "二", "三"])
    await vectors.queries(["一"])
    await vectors.queries(["四"])
    assert len(vectors._recent) == 3
    assert query_key("一") in vectors._recent  # used lately
    assert query_key("二") not in vectors._recent


async def test_more_texts_at_once_than_are_remembered(vectors: Vectors) -> None:
    assert (await vectors.queries([str(n) for n in range(10)])).shape == (10, 16)


async def test_what_was_embedded_before_somebody_gave_up_is_kept(vectors: Vectors, model: CountingEmbedder) -> None:
    asking = asyncio.create_task(vectors.queries([str(n) for n in range(12)]))
    while not vectors.embedded:  # noqa: ASYNC110 - another thread
        await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await vectors.close()
    model.queries.clear()
    await vectors.queries([str(n) for n in range(12)])
    assert sum(map(len, model.queries)) < 12


async def test_texts_can_be_prepared(vectors: Vectors, model: CountingEmbedder) -> None:
    vectors.prepare(["通风", "瓦斯"])
    await vectors.close()
    await vectors.queries(["瓦斯"])
    assert model.queries == [["通风", "瓦斯"]]


async def test_passages_are_embedded_once_in_chunks(vectors: Vectors, model: CountingEmbedder) -> None:
    texts = {passage_key(text): text for text in ["通" * n for n in range(10, 0, -1)]}
    found = await vectors.passages(texts)
    assert found.keys() == texts.keys()
    assert [len(chunk) for chunk in model.passages] == [4, 4, 2]
    assert model.passages[0] == ["通", "通通", "通通通", "通通通通"]
    assert (await vectors.passages(texts)).keys() == texts.keys()
    assert vectors.embedded == 10
    assert await vectors.passages({}) == {}


async def test_what_is_found_and_what_is_asked_are_kept_apart(vectors: Vectors, model: CountingEmbedder) -> None:
    assert passage_key("通风") != query_key("通风")
    await vectors.queries(["通风"])
    await vectors.close()
    await vectors.passages({passage_key("通风"): "通风"})
    assert model.passages == [["通风"]]


async def test_a_vector_of_another_length_is_not_used(
    vectors: Vectors, model: CountingEmbedder, table: MemoryEmbeddingRepository
) -> None:
    await table.store(model.name, {passage_key("通风"): np.ones(5, np.float32)})
    found = await vectors.passages({passage_key("通风"): "通风"})
    assert found[passage_key("通风")].shape == (16,)


async def test_without_a_database_it_goes_on(model: CountingEmbedder, thread: ThreadPoolExecutor) -> None:
    vectors = Vectors(model, Away(), queries=thread, passages=thread)
    assert (await vectors.queries(["通风"])).shape == (1, 16)
    assert (await vectors.passages({passage_key("通风"): "通风"})).keys() == {passage_key("通风")}
    await vectors.close()


async def test_a_frozen_database_is_waited_for_briefly(model: CountingEmbedder, thread: ThreadPoolExecutor) -> None:
    frozen = Frozen()
    vectors = Vectors(model, frozen, queries=thread, passages=thread)
    async with asyncio.timeout(30):  # the patience is 0.3 s
        assert (await vectors.queries(["通风"])).shape == (1, 16)
        assert (await vectors.queries(["瓦斯"])).shape == (1, 16)
    frozen.thawed.set()
    await vectors.close()


async def test_an_import_does_not_hold_up_a_request(table: MemoryEmbeddingRepository) -> None:
    busy, go_on = threading.Event(), threading.Event()

    class Busy(CountingEmbedder):
        @override
        def encode_passages(self, texts: Sequence[str]) -> Array:
            busy.set()
            assert go_on.wait(60)
            return super().encode_passages(texts)

    with ThreadPoolExecutor(1) as queries, ThreadPoolExecutor(1) as passages:
        vectors = Vectors(Busy(), table, queries=queries, passages=passages, chunk=1)
        texts = {passage_key(text): text for text in [f"专长{n}" * 50 for n in range(300)]}
        importing = asyncio.create_task(vectors.passages(texts))
        await asyncio.to_thread(busy.wait, 60)
        await vectors.queries(["通风"])
        assert not importing.done()
        go_on.set()
        await importing


@pytest.mark.parametrize("hole", [np.nan, np.inf, -np.inf])
async def test_a_stored_vector_with_a_hole_is_made_again(
    vectors: Vectors, model: CountingEmbedder, table: MemoryEmbeddingRepository, hole: float
) -> None:
    bad = np.ones(16, np.float32)
    bad[3] = hole
    await table.store(model.name, {passage_key("通风"): bad, query_key("通风"): bad})
    found = await vectors.passages({passage_key("通风"): "通风"})
    assert np.isfinite(found[passage_key("通风")]).all()
    assert np.isfinite(await vectors.queries(["通风"])).all()
    await vectors.close()
    assert (model.passages, model.queries) == ([["通风"]], [["通风"]])


async def test_what_the_model_cannot_express_is_not_stored(
    table: MemoryEmbeddingRepository, thread: ThreadPoolExecutor
) -> None:
    class Broken(FakeEmbedder):
        @override
        def encode_passages(self, texts: Sequence[str]) -> Array:
            return np.full((len(texts), 16), np.nan, np.float32)

    vectors = Vectors(Broken(16), table, queries=thread, passages=thread)
    with pytest.raises(ValueError, match="not finite"):
        await vectors.passages({passage_key("通风"): "通风"})
    assert not await table.find(vectors.embedder.name, [passage_key("通风")])
