"""Goals, the last day, contacts, etags and names of an engagement, through the real server."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from google.protobuf.field_mask_pb2 import FieldMask
from yinling.common.v1 import types_pb2
from yinling.matching.v1 import engagement_pb2 as messages
from yinling.matching.v1 import engagement_service_pb2 as engagement_pb

from yinling_common.database import Database
from yinling_matching.days import CHINA, months_later
from yinling_matching.domain import Person
from yinling_matching.engaging.contacts import Contact
from yinling_matching.engaging.testing import ADMIN, COORDINATOR, HR, OTHER_HR, FakeContacts, Sides, retiree, somebody

goal = messages.Goal
CONTACT = messages.EnterpriseContact(name="李处长", phone="0812-3300000", email="li@example.com")


async def update(matching: Any, id_: str, caller: Any = HR, *, paths: list[str] | None = None, **fields: Any) -> Any:
    request_id = fields.pop("request_id", "")
    named = [name for name in fields if name != "etag"]
    asked = engagement_pb.UpdateEngagementRequest(
        engagement=messages.Engagement(id=id_, **fields),
        update_mask=FieldMask(paths=named if paths is None else paths),
        request_id=request_id,
    )
    return await matching.call("UpdateEngagement", asked, caller)


async def broken(matching: Any, call: Any) -> list[tuple[str, str]]:
    error = await matching.refusal(call)
    assert error.reason == "INVALID_FIELD", error
    return [(one.field, one.rule) for one in error.violations]


def texts(engagement: Any) -> list[tuple[str, int, str]]:
    return [(goal.text, goal.progress, goal.note) for goal in engagement.goals]


async def test_a_call_sent_again_after_the_end_is_not_answered_with_the_contact(matching: Any) -> None:
    sides, one = Sides(matching.call), somebody(9)
    matching.feed.put(one)
    await matching.caught_up()
    made = await sides.engage(one)

    def asked(key: str, path: str, **fields: Any) -> engagement_pb.UpdateEngagementRequest:
        message = messages.Engagement(id=made.id, **fields)
        return engagement_pb.UpdateEngagementRequest(
            engagement=message, update_mask=FieldMask(paths=[path]), request_id=key
        )

    contact = messages.EnterpriseContact(name="小李", phone="13800000000")
    await matching.call("UpdateEngagement", asked("", "enterprise_contact", enterprise_contact=contact), HR)
    again = asked(str(uuid4()), "goals", goals=[messages.Goal(text="会做")])
    assert (await matching.call("UpdateEngagement", again, retiree(one))).enterprise_contact == contact
    await sides.do("CompleteEngagement", made.id, HR)
    assert not (await matching.call("UpdateEngagement", again, retiree(one))).HasField("enterprise_contact")


async def test_goals_are_set_and_followed_by_both_sides(
    matching: Any, sides: Sides, person: Person, database: Database
) -> None:
    made = await sides.engage(person)
    first = await update(matching, made.id, goals=[goal(text=" 带出两名通风员 "), goal(text="写一本手册", note="提纲")])
    assert texts(first) == [("带出两名通风员", 0, ""), ("写一本手册", 0, "提纲")]
    assert first.update_time == made.update_time  # its state is the same
    assert first.etag != made.etag
    one, other = first.goals
    second = await update(
        matching, made.id, retiree(person), goals=[other, goal(id=one.id.upper(), text=one.text, progress=50)]
    )
    assert texts(second) == [("写一本手册", 0, "提纲"), ("带出两名通风员", 50, "")]
    assert [goal.id for goal in second.goals] == [other.id, one.id]
    assert second.goals[0].update_time == other.update_time
    assert second.goals[1].update_time.ToDatetime() > one.update_time.ToDatetime()
    again = await update(matching, made.id, COORDINATOR, goals=second.goals)
    assert again == second  # nothing changed, nothing is written
    wrong = [goal(id=str(uuid4()), text="x"), second.goals[0], second.goals[0], goal(text=" ")]
    assert await broken(matching, update(matching, made.id, goals=wrong)) == [
        ("engagement.goals[0].id", "goal.unknown"),
        ("engagement.goals[2].id", "goal.repeated"),
        ("engagement.goals[3].text", "string.min_len"),
    ]
    assert await broken(matching, update(matching, made.id, goals=[goal(text="x", progress=101)])) == [
        ("engagement.goals[0].progress", "int32.gte_lte")
    ]
    assert texts(await update(matching, made.id, goals=[])) == []
    async with database.connection() as conn:
        rows = await conn.execute(
            "SELECT subject, fields FROM audit_log WHERE resource = 'engagement' AND action = 'update' ORDER BY number"
        )
        steps = [(row["subject"], row["fields"]) async for row in rows]
    assert steps == [(by, {"goals": None}) for by in ("hr-1", f"r-{person.id}", "hr-1")]


async def test_the_last_day_is_planned(matching: Any, sides: Sides, person: Person) -> None:
    assert not (await sides.engage(person)).HasField("planned_end_date")
    made = await sides.engage(person, months=7)
    today = datetime.now(CHINA).date()
    last = months_later(today, 7)
    assert last is not None
    assert made.planned_end_date == types_pb2.Date(year=last.year, month=last.month, day=last.day)
    moved = await update(
        matching, made.id, retiree(person), planned_end_date=types_pb2.Date(year=2100, month=1, day=31)
    )
    assert moved.planned_end_date.year == 2100
    early = types_pb2.Date(year=2020, month=1, day=31)
    rule = [("engagement.planned_end_date", "date.order")]
    assert await broken(matching, update(matching, made.id, planned_end_date=early)) == rule
    never = types_pb2.Date(year=2100, month=2, day=30)
    rule = [("engagement.planned_end_date", "date.exists")]
    assert await broken(matching, update(matching, made.id, planned_end_date=never)) == rule
    open_ = await update(matching, made.id, paths=["planned_end_date"])
    assert not open_.HasField("planned_end_date")


async def test_the_enterprise_says_whom_to_turn_to(matching: Any, sides: Sides, person: Person) -> None:
    made = await sides.engage(person)
    assert not made.HasField("enterprise_contact")
    set_ = await update(matching, made.id, enterprise_contact=CONTACT)
    assert set_.enterprise_contact == CONTACT
    for caller in (HR, retiree(person), COORDINATOR):
        assert (await sides.do("GetEngagement", made.id, caller)).enterprise_contact == CONTACT
        (listed,) = (await matching.call("ListEngagements", engagement_pb.ListEngagementsRequest(), caller)).engagements
        assert listed.enterprise_contact == CONTACT
    assert not (await sides.do("GetEngagement", made.id, ADMIN)).HasField("enterprise_contact")
    for caller in (retiree(person), COORDINATOR):
        error = await matching.refusal(update(matching, made.id, caller, enterprise_contact=CONTACT))
        assert (error.reason, error.metadata["field"]) == ("FORBIDDEN", "enterprise_contact")
        # An empty mask means what the caller may change.
        await update(matching, made.id, caller, paths=[], goals=[goal(text="带徒")])
    kept = await update(matching, made.id, planned_end_date=types_pb2.Date(year=2100, month=1, day=1))
    assert kept.enterprise_contact == CONTACT
    assert texts(kept) == [("带徒", 0, "")]
    cleared = await update(matching, made.id, paths=["*"], enterprise_contact=CONTACT)
    assert (texts(cleared), cleared.HasField("planned_end_date")) == ([], False)
    await sides.do("CompleteEngagement", made.id, HR)
    for caller in (HR, retiree(person)):
        assert not (await sides.do("GetEngagement", made.id, caller)).HasField("enterprise_contact")


async def test_an_update_that_is_refused(matching: Any, sides: Sides, person: Person) -> None:
    made = await sides.engage(person)
    error = await matching.refusal(update(matching, made.id, paths=["state"]))
    assert (error.reason, error.metadata["path"]) == ("INVALID_UPDATE_MASK", "state")
    assert await broken(matching, update(matching, "no id", goals=[])) == [("engagement.id", "string.uuid")]
    assert (await matching.refusal(update(matching, made.id, OTHER_HR, goals=[]))).reason == "NOT_FOUND"
    key = str(uuid4())
    goals = [goal(text="带徒")]
    first = await update(matching, made.id, goals=goals, request_id=key, etag=made.etag)
    assert await update(matching, made.id, goals=goals, request_id=key, etag=made.etag) == first
    stale = update(matching, made.id, goals=[], etag=made.etag)
    assert (await matching.refusal(stale)).reason == "STALE_ETAG"
    await update(matching, made.id, goals=[], etag=first.etag)


async def test_a_step_with_an_etag_is_taken_only_if_it_still_holds(matching: Any, sides: Sides, person: Person) -> None:
    request = await sides.create(mentors_wanted=9)
    (sent,) = await sides.invite(request.id, person)
    for method, fields in (
        ("AcceptInvitation", {}),
        ("DeclineInvitation", {"reason": messages.DECLINE_REASON_TOO_FAR}),
    ):
        stale = sides.do(method, sent.id, retiree(person), etag="0" * 16, **fields)
        assert (await matching.refusal(stale)).reason == "STALE_ETAG"
    assert (sent.mentoring_request_title, sent.profile_name) == ("矿井通风", "老张")
    made = await sides.do("AcceptInvitation", sent.id, retiree(person), etag=sent.etag)
    assert (await sides.do("GetInvitation", sent.id, HR)).etag != sent.etag
    assert (made.mentoring_request_title, made.profile_name) == ("矿井通风", "老张")
    paused = await sides.do("PauseEngagement", made.id, HR, etag=made.etag)
    assert (await matching.refusal(sides.do("ResumeEngagement", made.id, HR, etag=made.etag))).reason == "STALE_ETAG"
    await sides.do("ResumeEngagement", made.id, HR, etag=paused.etag)
    stale = sides.do("CloseMentoringRequest", request.id, HR, etag="0" * 16)
    assert (await matching.refusal(stale)).reason == "STALE_ETAG"
    await sides.do("CloseMentoringRequest", request.id, HR, etag=request.etag)
    # Who may not do it at all is told so, whatever they read.
    error = await matching.refusal(sides.do("CompleteEngagement", made.id, retiree(person), etag="0" * 16))
    assert error.reason == "FORBIDDEN"


async def test_a_name_is_shown_as_long_as_the_person_is_here(matching: Any, sides: Sides, person: Person) -> None:
    made = await sides.engage(person)
    matching.feed.remove(person.id)
    await matching.caught_up()
    seen = await sides.do("GetEngagement", made.id, HR)
    assert (seen.mentoring_request_title, seen.profile_name) == ("矿井通风", "")
    error = await matching.refusal(update(matching, made.id, goals=[goal(text="x")]))
    assert (error.reason, error.metadata["state"]) == ("WRONG_STATE", "person_gone")


async def test_the_enterprise_learns_how_to_reach_the_mentor(start_matching: Any) -> None:
    contacts = FakeContacts()
    async with start_matching(contacts=contacts) as matching:
        sides, person = Sides(matching.call), somebody(9)
        matching.feed.put(person)
        await matching.caught_up()
        made = await sides.engage(person)

        async def contact(caller: Any = HR, id_: str = made.id) -> Any:
            return await matching.call(
                "GetMentorContact", engagement_pb.GetMentorContactRequest(engagement_id=id_), caller
            )

        assert (await matching.refusal(contact())).reason == "NOT_FOUND"  # erased a moment ago
        contacts.kept[person.id] = Contact("13900000000", "zhang@example.com", "laozhang")
        assert await contact() == engagement_pb.MentorContact(
            name="老张", phone="13900000000", email="zhang@example.com", wechat="laozhang"
        )
        await sides.do("PauseEngagement", made.id, HR)
        await contact()
        for caller, reason in (
            (retiree(person), "FORBIDDEN"),
            (COORDINATOR, "FORBIDDEN"),
            (ADMIN, "FORBIDDEN"),
            (OTHER_HR, "NOT_FOUND"),
        ):
            assert (await matching.refusal(contact(caller))).reason == reason
        assert contacts.readers == [("hr-1", made.id)] * 2
        await sides.do("CompleteEngagement", made.id, HR)
        error = await matching.refusal(contact())
        assert (error.reason, error.metadata["state"]) == ("WRONG_STATE", "completed")
        assert len(contacts.readers) == 2


def test_months_are_counted_by_the_calendar() -> None:
    start = datetime(2026, 8, 31, tzinfo=UTC).date()
    assert months_later(start, 0) is None
    assert str(months_later(start, 1)) == "2026-09-30"
    assert str(months_later(start, 6)) == "2027-02-28"
    assert str(months_later(start, 16)) == "2027-12-31"
    assert months_later(start + timedelta(days=1), 12) == datetime(2027, 9, 1, tzinfo=UTC).date()
