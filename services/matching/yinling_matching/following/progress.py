"""How far the catalogue is, and waiting for it. For one event loop."""

import asyncio
from datetime import UTC, datetime
from time import monotonic

from prometheus_client import Gauge

from yinling_common.errors import IndexBehind

_LONGEST_WAIT = 5.0
_OF_TIME_LEFT = 0.8

REVISION = Gauge("yinling_matching_feed_revision", "Revision of the profile feed that is applied")


class Progress:
    """The applied revision, and when the feed last said anything.

    Attributes:
        revision: Applied.
        caught_up: Whether that was everything at the feed's last word.
        complete: Whether the catalogue was complete once since it was empty: from then on it is only late.
        connected: Whether the feed is being followed at this moment.
        feed_time: When the feed last said anything; None before its first word.
    """

    def __init__(self) -> None:
        self.revision = 0
        self.caught_up = False
        self.complete = False
        self.connected = False
        self.feed_time: datetime | None = None
        self._heard = self._applied = 0.0
        self._moved = asyncio.Event()
        self._first_complete = asyncio.Event()

    def heard(self) -> None:
        """The feed said something."""
        self.feed_time = datetime.now(UTC)
        self._heard = monotonic()

    def silence(self) -> float:
        """Seconds since the feed last said anything."""
        return monotonic() - self._heard

    def standstill(self) -> float:
        """Seconds since what the feed said was last applied, be it that there is nothing new."""
        return monotonic() - self._applied

    def move(self, revision: int) -> None:
        """The catalogue is at this revision now. Wakes whoever waits."""
        self.revision = revision
        self._applied = monotonic()
        REVISION.set(revision)
        self._moved.set()
        self._moved = asyncio.Event()

    def arrived(self) -> None:
        """There is nothing more to apply for now."""
        self.caught_up = self.complete = True
        self._first_complete.set()

    async def first_complete(self) -> None:
        """Wait until the catalogue is complete for the first time."""
        await self._first_complete.wait()

    def restart(self) -> None:
        """The catalogue is empty again."""
        self.caught_up = self.complete = False
        self.move(0)

    async def reached(self, revision: int, patience: float) -> bool:
        """Whether the catalogue is at the revision, now or within so many seconds."""
        try:
            async with asyncio.timeout(patience):
                while self.revision < revision:
                    await self._moved.wait()
        except TimeoutError:
            return False
        return True

    async def wait(self, revision: int, time_left: float | None) -> None:
        """Until the catalogue is at the revision, but so long that the caller still hears that it is not.

        Args:
            revision: 0 for any.
            time_left: Seconds until the caller gives up; None where unknown.

        Raises:
            IndexBehind: It did not come in time.
        """
        patience = _LONGEST_WAIT
        if time_left is not None:
            patience = max(0.0, min(patience, _OF_TIME_LEFT * time_left))
        if not await self.reached(revision, patience):
            raise IndexBehind(self.revision, revision)
