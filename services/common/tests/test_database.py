"""The database layer against a real PostgreSQL."""

import asyncio
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors as pg

from yinling_common.database import Database
from yinling_common.errors import DatabaseUnavailable
from yinling_common.migrations import MigrationError, migrate
from yinling_common.testing import CloneDatabase, PostgresServer


@pytest.fixture
def database_patience() -> None:
    """As in production: what is tested here is that nobody waits for it for ever."""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "0001_things.sql").write_text("CREATE TABLE things (id int PRIMARY KEY);")
    return tmp_path


async def test_transaction_commits_and_rolls_back(clone_database: CloneDatabase, directory: Path) -> None:
    url = await clone_database({"shop": directory})
    async with Database(url, schema="shop") as database:
        async with database.transaction() as conn:
            await conn.execute("INSERT INTO things VALUES (1)")
        with pytest.raises(RuntimeError):
            async with database.transaction() as conn:
                await conn.execute("INSERT INTO things VALUES (2)")
                raise RuntimeError
        with pytest.raises(pg.UniqueViolation):
            async with database.transaction() as conn:
                await conn.execute("INSERT INTO things VALUES (1)")
        async with database.connection() as conn:
            rows = await (await conn.execute("SELECT id FROM things")).fetchall()
    assert rows == [{"id": 1}]


async def test_a_server_that_is_away_is_told_in_time_and_healed_from(
    clone_database: CloneDatabase, directory: Path, postgres: PostgresServer
) -> None:
    url = await clone_database({"shop": directory})
    async with Database(url, schema="shop", max_size=2) as database:
        await database.ping()
        with psycopg.connect(postgres.admin_url, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE application_name = 'yinling-shop'"
            )
        await database.ping()  # the dead connection is not handed out
        async with database.connection() as conn:
            (row,) = await (await conn.execute("SELECT pg_backend_pid() AS pid")).fetchall()
            with psycopg.connect(postgres.admin_url, autocommit=True) as admin:
                admin.execute("SELECT pg_terminate_backend(%s, 30000)", [row["pid"]])
            with pytest.raises(psycopg.OperationalError):
                await conn.execute("SELECT 1")
        await database.ping()


async def test_a_server_without_room_for_a_look_is_not_taken_for_dead(
    clone_database: CloneDatabase, directory: Path, postgres: PostgresServer
) -> None:
    url = await clone_database({"shop": directory})
    role = f"narrow_{uuid4().hex}"
    with psycopg.connect(postgres.admin_url, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 1".encode())
    conninfo = psycopg.conninfo.make_conninfo(url, user=role)
    async with Database(conninfo, schema="shop", max_size=1) as database, database.transaction() as conn:
        with pytest.raises(psycopg.OperationalError, match="too many connections"):
            await psycopg.AsyncConnection.connect(conninfo)
        await conn.execute("SELECT pg_sleep(3)")  # longer than anybody is patient without a look


async def test_no_server_is_unavailable_without_a_hang() -> None:
    async with Database("postgresql://postgres@127.0.0.1:1/none", schema="shop") as database:
        async with asyncio.timeout(60):
            with pytest.raises(DatabaseUnavailable):
                async with database.transaction():
                    pytest.fail("there is nothing to connect to")


async def test_migrations_apply_once_and_in_order(clone_database: CloneDatabase, directory: Path) -> None:
    url = await clone_database({"shop": directory})
    assert await migrate(url, "shop", directory) == []
    (directory / "0002_more.sql").write_text("ALTER TABLE things ADD name text; INSERT INTO things VALUES (1, 'x');")
    both = await asyncio.gather(migrate(url, "shop", directory), migrate(url, "shop", directory))
    assert sorted(both) == [[], ["0002_more.sql"]]


async def test_a_changed_or_unknown_migration_is_refused(clone_database: CloneDatabase, directory: Path) -> None:
    url = await clone_database({"shop": directory})
    (directory / "0001_things.sql").write_text("CREATE TABLE others (id int);")
    with pytest.raises(MigrationError, match=r"0001_things\.sql was changed"):
        await migrate(url, "shop", directory)
    (directory / "0001_things.sql").unlink()
    with pytest.raises(MigrationError, match="newer"):
        await migrate(url, "shop", directory)


async def test_a_failing_migration_leaves_nothing(clone_database: CloneDatabase, directory: Path) -> None:
    url = await clone_database({"shop": directory})
    (directory / "0002_bad.sql").write_text("CREATE TABLE half (id int); SELECT 1 / 0;")
    with pytest.raises(pg.DivisionByZero):
        await migrate(url, "shop", directory)
    async with Database(url, schema="shop") as database, database.connection() as conn:
        row = await (await conn.execute("SELECT to_regclass('half') AS half")).fetchone()
    assert row == {"half": None}
