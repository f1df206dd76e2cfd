"""What happens between a request and a person, through the real server: what follows from what, and what is refused."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from google.protobuf.field_mask_pb2 import FieldMask
from yinling.common.v1 import types_pb2
from yinling.matching.v1 import engagement_pb2 as engagement
from yinling.matching.v1 import engagement_service_pb2 as engagement_pb
from yinling.matching.v1 import matching_pb2 as pb
from yinling.matching.v1 import matching_service_pb2 as service_pb

from yinling_common.database import Database
from yinling_common.testing import until
from yinling_matching.days import today
from yinling_matching.domain import ExperienceItem, Person
from yinling_matching.engaging.once import forget_old
from yinling_matching.engaging.testing import (
    ADMIN,
    COORDINATOR,
    HR,
    OTHER_COORDINATOR,
    OTHER_HR,
    Sides,
    check_invariants,
    retiree,
    somebody,
)

State = pb.MentoringRequest


async def come(matching: Any, *people: Person) -> None:
    matching.feed.put(*people)
    await matching.caught_up()


async def update(matching: Any, id_: str, caller: Any = HR, **fields: Any) -> Any:
    asked = service_pb.UpdateMentoringRequestRequest(
        mentoring_request=pb.MentoringRequest(id=id_, **fields), update_mask=FieldMask(paths=list(fields))
    )
    return await matching.call("UpdateMentoringRequest", asked, caller)


def day(days: int) -> types_pb2.Date:
    then = today() + timedelta(days=days)
    return types_pb2.Date(year=then.year, month=then.month, day=then.day)


async def broken(matching: Any, call: Awaitable[Any]) -> list[tuple[str, str]]:
    error = await matching.refusal(call)
    assert error.reason == "INVALID_FIELD"
    return [(one.field, one.rule) for one in error.violations]


async def test_from_an_invitation_to_a_finished_engagement(matching: Any, sides: Sides) -> None:
    person = somebody()
    await come(matching, person)
    request = await sides.create()
    (sent,) = await sides.invite(request.id, person)
    assert (sent.state, sent.message, sent.organisation) == (engagement.Invitation.STATE_SENT, "请您出山", "攀钢集团")
    assert sent.expire_time.ToDatetime() - sent.create_time.ToDatetime() == timedelta(days=7)
    made = await sides.do("AcceptInvitation", sent.id, retiree(person))
    assert (made.state, made.invitation_id, made.profile_id) == (1, sent.id, person.id)
    assert (await sides.do("GetInvitation", sent.id, HR)).engagement_id == made.id
    assert (await sides.do("GetMentoringRequest", request.id, HR)).state == State.STATE_FILLED
    done = await sides.do("CompleteEngagement", made.id, HR)
    assert done.state == engagement.Engagement.STATE_COMPLETED
    assert done.end_time == done.update_time
    assert await sides.do("GetEngagement", made.id, retiree(person)) == done


async def test_who_is_turned_down_or_declines_says_why(matching: Any, sides: Sides) -> None:
    person = somebody()
    await come(matching, person)
    request = await sides.create()
    (sent,) = await sides.invite(request.id, person)
    other = {"reason": engagement.DECLINE_REASON_OTHER}
    assert await broken(matching, sides.do("DeclineInvitation", sent.id, retiree(person), words=" ", **other)) == [
        ("words", "words.required")
    ]
    assert await broken(matching, sides.do("DeclineInvitation", sent.id, retiree(person))) == [
        ("reason", "enum.not_in")
    ]
    declined = await sides.do("DeclineInvitation", sent.id, COORDINATOR, words=" 要带孙子 ", **other)
    assert (declined.decline_reason, declined.decline_words) == (engagement.DECLINE_REASON_OTHER, "要带孙子")
    made = await sides.offer(request.id, person, COORDINATOR)
    reason = engagement.TURN_DOWN_REASON_SOMEBODY_ELSE
    turned = await sides.do("TurnDownOptIn", made.id, HR, reason=reason, words="谢谢您")
    assert (turned.turn_down_reason, turned.turn_down_words) == (reason, "谢谢您")
    (again,) = await sides.invite(request.id, person)  # people change their minds
    ended = await sides.do("AcceptInvitation", again.id, COORDINATOR)
    ended = await sides.do("EndEngagement", ended.id, retiree(person), reason=engagement.END_REASON_PERSONAL)
    assert (ended.state, ended.end_reason) == (engagement.Engagement.STATE_ENDED_EARLY, engagement.END_REASON_PERSONAL)


async def test_whom_an_invitation_refuses_is_named(matching: Any, sides: Sides) -> None:
    asked, offered, engaged, blocked, free = people = [somebody() for _ in range(5)]
    await come(matching, *people)
    request = await sides.create(mentors_wanted=9, blocked_profile_ids=[blocked.id])
    (sent,) = await sides.invite(request.id, engaged)
    await sides.do("AcceptInvitation", sent.id, retiree(engaged))
    await sides.invite(request.id, asked)
    made = await sides.offer(request.id, offered)
    unknown = somebody()
    assert await broken(matching, sides.invite(request.id, asked, offered, free, engaged, blocked, unknown)) == [
        ("profile_ids[0]", "invitation.exists"),
        ("profile_ids[1]", "opt_in.exists"),
        ("profile_ids[3]", "engagement.exists"),
        ("profile_ids[4]", "profile.blocked"),
        ("profile_ids[5]", "profile.unknown"),
    ]
    twice = sides.invite(request.id, free, replace(free, id=free.id.upper()))
    assert await broken(matching, twice) == [("profile_ids[1]", "profile.repeated")]
    listed = engagement_pb.ListInvitationsRequest(profile_id=free.id)
    assert not (await matching.call("ListInvitations", listed)).invitations  # all or none
    for person, resource in ((asked, "invitation"), (offered, "opt_in"), (engaged, "engagement")):
        error = await matching.refusal(sides.offer(request.id, person))
        assert (error.reason, error.metadata["resource"]) == ("ALREADY_EXISTS", resource)
    await sides.do("WithdrawOptIn", made.id, retiree(offered))
    await sides.offer(request.id, offered)


async def test_it_is_too_late_for_an_answer(matching: Any, sides: Sides, database: Database) -> None:
    person = somebody()
    await come(matching, person)
    request = await sides.create()
    (sent,) = await sides.invite(request.id, person)
    error = await matching.refusal(sides.do("ExpireInvitation", sent.id, ADMIN))
    assert (error.reason, error.metadata["state"]) == ("WRONG_STATE", "sent")
    async with database.transaction() as conn:
        await conn.execute("UPDATE invitations SET expire_time = now()")
    error = await matching.refusal(sides.do("AcceptInvitation", sent.id, retiree(person)))
    assert (error.reason, error.metadata["state"]) == ("WRONG_STATE", "expired")


async def test_what_was_accepted_is_answered_again_when_its_last_day_has_passed(matching: Any, sides: Sides) -> None:
    content = pb.MentoringRequest(organisation=HR.organisation, title="矿井通风", expire_date=day(0))
    asked = service_pb.CreateMentoringRequestRequest(mentoring_request=content, request_id=str(uuid4()))
    made = await matching.call("CreateMentoringRequest", asked, HR)
    matching.parts.servicer._requests._now = lambda: datetime.now(UTC) + timedelta(days=3)
    assert await matching.call("CreateMentoringRequest", asked, HR) == made
    asked.request_id = str(uuid4())
    assert await broken(matching, matching.call("CreateMentoringRequest", asked, HR)) == [
        ("mentoring_request.expire_date", "date.past")
    ]
    asked.mentoring_request.expire_date.CopyFrom(day(9))  # a key of what was refused is free
    await matching.call("CreateMentoringRequest", asked, HR)


async def test_a_request_expires_by_its_date(matching: Any, sides: Sides, database: Database) -> None:
    person = somebody()
    await come(matching, person)
    assert await broken(matching, sides.create(expire_date=day(-2))) == [("mentoring_request.expire_date", "date.past")]
    impossible = types_pb2.Date(year=2027, month=2, day=30)
    assert await broken(matching, sides.create(expire_date=impossible)) == [
        ("mentoring_request.expire_date", "date.exists")
    ]
    request = await sides.create(expire_date=day(3))
    assert (await sides.do("GetMentoringRequest", request.id, HR)).expire_date == day(3)
    error = await matching.refusal(sides.do("ExpireMentoringRequest", request.id, ADMIN))
    assert error.metadata["state"] == "open"
    (sent,) = await sides.invite(request.id, person)
    async with database.transaction() as conn:
        await conn.execute("UPDATE mentoring_requests SET expire_date = '2020-01-01'")
    for late in (sides.do("AcceptInvitation", sent.id, retiree(person)), sides.invite(request.id, person)):
        error = await matching.refusal(late)
        assert (error.reason, error.metadata["state"]) == ("WRONG_STATE", "expired")
    await sides.do("ExpireMentoringRequest", request.id, ADMIN)
    now = await sides.do("GetInvitation", sent.id, HR)
    assert now.closed_because == engagement.CLOSED_BECAUSE_REQUEST_EXPIRED
    error = await matching.refusal(sides.do("ReopenMentoringRequest", request.id, HR))
    assert (error.reason, error.metadata["state"]) == ("WRONG_STATE", "expired")
    assert "2020-01-01" in error.message
    await update(matching, request.id, expire_date=day(1))
    await sides.do("ReopenMentoringRequest", request.id, HR)
    await check_invariants(database, {})


async def test_closing_by_an_update_closes_what_waits_too(matching: Any, sides: Sides, database: Database) -> None:
    person, other = somebody(), somebody()
    await come(matching, person, other)
    request = await sides.create()
    (sent,) = await sides.invite(request.id, person)
    made = await sides.offer(request.id, other)
    await update(matching, request.id, state=State.STATE_CLOSED)
    now = await sides.do("GetInvitation", sent.id, HR)
    assert (now.state, now.closed_because) == (
        engagement.Invitation.STATE_WITHDRAWN,
        engagement.CLOSED_BECAUSE_REQUEST_CLOSED,
    )
    assert (await sides.do("GetOptIn", made.id, HR)).state == engagement.OptIn.STATE_TURNED_DOWN
    await check_invariants(database, {})


async def test_how_many_are_wanted(matching: Any, sides: Sides) -> None:
    people = [somebody() for _ in range(3)]
    await come(matching, *people)
    request = await sides.create(mentors_wanted=3)
    sent = await sides.invite(request.id, *people)
    made = [await sides.do("AcceptInvitation", sent[n].id, retiree(people[n])) for n in range(2)]
    assert await broken(matching, update(matching, request.id, mentors_wanted=1)) == [
        ("mentoring_request.mentors_wanted", "mentors_wanted.engaged")
    ]
    assert (await update(matching, request.id, mentors_wanted=2)).state == State.STATE_FILLED
    last = await sides.do("GetInvitation", sent[2].id, HR)
    assert last.closed_because == engagement.CLOSED_BECAUSE_FILLED
    error = await matching.refusal(sides.do("ReopenMentoringRequest", request.id, HR))
    assert (error.reason, error.metadata["state"]) == ("WRONG_STATE", "filled")
    await sides.do("EndEngagement", made[0].id, HR, reason=engagement.END_REASON_NO_FIT)
    # A place that becomes free opens nothing by itself.
    assert (await sides.do("GetMentoringRequest", request.id, HR)).state == State.STATE_FILLED
    assert (await sides.do("ReopenMentoringRequest", request.id, HR)).state == State.STATE_OPEN


async def test_deleting_a_request_that_led_to_something_is_refused(matching: Any, sides: Sides) -> None:
    person = somebody()
    await come(matching, person)
    request, other = await sides.create(), await sides.create()
    await sides.invite(request.id, person)
    error = await matching.refusal(sides.do("DeleteMentoringRequest", request.id, HR))
    assert (error.reason, error.metadata["state"]) == ("WRONG_STATE", "open")
    await sides.do("DeleteMentoringRequest", other.id, HR)


async def test_the_history_of_a_request(matching: Any, sides: Sides) -> None:
    request = await sides.create(state=State.STATE_DRAFT)
    await update(matching, request.id, title="通风", hours_per_week=4)
    await update(matching, request.id, title="通风")  # the same again
    await sides.do("PublishMentoringRequest", request.id, HR)
    copy = await sides.do("DuplicateMentoringRequest", request.id, ADMIN)
    assert (copy.state, copy.title, copy.hours_per_week) == (State.STATE_DRAFT, "通风", 4)
    assert copy.id != request.id
    found = (await sides.do("ListMentoringRequestChanges", request.id, HR)).changes
    actions = engagement.MentoringRequestChange
    assert [one.action for one in found] == [
        actions.ACTION_PUBLISH,
        actions.ACTION_UPDATE,
        actions.ACTION_UPDATE,
        actions.ACTION_CREATE,
    ]
    assert [(one.subject, one.role) for one in found] == [("hr-1", "hr")] * 4
    changed = {field.name: (json.loads(field.before), json.loads(field.after)) for field in found[2].fields}
    assert changed == {"title": ("矿井通风", "通风"), "hours_per_week": (0, 4)}
    assert not found[1].fields
    first = await sides.do("ListMentoringRequestChanges", request.id, HR, page_size=3)
    second = await sides.do(
        "ListMentoringRequestChanges", request.id, HR, page_size=3, page_token=first.next_page_token
    )
    assert [*first.changes, *second.changes] == list(found)
    assert not second.next_page_token
    (copied,) = (await sides.do("ListMentoringRequestChanges", copy.id, ADMIN)).changes
    assert (copied.action, copied.subject) == (actions.ACTION_DUPLICATE, "admin")
    for caller, reason in ((OTHER_HR, "NOT_FOUND"), (COORDINATOR, "FORBIDDEN")):
        error = await matching.refusal(sides.do("ListMentoringRequestChanges", request.id, caller))
        assert error.reason == reason


async def test_the_same_call_again_answers_the_same(matching: Any, sides: Sides, database: Database) -> None:
    person, other = somebody(), somebody()
    await come(matching, person, other)
    request, key = await sides.create(), str(uuid4())
    first = await sides.invite(request.id, person, key=key)
    await sides.do("WithdrawInvitation", first[0].id, HR)
    assert await sides.invite(request.id, person, key=key.upper()) == first
    assert await broken(matching, sides.invite(request.id, other, key=key)) == [("request_id", "request_id.reused")]
    assert await broken(matching, sides.do("CloseMentoringRequest", request.id, HR, request_id=key)) == [
        ("request_id", "request_id.reused")
    ]
    assert await broken(matching, sides.invite(request.id, person, key="1")) == [("request_id", "string.uuid")]
    closed = await sides.do("CloseMentoringRequest", request.id, HR, request_id=(key := str(uuid4())))
    await sides.do("ReopenMentoringRequest", request.id, HR)
    assert await sides.do("CloseMentoringRequest", request.id, HR, request_id=key) == closed
    # The same account, which acts for others by now.
    again = sides.do("CloseMentoringRequest", request.id, replace(HR, organisation="别的集团"), request_id=key)
    assert await broken(matching, again) == [("request_id", "request_id.reused")]
    # A call that was refused leaves its key free.
    key = str(uuid4())
    await matching.refusal(sides.do("PublishMentoringRequest", request.id, HR, request_id=key))
    await sides.do("FillMentoringRequest", request.id, HR, request_id=key)
    # The key is the caller's own.
    await sides.offer((await sides.create()).id, person, key=key)
    async with database.connection() as conn:
        row = await (await conn.execute("SELECT count(*) AS n FROM idempotency_keys")).fetchone()
    assert row == {"n": 4}


async def test_lists_hold_what_the_caller_has_a_part_in(matching: Any, sides: Sides) -> None:
    people = [somebody() for _ in range(3)]
    elsewhere = replace(somebody(), organisation="别的局")
    await come(matching, *people, elsewhere)
    request = await sides.create(mentors_wanted=9)
    others = await sides.create(OTHER_HR, organisation="别的集团")
    mine = await sides.invite(request.id, *people, elsewhere)
    theirs = await sides.invite(others.id, people[0], caller=OTHER_HR)

    async def listed(caller: Any, **fields: Any) -> set[str]:
        found, token = [], ""
        while True:
            asked = engagement_pb.ListInvitationsRequest(page_size=2, page_token=token, **fields)
            page = await matching.call("ListInvitations", asked, caller)
            found += [one.id for one in page.invitations]
            if not (token := page.next_page_token):
                assert len(found) == len(set(found))
                return set(found)

    ours, other = {one.id for one in mine}, {one.id for one in theirs}
    assert await listed(HR) == ours
    assert await listed(OTHER_HR) == other
    assert await listed(ADMIN) == ours | other
    assert await listed(ADMIN, mentoring_request_id=others.id) == other
    assert await listed(COORDINATOR) == ours - {mine[3].id} | other
    assert await listed(OTHER_COORDINATOR) == {mine[3].id}
    assert await listed(retiree(people[0])) == {mine[0].id} | other
    assert await listed(retiree(people[0]), profile_id=people[1].id) == set()
    assert await listed(HR, profile_id=people[1].id) == {mine[1].id}
    assert await listed(HR, state=engagement.Invitation.STATE_DECLINED) == set()
    damaged = engagement_pb.ListInvitationsRequest(page_token="x")
    assert (await matching.refusal(matching.call("ListInvitations", damaged))).reason == "INVALID_PAGE_TOKEN"


async def test_who_takes_their_consent_back_is_asked_no_more(matching: Any, sides: Sides, database: Database) -> None:
    person, other = somebody(2), somebody()
    await come(matching, person, other)
    requests = [await sides.create() for _ in range(3)]
    (kept,) = await sides.invite(requests[0].id, person)
    made = await sides.do("AcceptInvitation", kept.id, retiree(person))
    (sent,) = await sides.invite(requests[1].id, person)
    offered = await sides.offer(requests[2].id, person)
    (others,) = await sides.invite(requests[1].id, other)
    matching.feed.remove(person.id)

    async def closed() -> bool:
        both = await sides.do("GetInvitation", sent.id, HR), await sides.do("GetOptIn", offered.id, HR)
        return all(one.closed_because == engagement.CLOSED_BECAUSE_PERSON_GONE for one in both)

    await until(closed)
    assert (await sides.do("GetInvitation", sent.id, HR)).state == engagement.Invitation.STATE_WITHDRAWN
    assert (await sides.do("GetOptIn", offered.id, HR)).state == engagement.OptIn.STATE_WITHDRAWN
    assert (await sides.do("GetInvitation", others.id, HR)).state == engagement.Invitation.STATE_SENT
    assert (await sides.do("GetEngagement", made.id, HR)).state == engagement.Engagement.STATE_ACTIVE
    assert await broken(matching, sides.invite(requests[1].id, person)) == [("profile_ids[0]", "profile.unknown")]
    await check_invariants(database, {person.id: 2})


async def test_who_went_unnoticed_is_found_later(
    start_matching: Callable[..., Any], matching: Any, sides: Sides, database: Database
) -> None:
    """They went while no replica ran, and the feed has no tombstone of them."""
    person = somebody()
    await come(matching, person)
    (sent,) = await sides.invite((await sides.create()).id, person)
    async with start_matching() as later, database.transaction() as conn:
        await later.parts.closing._close_missing()  # too new to say that they are gone
        await conn.execute("UPDATE invitations SET create_time = create_time - interval '1 hour'")
    assert (await sides.do("GetInvitation", sent.id, HR)).state == engagement.Invitation.STATE_SENT
    async with start_matching() as later:

        async def closed() -> bool:
            closing = later.parts.closing
            closing._next_look = 0.0  # its loop looks by itself, and need not wait a minute here
            closing.gone([])
            now = await sides.do("GetInvitation", sent.id, HR)
            return bool(now.closed_because == engagement.CLOSED_BECAUSE_PERSON_GONE)

        await until(closed)


async def test_places_that_are_taken_count_in_suggestions_of_all_replicas(
    start_matching: Callable[..., Any], matching: Any, sides: Sides
) -> None:
    person = replace(somebody(), experience=(ExperienceItem("矿井通风"),))
    async with start_matching(matching.feed) as other:
        await come(matching, person)
        await other.caught_up()
        request, wanting = await sides.create(), await sides.create()

        async def shows(replica: Any, expected: bool) -> bool:
            asked = service_pb.SuggestMentorsRequest(request_id=wanting.id)
            found = await replica.call("SuggestMentors", asked)
            offers = service_pb.SuggestRequestsRequest(profile_id=person.id)
            offered = await replica.call("SuggestRequests", offers, retiree(person))
            full = [one.rule for one in found.exclusions] == [pb.HARD_RULE_CAPACITY]
            assert full is not bool(found.suggestions)
            return bool(found.suggestions) is bool(offered.suggestions) is expected

        assert await shows(matching, True)
        (sent,) = await sides.invite(request.id, person)
        made = await sides.do("AcceptInvitation", sent.id, retiree(person))
        for replica in (matching, other):
            await until(lambda replica=replica: shows(replica, False))  # type: ignore[misc] # of the default
        await come(matching, replace(person, bio="更新"))  # a change of the profile forgets nothing
        assert await shows(matching, False)
        async with start_matching(matching.feed) as third:  # nor does a restart
            await until(lambda: shows(third, False))
        await sides.do("PauseEngagement", made.id, HR)
        await sides.do("EndEngagement", made.id, HR, reason=engagement.END_REASON_NO_FIT)
        for replica in (matching, other):
            await until(lambda replica=replica: shows(replica, True))  # type: ignore[misc] # of the default


async def test_what_was_answered_is_forgotten(matching: Any, sides: Sides, database: Database) -> None:
    """After a week."""
    person, other = somebody(), somebody()
    await come(matching, person, other)
    request = await sides.create(mentors_wanted=2)
    await sides.invite(request.id, other, person, key=str(uuid4()))
    await sides.offer((await sides.create()).id, person, key=str(uuid4()))
    await sides.offer((await sides.create()).id, other, key=str(uuid4()))
    await sides.do("CloseMentoringRequest", request.id, HR, request_id=str(uuid4()))

    async def kept() -> int:
        async with database.connection() as conn:
            row = await (await conn.execute("SELECT count(*) AS n FROM idempotency_keys")).fetchone()
        return int(row["n"]) if row else 0

    assert await kept() == 4
    now = datetime.now(UTC)
    assert await forget_old(database, now + timedelta(days=6)) == 0
    assert await forget_old(database, now + timedelta(days=8)) == 4
