"""Following the change feed: in order, in batches, woken by the database and, should that fail, by the clock."""

import asyncio
import dataclasses
import datetime as dt
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from time import monotonic

import psycopg
from prometheus_client import Gauge, Histogram

from yinling_common import logs
from yinling_common.database import connect_options
from yinling_common.errors import ServiceUnavailable, WrongState
from yinling_talent.storage import Change, ProfileStore

BATCH = 500
"""Changes read at a time: a follower that starts from nothing never has the whole feed in memory."""

POLL = 0.25
"""Seconds after which a follower looks by itself."""

HEARTBEAT = 1.0
"""Seconds between two words that there is nothing new."""

FOLLOWERS = Gauge("yinling_talent_feed_followers", "Streams that follow the change feed")
REVISION = Gauge("yinling_talent_feed_revision", "Newest revision of the change feed that was read")
DELAY = Histogram(
    "yinling_talent_feed_delay_seconds",
    "Time from a change to its being sent to a follower that had caught up",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5),
)


@dataclasses.dataclass(frozen=True, slots=True)
class CaughtUp:
    """Everything up to a revision has been given."""

    revision: int


class Bell:
    """Wakes whoever waits for news. Without a listener behind it, it never rings and the clock does the work."""

    def __init__(self) -> None:
        self.closed = False
        self._event = asyncio.Event()

    def close(self) -> None:
        """The service stops: whoever waits is woken a last time, and should go."""
        self.closed = True
        self.ring()

    def ring(self) -> None:
        """Wake everyone who holds a ticket."""
        self._event.set()
        self._event = asyncio.Event()

    def ticket(self) -> asyncio.Event:
        """Set by the next ring. Take it before looking, or a ring between looking and waiting is lost."""
        return self._event


@asynccontextmanager
async def listening(bell: Bell, url: str, schema: str, channel: str) -> AsyncIterator[None]:
    """Ring the bell at every notification of the channel, over one connection of its own that is renewed when lost."""
    task = asyncio.create_task(_listen(bell, url, schema, channel))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _listen(bell: Bell, url: str, schema: str, channel: str) -> None:
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(url, **connect_options(schema)) as conn:
                await conn.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(channel)))
                bell.ring()  # something may have happened while nobody listened
                async for _ in conn.notifies():
                    bell.ring()
        except psycopg.Error as error:
            logs.get().warning("feed.listener_lost", error=str(error).strip())
        await asyncio.sleep(1.0)


async def follow(
    store: ProfileStore, bell: Bell, after: int, *, removals_only: bool = False
) -> AsyncGenerator[Change | CaughtUp]:
    """Every change after a revision, or of these only the removals, for ever.

    Raises:
        WrongState: The revision is newer than the feed: it is of another database, or of before a restore.
        DatabaseUnavailable: Follow again later, from the last revision.
        ServiceUnavailable: The service stops; likewise.
    """
    position, said = after, 0.0
    caught_up = False
    with FOLLOWERS.track_inprogress():
        while not bell.closed:
            ticket = bell.ticket()
            batch = await store.changes(position, BATCH, removals_only=removals_only)
            REVISION.set(batch.head)
            if batch.head < position:
                raise WrongState(f"at revision {batch.head} of the feed", f"at least {position}: start again from 0")
            for change in batch.changes:
                if caught_up and change.profile and change.profile.update_time:
                    DELAY.observe((dt.datetime.now(dt.UTC) - change.profile.update_time).total_seconds())
                yield change
                position = change.revision
            if len(batch.changes) == BATCH:
                continue
            # The batch and the head are of one moment and the batch was not cut off: this is everything.
            position = batch.head
            if batch.changes or not caught_up or monotonic() - said >= HEARTBEAT:
                caught_up, said = True, monotonic()
                yield CaughtUp(position)
            with suppress(TimeoutError):
                await asyncio.wait_for(ticket.wait(), POLL)
        raise ServiceUnavailable("the service is stopping; connect again")
