"""Directories that are made once, whole or not at all, and checked whenever they are used."""

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_MANIFEST = "manifest.json"


def default_cache_dir() -> Path:
    """`YINLING_CACHE_DIR`, or `~/.cache/yinling`."""
    named = os.environ.get("YINLING_CACHE_DIR")
    return Path(named).expanduser() if named else Path.home() / ".cache" / "yinling"


def problem_with(directory: Path) -> str | None:
    """Why the directory cannot be used, or None where every file is as it was written. Reads all of it."""
    try:
        files = json.loads((directory / _MANIFEST).read_text("utf-8"))["files"]
        for name, expected in files.items():
            if file_digest(directory / name) != expected:
                return f"{name} is damaged"
    except FileNotFoundError as error:
        return f"{Path(error.filename).name} is missing"
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return f"it cannot be read: {error}"
    return None


def make_once(directory: Path, build: Callable[[Path], None], on_damage: Callable[[str], None]) -> bool:
    """See that the directory is there and whole, building it where it is not.

    Of several processes one builds and the others wait for it. A build that breaks off leaves nothing behind that
    anyone would take for the directory.

    Args:
        directory: Where it belongs.
        build: Fills an empty directory.
        on_damage: Told what is wrong with a directory that is there but must be built again.

    Returns:
        Whether it had to be built.
    """
    if problem_with(directory) is None:
        return False
    directory.parent.mkdir(parents=True, exist_ok=True)
    with _locked(directory):
        # Another process may have built it while this one waited for the lock.
        problem = problem_with(directory)
        if problem is None:
            return False
        if directory.exists():
            on_damage(problem)
        for rest in directory.parent.glob(f".{directory.name}.new-*"):
            shutil.rmtree(rest, ignore_errors=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{directory.name}.new-", dir=directory.parent))
        try:
            build(fresh)
            _write_manifest(fresh)
            # mkdtemp keeps others out.
            fresh.chmod(0o755)
            shutil.rmtree(directory, ignore_errors=True)
            fresh.rename(directory)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return True


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_manifest(directory: Path) -> None:
    names = sorted(path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file())
    for name in names:
        # A cache may be filled by one user and read by another; some libraries write for the owner alone.
        (directory / name).chmod(0o644)
        _sync(directory / name)
    manifest = {"files": {name: file_digest(directory / name) for name in names}}
    (directory / _MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
    _sync(directory / _MANIFEST)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Hold the lock of a directory; the system gives it back when the process dies."""
    with (directory.parent / f".{directory.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
