"""Brings the snapshot back at the start, and saves it from time to time and at the end."""

import asyncio
import gc
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import UTC, datetime
from functools import partial
from time import monotonic, perf_counter

import numpy as np

from yinling_common import logs
from yinling_common.errors import YinlingError
from yinling_matching.catalogue.catalogue import Catalogue
from yinling_matching.catalogue.entries import evidence_slots_of
from yinling_matching.catalogue.snapshot import Content, SnapshotFile
from yinling_matching.repository import EmbeddingRepository

_LOOK_EVERY = 1.0


class Keeper:
    """Saves after so many changes, or so many seconds after a change.

    Attributes:
        revision: Of the snapshot on disk; 0 where there is none.
        time: When it was written; None where there is none.

    Args:
        file: Where; None for no snapshot at all.
        catalogue: What.
        applied: How many changes were applied so far.
        work: A thread: writing takes its time.
        every_changes: Save after so many.
        every_seconds: Save a change that is so old.
        record: Notes the position in the database.
    """

    def __init__(
        self,
        *,
        file: SnapshotFile | None,
        catalogue: Catalogue,
        applied: Callable[[], int],
        work: Executor,
        every_changes: int = 2000,
        every_seconds: float = 300.0,
        record: "PositionRecorder",
    ) -> None:
        self.revision = 0
        self.time: datetime | None = None
        self._file = file
        self._catalogue = catalogue
        self._applied = applied
        self._work = work
        self._every_changes = every_changes
        self._every_seconds = every_seconds
        self._record = record
        self._saved_at = 0

    async def load(self) -> None:
        """Fill the catalogue from the snapshot, where there is a good one."""
        started = perf_counter()
        loaded = await self._in_thread(self._load)
        spare_the_collector()
        if loaded:
            logs.get().info(
                "snapshot.loaded",
                revision=self.revision,
                people=len(self._catalogue),
                seconds=round(perf_counter() - started, 2),
            )

    async def run(self) -> None:
        """Save from time to time, for ever; cancel it to end."""
        changed_at: float | None = None
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            changes = self._applied() - self._saved_at
            if not changes:
                changed_at = None
                continue
            changed_at = changed_at or monotonic()
            if changes >= self._every_changes or monotonic() - changed_at >= self._every_seconds:
                changed_at = None
                await self.save()

    async def save(self) -> None:
        """Save now, if anything changed. A disk that does not take it is logged; the old snapshot stays."""
        applied = self._applied()
        if applied == self._saved_at:
            return
        # A disk that is full now is tried again after as many changes, not every second.
        self._saved_at = applied
        started = perf_counter()
        if self._file is None:
            await self._record.note(self._catalogue.revision, len(self._catalogue))
            return
        try:
            await self._in_thread(partial(self._save, self._file))
        except OSError as error:
            logs.get().error("snapshot.not_saved", error=str(error), kept_revision=self.revision)
            return
        except Exception:
            # A fault of ours, and no reason to stop: the snapshot saves time at the next start, nothing else.
            logs.get().exception("snapshot.not_saved", kept_revision=self.revision)
            return
        logs.get().info("snapshot.saved", revision=self.revision, seconds=round(perf_counter() - started, 2))
        await self._record.note(self.revision, len(self._catalogue))

    async def rewrite(self) -> None:
        """Put what is here now in the place of everything that was ever written: somebody in it is erased.

        A disk that does not take it has no snapshot any more, and the next start reads the whole feed. Raises OSError
        where not even that can be done.
        """
        if self._file is None:
            return
        before, self._saved_at = self.time, -1
        await self.save()
        await self._in_thread(partial(self._file.discard, bad_only=self.time != before))

    async def start_over(self) -> None:
        """The feed went back: what is known may never have been. Set the snapshot aside and empty the catalogue.

        Both in the thread that saves, so that no save of what was known comes in between.
        """
        await self._in_thread(self._start_over)

    def _start_over(self) -> None:
        if self._file:
            logs.get().warning("snapshot.outlived", revision=self.revision, moved_to=self._file.set_aside())
        self.revision, self.time = 0, None
        self._catalogue.reset()

    def _load(self) -> bool:
        content = self._file.load() if self._file else None
        if content is None or self._file is None:
            return False
        try:
            self._catalogue.restore(content.people, content.vectors, content.revision, content.terms)
        except Exception:
            # It is whole and of no use all the same. The feed has everybody: that takes longer, and always works.
            self._catalogue.reset()
            logs.get().exception("snapshot.bad", path=str(self._file.path), moved_to=self._file.set_aside())
            return False
        self.revision, self.time = content.revision, content.time
        if content.terms is None:
            self._saved_at = -1  # to be written again, with the terms of this version
        return True

    def _save(self, file: SnapshotFile) -> None:
        with self._catalogue.reading() as view:
            entries = list(view.entries())
            slots = np.concatenate([np.zeros(0, np.int64), *(entry.slots for entry in entries)])
            vectors = view.index.reconstruct(slots)
            held = view.lexical.held()
            revision = view.revision
        # Written outside the lock: people are immutable and the rest is a copy.
        terms = held.prepared(evidence_slots_of(entries))
        now = datetime.now(UTC)
        file.save(Content(revision, [entry.indexed for entry in entries], vectors, now, terms))
        self.revision, self.time = revision, now

    async def _in_thread(self, work: Callable[[], object]) -> object:
        return await asyncio.get_running_loop().run_in_executor(self._work, work)


def spare_the_collector() -> None:
    """Keep everything that is there now out of the garbage collector's rounds.

    The people and the model's library are hundreds of thousands of objects: walking all of them stops the event loop
    for up to a second. They hold no cycles, so they are freed without it when they are replaced. What is garbage now
    would be kept for ever: what is young of it is collected first, and this is done when many came in at once, not
    again and again.
    """
    gc.collect(1)
    gc.freeze()


class PositionRecorder:
    """Notes in the database how far this follower has come, for those who look after it."""

    def __init__(self, repository: EmbeddingRepository, follower: str, model: str) -> None:
        self._repository = repository
        self._follower = follower
        self._model = model

    async def note(self, revision: int, people: int) -> None:
        """Note it; a database that is away is logged."""
        try:
            await self._repository.record_position(self._follower, self._model, revision, people)
        except YinlingError as error:
            logs.get().warning("position.not_noted", error=error.message)
