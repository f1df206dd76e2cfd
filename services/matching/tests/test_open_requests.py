"""Open requests are read and embedded once, and never shown as they no longer are."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from typing_extensions import override

from yinling_common.database import Database
from yinling_matching.domain import MentoringRequest, RequestState
from yinling_matching.ranking.open_requests import OpenRequests
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
    """Makes a text of a request, and says how often."""

    def __init__(self) -> None:
        self.titles: list[str] = []

    async def __call__(self, requests: Sequence[MentoringRequest]) -> list[str]:
        self.titles += [request.title for request in requests]
        await asyncio.sleep(0)
        return [f"{request.title}!" for request in requests]


async def change(repository: RequestRepository, number: int, **fields: object) -> None:
    kept = await repository.update(one(number).id, lambda request: replace(request, etag=str(uuid4()), **fields))  # type: ignore[arg-type] # whatever a test wants
    assert kept is not None


@pytest.fixture(params=["memory", "postgres"])
def repository(request: pytest.FixtureRequest) -> RequestRepository:
    if request.param == "memory":
        return MemoryRequestRepository()
    database: Database = request.getfixturevalue("database")
    return SqlRequestRepository(database)


async def titles(requests: OpenRequests[str]) -> list[str]:
    return [request.title for request in await requests.current()]


async def test_they_follow_what_others_write(repository: RequestRepository) -> None:
    preparing = Preparing()
    requests, elsewhere = OpenRequests(repository, preparing), OpenRequests(repository, Preparing())
    assert await titles(requests) == []
    for number in (1, 2, 3):
        await repository.create(one(number))
    await repository.create(one(4, state=RequestState.DRAFT))
    assert await titles(requests) == await titles(elsewhere) == ["通风3", "通风2", "通风1"]
    await change(repository, 1, title="焊接")
    await change(repository, 2, state=RequestState.CLOSED)
    await change(repository, 4, state=RequestState.OPEN)
    await repository.delete(one(3).id, lambda _: None)
    assert await titles(requests) == await titles(elsewhere) == ["通风4", "焊接"]
    assert await requests.prepared(await requests.current()) == ["通风4!", "焊接!"]
    await change(repository, 2, state=RequestState.OPEN)
    assert await titles(requests) == ["通风4", "通风2", "焊接"]


async def test_only_what_is_new_is_read_and_made_ready() -> None:
    repository, preparing = Counting(), Preparing()
    requests = OpenRequests(repository, preparing)
    for number in (1, 2):
        await repository.create(one(number))
    first, second = await requests.current()
    assert preparing.titles == []
    assert await requests.prepared([second]) == ["通风1!"]
    assert await requests.prepared([first, second, first]) == ["通风2!", "通风1!", "通风2!"]
    assert preparing.titles == ["通风1", "通风2"]
    repository.reads.clear()
    await change(repository, 2, title="焊接")
    found = await requests.current()
    assert repository.reads == [one(2).id]
    assert await requests.prepared(found) == ["焊接!", "通风1!"]
    assert preparing.titles == ["通风1", "通风2", "焊接"]


async def test_a_request_that_closes_while_it_is_read_is_not_shown() -> None:
    class Closing(MemoryRequestRepository):
        @override
        async def read(self, request_ids: Sequence[str]) -> Sequence[MentoringRequest]:  # type: ignore[override] # narrower
            await change(self, 1, state=RequestState.CLOSED)
            return await super().read(request_ids)

    repository = Closing()
    await repository.create(one(1))
    assert await titles(OpenRequests(repository, Preparing())) == []


async def test_calls_at_once_agree_and_memory_is_bounded() -> None:
    repository, preparing = MemoryRequestRepository(), Preparing()
    requests = OpenRequests(repository, preparing, remembered=3)
    for number in range(1, 7):
        await repository.create(one(number))
    found = await asyncio.gather(*(requests.current() for _ in range(4)))
    assert all(each == found[0] for each in found)
    answers = await asyncio.gather(*(requests.prepared(found[0]) for _ in range(4)))
    assert all(each == [f"通风{number}!" for number in range(6, 0, -1)] for each in answers)
    preparing.titles.clear()
    await requests.prepared(found[0][3:])
    assert preparing.titles == []
    await requests.prepared(found[0][:1])
    assert preparing.titles == ["通风6"]
