"""Follows the profile feed and keeps the catalogue as the feed says."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from concurrent.futures import Executor
from contextlib import aclosing, suppress

import numpy as np
from prometheus_client import Counter, Gauge, Histogram

from yinling_common import logs
from yinling_common.errors import WrongState, YinlingError
from yinling_matching.catalogue.catalogue import Catalogue, terms_of
from yinling_matching.catalogue.entries import Indexed, Put, Remove
from yinling_matching.catalogue.facets import facets_of
from yinling_matching.domain import Person
from yinling_matching.following.feed import SKIPPED, CaughtUp, Changed, Event, Feed, Gone
from yinling_matching.following.progress import Progress
from yinling_matching.following.streams import Backoff, batches
from yinling_matching.lexical import Prepared
from yinling_matching.vectors import Floats, Vectors, passage_key

PEOPLE = Gauge("yinling_matching_people", "People in the index")
FACETS = Gauge("yinling_matching_facets", "Facets in the index")
CHANGES = Counter("yinling_matching_feed_changes", "Changes of the profile feed that were applied")
SECONDS = Histogram("yinling_matching_apply_seconds", "Time to apply a batch of changes, embedding included")

_TRIES = 3
"""Of a batch as a whole, before each of its changes is tried alone."""


class Follower:
    """Applies changes in batches: what has come in while one batch was embedded is the next.

    A batch is applied as a whole or not at all. Whatever fails, the stream is opened again after the last revision that
    was applied, so nothing is skipped; a person's old facets stay until the new ones are complete. Only a person who
    makes the same batch fail again and again, and fails alone too, is left out: the others must not wait for them.

    Args:
        feed: The changes.
        catalogue: Where they go.
        progress: Told how far it is.
        vectors: For the facets.
        work: A thread for what takes longer than the event loop may be blocked. Not the one for suggestions: a
            change must not queue behind them.
        silence: Seconds without a word, after which the stream is taken for dead.
        start_over: Empties the catalogue, and whatever keeps it; where it is not given the catalogue alone.
        on_changed: Told whose changes were applied. It must not wait.
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
        start_over: Callable[[], Awaitable[None]] | None = None,
        on_changed: Callable[[Collection[str]], None] = lambda profile_ids: None,
    ) -> None:
        self.applied = 0
        self._feed = feed
        self._catalogue = catalogue
        self._progress = progress
        self._vectors = vectors
        self._work = work
        self._silence = silence
        self._empty = start_over or self._reset
        self._on_changed = on_changed
        self._backoff = Backoff()
        self._failed_at, self._failures = -1, 0

    async def run(self) -> None:
        """Follow for ever; cancel it to end."""
        log = logs.get()
        while True:
            try:
                log.info("feed.following", after=self._catalogue.revision)
                await self._follow()
            except YinlingError as error:
                log.warning("feed.lost", error=error.message, again_in=round(self._backoff.wait, 2))
            except TimeoutError:
                log.warning("feed.silent", seconds=self._silence, again_in=round(self._backoff.wait, 2))
            except Exception:
                log.exception("feed.failed", again_in=round(self._backoff.wait, 2))
            finally:
                self._progress.connected = self._progress.caught_up = False
            await self._backoff.pause()

    async def _follow(self) -> None:
        try:
            await self._read()
        except WrongState as error:
            # The feed is behind us: its database was restored. What we know may never have been.
            logs.get().warning("feed.rewound", error=error.message, revision=self._catalogue.revision)
            await self._start_over()

    async def _read(self) -> None:
        stream = self._feed.watch(self._catalogue.revision)
        async with aclosing(batches(stream, silence=self._silence, heard=self._heard)) as read:
            async for events in read:
                await self._apply_patiently(events)

    async def _apply_patiently(self, events: Sequence[Event]) -> None:
        if events[0].revision != self._failed_at:
            self._failed_at, self._failures = events[0].revision, 0
        self._failures += 1  # until it is done
        if self._failures <= _TRIES:
            await self._apply(events)
        else:
            for event in events:
                await self._apply_alone(event)
        self._failures = 0

    async def _apply_alone(self, event: Event) -> None:
        with suppress(Exception):
            return await self._apply([event])
        await self._vectors.check()  # where nobody can be embedded, it is not this person's fault
        try:
            await self._apply([event])  # nor where all was well again just before the check
        except Exception as error:
            if not isinstance(event, Changed):
                raise
            # What was known of them may say what they have taken back since: better not found than found so.
            await self._apply([Gone(event.person.id, event.revision)])
            SKIPPED.inc()
            logs.get().error("feed.person_skipped", person=event.person.id, revision=event.revision, error=repr(error))

    def _heard(self, event: Event) -> None:
        self._progress.heard()
        self._progress.connected = True
        if not isinstance(event, CaughtUp):
            self._progress.caught_up = False

    async def _apply(self, events: Sequence[Event]) -> None:
        revision = max(event.revision for event in events)
        last = {_person_id(event): event for event in events if not isinstance(event, CaughtUp)}
        if last:
            with SECONDS.time():
                loop = asyncio.get_running_loop()
                changed = [event.person for event in last.values() if isinstance(event, Changed)]
                prepared = await loop.run_in_executor(self._work, self._prepare, changed)
                texts = {
                    key: facet.text
                    for indexed, _, known in prepared
                    for key, facet in zip(indexed.keys, indexed.facets, strict=True)
                    if key not in known
                }
                found = await self._vectors.passages(texts)
                changes: list[Put | Remove] = [Remove(i) for i, event in last.items() if isinstance(event, Gone)]
                for indexed, terms, known in prepared:
                    rows = self._rows(indexed, known | found)
                    changes.append(Put(indexed, rows, last[indexed.person.id].revision, terms))
                await loop.run_in_executor(self._work, self._catalogue.apply, changes, revision)
                self._on_changed([person.id for person in changed])
            self.applied += len(last)
            CHANGES.inc(len(last))
            PEOPLE.set(len(self._catalogue))
            FACETS.set(self._catalogue.facets)
        else:
            # Nobody changed, so there is nothing to guard: revisions of rolled back writes are passed over.
            self._catalogue.revision = max(revision, self._catalogue.revision)
        self._backoff.reset()
        self._progress.move(self._catalogue.revision)
        if isinstance(events[-1], CaughtUp):
            self._progress.arrived()

    def _prepare(self, people: Sequence[Person]) -> list[tuple[Indexed, list[Prepared], dict[bytes, Floats]]]:
        """Facets and keys, their terms, and the vectors that are in the index already."""
        prepared = []
        for person in people:
            facets = tuple(facets_of(person))
            indexed = Indexed(person, facets, tuple(passage_key(facet.text) for facet in facets))
            prepared.append((indexed, terms_of(indexed), self._catalogue.known(person.id)))
        return prepared

    def _rows(self, indexed: Indexed, vectors: dict[bytes, Floats]) -> Floats:
        rows = [vectors[key] for key in indexed.keys]
        return np.array(rows, dtype=np.float32).reshape(len(rows), self._vectors.embedder.dimensions)

    async def _start_over(self) -> None:
        await self._empty()
        self._progress.restart()

    async def _reset(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._work, self._catalogue.reset)


def _person_id(event: Changed | Gone) -> str:
    return event.person.id if isinstance(event, Changed) else event.person_id
