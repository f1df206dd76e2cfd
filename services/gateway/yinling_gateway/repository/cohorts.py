"""Cohorts in PostgreSQL."""

# ruff: noqa: S608 - every part of a query is a constant of this package; values are parameters

from datetime import timedelta
from typing import Any

from psycopg.types.json import Jsonb

from yinling_common.database import Database
from yinling_gateway.domain import Cohort, CohortLine, CohortState
from yinling_gateway.repository.accounts import is_uuid

_COLUMNS = "id, organisation, state, lines, left_out, request, response, problem, create_time, end_time"

_INSERT = """
INSERT INTO cohorts (account_id, organisation, state, lines, left_out, request)
VALUES (%(account_id)s, %(organisation)s, 'running', %(lines)s, %(left_out)s, %(request)s)
RETURNING id
"""

_LIST = f"""
SELECT {_COLUMNS.replace("request, response", "''::bytea AS request, NULL::bytea AS response")} FROM cohorts
WHERE organisation = %s ORDER BY create_time DESC, id DESC LIMIT %s
"""

_FINISH = """
UPDATE cohorts SET state = %(state)s, response = %(response)s, problem = %(problem)s, end_time = now()
WHERE id = %(id)s AND state = 'running'
"""

_INTERRUPT = """
UPDATE cohorts SET state = 'interrupted', end_time = now() WHERE state = 'running' AND heartbeat_time < now() - %s
"""


class CohortRepository:
    """Reads and writes cohorts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def insert(
        self, *, account_id: str, organisation: str, lines: list[CohortLine], left_out: list[str], request: bytes
    ) -> str:
        """Keep one that is to be matched; answers its id."""
        values = {
            "account_id": account_id,
            "organisation": organisation,
            "lines": Jsonb([vars(line) for line in lines]),
            "left_out": Jsonb(left_out),
            "request": request,
        }
        async with self._database.transaction() as connection:
            row = await (await connection.execute(_INSERT, values)).fetchone()
        assert row is not None  # noqa: S101 - INSERT ... RETURNING gives a row or raises
        return str(row["id"])

    async def get(self, cohort_id: str) -> Cohort | None:
        """One cohort with everything."""
        if not is_uuid(cohort_id):
            return None
        async with self._database.connection() as connection:
            query = f"SELECT {_COLUMNS} FROM cohorts WHERE id = %s"
            row = await (await connection.execute(query, [cohort_id])).fetchone()
        return _to_cohort(row) if row else None

    async def latest(self, organisation: str, limit: int) -> list[Cohort]:
        """The newest of an organisation, without requests and answers."""
        async with self._database.connection() as connection:
            rows = await (await connection.execute(_LIST, [organisation, limit])).fetchall()
        return [_to_cohort(row) for row in rows]

    async def beat(self, cohort_id: str) -> None:
        """Note that somebody still works on it."""
        async with self._database.connection() as connection:
            await connection.execute("UPDATE cohorts SET heartbeat_time = now() WHERE id = %s", [cohort_id])

    async def finish(
        self,
        cohort_id: str,
        state: CohortState,
        *,
        response: bytes | None = None,
        problem: dict[str, str] | None = None,
    ) -> None:
        """Write how it ended."""
        values = {
            "id": cohort_id,
            "state": state.value,
            "response": response,
            "problem": Jsonb(problem) if problem is not None else None,
        }
        async with self._database.transaction() as connection:
            await connection.execute(_FINISH, values)

    async def interrupt_silent(self, silence: timedelta) -> int:
        """Mark running ones whose gateway has said nothing for so long; answers how many."""
        async with self._database.transaction() as connection:
            return (await connection.execute(_INTERRUPT, [silence])).rowcount

    async def purge(self, age: timedelta) -> None:
        """Delete what is old."""
        async with self._database.transaction() as connection:
            await connection.execute("DELETE FROM cohorts WHERE end_time < now() - %s", [age])


def _to_cohort(row: dict[str, Any]) -> Cohort:
    return Cohort(
        **{
            **row,
            "id": str(row["id"]),
            "state": CohortState(row["state"]),
            "lines": [CohortLine(**line) for line in row["lines"]],
            "request": bytes(row["request"]),
            "response": bytes(row["response"]) if row["response"] is not None else None,
        }
    )
