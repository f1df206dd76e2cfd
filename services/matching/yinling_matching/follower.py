"""Follows the profile feed and keeps the catalogue as the feed says."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from prometheus_client import Counter, Gauge, Histogram

from yinling_common import logs
from yinling_common.errors import WrongState, YinlingError
from yinling_matching.catalogue import Catalogue, Indexed, Put, Remove
from yinling_matching.domain import Person
from yinling_matching.facets import facets_of
from yinling_matching.feed import CaughtUp, Changed, Event, Feed, Gone
from yinling_matching.progress import Progress
from yinling_matching.vectors import Floats, Vectors, passage_key

PEOPLE = Gauge("yinling_matching_people", "People in the index")
FACETS = Gauge("yinling_matching_facets", "Facets in the index")
CHANGES = Counter("yinling_matching_feed_changes", "Changes of the profile feed that were applied")
SECONDS = Histogram("yinling_matching_apply_seconds", "Time to apply a batch of changes, embedding included")

_BATCH = 64
_SHORTEST_WAIT, _LONGEST_WAIT = 0.1, 5.0


@dataclass(frozen=True, slots=True)
class _End:
    """The stream ended so."""

    error: Exception


class Follower:
    """Applies changes in batches: what has come in while one batch was embedded is the next.

    A batch is applied as a whole or not at all. Whatever fails, the stream is opened again after the last revision that
    was applied, so nothing is skipped; a person's old facets stay until the new ones are complete.

    Args:
        feed: The changes.
        catalogue: Where they go.
        progress: Told how far it is.
        vectors: For the facets.
        work: A thread for what takes longer than the event loop may be blocked. Not the one for suggestions: a
            change must not queue behind them.
        silence: Seconds without a word, after which the stream is taken for dead.
    """

    def __init__(
        self,
        *,
        feed: Feed,
        catalogue: Catalogue,
        progress: Progress,
        vectors: Vectors,
        work: Executor,
        silence: float = 15.0,
    ) -> None:
        self.applied = 0
        self._feed = feed
        self._catalogue = catalogue
        self._progress = progress
        self._vectors = vectors
        self._work = work
        self._silence = silence
        self._wait = _SHORTEST_WAIT

    async def run(self) -> None:
        """Follow for ever; cancel it to end."""
        log = logs.get()
        while True:
            try:
                log.info("feed.following", after=self._catalogue.revision)
                await self._follow()
            except WrongState as error:
                # The feed is behind us: its database was restored. What we know may never have been.
                log.warning("feed.rewound", error=error.message, revision=self._catalogue.revision)
                await self._start_over()
            except YinlingError as error:
                log.warning("feed.lost", error=error.message, again_in=round(self._wait, 2))
            except TimeoutError:
                log.warning("feed.silent", seconds=self._silence, again_in=round(self._wait, 2))
            except Exception:
                log.exception("feed.failed", again_in=round(self._wait, 2))
            finally:
                self._progress.connected = self._progress.caught_up = False
            # Spread, so that replicas that lost the same server do not all come back at once.
            await asyncio.sleep(self._wait * random.uniform(0.5, 1.0))
            self._wait = min(2 * self._wait, _LONGEST_WAIT)

    async def _follow(self) -> None:
        queue: asyncio.Queue[Event | _End] = asyncio.Queue(maxsize=2 * _BATCH)
        reader = asyncio.create_task(self._read(queue))
        try:
            while True:
                waiting: list[Event | _End] = [await queue.get()]
                while len(waiting) < _BATCH and not queue.empty():
                    waiting.append(queue.get_nowait())
                await self._apply([event for event in waiting if not isinstance(event, _End)])
                if isinstance(waiting[-1], _End):
                    raise waiting[-1].error
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    async def _read(self, queue: asyncio.Queue[Event | _End]) -> None:
        """The queue is short: a feed that is faster than the model is held back, not collected in memory."""
        try:
            stream: AsyncIterator[Event] = aiter(self._feed.watch(self._catalogue.revision))
            while True:
                async with asyncio.timeout(self._silence):
                    event = await anext(stream)
                self._progress.heard()
                self._progress.connected = True
                if not isinstance(event, CaughtUp):
                    self._progress.caught_up = False
                await queue.put(event)
        except StopAsyncIteration:
            await queue.put(_End(EOFError("the feed ended")))
        except Exception as error:
            await queue.put(_End(error))

    async def _apply(self, events: Sequence[Event]) -> None:
        if not events:
            return
        revision = max(event.revision for event in events)
        last = {_person_id(event): event for event in events if not isinstance(event, CaughtUp)}
        if last:
            with SECONDS.time():
                loop = asyncio.get_running_loop()
                changed = [event.person for event in last.values() if isinstance(event, Changed)]
                prepared = await loop.run_in_executor(self._work, self._prepare, changed)
                texts = {
                    key: facet.text
                    for indexed, known in prepared
                    for key, facet in zip(indexed.keys, indexed.facets, strict=True)
                    if key not in known
                }
                found = await self._vectors.passages(texts)
                changes: list[Put | Remove] = [Remove(i) for i, event in last.items() if isinstance(event, Gone)]
                changes += [Put(indexed, self._rows(indexed, known | found)) for indexed, known in prepared]
                await loop.run_in_executor(self._work, self._catalogue.apply, changes, revision)
            self.applied += len(last)
            CHANGES.inc(len(last))
            PEOPLE.set(len(self._catalogue))
            FACETS.set(self._catalogue.facets)
        else:
            # Nobody changed, so there is nothing to guard: revisions of rolled back writes are passed over.
            self._catalogue.revision = max(revision, self._catalogue.revision)
        self._wait = _SHORTEST_WAIT
        self._progress.move(self._catalogue.revision)
        if isinstance(events[-1], CaughtUp):
            self._progress.arrived()

    def _prepare(self, people: Sequence[Person]) -> list[tuple[Indexed, dict[bytes, Floats]]]:
        """Facets and keys, and the vectors that are in the index already."""
        prepared = []
        for person in people:
            facets = tuple(facets_of(person))
            indexed = Indexed(person, facets, tuple(passage_key(facet.text) for facet in facets))
            prepared.append((indexed, self._catalogue.known(person.id)))
        return prepared

    def _rows(self, indexed: Indexed, vectors: dict[bytes, Floats]) -> Floats:
        rows = [vectors[key] for key in indexed.keys]
        return np.array(rows, dtype=np.float32).reshape(len(rows), self._vectors.embedder.dimensions)

    async def _start_over(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._work, self._catalogue.reset)
        self._progress.restart()


def _person_id(event: Changed | Gone) -> str:
    return event.person.id if isinstance(event, Changed) else event.person_id
