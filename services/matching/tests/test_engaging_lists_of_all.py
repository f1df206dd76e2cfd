"""The lists of administrators over 100,000 rows: each page is read along an index, and nothing is sorted."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from yinling_common.database import Database, connect_options
from yinling_matching.engaging.tables import ENGAGEMENTS, INVITATIONS, OPT_INS, SESSIONS, Position, Table, Wanted

ROWS = 100_000
_COMMON = (
    "mentoring_request_id, organisation, profile_id, office, create_time, update_time, state, etag",
    "%(request)s, 'A', md5(mod(n, 9000)::text)::uuid, 'B', now() - n * interval '1 minute', now(), {state}, ''",
)
_FILL = {
    INVITATIONS: ("message, decline_reason, decline_words, closed_because, expire_time", "'', 0, '', 0, now()", "3"),
    OPT_INS: ("message, turn_down_reason, turn_down_words, closed_because", "'', 0, '', 0", "3"),
    ENGAGEMENTS: ("end_reason, end_words, end_time, opt_in_id", "0, '', now(), md5('o' || n)::uuid", "3"),
    SESSIONS: (
        "start_time, minutes, summary, next_step, place, logged_by, engagement_id",
        "now() - n * interval '1 minute', 60, '', '', '', 1, md5('e' || 1)::uuid",
        "2",
    ),
}


class Explaining:
    """Asks how a statement would be done in the place of doing it."""

    def __init__(self, conn: Any) -> None:
        self.conn, self.plan = conn, ""

    async def execute(self, query: bytes, values: Any) -> Any:
        rows = await (await self.conn.execute(b"EXPLAIN (ANALYZE, TIMING OFF) " + query, values)).fetchall()
        self.plan = "\n".join(row["QUERY PLAN"] for row in rows)
        return self

    async def fetchall(self) -> list[Any]:
        return []


@pytest.fixture
async def full(database: Database, matching_database: str) -> Database:
    async with await psycopg.AsyncConnection.connect(matching_database, **connect_options("matching")) as conn:
        await conn.execute("SET session_replication_role = replica")  # whom they belong to is not looked at
        for table, (names, values, state) in _FILL.items():
            common, filled = _COMMON
            await conn.execute(
                f"INSERT INTO {table.name} (id, {common}, {names})"  # noqa: S608 - names of ours
                f" SELECT md5('{table.name[0]}' || n)::uuid, {filled.format(state=state)}, {values}"
                f" FROM generate_series(1, {ROWS}) AS n".encode(),
                {"request": uuid4()},
            )
            await conn.execute(f"ANALYZE {table.name}".encode())
    return database


async def test_a_page_is_read_along_an_index(full: Database) -> None:
    table: Table[Any]
    after: Position = (datetime.now(UTC).replace(year=2026, month=10), str(uuid4()))
    for table in _FILL:
        for position in (None, after):
            async with full.connection() as conn:
                explaining: Any = Explaining(conn)
                await table.list(explaining, Wanted(), position, 201)
            assert f"{table.name}_by_time" in explaining.plan, explaining.plan
            assert "Sort" not in explaining.plan
            assert "Seq Scan" not in explaining.plan
