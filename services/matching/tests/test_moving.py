"""What follows people from office to office, by itself: it forgets nothing, and nobody waits for it for ever."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from yinling_common.database import Database
from yinling_common.errors import DatabaseUnavailable
from yinling_common.testing import until
from yinling_matching.engaging import moving
from yinling_matching.engaging.offices import hold
from yinling_matching.engaging.people import Known
from yinling_matching.engaging.testing import OFFICE, somebody


async def test_many_are_looked_at_in_portions(
    matching: Any, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "_PORTION", 2)
    people = [somebody(9) for _ in range(5)]
    async with database.transaction() as conn:
        await hold(conn, {one.id: Known("旧局", 9) for one in people})
    matching.feed.put(*people)

    async def moved() -> bool:
        async with database.connection() as conn:
            found = await conn.execute("SELECT FROM people_offices WHERE office = %s", [OFFICE])
        return found.rowcount == len(people)

    await until(moved)
    async with database.connection() as conn:
        await conn.execute("UPDATE people_offices SET office = '旧局', revision = 0")
    await matching.parts.moving.follow(None)
    assert await moved()


async def test_that_the_feed_went_back_is_not_forgotten_where_the_database_is_away(
    matching: Any, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.transaction() as conn:
        await hold(conn, {somebody(9).id: Known(OFFICE, 9, revision=500)})
    away = asyncio.Event()

    def connection(_: Database) -> Any:
        away.set()
        raise DatabaseUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(Database, "connection", connection)
        matching.parts.moving.feed_went_back()
        async with asyncio.timeout(60):
            await away.wait()

    async def forgotten() -> bool:
        async with database.connection() as conn:
            return bool((await conn.execute("SELECT FROM people_offices WHERE revision = 0")).rowcount)

    await until(forgotten)


@pytest.mark.parametrize("change", ["note_still", "forget_revisions"])
async def test_rows_are_held_in_the_order_of_whoever_writes_about_several(
    matching: Any, database: Database, change: str
) -> None:
    first, *others = sorted(str(uuid4()) for _ in range(20))
    known = dict.fromkeys([*reversed(others), first], Known(OFFICE, 1))
    async with database.transaction() as conn:
        for profile_id in known:  # so they lie in the table
            await hold(conn, {profile_id: known[profile_id]})
    its = matching.parts.moving
    later = {profile_id: replace(one, revision=7) for profile_id, one in known.items()}
    async with database.transaction() as conn:
        await hold(conn, {first: known[first]})
        work = its._note_still(later) if change == "note_still" else its._forget_revisions()
        waiting = asyncio.create_task(work)

        async def waits() -> bool:
            return bool((await conn.execute("SELECT FROM pg_locks WHERE NOT granted")).rowcount)

        await until(waits)
        async with database.transaction() as other:
            query = "SELECT FROM people_offices WHERE profile_id = ANY(%s::uuid[]) FOR UPDATE NOWAIT"
            assert (await other.execute(query, [others])).rowcount == len(others)
    await waiting
