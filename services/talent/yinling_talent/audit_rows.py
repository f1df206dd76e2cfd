"""The log of who read or changed whose data, in PostgreSQL."""

import datetime as dt
from collections.abc import Sequence

from psycopg.types.json import Jsonb

from yinling_common.database import Connection
from yinling_common.identity import Identity
from yinling_talent.audit import Entry

_COLUMNS = "time, subject, role, organisation, action, resource, resource_id, profile_id, fields"

_WRITE = f"""
    INSERT INTO audit_log ({_COLUMNS})
    SELECT {_COLUMNS} FROM ROWS FROM (
        jsonb_populate_recordset(NULL::audit_log, %s::jsonb)
    ) WITH ORDINALITY AS x (_number, {_COLUMNS}, _hour, place)
    ORDER BY place
"""  # noqa: S608 - our own names alone

_OF_PERSON = f"""
    SELECT number, {_COLUMNS} FROM audit_log
    WHERE profile_id = %s AND (%s::bigint IS NULL OR number < %s) ORDER BY number DESC LIMIT %s
"""  # noqa: S608 - likewise

# Waits for reads that are being written down; those that come later find nobody.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('talent.audit', 0))"
_ERASING = "SET LOCAL yinling.erasing = 'on'"
_NO_LONGER = "SET LOCAL yinling.erasing = 'off'"
_FORGET = """
    UPDATE audit_log SET profile_id = NULL, resource_id = '',
        subject = CASE WHEN role = 'retiree' THEN '' ELSE subject END
    WHERE profile_id = %s
"""


async def write(conn: Connection, entries: Sequence[Entry]) -> None:
    """Add entries, in their order."""
    if not entries:
        return
    rows = [
        {
            "time": entry.time.isoformat(),
            "subject": entry.subject,
            "role": entry.role,
            "organisation": entry.organisation,
            "action": entry.action,
            "resource": entry.resource,
            "resource_id": entry.resource_id,
            "profile_id": entry.profile_id or None,
            "fields": list(entry.fields),
        }
        for entry in entries
    ]
    await conn.execute(_WRITE, [Jsonb(rows)])


async def record_reads(conn: Connection, profile_ids: Sequence[str], by: Identity, now: dt.datetime) -> None:
    """See the function in the migration."""
    await conn.execute(
        "SELECT record_reads(%s::uuid[], %s, %s, %s, %s)",
        [list(profile_ids), by.subject, by.role.value, by.organisation, now],
    )


async def of_person(conn: Connection, profile_id: str, before: int | None, limit: int) -> list[Entry]:
    """What it says of a person, the newest first."""
    found = await conn.execute(_OF_PERSON, [profile_id, before, before, limit])
    return [
        Entry(**row | {"profile_id": str(row["profile_id"]), "fields": tuple(row["fields"])})
        for row in await found.fetchall()
    ]


async def forget(conn: Connection, profile_id: str) -> None:
    """Make what it says of a person anonymous."""
    for statement in (_LOCK, _ERASING):
        await conn.execute(statement)
    await conn.execute(_FORGET, [profile_id])
    await conn.execute(_NO_LONGER)
