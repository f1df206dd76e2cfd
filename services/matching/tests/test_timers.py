"""What falls due is done once: by the clock, by several replicas at once, over restarts, and beside callers."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar
from uuid import uuid4

import grpc
import pytest
from pydantic import ValidationError
from yinling.matching.v1 import engagement_pb2 as engagement
from yinling.matching.v1 import matching_pb2 as pb
from yinling.matching.v1 import matching_service_pb2 as service_pb

from yinling_common.database import Database
from yinling_common.testing import Clock
from yinling_matching.catalogue.catalogue import Catalogue
from yinling_matching.days import CHINA
from yinling_matching.domain import Person
from yinling_matching.engaging.once import KEPT
from yinling_matching.engaging.people import People
from yinling_matching.engaging.places import Places
from yinling_matching.engaging.tables import INVITATIONS
from yinling_matching.engaging.testing import HR, Sides, check_invariants, retiree, somebody
from yinling_matching.engaging.timers import Timers
from yinling_matching.engaging.times import Times
from yinling_matching.engaging.unit import Decisions
from yinling_matching.index import FlatIndex
from yinling_matching.notices.domain import Audience, NoticeKind
from yinling_matching.notices.testing import told
from yinling_matching.settings import SCHEMA, MatchingSettings

PERSON, ENTERPRISE = Audience.PERSON, Audience.ENTERPRISE
DAY = timedelta(days=1)


class Everybody(People):
    """All people are here but those who are named."""

    missing: ClassVar[dict[str, bool | None]] = {}

    async def gone(self, profile_id: str) -> bool | None:
        return self.missing.get(profile_id, False)


def timers(database: Database, now: Callable[[], datetime], times: Times | None = None) -> Timers:
    """As one replica has them."""
    catalogue = Catalogue(lambda: FlatIndex(4))
    return Timers(Decisions(database, Everybody(catalogue), Places(database, catalogue), now), times or Times())


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def come(matching: Any, *people: Person) -> None:
    matching.feed.put(*people)
    await matching.caught_up()


async def news(database: Database) -> list[tuple[NoticeKind, Audience, dict[str, str]]]:
    """What was told since the last time, without the title."""
    rows = await told(database)
    async with database.connection() as conn:
        await conn.execute("DELETE FROM notices")
    return [(row["kind"], row["audience"], {k: v for k, v in row["facts"].items() if k != "title"}) for row in rows]


async def set_(database: Database, table: str, **values: Any) -> None:
    async with database.connection() as conn:
        names = ", ".join(f"{name} = %({name})s" for name in values)
        await conn.execute(f"UPDATE {table} SET {names}".encode(), values)  # noqa: S608 - names of the tests


async def test_a_person_is_reminded_once_and_the_invitation_expires(
    matching: Any, sides: Sides, database: Database, clock: Clock
) -> None:
    person = somebody()
    await come(matching, person)
    request = await sides.create()
    (sent,) = await sides.invite(request.id, person)
    due = timers(database, clock)
    await news(database)
    clock.time += 3 * DAY - timedelta(minutes=1)
    assert await due.do_due() == 0
    clock.time += timedelta(minutes=2)
    assert await due.do_due() == 1
    until = sent.expire_time.ToDatetime(UTC).isoformat()
    assert await news(database) == [(NoticeKind.INVITATION_REMINDER, PERSON, {"expire_time": until})]
    reminded = await sides.do("GetInvitation", sent.id, retiree(person))
    assert reminded.remind_time.ToDatetime(UTC) == clock.time
    assert reminded.etag == sent.etag  # whoever opened the page before can still say yes
    assert reminded.update_time == sent.update_time  # its state is the same
    assert await due.do_due() == 0
    clock.time += 4 * DAY
    assert await due.do_due() == 1
    assert await news(database) == [(NoticeKind.INVITATION_EXPIRED, ENTERPRISE, {})]
    expired = await sides.do("GetInvitation", sent.id, HR)
    assert expired.state == engagement.Invitation.STATE_EXPIRED
    assert await due.do_due() == 0
    assert await news(database) == []


async def test_who_has_less_than_a_day_left_is_not_reminded(
    matching: Any, sides: Sides, database: Database, clock: Clock
) -> None:
    """Nobody looked for days, because all replicas were away."""
    person = somebody()
    await come(matching, person)
    await sides.invite((await sides.create()).id, person)
    await news(database)
    clock.time += 7 * DAY - timedelta(hours=23)
    assert await timers(database, clock).do_due() == 0
    assert await news(database) == []


async def test_who_answered_is_left_alone(matching: Any, sides: Sides, database: Database, clock: Clock) -> None:
    yes, no, _ = people = [somebody() for _ in range(3)]
    await come(matching, *people)
    request = await sides.create(mentors_wanted=9)
    sent = await sides.invite(request.id, *people)
    await sides.do("AcceptInvitation", sent[0].id, retiree(yes))
    await sides.do("DeclineInvitation", sent[1].id, retiree(no), reason=engagement.DECLINE_REASON_NO_TIME)
    await sides.do("WithdrawInvitation", sent[2].id, HR)
    await news(database)
    for days in (4, 4, 400):
        clock.time += days * DAY
        await timers(database, clock, Times(feedback=timedelta())).do_due()
    assert await news(database) == []


async def test_a_request_expires_with_all_that_waits_for_it(
    matching: Any, sides: Sides, database: Database, clock: Clock
) -> None:
    first, second = people = [somebody() for _ in range(2)]
    await come(matching, *people)
    last = clock.time.astimezone(CHINA).date() + timedelta(days=5)
    request = await sides.create(expire_date={"year": last.year, "month": last.month, "day": last.day})
    open_for_ever = await sides.create()
    await sides.invite(request.id, first)
    await sides.offer(request.id, second)
    due = timers(database, clock, Times(remind=timedelta()))
    await news(database)
    # As the service has it, in UTC: there the last day goes on for eight hours.
    clock.time = datetime(last.year, last.month, last.day, 23, 59, tzinfo=CHINA).astimezone(UTC)
    assert await due.do_due() == 0
    clock.time += timedelta(minutes=2)
    assert await due.do_due() == 1
    assert await news(database) == [
        (NoticeKind.REQUEST_EXPIRED, ENTERPRISE, {}),
        (NoticeKind.INVITATION_CLOSED, PERSON, {"because": "request_expired"}),
        (NoticeKind.OPT_IN_TURNED_DOWN, PERSON, {"because": "request_expired"}),
    ]
    assert (await sides.do("GetMentoringRequest", request.id, HR)).state == pb.MentoringRequest.STATE_EXPIRED
    assert (await sides.do("GetMentoringRequest", open_for_ever.id, HR)).state == pb.MentoringRequest.STATE_OPEN
    history = await sides.do("ListMentoringRequestChanges", request.id, HR)
    step = (history.changes[0].action, history.changes[0].subject)
    assert step == (engagement.MentoringRequestChange.ACTION_EXPIRE, "matching")


async def test_before_the_timer_comes_nobody_is_found_for_a_request_whose_day_has_passed(
    matching: Any, sides: Sides, database: Database
) -> None:
    first, second = people = [somebody() for _ in range(2)]
    await come(matching, *people)
    request = await sides.create(mentors_wanted=3)
    (sent,) = await sides.invite(request.id, first)
    offered = await sides.offer(request.id, second)
    suggest = service_pb.SuggestRequestsRequest(profile_id=first.id)
    found = await matching.call("SuggestRequests", suggest, retiree(first))
    assert len(found.suggestions) == 1
    await set_(database, "mentoring_requests", expire_date=date(2026, 1, 1), etag="passed")
    found = await matching.call("SuggestRequests", suggest, retiree(first))
    assert not found.suggestions
    for call in (
        sides.invite(request.id, first),
        sides.offer(request.id, first),
        sides.do("AcceptInvitation", sent.id, retiree(first)),
        sides.do("ConfirmOptIn", offered.id, HR),
    ):
        error = await matching.refusal(call)
        assert (error.reason, error.metadata["state"]) == ("WRONG_STATE", "expired")


async def test_both_are_reminded_of_a_session_a_day_before(
    matching: Any, sides: Sides, database: Database, clock: Clock
) -> None:
    person = somebody(capacity=9)
    await come(matching, person)
    made = await engaged(sides, person)
    start = clock.time + 5 * DAY
    far, near, cancelled = [
        await plan(database, made, when, clock.time) for when in (start, clock.time + DAY / 2, start)
    ]
    async with database.connection() as conn:
        await conn.execute("UPDATE mentoring_sessions SET state = 3 WHERE id = %s", [cancelled])
    paused = await engaged(sides, person)
    await plan(database, paused, start, clock.time)
    await sides.do("PauseEngagement", paused, HR)
    due = timers(database, clock)
    await news(database)
    assert await due.do_due() == 0  # what is planned for today was told of when it was planned
    clock.time = start - DAY + timedelta(minutes=1)
    assert await due.do_due() == 1
    rows = await told(database)
    assert {(row["resource"], str(row["resource_id"])) for row in rows} == {("mentoring_session", far)}
    facts = {"start": start.isoformat(), "engagement_id": made}
    both = [(NoticeKind.SESSION_REMINDER, PERSON, facts), (NoticeKind.SESSION_REMINDER, ENTERPRISE, facts)]
    assert await news(database) == both
    assert await due.do_due() == 0
    # It is moved by a week: they are reminded of the new day.
    moved = start + 7 * DAY
    async with database.connection() as conn:
        await conn.execute(
            "UPDATE mentoring_sessions SET start_time = %s, update_time = %s WHERE id = %s", [moved, clock.time, far]
        )
    assert await due.do_due() == 0
    clock.time = moved - DAY / 2
    assert await due.do_due() == 1
    facts["start"] = moved.isoformat()
    assert await news(database) == both
    assert near != far


async def test_both_are_asked_halfway_who_has_not_written(
    matching: Any, sides: Sides, database: Database, clock: Clock
) -> None:
    person = somebody(capacity=9)
    await come(matching, person)
    today = clock.time.astimezone(CHINA).date()
    long_, written, paused, short = [await engaged(sides, person) for _ in range(4)]
    await set_(database, "engagements", planned_end_date=today + timedelta(days=100))
    async with database.connection() as conn:
        await conn.execute("UPDATE engagements SET state = 2 WHERE id = %s", [paused])
        week = [today + timedelta(days=7), short]
        await conn.execute("UPDATE engagements SET planned_end_date = %s WHERE id = %s", week)
    await write_feedback(database, written, 1, 1, clock.time)  # the enterprise did
    due = timers(database, clock)
    await news(database)
    for days in (5, 44):  # half of the week, and almost half of the others
        clock.time += days * DAY
        assert await due.do_due() == 0
    clock.time += 2 * DAY
    assert await due.do_due() == 2
    rows = [(str(row["resource_id"]), row["audience"], row["facts"]["phase"]) for row in await told(database)]
    assert sorted(rows) == sorted(
        [(long_, PERSON, "halfway"), (long_, ENTERPRISE, "halfway"), (written, PERSON, "halfway")]
    )
    assert await due.do_due() == 0


async def test_who_has_not_written_at_the_end_is_asked_once_more(
    matching: Any, sides: Sides, database: Database, clock: Clock
) -> None:
    person = somebody(capacity=9)
    await come(matching, person)
    nobody, one, both = [await engaged(sides, person) for _ in range(3)]
    for id_ in (nobody, one, both):
        await sides.do("CompleteEngagement", id_, HR)
    for id_, side in ((one, 2), (both, 1), (both, 2)):
        await write_feedback(database, id_, 2, side, clock.time)
    for side in (1, 2):
        await write_feedback(database, nobody, 1, side, clock.time)  # halfway, which is not the end
    due = timers(database, clock)
    await news(database)
    clock.time += 6 * DAY
    assert await due.do_due() == 0
    clock.time += 2 * DAY
    assert await due.do_due() == 2
    rows = [(str(row["resource_id"]), row["audience"], row["facts"]["again"]) for row in await told(database)]
    assert sorted(rows) == sorted([(nobody, PERSON, "yes"), (nobody, ENTERPRISE, "yes"), (one, ENTERPRISE, "yes")])
    clock.time += 30 * DAY
    assert await due.do_due() == 0


async def test_nobody_is_asked_of_what_ended_long_ago(
    matching: Any, sides: Sides, database: Database, clock: Clock
) -> None:
    person = somebody()
    await come(matching, person)
    await sides.do("CompleteEngagement", await engaged(sides, person), HR)
    await news(database)
    clock.time += 61 * DAY
    assert await timers(database, clock).do_due() == 0


async def test_many_replicas_at_once_and_one_after_the_other_do_everything_once(
    matching: Any, sides: Sides, database: Database, matching_database: str, clock: Clock
) -> None:
    people = [somebody(capacity=99) for _ in range(12)]
    await come(matching, *people)
    requests = [await sides.create(mentors_wanted=20) for _ in range(5)]
    for request in requests:
        await sides.invite(request.id, *people)
    await news(database)

    async def replica(work: float) -> None:
        """One that is cut off in the middle, and started again."""
        async with Database(matching_database, schema=SCHEMA, max_size=3) as own:
            cut = asyncio.create_task(timers(own, clock).do_due())
            await asyncio.wait({cut}, timeout=work)
            cut.cancel()
            await asyncio.gather(cut, return_exceptions=True)
            await timers(own, clock).do_due()

    for kind, days in ((NoticeKind.INVITATION_REMINDER, 3.5), (NoticeKind.INVITATION_EXPIRED, 4.0)):
        clock.time += days * DAY
        await asyncio.gather(*(replica(0.02 * n) for n in range(6)))
        await timers(database, clock).do_due()  # what was locked by all of them at their last look
        told_ = Counter(str(row["resource_id"]) for row in await told(database) if row["kind"] is kind)
        assert set(told_.values()) == {1}
        assert len(told_) == len(people) * len(requests)
        if kind is NoticeKind.INVITATION_REMINDER:
            async with database.connection() as conn:
                await conn.execute("DELETE FROM notices WHERE kind = 2")
    async with database.connection() as conn:
        found = await (await conn.execute("SELECT state FROM invitations")).fetchall()
    assert {row["state"] for row in found} == {4}


async def test_a_timer_and_callers_at_once(matching: Any, sides: Sides, database: Database, clock: Clock) -> None:
    """At the last moment: each invitation is accepted or expired, never both, and told of once."""
    people = [somebody() for _ in range(10)]
    await come(matching, *people)
    request = await sides.create(mentors_wanted=20)
    sent = await sides.invite(request.id, *people)
    now = clock.time + 8 * DAY

    async def accept(one: Any, person: Person) -> bool:
        try:
            await sides.do("AcceptInvitation", one.id, retiree(person))
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.FAILED_PRECONDITION:
                raise
            return False
        return True

    async def expire() -> None:
        for _ in range(30):
            await timers(database, lambda: now).do_due()
            await asyncio.sleep(0.01)

    accepted, *_ = await asyncio.gather(
        asyncio.gather(*(accept(one, person) for one, person in zip(sent, people, strict=True))), expire(), expire()
    )
    async with database.connection() as conn:
        rows = await (await conn.execute("SELECT state, count(*) AS n FROM invitations GROUP BY state")).fetchall()
    assert {row["state"]: row["n"] for row in rows} == {
        state: n for state, n in ((2, sum(accepted)), (4, len(people) - sum(accepted))) if n
    }
    await check_invariants(database, {person.id: 9 for person in people})


async def test_what_fails_does_not_keep_the_rest_waiting(
    matching: Any, sides: Sides, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [somebody() for _ in range(3)]
    await come(matching, *people)
    request = await sides.create(mentors_wanted=9)
    sent = await sides.invite(request.id, *people)
    await news(database)
    update = INVITATIONS.update

    async def fail(conn: Any, thing: Any) -> None:
        if thing.id == sent[1].id:
            raise RuntimeError("this one is broken")
        await update(conn, thing)

    monkeypatch.setattr(INVITATIONS, "update", fail)
    clock.time += 8 * DAY
    assert await timers(database, clock).do_due() == 2
    monkeypatch.undo()
    assert await timers(database, clock).do_due() == 1
    assert len(await news(database)) == 3


async def test_the_service_does_it_by_itself(matching: Any, sides: Sides, database: Database) -> None:
    """It looks at its start, so what fell due while it was away is done at once."""
    person = somebody()
    await come(matching, person)
    await sides.invite((await sides.create()).id, person)
    past = datetime.now(UTC) - DAY
    await set_(database, "invitations", expire_time=past)
    matching.parts.timers.wake()
    async with asyncio.timeout(60):
        while await states(database) != [4]:  # noqa: ASYNC110 - what the service does by itself
            await asyncio.sleep(0.02)


async def test_old_keys_and_reminders_are_forgotten(database: Database, clock: Clock) -> None:
    async with database.connection() as conn:
        for age in (KEPT + DAY, KEPT - DAY):
            await conn.execute(
                "INSERT INTO idempotency_keys (subject, key, method, body, create_time) VALUES ('x', %s, '', '', %s)",
                [uuid4(), clock.time - age],
            )
        for name, age in (("session", 31), ("session", 29), ("halfway", 31)):
            await conn.execute(
                "INSERT INTO reminders (resource_id, name, about, time) VALUES (%s, %s, %s, %s)",
                [uuid4(), name, clock.time - age * DAY, clock.time],
            )
        await timers(database, clock).purge()
        query = "SELECT (SELECT count(*) FROM idempotency_keys) AS keys, (SELECT count(*) FROM reminders) AS reminders"
        assert await (await conn.execute(query)).fetchone() == {"keys": 1, "reminders": 2}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"reminder_days": 7}, "a day or more below"),
        ({"invitation_days": 2}, "a day or more below"),
        ({"invitation_days": 0}, "greater than 0"),
        ({"invitation_days": "soon"}, "valid number"),
        ({"timer_seconds": 0}, "greater than 0"),
        ({"feedback_reminder_days": 31}, "less than or equal to 30"),
    ],
)
def test_settings_that_make_no_sense_are_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        MatchingSettings(database_url="postgresql://x", **given)


def test_settings_say_how_long_things_take() -> None:
    settings = MatchingSettings(database_url="postgresql://x", invitation_days=2.5, reminder_days=0)
    assert settings.times() == Times(answer=2.5 * DAY, remind=timedelta())


async def engaged(sides: Sides, person: Person) -> str:
    request = await sides.create()
    (sent,) = await sides.invite(request.id, person)
    return str((await sides.do("AcceptInvitation", sent.id, retiree(person))).id)


async def plan(database: Database, engagement_id: str, start: datetime, now: datetime) -> str:
    id_ = str(uuid4())
    async with database.connection() as conn:
        await conn.execute(
            "INSERT INTO mentoring_sessions SELECT %s, id, mentoring_request_id, organisation, profile_id, office, 1,"
            " %s, 60, '', '', '', 1, %s, %s, 'x' FROM engagements WHERE id = %s",
            [id_, start, now, now, engagement_id],
        )
    return id_


async def write_feedback(database: Database, engagement_id: str, phase: int, side: int, now: datetime) -> None:
    async with database.connection() as conn:
        await conn.execute(
            "INSERT INTO engagement_feedback SELECT id, %s, %s, profile_id, 5, 5, 5, '', %s, %s FROM engagements"
            " WHERE id = %s",
            [phase, side, now, now, engagement_id],
        )


async def states(database: Database) -> list[int]:
    async with database.connection() as conn:
        return [row["state"] for row in await (await conn.execute("SELECT state FROM invitations")).fetchall()]


class Quiet:
    """A log that keeps nothing."""

    @classmethod
    def get(cls) -> type["Quiet"]:
        return cls

    @staticmethod
    def info(event: str, **_: object) -> None:
        return None

    exception = info


async def test_hundreds_that_fail_do_not_keep_one_waiting_and_are_tried_less_and_less(
    matching: Any, sides: Sides, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = somebody(9)
    await come(matching, person)
    (good,) = await sides.invite((await sides.create()).id, person)
    bad = [str(uuid4()) for _ in range(350)]
    monkeypatch.setattr("yinling_matching.engaging.timers.logs", Quiet)  # it is slow to write traces down
    async with database.transaction() as conn:  # each of them is due before the one that is well
        await conn.execute("CREATE TEMP TABLE one ON COMMIT DROP AS SELECT * FROM mentoring_requests LIMIT 1")
        for id_ in bad:
            await conn.execute("UPDATE one SET id = %s", [id_])
            await conn.execute("INSERT INTO mentoring_requests SELECT * FROM one")
    # By this clock alone: the service beside goes by its own, and would do them.
    last = clock.time.astimezone(CHINA).date() + 2 * DAY
    clock.move(days=5)
    await set_(database, "mentoring_requests", expire_date=last)
    async with database.connection() as conn:
        await conn.execute("UPDATE mentoring_requests SET expire_date = %s WHERE id = ANY(%s)", [last - DAY, bad])
    tried: Counter[str] = Counter()

    async def expire(unit: Any, request: Any, id_: str) -> None:
        tried[id_] += 1
        if id_ in bad:
            raise ValueError(id_)
        await set_(database, "invitations", expire_time=clock.time)

    one = timers(database, clock)
    (timer,) = [timer for timer in one._timers if timer.name == "expire_request"]
    monkeypatch.setattr(one, "_timers", [replace(timer, act=expire)])
    assert await one.do_due() == 1
    assert tried == dict.fromkeys([*bad, good.mentoring_request_id], 1)
    for minutes, times in ((0.5, 1), (1, 2), (1, 2), (1.5, 3), (3, 3), (1.5, 4), (100, 5), (15, 5), (2, 6)):
        clock.time += timedelta(minutes=minutes)
        await set_(database, "mentoring_requests", state=2)
        await one.do_due()
        assert {tried[id_] for id_ in bad} == {times}, minutes


async def test_nobody_is_asked_about_who_took_their_consent_back(
    matching: Any, sides: Sides, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stays, gone, unknown = (somebody(9) for _ in range(3))
    await come(matching, stays, gone, unknown)
    half, over = {}, {}
    for person in (stays, gone, unknown):
        half[person.id] = (await sides.engage(person)).id
        over[person.id] = (await sides.engage(person)).id
        await sides.do("CompleteEngagement", over[person.id], HR)
    async with database.connection() as conn:
        await conn.execute("UPDATE engagements SET planned_end_date = current_date + 40 WHERE state = 1")
    await news(database)
    clock.time += 30 * DAY
    one = timers(database, clock)
    missing: dict[str, bool | None] = {gone.id: True, unknown.id: None}
    monkeypatch.setattr(Everybody, "missing", missing)

    async def asked() -> set[tuple[str, str]]:
        await one.do_due()
        rows = await told(database)
        await news(database)
        found = {(str(row["profile_id"]), row["facts"]["phase"]) for row in rows}
        assert {row["kind"] for row in rows} <= {NoticeKind.FEEDBACK_ASKED}
        return found

    assert await asked() == {(stays.id, "halfway"), (stays.id, "end")}
    assert await asked() == set()
    missing.clear()  # they are here, or here again
    clock.time += timedelta(hours=1)
    assert await asked() == {(one.id, phase) for one in (gone, unknown) for phase in ("halfway", "end")}
