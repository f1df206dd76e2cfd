"""Webhooks and the calls of them that are to be made, in PostgreSQL."""

# ruff: noqa: S608 - every part of a query is a constant of this package; values are parameters

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from psycopg import sql

from yinling_common.database import Database
from yinling_common.errors import StaleEtag, WrongState
from yinling_gateway.notices.domain import Audience, Call, Outcome, Webhook
from yinling_gateway.repository import once
from yinling_gateway.repository.accounts import is_uuid
from yinling_gateway.repository.notices import EVENT_COLUMNS, to_event

_COLUMNS = "id, organisation, audience, url, kinds, active, etag, create_time, update_time"

_INSERT = f"""
INSERT INTO webhooks (id, organisation, audience, url, secret, kinds, etag)
VALUES (%(id)s, %(organisation)s, %(audience)s, %(url)s, %(secret)s, %(kinds)s, %(etag)s)
RETURNING {_COLUMNS}
"""

_LIST = f"""
SELECT {_COLUMNS} FROM webhooks
WHERE (%(organisation)s = '' OR organisation = %(organisation)s)
    AND (%(audience)s::smallint IS NULL OR audience = %(audience)s)
    AND (%(after_time)s::timestamptz IS NULL OR (create_time, id) > (%(after_time)s, %(after_id)s::uuid))
ORDER BY create_time, id LIMIT %(limit)s
"""

_DROP = """
UPDATE deliveries SET state = 'dropped', end_time = now() WHERE webhook_id = %s AND state = 'waiting'
"""

_CLAIM = f"""
WITH free AS (
    SELECT id FROM deliveries
    WHERE channel = 'webhook' AND state = 'waiting' AND due_time <= %(now)s AND lease_until <= %(now)s
    ORDER BY due_time, create_time, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
UPDATE deliveries d SET lease_until = %(lease_until)s, attempts = attempts + 1
FROM free, webhooks w, notice_events e
WHERE d.id = free.id AND w.id = d.webhook_id AND e.id = d.event_id
RETURNING d.id, d.webhook_id, d.attempts, d.create_time AS waiting_since, w.url, w.secret, e.id AS event_id,
    {EVENT_COLUMNS}
"""

_FINISH = """
UPDATE deliveries SET state = %(state)s, end_time = %(end_time)s, due_time = %(due)s, lease_until = '-infinity',
    last_error = %(error)s
WHERE id = %(id)s AND state = 'waiting'
"""


class WebhookRepository:
    """Reads and writes webhooks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def insert(
        self,
        *,
        organisation: str,
        audience: Audience,
        url: str,
        secret: str,
        kinds: list[int],
        etag: str,
        most: int,
        call: once.Call = once.NO_CALL,
    ) -> Webhook:
        """Keep a new one.

        Raises:
            WrongState: The organisation has as many as it may, which is `most`.
            MadeBefore: The call has made it.
            InvalidField: Another call has the key.
        """
        values = {
            "id": (id_ := str(uuid4())),
            "organisation": organisation,
            "audience": audience.value,
            "url": url,
            "secret": secret,
            "kinds": kinds,
            "etag": etag,
        }
        async with self._database.transaction() as connection:
            await once.take(connection, call, id_)
            # One after the other for an organisation, or two at once would both be the last that it may have.
            await connection.execute("SELECT pg_advisory_xact_lock(hashtext('webhooks'), hashtext(%s))", [organisation])
            count = "SELECT count(*) AS count FROM webhooks WHERE organisation = %s"
            there = await (await connection.execute(count, [organisation])).fetchone()
            if there and there["count"] >= most:
                raise WrongState("full", f"fewer than {most} webhooks of the organisation")
            row = await (await connection.execute(_INSERT, values)).fetchone()
        assert row is not None  # noqa: S101 - INSERT ... RETURNING gives a row or raises
        return _to_webhook(row)

    async def get(self, webhook_id: str) -> tuple[Webhook, str] | None:
        """One, and its secret."""
        if not is_uuid(webhook_id):
            return None
        async with self._database.connection() as connection:
            query = f"SELECT {_COLUMNS}, secret FROM webhooks WHERE id = %s"
            row = await (await connection.execute(query, [webhook_id])).fetchone()
        return (_to_webhook(row), row["secret"]) if row else None

    async def page(
        self, organisation: str, audience: Audience | None, after: tuple[datetime, str] | None, limit: int
    ) -> list[Webhook]:
        """Those of an organisation, or of all where it is empty, in the order in which they were made."""
        after_time, after_id = after or (None, None)
        values = {
            "organisation": organisation,
            "audience": audience.value if audience else None,
            "after_time": after_time,
            "after_id": after_id,
            "limit": limit,
        }
        async with self._database.connection() as connection:
            rows = await (await connection.execute(_LIST, values)).fetchall()
        return [_to_webhook(row) for row in rows]

    async def update(
        self, webhook_id: str, changes: dict[str, object], *, expected: str, call: once.Call = once.NO_CALL
    ) -> Webhook | None:
        """Set columns of one; None where there is none. What waits for one that is inactive is dropped.

        Raises:
            StaleEtag: Another etag than the expected holds.
            MadeBefore: The call has done it.
            InvalidField: Another call has the key.
        """
        assignments: list[sql.Composable] = [
            sql.SQL("{} = {}").format(sql.Identifier(c), sql.Placeholder(c)) for c in sorted(changes)
        ]
        assignments.append(sql.SQL("update_time = now()"))
        query = sql.SQL("UPDATE webhooks SET {} WHERE id = %(id)s RETURNING {}").format(
            sql.SQL(", ").join(assignments), sql.SQL(_COLUMNS)
        )
        async with self._database.transaction() as connection:
            await once.take(connection, call, webhook_id)
            locked = "SELECT etag FROM webhooks WHERE id = %s FOR UPDATE"
            row = await (await connection.execute(locked, [webhook_id])).fetchone()
            if row is None:
                return None
            if expected and row["etag"] != expected:
                raise StaleEtag
            row = await (await connection.execute(query, {**changes, "id": webhook_id})).fetchone()
            if changes.get("active") is False:
                await connection.execute(_DROP, [webhook_id])
        return _to_webhook(row) if row else None

    async def delete(self, webhook_id: str, *, expected: str = "") -> bool:
        """Delete one with its deliveries. Whether there was one, and one whose etag is as expected; empty for any."""
        query = "DELETE FROM webhooks WHERE id = %(id)s AND %(expected)s IN ('', etag)"
        async with self._database.transaction() as connection:
            return (await connection.execute(query, {"id": webhook_id, "expected": expected})).rowcount == 1

    async def claim(self, now: datetime, lease: timedelta, limit: int) -> list[Call]:
        """Take calls that are due; for a while they are nobody else's."""
        values = {"now": now, "lease_until": now + lease, "limit": limit}
        async with self._database.transaction() as connection:
            rows = await (await connection.execute(_CLAIM, values)).fetchall()
        return [_to_call(row) for row in rows]

    async def finish(
        self, call: Call, outcome: Outcome, now: datetime, *, due: datetime, given_up: bool = False
    ) -> None:
        """Write what became of a try; see `MailRepository.finish`."""
        ended = outcome.sent or given_up
        state = "sent" if outcome.sent else "given_up" if given_up else "waiting"
        values = {
            "id": call.delivery_id,
            "state": state,
            "end_time": now if ended else None,
            "due": due,
            "error": outcome.error[:500],
        }
        async with self._database.transaction() as connection:
            await connection.execute(_FINISH, values)


def _to_webhook(row: dict[str, Any]) -> Webhook:
    return Webhook(
        id=str(row["id"]),
        organisation=row["organisation"],
        audience=Audience(row["audience"]),
        url=row["url"],
        kinds=list(row["kinds"]),
        active=row["active"],
        etag=row["etag"],
        create_time=row["create_time"],
        update_time=row["update_time"],
    )


def _to_call(row: dict[str, Any]) -> Call:
    return Call(
        delivery_id=str(row["id"]),
        webhook_id=str(row["webhook_id"]),
        url=row["url"],
        secret=row["secret"],
        attempts=row["attempts"],
        waiting_since=row["waiting_since"],
        event=to_event(row),
    )
