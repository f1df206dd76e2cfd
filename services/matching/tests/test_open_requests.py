"""Open requests are read and embedded once, and never shown as they no longer are."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import numpy as np
import pytest
from typing_extensions import override

from yinling_common.database import Database
from yinling_matching.domain import MentoringRequest, RequestState
from yinling_matching.ranking.comparing import Question
from yinling_matching.ranking.open_requests import OpenRequests
from yinling_matching.ranking.weights import Effective
from yinling_matching.repository import RequestRepository, SqlRequestRepository
from yinling_matching.testing import MemoryRequestRepository

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def one(number: int, **fields: object) -> MentoringRequest:
    known: dict[str, object] = {
        "id": str(UUID(int=number)),
        "organisation": "攀钢集团",
        "title": f"通风{number}",
        "state": RequestState.OPEN,
        "create_time": NOW + timedelta(minutes=number),
        "update_time": NOW,
        "etag": "e1",
    }
    return MentoringRequest(**known | fields)  # type: ignore[arg-type] # whatever a test wants


class Counting(MemoryRequestRepository):
    """Says which requests were read."""

    def __init__(self) -> None:
        super().__init__()
        self.reads: list[str] = []

    @override
    async def read(self, request_ids: Sequence[str]) -> Sequence[MentoringRequest]:  # type: ignore[override] # narrower
        self.reads += request_ids
        return await super().read(request_ids)


class Preparing:
    """Makes questions without points, and says of which requests and how often."""

    def __init__(self) -> None:
        self.titles: list[str] = []

    async def __call__(self, requests: Sequence[MentoringRequest]) -> list[Question]:
        self.titles += [request.title for request in requests]
        await asyncio.sleep(0)
        return [Question(one, [], np.zeros((0, 4), np.float32), [], Effective()) for one in requests]


async def change(repository: RequestRepository, number: int, **fields: object) -> None:
    kept = await repository.update(one(number).id, lambda request: replace(request, etag=str(uuid4()), **fields))  # type: ignore[arg-type] # whatever a test wants
    assert kept is not None


@pytest.fixture(params=["memory", "postgres"])
def repository(request: pytest.FixtureRequest) -> RequestRepository:
    if request.param == "memory":
        return MemoryRequestRepository()
    database: Database = request.getfixturevalue("database")
    return SqlRequestRepository(database)


async def titles(requests: OpenRequests) -> list[str]:
    return sorted(one.title for batch in await requests.current() for one in batch.requests)


async def ready(requests: OpenRequests) -> list[str]:
    """The titles of all that is open, each made ready."""
    batches = await requests.current()
    for batch in batches:
        await requests.make_ready(batch, range(len(batch.requests)))
        assert [one.request for one in batch.packed().questions if one] == batch.requests
    return await titles(requests)


async def test_they_follow_what_others_write(repository: RequestRepository) -> None:
    preparing = Preparing()
    requests, elsewhere = OpenRequests(repository, preparing), OpenRequests(repository, Preparing())
    assert await titles(requests) == []
    for number in (1, 2, 3):
        await repository.create(one(number))
    await repository.create(one(4, state=RequestState.DRAFT))
    assert await titles(requests) == await titles(elsewhere) == ["通风1", "通风2", "通风3"]
    await change(repository, 1, title="焊接")
    await change(repository, 2, state=RequestState.CLOSED)
    await change(repository, 4, state=RequestState.OPEN)
    await repository.delete(one(3).id, lambda _: None)
    assert await titles(requests) == await titles(elsewhere) == ["焊接", "通风4"]
    assert await ready(requests) == ["焊接", "通风4"]
    await change(repository, 2, state=RequestState.OPEN)
    assert await titles(requests) == ["焊接", "通风2", "通风4"]
    # A change that is taken back, all but its etag, and one that comes with another that undoes its count.
    await change(repository, 2, title="通风2")
    await change(repository, 4, state=RequestState.CLOSED)
    await repository.create(one(5))
    assert await titles(requests) == await titles(elsewhere) == ["焊接", "通风2", "通风5"]


async def test_only_what_is_new_is_read_and_made_ready() -> None:
    repository, preparing = Counting(), Preparing()
    requests = OpenRequests(repository, preparing)
    for number in (1, 2):
        await repository.create(one(number))
    (batch,) = await requests.current()
    assert preparing.titles == []
    await requests.make_ready(batch, [1])
    assert batch.packed().ready.tolist() == [False, True]
    await requests.make_ready(batch, [0, 1])
    assert batch.packed().ready.tolist() == [True, True]
    assert preparing.titles == ["通风2", "通风1"]
    assert batch.packed() is batch.packed()
    repository.reads.clear()
    assert (await requests.current())[0] is batch
    assert repository.reads == []
    await change(repository, 2, title="焊接")
    assert await ready(requests) == ["焊接", "通风1"]
    assert repository.reads == [one(2).id]
    assert preparing.titles == ["通风2", "通风1", "焊接"]


async def test_a_change_leaves_the_other_batches_alone() -> None:
    repository, preparing = MemoryRequestRepository(), Preparing()
    requests = OpenRequests(repository, preparing, size=3)
    for number in range(1, 9):
        await repository.create(one(number))
    await ready(requests)
    first, second, third = await requests.current()
    assert [len(batch.requests) for batch in (first, second, third)] == [3, 3, 2]
    await change(repository, 4, title="焊接")
    await repository.create(one(9))
    batches = await requests.current()
    assert batches[0] is first
    assert [len(batch.requests) for batch in batches] == [3, 2, 3, 1]
    assert await ready(requests) == ["焊接", *(f"通风{number}" for number in (1, 2, 3, 5, 6, 7, 8, 9))]
    assert sorted(preparing.titles[8:]) == ["焊接", "通风9"]
    # Where little is left of many batches, they become fewer.
    for number in range(2, 9):
        await change(repository, number, state=RequestState.CLOSED)
    assert await ready(requests) == ["通风1", "通风9"]
    assert [len(batch.requests) for batch in await requests.current()] == [2]
    assert len(preparing.titles) == 10


async def test_a_request_that_closes_while_it_is_read_is_not_shown() -> None:
    class Closing(MemoryRequestRepository):
        @override
        async def read(self, request_ids: Sequence[str]) -> Sequence[MentoringRequest]:  # type: ignore[override] # narrower
            await change(self, 1, state=RequestState.CLOSED)
            return await super().read(request_ids)

    repository = Closing()
    await repository.create(one(1))
    assert await titles(OpenRequests(repository, Preparing())) == []


async def test_calls_at_once_agree() -> None:
    repository = MemoryRequestRepository()
    requests = OpenRequests(repository, Preparing(), size=4)
    for number in range(1, 7):
        await repository.create(one(number))
    answers = await asyncio.gather(*(ready(requests) for _ in range(4)))
    assert all(each == [f"通风{number}" for number in range(1, 7)] for each in answers)
    assert await ready(requests) == answers[0]


async def test_memory_is_bounded() -> None:
    repository, preparing = MemoryRequestRepository(), Preparing()
    requests = OpenRequests(repository, preparing, size=2, remembered=2)
    for number in range(1, 8):
        await repository.create(one(number))
    everything = [f"通风{number}" for number in range(1, 8)]
    assert await ready(requests) == preparing.titles == everything
    assert await ready(requests) == everything
    assert preparing.titles[7:] == ["通风5", "通风6", "通风7"]
