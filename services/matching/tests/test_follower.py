"""Following the feed: batches, failures, tombstones, restores."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

import pytest
from typing_extensions import override
from yinling.talent.v1 import talent_pb2
from yinling.talent.v1 import talent_service_pb2 as pb

from yinling_common.errors import DatabaseUnavailable, ServiceUnavailable
from yinling_matching.catalogue.catalogue import Catalogue
from yinling_matching.domain import Person
from yinling_matching.embedding.base import Vectors as Array
from yinling_matching.embedding.fake import FakeEmbedder
from yinling_matching.following import feed as feed_module
from yinling_matching.following.feed import SKIPPED, CaughtUp, Event, Gone
from yinling_matching.following.follower import Follower
from yinling_matching.following.progress import Progress
from yinling_matching.index import FlatIndex
from yinling_matching.status import Status
from yinling_matching.testing import FakeFeed, MemoryEmbeddingRepository
from yinling_matching.vectors import Vectors

FOR_EVER = 10**9
HOUR = 3600.0


class MoodyEmbedder(FakeEmbedder):
    """Fails as often as it is told to, and can be held."""

    def __init__(self) -> None:
        super().__init__(16)
        self.failures = 0
        self.failed = 0
        self.calls: list[int] = []

    @override
    def encode_passages(self, texts: Sequence[str]) -> Array:
        self.calls.append(len(texts))
        if any("毒" in text for text in texts):
            raise ValueError("a text that this model does not take")
        if self.failures:
            self.failures -= 1
            self.failed += 1
            raise MemoryError("no room")
        return super().encode_passages(texts)


@dataclass
class Setup:
    feed: FakeFeed
    model: MoodyEmbedder
    catalogue: Catalogue
    progress: Progress
    follower: Follower

    async def failed(self, times: int) -> None:
        """Wait until the model has failed so often. It goes on failing."""
        async with asyncio.timeout(60):
            while self.model.failed < times:  # noqa: ASYNC110 - what the follower does by itself
                await asyncio.sleep(0.01)

    async def settled(self) -> None:
        assert await self.progress.reached(self.feed.revision, 60)

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
        setup.model.failures = FOR_EVER
        revision = setup.feed.put(person(1, "新活"), person(2))
        await setup.failed(2)
        # Not applied, and the old facets are still there.
        assert setup.progress.revision < revision
        assert not setup.progress.caught_up
        assert setup.skills() == {"p1": ("旧活",)}
        setup.model.failures = 0
        await setup.settled()
        assert setup.skills() == {"p1": ("新活",), "p2": ("绝活2",)}


async def test_a_person_who_always_fails_is_left_out(threads: ThreadPoolExecutor) -> None:
    async with following(threads) as setup:
        setup.feed.put(person(1), person(2), person(3))
        await setup.settled()
        skipped = SKIPPED._value.get()
        setup.feed.put(person(4), person(2, "毒"), person(5))
        setup.feed.remove("p1")
        setup.feed.put(person(6))
        await setup.settled()
        # What was known of p2 is out too: it may be what they no longer want to be found by.
        assert setup.skills().keys() == {"p3", "p4", "p5", "p6"}
        assert SKIPPED._value.get() == skipped + 1
        setup.feed.put(person(2, "解药"))
        await setup.settled()
        assert setup.skills()["p2"] == ("解药",)


def test_a_person_who_cannot_be_read_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(profile: object) -> None:
        raise ValueError("an enum of a newer version")

    monkeypatch.setattr(feed_module.profiles, "person", fail)
    response = pb.WatchProfilesResponse(profile=talent_pb2.Profile(id="p7"), revision=7)
    assert feed_module._changed(response) == Gone("p7", 7)


async def test_where_everybody_fails_nobody_is_left_out(threads: ThreadPoolExecutor) -> None:
    async with following(threads) as setup:
        setup.feed.put(person(1, "旧活"), person(2))
        await setup.settled()
        setup.model.failures = FOR_EVER
        setup.feed.put(person(1, "新活"), person(3))
        await setup.failed(6)
        assert setup.skills() == {"p1": ("旧活",), "p2": ("绝活2",)}
        setup.model.failures = 0
        await setup.settled()
        assert setup.skills().keys() == {"p1", "p2", "p3"}


async def test_health_tells_a_standstill(threads: ThreadPoolExecutor) -> None:
    async with following(threads) as setup:
        keeper: Any = None  # health does not ask them
        status = Status(
            database=keeper, catalogue=setup.catalogue, progress=setup.progress, vectors=keeper, keeper=keeper
        )
        setup.feed.put(person(1))
        await setup.settled()
        setup.progress._applied -= HOUR
        async with asyncio.timeout(60):
            while status._index_problem():  # noqa: ASYNC110 - until the feed beats: there is nothing to apply
                await asyncio.sleep(0.01)
        setup.model.failures = FOR_EVER
        setup.feed.put(person(2))
        await setup.failed(1)
        setup.progress._applied -= HOUR
        assert "could be applied" in str(status._index_problem())


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
        async with asyncio.timeout(60):
            while setup.progress.revision != restored_to or not setup.progress.complete:  # noqa: ASYNC110 - see below
                await asyncio.sleep(0.01)  # it goes back to 0 and comes again: no event says so
        assert setup.skills().keys() == {"p2"}


async def test_what_cannot_begin_anew_is_tried_again(
    threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with following(threads) as setup:
        empty, failures = setup.follower._empty, [DatabaseUnavailable(), OSError("a disk that can only be read")]

        async def start_over() -> None:
            if failures:
                raise failures.pop()
            await empty()

        monkeypatch.setattr(setup.follower, "_empty", start_over)
        setup.feed.put(person(1))
        restored_to = setup.feed.put(person(2))
        setup.feed.put(person(3))
        await setup.settled()
        setup.feed.forget(restored_to)
        setup.feed.put()
        async with asyncio.timeout(60):
            while setup.progress.revision != restored_to or not setup.progress.complete:  # noqa: ASYNC110 - see above
                await asyncio.sleep(0.01)
        assert setup.skills().keys() == {"p1", "p2"}


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
        async with asyncio.timeout(60):
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
        started = monotonic()
        async with asyncio.timeout(60):
            while dead.streams < 5:  # noqa: ASYNC110 - what the follower does by itself
                await asyncio.sleep(0.01)
        assert monotonic() - started > 0.7  # twice as long after each, and half of that at least
        assert not setup.progress.connected


async def test_the_same_person_twice_in_a_batch_counts_as_last_said(threads: ThreadPoolExecutor) -> None:
    async with following(threads) as setup:
        setup.feed.put(*(replace(person(1), skills=(f"第{n}",)) for n in range(20)))
        setup.feed.remove("p2")
        await setup.settled()
        assert setup.skills() == {"p1": ("第19",)}
