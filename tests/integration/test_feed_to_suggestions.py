"""From a profile in talent to a suggestion of matching: both services on real ports, with real databases."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from yinling.matching.v1 import matching_pb2, matching_service_pb2, matching_service_pb2_grpc
from yinling.talent.v1 import talent_pb2, talent_service_pb2, talent_service_pb2_grpc

import yinling_matching.bootstrap
import yinling_talent.bootstrap
from yinling_common.client import open_channel
from yinling_common.identity import Identity, Role
from yinling_common.ports import free_port
from yinling_common.testing import CloneDatabase, Keys, serve_for_test
from yinling_matching.embedding import Embedder, load_embedder
from yinling_matching.embedding.fake import FakeEmbedder
from yinling_matching.engaging.contacts import TalentContacts
from yinling_matching.following.feed import TalentFeed

ADMIN = Identity("admin", Role.ADMIN)
SOON = 30.0
"""Seconds. It takes a part of one where nothing else runs; here others may be working too."""


@dataclass
class Suite:
    """Both services."""

    talent: Any
    matching: Any
    keys: Keys
    parts: yinling_matching.bootstrap.Service

    async def create(self, name: str, **fields: Any) -> talent_pb2.Profile:
        profile = talent_pb2.Profile(organisation="矿务局", name=name, **fields)
        profile.consent.granted = True
        return await self.talent.CreateProfile(
            talent_service_pb2.CreateProfileRequest(profile=profile), metadata=self.keys.metadata(ADMIN, "talent")
        )

    async def update(self, profile: talent_pb2.Profile, *paths: str) -> talent_pb2.Profile:
        return await self.talent.UpdateProfile(
            talent_service_pb2.UpdateProfileRequest(profile=profile, update_mask=FieldMask(paths=paths)),
            metadata=self.keys.metadata(ADMIN, "talent"),
        )

    async def suggest(self, title: str, min_revision: int = 0) -> list[str]:
        found = await self.matching.SuggestMentors(
            matching_service_pb2.SuggestMentorsRequest(
                mentoring_request=matching_pb2.MentoringRequest(organisation="煤业", title=title),
                min_revision=min_revision,
            ),
            metadata=self.keys.metadata(ADMIN, "matching"),
            timeout=60,
        )
        return [suggestion.name for suggestion in found.suggestions]

    async def status(self) -> matching_service_pb2.IndexStatusResponse:
        return await self.matching.IndexStatus(
            matching_service_pb2.IndexStatusRequest(), metadata=self.keys.metadata(ADMIN, "matching")
        )

    async def seconds_until(self, name: str, there: bool) -> float:
        """How long until a person is among the suggestions, or no longer."""
        started = perf_counter()
        while (name in await self.suggest("通风")) is not there:
            assert perf_counter() - started < 60
            await asyncio.sleep(0.01)
        return perf_counter() - started


@dataclass
class Databases:
    """Of a suite that is stopped and started again."""

    talent: str
    matching: str


@pytest.fixture
async def databases(clone_database: CloneDatabase) -> Databases:
    return Databases(
        await clone_database({"talent": yinling_talent.bootstrap.migration_files()}),
        await clone_database({"matching": yinling_matching.bootstrap.migration_files()}),
    )


@asynccontextmanager
async def suite(
    databases: Databases, keys: Keys, snapshots: Path, embedder: Embedder | None = None
) -> AsyncIterator[Suite]:
    async with AsyncExitStack() as stack:
        talent = await stack.enter_async_context(yinling_talent.bootstrap.service(databases.talent))
        # Set before the server stops: streams that are open would keep it for its grace.
        stack.callback(talent.bell.close)
        channel = await stack.enter_async_context(serve_for_test(talent.add_servicers, keys.verifier("talent")))
        parts = await stack.enter_async_context(
            yinling_matching.bootstrap.service(
                database_url=databases.matching,
                feed=TalentFeed(channel, keys.signer("matching")),
                contacts=TalentContacts(channel, keys.signer("matching")),
                embedder=embedder or FakeEmbedder(),
                snapshot_dir=snapshots,
            )
        )
        matching: grpc.aio.Channel = await stack.enter_async_context(
            serve_for_test(parts.add_servicers, keys.verifier("matching"))
        )
        async with asyncio.timeout(120):
            while not parts.progress.complete:  # noqa: ASYNC110 - the state of a service, not of this test
                await asyncio.sleep(0.01)
        yield Suite(
            talent_service_pb2_grpc.TalentServiceStub(channel),
            matching_service_pb2_grpc.MatchingServiceStub(matching),
            keys,
            parts,
        )


def set_aside(directory: Path) -> list[Path]:
    return list(directory.glob("catalogue.snapshot.bad-*"))


async def test_a_profile_comes_changes_and_goes(databases: Databases, keys: Keys, tmp_path: Path) -> None:
    async with suite(databases, keys, tmp_path) as running:
        assert await running.suggest("通风") == []
        profile = await running.create("王工", skills=["矿井通风"])
        assert await running.seconds_until("王工", there=True) < SOON

        profile.skills[:] = ["机电维修"]
        profile = await running.update(profile, "skills")
        started = perf_counter()
        while True:
            found = await running.matching.SuggestMentors(
                matching_service_pb2.SuggestMentorsRequest(
                    mentoring_request=matching_pb2.MentoringRequest(organisation="煤业", title="机电维修")
                ),
                metadata=keys.metadata(ADMIN, "matching"),
            )
            # The old facets are there until the new ones are: the person is never missing.
            assert [s.name for s in found.suggestions] == ["王工"]
            if found.suggestions[0].evidence[0].facet_text == "机电维修":
                break
            assert perf_counter() - started < SOON

        profile.consent.granted = False
        profile = await running.update(profile, "consent.granted")
        assert await running.seconds_until("王工", there=False) < SOON
        profile.consent.granted = True
        profile = await running.update(profile, "consent.granted")
        assert await running.seconds_until("王工", there=True) < SOON

        await running.talent.DeleteProfile(
            talent_service_pb2.DeleteProfileRequest(id=profile.id), metadata=keys.metadata(ADMIN, "talent")
        )
        assert await running.seconds_until("王工", there=False) < SOON
        assert (await running.status()).people == 0


async def test_read_your_own_write(databases: Databases, keys: Keys, tmp_path: Path) -> None:
    async with suite(databases, keys, tmp_path) as running:
        for number in range(10):
            profile = await running.create(f"王工{number}", skills=["矿井通风"])
            assert f"王工{number}" in await running.suggest("矿井通风", min_revision=profile.revision)


async def test_a_restart_embeds_nothing(databases: Databases, keys: Keys, tmp_path: Path) -> None:
    async with suite(databases, keys, tmp_path) as running:
        for number in range(20):
            profile = await running.create(f"王工{number}", skills=["矿井通风", f"绝活{number}"])
        before = await running.suggest("绝活7", min_revision=profile.revision)
        assert (await running.status()).texts_embedded > 20
    assert (tmp_path / "catalogue.snapshot").exists()
    async with suite(databases, keys, tmp_path) as running:
        status = await running.status()
        assert (status.people, status.revision, status.snapshot_revision) == (20, profile.revision, profile.revision)
        assert await running.suggest("绝活7") == before
        # Neither the people nor the request, which somebody else asked before.
        assert (await running.status()).texts_embedded == 0


@pytest.mark.parametrize("damage", ["cut off", "flipped", "foreign", "gone"])
async def test_a_bad_snapshot_is_set_aside_and_rebuilt(
    databases: Databases, keys: Keys, tmp_path: Path, damage: str
) -> None:
    async with suite(databases, keys, tmp_path) as running:
        profile = await running.create("王工", skills=["矿井通风"])
        await running.suggest("矿井通风", min_revision=profile.revision)
    file = tmp_path / "catalogue.snapshot"
    data = file.read_bytes()
    match damage:
        case "cut off":
            file.write_bytes(data[:-100])
        case "flipped":
            file.write_bytes(data[:-100] + bytes([data[-100] ^ 1]) + data[-99:])
        case "foreign":
            file.write_bytes(b"PK\x03\x04 a workbook, say")
        case "gone":
            file.unlink()
    async with suite(databases, keys, tmp_path) as running:
        assert await running.suggest("矿井通风", min_revision=profile.revision) == ["王工"]
        assert (await running.status()).texts_embedded == 0  # the table has them
        assert len(set_aside(tmp_path)) == (damage != "gone")


async def test_another_model_makes_another_index(databases: Databases, keys: Keys, tmp_path: Path) -> None:
    async with suite(databases, keys, tmp_path) as running:
        profile = await running.create("王工", skills=["矿井通风"])
        await running.suggest("矿井通风", min_revision=profile.revision)
    async with suite(databases, keys, tmp_path, FakeEmbedder(32)) as running:
        assert await running.suggest("矿井通风", min_revision=profile.revision) == ["王工"]
        status = await running.status()
        assert (status.dimensions, status.texts_embedded > 0) == (32, True)
        assert len(set_aside(tmp_path)) == 1


async def test_talent_comes_back(databases: Databases, keys: Keys) -> None:
    async with AsyncExitStack() as matching_stack:
        verifier = keys.verifier("talent")

        @asynccontextmanager
        async def talent_on(port: int) -> AsyncIterator[int]:
            from yinling_common.server import build_server

            async with yinling_talent.bootstrap.service(databases.talent) as talent:
                server = build_server(verifier, talent.add_servicers)
                bound = server.add_insecure_port(f"127.0.0.1:{port}")
                await server.start()
                try:
                    yield bound
                finally:
                    talent.bell.close()
                    await server.stop(None)

        async with talent_on(free_port()) as port:
            channel = await matching_stack.enter_async_context(open_channel(f"127.0.0.1:{port}"))
            parts = await matching_stack.enter_async_context(
                yinling_matching.bootstrap.service(
                    database_url=databases.matching,
                    feed=TalentFeed(channel, keys.signer("matching")),
                    contacts=TalentContacts(channel, keys.signer("matching")),
                    embedder=FakeEmbedder(),
                )
            )
            stub: Any = talent_service_pb2_grpc.TalentServiceStub(channel)

            async def create(name: str) -> int:
                profile = talent_pb2.Profile(organisation="矿务局", name=name, skills=["通风"])
                profile.consent.granted = True
                request = talent_service_pb2.CreateProfileRequest(profile=profile)
                created = await stub.CreateProfile(
                    request, metadata=keys.metadata(ADMIN, "talent"), wait_for_ready=True, timeout=60
                )
                return int(created.revision)

            assert await parts.progress.reached(await create("前"), 60)
        async with asyncio.timeout(60):
            while parts.progress.connected:  # noqa: ASYNC110 - the state of a service, not of this test
                await asyncio.sleep(0.01)
        async with talent_on(port):
            assert await parts.progress.reached(await create("后"), 60)
            assert len(parts.catalogue) == 2


@pytest.mark.model
async def test_with_the_real_model(databases: Databases, keys: Keys, tmp_path: Path) -> None:
    embedder = await asyncio.to_thread(load_embedder)
    try:
        async with suite(databases, keys, tmp_path, embedder) as running:
            await running.create("王工", skills=["矿井通风", "瓦斯治理"], last_position="通风科科长")
            await running.create("李工", skills=["高炉炼铁", "炉料配比"], last_position="炼铁厂厂长")
            last = await running.create("张会计", skills=["成本核算", "内部审计"], last_position="财务处处长")
            assert (await running.suggest("煤矿井下的空气怎么管好", min_revision=last.revision))[0] == "王工"
            assert (await running.suggest("blast furnace ironmaking"))[0] == "李工"
            assert (await running.suggest("internal audit of costs"))[0] == "张会计"

            warm = await running.create("赵工", skills=["矿井通风"])
            await running.suggest("通风", min_revision=warm.revision)
            profile = await running.create("孙工", skills=["矿井通风", "巷道支护"], bio="干了三十年通风。")
            assert await running.seconds_until("孙工", there=True) < SOON
            assert profile.revision <= (await running.status()).revision
        async with suite(databases, keys, tmp_path, embedder) as running:
            assert (await running.status()).texts_embedded == 0
    finally:
        embedder.close()
