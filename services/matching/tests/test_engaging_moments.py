"""The exact moment at which an invitation expires, what every move leaves behind, and who a caller in capitals is."""

from collections.abc import Awaitable
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any
from uuid import uuid4

import pytest
from yinling.matching.v1 import engagement_pb2 as engagement
from yinling.matching.v1 import engagement_service_pb2 as engagement_pb

from yinling_common.database import Database
from yinling_common.errors import WrongState
from yinling_common.identity import Identity, Role, as_identity
from yinling_common.testing import Clock
from yinling_matching.domain import Person
from yinling_matching.engaging.invitations import Invitations
from yinling_matching.engaging.once import NO_CALL
from yinling_matching.engaging.testing import ADMIN, HR, Sides, retiree, somebody
from yinling_matching.engaging.timers import Timers
from yinling_matching.engaging.times import Times
from yinling_matching.engaging.unit import Decisions

MOMENT = timedelta(microseconds=1)
"""The smallest step of the database's clock."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def decisions(matching: Any, database: Database, clock: Clock) -> Decisions:
    """As the service makes them, by the clock of the test; the service's own timers go by the true one."""
    parts = matching.parts.timers._decisions
    return Decisions(database, parts.people, matching.parts.places, clock)


async def come(matching: Any, *people: Person) -> None:
    matching.feed.put(*people)
    await matching.caught_up()


def lettered(id_: str) -> str:
    """An id in which there are letters, whatever chance gave."""
    return "abcdef" + id_[6:]


async def wrong_state(call: Awaitable[Any]) -> str:
    with pytest.raises(WrongState) as caught:
        await call
    return caught.value.metadata["state"]


async def test_an_invitation_holds_until_its_expire_time_and_not_at_it(
    matching: Any, sides: Sides, decisions: Decisions, clock: Clock
) -> None:
    in_time, late, ended, left = people = [somebody() for _ in range(4)]
    await come(matching, *people)
    sent = await sides.invite((await sides.create(mentors_wanted=9)).id, *people)
    ids = {one.profile_id: one.id for one in sent}
    (expire_time,) = {one.expire_time.ToDatetime(UTC) for one in sent}
    invitations = Invitations(decisions, time_to_answer=timedelta(days=7))
    due = Timers(decisions, Times(remind=timedelta()))

    async def accept(person: Person) -> Any:
        with as_identity(retiree(person)):
            return await invitations.accept(NO_CALL, ids[person.id])

    async def expire(person: Person) -> Any:
        with as_identity(ADMIN):
            return await invitations.expire(NO_CALL, ids[person.id])

    clock.time = expire_time - MOMENT
    assert await due.do_due() == 0
    assert await wrong_state(expire(ended)) == "sent"
    await accept(in_time)
    clock.time = expire_time
    assert await wrong_state(accept(late)) == "expired"
    await expire(ended)
    assert await due.do_due() == 2
    for person in (late, ended, left):
        one = await sides.do("GetInvitation", ids[person.id], HR)
        assert one.state == engagement.Invitation.STATE_EXPIRED


async def test_a_person_is_reminded_from_the_very_moment_until_the_last_day_begins(
    matching: Any, sides: Sides, decisions: Decisions, clock: Clock
) -> None:
    first, second = people = [somebody() for _ in range(2)]
    await come(matching, *people)
    request = await sides.create(mentors_wanted=9)
    due = Timers(decisions, Times())
    (sent,) = await sides.invite(request.id, first)
    made = sent.create_time.ToDatetime(UTC)
    clock.time = made + Times().remind - MOMENT
    assert await due.do_due() == 0
    clock.time += MOMENT
    assert await due.do_due() == 1
    (sent,) = await sides.invite(request.id, second)
    clock.time = sent.expire_time.ToDatetime(UTC) - timedelta(days=1) + MOMENT
    assert await due.do_due() == 0
    clock.time -= MOMENT
    assert await due.do_due() == 1


async def test_every_move_gives_a_new_etag_and_the_old_one_is_stale(matching: Any, sides: Sides) -> None:
    """Also where the other side's page is older, and would say in vain that it is not possible any more."""
    one, two, three, four, five = people = [somebody(9) for _ in range(5)]
    await come(matching, *people)
    request = await sides.create(mentors_wanted=9)
    no_time = {"reason": engagement.DECLINE_REASON_NO_TIME}
    other = {"reason": engagement.TURN_DOWN_REASON_SOMEBODY_ELSE}
    early = {"reason": engagement.END_REASON_PERSONAL}

    async def check(resource: str, before: Any, move: str, caller: Identity, **fields: Any) -> None:
        await sides.do(f"{move}{resource}", before.id, caller, etag=before.etag, **fields)
        after = await sides.do(f"Get{resource}", before.id, HR)
        assert after.etag != before.etag, (move, resource)
        again = sides.do(f"{move}{resource}", before.id, caller, etag=before.etag, **fields)
        assert (await matching.refusal(again)).reason == "STALE_ETAG", (move, resource)

    sent = await sides.invite(request.id, one, two, three)
    await check("Invitation", sent[0], "Accept", retiree(one))
    await check("Invitation", sent[1], "Decline", retiree(two), **no_time)
    await check("Invitation", sent[2], "Withdraw", HR)
    offered = [await sides.offer(request.id, person) for person in (three, four, five)]
    await check("OptIn", offered[0], "Confirm", HR)
    await check("OptIn", offered[1], "TurnDown", HR, **other)
    await check("OptIn", offered[2], "Withdraw", retiree(five))
    made = await sides.engage(one)
    for move, caller, fields in (("Pause", HR, {}), ("Resume", retiree(one), {}), ("End", HR, early)):
        await check("Engagement", await sides.do("GetEngagement", made.id, HR), move, caller, **fields)
    await check("Engagement", await sides.engage(two), "Complete", HR)
    # What is closed with its request has another etag too: no page of before may act on it.
    (waiting,) = await sides.invite(request.id, two)
    offer = await sides.offer(request.id, five)
    await check("MentoringRequest", await sides.do("GetMentoringRequest", request.id, HR), "Close", HR)
    assert (await sides.do("GetInvitation", waiting.id, HR)).etag != waiting.etag
    assert (await sides.do("GetOptIn", offer.id, HR)).etag != offer.etag


async def test_an_invitation_that_expired_has_a_new_etag(
    matching: Any, sides: Sides, decisions: Decisions, clock: Clock
) -> None:
    by_hand, by_itself = people = [somebody() for _ in range(2)]
    await come(matching, *people)
    sent = await sides.invite((await sides.create(mentors_wanted=9)).id, *people)
    clock.time = sent[0].expire_time.ToDatetime(UTC)
    ids = {one.profile_id: one.id for one in sent}
    with as_identity(ADMIN):
        await Invitations(decisions, time_to_answer=timedelta(days=7)).expire(NO_CALL, ids[by_hand.id])
    assert await Timers(decisions, Times()).do_due() == 1
    for before in sent:
        assert (await sides.do("GetInvitation", before.id, HR)).etag != before.etag
    assert by_itself.id in ids


async def test_an_account_whose_profile_is_written_in_capitals_is_the_same_person(matching: Any, sides: Sides) -> None:
    """An id has no letters of one size: who made the account may have typed it either way."""
    person = replace(somebody(9), id=lettered(str(uuid4())))
    await come(matching, person)
    shouting = Identity("r-1", Role.RETIREE, profile_id=person.id.upper())
    request = await sides.create(mentors_wanted=9)

    async def listed(method: str, **fields: Any) -> list[Any]:
        page = await matching.call(method, getattr(engagement_pb, f"{method}Request")(**fields), shouting)
        return [one for _, things in page.ListFields() for one in things]

    (sent,) = await sides.invite(request.id, person)
    for fields in ({}, {"profile_id": person.id}, {"profile_id": person.id.upper()}):
        assert [one.id for one in await listed("ListInvitations", **fields)] == [sent.id]
    made = await sides.do("AcceptInvitation", sent.id.upper(), shouting)
    assert (made.id, made.profile_id) == ((await listed("ListEngagements"))[0].id, person.id)
    await sides.do("PauseEngagement", made.id.upper(), shouting)
    other = await sides.create()
    asked = engagement_pb.OfferMentoringRequest(
        mentoring_request_id=other.id.upper(), profile_id=person.id.upper(), message="我愿意"
    )
    offered = await matching.call("OfferMentoring", asked, shouting)
    assert (offered.profile_id, offered.mentoring_request_id) == (person.id, other.id)
    assert [one.id for one in await listed("ListOptIns", mentoring_request_id=other.id.upper())] == [offered.id]
    await sides.do("WithdrawOptIn", offered.id.upper(), shouting)


async def test_what_is_written_in_capitals_is_asked_about_the_same(matching: Any, sides: Sides) -> None:
    """Ids in capitals name the same person and request; under one key they are another call, which does nothing."""
    person = replace(somebody(9), id=lettered(str(uuid4())))
    await come(matching, person)
    request = await sides.create(mentors_wanted=9)
    key = lettered(str(uuid4()))

    def invite(**changes: Any) -> Awaitable[Any]:
        fields = {"mentoring_request_id": request.id, "profile_ids": [person.id], "request_id": key}
        return matching.call("InviteMentors", engagement_pb.InviteMentorsRequest(**fields | changes), HR)  # type: ignore[no-any-return] # Any of the fixture

    first = await invite()
    assert await invite(request_id=key.upper()) == first
    error = await matching.refusal(invite(profile_ids=[person.id.upper()]))
    assert [(one.field, one.rule) for one in error.violations] == [("request_id", "request_id.reused")]
    error = await matching.refusal(invite(profile_ids=[person.id.upper()], request_id=""))
    assert [(one.field, one.rule) for one in error.violations] == [("profile_ids[0]", "invitation.exists")]
    page = await matching.call("ListInvitations", engagement_pb.ListInvitationsRequest(), HR)
    assert list(page.invitations) == list(first.invitations)
    blocking = await sides.create(mentors_wanted=9, blocked_profile_ids=[person.id.upper()])
    error = await matching.refusal(sides.invite(blocking.id, person))
    assert [one.rule for one in error.violations] == ["profile.blocked"]
