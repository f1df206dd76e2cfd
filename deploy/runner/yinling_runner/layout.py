"""The data directory: what lies where, who may use it, and what is running from it."""

import fcntl
import hashlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from yinling_runner.problems import Problem

SOCKET_PATH_LIMIT = 90
"""Unix sockets have paths of at most 107 bytes; PostgreSQL adds a name of its own."""


@dataclass(frozen=True)
class Running:
    """What `yinling up` writes down for the other commands while it runs."""

    pid: int
    url: str
    pids: dict[str, int]
    database_url: str


def default_data_dir() -> Path:
    """Where data lies unless said otherwise.

    As root it is below /var/lib: PostgreSQL does not run as root, and the user it runs as cannot enter /root.
    """
    if os.geteuid() == 0:
        return Path("/var/lib/yinling")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "yinling"


class DataDirectory:
    """One installation's data directory. Nothing is made before `create`."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().resolve()
        self.keys = self.path / "keys"
        self.postgres = self.path / "postgres"
        self.snapshots = self.path / "snapshots"
        self.credentials = self.path / "credentials.json"
        self._lock_file = self.path / "lock"
        self._running_file = self.path / "running.json"
        self._lock: int | None = None

    def snapshots_of(self, database_url: str) -> Path:
        """Where the index of a database is kept; an empty URL means the one of this directory.

        Each has its own: a snapshot does not say of which database it is, and would show the people of another one.
        """
        if not database_url:
            return self.snapshots
        try:
            parts = conninfo_to_dict(database_url)
        except psycopg.ProgrammingError:
            parts = {"url": database_url}  # whoever connects to it says what is wrong
        # A new password makes no other database, and is nobody's business here.
        which = sorted((name, str(value)) for name, value in parts.items() if name != "password")
        return self.snapshots / hashlib.sha256(json.dumps(which).encode()).hexdigest()[:16]

    def create(self) -> None:
        """Make the directories. Raises Problem where that is not allowed."""
        try:
            for directory in (self.path, self.keys, self.snapshots):
                directory.mkdir(parents=True, exist_ok=True)
            self.keys.chmod(0o700)
        except OSError as error:
            advice = f"choose another data directory with --data-dir, or make {self.path} writable"
            raise Problem(f"the data directory cannot be made: {error}", advice) from error

    def acquire(self) -> None:
        """Keep the directory for this process until it ends. Raises Problem where another one has it."""
        self._lock = os.open(self._lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            self._lock = None
            running = self.running()
            who = f"process {running.pid}, at {running.url}" if running else "another process"
            advice = "stop it first (Ctrl-C where it runs), or give this one another --data-dir"
            raise Problem(f"Yinling already runs from {self.path}: {who}", advice) from error

    def running(self) -> Running | None:
        """What runs from this directory now, if anything."""
        try:
            running = Running(**json.loads(self._running_file.read_text(encoding="utf-8")))
            os.kill(running.pid, 0)
        except (OSError, ValueError, TypeError):
            return None
        return running

    def write_running(self, running: Running) -> None:
        """Tell the other commands where to find it."""
        write_private(self._running_file, json.dumps(asdict(running), indent=1))

    def clear_running(self) -> None:
        """Tell the other commands that nothing runs."""
        self._running_file.unlink(missing_ok=True)

    def socket_directory(self) -> Path:
        """Where PostgreSQL's socket goes: inside, or in a temporary directory where the path would be too long."""
        inside = self.path / "run"
        if len(os.fsencode(inside)) <= SOCKET_PATH_LIMIT:
            return inside
        return Path(tempfile.mkdtemp(prefix="yinling-"))


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads, in one step: readers see the old content or the new one."""
    new = path.with_name(path.name + ".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    new.replace(path)
