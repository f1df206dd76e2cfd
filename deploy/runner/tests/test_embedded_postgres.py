import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from yinling_runner.layout import DataDirectory
from yinling_runner.postgres import Postgres
from yinling_runner.problems import Problem
from yinling_runner.supervisor import Supervisor


@pytest.fixture
def directory() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="yinling-test-"))  # not tmp_path: PostgreSQL's user could not enter it
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
async def supervisor() -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(lambda name, line: None)
    yield supervisor
    await supervisor.stop()


async def started(directory: Path, supervisor: Supervisor) -> Postgres:
    data = DataDirectory(directory)
    data.create()
    postgres = Postgres(data)
    postgres.prepare()
    await supervisor.start(postgres.program(quiet=True))
    await postgres.create_database()
    return postgres


async def value(postgres: Postgres, statement: str) -> object:
    async with await psycopg.AsyncConnection.connect(postgres.url(), autocommit=True) as connection:
        cursor = await connection.execute(statement.encode())
        row = await cursor.fetchone() if cursor.description else None
        return row[0] if row else None


async def test_data_survives_a_crash_and_a_restart(directory: Path, supervisor: Supervisor) -> None:
    postgres = await started(directory, supervisor)
    assert str(await value(postgres, "SHOW server_version")).startswith("18.")
    await value(postgres, "CREATE TABLE kept AS SELECT 42 AS number")

    os.kill(supervisor.pids()["postgres"], signal.SIGKILL)
    await supervisor.stop()
    again = await started(directory, supervisor)
    assert await value(again, "SELECT number FROM kept") == 42


async def test_chinese_sorts_alike_everywhere_and_no_port_is_open(directory: Path, supervisor: Supervisor) -> None:
    postgres = await started(directory, supervisor)
    assert await value(
        postgres, "SELECT string_agg(x, '' ORDER BY x) FROM unnest(ARRAY['b', 'B', '银', 'é', '龄']) AS x"
    ) == ("Bbé银龄")
    assert await value(postgres, "SHOW listen_addresses") == ""
    assert (directory / "postgres").stat().st_mode & 0o077 == 0
    assert (directory / "run").stat().st_mode & 0o077 == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="another user runs PostgreSQL only where we are root")
def test_a_directory_that_postgresql_cannot_enter_is_named(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    data = DataDirectory(closed / "data")
    data.create()
    with pytest.raises(Problem, match="who cannot enter") as caught:
        Postgres(data).prepare()
    assert "/var/lib/yinling" in caught.value.advice


@pytest.mark.skipif(os.geteuid() != 0, reason="another user runs PostgreSQL only where we are root")
async def test_programs_that_its_user_cannot_reach_are_copied(
    directory: Path, supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from yinling_runner import postgres as module

    package = module._programs().parents[1]
    closed = directory / "closed"
    closed.mkdir(mode=0o700)
    shutil.copytree(package / "pginstall18", closed / package.name / "pginstall18")
    shutil.copytree(package.with_name(package.name + ".libs"), closed / (package.name + ".libs"))
    monkeypatch.setattr(module, "_programs", lambda: closed / package.name / "pginstall18" / "bin")
    postgres = await started(directory / "data", supervisor)
    assert await value(postgres, "SELECT 1") == 1
    assert (directory / "data" / "postgres-programs").is_dir()
