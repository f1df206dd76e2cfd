"""Many clients at the same moment, two replicas, real PostgreSQL: what must hold holds, and nobody waits for ever."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from yinling.matching.v1 import engagement_pb2 as engagement
from yinling.matching.v1 import engagement_service_pb2 as engagement_pb

from yinling_common.database import Database
from yinling_common.errors import YinlingError
from yinling_common.identity import Identity
from yinling_common.status import from_rpc_error
from yinling_matching.converters.values import timestamp
from yinling_matching.days import begin_of, week_of
from yinling_matching.domain import Person
from yinling_matching.engaging.testing import (
    COORDINATOR,
    HR,
    Sides,
    check_invariants,
    check_sessions,
    retiree,
    somebody,
)
from yinling_matching.notices.domain import NoticeKind
from yinling_matching.testing import FakeFeed

import grpc  # isort: skip


class Crowd:
    """Two replicas on one database; each call goes to one of them in turn."""

    def __init__(self, replicas: list[Any], feed: FakeFeed, database: Database) -> None:
        self.replicas = replicas
        self.feed = feed
        self.database = database
        self.people: list[Person] = []
        self._turn = 0
        self.sides = Sides(self.call)

    async def call(self, method: str, request: Any, caller: Identity) -> Any:
        self._turn += 1
        return await self.replicas[self._turn % len(self.replicas)].call(method, request, caller, seconds=120)

    async def come(self, count: int, capacity: int, hours_per_week: int = 0) -> list[Person]:
        people = [somebody(capacity, hours_per_week) for _ in range(count)]
        self.people += people
        self.feed.put(*people)
        for replica in self.replicas:
            await replica.caught_up()
        return people

    async def hold(self) -> None:
        await check_invariants(self.database, {one.id: one.capacity or 1 for one in self.people})
        await check_sessions(self.database, {one.id: one.hours_per_week or 168 for one in self.people})


@pytest.fixture
async def crowd(start_matching: Callable[..., Any], database: Database) -> AsyncIterator[Crowd]:
    feed = FakeFeed()
    async with start_matching(feed) as one, start_matching(feed) as other:
        yield Crowd([one, other], feed, database)


async def outcomes(*calls: Awaitable[Any]) -> Counter[str]:
    """How many were done, and how many refused with which reason and state, all at once."""

    async def outcome(call: Awaitable[Any]) -> str:
        try:
            await call
        except grpc.aio.AioRpcError as error:
            refusal: YinlingError = from_rpc_error(error)
            return f"{refusal.reason}:{refusal.metadata.get('state', '')}"
        return "done"

    return Counter(await asyncio.gather(*(outcome(call) for call in calls)))


async def test_many_accept_the_last_places_of_a_request(crowd: Crowd) -> None:
    people = await crowd.come(12, 1)
    request = await crowd.sides.create(mentors_wanted=2)
    sent = await crowd.sides.invite(request.id, *people)
    found = await outcomes(
        *(crowd.sides.do("AcceptInvitation", one.id, retiree(person)) for one, person in zip(sent, people, strict=True))
    )
    assert found == {"done": 2, "WRONG_STATE:withdrawn": 10}
    kept = await crowd.sides.do("GetMentoringRequest", request.id, HR)
    assert kept.state == kept.STATE_FILLED
    for one in sent:
        now = await crowd.sides.do("GetInvitation", one.id, HR)
        assert now.state == engagement.Invitation.STATE_ACCEPTED or (
            now.state == engagement.Invitation.STATE_WITHDRAWN
            and now.closed_because == engagement.CLOSED_BECAUSE_FILLED
        )
    await crowd.hold()


async def test_one_person_is_wanted_by_many(crowd: Crowd) -> None:
    (person,) = await crowd.come(1, 3)
    requests = [await crowd.sides.create() for _ in range(10)]
    calls = []
    for number, request in enumerate(requests):
        if number % 2:
            (sent,) = await crowd.sides.invite(request.id, person)
            calls.append(crowd.sides.do("AcceptInvitation", sent.id, retiree(person)))
        else:
            made = await crowd.sides.offer(request.id, person)
            calls.append(crowd.sides.do("ConfirmOptIn", made.id, HR))
    assert await outcomes(*calls) == {"done": 3, "WRONG_STATE:person_full": 7}
    await crowd.hold()


async def test_accept_against_withdraw_against_close(crowd: Crowd) -> None:
    people = await crowd.come(15, 1)
    calls = []
    for person in people:
        request = await crowd.sides.create()
        (sent,) = await crowd.sides.invite(request.id, person)
        calls += [
            crowd.sides.do("AcceptInvitation", sent.id, retiree(person)),
            crowd.sides.do("AcceptInvitation", sent.id, COORDINATOR),
            crowd.sides.do("WithdrawInvitation", sent.id, HR),
            crowd.sides.do("CloseMentoringRequest", request.id, HR),
        ]
    random.Random(4).shuffle(calls)
    found = await outcomes(*calls)
    assert found["done"] >= len(people)
    assert {key.partition(":")[0] for key in found} == {"done", "WRONG_STATE"}
    await crowd.hold()


async def test_the_same_key_twice_at_once(crowd: Crowd) -> None:
    people = await crowd.come(4, 1)
    request = await crowd.sides.create(mentors_wanted=4)
    key = str(uuid4())
    answers = await asyncio.gather(*(crowd.sides.invite(request.id, *people, key=key) for _ in range(8)))
    assert all(answer == answers[0] for answer in answers)
    for sent, person in zip(answers[0], people, strict=True):
        key = str(uuid4())
        made = await asyncio.gather(
            *(crowd.sides.do("AcceptInvitation", sent.id, retiree(person), request_id=key) for _ in range(8))
        )
        assert all(one == made[0] for one in made)
    other = crowd.sides.do("AcceptInvitation", answers[0][0].id, retiree(people[1]), request_id=key)
    assert await outcomes(other) == {"NOT_FOUND:": 1}
    await crowd.hold()


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_everybody_does_anything(crowd: Crowd, seed: int) -> None:
    luck = random.Random(seed)
    people = await crowd.come(4, 1) + await crowd.come(4, 2)
    requests = [(await crowd.sides.create(mentors_wanted=luck.randint(1, 3))).id for _ in range(6)]

    fields_of = {"ListInvitations": "invitations", "ListOptIns": "opt_ins", "ListEngagements": "engagements"}

    async def listed(method: str, **fields: Any) -> list[Any]:
        asked = getattr(engagement_pb, f"{method}Request")(page_size=200, **fields)
        found = await crowd.call(method, asked, HR)
        return list(getattr(found, fields_of[method]))

    async def anything() -> None:
        sides, request, person = crowd.sides, luck.choice(requests), luck.choice(people)
        match luck.randrange(10):
            case 0 | 1:
                await sides.invite(request, *luck.sample(people, luck.randint(1, 3)))
            case 2:
                await sides.offer(request, person)
            case 3 | 4 | 5 if sent := await listed("ListInvitations", state=engagement.Invitation.STATE_SENT):
                one = luck.choice(sent)
                method = luck.choice(["AcceptInvitation", "AcceptInvitation", "WithdrawInvitation"])
                await sides.do(method, one.id, HR if method[0] == "W" else COORDINATOR)
            case 6 | 7 if made := await listed("ListOptIns", state=engagement.OptIn.STATE_OFFERED):
                await sides.do("ConfirmOptIn", luck.choice(made).id, HR)
            case 8 if active := await listed("ListEngagements"):
                method = luck.choice(["PauseEngagement", "ResumeEngagement", "CompleteEngagement", "EndEngagement"])
                fields = {"reason": engagement.END_REASON_NO_FIT} if method[0] == "E" else {}
                await sides.do(method, luck.choice(active).id, HR, **fields)
            case _:
                method = luck.choice(["CloseMentoringRequest", "ReopenMentoringRequest"])
                await sides.do(method, request, HR)

    async def client() -> Counter[str]:
        found: Counter[str] = Counter()
        for _ in range(8):
            found += await outcomes(anything())
        return found

    found: Counter[str] = sum(await asyncio.gather(*(client() for _ in range(12))), Counter())
    reasons = {key.partition(":")[0] for key in found}
    assert reasons <= {"done", "WRONG_STATE", "INVALID_FIELD", "ALREADY_EXISTS"}, found
    assert found["done"] > 10
    await crowd.hold()


MONDAY = begin_of(week_of(datetime.now(UTC)) + timedelta(days=7)) + timedelta(hours=10)
"""Of next week, at ten in China."""


async def test_many_plan_the_last_hours_of_a_week(crowd: Crowd) -> None:
    (person,) = await crowd.come(1, 5, hours_per_week=10)
    engagements = [(await crowd.sides.engage(person)).id for _ in range(5)]
    calls = [
        crowd.sides.log(id_, MONDAY + timedelta(hours=2 * n), caller)
        for n in range(6)
        for id_, caller in zip(engagements, [HR, retiree(person), COORDINATOR, HR, HR], strict=True)
    ]
    assert await outcomes(*calls) == {"done": 10, "HOURS_EXCEEDED:": 20}
    await crowd.hold()
    async with crowd.database.connection() as conn:
        query = "SELECT audience FROM notices WHERE kind = %s ORDER BY audience"
        found = await conn.execute(query, [NoticeKind.HOURS_NEAR_LIMIT.value])
        assert [row["audience"] async for row in found] == [1, 2]  # the one that brought it there told both


async def test_the_two_sides_write_the_same_session_down_at_once(crowd: Crowd) -> None:
    people = await crowd.come(8, 1, hours_per_week=40)
    calls = []
    for person in people:
        made = await crowd.sides.engage(person)
        calls += [crowd.sides.log(made.id, MONDAY, caller) for caller in (HR, retiree(person), COORDINATOR)]
    assert await outcomes(*calls) == {"done": 8, "INVALID_FIELD:": 16}
    await crowd.hold()


async def test_nothing_is_planned_after_the_end(crowd: Crowd) -> None:
    people = await crowd.come(8, 1)
    calls = []
    for person in people:
        made = await crowd.sides.engage(person)
        starts = [MONDAY + timedelta(hours=n) for n in range(4)]
        calls += [crowd.sides.log(made.id, start, by) for start, by in zip(starts, [HR, COORDINATOR] * 2, strict=True)]
        calls.append(crowd.sides.do("CompleteEngagement", made.id, HR))
    random.Random(7).shuffle(calls)
    found = await outcomes(*calls)
    assert found["done"] + found["WRONG_STATE:completed"] == len(calls)
    assert found["done"] >= len(people)
    await crowd.hold()


async def test_both_sides_say_how_it_went_at_once(crowd: Crowd) -> None:
    people = await crowd.come(6, 1)
    calls = []
    for person in people:
        made = await crowd.sides.engage(person)
        phase = engagement.FEEDBACK_PHASE_HALFWAY
        calls += [crowd.sides.feedback(made.id, caller, phase, 0, 4) for caller in (HR, retiree(person), COORDINATOR)]
    found = await outcomes(*calls)
    assert found["done"] + found["WRONG_STATE:both_written"] == len(calls)
    assert found["done"] >= 2 * len(people)
    async with crowd.database.connection() as conn:
        query = "SELECT resource_id FROM notices WHERE kind = %s"
        found_rows = await (await conn.execute(query, [NoticeKind.FEEDBACK_READY.value])).fetchall()
        told = Counter(row["resource_id"] for row in found_rows)
        rated = await (await conn.execute("SELECT count(*) AS count FROM feedback")).fetchone()
    assert list(told.values()) == [2] * len(people)
    assert rated == {"count": len(people)}


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_hours_hold_whatever_is_done_with_sessions(crowd: Crowd, seed: int) -> None:
    luck = random.Random(seed)
    people = await crowd.come(1, 3, hours_per_week=2) + await crowd.come(1, 3, hours_per_week=3)
    made = [(await crowd.sides.engage(person)).id for person in people for _ in range(3)]
    # It has passed, and may still be written down on any day of the week: what was planned can be moved to it, held,
    # and grow.
    begun = datetime.now(UTC) - timedelta(hours=20)

    async def anything() -> None:
        start = luck.choice([begun, MONDAY])
        start += timedelta(minutes=30 * luck.randrange(16))
        listed = await crowd.call(
            "ListMentoringSessions", engagement_pb.ListMentoringSessionsRequest(page_size=200), HR
        )
        there = [one for one in listed.sessions if one.state != one.STATE_CANCELLED]
        if not there or luck.random() < 0.6:
            await crowd.sides.log(
                luck.choice(made), start, luck.choice([HR, COORDINATOR]), minutes=luck.choice([30, 90])
            )
            return
        one = luck.choice(there)
        match luck.randrange(4):
            case 0:
                await crowd.sides.do("CancelMentoringSession", one.id, HR)
            case 1:
                await crowd.sides.do("HoldMentoringSession", one.id, COORDINATOR, minutes=luck.choice([0, 60]))
            case 2:
                session = engagement.MentoringSession(
                    id=one.id, minutes=luck.choice([15, 120]), start_time=timestamp(start)
                )
                mask = FieldMask(paths=luck.choice([["minutes"], ["start_time"], ["start_time", "minutes"]]))
                asked = engagement_pb.UpdateMentoringSessionRequest(session=session, update_mask=mask)
                await crowd.call("UpdateMentoringSession", asked, HR)
            case _:
                method = luck.choice(["PauseEngagement", "ResumeEngagement"])
                await crowd.sides.do(method, one.engagement_id, HR)

    async def client() -> Counter[str]:
        found: Counter[str] = Counter()
        for _ in range(8):
            found += await outcomes(anything())
        return found

    found: Counter[str] = sum(await asyncio.gather(*(client() for _ in range(12))), Counter())
    reasons = {key.partition(":")[0] for key in found}
    assert reasons <= {"done", "WRONG_STATE", "INVALID_FIELD", "HOURS_EXCEEDED"}, found
    assert found["done"] > 10
    assert found["HOURS_EXCEEDED:"] > 0
    await crowd.hold()
