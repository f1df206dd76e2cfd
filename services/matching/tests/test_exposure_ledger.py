"""Counts in memory: at once here, soon elsewhere, and never in a suggestion's way."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from time import process_time
from uuid import UUID, uuid4

import numpy as np
import pytest

from yinling_common.database import Database
from yinling_common.errors import DatabaseUnavailable
from yinling_matching.catalogue.catalogue import Catalogue, Indexed, Put, Remove
from yinling_matching.domain import Person
from yinling_matching.exposure.ledger import Ledger
from yinling_matching.exposure.repository import Feedback, LedgerRepository, SqlLedgerRepository
from yinling_matching.exposure.tally import shrunk
from yinling_matching.exposure.testing import MemoryLedgerRepository, RateIn, rate_in
from yinling_matching.index import FlatIndex

START = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
ONE, TWO, THREE = (str(UUID(int=n)) for n in (1, 2, 3))
EVERYBODY = [ONE, TWO, THREE]


class Days:
    """A calendar that the test turns."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> date:
        return self.now

    def go(self, days: int) -> None:
        self.now += timedelta(days=days)


@pytest.fixture
def days() -> Days:
    return Days()


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


def shown(ledger: Ledger, request_id: str, ids: Iterable[str] = EVERYBODY) -> list[int]:
    return ledger.shown_elsewhere(request_id, ledger.numbers(list(ids))).tolist()


async def kept(repository: LedgerRepository, request_id: str) -> list[str]:
    """Who is kept as shown for a request, the best place first."""
    head = await repository.head()
    showings = [one async for portion in repository.showings(0, head.revision, date.min) for one in portion]
    of_request = [one for one in showings if one.request_id == request_id]
    return [one.profile_id for one in sorted(of_request, key=lambda one: one.place)]


def turns(ledger: Ledger, request_id: str, ids: Iterable[str] = EVERYBODY) -> list[int]:
    return ledger.turns(request_id, ledger.numbers(list(ids))).tolist()


def deviations(ledger: Ledger, ids: Iterable[str] = EVERYBODY) -> list[float]:
    return ledger.feedback(ledger.numbers(list(ids))).round(3).tolist()


async def test_own_showings_count_at_once_and_for_others_alone() -> None:
    ledger = Ledger(MemoryLedgerRepository())
    first, second = str(uuid4()), str(uuid4())
    ledger.record(first, [ONE, TWO])
    assert shown(ledger, first) == [0, 0, 0]
    assert shown(ledger, second) == [1, 1, 0]
    assert shown(ledger, "") == [1, 1, 0]
    ledger.record(first, [TWO, ONE])
    ledger.record(second, [TWO])
    assert shown(ledger, "") == [1, 2, 0]
    assert shown(ledger, second) == [1, 1, 0]


async def test_the_same_list_again_is_not_written_again(days: Days) -> None:
    repository = MemoryLedgerRepository()
    ledger = Ledger(repository, today=days)
    request = str(uuid4())
    for _ in range(3):
        ledger.record(request, [ONE, TWO])
        await ledger.write()
    assert repository.writes == 1
    ledger.record(request, [TWO])  # a better place
    await ledger.write()
    assert repository.writes == 2
    assert await kept(repository, request) == [ONE, TWO]


async def test_replicas_hear_of_each_other(repository: LedgerRepository) -> None:
    one, other = Ledger(repository), Ledger(repository)
    request = str(uuid4())
    await one.read()
    await other.read()
    one.record(request, [ONE])
    await one.write()
    await other.read()
    assert shown(other, "") == [1, 0, 0]
    # Both have shown the same pair by now: it counts once.
    other.record(request, [ONE, TWO])
    await other.write()
    await one.read()
    assert shown(one, "") == shown(other, "") == [1, 1, 0]
    restarted = Ledger(repository)
    await restarted.read()
    assert shown(restarted, "") == [1, 1, 0]


async def test_after_90_days_it_no_longer_counts(repository: LedgerRepository, days: Days) -> None:
    ledger, request = Ledger(repository, today=days), str(uuid4())
    await ledger.read()
    ledger.record(request, [ONE])
    await ledger.write()
    days.go(89)
    ledger.record(str(uuid4()), [TWO])
    await ledger.write()
    await ledger.read()
    assert shown(ledger, "") == [1, 1, 0]
    days.go(1)
    restarted = Ledger(repository, today=days)
    for each in (ledger, restarted):
        await each.read()
        assert shown(each, "") == [0, 1, 0]
        # Who was never shown comes before who was, once.
        assert turns(each, "") == [1, 2, 0]
    # The request is still open, and shows them again: its first day stays what it was.
    ledger.record(request, [ONE])
    await ledger.write()
    assert shown(ledger, "") == [0, 1, 0]


async def test_feedback_is_shrunk_towards_the_mean_of_all(repository: LedgerRepository, rate: RateIn) -> None:
    ledger = Ledger(repository)
    await ledger.read()
    assert deviations(ledger) == [0, 0, 0]
    for person, ratings in {ONE: [5, 5], TWO: [3, 3, 3, 3]}.items():
        for rating in ratings:
            ledger.rated(await rate(Feedback(str(uuid4()), person, rating, "攀钢集团"), NOW))
    mean = 22 / 6
    assert deviations(ledger) == pytest.approx([(10 - 2 * mean) / 7, (12 - 4 * mean) / 9, 0], abs=1e-3)
    other = Ledger(repository)
    await other.read()
    assert deviations(other) == deviations(ledger)
    said = Feedback(str(uuid4()), THREE, 1, "攀钢集团")
    ledger.rated(await rate(said, NOW))
    ledger.rated(await rate(Feedback(said.request_id, THREE, 5, "攀钢集团"), NOW))
    await other.read()
    assert deviations(other) == deviations(ledger)
    assert deviations(ledger)[2] > 0


def test_few_voices_move_little_and_many_are_believed() -> None:
    ratings = shrunk(4.0, np.array([0.0, 2.0, 20.0]), np.array([0.0, 10.0, 100.0]))
    assert ratings.round(2).tolist() == [4.0, 4.29, 4.8]


async def test_who_is_forgotten_is_forgotten_everywhere(repository: LedgerRepository, rate: RateIn) -> None:
    one, other = Ledger(repository), Ledger(repository)
    for ledger in (one, other):
        await ledger.read()
    one.record(str(uuid4()), [ONE, TWO])
    one.rated(await rate(Feedback(str(uuid4()), ONE, 5, "攀钢集团"), NOW))
    one.rated(await rate(Feedback(str(uuid4()), TWO, 3, "攀钢集团"), NOW))
    await one.write()
    await other.read()
    one.record(str(uuid4()), [ONE])  # not written yet
    await one.forget(ONE)
    await one.write()
    await other.read()
    for ledger in (one, other):
        assert shown(ledger, "") == [0, 1, 0]
        assert deviations(ledger) == [0, 0, 0]


async def test_while_the_database_is_away_showings_wait() -> None:
    repository = MemoryLedgerRepository()
    ledger = Ledger(repository, write_every=0.01, read_every=0.01)
    running = asyncio.create_task(ledger.run())
    repository.away = True
    request = str(uuid4())
    ledger.record(request, [ONE, TWO])
    await asyncio.sleep(0.05)
    assert shown(ledger, "") == [1, 1, 0]
    with pytest.raises(DatabaseUnavailable):
        await ledger.write()
    repository.away = False
    async with asyncio.timeout(60):
        while ONE not in await kept(repository, request):  # noqa: ASYNC110 - the state of the ledger, not of this test
            await asyncio.sleep(0.01)
    assert shown(ledger, "") == [1, 1, 0]
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_only_so_many_wait() -> None:
    repository = MemoryLedgerRepository()
    ledger = Ledger(repository, most_waiting=2)
    first, last = str(uuid4()), str(uuid4())
    ledger.record(first, [ONE, TWO])
    ledger.record(last, [THREE])
    await ledger.write()
    assert await kept(repository, first) == [TWO]
    assert await kept(repository, last) == [THREE]


async def test_what_waits_is_written_at_the_end(database: Database) -> None:
    repository = SqlLedgerRepository(database)
    ledger = Ledger(repository, write_every=60)
    request = str(uuid4())
    ledger.record(request, [ONE])
    await ledger.close()
    assert await kept(repository, request) == [ONE]


async def test_what_cannot_be_written_keeps_nothing_back(database: Database) -> None:
    repository = SqlLedgerRepository(database)
    ledger, request = Ledger(repository), str(uuid4())
    ledger.record("not a UUID", [ONE])
    with pytest.raises(Exception, match="uuid"):
        await ledger.write()
    ledger.record(request, [ONE])
    await ledger.write()
    assert await kept(repository, request) == [ONE]


async def test_a_reader_in_another_thread_is_not_disturbed() -> None:
    ledger = Ledger(MemoryLedgerRepository())
    numbers = ledger.numbers([str(UUID(int=n)) for n in range(500)])
    stop = False

    def read() -> int:
        least = 0
        while not stop:
            least = int(ledger.shown_elsewhere("r", numbers).min())
        return least

    reading = asyncio.create_task(asyncio.to_thread(read))
    for n in range(300):
        ledger.record(f"request {n}", [str(UUID(int=m)) for m in range(0, 2000, 50)])
        ledger.record("r", [str(UUID(int=n))])
        await asyncio.sleep(0)
    stop = True
    assert await reading >= 0
    assert ledger.shown_elsewhere("r", numbers)[0] == 300


async def test_numbers_go_by_the_rows_of_the_catalogue() -> None:
    ledger, catalogue = Ledger(MemoryLedgerRepository()), Catalogue(lambda: FlatIndex(2))

    def numbers() -> list[int]:
        with catalogue.reading() as view:
            return ledger.numbers_of_rows(view, catalogue.generation).tolist()

    def put(profile_id: str) -> Put:
        return Put(Indexed(Person(id=profile_id), (), ()), np.zeros((0, 2), np.float32))

    assert numbers() == []
    catalogue.apply([put(ONE), put(TWO)], 1)
    assert numbers() == ledger.numbers([ONE, TWO]).tolist()
    catalogue.apply([Remove(ONE)], 2)
    assert numbers() == [-1, *ledger.numbers([TWO]).tolist()]
    catalogue.apply([put(THREE)], 3)
    assert numbers() == ledger.numbers([THREE, TWO]).tolist()
    catalogue.reset()
    catalogue.apply([put(TWO)], 3)
    assert numbers() == ledger.numbers([TWO]).tolist()


async def test_a_suggestion_loses_no_time_by_it() -> None:
    ledger = Ledger(MemoryLedgerRepository())
    people = [str(uuid4()) for _ in range(10_000)]
    numbers = ledger.numbers(people)
    for _ in range(2000):
        ledger.record(str(uuid4()), people[:10])
    request = str(uuid4())
    started = process_time()
    for _ in range(20):
        ledger.feedback(numbers)
        ledger.turns(request, numbers[:300])
        ledger.record(request, people[:10])
    assert (process_time() - started) / 20 < 0.005
