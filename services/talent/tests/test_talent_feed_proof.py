"""The proof of the change feed: writers overlap on purpose, a follower comes and goes, and nothing is missing.

The same follower reads a feed that takes its revisions from a sequence, early, as one would at first try; of two who
write, the first commits last. There the follower must come out wrong: a test that could not fail would prove nothing.
"""

import asyncio
import dataclasses
import datetime as dt
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from yinling.talent.v1 import talent_service_pb2 as pb

from yinling_common.database import Connection, Database
from yinling_common.errors import AlreadyExists
from yinling_talent.domain import Consent, Profile
from yinling_talent.repository import PostgresStore, PostgresUnit
from yinling_talent.settings import SCHEMA

WRITERS = 24
UNITS = 25
"""Of each writer."""


class RolledBack(Exception):
    """A unit that was given up on purpose."""


class SlowUnit(PostgresUnit):
    """Sleeps before and after its revisions are taken, before the commit, and gives up now and then."""

    chance = random.Random()

    async def _pause(self) -> None:
        # Mostly short, sometimes long: long enough for a follower to look in between on a busy machine too.
        if self.chance.random() < 0.5:
            await asyncio.sleep(self.chance.random() * self.chance.choice((0.002, 0.002, 0.002, 0.004, 0.05)))

    async def flush(self) -> None:
        await self._pause()
        await super().flush()
        await self._pause()
        if self.chance.random() < 0.15:
            raise RolledBack

    async def take_revisions(self, count: int) -> list[int]:
        await self._pause()
        revisions = await super().take_revisions(count)
        await self._pause()
        return revisions


@dataclasses.dataclass
class Follower:
    """Keeps a copy of the consenting profiles from the feed alone, and remembers where it is, as matching does."""

    store: PostgresStore
    chance: random.Random
    revision: int = 0
    copy: dict[str, str] = dataclasses.field(default_factory=dict)
    seen: list[int] = dataclasses.field(default_factory=list)
    removals: int = 0
    connections: int = 0

    async def run(self, stop: asyncio.Event) -> None:
        while True:
            ended = stop.is_set()  # before the look: what was committed by then must be found
            self.connections += 1
            while await self._step():
                if not ended and self.chance.random() < 0.3:
                    break  # the connection is lost in the middle
            else:
                if ended:
                    return
            await asyncio.sleep(self.chance.random() * 0.01)

    async def _step(self) -> bool:
        batch = await self.store.changes(self.revision, self.chance.choice((1, 3, 50)))
        lost_after = self.chance.randrange(len(batch.changes) + 1) if self.chance.random() < 0.2 else None
        for change in batch.changes[:lost_after]:
            if change.profile is None:
                self.removals += self.copy.pop(change.profile_id, None) is not None
            else:
                assert change.profile.revision == change.revision
                self.copy[change.profile_id] = change.profile.bio
            self.seen.append(change.revision)
            self.revision = change.revision
        return bool(batch.changes)


class Writers:
    """Many at once: they make, change and delete profiles, give consent and take it back, alone and in batches."""

    def __init__(self, store: PostgresStore, chance: random.Random, count: int = WRITERS) -> None:
        self.store = store
        self.chance = chance
        self.count = count
        self.ids: list[str] = []
        self.rolled_back = 0
        self.committed = 0

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(self.count):
                group.create_task(self._write())

    async def _write(self) -> None:
        for _ in range(UNITS):
            act = self.chance.choice((self._create, self._create_batch, self._update, self._update, self._delete))
            try:
                await act()
                self.committed += 1
            except RolledBack:
                self.rolled_back += 1

    async def _create(self, count: int = 1) -> None:
        profiles = [self._profile() for _ in range(count)]
        async with self.store.unit() as unit:
            for profile in profiles:
                unit.insert(profile)
        self.ids += [profile.id for profile in profiles]

    async def _create_batch(self) -> None:
        await self._create(self.chance.randrange(2, 12))

    async def _update(self) -> None:
        if not self.ids:
            return
        # In the order of the ids, as batches lock.
        chosen = sorted(self.chance.sample(self.ids, min(len(self.ids), self.chance.choice((1, 1, 5)))))
        async with self.store.unit() as unit:
            for id_ in chosen:
                if profile := await unit.lock(id_):
                    granted = self.chance.random() < 0.7
                    new = dataclasses.replace(
                        profile, bio=uuid4().hex, version=profile.version + 1, consent=Consent(granted=granted)
                    )
                    unit.update(new)

    async def _delete(self) -> None:
        if not self.ids:
            return
        id_ = self.chance.choice(self.ids)
        async with self.store.unit() as unit:
            if await unit.lock(id_):
                unit.delete(id_)

    def _profile(self) -> Profile:
        now = dt.datetime.now(dt.UTC)
        consent = Consent(granted=self.chance.random() < 0.8)
        return Profile(
            id=str(uuid4()),
            organisation="攀钢集团",
            name="张三",
            bio=uuid4().hex,
            consent=consent,
            create_time=now,
            update_time=now,
        )


@asynccontextmanager
async def store_of(url: str, unit_type: type[SlowUnit], seed: int) -> AsyncIterator[PostgresStore]:
    async with Database(url, schema=SCHEMA, max_size=WRITERS + 2) as database:
        store = PostgresStore(database)
        unit_type.chance = random.Random(seed)
        store.unit_type = unit_type
        yield store


async def race(store: PostgresStore, seed: int) -> tuple[Writers, Follower]:
    writers = Writers(store, random.Random(seed))
    follower = Follower(store, random.Random(seed + 1))
    stop = asyncio.Event()
    following = asyncio.create_task(follower.run(stop))
    await writers.run()
    stop.set()
    await following
    return writers, follower


async def table(url: str) -> dict[str, str]:
    """What a follower should have, read around the feed."""
    async with await psycopg.AsyncConnection.connect(url) as conn:
        rows = await (await conn.execute("SELECT id::text, bio FROM talent.profiles WHERE consent_granted")).fetchall()
    return dict(rows)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", [1, 2])
async def test_a_follower_misses_nothing(database_url: str, seed: int) -> None:
    async with store_of(database_url, SlowUnit, seed) as store:
        writers, follower = await race(store, seed)
        head = (await store.changes(0, 1)).head
    assert follower.copy == await table(database_url)
    assert follower.seen == sorted(set(follower.seen)), "revisions strictly increase"
    assert follower.revision == head
    # The race was one: all kinds of things happened.
    assert writers.rolled_back > 20
    assert writers.committed > 300
    assert follower.removals > 5
    assert follower.connections > 20


@pytest.mark.timeout(600)
async def test_there_are_no_holes(database_url: str) -> None:
    """Every revision up to the head was given to exactly one committed change: rollbacks leave no hole."""
    async with store_of(database_url, SlowUnit, 7) as store:
        written: list[int] = []

        async def write() -> None:
            for _ in range(20):
                profile = Writers(store, random.Random())._profile()
                try:
                    async with store.unit() as unit:
                        unit.insert(profile)
                except RolledBack:
                    continue
                written.extend(unit.revisions.values())

        await asyncio.gather(*(write() for _ in range(16)))
        assert sorted(written) == list(range(1, len(written) + 1))
        assert (await store.changes(0, 1)).head == len(written) < 320


@pytest.mark.timeout(600)
async def test_a_follower_over_the_wire_misses_nothing(client: Any, database_url: str) -> None:
    """The same with the stream itself, cancelled and opened again at random."""
    SlowUnit.chance = chance = random.Random(11)
    client.service.store.unit_type = SlowUnit
    writing = asyncio.create_task(Writers(client.service.store, chance, count=6).run())
    copy: dict[str, str] = {}
    revisions = [0]
    streams = 0
    complete = False
    while not complete:
        last = writing.done()  # before the look: what was committed by then must come
        streams += 1
        request = pb.WatchProfilesRequest(after_revision=revisions[-1])
        call = client.stub.WatchProfiles(request, metadata=client.by("service"))
        while last or chance.random() > 0.05:
            event = await asyncio.wait_for(call.read(), 60)
            if event.WhichOneof("change") == "caught_up":
                complete = last
                if writing.done():
                    break
                continue
            revisions.append(event.revision)
            if event.WhichOneof("change") == "profile":
                copy[event.profile.id] = event.profile.bio
            else:
                copy.pop(event.removed_id, None)
        call.cancel()
    await writing
    assert copy == await table(database_url)
    assert revisions == sorted(set(revisions))
    assert streams > 5


class HeldUnit(SlowUnit):
    """Stops between taking its revisions and the commit, until it is let go."""

    def __init__(self, conn: Connection) -> None:
        super().__init__(conn)
        self.taken, self.go = asyncio.Event(), asyncio.Event()

    async def flush(self) -> None:
        await PostgresUnit.flush(self)
        self.taken.set()
        await self.go.wait()

    async def take_revisions(self, count: int) -> list[int]:
        return await PostgresUnit.take_revisions(self, count)


class HeldNaiveUnit(HeldUnit):
    """Takes revisions from a sequence: they become visible in the order of the commits, not in their own."""

    async def take_revisions(self, count: int) -> list[int]:
        rows = await self.conn.execute("SELECT nextval('naive') AS revision FROM generate_series(1, %s)", [count])
        return [row["revision"] for row in await rows.fetchall()]


async def overlap(url: str, unit_type: type[HeldUnit]) -> tuple[list[str], list[str]]:
    """The first of two writers commits last, if it can; gives the names in the table and those a follower got."""
    units: list[HeldUnit] = []
    started = asyncio.Event()

    async def write(store: PostgresStore, name: str) -> None:
        async with store.unit() as unit:
            assert isinstance(unit, HeldUnit)
            units.append(unit)
            unit.insert(
                dataclasses.replace(Writers(store, random.Random())._profile(), bio=name, consent=Consent(granted=True))
            )
            started.set()

    async with store_of(url, unit_type, 0) as store:
        follower = Follower(store, random.Random())
        first = asyncio.create_task(write(store, "first"))
        await started.wait()
        await units[0].taken.wait()
        started.clear()
        second = asyncio.create_task(write(store, "second"))
        await started.wait()
        units[1].go.set()
        # Where revisions are taken in order the second waits for the first, for ever.
        await asyncio.wait([second], timeout=60 if unit_type is HeldNaiveUnit else 0.5)
        while await follower._step():
            pass
        assert not first.done()
        units[0].go.set()
        await asyncio.gather(first, second)
        while await follower._step():
            pass
    return sorted((await table(url)).values()), sorted(follower.copy.values())


async def test_who_takes_a_revision_later_commits_later(database_url: str) -> None:
    stored, followed = await overlap(database_url, HeldUnit)
    assert stored == followed == ["first", "second"]


async def test_with_a_sequence_who_commits_late_is_skipped(database_url: str) -> None:
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as conn:
        await conn.execute("CREATE SEQUENCE talent.naive")
    stored, followed = await overlap(database_url, HeldNaiveUnit)
    assert stored == ["first", "second"]
    assert followed == ["second"]


async def test_a_number_taken_meanwhile_is_refused_and_leaves_no_revision(database_url: str) -> None:
    async with store_of(database_url, PostgresUnit, 0) as store:  # type: ignore[arg-type]  # no pauses here
        one, two = (
            dataclasses.replace(Writers(store, random.Random())._profile(), employee_number="1") for _ in range(2)
        )
        async with store.unit() as unit:
            unit.insert(one)
        with pytest.raises(AlreadyExists):
            async with store.unit() as unit:
                unit.insert(two)
        assert (await store.changes(0, 10)).head == 1
