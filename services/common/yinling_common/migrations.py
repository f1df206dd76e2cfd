"""A small runner of plain SQL migrations: numbered files, each applied once, in order, in a transaction of its own."""

import re
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources.abc import Traversable

import psycopg
from psycopg import sql

from yinling_common.database import Connection, connect_options, translated_errors

_NAME = re.compile(r"^\d{4}_[a-z0-9_]+\.sql$")


class MigrationError(Exception):
    """The files and the database do not go together."""


@dataclass(frozen=True)
class Migration:
    """One file."""

    name: str
    statements: str

    @property
    def checksum(self) -> str:
        """SHA-256 of its text."""
        return sha256(self.statements.encode()).hexdigest()


def read(directory: Traversable) -> list[Migration]:
    """The migrations of a directory, in order."""
    files = sorted((f for f in directory.iterdir() if _NAME.match(f.name)), key=lambda f: f.name)
    return [Migration(f.name, f.read_text("utf-8")) for f in files]


async def migrate(url: str, schema: str, directory: Traversable) -> list[str]:
    """Bring a schema up to date; returns the names of what was applied.

    Several at once wait for each other. The files do not name the schema: it is the search path.

    Raises:
        MigrationError: An applied file was changed, or is missing here.
        DatabaseUnavailable: PostgreSQL is away.
    """
    with translated_errors():
        options = connect_options(schema)
        async with await psycopg.AsyncConnection.connect(url, **options) as conn:
            await conn.execute("SET statement_timeout = 0")
            await conn.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"yinling.migrate.{schema}"])
            if await _missing(conn, schema):  # CREATE IF NOT EXISTS would need the right to create
                await conn.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
            await conn.execute(
                "CREATE TABLE IF NOT EXISTS migrations ("
                " name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
            )
            todo = await _pending(conn, directory)
            for migration in todo:
                async with conn.transaction():
                    await conn.execute(migration.statements.encode())
                    await conn.execute(
                        "INSERT INTO migrations (name, checksum) VALUES (%s, %s)",
                        [migration.name, migration.checksum],
                    )
            return [migration.name for migration in todo]


async def _missing(conn: Connection, schema: str) -> bool:
    cursor = await conn.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [schema])
    return await cursor.fetchone() is None


async def _pending(conn: Connection, directory: Traversable) -> list[Migration]:
    files = read(directory)
    rows = await (await conn.execute("SELECT name, checksum FROM migrations ORDER BY name")).fetchall()
    applied = {row["name"]: row["checksum"] for row in rows}
    for migration in files:
        if applied.get(migration.name, migration.checksum) != migration.checksum:
            raise MigrationError(f"{migration.name} was changed after it was applied; restore it and add a new file")
    if unknown := applied.keys() - {m.name for m in files}:
        raise MigrationError(f"the database has {sorted(unknown)}, which this version does not know: it is newer")
    return [m for m in files if m.name not in applied]
