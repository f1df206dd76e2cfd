"""Where an uploaded roster lies while it is read: a directory that goes away, also after a process that was killed."""

import asyncio
import os
import re
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol, TypeVar

from yinling_common import logs
from yinling_common.disks import full_is_told

PREFIX = "yinling-roster-"

_OLD_SECONDS = 24 * 3600.0
_NAME = re.compile(PREFIX + r"(\d{1,10})-.*")

Result = TypeVar("Result")


class RunInThread(Protocol):
    """Does blocking work elsewhere."""

    def __call__(self, work: Callable[[], Result]) -> asyncio.Future[Result]:
        """Start the work."""


@asynccontextmanager
async def workshop() -> AsyncIterator[tuple[Path, RunInThread]]:
    """A directory that goes away, and one thread: the workbook library's objects belong to the one they are made in."""
    loop = asyncio.get_running_loop()
    with full_is_told():
        made = tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-", ignore_cleanup_errors=True)
    with made as directory:
        pool = ThreadPoolExecutor(1, thread_name_prefix="roster")
        try:
            yield Path(directory), lambda work: loop.run_in_executor(pool, work)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def sweep() -> int:
    """Delete what killed processes of this user left: raw rosters hold people. Answers how many directories."""
    swept = 0
    for directory in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            about = directory.lstat()
            if about.st_uid != os.getuid() or not directory.is_dir() or directory.is_symlink():
                continue
            if _in_use(directory.name) and time.time() - about.st_mtime < _OLD_SECONDS:
                continue
        except OSError:
            continue  # it has gone by itself
        shutil.rmtree(directory, ignore_errors=True)
        swept += 1
    if swept:
        logs.get().warning("rosters.swept", directories=swept)
    return swept


def _in_use(name: str) -> bool:
    """Whether a living process may work there. Our own id is one that another process had before us."""
    match = _NAME.fullmatch(name)
    if match is None:
        return True  # of an earlier version: it goes when it is old
    if int(match[1]) == os.getpid():
        return False  # we have begun nothing yet
    try:
        os.kill(int(match[1]), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass  # somebody else's process has the id now, or nothing can: age decides
    return True
