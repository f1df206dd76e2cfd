"""Following the feed: batches, failures, tombstones, restores."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest
from typing_extensions import override

from yinling_common.errors import ServiceUnavailable
from yinling_matching.catalogue import Catalogue
from yinling_matching.domain import Person
from yinling_matching.embedding.base import Vectors as Array
from yinling_matching.embedding.fake import FakeEmbedder
from yinling_matching.feed import CaughtUp, Event
from yinling_matching.follower import Follower
from yinling_matching.index import FlatIndex
from yinling_matching.progress import Progress
from yinling_matching.testing import FakeFeed, MemoryEmbeddingRepository
from yinling_matching.vectors import Vectors


class MoodyEmbedder(FakeEmbedder):
    """Fails as often as it is told to, and can be held."""

    def __init__(self) -> None:
        super().__init__(16)
        self.failures = 0
        self.calls: list[int] = []

    @override
    def encode_passages(self, texts: Sequence[str]) -> Array:
        self.calls.append(len(texts))
        if self.failures:
            self.failures -= 1
            raise MemoryError("no room")
        return super().encode_passages(texts)


@dataclass
class Setup:
    feed: FakeFeed
    model: MoodyEmbedder
    catalogue: Catalogue
    progress: Progress
    follower: Follower

    async def settled(self) -> None:
        assert await self.progress.reached(self.feed.revision, 10)

    def skills(self) -> dict[str, tuple[str, ...]]:
        with self.catalogue.reading() as view:
            return {e.indexed.person.id: e.indexed.person.skills for e in view.entries()}


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as threads:
        yield threads


@asynccontextmanager
async def following(threads: ThreadPoolExecutor, silence: float = 15.0) -> AsyncIterator[Setup]:
    feed, model, progress = FakeFeed(), MoodyEmbedder(), Progress()
    catalogue = Catalogue(lambda: FlatIndex(16))
    vectors = Vectors(model, MemoryEmbeddingRepository(), queries=threads, passages=threads)
    follower = Follower(
        feed=feed, catalogue=catalogue, progress=progress, vectors=vectors, work=threads, silence=silence
    )
    task = asyncio.create_task(follower.run())
    try:
        yield Setup(feed, model, catalogue, progress, follower)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def person(number: int, *skills: str) -> Person:
    return Person(id=f"p{number}", skills=skills or (f"绝活{number}",))


async def test_changes_and_tombstones_are_applied(threads: ThreadPoolExecutor) -> None:
    async with following(threads) as setup:
        setup.feed.put(person(1), person(2))
        await setup.settled()
        setup.feed.put(person(1, "新活"))
        setup.feed.remove("p2")
        setup.feed.remove("p3")
        await setup.settled()
        assert setup.skills() == {"p1": ("新活",)}
        assert setup.follower.applied >= 4
        assert setup.catalogue.facets == 1
        assert setup.progress.connected
        assert setup.progress.complete


async def test_only_what_is_new_is_embedded(threads: ThreadPoolExecutor) -> None:
    async with following(threads) as setup:
        setup.feed.put(person(1, "通风", "瓦斯"))
        await setup.settled()
        setup.feed.put(person(1, "瓦斯", "机电"), person(2, "通风"))
        await setup.settled()
        assert sum(setup.model.calls) == 3


async def test_many_people_at_once(threads: ThreadPoolExecutor) -> None:
    async with following(threads) as setup:
        setup.feed.put(*(person(n) for n in range(500)))
        await setup.settled()
        assert len(setup.catalogue) == 500
        # Texts of several people go to the model together.
        assert len(setup.model.calls) < 100


async def test_a_stream_that_breaks_is_taken_up_where_it_was(threads: ThreadPoolExecutor) -> None:
    async with following(threads) as setup:
        setup.feed.put(person(1))
        await setup.settled()
        for number, error in enumerate([ServiceUnavailable(), RuntimeError("a fault"), EOFError()], start=2):
            setup.feed.break_streams(error)
            setup.feed.put(person(number))
            await setup.settled()
        assert setup.skills().keys() == {"p1", "p2", "p3", "p4"}
        assert setup.feed.streams == 4
        assert sum(setup.model.calls) == 4


async def test_a_model_that_fails_loses_nothing(threads: ThreadPoolExecutor) -> None:
    async with following(threads) as setup:
        setup.feed.put(person(1, "旧活"))
        await setup.settled()
        setup.model.failures = 2
        revision = setup.feed.put(person(1, "新活"), person(2))
        await asyncio.sleep(0.05)
        # Not applied, and the old facets are still there.
        assert setup.progress.revision < revision
        assert not setup.progress.caught_up
        assert setup.skills() == {"p1": ("旧活",)}
        await setup.settled()
        assert setup.skills() == {"p1": ("新活",), "p2": ("绝活2",)}


async def test_an_update_is_whole_or_not_there(threads: ThreadPoolExecutor) -> None:
    async with following(threads) as setup:
        seen = set()
        for round_ in range(30):
            setup.feed.put(person(1, f"甲{round_}", f"乙{round_}"))
            while setup.progress.revision < setup.feed.revision:
                with setup.catalogue.reading() as view:
                    entry = view.entry("p1")
                    if entry:
                        assert len(entry.slots) == len(entry.indexed.facets) == 2
                        seen.add(entry.indexed.person.skills)
                await asyncio.sleep(0)
        assert seen


async def test_a_feed_that_went_back_is_followed_from_the_start(threads: ThreadPoolExecutor) -> None:
    async with following(threads) as setup:
        setup.feed.put(person(1))
        restored_to = setup.feed.put(person(2))
        setup.feed.put(person(3), person(1, "后来的"))
        await setup.settled()
        setup.feed.forget(restored_to)
        setup.feed.put()
        async with asyncio.timeout(10):
            while setup.progress.revision != restored_to or not setup.progress.complete:  # noqa: ASYNC110 - see below
                await asyncio.sleep(0.01)  # it goes back to 0 and comes again: no event says so
        assert setup.skills().keys() == {"p2"}


async def test_a_silent_stream_is_given_up(threads: ThreadPoolExecutor) -> None:
    class Silent(FakeFeed):
        @override
        async def watch(self, after: int, *, removals_only: bool = False) -> AsyncIterator[Event]:
            self.streams += 1
            yield CaughtUp(after)
            await asyncio.sleep(3600)

    async with following(threads, silence=0.05) as setup:
        setup.follower._feed = silent = Silent()
        setup.feed.break_streams(ServiceUnavailable())
        async with asyncio.timeout(10):
            while silent.streams < 3:  # noqa: ASYNC110 - what the follower does by itself
                await asyncio.sleep(0.01)


async def test_a_dead_feed_is_not_called_in_a_hurry(threads: ThreadPoolExecutor) -> None:
    class Dead(FakeFeed):
        @override
        async def watch(self, after: int, *, removals_only: bool = False) -> AsyncIterator[Event]:
            self.streams += 1
            raise ServiceUnavailable
            yield CaughtUp(after)

    async with following(threads) as setup:
        setup.follower._feed = dead = Dead()
        setup.feed.break_streams(ServiceUnavailable())
        await asyncio.sleep(1.0)
        assert 1 <= dead.streams <= 8
        assert not setup.progress.connected


async def test_the_same_person_twice_in_a_batch_counts_as_last_said(threads: ThreadPoolExecutor) -> None:
    async with following(threads) as setup:
        setup.feed.put(*(replace(person(1), skills=(f"第{n}",)) for n in range(20)))
        setup.feed.remove("p2")
        await setup.settled()
        assert setup.skills() == {"p1": ("第19",)}
