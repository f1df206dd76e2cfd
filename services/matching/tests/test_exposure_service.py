"""Feedback and exposures through the real server: who may do what, and what is refused."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from yinling.common.v1 import types_pb2
from yinling.matching.v1 import matching_pb2 as pb
from yinling.matching.v1 import matching_service_pb2 as service_pb

from yinling_common.identity import Identity, Role
from yinling_matching.days import today
from yinling_matching.domain import Person
from yinling_matching.ledger_repository import Showing, SqlLedgerRepository

HR = Identity("hr-1", Role.HR, organisation="攀钢集团")
OTHER_HR = Identity("hr-2", Role.HR, organisation="别的集团")
COORDINATOR = Identity("co-1", Role.COORDINATOR, organisation="矿务局")
NOBODYS = Identity("co-2", Role.COORDINATOR)
RETIREE = Identity("r-1", Role.RETIREE, profile_id=str(UUID(int=1)))
ADMIN = Identity("admin", Role.ADMIN)
CLOSED = pb.MentoringRequest.STATE_CLOSED


def person(number: int, organisation: str = "矿务局") -> Person:
    return Person(
        id=str(UUID(int=number)),
        organisation=organisation,
        name=f"王工{number}",
        last_position="通风科科长",
        skills=("矿井通风",),
    )


@pytest.fixture
async def people(matching: Any) -> list[str]:
    """Three of one organisation and one of another."""
    everybody = [person(1), person(2), person(3), person(4, "水电局")]
    matching.feed.put(*everybody)
    await matching.caught_up()
    return [one.id for one in everybody]


async def request_of(matching: Any, caller: Identity = HR) -> str:
    given = pb.MentoringRequest(organisation=caller.organisation, title="矿井通风")
    request = service_pb.CreateMentoringRequestRequest(mentoring_request=given)
    return str((await matching.call("CreateMentoringRequest", request, caller)).id)


async def close(matching: Any, request_id: str) -> None:
    given = pb.MentoringRequest(id=request_id, state=CLOSED)
    await matching.call(
        "UpdateMentoringRequest",
        service_pb.UpdateMentoringRequestRequest(mentoring_request=given, update_mask=FieldMask(paths=["state"])),
    )


def rate(matching: Any, request_id: str, profile_id: str, rating: int = 5, caller: Identity = HR) -> Any:
    feedback = pb.Feedback(request_id=request_id, profile_id=profile_id, rating=rating)
    return matching.call("RecordFeedback", service_pb.RecordFeedbackRequest(feedback=feedback), caller)


def shown(matching: Any, request_id: str, caller: Identity = HR) -> Any:
    return matching.call("ListShownPeople", service_pb.ListShownPeopleRequest(request_id=request_id), caller)


async def exposures(matching: Any, caller: Identity = ADMIN, **fields: Any) -> list[tuple[int, int, int]]:
    """Number of the person, requests, among the first three."""
    found = await matching.call("ListExposures", service_pb.ListExposuresRequest(**fields), caller)
    return [(UUID(one.profile_id).int, one.requests, one.first_three) for one in found.exposures]


async def test_feedback_is_kept_and_said_again(matching: Any, people: list[str]) -> None:
    request_id = await request_of(matching)
    matching.parts.ledger.record(request_id, people[:2])
    await close(matching, request_id)
    said = await rate(matching, request_id.upper(), people[1].upper(), 2)
    assert (said.request_id, said.profile_id, said.rating) == (request_id, people[1], 2)
    again = await rate(matching, request_id, people[1], 4)
    assert again.rating == 4
    assert again.update_time.ToDatetime() > said.update_time.ToDatetime()
    found = await shown(matching, request_id)
    assert [(one.profile_id, one.name, one.last_position, one.rating) for one in found.people] == [
        (people[0], "王工1", "通风科科长", 0),
        (people[1], "王工2", "通风科科长", 4),
    ]


async def test_feedback_that_is_refused(matching: Any, people: list[str]) -> None:
    request_id = await request_of(matching)
    matching.parts.ledger.record(request_id, people[:2])

    async def reason(call: Any) -> str:
        return str((await matching.refusal(call)).reason)

    open_ = await matching.refusal(rate(matching, request_id, people[0]))
    assert (open_.reason, open_.metadata["state"]) == ("WRONG_STATE", "open")
    await close(matching, request_id)
    assert await reason(rate(matching, request_id, people[2])) == "WRONG_STATE"
    assert await reason(rate(matching, request_id, str(uuid4()))) == "NOT_FOUND"
    assert await reason(rate(matching, str(uuid4()), people[0])) == "NOT_FOUND"
    assert await reason(rate(matching, request_id, people[0], caller=OTHER_HR)) == "NOT_FOUND"
    for caller in (ADMIN, COORDINATOR, RETIREE):
        assert await reason(rate(matching, request_id, people[0], caller=caller)) == "FORBIDDEN"
    for rating in (0, 6):
        assert await reason(rate(matching, request_id, people[0], rating)) == "INVALID_FIELD"
    matching.feed.remove(people[0])
    await matching.caught_up()
    assert await reason(rate(matching, request_id, people[0])) == "NOT_FOUND"
    assert [one.rating for one in (await shown(matching, request_id)).people] == [0, 0]


async def test_who_may_read_whom_a_request_showed(matching: Any, people: list[str]) -> None:
    request_id = await request_of(matching)
    assert not (await shown(matching, request_id)).people
    matching.parts.ledger.record(request_id, people[:1])
    assert [one.name for one in (await shown(matching, request_id, ADMIN)).people] == ["王工1"]
    for caller, reason in ((OTHER_HR, "NOT_FOUND"), (COORDINATOR, "FORBIDDEN"), (RETIREE, "FORBIDDEN")):
        assert (await matching.refusal(shown(matching, request_id, caller))).reason == reason
    matching.feed.remove(people[0])
    await matching.caught_up()
    found = (await shown(matching, request_id)).people
    assert [(one.profile_id, one.name, one.last_position) for one in found] == [(people[0], "", "")]


async def test_exposures_of_everybody_and_of_the_own_people(matching: Any, people: list[str]) -> None:
    first, second = await request_of(matching), await request_of(matching, OTHER_HR)
    matching.parts.ledger.record(first, [people[1], people[3]])
    matching.parts.ledger.record(second, [people[3], people[0], people[2], people[1]])
    matching.parts.ledger.record(second, [people[3], people[0], people[2], people[1]])
    everybody = [(1, 1, 1), (2, 2, 1), (3, 1, 1), (4, 2, 2)]
    assert await exposures(matching) == everybody
    assert await exposures(matching, organisation="水电局") == everybody[3:]
    assert await exposures(matching, COORDINATOR) == everybody[:3]
    assert await exposures(matching, COORDINATOR, organisation="矿务局") == everybody[:3]
    assert await exposures(matching, COORDINATOR, organisation="水电局") == []
    assert await exposures(matching, NOBODYS) == []
    for caller in (HR, RETIREE):
        assert (await matching.refusal(exposures(matching, caller))).reason == "FORBIDDEN"
    # Whoever is gone is nobody's business any more; who was never shown is listed too.
    matching.feed.remove(people[1])
    matching.feed.put(person(5))
    await matching.caught_up()
    assert await exposures(matching) == [(1, 1, 1), (3, 1, 1), (4, 2, 2), (5, 0, 0)]


async def test_exposures_are_read_in_pages(matching: Any) -> None:
    matching.feed.put(*(person(number) for number in range(1, 8)))
    await matching.caught_up()
    found, token = [], ""
    while True:
        request = service_pb.ListExposuresRequest(page_size=3, page_token=token)
        page = await matching.call("ListExposures", request, ADMIN)
        found.append([UUID(one.profile_id).int for one in page.exposures])
        token = page.next_page_token
        if not token:
            break
        for other in ({"organisation": "矿务局"}, {"end_date": types_pb2.Date(year=2026, month=1, day=1)}):
            call = exposures(matching, page_token=token, **other)
            assert (await matching.refusal(call)).reason == "INVALID_PAGE_TOKEN"
    assert found == [[1, 2, 3], [4, 5, 6], [7]]


async def test_exposures_of_a_period(matching: Any, people: list[str], database: Any) -> None:
    now = today()

    def day(back: int) -> types_pb2.Date:
        value = now - timedelta(days=back)
        return types_pb2.Date(year=value.year, month=value.month, day=value.day)

    await SqlLedgerRepository(database).show(
        [Showing(str(uuid4()), people[0], now - timedelta(days=back), 1) for back in (0, 5, 90, 91)]
    )

    async def requests(**fields: Any) -> int:
        return (await exposures(matching, **fields))[0][1]

    assert await requests() == 3
    assert await requests(end_date=day(1)) == 3
    assert await requests(start_date=day(5)) == 2
    assert await requests(start_date=day(6), end_date=day(1)) == 1
    assert await requests(start_date=types_pb2.Date(year=1900, month=1, day=1)) == 4
    assert await requests(end_date=types_pb2.Date(year=1900, month=1, day=1)) == 0
    for fields, field, rule in (
        ({"start_date": day(0), "end_date": day(1)}, "start_date", "date.order"),
        ({"end_date": types_pb2.Date(year=2026, month=2, day=30)}, "end_date", "date.exists"),
    ):
        error = await matching.refusal(exposures(matching, **fields))
        assert [(one.field, one.rule) for one in error.violations] == [(field, rule)]


async def test_a_restart_keeps_what_was_shown_a_moment_ago(start_matching: Any) -> None:
    async with start_matching() as matching:
        matching.feed.put(person(1))
        await matching.caught_up()
        matching.parts.ledger.record(str(uuid4()), [person(1).id])
        feed = matching.feed
    async with start_matching(feed) as matching:
        assert await exposures(matching) == [(1, 1, 1)]


async def test_only_what_an_enterprise_sees_of_a_kept_request_counts(matching: Any, people: list[str]) -> None:
    request_id = await request_of(matching)

    async def suggest(caller: Identity = HR, **fields: Any) -> list[str]:
        request = service_pb.SuggestMentorsRequest(limit=2, **fields)
        return [one.profile_id for one in (await matching.call("SuggestMentors", request, caller)).suggestions]

    async def counted() -> list[str]:
        return [one.profile_id for one in (await shown(matching, request_id)).people]

    trial = pb.MentoringRequest(organisation=HR.organisation, title="矿井通风", id=request_id)
    assert len(await suggest(mentoring_request=trial)) == 2  # its id is ignored
    assert len(await suggest(request_id=request_id, view=service_pb.SUGGESTION_VIEW_SCORES)) == 2
    assert len(await suggest(ADMIN, request_id=request_id)) == 2
    assert await counted() == []
    first = await suggest(request_id=request_id)
    assert await counted() == first
    # The next enterprise is shown those who fit as well, and the first one the same list again.
    other = await request_of(matching, OTHER_HR)
    assert set(await suggest(OTHER_HR, request_id=other)) == set(people) - set(first)
    assert await suggest(request_id=request_id) == first
