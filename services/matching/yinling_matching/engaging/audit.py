"""Who did what: written in the transaction of the step itself, and read as the history of a request."""

from dataclasses import fields
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from yinling_common.database import Connection
from yinling_common.identity import Identity, Role
from yinling_matching.domain import MentoringRequest
from yinling_matching.engaging.domain import Change, Step

OURSELVES = Identity("matching", Role.SERVICE)
"""Who does what nobody asked for."""

REQUEST = "mentoring_request"

_REQUEST = TypeAdapter(MentoringRequest)
_NO_CONTENT = {"id", "state", "create_time", "update_time", "etag"}
_CONTENT = {field.name for field in fields(MentoringRequest)} - _NO_CONTENT


async def record(conn: Connection, step: Step, now: datetime) -> None:
    """Write a step down."""
    await conn.execute(
        "INSERT INTO audit_log (time, subject, role, organisation, resource, resource_id, action, before, after,"
        " mentoring_request_id, profile_id, fields) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            now,
            step.by.subject,
            step.by.role.value,
            step.by.organisation,
            step.resource,
            step.resource_id,
            step.action,
            step.before,
            step.after,
            step.mentoring_request_id,
            step.profile_id or None,
            Jsonb(step.fields),
        ],
    )


async def changes(conn: Connection, request_id: str, before: int | None, limit: int) -> list[Change]:
    """What was done to a request, the newest first; only what came before a number, where one is given."""
    found = await conn.execute(
        "SELECT number, time, subject, role, action, fields FROM audit_log"
        " WHERE resource_id = %s AND resource = %s AND (%s::bigint IS NULL OR number < %s)"
        " ORDER BY number DESC LIMIT %s",
        [request_id, REQUEST, before, before, limit],
    )
    return [Change(**row) for row in await found.fetchall()]


def differences(before: MentoringRequest, after: MentoringRequest) -> dict[str, Any]:
    """The fields that differ, by name: [before, after] as JSON has them. States are told by the step itself."""
    old, new = (_REQUEST.dump_python(request, mode="json", include=_CONTENT) for request in (before, after))
    return {name: [old[name], new[name]] for name in sorted(_CONTENT) if getattr(before, name) != getattr(after, name)}
