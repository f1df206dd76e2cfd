"""What a killed process leaves behind is gone after the next start, and nothing else is."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from yinling_talent.workshop import PREFIX, sweep, workshop


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def leave(temporary: Path, name: str, *, days: int = 0) -> Path:
    directory = temporary / name
    directory.mkdir()
    (directory / "roster.csv").write_text("姓名,手机\n")
    time = directory.stat().st_mtime - days * 86_400
    os.utime(directory, (time, time))
    return directory


async def test_a_workshop_is_named_for_its_process_and_goes(temporary: Path) -> None:
    async with workshop() as (directory, in_thread):
        assert directory.parent == temporary
        assert directory.name.startswith(f"{PREFIX}{os.getpid()}-")
        assert await in_thread(lambda: 7) == 7
    assert not directory.exists()


def test_stale_directories_are_swept_and_others_left(temporary: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    stale = [
        leave(temporary, f"{PREFIX}{ended.pid}-a"),
        leave(temporary, f"{PREFIX}{os.getpid()}-b"),  # an id comes again where a container starts anew
        leave(temporary, f"{PREFIX}{os.getppid()}-c", days=2),
        leave(temporary, f"{PREFIX}old", days=2),
    ]
    kept = [
        leave(temporary, f"{PREFIX}{os.getppid()}-d"),
        leave(temporary, f"{PREFIX}new"),
        leave(temporary, "another", days=9),
    ]
    link = temporary / f"{PREFIX}{ended.pid}-link"
    link.symlink_to(kept[2])
    assert sweep() == len(stale)
    assert not any(directory.exists() for directory in stale)
    assert all((directory / "roster.csv").exists() for directory in kept)
    assert link.is_symlink()


def test_directories_of_other_users_are_left(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = leave(temporary, f"{PREFIX}old", days=2)
    monkeypatch.setattr(os, "getuid", lambda: other.stat().st_uid + 1)
    assert sweep() == 0
    assert other.exists()
