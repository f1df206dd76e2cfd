"""The service as a process of its own."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from yinling_common.testing import CloneDatabase, Keys
from yinling_matching import bootstrap
from yinling_matching.settings import SCHEMA

NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


async def start(*arguments: str, **settings: str) -> Process:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("YINLING_MATCHING_")}
    environment |= {f"YINLING_MATCHING_{name.upper()}": value for name, value in settings.items()}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "yinling_matching", *arguments, env=environment, stdout=PIPE, stderr=STDOUT
    )


async def finished(*arguments: str, **settings: str) -> tuple[int | None, str]:
    process = await start(*arguments, **settings)
    output, _ = await asyncio.wait_for(process.communicate(), 120)
    return process.returncode, output.decode()


async def test_migrate_brings_the_schema_up_to_date_once(clone_database: CloneDatabase) -> None:
    url = await clone_database({})
    code, output = await finished("migrate", database_url=url)
    assert (code, "0001_requests_and_embeddings.sql" in output) == (0, True)
    code, output = await finished("migrate", database_url=url)
    assert (code, "0001_requests_and_embeddings.sql" in output) == (0, False)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "database_url"),
        ({"database_url": "postgresql://x", "compute_threads": "many"}, "COMPUTE_THREADS"),
        ({"database_url": "postgresql://x"}, "identity_trusted"),
        ({"database_url": "postgresql://x", "identity_trusted": "gateway=/no/such.pub"}, "/no/such.pub"),
    ],
)
async def test_a_wrong_setting_is_named(settings: dict[str, str], said: str) -> None:
    code, output = await finished("serve", **settings)
    assert code not in {0, None}
    assert said in output
    assert "Traceback" not in output


async def test_migrate_says_that_the_database_is_away() -> None:
    code, output = await finished("migrate", database_url="postgresql://nobody@127.0.0.1:1/nothing")
    assert code == 1
    assert "matching: The database does not answer" in output


@pytest.mark.model
async def test_it_serves_until_it_is_told_to_stop(clone_database: CloneDatabase, keys: Keys, tmp_path: Path) -> None:
    url = await clone_database({SCHEMA: bootstrap.migration_files()})
    # Nobody listens where talent should: not ready, but alive.
    process = await start(
        "serve",
        database_url=url,
        listen="127.0.0.1:0",
        talent_target="127.0.0.1:1",
        identity_trusted=f"gateway={keys.directory / 'gateway.pub'}",
        identity_key_file=str(keys.directory / "matching.key"),
        snapshot_dir=str(tmp_path / "snapshots"),
    )
    try:
        port = await listening_on(process)
        async with asyncio.timeout(120), grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            health = health_pb2_grpc.HealthStub(channel)
            # Asked from the first moment on, so that it is asked again until the first look was taken.
            while (await health.Check(health_pb2.HealthCheckRequest())).status != NOT_SERVING:  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        output, _ = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 0
        assert "server.stopped" in output.decode()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def listening_on(process: Process) -> int:
    assert process.stdout is not None
    async with asyncio.timeout(120):
        async for line in process.stdout:
            if b"server.started" in line:
                return int(line.decode().split("port=")[1].split()[0])
    raise AssertionError("it ended before it listened")
