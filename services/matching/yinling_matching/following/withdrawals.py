"""Takes people out as soon as they go, whatever the ordered stream is busy with."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Executor
from contextlib import aclosing

from prometheus_client import Counter

from yinling_common import logs
from yinling_common.errors import WrongState, YinlingError
from yinling_matching.catalogue.catalogue import Catalogue
from yinling_matching.following.feed import Event, Feed, Gone
from yinling_matching.following.streams import Backoff, batches

WITHDRAWN = Counter("yinling_matching_withdrawn", "People taken out ahead of the ordered stream")


class Withdrawals:
    """Follows removals alone, beside the follower of everything.

    Consent taken back counts within a second; behind an import the ordered stream would come to it only when everybody
    before was embedded. The revision stays the ordered stream's: it comes to each removal again, which changes nothing.

    Args:
        feed: The changes.
        catalogue: Who is taken out of.
        work: A thread in which nothing takes long.
        silence: Seconds without a word, after which the stream is taken for dead.
        on_gone: Told who is gone, once they are out. It must not wait.
    """

    def __init__(
        self,
        *,
        feed: Feed,
        catalogue: Catalogue,
        work: Executor,
        silence: float = 15.0,
        on_gone: Callable[[Collection[str]], None] = lambda profile_ids: None,
    ) -> None:
        self._feed = feed
        self._catalogue = catalogue
        self._work = work
        self._silence = silence
        self._on_gone = on_gone
        self._backoff = Backoff()

    async def run(self) -> None:
        """Follow for ever; cancel it to end."""
        log = logs.get()
        while True:
            try:
                await self._follow()
            except (YinlingError, TimeoutError) as error:
                # A feed that is behind us (WrongState) is the ordered stream's to deal with: it starts over, and so
                # do we, from its revision.
                why = "the feed went back" if isinstance(error, WrongState) else str(error) or "silent"
                log.warning("withdrawals.lost", error=why, again_in=round(self._backoff.wait, 2))
            except Exception:
                log.exception("withdrawals.failed", again_in=round(self._backoff.wait, 2))
            await self._backoff.pause()

    async def _follow(self) -> None:
        # From where the ordered stream is: some removals come twice, and none is missed.
        # The generation is read first: should the catalogue begin anew in between, it is the old one, and refused.
        generation = self._catalogue.generation
        stream = self._feed.watch(self._catalogue.revision, removals_only=True)
        async with aclosing(batches(stream, silence=self._silence)) as read:
            async for events in read:
                if not await self._apply(events, generation):
                    return  # the catalogue began anew meanwhile, perhaps with another database behind the feed
                self._backoff.reset()

    async def _apply(self, events: Sequence[Event], generation: int) -> bool:
        removals = {event.person_id: event.revision for event in events if isinstance(event, Gone)}
        if not removals:
            return self._catalogue.generation == generation
        loop = asyncio.get_running_loop()
        taken = await loop.run_in_executor(self._work, self._catalogue.withdraw, removals, generation)
        if taken is None:
            return False
        WITHDRAWN.inc(taken)
        self._on_gone(removals)
        return True
