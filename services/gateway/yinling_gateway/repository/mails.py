"""Mails that are to be sent, in PostgreSQL. Each is taken under a lease, so that one gateway alone sends it."""

# ruff: noqa: S608 - every part of a query is a constant of this package; values are parameters

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

from yinling_common.database import Connection, Database
from yinling_gateway.notices.domain import Batch, Item, Outcome, Preferences
from yinling_gateway.notices.timing import Plan, Waiting
from yinling_gateway.repository.notices import EVENT_COLUMNS, PREFERENCE_COLUMNS, THEIRS, to_event, to_preferences
from yinling_gateway.repository.settling import is_settled

_TOGETHER_MAX = 100

_FREE = "channel = 'email' AND state = 'waiting' AND due_time <= %(now)s AND lease_until <= %(now)s"

# What was begun comes first, as it was begun: it may have been sent already, and is then recognised as the same.
_BEGUN = f"SELECT batch FROM deliveries WHERE {_FREE} AND batch IS NOT NULL ORDER BY due_time LIMIT 1"

_ADDRESSES = f"""
SELECT lower(address) AS address FROM deliveries WHERE {_FREE} AND batch IS NULL
GROUP BY lower(address) ORDER BY min(due_time) LIMIT 20
"""

# Held until the transaction ends, so that two gateways do not each take a part of what should be one mail.
_ONE = "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 5)) AS mine"

_WAITING = f"""
SELECT d.id, d.event_id, d.account_id, d.batch, accounts.active AND {THEIRS} AS theirs,
    {EVENT_COLUMNS}, {PREFERENCE_COLUMNS}
FROM deliveries d JOIN notice_events e ON e.id = d.event_id
LEFT JOIN accounts ON accounts.id = d.account_id LEFT JOIN notice_preferences p ON p.account_id = d.account_id
WHERE lower(d.address) = %(address)s AND {_FREE.replace("channel", "d.channel").replace("state =", "d.state =")}
    AND d.batch IS NOT DISTINCT FROM %(batch)s
ORDER BY d.due_time, e.event_time, d.id LIMIT {_TOGETHER_MAX} FOR UPDATE OF d SKIP LOCKED
"""

_RECENT = """
SELECT max(coalesce(end_time, lease_until)) AS time FROM deliveries
WHERE lower(address) = %(address)s AND channel = 'email' AND batch IS NOT NULL
    AND ((state = 'sent' AND end_time > %(hour_ago)s) OR (state = 'waiting' AND lease_until > %(now)s))
GROUP BY batch ORDER BY 1
"""

_TAKE = """
UPDATE deliveries SET batch = %(batch)s, lease_until = %(lease_until)s, attempts = attempts + 1
WHERE id = ANY(%(ids)s)
"""

_ITEMS = f"""
SELECT d.id, d.event_id, d.notice_id, d.account_id, d.address, d.attempts, d.create_time AS waiting_since,
    accounts.locale, n.on_behalf_of, {EVENT_COLUMNS}
FROM deliveries d JOIN notice_events e ON e.id = d.event_id
LEFT JOIN notices n ON n.id = d.notice_id LEFT JOIN accounts ON accounts.id = d.account_id
WHERE d.id = ANY(%s) ORDER BY e.event_time, d.id
"""

_SENT = """
UPDATE deliveries SET state = 'sent', end_time = %(now)s, lease_until = '-infinity', last_error = ''
WHERE batch = %(batch)s AND state = 'waiting' AND id = ANY(%(ids)s)
"""

# Only while the lease is ours: whoever took over knows better.
_FAILED = """
UPDATE deliveries SET state = %(state)s, end_time = %(end_time)s, due_time = %(due)s, lease_until = '-infinity',
    last_error = %(error)s, batch = CASE WHEN %(keep_batch)s THEN batch END
WHERE batch = %(batch)s AND state = 'waiting' AND id = ANY(%(ids)s)
"""


class MailRepository:
    """Takes and finishes mails.

    Args:
        database: Where they are.
        default: How those are told who have not chosen.
    """

    def __init__(self, database: Database, default: Preferences) -> None:
        self._database = database
        self._default = default

    async def claim(self, now: datetime, lease: timedelta, plan: Callable[[Waiting], Plan]) -> Batch | None:
        """Take what is to go out next as one mail; None where nothing is due.

        Args:
            now: The time.
            lease: So long it is nobody else's.
            plan: Decides what is done with what waits for an address.
        """
        async with self._database.transaction() as connection:
            row = await (await connection.execute(_BEGUN, {"now": now})).fetchone()
            if row is not None:
                return await self._again(connection, row["batch"], now, lease)
            rows = await (await connection.execute(_ADDRESSES, {"now": now})).fetchall()
            for address in [row["address"] for row in rows]:
                lock = await (await connection.execute(_ONE, [address])).fetchone()
                if lock and lock["mine"]:
                    batch = await self._first(connection, address, now, lease, plan)
                    if batch is not None:
                        return batch
        return None

    async def finish(
        self, batch: Batch, outcome: Outcome, now: datetime, *, due: datetime, given_up: bool = False
    ) -> None:
        """Write what became of a try.

        Args:
            batch: What was tried.
            outcome: How it went.
            now: The time.
            due: When it is tried again, where it is.
            given_up: It is not tried again.
        """
        values = {
            "batch": batch.id,
            "ids": [item.delivery_id for item in batch.items],
            "now": now,
            "due": due,
            "state": "given_up" if given_up else "waiting",
            "end_time": now if given_up else None,
            "error": outcome.error[:500],
            "keep_batch": outcome.unsure or given_up,
        }
        async with self._database.transaction() as connection:
            await connection.execute(_SENT if outcome.sent else _FAILED, values)

    async def _first(
        self, connection: Connection, address: str, now: datetime, lease: timedelta, plan: Callable[[Waiting], Plan]
    ) -> Batch | None:
        values = {"address": address, "now": now, "batch": None, "hour_ago": now - timedelta(hours=1)}
        rows = await (await connection.execute(_WAITING, values)).fetchall()
        dropped = [row["id"] for row in rows if await _is_pointless(connection, row)]
        if dropped:
            await connection.execute(
                "UPDATE deliveries SET state = 'dropped', end_time = %s WHERE id = ANY(%s)", [now, dropped]
            )
            rows = [row for row in rows if row["id"] not in dropped]
        if not rows:
            return None
        # Two accounts may have one address; their links and languages are not the same.
        rows = [row for row in rows if row["account_id"] == rows[0]["account_id"]]
        recent = await (await connection.execute(_RECENT, values)).fetchall()
        preferences = to_preferences(rows[0], self._default)
        decided = plan(Waiting(len(rows), preferences, [row["time"] for row in recent]))
        ids = [row["id"] for row in rows]
        if decided.later is not None:
            await connection.execute("UPDATE deliveries SET due_time = %s WHERE id = ANY(%s)", [decided.later, ids])
            return None
        if decided.together and len(rows) > 1:
            return await _take(connection, uuid4(), ids, now + lease)
        return await _take(connection, uuid5(rows[0]["event_id"], address), ids[:1], now + lease)

    async def _again(self, connection: Connection, batch: UUID, now: datetime, lease: timedelta) -> Batch | None:
        lock = await (await connection.execute(_ONE, [str(batch)])).fetchone()
        if not lock or not lock["mine"]:
            return None
        query = f"SELECT id FROM deliveries WHERE batch = %(batch)s AND {_FREE} FOR UPDATE SKIP LOCKED"
        rows = await (await connection.execute(query, {"batch": batch, "now": now})).fetchall()
        return await _take(connection, batch, [row["id"] for row in rows], now + lease) if rows else None


async def _is_pointless(connection: Connection, row: dict[str, Any]) -> bool:
    """The account is closed or acts for others now, or what the mail would ask for was done while it waited."""
    no_longer = bool(row["account_id"]) and not row["theirs"]
    return no_longer or await is_settled(connection, to_event(row))


async def _take(connection: Connection, batch: UUID, ids: list[UUID], lease_until: datetime) -> Batch:
    await connection.execute(_TAKE, {"batch": batch, "ids": ids, "lease_until": lease_until})
    rows = await (await connection.execute(_ITEMS, [ids])).fetchall()
    first = rows[0]
    return Batch(
        id=str(batch),
        address=first["address"],
        account_id=str(first["account_id"] or ""),
        locale=first["locale"] or "zh",
        attempts=first["attempts"],
        waiting_since=min(row["waiting_since"] for row in rows),
        items=[_to_item(row) for row in rows],
    )


def _to_item(row: dict[str, Any]) -> Item:
    return Item(
        delivery_id=str(row["id"]),
        notice_id=str(row["notice_id"] or ""),
        event=to_event(row),
        on_behalf_of=row["on_behalf_of"] or "",
    )
