"""The command itself: migrate, serve, stop."""

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

import grpc
import psycopg
import pytest
from yinling.talent.v1 import talent_service_pb2 as pb
from yinling.talent.v1 import talent_service_pb2_grpc

from yinling_common.client import open_channel
from yinling_common.identity import Identity, Role
from yinling_common.testing import CloneDatabase, Keys


async def command(*arguments: str, **settings: str) -> asyncio.subprocess.Process:
    env = {**os.environ, **{f"YINLING_TALENT_{name}": value for name, value in settings.items()}}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "yinling_talent", *arguments, env=env, stderr=asyncio.subprocess.PIPE
    )


async def output(process: asyncio.subprocess.Process) -> str:
    _, errors = await asyncio.wait_for(process.communicate(), 120)
    return errors.decode()


@pytest.mark.timeout(300)
async def test_migrate_serve_and_stop(
    clone_database: CloneDatabase, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = await clone_database({})
    url_file = tmp_path / "url"
    url_file.write_text(url + "\n")
    for expected in ("0001_profiles.sql", "applied=[]"):
        process = await command("migrate", DATABASE_URL_FILE=str(url_file))
        assert expected in await output(process)
        assert process.returncode == 0
    async with await psycopg.AsyncConnection.connect(url) as conn:
        assert await (await conn.execute("SELECT revision FROM talent.feed_head")).fetchone() == (0,)

    trusted = ",".join(f"{name}={keys.directory / name}.pub" for name in ("gateway", "matching"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    left = tmp_path / "yinling-roster-4194305-killed"  # no process has an id beyond the kernel's greatest
    left.mkdir()
    process = await command(
        "serve", DATABASE_URL=url, LISTEN="127.0.0.1:0", IDENTITY_TRUSTED=trusted, SHUTDOWN_GRACE="300"
    )
    assert process.stderr is not None
    while not (found := re.search(rb"server.started.*port=(\d+)", line := await process.stderr.readline())):
        assert line, "it ended"
    assert not left.exists()
    async with open_channel(f"127.0.0.1:{int(found[1])}") as channel:
        stub = talent_service_pb2_grpc.TalentServiceStub(channel)
        metadata = keys.metadata(Identity("a", Role.ADMIN), "talent")
        assert not (await stub.ListProfiles(pb.ListProfilesRequest(), metadata=metadata, timeout=60)).profiles
        watch = stub.WatchProfiles(
            pb.WatchProfilesRequest(), metadata=keys.metadata(Identity("m", Role.SERVICE), "talent", "matching")
        )
        await watch.read()
        process.send_signal(signal.SIGTERM)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            while True:
                await asyncio.wait_for(watch.read(), 60)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    # A follower does not hold up the end: well before the grace is over.
    assert "server.stopped" in (await asyncio.wait_for(process.communicate(), 60))[1].decode()
    assert process.returncode == 0


async def test_a_wrong_setting_is_named() -> None:
    process = await command("serve", DATABASE_URL="postgresql://x", ROSTER_MAX_MB="0")
    assert "YINLING_TALENT_ROSTER_MAX_MB" in await output(process)
    assert process.returncode == 2


async def test_a_database_that_is_away_ends_migrate_with_a_word() -> None:
    process = await command("migrate", DATABASE_URL="postgresql://postgres@127.0.0.1:1/x")
    assert "talent: " in (await output(process)).splitlines()[-1]
    assert process.returncode == 1
