"""When snapshots are written, and what happens when they cannot be."""

import asyncio
import errno
import shutil
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typing_extensions import override

from yinling_matching.catalogue import keeper as module
from yinling_matching.catalogue.catalogue import Catalogue, Indexed, Put
from yinling_matching.catalogue.keeper import Keeper, PositionRecorder
from yinling_matching.catalogue.snapshot import Content, SnapshotFile
from yinling_matching.domain import Person
from yinling_matching.index import FlatIndex
from yinling_matching.rules.bitmaps import Columns
from yinling_matching.testing import FakeFeed, MemoryEmbeddingRepository


class Disk(SnapshotFile):
    """Fails as often as it is told to."""

    failures = 0

    @override
    def save(self, content: Content) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError(errno.ENOSPC, "No space left on device")
        super().save(content)


class Setup:
    def __init__(self, directory: Path, threads: ThreadPoolExecutor, **limits: float) -> None:
        self.applied = 0
        self.catalogue = Catalogue(lambda: FlatIndex(4))
        self.disk = Disk(directory, "m", 4)
        self.table = MemoryEmbeddingRepository()
        self.keeper = Keeper(
            file=self.disk,
            catalogue=self.catalogue,
            applied=lambda: self.applied,
            work=threads,
            record=PositionRecorder(self.table, "replica-1", "m"),
            **limits,  # type: ignore[arg-type] # numbers
        )

    def change(self, count: int = 1) -> None:
        for _ in range(count):
            self.applied += 1
            person = Person(id=f"p{self.applied}")
            self.catalogue.apply([Put(Indexed(person, (), ()), np.zeros((0, 4), np.float32))], self.applied)


@asynccontextmanager
async def running(directory: Path, **limits: float) -> AsyncIterator[Setup]:
    with ThreadPoolExecutor(1) as threads:
        setup = Setup(directory, threads, **limits)
        task = asyncio.create_task(setup.keeper.run())
        try:
            yield setup
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LOOK_EVERY", 0.01)


async def until_saved(setup: Setup, revision: int) -> None:
    async with asyncio.timeout(60):
        # The position is noted last; the keeper's own revision is set before, in its thread.
        while setup.table.positions.get("replica-1", ("", 0, 0))[1] < revision:  # noqa: ASYNC110 - what the keeper does by itself
            await asyncio.sleep(0.01)


async def test_many_changes_are_saved_at_once(tmp_path: Path) -> None:
    async with running(tmp_path, every_changes=5, every_seconds=999) as setup:
        setup.change(4)
        await asyncio.sleep(0.1)
        assert setup.keeper.revision == 0
        setup.change()
        await until_saved(setup, 5)
        assert setup.keeper.time is not None
        assert setup.table.positions == {"replica-1": ("m", 5, 5)}


async def test_a_single_change_is_saved_in_time(tmp_path: Path) -> None:
    async with running(tmp_path, every_changes=999, every_seconds=0.1) as setup:
        setup.change()
        await until_saved(setup, 1)


async def test_terms_of_another_version_are_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, every_changes=1) as setup:
        setup.change()
        await until_saved(setup, 1)
    monkeypatch.setattr("yinling_matching.catalogue.snapshot.cutting", lambda: "another version")
    async with running(tmp_path, every_seconds=0.05) as setup:
        await setup.keeper.load()
        await until_saved(setup, 1)
        loaded = setup.disk.load()
        assert loaded is not None
        assert loaded.terms is not None


async def test_a_full_disk_does_not_stop_it(tmp_path: Path) -> None:
    async with running(tmp_path, every_changes=2, every_seconds=999) as setup:
        setup.change(2)
        await until_saved(setup, 2)
        setup.disk.failures = 1
        setup.change(2)
        async with asyncio.timeout(60):
            while setup.disk.failures:  # noqa: ASYNC110 - what the keeper does by itself
                await asyncio.sleep(0.01)
        assert setup.keeper.revision == 2
        kept = setup.disk.load()
        assert kept is not None
        assert kept.revision == 2
        setup.change(2)
        await until_saved(setup, 6)


async def test_without_a_change_nothing_is_written(tmp_path: Path) -> None:
    async with running(tmp_path, every_changes=1, every_seconds=0.01) as setup:
        await setup.keeper.save()
        await asyncio.sleep(0.1)
        assert not setup.disk.path.exists()


async def test_it_comes_back(tmp_path: Path) -> None:
    async with running(tmp_path) as setup:
        setup.change(3)
        await setup.keeper.save()
    async with running(tmp_path) as setup:
        await setup.keeper.load()
        assert (len(setup.catalogue), setup.catalogue.revision, setup.keeper.revision) == (3, 3, 3)


async def test_garbage_of_later_is_collected(start_matching: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    frozen: list[int] = []
    monkeypatch.setattr(module.gc, "freeze", lambda: frozen.append(1))
    async with start_matching() as matching:
        async with asyncio.timeout(60):
            while len(frozen) < 2:  # noqa: ASYNC110 - what the service does by itself
                await asyncio.sleep(0.01)
        assert len(frozen) == 2  # when the snapshot was looked for, and when the feed had said everything
        for number in range(3):
            matching.feed.put(Person(id=f"p{number}"))
            await matching.caught_up()
            await matching.parts.keeper.save()
        assert len(frozen) == 2


async def test_a_snapshot_that_cannot_be_taken_in_is_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path) as setup:
        setup.change(3)
        await setup.keeper.save()

    def fail(columns: Columns, row: int, person: Person) -> None:
        if person.id == "p2":
            raise OverflowError("a number that no column takes")

    monkeypatch.setattr(Columns, "set", fail)
    async with running(tmp_path) as setup:
        await setup.keeper.load()
        assert (len(setup.catalogue), setup.catalogue.revision, setup.keeper.revision) == (0, 0, 0)
        assert not setup.disk.path.exists()


async def test_after_a_restore_the_old_snapshot_is_not_loaded(start_matching: Any, tmp_path: Path) -> None:
    feed = FakeFeed()
    feed.put(Person(id="p1", skills=("通风",)), Person(id="p2", skills=("瓦斯",)), Person(id="p3", skills=("机电",)))
    killed = tmp_path / "killed"
    async with start_matching(feed, snapshot_dir=tmp_path / "kept") as matching:
        await matching.parts.keeper.save()
        feed.forget(1)
        feed.put()
        async with asyncio.timeout(60):
            while matching.parts.progress.revision != 1 or not matching.parts.progress.complete:  # noqa: ASYNC110 - no event says so
                await asyncio.sleep(0.01)
        assert len(matching.parts.catalogue) == 1
        # What a process that is killed now leaves behind: nothing was saved since.
        shutil.copytree(tmp_path / "kept", killed)
    feed.put(Person(id="p4", skills=("采煤",)), Person(id="p5", skills=("选矿",)), Person(id="p6", skills=("电焊",)))
    assert not (killed / "catalogue.snapshot").exists()
    assert len(list(killed.glob("*.bad-*"))) == 1
    async with start_matching(feed, snapshot_dir=killed) as again:
        assert again.parts.keeper.revision == 0
        with again.parts.catalogue.reading() as view:
            assert {entry.indexed.person.id for entry in view.entries()} == {"p1", "p4", "p5", "p6"}
