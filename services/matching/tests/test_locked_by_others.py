"""What somebody else has locked: the timers go on to the next thing, and a sweep waits for its turn."""

import asyncio
from typing import Any

import pytest

from yinling_common.database import Database
from yinling_common.testing import Clock
from yinling_matching.engaging.testing import HR, Sides, somebody
from yinling_matching.engaging.timers import Timers
from yinling_matching.engaging.times import Times
from yinling_matching.engaging.unit import Decisions
from yinling_matching.privacy import sweeping


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_timers_pass_over_a_request_that_somebody_holds_and_do_the_others(
    matching: Any, sides: Sides, database: Database, clock: Clock
) -> None:
    people = [somebody() for _ in range(3)]
    matching.feed.put(*people)
    await matching.caught_up()
    sent = []
    for person in people:
        sent += await sides.invite((await sides.create()).id, person)
    parts = matching.parts.timers._decisions
    due = Timers(Decisions(database, parts.people, matching.parts.places, clock), Times())
    clock.move(days=8)

    async def expired() -> list[bool]:
        return [(await sides.do("GetInvitation", one.id, HR)).state == one.STATE_EXPIRED for one in sent]

    async with database.transaction() as conn:
        # The first that falls due is the one that is held.
        await conn.execute("SELECT FROM mentoring_requests WHERE id = %s FOR UPDATE", [sent[0].mentoring_request_id])
        async with asyncio.timeout(60):
            assert await due.do_due() == 2
        assert await expired() == [False, True, True]
    assert await due.do_due() == 1
    assert await expired() == [True, True, True]


async def test_a_sweep_deletes_nothing_before_the_other_replica_is_through(matching: Any, database: Database) -> None:
    async with database.transaction() as conn:
        for number in range(3):
            await conn.execute(
                "INSERT INTO embeddings (model, key, vector, create_time)"
                " SELECT 'another model', %b, %b, now() - interval '1 hour'",
                [bytes([number]) * 32, b"\0" * 4],
            )

    async def waits() -> bool:
        async with database.connection() as conn:
            query = (
                "SELECT FROM pg_locks JOIN pg_database AS here ON here.oid = pg_locks.database"
                " WHERE here.datname = current_database() AND locktype = 'advisory' AND NOT granted"
            )
            return bool((await conn.execute(query)).rowcount)

    async def kept() -> int:
        async with database.connection() as conn:
            found = await conn.execute("SELECT FROM embeddings WHERE model = 'another model'")
            return found.rowcount

    async with database.transaction() as other:
        await other.execute(sweeping._TURN)
        ours = asyncio.create_task(matching.parts.sweeping.sweep())
        async with asyncio.timeout(60):
            while not (ours.done() or await waits()):  # noqa: ASYNC110 - the state of the database
                await asyncio.sleep(0.02)
        assert not ours.done()
        assert await kept() == 3
    assert await ours == 3
    assert await kept() == 0
