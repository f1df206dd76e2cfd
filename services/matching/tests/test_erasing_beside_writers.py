"""An erasure beside writers whose replica has not heard of it: nothing of theirs is left, and nobody waits for ever."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from yinling.matching.v1 import engagement_service_pb2 as engagement_pb
from yinling.matching.v1 import matching_pb2 as pb
from yinling.matching.v1 import matching_service_pb2 as service_pb
from yinling.matching.v1 import privacy_service_pb2 as privacy_pb

from yinling_common.database import Database, connect_options
from yinling_common.errors import YinlingError
from yinling_common.identity import as_identity
from yinling_common.status import from_rpc_error
from yinling_matching.domain import Person
from yinling_matching.engaging.testing import ADMIN, COORDINATOR, HR, Sides, retiree, somebody
from yinling_matching.privacy.erased import erased, mark_erased
from yinling_matching.testing import FakeFeed

ALLOWED = {"INVALID_FIELD", "NOT_FOUND", "ALREADY_EXISTS", "WRONG_STATE"}


async def erase(running: Any, profile_id: str) -> None:
    running.feed.remove(profile_id)
    await running.caught_up()
    with as_identity(ADMIN):
        await running.parts.privacy_servicer.ErasePerson(privacy_pb.ErasePersonRequest(profile_id=profile_id), None)


async def telling(url: str, profile_id: str) -> list[str]:
    """The tables that know somebody."""
    found = []
    async with await psycopg.AsyncConnection.connect(url, **connect_options("matching")) as conn:
        tables = await (await conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'matching'")).fetchall()
        for (name,) in (row.values() for row in tables):
            query = f"SELECT FROM {name} t WHERE strpos(t::text, %s) > 0 LIMIT 1"
            if (await conn.execute(query.encode(), [profile_id])).rowcount:
                found.append(name)
    return found


@pytest.fixture
async def replicas(start_matching: Callable[..., Any]) -> AsyncIterator[tuple[Any, Any]]:
    """One that follows the feed, and one whose feed has fallen silent."""
    async with start_matching(FakeFeed()) as fresh, start_matching(FakeFeed()) as stale:
        yield fresh, stale


async def come(replicas: tuple[Any, Any], *people: Person) -> None:
    for one in replicas:
        one.feed.put(*people)
        await one.caught_up()


async def test_a_replica_that_has_not_heard_of_it_writes_nothing(
    replicas: tuple[Any, Any], matching_database: str
) -> None:
    fresh, stale = replicas
    person, sides = somebody(9), Sides(stale.call)
    await come(replicas, person)
    made = await sides.create(blocked_profile_ids=[person.id])
    request = (await sides.create()).id
    await erase(fresh, person.id)
    error = await stale.refusal(sides.invite(request, person))
    assert [(one.field, one.rule) for one in error.violations] == [("profile_ids[0]", "profile.unknown")]
    for by in (retiree(person), COORDINATOR):
        assert (await stale.refusal(sides.offer(request, person, by))).reason == "NOT_FOUND"
    with as_identity(COORDINATOR):
        asked = privacy_pb.ExportPersonRequest(profile_id=person.id)
        assert not (await stale.parts.privacy_servicer.ExportPerson(asked, None)).ListFields()
    # HR's form is older than the erasure.
    form = pb.MentoringRequest(id=made.id, title="改了", organisation=made.organisation)
    form.blocked_profile_ids.append(person.id)
    changed = await stale.call(
        "UpdateMentoringRequest", service_pb.UpdateMentoringRequestRequest(mentoring_request=form), HR
    )
    assert (changed.title, list(changed.blocked_profile_ids)) == ("改了", [])
    again = await sides.create(blocked_profile_ids=[person.id])
    assert not again.blocked_profile_ids
    assert await telling(matching_database, person.id) == []


async def test_an_erasure_beside_writers_leaves_nothing(replicas: tuple[Any, Any], matching_database: str) -> None:
    fresh, stale = replicas
    sides = Sides(stale.call)
    for _ in range(4):
        person, other = somebody(9), somebody(9)
        await come(replicas, person, other)
        requests = [(await sides.create(mentors_wanted=9)).id for _ in range(6)]
        (sent,) = await sides.invite(requests[0], person)

        ids = (*requests, sent.id)

        async def write(turn: int, person: Person = person, other: Person = other, ids: Any = ids) -> None:
            by = retiree(person)
            doing: list[Any] = [
                lambda: sides.invite(ids[1], other, person),
                lambda: sides.offer(ids[2], person, by, str(uuid4())),
                lambda: sides.invite(ids[3], person, key=str(uuid4())),
                lambda: sides.offer(ids[4], person, COORDINATOR),
                lambda: sides.do("AcceptInvitation", ids[-1], by, request_id=str(uuid4())),
                lambda: sides.create(blocked_profile_ids=[person.id]),
                lambda: stale.call("ListInvitations", engagement_pb.ListInvitationsRequest(), HR),
                lambda: stale.call("ListEngagements", engagement_pb.ListEngagementsRequest(), COORDINATOR),
            ]
            try:
                await doing[turn % len(doing)]()
            except Exception as error:
                refused: YinlingError = from_rpc_error(error)  # type: ignore[arg-type] # nothing else comes
                assert refused.reason in ALLOWED, refused

        first = [asyncio.create_task(write(turn)) for turn in range(4)]
        erasing = asyncio.create_task(erase(fresh, person.id))
        rest = [asyncio.create_task(write(turn)) for turn in range(24)]
        async with asyncio.timeout(60):
            await asyncio.gather(*first, erasing, *rest)
        assert await telling(matching_database, person.id) == []
        assert await telling(matching_database, retiree(person).subject) == []
        await sides.invite((await sides.create()).id, other)
        assert "invitations" in await telling(matching_database, other.id)


async def test_whoever_writes_already_is_waited_for(database: Database) -> None:
    person = str(uuid4())
    async with asyncio.timeout(30):
        async with database.transaction() as writer:
            assert await erased(writer, [person]) == set()
            marking = asyncio.create_task(mark_erased(database, person))
            async with database.connection() as conn:
                query = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
                while not (await conn.execute(query)).rowcount:  # noqa: ASYNC110 - what the database does by itself
                    await asyncio.sleep(0.01)
            assert not marking.done()
        await marking
        async with database.transaction() as writer:
            assert await erased(writer, [person, str(uuid4())]) == {person}
