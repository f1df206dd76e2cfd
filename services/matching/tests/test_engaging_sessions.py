"""Mentoring sessions through the real server: what is counted, what is refused, who is told."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from google.protobuf.field_mask_pb2 import FieldMask
from yinling.matching.v1 import engagement_pb2 as messages
from yinling.matching.v1 import engagement_service_pb2 as engagement_pb

from yinling_common.database import Database
from yinling_matching.days import CHINA, begin_of, week_of
from yinling_matching.domain import Person
from yinling_matching.engaging.testing import COORDINATOR, HR, OTHER_HR, Sides, check_invariants, retiree, somebody
from yinling_matching.notices.domain import NoticeKind

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
Session = messages.MentoringSession


async def come(matching: Any, hours_per_week: int = 0, capacity: int = 9) -> Person:
    person = somebody(capacity, hours_per_week)
    matching.feed.put(person)
    await matching.caught_up()
    return person


def now() -> datetime:
    return datetime.now(UTC)


NEXT_WEEK = begin_of(week_of(now()) + WEEK) + 10 * HOUR
"""Monday, at ten in China. Once for all, so that no test begins in one week and ends in another."""


async def update(matching: Any, id_: str, caller: Any = HR, etag: str = "", **fields: Any) -> Any:
    asked = engagement_pb.UpdateMentoringSessionRequest(
        session=Session(id=id_, etag=etag, **fields), update_mask=FieldMask(paths=list(fields))
    )
    return await matching.call("UpdateMentoringSession", asked, caller)


async def listed(matching: Any, caller: Any = HR, **fields: Any) -> list[str]:
    answer = await matching.call("ListMentoringSessions", engagement_pb.ListMentoringSessionsRequest(**fields), caller)
    return [one.id for one in answer.sessions]


async def broken(matching: Any, call: Any) -> list[tuple[str, str]]:
    error = await matching.refusal(call)
    assert error.reason == "INVALID_FIELD", error
    return [(one.field, one.rule) for one in error.violations]


async def told(database: Database) -> list[tuple[str, int, dict[str, str]]]:
    """Kind, audience and facts of the notices about sessions, the oldest first."""
    async with database.connection() as conn:
        rows = await conn.execute(
            "SELECT kind, audience, facts FROM notices WHERE resource = 'mentoring_session' ORDER BY number"
        )
        return [(NoticeKind(row["kind"]).name, row["audience"], row["facts"]) async for row in rows]


async def test_a_session_is_planned_moved_held_and_counted(matching: Any, sides: Sides, database: Database) -> None:
    person = await come(matching)
    engagement = await sides.engage(person)
    start = now() + 3 * HOUR
    answer = await sides.log(engagement.id, start, minutes=90, summary=" 看通风图 ", next_step="下井", place="三号井")
    planned = answer.session
    assert (planned.state, planned.logged_by, planned.summary, planned.place) == (
        Session.STATE_PLANNED,
        messages.SIDE_ENTERPRISE,
        "看通风图",
        "三号井",
    )
    assert (planned.mentoring_request_title, planned.profile_name) == ("矿井通风", person.name)
    assert (answer.hours.minutes, answer.hours.allowed_minutes, answer.hours.near_limit) == (90, 0, False)
    error = await matching.refusal(sides.do("HoldMentoringSession", planned.id, retiree(person)))
    assert (error.reason, error.metadata["state"]) == ("WRONG_STATE", "planned")
    assert (await sides.do("GetEngagement", engagement.id, HR)).held_minutes == 0
    moved = await update(matching, planned.id, COORDINATOR, planned.etag, start_time=now() - HOUR, summary="看图纸")
    assert moved.session.logged_by == messages.SIDE_MENTOR
    assert moved.session.minutes == 90  # not named, so it stays
    assert moved.session.etag != planned.etag
    stale = update(matching, planned.id, etag=planned.etag, minutes=30)
    assert (await matching.refusal(stale)).reason == "STALE_ETAG"
    held = (await sides.do("HoldMentoringSession", planned.id, retiree(person), minutes=100, next_step="复习")).session
    assert (held.state, held.minutes, held.summary, held.next_step) == (Session.STATE_HELD, 100, "看图纸", "复习")
    assert await sides.do("GetMentoringSession", planned.id, HR) == held
    logged = (await sides.log(engagement.id, now() - 3 * HOUR, retiree(person), minutes=30)).session
    assert logged.state == Session.STATE_HELD
    seen = await sides.do("GetEngagement", engagement.id, HR)
    assert (seen.held_minutes, seen.held_sessions) == (130, 2)
    await sides.do("CancelMentoringSession", logged.id, HR)
    seen = await sides.do("GetEngagement", engagement.id, HR)
    assert (seen.held_minutes, seen.held_sessions) == (100, 1)
    heard = await told(database)
    assert [(kind, audience) for kind, audience, _ in heard] == [
        ("SESSION_PLANNED", 1),
        ("SESSION_LOGGED", 2),  # held, as the mentor said
        ("SESSION_LOGGED", 2),
    ]
    assert [facts.get("minutes") for _, _, facts in heard] == [None, "100", "30"]
    assert heard[0][2]["start"] == start.isoformat()
    await check_invariants(database, {person.id: 9})


async def test_when_a_session_cannot_be(matching: Any, sides: Sides) -> None:
    person = await come(matching)
    engagement = await sides.engage(person)

    def log(start: datetime, **fields: Any) -> Any:
        return sides.log(engagement.id, start, **fields)

    start = [("session.start_time", "session.before_engagement")]
    assert await broken(matching, log(now() - 3 * DAY)) == start
    await log(begin_of(now().astimezone(CHINA).date() - DAY))  # the day before, at any time of it
    assert await broken(matching, log(now() + 731 * DAY)) == [("session.start_time", "session.too_late")]
    assert await broken(matching, log(now(), minutes=0)) == [("session.minutes", "session.minutes")]
    assert await broken(matching, log(now(), minutes=721)) == [("session.minutes", "int32.gte_lte")]
    nothing = engagement_pb.LogMentoringSessionRequest(session=Session(engagement_id=engagement.id, minutes=60))
    assert await broken(matching, matching.call("LogMentoringSession", nothing)) == [("session.start_time", "required")]
    nowhere = engagement_pb.LogMentoringSessionRequest(session=Session(minutes=60))
    assert await broken(matching, matching.call("LogMentoringSession", nowhere)) == [
        ("session.engagement_id", "string.uuid")
    ]
    first = (await log(NEXT_WEEK, minutes=60)).session
    for start_time, minutes in ((0, 60), (-30, 31), (59, 1), (-10, 100)):
        overlapping = log(NEXT_WEEK + timedelta(minutes=start_time), minutes=minutes)
        assert await broken(matching, overlapping) == [("session.start_time", "session.overlap")]
    after = (await log(NEXT_WEEK + HOUR, minutes=60)).session
    assert await broken(matching, update(matching, first.id, minutes=61)) == [("session.start_time", "session.overlap")]
    await sides.do("CancelMentoringSession", after.id, HR)
    await update(matching, first.id, minutes=61)
    # Another engagement of the same person may meet at the same time: a lecture for both.
    other = await sides.engage(person)
    await sides.log(other.id, NEXT_WEEK)
    held = (await log(now() - 2 * HOUR)).session
    assert await broken(matching, update(matching, held.id, start_time=NEXT_WEEK + DAY)) == [
        ("session.start_time", "session.held_in_future")
    ]
    error = await matching.refusal(update(matching, held.id, state=Session.STATE_CANCELLED))
    assert (error.reason, error.metadata["path"]) == ("INVALID_UPDATE_MASK", "state")


def test_a_week_goes_from_monday_to_sunday_in_china() -> None:
    monday = date(2026, 11, 23)
    assert week_of(datetime(2026, 11, 22, 15, 59, 59, tzinfo=UTC)) == monday - WEEK
    assert (
        week_of(datetime(2026, 11, 22, 16, tzinfo=UTC)) == week_of(datetime(2026, 11, 29, 15, 59, tzinfo=UTC)) == monday
    )
    assert begin_of(monday) == datetime(2026, 11, 22, 16, tzinfo=UTC)


async def test_the_hours_of_a_week_count_over_all_engagements(matching: Any, sides: Sides, database: Database) -> None:
    person = await come(matching, hours_per_week=5)
    one, other = await sides.engage(person), await sides.engage(person, title="安全培训")
    monday = NEXT_WEEK
    mine = retiree(person)
    answer = await sides.log(one.id, monday, mine, minutes=180)
    assert (answer.hours.minutes, answer.hours.allowed_minutes, answer.hours.near_limit) == (180, 300, False)
    first, week = answer.session, answer.hours.week_start
    assert (week.year, week.month, week.day) == tuple(monday.astimezone(CHINA).timetuple())[:3]
    # Sunday, half past eleven at night in China, is in this week; midnight is not.
    sunday = begin_of(week_of(monday) + WEEK) - HOUR / 2
    answer = await sides.log(other.id, sunday, minutes=60)
    assert (answer.hours.minutes, answer.hours.near_limit) == (240, False)
    midnight = sunday + HOUR / 2
    answer = await sides.log(one.id, midnight, COORDINATOR, minutes=300)
    assert (answer.hours.minutes, answer.hours.near_limit) == (300, True)
    error = await matching.refusal(sides.log(other.id, midnight + DAY, mine, minutes=1))
    assert error.metadata["minutes"] == "301"
    error = await matching.refusal(update(matching, first.id, mine, start_time=midnight + DAY))
    assert error.metadata["minutes"] == "480"  # what it took of its own week is nothing to that one
    for by in (mine, COORDINATOR):
        error = await matching.refusal(sides.log(other.id, monday + DAY, by, minutes=61))
        assert (error.reason, error.metadata["minutes"], error.metadata["allowed_minutes"]) == (
            "HOURS_EXCEEDED", "301", "300",
        )  # fmt: skip
    kept = (await sides.log(other.id, monday + DAY, minutes=1)).session
    answer = await update(matching, kept.id, minutes=59)
    assert (answer.hours.minutes, answer.hours.near_limit) == (299, True)
    for call in (update(matching, kept.id, minutes=61), sides.log(one.id, monday + 2 * DAY, minutes=2)):
        assert (await matching.refusal(call)).reason == "HOURS_EXCEEDED"
    near = [(audience, facts.get("minutes")) for kind, audience, facts in await told(database) if kind[0] == "H"]
    assert near == [(1, "300"), (2, None), (1, "241"), (2, None)]  # each week once, and to both sides
    # The person gives less than before: what is there stays, and may become less, not more.
    matching.feed.put(Person(**{name: getattr(person, name) for name in person.__slots__} | {"hours_per_week": 2}))
    await matching.caught_up()
    assert (await update(matching, kept.id, mine, minutes=50)).hours.allowed_minutes == 120
    assert (await update(matching, kept.id, summary="备课")).session.summary == "备课"
    assert (await matching.refusal(update(matching, kept.id, minutes=51))).reason == "HOURS_EXCEEDED"
    # It took longer than the person gives.
    async with database.transaction() as conn:
        await conn.execute(
            "UPDATE mentoring_sessions SET start_time = now() - interval '1 hour' WHERE id = %s", [kept.id]
        )
    assert (await matching.refusal(sides.do("HoldMentoringSession", kept.id, HR, minutes=121))).reason == (
        "HOURS_EXCEEDED"
    )
    assert (await sides.do("HoldMentoringSession", kept.id, HR, minutes=70)).hours.minutes == 70
    # A cancelled session gives its time back.
    assert (await matching.refusal(sides.log(one.id, monday + 3 * WEEK, minutes=121))).reason == "HOURS_EXCEEDED"
    later = (await sides.log(one.id, monday + 3 * WEEK, minutes=120)).session
    await sides.do("CancelMentoringSession", later.id, retiree(person))
    await sides.log(other.id, monday + 3 * WEEK, minutes=120)


async def test_an_enterprise_is_not_told_what_others_take(matching: Any, sides: Sides, database: Database) -> None:
    person = await come(matching, hours_per_week=5)
    mine, monday = retiree(person), NEXT_WEEK
    theirs = await sides.engage(person)
    (sent,) = await sides.invite((await sides.create(OTHER_HR, organisation="别的集团")).id, person, caller=OTHER_HR)
    others = await sides.do("AcceptInvitation", sent.id, mine)
    await sides.log(others.id, monday, OTHER_HR, minutes=187)
    answer = await sides.log(theirs.id, monday + DAY, minutes=60)
    assert (answer.hours.minutes, answer.hours.allowed_minutes, answer.hours.near_limit) == (60, 0, True)
    assert answer.hours.HasField("week_start")
    again = str(uuid4())
    for _ in range(2):  # what is answered again, too
        answer = await sides.log(theirs.id, monday + 2 * DAY, minutes=3, key=again)
        assert (answer.hours.minutes, answer.hours.allowed_minutes, answer.hours.near_limit) == (63, 0, True)
    error = await matching.refusal(sides.log(theirs.id, monday + 3 * DAY, minutes=51))
    assert error.reason == "HOURS_EXCEEDED"
    assert error.metadata == {"week_start": week_of(monday).isoformat(), "free_minutes": "50"}
    for number in ("187", "250", "300", "301"):
        assert number not in error.message
    changed = await matching.refusal(update(matching, answer.session.id, minutes=54))
    assert changed.metadata["free_minutes"] == "53"  # its own three among them
    own = await matching.refusal(sides.log(theirs.id, monday + 3 * DAY, mine, minutes=51))
    assert own.metadata.items() >= {"minutes": "301", "allowed_minutes": "300", "free_minutes": "50"}.items()
    near = {audience: facts for kind, audience, facts in await told(database) if kind[0] == "H"}
    assert set(near[2]) == {"title", "week_start", "engagement_id"}
    assert near[1].items() >= {"minutes": "247", "allowed_minutes": "300"}.items()
    asked = engagement_pb.ListMentoringSessionsRequest(profile_id=person.id)
    assert len((await matching.call("ListMentoringSessions", asked, COORDINATOR)).sessions) == 3
    assert len((await matching.call("ListMentoringSessions", asked, HR)).sessions) == 2
    asked.profile_id = (await come(matching)).id
    assert not (await matching.call("ListMentoringSessions", asked, COORDINATOR)).sessions


async def test_sessions_are_listed_by_their_start(matching: Any, sides: Sides) -> None:
    person, stranger = await come(matching), await come(matching)
    one, other = await sides.engage(person), await sides.engage(person)
    starts = [NEXT_WEEK + n * DAY for n in range(4)]
    ids = [(await sides.log(one.id if n % 2 else other.id, start)).session.id for n, start in enumerate(starts)]
    assert await listed(matching) == ids[::-1]
    assert await listed(matching, retiree(person)) == ids[::-1]
    assert await listed(matching, COORDINATOR, engagement_id=one.id) == [ids[3], ids[1]]
    assert await listed(matching, retiree(stranger)) == []
    assert await listed(matching, start_time=starts[1], end_time=starts[3]) == [ids[2], ids[1]]
    await sides.do("CancelMentoringSession", ids[2], HR)
    assert await listed(matching, state=Session.STATE_CANCELLED) == [ids[2]]
    asked = engagement_pb.ListMentoringSessionsRequest(page_size=3)
    first = await matching.call("ListMentoringSessions", asked)
    asked.page_token = first.next_page_token
    second = await matching.call("ListMentoringSessions", asked)
    assert [one.id for one in (*first.sessions, *second.sessions)] == ids[::-1]
    assert not second.next_page_token
    asked.start_time.FromDatetime(starts[0])
    assert (await matching.refusal(matching.call("ListMentoringSessions", asked))).reason == "INVALID_PAGE_TOKEN"


async def test_a_session_logged_again_under_its_key_is_one(matching: Any, sides: Sides, database: Database) -> None:
    person = await come(matching, hours_per_week=1)
    engagement = await sides.engage(person)
    key = str(uuid4())
    first = await sides.log(engagement.id, NEXT_WEEK, key=key)
    assert await sides.log(engagement.id, NEXT_WEEK, key=key.upper()) == first
    assert await broken(matching, sides.log(engagement.id, NEXT_WEEK, minutes=30, key=key)) == [
        ("request_id", "request_id.reused")
    ]
    assert await listed(matching) == [first.session.id]
    assert len(await told(database)) == 3  # planned, and near the limit to both


async def test_the_other_side_is_told_when_they_meet(matching: Any, sides: Sides, database: Database) -> None:
    person = await come(matching)
    engagement = await sides.engage(person)
    first = (await sides.log(engagement.id, NEXT_WEEK, retiree(person), summary="不外传")).session
    await update(matching, first.id, minutes=90)  # the time is the same
    await update(matching, first.id, HR, start_time=NEXT_WEEK + DAY)
    second = (await sides.log(engagement.id, NEXT_WEEK + 2 * DAY, COORDINATOR)).session
    await update(matching, second.id, start_time=now() - 3 * HOUR)  # it was earlier
    held = now() - HOUR
    await sides.log(engagement.id, held)  # held, so nobody need come
    await sides.do("CancelMentoringSession", first.id, retiree(person))
    await sides.do("CancelMentoringSession", second.id, retiree(person))
    starts = [(NEXT_WEEK + n * DAY).astimezone(UTC).isoformat() for n in range(3)]
    enterprise, mentor = 2, 1
    found = [(kind, audience, facts | {"minutes": ""}) for kind, audience, facts in await told(database)]
    assert found == [
        (kind, audience, {"title": "矿井通风", "start": start, "engagement_id": engagement.id, "minutes": ""})
        for kind, audience, start in (
            ("SESSION_PLANNED", enterprise, starts[0]),
            ("SESSION_PLANNED", mentor, starts[1]),
            ("SESSION_PLANNED", enterprise, starts[2]),
            ("SESSION_LOGGED", mentor, held.astimezone(UTC).isoformat()),
            ("SESSION_CANCELLED", enterprise, starts[1]),
        )
    ]


async def test_what_was_to_come_is_cancelled_at_the_end(matching: Any, sides: Sides, database: Database) -> None:
    person = await come(matching)
    engagement = await sides.engage(person)
    past = (await sides.log(engagement.id, now() + HOUR)).session
    past = (await update(matching, past.id, start_time=now() - HOUR)).session
    to_come = (await sides.log(engagement.id, NEXT_WEEK)).session
    await sides.do("EndEngagement", engagement.id, HR, reason=messages.END_REASON_NO_FIT)
    assert (await sides.do("GetMentoringSession", to_come.id, HR)).state == Session.STATE_CANCELLED
    # What was planned and took place can still be said so.
    assert (await sides.do("HoldMentoringSession", past.id, HR)).session.state == Session.STATE_HELD
    assert (await sides.do("GetEngagement", engagement.id, HR)).held_minutes == 60
    for call in (sides.log(engagement.id, now() - 3 * HOUR), update(matching, past.id, minutes=61)):
        error = await matching.refusal(call)
        assert (error.reason, error.metadata["state"]) == ("WRONG_STATE", "ended_early")
    assert [kind for kind, _, _ in await told(database)] == ["SESSION_PLANNED", "SESSION_PLANNED", "SESSION_LOGGED"]
    await check_invariants(database, {person.id: 9})


async def test_while_it_is_paused_only_what_was_before_is_written_down(matching: Any, sides: Sides) -> None:
    person = await come(matching)
    engagement = await sides.engage(person)
    await sides.do("PauseEngagement", engagement.id, HR)
    for start in (now() + HOUR, now()):
        error = await matching.refusal(sides.log(engagement.id, start))
        assert (error.reason, error.metadata["state"]) == ("WRONG_STATE", "paused")
    assert (await sides.log(engagement.id, now() - 2 * HOUR)).session.state == Session.STATE_HELD


async def test_nothing_is_written_of_who_is_gone(matching: Any, sides: Sides) -> None:
    person = await come(matching)
    engagement = await sides.engage(person)
    kept = (await sides.log(engagement.id, NEXT_WEEK)).session
    matching.feed.remove(person.id)
    await matching.caught_up()
    for call in (sides.log(engagement.id, now()), update(matching, kept.id, minutes=1)):
        error = await matching.refusal(call)
        assert (error.reason, error.metadata["state"]) == ("WRONG_STATE", "person_gone")
    cancelled = await sides.do("CancelMentoringSession", kept.id, HR)
    assert (cancelled.state, cancelled.profile_name) == (Session.STATE_CANCELLED, "")
