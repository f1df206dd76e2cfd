"""People go at once, whatever the ordered stream is busy with, and come back when they do."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from threading import Event

import numpy as np
import pytest
from typing_extensions import override

from yinling_common.errors import ServiceUnavailable
from yinling_matching.catalogue.catalogue import Catalogue, Indexed, Put, Remove
from yinling_matching.domain import Person
from yinling_matching.embedding.base import Vectors as Array
from yinling_matching.embedding.fake import FakeEmbedder
from yinling_matching.following.follower import Follower
from yinling_matching.following.progress import Progress
from yinling_matching.following.withdrawals import Withdrawals
from yinling_matching.index import FlatIndex
from yinling_matching.testing import FakeFeed, MemoryEmbeddingRepository
from yinling_matching.vectors import Vectors


class SlowEmbedder(FakeEmbedder):
    """Takes its time, while it is told to.

    Attributes:
        busy: It was asked for something, and is held up.
        free: It is not held up.
    """

    def __init__(self, dimensions: int) -> None:
        super().__init__(dimensions)
        self.busy, self.free = Event(), Event()
        self.free.set()

    @override
    def encode_passages(self, texts: Sequence[str]) -> Array:
        if not self.free.is_set():
            self.busy.set()
            assert self.free.wait(60)
        return super().encode_passages(texts)


@dataclass
class Setup:
    threads: ThreadPoolExecutor
    feed: FakeFeed = field(default_factory=FakeFeed)
    model: SlowEmbedder = field(default_factory=lambda: SlowEmbedder(16))
    progress: Progress = field(default_factory=Progress)
    catalogue: Catalogue = field(default_factory=lambda: Catalogue(lambda: FlatIndex(16)))

    @asynccontextmanager
    async def following(self, *, ordered: bool = True) -> AsyncIterator[None]:
        vectors = Vectors(self.model, MemoryEmbeddingRepository(), queries=self.threads, passages=self.threads)
        follower = Follower(
            feed=self.feed, catalogue=self.catalogue, progress=self.progress, vectors=vectors, work=self.threads
        )
        withdrawals = Withdrawals(feed=self.feed, catalogue=self.catalogue, work=self.threads)
        tasks = [asyncio.create_task(part.run()) for part in ([follower] if ordered else []) + [withdrawals]]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def settled(self) -> None:
        assert await self.progress.reached(self.feed.revision, 60)

    async def gone(self, person_id: str) -> None:
        async with asyncio.timeout(30):
            while person_id in self.people():  # noqa: ASYNC110 - what the follower does by itself
                await asyncio.sleep(0.01)

    def people(self) -> set[str]:
        with self.catalogue.reading() as view:
            return {entry.indexed.person.id for entry in view.entries()}


@pytest.fixture
def setup() -> Iterator[Setup]:
    with ThreadPoolExecutor(3) as threads:
        yield Setup(threads)


def people(count: int) -> list[Person]:
    return [Person(id=f"p{n}", skills=(f"绝活{n}",)) for n in range(count)]


def put(person_id: str, revision: int) -> Put:
    return Put(Indexed(Person(id=person_id), (), ()), np.zeros((0, 16), np.float32), revision)


async def test_a_withdrawal_does_not_wait_behind_an_import(setup: Setup) -> None:
    async with setup.following():
        setup.feed.put(Person(id="gone", skills=("通风",)), Person(id="back", skills=("瓦斯",)))
        await setup.settled()
        setup.model.free.clear()
        setup.feed.put(*people(400))
        assert await asyncio.to_thread(setup.model.busy.wait, 60)
        revision = setup.feed.remove("gone")
        setup.feed.remove("back")
        await setup.gone("gone")
        await setup.gone("back")
        assert setup.progress.revision < revision  # the ordered stream is still busy
        setup.feed.put(Person(id="back", skills=("机电",)))
        setup.model.free.set()
        await setup.settled()
        assert setup.people() == {"back", *(f"p{n}" for n in range(400))}


async def test_it_outlives_broken_streams(setup: Setup) -> None:
    async with setup.following():
        for person in people(3):
            setup.feed.put(person)
            await setup.settled()
            setup.feed.break_streams(ServiceUnavailable())
            setup.feed.remove(person.id)
            await setup.gone(person.id)


async def test_it_works_alone_and_leaves_the_revision(setup: Setup) -> None:
    setup.feed.put(*people(2))
    setup.catalogue.apply([put("p0", 1), put("p1", 2)], 2)
    setup.feed.remove("p0")
    async with setup.following(ordered=False):
        await setup.gone("p0")
        assert (setup.people(), setup.catalogue.revision) == ({"p1"}, 2)


async def test_after_a_restore_both_begin_anew(setup: Setup) -> None:
    async with setup.following():
        setup.feed.put(*people(2))
        setup.feed.remove("p0")
        await setup.settled()
        setup.feed.forget(2)
        setup.feed.put(Person(id="p0", skills=("通风",)))  # revision 3 again, of another history
        setup.feed.forget(2)
        setup.feed.put()
        async with asyncio.timeout(60):
            while setup.progress.revision != 2 or not setup.progress.complete:  # noqa: ASYNC110 - no event says so
                await asyncio.sleep(0.01)
        setup.feed.remove("p1")
        await setup.gone("p1")


def test_a_change_from_before_the_removal_is_not_put() -> None:
    catalogue = Catalogue(lambda: FlatIndex(16))
    catalogue.apply([put("a", 1), put("b", 2)], 2)
    assert catalogue.withdraw({"a": 10, "c": 11, "b": 2}, catalogue.generation) == 1  # b's is older than what we have
    catalogue.apply([put("a", 5), put("c", 6)], 6)
    assert (len(catalogue), catalogue.revision) == (1, 6)
    catalogue.apply([put("a", 12), Remove("c")], 12)
    assert len(catalogue) == 2
    # The ordered stream is past it: the person came back since.
    assert catalogue.withdraw({"a": 10}, catalogue.generation) == 0
    assert len(catalogue) == 2


def test_removals_of_another_history_are_refused() -> None:
    catalogue = Catalogue(lambda: FlatIndex(16))
    generation = catalogue.generation
    catalogue.apply([put("a", 1)], 1)
    catalogue.withdraw({"a": 10}, generation)
    catalogue.reset()
    assert catalogue.withdraw({"a": 10}, generation) is None
    catalogue.apply([put("a", 3)], 3)
    assert len(catalogue) == 1
