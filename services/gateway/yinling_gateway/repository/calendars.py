"""Calendars that can be subscribed to, in PostgreSQL."""

# ruff: noqa: S608 - every part of a query is a constant of this package; values are parameters

from datetime import datetime
from typing import Any

from yinling_common.database import Database
from yinling_gateway.domain import Account, CalendarFeed
from yinling_gateway.repository.accounts import COLUMNS, to_account
from yinling_gateway.repository.once import NO_CALL, Call, take

_PUT = """
INSERT INTO calendars (account_id, token_hash) VALUES (%(account_id)s, %(token_hash)s)
ON CONFLICT (account_id) DO UPDATE SET token_hash = excluded.token_hash, create_time = now(), fetch_time = NULL
RETURNING create_time, fetch_time
"""

_FIND = f"""
SELECT {COLUMNS} FROM calendars JOIN accounts ON accounts.id = account_id WHERE token_hash = %s AND active
"""

_TOUCH = """
UPDATE calendars SET fetch_time = now()
WHERE token_hash = %s AND (fetch_time IS NULL OR fetch_time < now() - interval '1 minute')
"""


class CalendarRepository:
    """Reads and writes them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, account_id: str, token_hash: bytes, call: Call = NO_CALL) -> CalendarFeed:
        """Give an account's calendar an address; the one before holds no more.

        Raises MadeBefore or InvalidField by the call.
        """
        values = {"account_id": account_id, "token_hash": token_hash}
        async with self._database.transaction() as connection:
            await take(connection, call, account_id)
            row = await (await connection.execute(_PUT, values)).fetchone()
        assert row is not None  # noqa: S101 - INSERT ... RETURNING gives a row or raises
        return _to_feed(row)

    async def get(self, account_id: str) -> CalendarFeed | None:
        """An account's calendar, if it has an address."""
        query = "SELECT create_time, fetch_time FROM calendars WHERE account_id = %s"
        async with self._database.connection() as connection:
            row = await (await connection.execute(query, [account_id])).fetchone()
        return _to_feed(row) if row else None

    async def delete(self, account_id: str) -> bool:
        """Take the address away. Whether there was one."""
        async with self._database.transaction() as connection:
            return (await connection.execute("DELETE FROM calendars WHERE account_id = %s", [account_id])).rowcount == 1

    async def owner(self, token_hash: bytes) -> Account | None:
        """Whose calendar it is, if their account is active; notes that it was fetched."""
        async with self._database.connection() as connection:
            row = await (await connection.execute(_FIND, [token_hash])).fetchone()
            if row is not None:
                await connection.execute(_TOUCH, [token_hash])
        return to_account(row) if row else None


def _to_feed(row: dict[str, Any]) -> CalendarFeed:
    create_time: datetime = row["create_time"]
    return CalendarFeed(create_time, row["fetch_time"])
