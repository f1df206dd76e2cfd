"""What the tests of talent share: both stores, and the service on a real port with a stub to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import grpc
import pytest
from yinling.talent.v1 import talent_service_pb2_grpc

from yinling_common.database import Database
from yinling_common.identity import GATEWAY, Identity, Role
from yinling_common.testing import CloneDatabase, Keys, serve_for_test
from yinling_talent import bootstrap
from yinling_talent.repository import PostgresStore
from yinling_talent.settings import SCHEMA
from yinling_talent.storage import ProfileStore
from yinling_talent.testing import MemoryStore


@pytest.fixture
async def database_url(clone_database: CloneDatabase) -> str:
    return await clone_database({SCHEMA: bootstrap.migration_files()})


@pytest.fixture(params=["memory", "postgres"])
async def store(request: pytest.FixtureRequest, clone_database: CloneDatabase) -> AsyncIterator[ProfileStore]:
    if request.param == "memory":
        yield MemoryStore()
        return
    url = await clone_database({SCHEMA: bootstrap.migration_files()})
    async with Database(url, schema=SCHEMA, max_size=8) as database:
        yield PostgresStore(database)


@dataclass
class Client:
    """A stub, and the metadata of callers of every role."""

    stub: talent_service_pb2_grpc.TalentServiceAsyncStub
    channel: grpc.aio.Channel
    keys: Keys
    service: bootstrap.Service
    people: dict[str, Identity] = field(
        default_factory=lambda: {
            "admin": Identity("a", Role.ADMIN),
            "coordinator": Identity("c", Role.COORDINATOR, organisation="攀钢集团"),
            "stranger": Identity("d", Role.COORDINATOR, organisation="宝武集团"),
            "hr": Identity("h", Role.HR, organisation="鞍钢集团"),
            "service": Identity("matching", Role.SERVICE),
        }
    )

    def by(self, who: str, profile_id: str = "") -> tuple[tuple[str, str], ...]:
        """Metadata of a call by somebody; "retiree" with the id of their profile."""
        identity = Identity("r", Role.RETIREE, profile_id=profile_id) if who == "retiree" else self.people[who]
        return self.keys.metadata(identity, "talent", "matching" if who == "service" else GATEWAY)


@pytest.fixture
async def client(database_url: str, keys: Keys) -> AsyncIterator[Client]:
    async with (
        bootstrap.service(database_url) as service,
        serve_for_test(service.add_servicers, keys.verifier("talent")) as channel,
    ):
        yield Client(talent_service_pb2_grpc.TalentServiceStub(channel), channel, keys, service)
