"""Import jobs in PostgreSQL."""

# ruff: noqa: S608 - every part of a query is a constant of this package; values are parameters

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from psycopg.types.json import Jsonb

from yinling_common.database import Database
from yinling_gateway.domain import ImportIssue, ImportJob, ImportResult, ImportState
from yinling_gateway.repository.accounts import is_uuid
from yinling_gateway.repository.once import NO_CALL, Call, forget_made, take

_COLUMNS = """
id, account_id, organisation, by_admin, filename, size, validate_only, state, rows_done, rows_total, issues, summary,
problem, annotated IS NOT NULL AS has_annotated, create_time, end_time
"""

_INSERT = f"""
INSERT INTO imports (id, account_id, organisation, by_admin, filename, size, validate_only, state)
VALUES (%(id)s, %(account_id)s, %(organisation)s, %(by_admin)s, %(filename)s, %(size)s, %(validate_only)s, 'running')
RETURNING {_COLUMNS}
"""

_LIST = f"""
SELECT {_COLUMNS} FROM imports
WHERE (%(organisation)s::text IS NULL OR (organisation = %(organisation)s AND NOT by_admin))
  AND (%(after_time)s::timestamptz IS NULL OR (create_time, id) < (%(after_time)s, %(after_id)s::uuid))
ORDER BY create_time DESC, id DESC LIMIT %(limit)s
"""

_PROGRESS = """
UPDATE imports SET rows_done = %(done)s, rows_total = %(total)s, heartbeat_time = now()
WHERE id = %(id)s AND state = 'running'
"""

_FINISH = """
UPDATE imports SET state = %(state)s, summary = %(summary)s, problem = %(problem)s, annotated = %(annotated)s,
    issues = %(issues)s, rows_done = %(rows_done)s, rows_total = %(rows_total)s, end_time = now()
WHERE id = %(id)s AND state = 'running'
"""

_INTERRUPT = """
UPDATE imports SET state = 'interrupted', end_time = now() WHERE state = 'running' AND heartbeat_time < now() - %s
"""

_ISSUE_COLUMNS = "number, severity, sheet, row_number, column_name, value, rule, reason, advice, message_en"


class ImportRepository:
    """Reads and writes import jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def insert(
        self,
        *,
        account_id: str,
        organisation: str,
        by_admin: bool,
        filename: str,
        size: int,
        validate_only: bool,
        call: Call = NO_CALL,
    ) -> ImportJob:
        """Start a job. Raises MadeBefore or InvalidField by the call."""
        values = {
            "id": (id_ := str(uuid4())),
            "account_id": account_id,
            "organisation": organisation,
            "by_admin": by_admin,
            "filename": filename,
            "size": size,
            "validate_only": validate_only,
        }
        async with self._database.transaction() as connection:
            await take(connection, call, id_)
            row = await (await connection.execute(_INSERT, values)).fetchone()
        assert row is not None  # noqa: S101 - INSERT ... RETURNING gives a row or raises
        return _to_job(row)

    async def get(self, import_id: str) -> ImportJob | None:
        """A job."""
        if not is_uuid(import_id):
            return None
        async with self._database.connection() as connection:
            query = f"SELECT {_COLUMNS} FROM imports WHERE id = %s"
            row = await (await connection.execute(query, [import_id])).fetchone()
        return _to_job(row) if row else None

    async def page(self, organisation: str | None, after: tuple[datetime, str] | None, limit: int) -> list[ImportJob]:
        """The newest jobs, of one organisation's own people or (None) of all."""
        after_time, after_id = after or (None, None)
        values = {"organisation": organisation, "after_time": after_time, "after_id": after_id, "limit": limit}
        async with self._database.connection() as connection:
            rows = await (await connection.execute(_LIST, values)).fetchall()
        return [_to_job(row) for row in rows]

    async def issues(self, import_id: str, after: int, limit: int) -> list[ImportIssue]:
        """Issues of a job after a number."""
        query = f"""
        SELECT {_ISSUE_COLUMNS} FROM import_issues WHERE import_id = %s AND number > %s ORDER BY number LIMIT %s
        """
        async with self._database.connection() as connection:
            rows = await (await connection.execute(query, [import_id, after, limit])).fetchall()
        return [ImportIssue(row=row.pop("row_number"), column=row.pop("column_name"), **row) for row in map(dict, rows)]

    async def refused(self, import_id: str, rows: Collection[tuple[str, int]]) -> set[tuple[str, int]]:
        """Which of these rows (sheet, number) have an error, wherever it stands in the list of issues."""
        query = """
        SELECT DISTINCT sheet, row_number FROM import_issues JOIN unnest(%s::text[], %s::int[]) AS asked (s, r)
            ON (s, r) = (sheet, row_number) WHERE import_id = %s AND severity = 'error'
        """
        values = [[sheet for sheet, _ in rows], [number for _, number in rows], import_id]
        async with self._database.connection() as connection:
            found = await (await connection.execute(query, values)).fetchall()
        return {(row["sheet"], row["row_number"]) for row in found}

    async def annotated(self, import_id: str) -> bytes | None:
        """The annotated copy of a job's workbook."""
        async with self._database.connection() as connection:
            query = "SELECT annotated FROM imports WHERE id = %s"
            row = await (await connection.execute(query, [import_id])).fetchone()
        return bytes(row["annotated"]) if row and row["annotated"] is not None else None

    async def progress(self, import_id: str, done: int, total: int) -> bool:
        """Note how far a job is, which also says that it lives. False where it no longer counts as running."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(_PROGRESS, {"id": import_id, "done": done, "total": total})
        return cursor.rowcount == 1

    async def finish(self, import_id: str, result: ImportResult) -> None:
        """Write how a job ended, all at once."""
        values = {
            "id": import_id,
            "state": result.state.value,
            "summary": Jsonb(result.summary) if result.summary is not None else None,
            "problem": Jsonb(result.problem) if result.problem is not None else None,
            "annotated": result.annotated or None,
            "issues": len(result.issues),
            "rows_done": result.rows_done,
            "rows_total": result.rows_total,
        }
        async with self._database.transaction() as connection:
            if (await connection.execute(_FINISH, values)).rowcount == 0 or not result.issues:
                return
            async with connection.cursor() as cursor:
                copy_sql = f"COPY import_issues (import_id, {_ISSUE_COLUMNS}) FROM STDIN"
                async with cursor.copy(copy_sql) as copy:
                    for issue in result.issues:
                        await copy.write_row([import_id, *vars(issue).values()])

    async def delete(self, import_id: str) -> None:
        """Forget a job, and the call that made it."""
        async with self._database.transaction() as connection:
            await forget_made(connection, [import_id])
            await connection.execute("DELETE FROM imports WHERE id = %s", [import_id])

    async def interrupt_silent(self, silence: timedelta) -> int:
        """Mark running jobs whose gateway has said nothing for so long; answers how many."""
        async with self._database.transaction() as connection:
            return (await connection.execute(_INTERRUPT, [silence])).rowcount

    async def purge(self, age: timedelta) -> None:
        """Delete issues and annotated copies of old jobs; their line in the list stays."""
        async with self._database.transaction() as connection:
            old = "state <> 'running' AND end_time < now() - %s"
            query = f"DELETE FROM import_issues USING imports WHERE id = import_id AND {old}"
            await connection.execute(query, [age])
            await connection.execute(
                f"UPDATE imports SET annotated = NULL WHERE annotated IS NOT NULL AND {old}", [age]
            )


def _to_job(row: dict[str, Any]) -> ImportJob:
    return ImportJob(
        **{
            **row,
            "id": str(row["id"]),
            "account_id": str(row["account_id"] or ""),
            "state": ImportState(row["state"]),
        }
    )
