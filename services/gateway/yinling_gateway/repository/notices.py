"""Notices and preferences in PostgreSQL."""

# ruff: noqa: S608 - every part of a query is a constant of this package; values are parameters

from datetime import datetime, time, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from yinling_common.database import Connection, Database
from yinling_common.identity import Role
from yinling_gateway.domain import Account
from yinling_gateway.notices.domain import Audience, Event, Notice, Preferences, QuietHours, Recipient
from yinling_gateway.notices.settling import UNTOLD
from yinling_gateway.repository.accounts import COLUMNS, is_uuid, to_account
from yinling_gateway.repository.settling import lock, settle

EVENT_COLUMNS = (
    "e.kind, e.audience, e.organisation, e.profile_id, e.office, e.mentoring_request_id, e.resource, e.resource_id, "
    "e.facts, e.event_time"
)

PREFERENCE_COLUMNS = (
    "p.account_id AS chosen, p.in_app, p.email, p.address AS chosen_address, p.quiet_from, p.quiet_to, p.digest_hour, "
    "p.etag"
)

_INSERT_EVENT = """
INSERT INTO notice_events (id, kind, audience, organisation, profile_id, office, mentoring_request_id, resource,
    resource_id, facts, event_time)
VALUES (%(id)s, %(kind)s, %(audience)s, %(organisation)s, %(profile_id)s, %(office)s, %(mentoring_request_id)s,
    %(resource)s, %(resource_id)s, %(facts)s, %(event_time)s)
ON CONFLICT (id) DO NOTHING
"""

# An account that was deleted meanwhile is told nothing.
_INSERT_NOTICE = """
INSERT INTO notices (event_id, account_id, on_behalf_of, event_time, read_time)
SELECT %(event_id)s, accounts.id, %(on_behalf_of)s, %(event_time)s, CASE WHEN %(in_app)s THEN NULL ELSE %(now)s END
FROM accounts WHERE accounts.id = %(account_id)s AND active FOR KEY SHARE
ON CONFLICT (event_id, account_id) DO NOTHING
RETURNING id
"""

_INSERT_MAIL = """
INSERT INTO deliveries (event_id, channel, notice_id, account_id, address, due_time, create_time)
VALUES (%(event_id)s, 'email', %(notice_id)s, %(account_id)s, %(address)s, %(due)s, %(now)s)
ON CONFLICT (event_id, lower(address)) WHERE channel = 'email' DO NOTHING
"""

_INSERT_CALLS = """
INSERT INTO deliveries (event_id, channel, webhook_id, due_time, create_time)
SELECT %(event_id)s, 'webhook', webhooks.id, %(now)s, %(now)s FROM webhooks
WHERE organisation = %(organisation)s AND audience = %(audience)s AND active
    AND (kinds = '{}' OR %(kind)s = ANY(kinds)) FOR KEY SHARE
ON CONFLICT (event_id, webhook_id) WHERE channel = 'webhook' DO NOTHING
"""

_TOLD = f"""
SELECT {COLUMNS}, {PREFERENCE_COLUMNS}
FROM accounts LEFT JOIN notice_preferences p ON p.account_id = accounts.id
WHERE active AND role = %(role)s AND {{whose}} = %(whose)s
ORDER BY accounts.create_time, accounts.id
"""
_TOLD_PERSON, _TOLD_ORGANISATION = _TOLD.format(whose="profile_id"), _TOLD.format(whose="organisation")

THEIRS = """
CASE accounts.role
    WHEN 'hr' THEN e.audience = 2 AND e.organisation = accounts.organisation
    WHEN 'coordinator' THEN e.audience = 1 AND e.office = accounts.organisation
    WHEN 'retiree' THEN e.audience = 1 AND e.profile_id = accounts.profile_id
    ELSE true
END
"""
"""Whether an event is an account's business as the account is now: it may act for others since it was told."""

_OF_ACCOUNT = f"""
FROM notices n JOIN notice_events e ON e.id = n.event_id JOIN accounts ON accounts.id = n.account_id
WHERE n.account_id = %(account_id)s AND {THEIRS}
"""

_LIST = f"""
SELECT n.id, n.event_id, n.account_id, n.on_behalf_of, n.read_time, {EVENT_COLUMNS}
{_OF_ACCOUNT} AND (NOT %(unread)s OR n.read_time IS NULL)
    AND (%(after_time)s::timestamptz IS NULL OR (n.event_time, n.id) < (%(after_time)s, %(after_id)s::uuid))
ORDER BY n.event_time DESC, n.id DESC LIMIT %(limit)s
"""

_UNREAD = f"SELECT count(*) AS unread {_OF_ACCOUNT} AND n.read_time IS NULL"

_READ = f"""
UPDATE notices SET read_time = coalesce(read_time, now())
WHERE id = (SELECT n.id {_OF_ACCOUNT} AND n.id = %(id)s) RETURNING id
"""

_READ_ALL = f"""
UPDATE notices SET read_time = now() WHERE id IN (SELECT n.id {_OF_ACCOUNT} AND n.read_time IS NULL)
"""


class NoticeRepository:
    """Reads and writes notices."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, event: Event, recipients: list[Recipient], now: datetime) -> None:
        """Keep what happened, with a line for each recipient and everything that is to be sent: all or nothing.

        Earlier lines whose matter it settles are read with it.

        What is kept already stays as it is, so it may be called again for the same event.
        """
        async with self._database.transaction() as connection:
            await lock(connection, event)
            await connection.execute(_INSERT_EVENT, _event_values(event))
            for recipient in recipients:
                await _insert(connection, event, recipient, now)
            await settle(connection, event, now)
            if event.kind in UNTOLD:
                return
            values = {
                "event_id": event.id,
                "organisation": event.told_organisation,
                "audience": event.audience.value,
                "kind": event.kind,
                "now": now,
            }
            await connection.execute(_INSERT_CALLS, values)

    async def told(self, role: Role, whose: str, default: Preferences) -> list[tuple[Account, Preferences]]:
        """The active accounts of a role, with how they want to be told.

        Args:
            role: Of the accounts.
            whose: Id of the profile of retirees, organisation of others.
            default: For those who have not chosen.
        """
        query = _TOLD_PERSON if role == Role.RETIREE else _TOLD_ORGANISATION
        async with self._database.connection() as connection:
            rows = await (await connection.execute(query, {"role": role.value, "whose": whose})).fetchall()
        return [(to_account(row), to_preferences(row, default)) for row in rows]

    async def page(
        self, account_id: str, after: tuple[datetime, str] | None, limit: int, *, unread: bool
    ) -> list[Notice]:
        """An account's notices, the latest first."""
        after_time, after_id = after or (None, None)
        values = {
            "account_id": account_id,
            "after_time": after_time,
            "after_id": after_id,
            "limit": limit,
            "unread": unread,
        }
        async with self._database.connection() as connection:
            rows = await (await connection.execute(_LIST, values)).fetchall()
        return [_to_notice(row) for row in rows]

    async def count_unread(self, account_id: str) -> int:
        """How many notices an account has not read."""
        async with self._database.connection() as connection:
            row = await (await connection.execute(_UNREAD, {"account_id": account_id})).fetchone()
        return int(row["unread"]) if row else 0

    async def read(self, account_id: str, notice_id: str) -> Notice | None:
        """Mark a notice as read; None where the account has none with this id."""
        if not is_uuid(notice_id):
            return None
        async with self._database.transaction() as connection:
            if not (await connection.execute(_READ, {"id": notice_id, "account_id": account_id})).rowcount:
                return None
            query = (
                f"SELECT n.id, n.event_id, n.account_id, n.on_behalf_of, n.read_time, {EVENT_COLUMNS} "
                "FROM notices n JOIN notice_events e ON e.id = n.event_id WHERE n.id = %s"
            )
            row = await (await connection.execute(query, [notice_id])).fetchone()
        return _to_notice(row) if row else None

    async def read_all(self, account_id: str) -> int:
        """Mark everything as read; answers how much was not."""
        async with self._database.transaction() as connection:
            return (await connection.execute(_READ_ALL, {"account_id": account_id})).rowcount

    async def purge(self, age: timedelta) -> None:
        """Delete what is old, with everything that was sent of it."""
        async with self._database.transaction() as connection:
            await connection.execute("DELETE FROM notice_events WHERE create_time < now() - %s", [age])


async def forget_person(connection: Connection, profile_id: str) -> int:
    """Delete every notice that tells of a person, whoever reads it, with what was sent or waits; answers how many.

    To be called in the transaction of an erasure.
    """
    return (await connection.execute("DELETE FROM notice_events WHERE profile_id = %s", [profile_id])).rowcount


def to_event(row: dict[str, Any]) -> Event:
    """An event from `event_id` and `EVENT_COLUMNS`."""
    return Event(
        id=str(row["event_id"]),
        kind=row["kind"],
        audience=Audience(row["audience"]),
        organisation=row["organisation"],
        profile_id=row["profile_id"],
        office=row["office"],
        mentoring_request_id=row["mentoring_request_id"],
        resource=row["resource"],
        resource_id=row["resource_id"],
        facts=row["facts"],
        event_time=row["event_time"],
    )


def to_preferences(row: dict[str, Any], default: Preferences) -> Preferences:
    """Preferences from `PREFERENCE_COLUMNS`; the default where nothing was chosen."""
    if row["chosen"] is None:
        return default
    quiet = None
    if row["quiet_from"] is not None:
        quiet = QuietHours(_to_time(row["quiet_from"]), _to_time(row["quiet_to"]))
    return Preferences(
        in_app=row["in_app"],
        email=row["email"],
        address=row["chosen_address"],
        quiet=quiet,
        digest_hour=row["digest_hour"],
        etag=row["etag"],
    )


async def _insert(connection: Connection, event: Event, recipient: Recipient, now: datetime) -> None:
    notice_id = None
    if recipient.account_id:
        values = {
            "event_id": event.id,
            "account_id": recipient.account_id,
            "on_behalf_of": recipient.on_behalf_of,
            "event_time": event.event_time,
            "in_app": recipient.in_app,
            "now": now,
        }
        row = await (await connection.execute(_INSERT_NOTICE, values)).fetchone()
        if row is None:
            return  # told before, or gone
        notice_id = row["id"]
    if recipient.address:
        mail = {
            "event_id": event.id,
            "notice_id": notice_id,
            "account_id": recipient.account_id or None,
            "address": recipient.address,
            "due": recipient.due,
            "now": now,
        }
        await connection.execute(_INSERT_MAIL, mail)


def _event_values(event: Event) -> dict[str, object]:
    return {
        "id": event.id,
        "kind": event.kind,
        "audience": event.audience.value,
        "organisation": event.organisation,
        "profile_id": event.profile_id,
        "office": event.office,
        "mentoring_request_id": event.mentoring_request_id,
        "resource": event.resource,
        "resource_id": event.resource_id,
        "facts": Jsonb(dict(event.facts)),
        "event_time": event.event_time,
    }


def _to_notice(row: dict[str, Any]) -> Notice:
    return Notice(
        id=str(row["id"]),
        account_id=str(row["account_id"]),
        event=to_event(row),
        on_behalf_of=row["on_behalf_of"],
        read_time=row["read_time"],
    )


def _to_time(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)
