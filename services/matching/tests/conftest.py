"""A whole matching service per test: real PostgreSQL, real gRPC, a fake feed and a fake model."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from yinling.matching.v1 import engagement_service_pb2_grpc as engagement_rpc
from yinling.matching.v1 import matching_service_pb2_grpc as rpc
from yinling.matching.v1 import notice_service_pb2_grpc as notice_rpc

from yinling_common.database import Database
from yinling_common.errors import YinlingError
from yinling_common.identity import Identity, Role
from yinling_common.status import from_rpc_error
from yinling_common.testing import CloneDatabase, Keys, serve_for_test
from yinling_matching import bootstrap
from yinling_matching.domain import Person
from yinling_matching.embedding import Embedder
from yinling_matching.embedding.fake import FakeEmbedder
from yinling_matching.engaging.contacts import Contacts
from yinling_matching.engaging.testing import FakeContacts, Sides, somebody
from yinling_matching.settings import SCHEMA
from yinling_matching.testing import FakeFeed

HR = Identity("hr-1", Role.HR, organisation="攀钢集团")
OTHER_HR = Identity("hr-2", Role.HR, organisation="别的集团")
COORDINATOR = Identity("co-1", Role.COORDINATOR, organisation="矿务局")
ADMIN = Identity("admin", Role.ADMIN)


@dataclass
class Running:
    """A service under test."""

    stub: "rpc.MatchingServiceAsyncStub"  # a name of the type stubs alone
    engaging: "engagement_rpc.EngagementServiceAsyncStub"  # likewise
    notices: "notice_rpc.NoticeServiceAsyncStub"  # likewise
    feed: FakeFeed
    parts: bootstrap.Service
    keys: Keys

    async def call(self, method: str, request: Any, caller: Identity = HR, seconds: float = 60) -> Any:
        stub = next(one for one in (self.stub, self.engaging, self.notices) if hasattr(one, method))
        issuer = "matching" if caller.role is Role.SERVICE else "gateway"
        return await getattr(stub, method)(
            request, metadata=self.keys.metadata(caller, "matching", issuer), timeout=seconds
        )

    async def refusal(self, call: Awaitable[Any]) -> YinlingError:
        """The error that a call is answered with."""
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call
        return from_rpc_error(caught.value)

    async def caught_up(self) -> None:
        assert await self.parts.progress.reached(self.feed.revision, 60)


@pytest.fixture
async def matching_database(clone_database: CloneDatabase) -> str:
    return await clone_database({SCHEMA: bootstrap.migration_files()})


@pytest.fixture
async def database(matching_database: str) -> AsyncIterator[Database]:
    async with Database(matching_database, schema=SCHEMA) as database:
        yield database


@pytest.fixture
def start_matching(matching_database: str, keys: Keys) -> Callable[..., Any]:
    """A context manager that runs a service; several may run on one database, one after the other or at once."""

    @asynccontextmanager
    async def start(
        feed: FakeFeed | None = None,
        *,
        contacts: Contacts | None = None,
        embedder: Embedder | None = None,
        snapshot_dir: Path | None = None,
    ) -> AsyncIterator[Running]:
        feed = feed or FakeFeed()
        async with AsyncExitStack() as stack:
            parts = await stack.enter_async_context(
                bootstrap.service(
                    database_url=matching_database,
                    feed=feed,
                    contacts=contacts or FakeContacts(),
                    embedder=embedder or FakeEmbedder(),
                    snapshot_dir=snapshot_dir,
                )
            )
            channel: grpc.aio.Channel = await stack.enter_async_context(
                serve_for_test(parts.add_servicers, keys.verifier("matching"))
            )
            running = Running(
                stub=rpc.MatchingServiceStub(channel),
                engaging=engagement_rpc.EngagementServiceStub(channel),
                notices=notice_rpc.NoticeServiceStub(channel),
                feed=feed,
                parts=parts,
                keys=keys,
            )
            await running.caught_up()
            yield running

    return start


@pytest.fixture
async def matching(start_matching: Callable[..., Any]) -> AsyncIterator[Running]:
    """A running service with nobody in it."""
    async with start_matching() as running:
        yield running


@pytest.fixture
def sides(matching: Running) -> Sides:
    """Those who call it: HR, a mentor, their office."""
    return Sides(matching.call)


@pytest.fixture
async def person(matching: Running) -> Person:
    """Somebody in it with places for nine."""
    person = somebody(9)
    matching.feed.put(person)
    await matching.caught_up()
    return person
