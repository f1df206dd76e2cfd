"""Exposures through the real server: who may read what, and what counts."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from yinling.common.v1 import types_pb2
from yinling.matching.v1 import matching_pb2 as pb
from yinling.matching.v1 import matching_service_pb2 as service_pb

from yinling_common.identity import Identity, Role
from yinling_matching.days import today
from yinling_matching.domain import Person
from yinling_matching.exposure.repository import Showing, SqlLedgerRepository

HR = Identity("hr-1", Role.HR, organisation="攀钢集团")
OTHER_HR = Identity("hr-2", Role.HR, organisation="别的集团")
COORDINATOR = Identity("co-1", Role.COORDINATOR, organisation="矿务局")
NOBODYS = Identity("co-2", Role.COORDINATOR)
RETIREE = Identity("r-1", Role.RETIREE, profile_id=str(UUID(int=1)))
ADMIN = Identity("admin", Role.ADMIN)


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


async def exposures(matching: Any, caller: Identity = ADMIN, **fields: Any) -> list[tuple[int, int, int]]:
    """Number of the person, requests, among the first three."""
    found = await matching.call("ListExposures", service_pb.ListExposuresRequest(**fields), caller)
    return [(UUID(one.profile_id).int, one.requests, one.first_three) for one in found.exposures]


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


async def test_only_what_an_enterprise_sees_of_a_kept_request_counts(
    matching: Any, people: list[str], database: Any
) -> None:
    request_id = await request_of(matching)

    async def suggest(caller: Identity = HR, **fields: Any) -> list[str]:
        request = service_pb.SuggestMentorsRequest(limit=2, **fields)
        return [one.profile_id for one in (await matching.call("SuggestMentors", request, caller)).suggestions]

    async def counted() -> list[str]:
        await matching.parts.ledger.write()
        query = "SELECT profile_id FROM exposures WHERE request_id = %s ORDER BY best_place"
        async with database.connection() as conn:
            return [str(row["profile_id"]) async for row in await conn.execute(query, [request_id])]

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


async def test_a_place_that_was_given_by_turn_is_told(matching: Any) -> None:
    """Who answers a little better, and was shown for other requests, stands below those who were not."""
    positions = ("通风科科长", "通风科副科长", "通风科技术员", "通风科")
    everybody = [replace(person(number), last_position=position) for number, position in enumerate(positions, 1)]
    matching.feed.put(*everybody)
    await matching.caught_up()
    request = service_pb.SuggestMentorsRequest(request_id=await request_of(matching))

    async def suggested() -> list[pb.Suggestion]:
        return list((await matching.call("SuggestMentors", request, HR)).suggestions)

    by_score = await suggested()
    assert [one.score for one in by_score] == sorted((one.score for one in by_score), reverse=True)
    assert not any(one.by_turn for one in by_score)
    best, second = by_score[:2]
    assert best.score > second.score
    matching.parts.ledger.record(str(uuid4()), [best.profile_id])
    found = await suggested()
    assert found[0].profile_id != best.profile_id
    for place, one in enumerate(found):
        assert one.by_turn == any(below.score > one.score for below in found[place:])
    assert found[0].by_turn
    request.limit = 1  # whoever is better is not in the list now
    assert [one.by_turn for one in await suggested()] == [True]
