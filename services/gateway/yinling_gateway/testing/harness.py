"""A gateway as it runs, over real HTTP and PostgreSQL, with the fakes behind real gRPC servers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import httpx
import uvicorn
from fastapi import FastAPI
from grpc_health.v1 import health, health_pb2_grpc
from yinling.matching.v1 import matching_service_pb2_grpc, notice_service_pb2_grpc
from yinling.talent.v1 import talent_service_pb2_grpc

from yinling_common.identity import Role, Verifier
from yinling_common.server import build_server
from yinling_gateway.bootstrap import create_app, server_config
from yinling_gateway.dependencies import Parts
from yinling_gateway.domain import Account, NewAccount
from yinling_gateway.settings import GatewaySettings
from yinling_gateway.testing.matching import FakeMatching
from yinling_gateway.testing.notices import FakeNotices
from yinling_gateway.testing.talent import FakeTalent

PASSWORD = "correct horse 7"  # noqa: S105 - of accounts that live as long as a test
ORGANISATION = "攀钢集团"


@dataclass
class FakeServer:
    """A fake behind a port; it can be stopped and started again on the same port."""

    servicer: FakeTalent | FakeMatching
    notices: FakeNotices
    verifier: Verifier
    port: int = 0
    server: grpc.aio.Server | None = None

    @property
    def target(self) -> str:
        """Its address."""
        return f"127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Begin to answer."""
        self.server = build_server(self.verifier, self._add)
        self.port = self.server.add_insecure_port(f"127.0.0.1:{self.port}")
        await self.server.start()

    async def stop(self) -> None:
        """Go away."""
        if self.server is not None:
            await self.server.stop(None)
            self.server = None

    def _add(self, server: grpc.aio.Server) -> None:
        if isinstance(self.servicer, FakeTalent):
            talent_service_pb2_grpc.add_TalentServiceServicer_to_server(self.servicer, server)
        else:
            matching_service_pb2_grpc.add_MatchingServiceServicer_to_server(self.servicer, server)
            notice_service_pb2_grpc.add_NoticeServiceServicer_to_server(self.notices, server)
        health_pb2_grpc.add_HealthServicer_to_server(health.aio.HealthServicer(), server)


@dataclass
class FakeServices:
    """Both fakes and their servers."""

    talent: FakeTalent
    matching: FakeMatching
    notices: FakeNotices
    talent_server: FakeServer
    matching_server: FakeServer


@asynccontextmanager
async def fake_services(talent_verifier: Verifier, matching_verifier: Verifier) -> AsyncIterator[FakeServices]:
    """Both fakes, answering on free ports."""
    talent = FakeTalent()
    matching = FakeMatching(talent)
    notices = FakeNotices()
    services = FakeServices(
        talent,
        matching,
        notices,
        FakeServer(talent, notices, talent_verifier),
        FakeServer(matching, notices, matching_verifier),
    )
    await services.talent_server.start()
    await services.matching_server.start()
    try:
        yield services
    finally:
        await services.talent_server.stop()
        await services.matching_server.stop()


def gateway_settings(
    database_url: str,
    key_file: Path,
    services: FakeServices | None = None,
    **changes: Any,  # noqa: ANN401 - any setting
) -> GatewaySettings:
    """Settings for tests: cheap hashes, short pauses, and long patience with a machine that others use too."""
    values: dict[str, Any] = {
        "database_url": database_url,
        "identity_key_file": key_file,
        "hash_time_cost": 1,
        "hash_memory_kib": 64,
        "read_timeout": 60.0,
        "write_timeout": 60.0,
        "suggest_timeout": 60.0,
        "heartbeat": 0.2,
        "listen": "127.0.0.1:0",
        "shutdown_grace": 1.0,
        "ready_kept": 0.0,
        "rate_per_minute": 0,
        "webhook_timeout": 30.0,
        "notices_poll": 0.1,
        "notices_settle": 0.0,
        "notices_quiet": "",
        "erasure_settle": 0.0,
    }
    if services is not None:
        values["talent_target"] = services.talent_server.target
        values["matching_target"] = services.matching_server.target
    return GatewaySettings(**values | changes)


@dataclass
class Harness:
    """A running gateway and what stands behind it."""

    url: str
    app: FastAPI
    fakes: FakeServices | None = None

    @property
    def services(self) -> FakeServices:
        """The fakes behind it, where it does not stand before real services."""
        if self.fakes is None:
            raise LookupError("this gateway stands before real services")
        return self.fakes

    @property
    def parts(self) -> Parts:
        """The gateway's parts."""
        held: Parts = self.app.state.parts
        return held

    async def account(self, role: Role, username: str = "", **fields: str) -> Account:
        """Make an account."""
        organisation = "" if role == Role.ADMIN else ORGANISATION
        given = {"organisation": organisation, "display_name": role.value} | fields
        if role == Role.RETIREE and "profile_id" not in given:
            given["profile_id"] = self.services.talent.add(organisation=organisation).id
        return await self.parts.accounts.create(NewAccount(username or role.value, role, **given), PASSWORD)

    def client(self, **arguments: Any) -> httpx.AsyncClient:  # noqa: ANN401 - passed on to httpx
        """A client that has not signed in."""
        return httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=60, **arguments)

    @asynccontextmanager
    async def signed_in(self, role: Role, username: str = "", **fields: str) -> AsyncIterator[httpx.AsyncClient]:
        """A client that has signed in as a new account of a role, and sends the CSRF token."""
        await self.account(role, username, **fields)
        async with self.client() as client:
            await sign_in(client, username or role.value)
            yield client


async def sign_in(client: httpx.AsyncClient, username: str, password: str = PASSWORD) -> None:
    """Sign a client in; from now on it sends the CSRF token."""
    answer = await client.post("/api/v1/auth/sign-in", json={"username": username, "password": password})
    answer.raise_for_status()
    client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]


@asynccontextmanager
async def running_gateway(settings: GatewaySettings, services: FakeServices | None = None) -> AsyncIterator[Harness]:
    """A gateway that listens on a free port."""
    app = create_app(settings)
    server = uvicorn.Server(server_config(app, settings))
    task = asyncio.create_task(server.serve())
    while not server.started:
        if task.done():
            await task
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Harness(f"http://127.0.0.1:{port}", app, services)
    finally:
        server.should_exit = True
        await task
