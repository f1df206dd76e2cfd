"""Sessions, API keys and counted failures in PostgreSQL."""

# ruff: noqa: S608 - every part of a query is a constant of this package; values are parameters

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from yinling_common.database import Database
from yinling_gateway.api_keys import NewApiKey
from yinling_gateway.domain import Account, ApiKey
from yinling_gateway.repository.accounts import COLUMNS, is_uuid, to_account
from yinling_gateway.repository.once import NO_CALL, Call, forget_old, take

_INSERT_SESSION = """
INSERT INTO sessions (token_hash, account_id, idle_end, final_end)
VALUES (%(token_hash)s, %(account_id)s, now() + %(idle)s, now() + %(longest)s)
RETURNING least(idle_end, final_end) AS session_end
"""

# A session that is in use moves its end on, but is written at most once a minute.
_FIND_SESSION = f"""
SELECT {COLUMNS}, least(idle_end, final_end) AS session_end, seen_time < now() - interval '1 minute' AS due
FROM sessions JOIN accounts ON accounts.id = account_id
WHERE token_hash = %(token_hash)s AND idle_end > now() AND final_end > now() AND active
"""

_TOUCH_SESSION = """
UPDATE sessions SET seen_time = now(), idle_end = now() + %(idle)s
WHERE token_hash = %(token_hash)s AND seen_time < now() - interval '1 minute'
"""

_KEY_COLUMNS = "api_keys.id, prefix, account_id, name, api_keys.create_time, expire_time, used_time"

_INSERT_KEY = f"""
INSERT INTO api_keys (id, prefix, secret_hash, account_id, name, expire_time)
VALUES (%(id)s, %(prefix)s, %(secret_hash)s, %(account_id)s, %(name)s, %(expire_time)s)
RETURNING {_KEY_COLUMNS}
"""

_FIND_KEY = f"""
SELECT {COLUMNS}, secret_hash, used_time IS NULL OR used_time < now() - interval '1 minute' AS due
FROM api_keys JOIN accounts ON accounts.id = account_id
WHERE prefix = %(prefix)s AND revoke_time IS NULL AND (expire_time IS NULL OR expire_time > now()) AND active
"""

# Counted before the password is looked at, so that many tries at once are all counted.
_COUNT_FAILURE = """
INSERT INTO sign_in_failures AS f (key, failures, window_start) VALUES (%(key)s, 1, now())
ON CONFLICT (key) DO UPDATE SET
    failures = CASE WHEN f.window_start < now() - %(window)s THEN 1 ELSE f.failures + 1 END,
    window_start = CASE WHEN f.window_start < now() - %(window)s THEN now() ELSE f.window_start END
RETURNING failures, extract(epoch FROM window_start + %(window)s - now())::float AS seconds_left
"""


class CredentialRepository:
    """What proves who somebody is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def insert_session(
        self, token_hash: bytes, account_id: str, *, idle: timedelta, longest: timedelta
    ) -> datetime:
        """Make a session; answers its end."""
        values = {"token_hash": token_hash, "account_id": account_id, "idle": idle, "longest": longest}
        async with self._database.transaction() as connection:
            row = await (await connection.execute(_INSERT_SESSION, values)).fetchone()
        assert row is not None  # noqa: S101 - INSERT ... RETURNING gives a row or raises
        end: datetime = row["session_end"]
        return end

    async def find_session(self, token_hash: bytes, *, idle: timedelta) -> tuple[Account, datetime] | None:
        """The account and end of a session that has not ended; moves its end on."""
        values = {"token_hash": token_hash, "idle": idle}
        async with self._database.connection() as connection:
            row = await (await connection.execute(_FIND_SESSION, values)).fetchone()
            if row is not None and row["due"]:
                await connection.execute(_TOUCH_SESSION, values)
        return (to_account(row), row["session_end"]) if row else None

    async def delete_session(self, token_hash: bytes) -> None:
        """End a session."""
        async with self._database.transaction() as connection:
            await connection.execute("DELETE FROM sessions WHERE token_hash = %s", [token_hash])

    async def delete_sessions(self, account_id: str, *, but: bytes = b"") -> None:
        """End every session of an account but one, and its calendar: whoever got in could have taken that address."""
        async with self._database.transaction() as connection:
            await connection.execute(
                "DELETE FROM sessions WHERE account_id = %s AND token_hash <> %s", [account_id, but]
            )
            await connection.execute("DELETE FROM calendars WHERE account_id = %s", [account_id])

    async def insert_key(self, account_id: str, new: NewApiKey, call: Call = NO_CALL) -> ApiKey:
        """Make an API key. Raises MadeBefore or InvalidField by the call."""
        values = {**vars(new), "id": (id_ := str(uuid4())), "account_id": account_id}
        async with self._database.transaction() as connection:
            await take(connection, call, id_)
            row = await (await connection.execute(_INSERT_KEY, values)).fetchone()
        assert row is not None  # noqa: S101 - INSERT ... RETURNING gives a row or raises
        return _to_key(row)

    async def find_key(self, prefix: str) -> tuple[Account, bytes] | None:
        """The account and secret's hash of a key that holds; notes its use."""
        async with self._database.connection() as connection:
            row = await (await connection.execute(_FIND_KEY, {"prefix": prefix})).fetchone()
        return (to_account(row), bytes(row["secret_hash"])) if row else None

    async def touch_key(self, prefix: str) -> None:
        """Note that a key was used; written at most once a minute."""
        query = """
        UPDATE api_keys SET used_time = now()
        WHERE prefix = %s AND (used_time IS NULL OR used_time < now() - interval '1 minute')
        """
        async with self._database.connection() as connection:
            await connection.execute(query, [prefix])

    async def keys(self, account_id: str) -> list[ApiKey]:
        """The keys of an account that are not revoked."""
        query = f"""
        SELECT {_KEY_COLUMNS} FROM api_keys WHERE account_id = %s AND revoke_time IS NULL ORDER BY create_time, id
        """
        async with self._database.connection() as connection:
            rows = await (await connection.execute(query, [account_id])).fetchall()
        return [_to_key(row) for row in rows]

    async def revoke_key(self, key_id: str, account_id: str) -> bool:
        """Revoke a key of an account. Whether there was one."""
        if not is_uuid(key_id):
            return False
        query = "UPDATE api_keys SET revoke_time = now() WHERE id = %s AND account_id = %s AND revoke_time IS NULL"
        async with self._database.transaction() as connection:
            return (await connection.execute(query, [key_id, account_id])).rowcount == 1

    async def count_failure(self, key: str, window: timedelta) -> tuple[int, float]:
        """Count one failure; answers how many there are in the window, and the seconds until it ends."""
        async with self._database.transaction() as connection:
            row = await (await connection.execute(_COUNT_FAILURE, {"key": key, "window": window})).fetchone()
        assert row is not None  # noqa: S101 - INSERT ... RETURNING gives a row or raises
        return row["failures"], row["seconds_left"]

    async def forgive(self, account_key: str, address_key: str) -> None:
        """After a success: forget the account's failures, and take this try off the address's."""
        async with self._database.transaction() as connection:
            await connection.execute("DELETE FROM sign_in_failures WHERE key = %s", [account_key])
            await connection.execute(
                "UPDATE sign_in_failures SET failures = failures - 1 WHERE key = %s AND failures > 0", [address_key]
            )

    async def purge(self, window: timedelta) -> None:
        """Delete what has no effect any more."""
        async with self._database.transaction() as connection:
            await connection.execute("DELETE FROM sessions WHERE least(idle_end, final_end) < now()")
            await connection.execute("DELETE FROM sign_in_failures WHERE window_start < now() - %s", [window])
            await forget_old(connection)


def _to_key(row: dict[str, Any]) -> ApiKey:
    return ApiKey(
        id=str(row["id"]),
        prefix=row["prefix"],
        account_id=str(row["account_id"]),
        name=row["name"],
        create_time=row["create_time"],
        expire_time=row["expire_time"],
        used_time=row["used_time"],
    )
