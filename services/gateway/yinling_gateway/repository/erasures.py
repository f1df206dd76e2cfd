"""Erasures in PostgreSQL, and what an erasure takes out of the gateway's own tables."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from psycopg.types.json import Jsonb

from yinling_common import text
from yinling_common.database import Connection, Database
from yinling_common.identity import Role
from yinling_gateway.repository.accounts import is_uuid
from yinling_gateway.repository.notices import forget_person
from yinling_gateway.repository.once import forget_made


class ErasureStep(StrEnum):
    """What is to be done next."""

    TALENT = "talent"
    MATCHING = "matching"
    GATEWAY = "gateway"
    SETTLE = "settle"
    DONE = "done"


@dataclass(frozen=True)
class Erasure:
    """Somebody who is to be erased, or was.

    Attributes:
        profile_id: Empty when it is done.
        words: By which they are found in texts; none when it is done.
        create_time: The day alone when it is done.
    """

    id: str
    step: ErasureStep
    asked_by: Role
    profile_id: str
    organisation: str
    words: Sequence[str]
    attempts: int
    create_time: datetime


WithoutPerson = Callable[[bytes, bytes | None, str], tuple[bytes, bytes | None]]
"""Takes a person out of a cohort's request and response."""

_COLUMNS = "id, step, asked_by, profile_id, organisation, words, attempts, create_time"

_ASK = f"""
INSERT INTO erasures (asked_by, profile_id, organisation, words) VALUES (%s, %s, %s, %s)
ON CONFLICT (profile_id) DO UPDATE SET profile_id = excluded.profile_id RETURNING {_COLUMNS}
"""  # noqa: S608 - constants of this module, here and below

_CLAIM = f"""
UPDATE erasures SET lease_until = now() + %s WHERE id = (
    SELECT id FROM erasures WHERE step <> 'done' AND due_time <= now() AND lease_until <= now()
    ORDER BY due_time LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING {_COLUMNS}
"""  # noqa: S608

_NEXT_DUE = """
SELECT extract(epoch FROM min(greatest(due_time, lease_until)) - now())::float AS seconds
FROM erasures WHERE step <> 'done'
"""

_ADVANCE = """
UPDATE erasures SET step = %(step)s, due_time = now() + %(wait)s, lease_until = '-infinity', attempts = 0,
    last_error = ''
WHERE id = %(id)s AND step <> 'done'
"""

_PUT_OFF = """
UPDATE erasures SET due_time = now() + %(wait)s, lease_until = '-infinity', attempts = attempts + 1,
    last_error = %(error)s
WHERE id = %(id)s AND step <> 'done'
"""

_FINISH = """
UPDATE erasures SET step = 'done', profile_id = NULL, organisation = '', words = '{}', attempts = 0, last_error = '',
    lease_until = '-infinity', due_time = date_trunc('day', due_time), create_time = date_trunc('day', create_time)
WHERE id = %s AND step <> 'done'
"""

# Of whoever could read a row of theirs: their office's imports, and those of administrators, which may hold anybody.
_THEIR_IMPORTS = "(organisation = %(organisation)s OR by_admin)"
_ISSUES = f"DELETE FROM import_issues USING imports WHERE id = import_id AND {_THEIR_IMPORTS}"  # noqa: S608
_COPIES = f"UPDATE imports SET annotated = NULL WHERE annotated IS NOT NULL AND {_THEIR_IMPORTS}"  # noqa: S608
_NAMED = f"""
UPDATE imports SET filename = '-', summary = summary || '{{"annotated_filename": ""}}',
    problem = problem - 'message' - 'violations'
WHERE {_THEIR_IMPORTS} AND EXISTS (
    SELECT FROM unnest(%(words)s::text[]) AS word
    WHERE strpos(filename || coalesce(summary::text, '') || coalesce(problem::text, ''), word) > 0
)
"""  # noqa: S608

_COHORTS = """
SELECT id, request, response, lines, left_out FROM cohorts WHERE position(%(id)s::bytea IN request) > 0
    OR position(%(id)s::bytea IN coalesce(response, '')) > 0 OR strpos(lines::text || left_out::text, %(text)s) > 0
ORDER BY id FOR UPDATE
"""
_COHORT = """
UPDATE cohorts SET request = %(request)s, response = %(response)s, lines = %(lines)s, left_out = %(left_out)s
WHERE id = %(id)s
"""

_OF_PERSON = "lower(profile_id) = %s"
_VACUUM = (
    "accounts", "api_keys", "cohorts", "deliveries", "erasures", "idempotency_keys", "import_issues", "imports",
    "notice_events", "notices", "notice_preferences", "sessions",
)  # fmt: skip


class ErasureRepository:
    """Reads and writes erasures."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ask(self, asked_by: Role, profile_id: str, organisation: str, words: Sequence[str]) -> Erasure:
        """Write down that somebody is to be erased; the same erasure where that was asked already."""
        values = [asked_by.value, profile_id.lower(), organisation, list(words)]
        async with self._database.transaction() as connection:
            row = await (await connection.execute(_ASK, values)).fetchone()
        assert row is not None  # noqa: S101 - INSERT ... RETURNING gives a row or raises
        return _to_erasure(row)

    async def get(self, erasure_id: str) -> Erasure | None:
        """One by its id."""
        return await self._one("id = %s", erasure_id) if is_uuid(erasure_id) else None

    async def of_person(self, profile_id: str) -> Erasure | None:
        """The one of a person that is not done."""
        return await self._one("profile_id = %s", profile_id.lower())

    async def claim(self, lease: timedelta) -> Erasure | None:
        """Take one that is due; for a while it is nobody else's."""
        async with self._database.transaction() as connection:
            row = await (await connection.execute(_CLAIM, [lease])).fetchone()
        return _to_erasure(row) if row else None

    async def seconds_to_next(self) -> float | None:
        """Seconds until one is due; None where none is waiting."""
        async with self._database.connection() as connection:
            row = await (await connection.execute(_NEXT_DUE)).fetchone()
        return row["seconds"] if row else None

    async def advance(self, erasure_id: str, step: ErasureStep, wait: timedelta = timedelta()) -> None:
        """A step is done: the next one, after a while."""
        async with self._database.transaction() as connection:
            await connection.execute(_ADVANCE, {"id": erasure_id, "step": step.value, "wait": wait})

    async def put_off(self, erasure_id: str, error: str, wait: timedelta) -> None:
        """A step failed: again after a while. `error` is the name of a reason."""
        async with self._database.transaction() as connection:
            await connection.execute(_PUT_OFF, {"id": erasure_id, "error": error, "wait": wait})

    async def finish(self, erasure_id: str) -> None:
        """All is done: only the day and who asked for it stay."""
        async with self._database.transaction() as connection:
            await connection.execute(_FINISH, [erasure_id])

    async def forget(self, erasure: Erasure, without_person: WithoutPerson) -> None:
        """Take a person out of every table here; done again it does nothing."""
        async with self._database.transaction() as connection:
            # The account first, as where a notice is kept: in another order each could wait for the other.
            await _forget_account(connection, erasure.profile_id)
            await forget_person(connection, erasure.profile_id)
            words = [erasure.profile_id, *erasure.words]
            values = {"organisation": erasure.organisation, "words": words}
            for statement in (_ISSUES, _COPIES, _NAMED):
                await connection.execute(statement.encode(), values)
            await _forget_in_cohorts(connection, erasure, without_person)

    async def vacuum(self) -> None:
        """Give the room of deleted rows back at once, where nobody is at the table."""
        async with self._database.connection() as connection:
            await connection.execute(f"VACUUM (SKIP_LOCKED) {', '.join(_VACUUM)}".encode())

    async def _one(self, condition: str, value: str) -> Erasure | None:
        async with self._database.connection() as connection:
            query = f"SELECT {_COLUMNS} FROM erasures WHERE {condition}"  # noqa: S608
            row = await (await connection.execute(query.encode(), [value])).fetchone()
        return _to_erasure(row) if row else None


async def _forget_account(connection: Connection, profile_id: str) -> None:
    """With the account its sessions, keys and notices go. An account of another role loses the person alone."""
    found = await connection.execute(
        f"DELETE FROM accounts WHERE {_OF_PERSON} AND role = 'retiree' RETURNING id, username",  # noqa: S608
        [profile_id],
    )
    accounts = await found.fetchall()
    await forget_made(connection, [str(row["id"]) for row in accounts])  # their own keys went with them
    keys = [f"account:{text.fold(row['username'])}" for row in accounts]
    await connection.execute("DELETE FROM sign_in_failures WHERE key = ANY(%s)", [keys])
    await connection.execute(f"UPDATE accounts SET profile_id = '' WHERE {_OF_PERSON}", [profile_id])  # noqa: S608


async def _forget_in_cohorts(connection: Connection, erasure: Erasure, without_person: WithoutPerson) -> None:
    found = await connection.execute(_COHORTS, {"id": erasure.profile_id.encode(), "text": erasure.profile_id})
    for row in await found.fetchall():
        response = bytes(row["response"]) if row["response"] is not None else None
        request, response = without_person(bytes(row["request"]), response, erasure.profile_id)
        values: dict[str, Any] = {"id": row["id"], "request": request, "response": response}
        for name in ("lines", "left_out"):
            values[name] = Jsonb(_without(row[name], [erasure.profile_id, *erasure.words]))
        await connection.execute(_COHORT, values)


def _without(value: Any, words: Sequence[str]) -> Any:  # noqa: ANN401 - JSON
    """JSON with words taken out of its texts."""
    if isinstance(value, str):
        for word in words:
            value = value.replace(word, "…")
        return value
    if isinstance(value, list):
        return [_without(item, words) for item in value]
    if isinstance(value, dict):
        return {key: _without(item, words) for key, item in value.items()}
    return value


def _to_erasure(row: dict[str, Any]) -> Erasure:
    return Erasure(
        **{
            **row,
            "id": str(row["id"]),
            "step": ErasureStep(row["step"]),
            "asked_by": Role(row["asked_by"]),
            "profile_id": row["profile_id"] or "",
        }
    )
