"""The ledger as PostgreSQL keeps it and as the fake does: the same tests for both."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from yinling_common.database import Database
from yinling_matching.exposure.repository import (
    Exposure,
    Feedback,
    LedgerRepository,
    Showing,
    SqlLedgerRepository,
)
from yinling_matching.exposure.testing import MemoryLedgerRepository, RateIn, rate_in

DAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, 8, 30, tzinfo=UTC)


@pytest.fixture(params=["memory", "postgres"])
def repository(request: pytest.FixtureRequest) -> LedgerRepository:
    if request.param == "memory":
        return MemoryLedgerRepository()
    return SqlLedgerRepository(request.getfixturevalue("database"))


@pytest.fixture
def rate(repository: LedgerRepository, request: pytest.FixtureRequest) -> RateIn:
    if isinstance(repository, MemoryLedgerRepository):
        return repository.rate
    return rate_in(request.getfixturevalue("database"))


def request_id(number: int) -> str:
    return str(UUID(int=(1 << 64) + number))


def person(number: int) -> str:
    return str(UUID(int=number))


def showing(request: int, profile: int, place: int = 1, day: date = DAY) -> Showing:
    return Showing(request_id(request), person(profile), day, place)


async def read(repository: LedgerRepository, after: int = 0, since: date = date.min) -> list[Showing]:
    head = await repository.head()
    portions = [portion async for portion in repository.showings(after, head.revision, since)]
    return sorted((one for portion in portions for one in portion), key=lambda one: (one.request_id, one.profile_id))


async def test_a_pair_is_kept_once_with_its_first_day_and_best_place(repository: LedgerRepository) -> None:
    assert (await repository.head()).revision == 0
    await repository.show([showing(1, 1, 5), showing(1, 2, 2)])
    kept = await repository.show([showing(1, 1, 3, DAY + timedelta(1)), showing(1, 2, 7, DAY - timedelta(1))])
    assert sorted(kept, key=lambda one: one.profile_id) == [showing(1, 1, 3), showing(1, 2, 2, DAY - timedelta(1))]
    assert await read(repository) == [showing(1, 1, 3), showing(1, 2, 2, DAY - timedelta(1))]


async def test_what_is_new_is_read_alone(repository: LedgerRepository) -> None:
    await repository.show([showing(1, 1), showing(1, 2, day=DAY - timedelta(100))])
    head = await repository.head()
    assert await read(repository, head.revision) == []
    await repository.show([showing(2, 1)])
    assert await read(repository, head.revision) == [showing(2, 1)]
    assert await read(repository, 0, DAY) == [showing(1, 1), showing(2, 1)]
    assert await repository.shown_before(DAY) == [person(2)]


async def test_exposures_of_a_period(repository: LedgerRepository) -> None:
    await repository.show([showing(1, 1, 1), showing(2, 1, 4), showing(3, 1, 3, DAY + timedelta(9)), showing(1, 2, 9)])
    everybody = [person(1), person(2), person(3)]

    async def exposures(first: date, last: date) -> list[Exposure]:
        return sorted(await repository.exposures(everybody, first, last), key=lambda one: one.profile_id)

    assert await exposures(DAY, DAY) == [Exposure(person(1), 2, 1), Exposure(person(2), 1, 0)]
    assert await exposures(DAY, DAY + timedelta(9)) == [Exposure(person(1), 3, 2), Exposure(person(2), 1, 0)]
    assert await exposures(DAY + timedelta(1), DAY + timedelta(8)) == []


async def test_feedback_said_again_replaces_what_was_said(repository: LedgerRepository, rate: RateIn) -> None:
    first = await rate(Feedback(request_id(1), person(1), 2, "攀钢集团"), NOW)
    assert (first.rating, first.organisation, first.update_time) == (2, "攀钢集团", NOW)
    revision = (await repository.head()).revision
    again = await rate(Feedback(request_id(1), person(1), 4.5, "攀钢集团"), NOW + timedelta(1))
    assert again.update_time == NOW + timedelta(1)
    assert [one.rating for one in await repository.feedback(0, 99)] == [4.5]
    assert [one.rating for one in await repository.feedback(revision, 99)] == [4.5]


async def test_nothing_is_left_of_who_is_forgotten(repository: LedgerRepository, rate: RateIn) -> None:
    await repository.show([showing(1, 1), showing(1, 2)])
    await rate(Feedback(request_id(1), person(1), 2, "攀钢集团"), NOW)
    before = await repository.head()
    await repository.forget(person(1))
    assert (await repository.head()).erasures == before.erasures + 1
    assert await read(repository) == [showing(1, 2)]
    assert await repository.feedback(0, 99) == []


async def test_no_revision_appears_below_one_that_was_read(database: Database) -> None:
    """Many writers at once, and a reader who goes on from what it has read: it misses nothing."""
    repository = SqlLedgerRepository(database)
    writing = [asyncio.create_task(repository.show([showing(writer, n) for n in range(1, 20)])) for writer in range(30)]
    seen, after = set[Showing](), 0
    while True:
        done = all(task.done() for task in writing)
        head = await repository.head()
        async for portion in repository.showings(after, head.revision, date.min):
            seen.update(portion)
        after = head.revision
        if done:
            break
    assert len(seen) == 30 * 19


async def test_many_are_read_in_portions(database: Database) -> None:
    repository = SqlLedgerRepository(database)
    await repository.show([showing(n % 7, n) for n in range(1, 11_002)])
    head = await repository.head()
    portions = [portion async for portion in repository.showings(0, head.revision, DAY)]
    assert len(portions) == 3
    assert len({one for portion in portions for one in portion}) == 11_001
