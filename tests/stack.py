"""All three services in this process, over real gRPC, HTTP and PostgreSQL. Only the model is a fake."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2_grpc

import yinling_matching.bootstrap
import yinling_talent.bootstrap
from yinling_common.client import open_channel
from yinling_common.identity import Verifier
from yinling_common.server import build_server
from yinling_common.testing import CloneDatabase, Keys
from yinling_gateway.__main__ import migrations
from yinling_gateway.testing import Harness, gateway_settings, running_gateway
from yinling_matching.embedding.fake import FakeEmbedder
from yinling_matching.engaging.contacts import TalentContacts
from yinling_matching.following.feed import TalentFeed


@dataclass
class Stack:
    """A gateway and the services behind it.

    Attributes:
        talent_url: Its database; likewise the others.
        snapshot_dir: Where matching keeps its index.
    """

    gateway: Harness
    talent: yinling_talent.bootstrap.Service
    matching: yinling_matching.bootstrap.Service
    talent_url: str
    matching_url: str
    gateway_url: str
    snapshot_dir: Path


@asynccontextmanager
async def running_stack(
    clone_database: CloneDatabase,
    keys: Keys,
    directory: Path,
    **changes: Any,
) -> AsyncIterator[Stack]:
    """All of it, ready.

    Args:
        clone_database: Gives each service a database of its own.
        keys: Of the services.
        directory: For the index on disk.
        changes: Settings of the gateway that differ.
    """
    talent_url = await clone_database({"talent": yinling_talent.bootstrap.migration_files()})
    matching_url = await clone_database({"matching": yinling_matching.bootstrap.migration_files()})
    gateway_url = await clone_database({"gateway": migrations()})
    async with AsyncExitStack() as opened:
        talent = await opened.enter_async_context(yinling_talent.bootstrap.service(talent_url))
        opened.callback(talent.bell.close)
        talent_target = await opened.enter_async_context(_served(talent.add_servicers, keys.verifier("talent")))
        channel = await opened.enter_async_context(open_channel(talent_target))
        matching = await opened.enter_async_context(
            yinling_matching.bootstrap.service(
                database_url=matching_url,
                feed=TalentFeed(channel, keys.signer("matching")),
                contacts=TalentContacts(channel, keys.signer("matching")),
                embedder=FakeEmbedder(),
                snapshot_dir=directory,
            )
        )
        matching_target = await opened.enter_async_context(_served(matching.add_servicers, keys.verifier("matching")))
        settings = gateway_settings(
            gateway_url,
            keys.directory / "gateway.key",
            talent_target=talent_target,
            matching_target=matching_target,
            **changes,
        )
        running = await opened.enter_async_context(running_gateway(settings))
        async with running.client() as client, asyncio.timeout(120):
            while (await client.get("/readyz")).status_code != 200:  # noqa: ASYNC110 - the state of a service, not of this test
                await asyncio.sleep(0.1)
        yield Stack(running, talent, matching, talent_url, matching_url, gateway_url, directory)


@asynccontextmanager
async def _served(add_servicers: Callable[[grpc.aio.Server], None], verifier: Verifier) -> AsyncIterator[str]:
    """The service on a free port; yields its address."""
    server = build_server(verifier, add_servicers)
    health_pb2_grpc.add_HealthServicer_to_server(health.aio.HealthServicer(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)
