"""An erasure while others work, and what it must not leave behind in their names."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from yinling.matching.v1 import privacy_service_pb2 as pb

from yinling_common.database import Database, connect_options
from yinling_common.identity import as_identity
from yinling_matching.engaging.testing import ADMIN, HR, Sides, retiree, somebody
from yinling_matching.engaging.timers import Timers
from yinling_matching.engaging.times import Times
from yinling_matching.engaging.unit import Decisions
from yinling_matching.figures.domain import By
from yinling_matching.notices.domain import NoticeKind


async def erase(running: Any, profile_id: str) -> None:
    running.feed.remove(profile_id)
    await running.caught_up()
    with as_identity(ADMIN):
        await running.parts.privacy_servicer.ErasePerson(pb.ErasePersonRequest(profile_id=profile_id), None)


async def waiting(database: Database) -> bool:
    """Whether somebody waits for a lock."""
    async with database.connection() as conn:
        found = await conn.execute(
            "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(found.rowcount)


async def test_it_locks_every_request_before_anything_else(
    matching: Any, database: Database, matching_database: str
) -> None:
    """Whoever holds a request goes on to the places: an erasure that holds those must not wait for the request."""
    sides, one = Sides(matching.call), somebody(9)
    matching.feed.put(one)
    await matching.caught_up()
    await sides.engage(one)
    blocking = await sides.create(blocked_profile_ids=[one.id])
    connecting = psycopg.AsyncConnection.connect(matching_database, **connect_options("matching"))
    async with await connecting as conn, conn.transaction():
        await conn.execute("SELECT FROM mentoring_requests WHERE id = %s FOR UPDATE", [blocking.id])
        erasing = asyncio.create_task(erase(matching, one.id))
        async with asyncio.timeout(60):
            while not await waiting(database):  # noqa: ASYNC110 - what the service does by itself
                await asyncio.sleep(0.02)
        await conn.execute("SET LOCAL lock_timeout = '30s'")
        await conn.execute("UPDATE people_places SET taken = taken WHERE profile_id = %s", [one.id])
        await conn.execute("UPDATE places_position SET revision = revision + 1")
    await erasing


async def test_what_follows_from_a_yes_is_not_in_the_name_of_who_said_it(matching: Any, database: Database) -> None:
    """The others would read in their logs whose account it was, and it would stay there when they are erased."""
    sides, one, other = Sides(matching.call), somebody(9), somebody(9)
    matching.feed.put(one, other)
    await matching.caught_up()
    request = await sides.create(mentors_wanted=1)
    first, _ = await sides.invite(request.id, one, other)
    await sides.do("AcceptInvitation", first.id, retiree(one))
    mine = retiree(one).subject
    async with database.connection() as conn:
        found = await conn.execute("SELECT action, subject FROM audit_log WHERE profile_id = %s", [other.id])
        assert {row["action"]: row["subject"] for row in await found.fetchall()} == {
            "invite": HR.subject,
            "close_filled": "matching",
        }
    await erase(matching, one.id)
    async with database.connection() as conn:
        for table in ("audit_log", "notices"):
            found = await conn.execute(f"SELECT t::text AS row FROM {table} t".encode())  # noqa: S608 - names of ours
            assert [row["row"] for row in await found.fetchall() if mine in row["row"]] == []


async def test_nobody_is_asked_about_who_was_erased(matching: Any, database: Database) -> None:
    sides, one, other = Sides(matching.call), somebody(9), somebody(9)
    matching.feed.put(one, other)
    await matching.caught_up()
    ended = await sides.engage(one)
    await sides.do("CompleteEngagement", ended.id, HR)
    await sides.engage(one)  # is under way
    stays = await sides.engage(other)
    await sides.do("CompleteEngagement", stays.id, HR)
    await erase(matching, one.id)
    async with database.connection() as conn:
        await conn.execute("DELETE FROM notices")
    parts = matching.parts.timers._decisions
    decisions = Decisions(database, parts.people, matching.parts.places, lambda: datetime.now(UTC) + timedelta(days=30))
    await Timers(decisions, Times()).do_due()
    async with database.connection() as conn:
        found = await conn.execute("SELECT DISTINCT resource_id FROM notices")
        assert [str(row["resource_id"]) for row in await found.fetchall()] == [stays.id]


async def test_another_replica_writes_no_more_that_they_were_shown(
    start_matching: Callable[..., Any], database: Database
) -> None:
    async with start_matching() as running, start_matching(running.feed) as replica:
        one, other = somebody(9), somebody(9)
        running.feed.put(one, other)
        await running.caught_up()
        request = await Sides(running.call).create()
        await erase(running, one.id)
        replica.parts.ledger.record(request.id, [one.id, other.id])
        await replica.parts.ledger.write()
    async with database.connection() as conn:
        found = await conn.execute("SELECT profile_id FROM exposures")
        assert [str(row["profile_id"]) for row in await found.fetchall()] == [other.id]


async def test_who_reads_meanwhile_is_not_written_down(
    matching: Any, database: Database, matching_database: str
) -> None:
    """A read that is being written down is waited for; one that comes later is of somebody who was erased."""
    one = somebody(9)
    matching.feed.put(one)
    await matching.caught_up()
    values = [[one.id], HR.subject, HR.role.value, HR.organisation, "invitation"]
    read = "SELECT record_reads(%s::uuid[], %s, %s, %s, %s, now())"
    connecting = psycopg.AsyncConnection.connect(matching_database, **connect_options("matching"))
    async with await connecting as conn, conn.transaction():
        await conn.execute(read, values)
        erasing = asyncio.create_task(erase(matching, one.id))
        async with asyncio.timeout(60):
            while not (erasing.done() or await waiting(database)):  # noqa: ASYNC110 - what the service does by itself
                await asyncio.sleep(0.02)
    await erasing
    async with database.connection() as conn:
        await conn.execute(read, values)
        found = await conn.execute("SELECT action FROM audit_log WHERE profile_id = %s", [one.id])
        assert await found.fetchall() == []
        found = await conn.execute("SELECT subject, resource FROM audit_log WHERE action = 'read'")
        assert await found.fetchall() == [{"subject": HR.subject, "resource": "invitation"}]


async def test_the_enterprise_hears_that_what_waited_is_closed(matching: Any, database: Database) -> None:
    sides, one = Sides(matching.call), somebody(9)
    matching.feed.put(one)
    await matching.caught_up()
    await sides.offer((await sides.create()).id, one)
    await sides.invite((await sides.create()).id, one)
    await erase(matching, one.id)
    async with database.connection() as conn:
        found = await conn.execute("SELECT kind, profile_id, office, subject FROM notices ORDER BY kind")
        assert await found.fetchall() == [
            {"kind": kind, "profile_id": None, "office": "", "subject": "matching"}
            for kind in (NoticeKind.INVITATION_CLOSED, NoticeKind.OPT_IN_WITHDRAWN)
        ]


async def test_older_entries_about_others_do_not_keep_the_account_either(matching: Any, database: Database) -> None:
    sides, one, other = Sides(matching.call), somebody(9), somebody(9)
    matching.feed.put(one, other)
    await matching.caught_up()
    await sides.engage(one)
    async with database.connection() as conn:
        await conn.execute(
            "INSERT INTO audit_log (time, subject, role, organisation, resource, action, before, after, profile_id,"
            " fields) VALUES (now(), %s, 'retiree', '', 'invitation', 'close_filled', 'sent', 'withdrawn', %s, '{}')",
            [retiree(one).subject, other.id],
        )
    await erase(matching, one.id)
    async with database.connection() as conn:
        found = await conn.execute("SELECT action, subject FROM audit_log WHERE profile_id = %s", [other.id])
        assert await found.fetchall() == [{"action": "close_filled", "subject": ""}]


async def test_what_is_kept_in_memory_of_them_is_forgotten(matching: Any) -> None:
    sides, one = Sides(matching.call), replace(somebody(9), skills=("手工錾刻",))
    matching.feed.put(one)
    await matching.caught_up()
    await sides.engage(one, mentors_wanted=2, requirements=[{"text": "矿井通风"}])
    await matching.parts.places.read()
    reporting, catalogue = matching.parts.figures_servicer._reporting, matching.parts.catalogue
    with as_identity(ADMIN):
        await reporting.figures(None, None, "", By.UNSPECIFIED)
    assert reporting._kept._answers
    assert one.id in catalogue._taken
    await erase(matching, one.id)
    assert not reporting._kept._answers
    assert one.id not in catalogue._taken
