"""The same call sent twice: it is done once, and answered the same both times."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, TypeVar

from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from yinling_common.database import Connection, Database
from yinling_common.errors import InvalidField, Violation
from yinling_common.identity import Identity
from yinling_matching.domain import MentoringRequest
from yinling_matching.engaging.domain import Engagement, Invitation, OptIn

KEPT = timedelta(days=7)
"""For so long a key is remembered."""

T = TypeVar("T")

INVITATION = TypeAdapter(Invitation)
SEVERAL_INVITATIONS = TypeAdapter(list[Invitation])
OPT_IN = TypeAdapter(OptIn)
ENGAGEMENT = TypeAdapter(Engagement)
REQUEST = TypeAdapter(MentoringRequest)


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it can be recognised.

    Attributes:
        method: Its name.
        key: A UUID that the caller chose; empty for none.
        body: SHA-256 of what was asked.
        etag: Of what the caller read; empty where it is done whatever was changed since.
    """

    method: str
    key: str = ""
    body: bytes = b""
    etag: str = ""


NO_CALL = Call("")
"""One that is not recognised: it is done each time."""


def check_same(call: Call, method: str, body: bytes) -> None:
    """Raise InvalidField where a call's key was taken by one of another method or with other content."""
    if (method, body) != (call.method, call.body):
        message = "was used for another call; take a new UUID for each"
        raise InvalidField([Violation("request_id", "request_id.reused", message)])


async def taken_before(conn: Connection, call: Call, by: Identity, now: datetime) -> Any:  # noqa: ANN401 - JSON
    """Take a call's key; what was answered before as JSON, or None where the call is new.

    Of two at once with one key the second waits here for the end of the first's transaction, and holds nothing. An
    account that acts for others by now is not told what it was answered before.

    Raises:
        InvalidField: The key was taken by another call.
    """
    if not call.key:
        return None
    acting = json.dumps([by.role, by.organisation, by.profile_id.lower()]).encode()
    body = sha256(call.body + acting).digest()
    taken = await conn.execute(
        "INSERT INTO idempotency_keys (subject, key, method, body, create_time) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        [by.subject, call.key, call.method, body, now],
    )
    if taken.rowcount:
        return None
    query = "SELECT method, body, reply FROM idempotency_keys WHERE subject = %s AND key = %s"
    row = await (await conn.execute(query, [by.subject, call.key])).fetchone()
    if row is None:
        raise RuntimeError("a row of idempotency_keys vanished")
    check_same(replace(call, body=body), row["method"], bytes(row["body"]))
    return row["reply"]


async def answered(conn: Connection, call: Call, by: Identity, reply: T, adapter: TypeAdapter[T]) -> None:
    """Keep what a new call is answered."""
    if call.key:
        await conn.execute(
            "UPDATE idempotency_keys SET reply = %s WHERE subject = %s AND key = %s",
            [Jsonb(adapter.dump_python(reply, mode="json")), by.subject, call.key],
        )


async def forget_old(database: Database, now: datetime) -> int:
    """Delete keys that are too old to be used; returns how many."""
    async with database.transaction() as conn:
        return (await conn.execute("DELETE FROM idempotency_keys WHERE create_time < %s", [now - KEPT])).rowcount
