"""Somebody moves to another office: it sees and answers from then on, and the old one sees nothing any more."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from yinling.matching.v1 import engagement_pb2 as messages
from yinling.matching.v1 import engagement_service_pb2 as pb

from yinling_common.database import Database
from yinling_common.errors import YinlingError
from yinling_common.status import from_rpc_error
from yinling_common.testing import until
from yinling_matching.domain import Person
from yinling_matching.engaging.offices import OF_PERSON
from yinling_matching.engaging.testing import (
    COORDINATOR,
    HR,
    OFFICE,
    OTHER_COORDINATOR,
    Sides,
    check_invariants,
    retiree,
    somebody,
)
from yinling_matching.privacy.erased import mark_erased
from yinling_matching.testing import FakeFeed

ELSEWHERE = OTHER_COORDINATOR.organisation
ALLOWED = {"INVALID_FIELD", "NOT_FOUND", "ALREADY_EXISTS", "WRONG_STATE"}


async def offices(database: Database, person: Person) -> set[str]:
    """All that rows about somebody name."""
    found: set[str] = set()
    async with database.connection() as conn:
        for table in (*OF_PERSON, "people_offices", "notices"):
            query = f"SELECT office FROM {table} WHERE profile_id = %s"  # noqa: S608 - names of ours
            found |= {row["office"] for row in await (await conn.execute(query.encode(), [person.id])).fetchall()}
    return found


async def move(running: Any, database: Database, person: Person, office: str) -> None:
    running.feed.put(replace(person, organisation=office))

    async def moved() -> bool:
        return await offices(database, person) == {office}

    await until(moved)


async def seen(matching: Any, by: Any) -> list[int]:
    """How many invitations, opt-ins, engagements and sessions somebody lists."""
    return [
        len((await matching.call("ListInvitations", pb.ListInvitationsRequest(), by)).invitations),
        len((await matching.call("ListOptIns", pb.ListOptInsRequest(), by)).opt_ins),
        len((await matching.call("ListEngagements", pb.ListEngagementsRequest(), by)).engagements),
        len((await matching.call("ListMentoringSessions", pb.ListMentoringSessionsRequest(), by)).sessions),
    ]


async def test_the_new_office_sees_and_answers_and_the_old_one_does_not(
    matching: Any, person: Person, database: Database
) -> None:
    sides = Sides(matching.call)
    ended = await sides.engage(person)
    session = (await sides.log(ended.id, datetime.now(UTC) - timedelta(hours=2))).session
    await sides.do("CompleteEngagement", ended.id, HR)
    (sent,) = await sides.invite((await sides.create()).id, person)
    offered = await sides.offer((await sides.create()).id, person)
    under_way = await sides.engage(person)
    assert await seen(matching, COORDINATOR) == [3, 1, 2, 1]
    assert await seen(matching, OTHER_COORDINATOR) == [0, 0, 0, 0]
    await move(matching, database, person, ELSEWHERE)
    assert await seen(matching, COORDINATOR) == [0, 0, 0, 0]
    assert await seen(matching, OTHER_COORDINATOR) == [3, 1, 2, 1]
    for method, id_ in (
        ("GetInvitation", sent.id),
        ("GetOptIn", offered.id),
        ("GetEngagement", ended.id),
        ("GetMentoringSession", session.id),
        ("AcceptInvitation", sent.id),
        ("WithdrawOptIn", offered.id),
        ("PauseEngagement", under_way.id),
        ("CancelMentoringSession", session.id),
    ):
        assert (await matching.refusal(sides.do(method, id_, COORDINATOR))).reason == "NOT_FOUND", method
    feedback = sides.feedback(ended.id, COORDINATOR, messages.FEEDBACK_PHASE_END, 5, 5, 5)
    assert (await matching.refusal(feedback)).reason == "NOT_FOUND"
    assert (await matching.refusal(sides.offer(offered.mentoring_request_id, person, COORDINATOR))).reason == (
        "NOT_FOUND"
    )
    made = await sides.do("AcceptInvitation", sent.id, OTHER_COORDINATOR)
    await sides.do("WithdrawOptIn", offered.id, OTHER_COORDINATOR)
    await sides.do("PauseEngagement", under_way.id, OTHER_COORDINATOR)
    await sides.feedback(ended.id, OTHER_COORDINATOR, messages.FEEDBACK_PHASE_END, 5, 5, 5)
    await sides.log(made.id, datetime.now(UTC) + timedelta(days=1), OTHER_COORDINATOR)
    assert await offices(database, person) == {ELSEWHERE}
    await move(matching, database, person, OFFICE)  # and back
    assert await seen(matching, OTHER_COORDINATOR) == [0, 0, 0, 0]
    await check_invariants(database, {person.id: 9})


@pytest.fixture
async def replicas(start_matching: Callable[..., Any]) -> AsyncIterator[tuple[Any, Any]]:
    """One that follows the feed, and one whose feed has fallen silent."""
    async with start_matching(FakeFeed()) as fresh, start_matching(FakeFeed()) as stale:
        yield fresh, stale


async def test_a_replica_that_is_behind_changes_nothing_and_knows_no_better(
    replicas: tuple[Any, Any], database: Database
) -> None:
    fresh, stale = replicas
    person, new = somebody(9), somebody(9)
    for one in replicas:
        one.feed.put(person)
        await one.caught_up()
    sides = Sides(stale.call)
    request = await sides.create()
    await sides.engage(person)
    await move(fresh, database, person, ELSEWHERE)
    assert await stale.parts.moving.follow(None) == 0
    assert await stale.parts.moving.follow([person.id]) == 0
    await sides.invite((await sides.create()).id, person)
    assert await offices(database, person) == {ELSEWHERE}
    assert (await stale.refusal(sides.offer(request.id, person, COORDINATOR))).reason == "NOT_FOUND"
    stale.feed.put(new)  # the same revision as that of the move
    await stale.caught_up()
    assert await stale.parts.moving.follow(None) == 0
    stale.feed.put(replace(person, organisation="第三局"))  # a newer one
    await stale.caught_up()

    async def moved() -> bool:
        return await offices(database, person) == {"第三局"}

    await until(moved)
    assert await fresh.parts.moving.follow(None) == 0  # it is behind now


async def test_what_was_heard_just_before_the_end_is_caught_up_with(
    matching: Any, person: Person, database: Database
) -> None:
    sides = Sides(matching.call)
    await sides.engage(person)
    async with database.connection() as conn:
        for table in (*OF_PERSON, "people_offices", "notices"):
            await conn.execute(f"UPDATE {table} SET office = '旧局'".encode())  # noqa: S608 - names of ours
    assert await matching.parts.moving.follow(None) == 0  # as of this revision they are there
    matching.parts.moving.feed_went_back()

    async def moved() -> bool:
        return await offices(database, person) == {OFFICE}

    await until(moved)


async def test_what_was_written_before_people_were_followed_goes_where_they_are(
    matching: Any, person: Person, database: Database
) -> None:
    sides = Sides(matching.call)
    ended = await sides.engage(person)
    await sides.log(ended.id, datetime.now(UTC) - timedelta(hours=2))
    await sides.do("CompleteEngagement", ended.id, HR)
    await sides.invite((await sides.create()).id, person)
    async with database.connection() as conn:  # moved before: only what came later is of the office that they are of
        for table in OF_PERSON:
            query = f"UPDATE {table} SET office = %s WHERE mentoring_request_id = %s"  # noqa: S608 - names of ours
            await conn.execute(query.encode(), [ELSEWHERE, ended.mentoring_request_id])
    assert await seen(matching, OTHER_COORDINATOR) == [1, 0, 1, 1]
    await matching.parts.moving.look_at_everybody()
    assert await seen(matching, OTHER_COORDINATOR) == [0, 0, 0, 0]
    assert await offices(database, person) == {OFFICE}


async def test_what_an_older_replica_wrote_is_put_down(matching: Any, person: Person, database: Database) -> None:
    await Sides(matching.call).engage(person)
    async with database.connection() as conn:
        await conn.execute("DELETE FROM people_offices")
    await matching.parts.moving._put_down_missing()
    await move(matching, database, person, ELSEWHERE)
    async with database.connection() as conn:
        await conn.execute("DELETE FROM people_offices")
        await mark_erased(database, person.id)
    await matching.parts.moving._put_down_missing()
    async with database.connection() as conn:
        assert not (await conn.execute("SELECT FROM people_offices")).rowcount


async def test_moves_beside_everything_else_leave_one_office(
    matching: Any, database: Database, start_matching: Callable[..., Any]
) -> None:
    people = [somebody(9) for _ in range(3)]
    matching.feed.put(*people)
    await matching.caught_up()
    async with start_matching(matching.feed) as replica:
        sides = (Sides(matching.call), Sides(replica.call))
        requests = [(await sides[0].create(mentors_wanted=9)).id for _ in range(4)]

        async def act(turn: int) -> None:
            side, one = sides[turn % 2], people[turn % 3]
            by = (retiree(one), COORDINATOR, OTHER_COORDINATOR)[turn % 5 % 3]
            request = requests[turn % 4]
            try:
                if turn % 7 < 3:
                    sent = await side.invite(request, *people[: turn % 3 + 1])
                    for one_sent in sent:
                        await side.do("AcceptInvitation", one_sent.id, by)
                elif turn % 7 < 5:
                    await side.offer(request, one, by)
                else:
                    made = await side.engage(one)
                    await side.log(made.id, datetime.now(UTC) + timedelta(hours=turn), by)
            except Exception as error:
                refused: YinlingError = from_rpc_error(error)  # type: ignore[arg-type] # nothing else comes
                assert refused.reason in ALLOWED, refused

        async def wander() -> None:
            for turn in range(12):
                matching.feed.put(replace(people[turn % 3], organisation=(OFFICE, ELSEWHERE)[turn // 3 % 2]))
                await asyncio.sleep(0.02)

        async with asyncio.timeout(120):
            await asyncio.gather(wander(), *(act(turn) for turn in range(42)))

        async def settled() -> bool:
            return [await offices(database, one) for one in people] == [{ELSEWHERE}] * 3

        await until(settled)
        await check_invariants(database, {one.id: 9 for one in people})
