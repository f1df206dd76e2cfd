"""How accounts want to be told, in PostgreSQL."""

# ruff: noqa: S608 - every part of a query is a constant of this package; values are parameters

from datetime import datetime, time

from yinling_common.database import Connection, Database
from yinling_common.errors import StaleEtag
from yinling_gateway.notices.domain import Preferences
from yinling_gateway.repository.notices import PREFERENCE_COLUMNS, to_preferences

_PUT = """
INSERT INTO notice_preferences (account_id, in_app, email, address, quiet_from, quiet_to, digest_hour, etag)
VALUES (%(account_id)s, %(in_app)s, %(email)s, %(address)s, %(quiet_from)s, %(quiet_to)s, %(digest_hour)s, %(etag)s)
ON CONFLICT (account_id) DO UPDATE SET in_app = excluded.in_app, email = excluded.email, address = excluded.address,
    quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to, digest_hour = excluded.digest_hour,
    etag = excluded.etag, update_time = now()
"""

# Mails that wait go to the new address, unless that one is told the same already.
_DROP = """
UPDATE deliveries d SET state = 'dropped', end_time = now(), last_error = ''
WHERE account_id = %(account_id)s AND channel = 'email' AND state = 'waiting' AND lower(address) <> lower(%(address)s)
    AND (%(address)s = '' OR EXISTS (
        SELECT FROM deliveries o
        WHERE o.event_id = d.event_id AND o.channel = 'email' AND lower(o.address) = lower(%(address)s)))
"""
_MOVE = """
UPDATE deliveries SET address = %(address)s
WHERE account_id = %(account_id)s AND channel = 'email' AND state = 'waiting' AND address <> %(address)s
"""
_RESCHEDULE = """
UPDATE deliveries SET due_time = %(due)s
WHERE account_id = %(account_id)s AND channel = 'email' AND state = 'waiting' AND attempts = 0
"""


class PreferenceRepository:
    """Reads and writes preferences."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, account_id: str, default: Preferences) -> Preferences:
        """What an account chose; the default where it chose nothing."""
        async with self._database.connection() as connection:
            return await _get(connection, account_id, default, lock="")

    async def put(
        self, account_id: str, wanted: Preferences, *, expected: str, default: Preferences, now: datetime
    ) -> None:
        """Write them as a whole, and let the mails that wait follow.

        Args:
            account_id: Whose.
            wanted: With the new etag.
            expected: The etag that must still hold; empty for whichever.
            default: What holds where nothing was chosen.
            now: The time.

        Raises:
            StaleEtag: Another etag holds.
        """
        values = {
            "account_id": account_id,
            "in_app": wanted.in_app,
            "email": wanted.email,
            "address": wanted.address,
            "quiet_from": _minutes(wanted.quiet.start) if wanted.quiet else None,
            "quiet_to": _minutes(wanted.quiet.end) if wanted.quiet else None,
            "digest_hour": wanted.digest_hour,
            "etag": wanted.etag,
        }
        async with self._database.transaction() as connection:
            # The account is locked, so that two first choices do not cross.
            await connection.execute("SELECT FROM accounts WHERE id = %s FOR UPDATE", [account_id])
            before = await _get(connection, account_id, default, lock="FOR UPDATE")
            if expected and expected != before.etag:
                raise StaleEtag
            await connection.execute(_PUT, values)
            address = wanted.mail_address
            await connection.execute(_DROP, {"account_id": account_id, "address": address})
            if address:
                await connection.execute(_MOVE, {"account_id": account_id, "address": address})
                await connection.execute(_RESCHEDULE, {"account_id": account_id, "due": wanted.due(now)})


async def _get(connection: Connection, account_id: str, default: Preferences, *, lock: str) -> Preferences:
    query = f"SELECT {PREFERENCE_COLUMNS} FROM notice_preferences p WHERE p.account_id = %s {lock}"
    row = await (await connection.execute(query, [account_id])).fetchone()
    return to_preferences(row, default) if row else default


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute
