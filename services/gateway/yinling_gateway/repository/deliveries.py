"""Deliveries as administrators see them, in PostgreSQL."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from yinling_common.database import Database
from yinling_gateway.notices.domain import Channel, Delivery, DeliveryState
from yinling_gateway.repository.accounts import is_uuid

_LIST = """
SELECT d.id, d.event_id, e.kind, d.channel, d.account_id, d.state, d.attempts, d.due_time, d.last_error, d.create_time,
    d.end_time, w.url
FROM deliveries d JOIN notice_events e ON e.id = d.event_id LEFT JOIN webhooks w ON w.id = d.webhook_id
WHERE (CASE WHEN %(state)s = 'failing' THEN d.state = 'waiting' AND d.last_error <> '' ELSE d.state = %(state)s END)
    AND (%(after_time)s::timestamptz IS NULL OR (d.create_time, d.id) < (%(after_time)s, %(after_id)s::uuid))
ORDER BY d.create_time DESC, d.id DESC LIMIT %(limit)s
"""

_RETRY = """
UPDATE deliveries SET state = 'waiting', due_time = %(now)s, create_time = %(now)s, attempts = 0, end_time = NULL,
    batch = NULL, last_error = ''
WHERE id = %(id)s AND (state = 'given_up' OR state = 'waiting' AND lease_until <= %(now)s)
"""


class DeliveryRepository:
    """Looks at deliveries."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, state: str, after: tuple[datetime, str] | None, limit: int) -> list[Delivery]:
        """Those in a state, or "failing": tried in vain, and to be tried again. The latest first."""
        after_time, after_id = after or (None, None)
        values = {"state": state, "after_time": after_time, "after_id": after_id, "limit": limit}
        async with self._database.connection() as connection:
            rows = await (await connection.execute(_LIST, values)).fetchall()
        return [_to_delivery(row) for row in rows]

    async def retry(self, delivery_id: str, now: datetime) -> bool:
        """Try one again, now and as often as a new one; whether there is one that can be tried."""
        if not is_uuid(delivery_id):
            return False
        async with self._database.transaction() as connection:
            return (await connection.execute(_RETRY, {"id": delivery_id, "now": now})).rowcount == 1


def _to_delivery(row: dict[str, Any]) -> Delivery:
    return Delivery(
        id=str(row["id"]),
        event_id=str(row["event_id"]),
        kind=row["kind"],
        channel=Channel(row["channel"]),
        target=urlsplit(row["url"]).netloc.rpartition("@")[2] if row["url"] else str(row["account_id"] or ""),
        state=DeliveryState(row["state"]),
        attempts=row["attempts"],
        due_time=row["due_time"],
        last_error=row["last_error"],
        create_time=row["create_time"],
        end_time=row["end_time"],
    )
