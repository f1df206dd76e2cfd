"""What PostgreSQL keeps and what the fake keeps: the same tests for both."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import numpy as np
import pytest

from yinling_common.database import Database
from yinling_common.errors import InvalidField, NotFound
from yinling_common.identity import Identity, Role
from yinling_common.types import Mode, PhysicalDemand, TitleLevel
from yinling_matching.domain import HardRule, Importance, MentoringRequest, RequestState, Requirement
from yinling_matching.engaging.once import Call
from yinling_matching.ranking.weights import Weights
from yinling_matching.repository import (
    EmbeddingRepository,
    RequestFilter,
    RequestRepository,
    SqlEmbeddingRepository,
    SqlRequestRepository,
    position_of,
)
from yinling_matching.testing import MemoryEmbeddingRepository, MemoryRequestRepository

HR = Identity("hr-1", Role.HR, organisation="攀钢集团")
NOW = datetime(2026, 6, 1, 8, 30, tzinfo=UTC)


@pytest.fixture(params=["memory", "postgres"])
def requests(request: pytest.FixtureRequest) -> RequestRepository:
    if request.param == "memory":
        return MemoryRequestRepository()
    return SqlRequestRepository(request.getfixturevalue("database"))


@pytest.fixture(params=["memory", "postgres"])
def embeddings(request: pytest.FixtureRequest) -> EmbeddingRepository:
    if request.param == "memory":
        return MemoryEmbeddingRepository()
    return SqlEmbeddingRepository(request.getfixturevalue("database"))


def one(number: int = 0, **fields: object) -> MentoringRequest:
    known: dict[str, object] = {
        "id": str(UUID(int=number)) if number else str(uuid4()),
        "organisation": "攀钢集团",
        "title": f"通风{number}",
        "state": RequestState.OPEN,
        "create_time": NOW + timedelta(minutes=number),
        "update_time": NOW,
        "etag": "e1",
    }
    return MentoringRequest(**known | fields)  # type: ignore[arg-type] # whatever a test wants


FULL = one(
    7,
    description="描述\n第二行",
    requirements=(Requirement("瓦斯治理", Importance.MUST), Requirement("英语", Importance.NICE), Requirement("x")),
    industry="煤炭",
    city="攀枝花",
    mode=Mode.ON_SITE,
    hours_per_week=12,
    physical_demands=frozenset({PhysicalDemand.UNDERGROUND, PhysicalDemand.STANDING}),
    other_demands=("驾车", "游泳"),
    mentees=3,
    months=6,
    language="zh",
    start_date=date(2026, 9, 1),
    blocked_profile_ids=frozenset({str(uuid4()), str(uuid4())}),
    wishes=frozenset({HardRule.HOURS, HardRule.DISTANCE}),
    min_years=20,
    min_title_level=TitleLevel.SENIOR,
    max_distance_km=300,
    weights=Weights(about=2.5, nice=0.0),
    state=RequestState.DRAFT,
)


async def test_what_is_kept_comes_back(requests: RequestRepository) -> None:
    for request in (FULL, one(1)):
        await requests.create(request)
        kept = await requests.get(request.id)
        assert kept == request
        assert kept.etag == request.etag
    assert await requests.get(str(uuid4())) is None


async def test_an_update_replaces(requests: RequestRepository) -> None:
    await requests.create(one(1))
    updated = await requests.update(one(1).id, lambda kept: replace(FULL, id=kept.id, etag="e2"))
    kept = await requests.get(one(1).id)
    assert updated == kept == replace(FULL, id=one(1).id)
    assert kept is not None
    assert kept.etag == "e2"
    with pytest.raises(NotFound):
        await requests.update(str(uuid4()), lambda kept: kept)


async def test_the_same_call_sent_again_writes_nothing(requests: RequestRepository) -> None:
    made, changed = Call("Create", str(uuid4()), b"1"), Call("Update", str(uuid4()), b"2")
    for request in (one(1), one(2)):  # the second has the id that it would have been given
        kept = await requests.create(request, HR, made)
        assert (kept, kept.etag) == (one(1), "e1")
    assert await requests.get(one(2).id) is None
    for hours in (3, 4):
        kept = await requests.update(
            one(1).id, lambda kept, hours=hours: replace(kept, hours_per_week=hours), HR, changed
        )  # type: ignore[misc]
        assert kept.hours_per_week == 3
    for call in (replace(made, body=b"3"), replace(made, method="Update")):
        with pytest.raises(InvalidField) as caught:
            await requests.create(one(3), HR, call)
        assert caught.value.violations[0].rule == "request_id.reused"
    await requests.create(one(3), replace(HR, subject="hr-2"), replace(made, body=b"3"))  # another caller's key
    gone = Call("Update", str(uuid4()), b"4")
    with pytest.raises(NotFound):
        await requests.update(str(uuid4()), lambda kept: kept, HR, gone)
    await requests.update(one(1).id, lambda kept: kept, HR, replace(gone, body=b"5"))  # nothing was kept of the refusal


async def test_an_update_that_fails_writes_nothing(requests: RequestRepository) -> None:
    await requests.create(one(1))

    def refuse(kept: MentoringRequest) -> MentoringRequest:
        raise ValueError(kept.title)

    with pytest.raises(ValueError, match="通风1"):
        await requests.update(one(1).id, refuse)
    assert await requests.get(one(1).id) == one(1)


async def test_updates_at_once_lose_nothing(requests: RequestRepository) -> None:
    await requests.create(one(1, hours_per_week=0))
    more = [
        requests.update(one(1).id, lambda kept: replace(kept, hours_per_week=kept.hours_per_week + 1))
        for _ in range(20)
    ]
    await asyncio.gather(*more)
    kept = await requests.get(one(1).id)
    assert kept is not None
    assert kept.hours_per_week == 20


async def test_a_delete_can_be_refused(requests: RequestRepository) -> None:
    await requests.create(one(1))

    def refuse(kept: MentoringRequest) -> None:
        raise ValueError(kept.title)

    with pytest.raises(ValueError, match="通风1"):
        await requests.delete(one(1).id, refuse)
    assert await requests.delete(one(1).id, lambda _: None)
    assert not await requests.delete(one(1).id, lambda _: None)
    assert await requests.get(one(1).id) is None


async def test_a_list_is_read_in_pages_the_newest_first(requests: RequestRepository) -> None:
    same_time = NOW + timedelta(minutes=500)
    for number in range(1, 8):
        await requests.create(one(number, create_time=same_time if number % 2 else NOW))
    everything = await requests.list(RequestFilter(), None, 100)
    assert [int(UUID(r.id)) for r in everything] == [7, 5, 3, 1, 6, 4, 2]
    pages, after = [], None
    while page := await requests.list(RequestFilter(), after, 2):
        pages += page
        after = position_of(page[-1])
        await requests.create(one(create_time=NOW + timedelta(days=9)))  # a new one shifts no page
    assert pages == everything


async def test_a_list_is_filtered(requests: RequestRepository) -> None:
    await requests.create(one(1, organisation="甲"))
    await requests.create(one(2, organisation="乙"))
    await requests.create(one(3, organisation="乙", state=RequestState.DRAFT))
    await requests.create(one(4, organisation="乙", state=RequestState.CLOSED))

    async def numbers(wanted: RequestFilter) -> set[int]:
        return {int(UUID(r.id)) for r in await requests.list(wanted, None, 100)}

    assert await numbers(RequestFilter("乙")) == {2, 3, 4}
    assert await numbers(RequestFilter(states=frozenset({RequestState.OPEN}))) == {1, 2}
    assert await numbers(RequestFilter("乙", frozenset({RequestState.DRAFT, RequestState.CLOSED}))) == {3, 4}
    assert await numbers(RequestFilter("丙")) == set()


async def test_etags_tell_what_changed_and_several_are_read_at_once(requests: RequestRepository) -> None:
    one_open, other, closed = one(1), one(2), one(3, state=RequestState.CLOSED)
    for request in (one_open, other, closed):
        await requests.create(request)
    still_open = RequestFilter(states=frozenset({RequestState.OPEN}))
    assert await requests.etags(still_open) == {one_open.id: "e1", other.id: "e1"}
    await requests.update(other.id, lambda kept: replace(kept, title="new", etag="e2"))
    assert await requests.etags(still_open) == {one_open.id: "e1", other.id: "e2"}
    assert await requests.etags(RequestFilter(organisation="nobody")) == {}
    found = await requests.read([other.id, closed.id, str(uuid4())])
    assert {request.id: request.title for request in found} == {other.id: "new", closed.id: closed.title}
    assert list(await requests.read([])) == []


async def test_vectors_are_kept_by_model_and_key(embeddings: EmbeddingRepository) -> None:
    vectors = {bytes([n]) * 32: np.arange(n, n + 4, dtype=np.float32) for n in range(3)}
    await embeddings.store("m1", vectors)
    found = await embeddings.find("m1", [*vectors, b"x" * 32])
    assert found.keys() == vectors.keys()
    for key, vector in vectors.items():
        np.testing.assert_array_equal(found[key], vector)
        assert found[key].dtype == np.float32
    assert await embeddings.find("m2", list(vectors)) == {}
    assert await embeddings.find("m1", []) == {}


async def test_a_vector_that_is_there_stays(embeddings: EmbeddingRepository) -> None:
    key = b"k" * 32
    await embeddings.store("m1", {key: np.zeros(4, np.float32)})
    await embeddings.store("m1", {key: np.ones(4, np.float32), b"l" * 32: np.ones(4, np.float32)})
    assert not (await embeddings.find("m1", [key]))[key].any()


async def test_writers_of_the_same_vectors_do_not_collide(embeddings: EmbeddingRepository) -> None:
    keys = [bytes([n]) * 32 for n in range(40)]

    async def write(order: list[bytes]) -> None:
        await embeddings.store("m1", {key: np.ones(4, np.float32) for key in order})

    await asyncio.gather(*(write(keys if n % 2 else keys[::-1]) for n in range(20)))
    assert len(await embeddings.find("m1", keys)) == 40


async def test_positions_are_noted(embeddings: EmbeddingRepository, request: pytest.FixtureRequest) -> None:
    await embeddings.record_position("replica-1", "m1", 5, 3)
    await embeddings.record_position("replica-1", "m1", 9, 4)
    await embeddings.record_position("replica-2", "m1", 7, 4)
    if isinstance(embeddings, MemoryEmbeddingRepository):
        assert embeddings.positions == {"replica-1": ("m1", 9, 4), "replica-2": ("m1", 7, 4)}
        return
    database: Database = request.getfixturevalue("database")
    async with database.connection() as conn:
        rows = await (await conn.execute("SELECT follower, revision, people FROM feed_positions ORDER BY 1")).fetchall()
    assert [tuple(row.values()) for row in rows] == [("replica-1", 9, 4), ("replica-2", 7, 4)]
