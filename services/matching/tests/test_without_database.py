"""PostgreSQL is away: what needs it says so in time, and the rest goes on."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from yinling.matching.v1 import matching_pb2 as pb
from yinling.matching.v1 import matching_service_pb2 as service_pb

from yinling_common.errors import DatabaseUnavailable
from yinling_matching.domain import Person


@pytest.fixture
def database_patience() -> None:
    """As in production: what is tested here is that nobody waits for it for ever."""


@pytest.fixture
async def matching_database() -> str:
    return "postgresql://nobody@127.0.0.1:1/nothing"


@pytest.fixture
async def alone(start_matching: Any) -> AsyncIterator[Any]:
    async with start_matching() as running:
        running.feed.put(Person(id="p1", organisation="矿务局", name="王工", skills=("矿井通风",)))
        await running.caught_up()
        yield running


async def test_requests_are_refused_in_time(alone: Any) -> None:
    error = await alone.refusal(alone.call("ListMentoringRequests", service_pb.ListMentoringRequestsRequest()))
    assert error.reason == "DATABASE_UNAVAILABLE"
    assert error.retry_after
    with pytest.raises(DatabaseUnavailable):
        await alone.parts.status.health()


async def test_wording_can_still_be_tried(alone: Any) -> None:
    for title in ("矿井通风", "通风", "瓦斯"):
        request = pb.MentoringRequest(organisation="攀钢集团", title=title)
        found = await alone.call("SuggestMentors", service_pb.SuggestMentorsRequest(mentoring_request=request))
        assert [s.name for s in found.suggestions] == ["王工"]
