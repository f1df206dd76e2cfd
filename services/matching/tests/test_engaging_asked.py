"""Who was asked for a request, who reads it, and that a request sent twice is one, through the real server."""

from typing import Any
from uuid import uuid4

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from yinling.matching.v1 import engagement_pb2 as engagement
from yinling.matching.v1 import engagement_service_pb2 as engagement_pb
from yinling.matching.v1 import matching_pb2 as pb
from yinling.matching.v1 import matching_service_pb2 as service_pb

from yinling_common.identity import Identity, Role
from yinling_matching.domain import Person
from yinling_matching.engaging.testing import COORDINATOR, HR, OTHER_COORDINATOR, Sides, retiree, somebody

State = pb.MentoringRequest


async def come(matching: Any, *people: Person) -> None:
    matching.feed.put(*people)
    await matching.caught_up()


async def test_the_next_best_are_those_who_were_not_asked(matching: Any, sides: Sides) -> None:
    declined, offered, engaged, left, other = people = [somebody(9) for _ in range(5)]
    await come(matching, *people)
    request = await sides.create(mentors_wanted=9)
    (sent,) = await sides.invite(request.id, declined)
    await sides.do("DeclineInvitation", sent.id, retiree(declined), reason=engagement.DECLINE_REASON_TOO_FAR)
    made = await sides.offer(request.id, offered)
    await sides.do("WithdrawOptIn", made.id, retiree(offered))
    (sent,) = await sides.invite(request.id, engaged)
    await sides.do("AcceptInvitation", sent.id, retiree(engaged))

    async def suggested(**fields: Any) -> tuple[set[str], int]:
        found = await matching.call("SuggestMentors", service_pb.SuggestMentorsRequest(**fields))
        return {one.profile_id for one in found.suggestions}, found.people

    assert await suggested(request_id=request.id) == ({one.id for one in people}, 5)
    assert await suggested(request_id=request.id, leave_out_asked=True) == ({left.id, other.id}, 2)
    trial = pb.MentoringRequest(organisation="攀钢集团", title="矿井通风")
    assert await suggested(mentoring_request=trial, leave_out_asked=True) == ({one.id for one in people}, 5)


async def test_who_has_a_part_in_a_request_reads_it_when_it_is_no_longer_open(matching: Any, sides: Sides) -> None:
    asked, offered, engaged, stranger = people = [somebody(9) for _ in range(4)]
    await come(matching, *people)
    request = await sides.create(mentors_wanted=9, blocked_profile_ids=[str(uuid4())])
    await sides.invite(request.id, asked)
    await sides.offer(request.id, offered)
    (sent,) = await sides.invite(request.id, engaged)
    await sides.do("AcceptInvitation", sent.id, retiree(engaged))
    await sides.do("CloseMentoringRequest", request.id, HR)
    shouting = Identity("r-2", Role.RETIREE, profile_id=asked.id.upper())
    for caller in (*map(retiree, (asked, offered, engaged)), shouting, COORDINATOR):
        seen = await sides.do("GetMentoringRequest", request.id, caller)
        assert (seen.state, list(seen.blocked_profile_ids)) == (State.STATE_CLOSED, [])
    for caller in (
        retiree(stranger),
        OTHER_COORDINATOR,
        Identity("r-0", Role.RETIREE),
        Identity("co-0", Role.COORDINATOR),
    ):
        error = await matching.refusal(sides.do("GetMentoringRequest", request.id, caller))
        assert error.reason == "NOT_FOUND"


async def test_a_request_sent_twice_is_made_and_changed_once(matching: Any, sides: Sides) -> None:
    made, key = pb.MentoringRequest(organisation="攀钢集团", title="矿井通风"), str(uuid4())
    asked = service_pb.CreateMentoringRequestRequest(mentoring_request=made, request_id=key)
    first = await matching.call("CreateMentoringRequest", asked)
    assert await matching.call("CreateMentoringRequest", asked) == first
    listed = await matching.call("ListMentoringRequests", service_pb.ListMentoringRequestsRequest())
    assert [one.id for one in listed.mentoring_requests] == [first.id]
    asked.mentoring_request.title = "另一个"
    error = await matching.refusal(matching.call("CreateMentoringRequest", asked))
    assert [(one.field, one.rule) for one in error.violations] == [("request_id", "request_id.reused")]
    changed = service_pb.UpdateMentoringRequestRequest(
        mentoring_request=pb.MentoringRequest(id=first.id, title="矿井通风二", etag=first.etag),
        update_mask=FieldMask(paths=["title"]),
        request_id=str(uuid4()),
    )
    second = await matching.call("UpdateMentoringRequest", changed)
    assert await matching.call("UpdateMentoringRequest", changed) == second  # its etag is stale by now
    history = await sides.do("ListMentoringRequestChanges", first.id, HR)
    assert len(history.changes) == 2


@pytest.mark.parametrize("method", ["ListInvitations", "ListOptIns", "ListEngagements", "ListMentoringSessions"])
async def test_an_account_that_names_no_profile_has_empty_lists(matching: Any, method: str) -> None:
    caller = Identity("r-1", Role.RETIREE, profile_id="no-uuid")
    page = await matching.call(method, getattr(engagement_pb, f"{method}Request")(), caller)
    assert page == type(page)()
