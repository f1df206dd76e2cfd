"""Who was shown how often, and what was said of them: counts in memory, kept in the database beside everything else.

A suggestion never waits for the database here. What it shows counts at once in this process; it is written a moment
later, together with what others showed, and read by the other replicas within seconds. While the database is away the
showings wait, and suggestions go on with the counts as they were last known.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice

import numpy as np
from prometheus_client import Counter, Gauge

from yinling_common import logs
from yinling_common.errors import YinlingError
from yinling_matching.catalogue.catalogue import View
from yinling_matching.days import today as today_in_china
from yinling_matching.exposure.repository import Feedback, Head, LedgerRepository, Showing
from yinling_matching.exposure.tally import Counts, Floats, Numbers, People, Tally

WAITING = Gauge("yinling_matching_exposures_waiting", "Exposures that are not written yet")
DROPPED = Counter("yinling_matching_exposures_dropped", "Exposures that were given up because too many waited")

DAYS = 90
"""For so long an exposure counts, the day itself included."""

_BATCH = 1000
_LAST_WORD = 4.0
"""Seconds that the last write may take when the service stops."""

Pair = tuple[str, str]


class Ledger:
    """See the module. It is useless, and harmless, before `run` has read what there is.

    Args:
        repository: Where it is kept.
        today: The day it is.
        now: The time.
        write_every: Seconds between two writes.
        read_every: Seconds between two looks at what other replicas wrote.
        most_waiting: Showings that are kept while the database is away; the oldest are dropped beyond that.
        on_erased: Told when somebody was erased, by whichever replica, and at the first look. It must not wait.
    """

    def __init__(
        self,
        repository: LedgerRepository,
        *,
        today: Callable[[], date] = today_in_china,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        write_every: float = 1.0,
        read_every: float = 2.0,
        most_waiting: int = 100_000,
        on_erased: Callable[[], None] = lambda: None,
    ) -> None:
        self._repository = repository
        self._today = today
        self._now = now
        self._write_every = write_every
        self._read_every = read_every
        self._most_waiting = most_waiting
        self._on_erased = on_erased
        self._people = People()
        self._tally = Tally(self._people, self._since())
        self._read_to: Head | None = None  # None until everything was read once
        self._waiting: dict[Pair, Showing] = {}  # oldest first
        self._sent: dict[Pair, int] = {}  # best place that was shown today
        self._sent_on = today()
        self._reading, self._writing = asyncio.Lock(), asyncio.Lock()
        self._rows: tuple[object, Numbers] = (None, np.zeros(0, np.int32))

    # For rankings: from any thread, at once.

    def numbers(self, profile_ids: Sequence[str]) -> Numbers:
        """The numbers of people, as the methods below want them."""
        return self._people.numbers(profile_ids)

    def numbers_of_rows(self, view: View, generation: int) -> Numbers:
        """The number of the person in each row of the catalogue; -1 in rows that are free.

        Made once for each state of the catalogue. `generation` is the catalogue's.
        """
        key = (generation, view.revision)
        known, numbers = self._rows
        if known != key:
            rows = {entry.row: entry.indexed.person.id for entry in view.entries()}
            numbers = np.full(max(rows, default=-1) + 1, -1, np.int32)
            numbers[list(rows)] = self._people.numbers(rows.values())
            self._rows = key, numbers
        return numbers

    def shown_elsewhere(self, request_id: str, numbers: Numbers) -> Counts:
        """For how many other requests people were shown in the last 90 days."""
        return self._tally.shown_elsewhere(request_id, numbers)

    def turns(self, request_id: str, numbers: Numbers) -> Counts:
        """Whose turn it is among people who fit a request equally well: the smaller the sooner. For `balance`."""
        return self._tally.turns(request_id, numbers)

    def feedback(self, numbers: Numbers) -> Floats:
        """By how much people's mean rating, shrunk, lies above the mean of all, in ratings; 0 where there is none."""
        return self._tally.feedback(numbers)

    # From the event loop.

    def record(self, request_id: str, profile_ids: Sequence[str]) -> None:
        """People were shown for a request that is kept, the best first. Does not wait for anything."""
        day, now = self._today(), self._now()
        if day != self._sent_on:
            self._sent_on = day
            self._sent.clear()
        fresh = []
        for place, profile_id in enumerate(profile_ids, start=1):
            pair = (request_id, profile_id)
            if self._sent.get(pair, place + 1) <= place:
                continue
            self._sent[pair] = place
            showing = Showing(request_id, profile_id, day, place, now)
            if waiting := self._waiting.get(pair):
                showing = Showing(request_id, profile_id, waiting.day, min(place, waiting.place), waiting.time)
            self._waiting[pair] = showing
            fresh.append(showing)
        self._tally.show(fresh)
        self._drop_oldest()
        WAITING.set(len(self._waiting))

    def rated(self, feedback: Feedback) -> None:
        """Feedback was kept a moment ago: it counts at once here."""
        self._tally.rate([feedback])

    async def forget(self, profile_id: str) -> None:
        """Delete everything about a person who is erased. Other replicas drop their counts within seconds."""
        self._waiting = {pair: one for pair, one in self._waiting.items() if one.profile_id != profile_id}
        self._sent = {pair: place for pair, place in self._sent.items() if pair[1] != profile_id}
        async with self._writing:  # what is being written of them must not come after
            await self._repository.forget(profile_id)
        await self.read()
        self._people.forget(profile_id)

    async def write(self) -> None:
        """Write what waits. Raises DatabaseUnavailable; what was not written goes on waiting."""
        async with self._writing:
            while batch := dict(islice(self._waiting.items(), _BATCH)):
                try:
                    kept = await self._repository.show(list(batch.values()))
                except YinlingError:
                    raise
                except Exception:
                    # What cannot be written now cannot be written later, and must not keep back what can be.
                    self._written(batch)
                    raise
                self._written(batch)
                self._tally.show(kept)

    async def read(self) -> None:
        """Take in what was written since the last time. Raises DatabaseUnavailable."""
        async with self._reading:
            self._tally.move(self._since())
            head = await self._repository.head()
            known = self._read_to
            if known is None or head.erasures != known.erasures or head.revision < known.revision:
                async with self._writing:  # so that what waits is all that is not read
                    head = await self._repository.head()
                    await self._read_all(head)
            elif head.revision > known.revision:
                async for showings in self._repository.showings(known.revision, head.revision, self._since()):
                    self._tally.show(showings)
                self._tally.rate(await self._repository.feedback(known.revision, head.revision))
            self._read_to = head
        if known is None or head.erasures != known.erasures:
            self._on_erased()

    async def run(self) -> None:
        """Write and read for ever; cancel it to end."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._again_and_again("read", self.read, self._read_every))
            tasks.create_task(self._again_and_again("write", self.write, self._write_every))

    async def close(self) -> None:
        """Write what still waits, if that can be done soon."""
        last = asyncio.create_task(self.write())
        await asyncio.wait({last}, timeout=_LAST_WORD)
        if self._waiting or not last.done() or last.exception():
            logs.get().error("ledger.lost", exposures=len(self._waiting))
        last.cancel()
        await asyncio.gather(last, return_exceptions=True)

    async def _read_all(self, head: Head) -> None:
        """Count anew, beside the old counts, and put the new in their place."""
        since = self._since()
        tally = Tally(self._people, since, await self._repository.shown_before(since))
        async for showings in self._repository.showings(0, head.revision, since):
            # Enough of them would stop the event loop.
            await asyncio.to_thread(tally.show, showings)
        tally.rate(await self._repository.feedback(0, head.revision))
        tally.show(self._waiting.values())
        self._tally = tally

    async def _again_and_again(self, name: str, work: Callable[[], Awaitable[None]], seconds: float) -> None:
        failing = False  # said once, not every second
        while True:
            try:
                await work()
                if failing:
                    logs.get().info("ledger.back", work=name, waiting=len(self._waiting))
                failing = False
            except YinlingError as error:
                if not failing:
                    logs.get().warning("ledger.away", work=name, error=error.message)
                failing = True
            except Exception:
                if not failing:
                    logs.get().exception("ledger.failed", work=name)
                failing = True
            if (task := asyncio.current_task()) and task.cancelling():
                # The pool waits with asyncio.wait_for, which loses a cancellation in Python 3.11 when a connection
                # comes at the same moment: the service would never stop.
                raise asyncio.CancelledError
            await asyncio.sleep(seconds)

    def _written(self, batch: Mapping[Pair, Showing]) -> None:
        for pair, showing in batch.items():
            if self._waiting.get(pair) is showing:  # and nothing better came meanwhile
                del self._waiting[pair]
        WAITING.set(len(self._waiting))

    def _drop_oldest(self) -> None:
        excess = len(self._waiting) - self._most_waiting
        if excess <= 0:
            return
        for pair in list(islice(self._waiting, excess)):
            del self._waiting[pair]
            self._sent.pop(pair, None)
        DROPPED.inc(excess)
        logs.get().warning("ledger.dropped", exposures=excess, waiting=len(self._waiting))

    def _since(self) -> date:
        return self._today() - timedelta(days=DAYS - 1)
