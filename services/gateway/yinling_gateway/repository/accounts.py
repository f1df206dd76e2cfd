"""Accounts in PostgreSQL."""

# ruff: noqa: S608 - every part of a query is a constant of this package; values are parameters

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from psycopg import sql
from psycopg.errors import UniqueViolation

from yinling_common.database import Database
from yinling_common.errors import AlreadyExists
from yinling_common.identity import Role
from yinling_gateway.domain import Account, NewAccount, fold_username
from yinling_gateway.repository.once import NO_CALL, Call, take

COLUMNS = (
    "accounts.id, username, role, organisation, profile_id, display_name, locale, active, "
    "accounts.create_time, accounts.update_time"
)

_INSERT = f"""
INSERT INTO accounts (id, username, password_hash, role, organisation, profile_id, display_name, locale)
VALUES (
    %(id)s, %(username)s, %(password_hash)s, %(role)s, %(organisation)s, %(profile_id)s, %(display_name)s, %(locale)s
)
RETURNING {COLUMNS}
"""

_LIST = f"""
SELECT {COLUMNS} FROM accounts
WHERE (%(after_time)s::timestamptz IS NULL OR (create_time, id) > (%(after_time)s, %(after_id)s::uuid))
ORDER BY create_time, id LIMIT %(limit)s
"""

_REVOKE_KEYS = "UPDATE api_keys SET revoke_time = now() WHERE account_id = %s AND revoke_time IS NULL"

_CHANGEABLE = frozenset({"role", "organisation", "profile_id", "display_name", "locale", "active", "password_hash"})


class AccountRepository:
    """Reads and writes accounts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def insert(self, account: NewAccount, password_hash: str, call: Call = NO_CALL) -> Account:
        """Make an account. Raises AlreadyExists where the username is taken, MadeBefore or InvalidField by the call."""
        values = {
            "id": str(uuid4()),
            "username": fold_username(account.username),
            "password_hash": password_hash,
            "role": account.role.value,
            "organisation": account.organisation,
            "profile_id": account.profile_id,
            "display_name": account.display_name,
            "locale": account.locale,
        }
        try:
            async with self._database.transaction() as connection:
                await take(connection, call, values["id"])
                row = await (await connection.execute(_INSERT, values)).fetchone()
        except UniqueViolation as error:
            raise AlreadyExists("account", account.username) from error
        assert row is not None  # noqa: S101 - INSERT ... RETURNING gives a row or raises
        return to_account(row)

    async def get(self, account_id: str) -> Account | None:
        """The account with an id."""
        if not is_uuid(account_id):
            return None
        async with self._database.connection() as connection:
            query = f"SELECT {COLUMNS} FROM accounts WHERE id = %s"
            row = await (await connection.execute(query, [account_id])).fetchone()
        return to_account(row) if row else None

    async def of_profile(self, profile_id: str) -> list[Account]:
        """The accounts of a person."""
        async with self._database.connection() as connection:
            query = f"SELECT {COLUMNS} FROM accounts WHERE lower(profile_id) = %s ORDER BY create_time, id"
            rows = await (await connection.execute(query, [profile_id.lower()])).fetchall()
        return [to_account(row) for row in rows]

    async def find(self, username: str) -> tuple[Account, str] | None:
        """The account with a username, and its password's hash."""
        folded = fold_username(username)
        if "\0" in folded:
            return None
        async with self._database.connection() as connection:
            query = f"SELECT {COLUMNS}, password_hash FROM accounts WHERE username = %s"
            row = await (await connection.execute(query, [folded])).fetchone()
        return (to_account(row), row["password_hash"]) if row else None

    async def page(self, after: tuple[datetime, str] | None, limit: int) -> list[Account]:
        """Accounts in the order in which they were made."""
        after_time, after_id = after or (None, None)
        values = {"after_time": after_time, "after_id": after_id, "limit": limit}
        async with self._database.connection() as connection:
            rows = await (await connection.execute(_LIST, values)).fetchall()
        return [to_account(row) for row in rows]

    async def update(
        self,
        account_id: str,
        changes: dict[str, Any],
        *,
        cut_off: bool = False,
        unchanged_since: datetime | None = None,
        call: Call = NO_CALL,
    ) -> Account | None:
        """Set columns of an account; None where there is none, or none that is as it was then.

        With `cut_off` its sessions, keys and calendar end. Raises MadeBefore or InvalidField by the call: then nothing
        is changed.
        """
        if not is_uuid(account_id):
            return None
        assert changes.keys() <= _CHANGEABLE, changes.keys()  # noqa: S101 - column names come from our code alone
        assignments: list[sql.Composable] = [
            sql.SQL("{} = {}").format(sql.Identifier(c), sql.Placeholder(c)) for c in sorted(changes)
        ]
        assignments.append(sql.SQL("update_time = now()"))
        query = sql.SQL(
            "UPDATE accounts SET {} WHERE id = %(id)s AND update_time = coalesce(%(then)s, update_time) RETURNING {}"
        ).format(sql.SQL(", ").join(assignments), sql.SQL(COLUMNS))
        async with self._database.transaction() as connection:
            row = await (
                await connection.execute(query, {**changes, "id": account_id, "then": unchanged_since})
            ).fetchone()
            if row:
                await take(connection, call, account_id)
            if cut_off and row:
                await connection.execute("DELETE FROM sessions WHERE account_id = %s", [account_id])
                await connection.execute(_REVOKE_KEYS, [account_id])
                await connection.execute("DELETE FROM calendars WHERE account_id = %s", [account_id])
        return to_account(row) if row else None

    async def delete(self, account_id: str, *, unchanged_since: datetime | None = None) -> bool:
        """Delete an account with its sessions and keys. Whether there was one, and one that is as it was then."""
        if not is_uuid(account_id):
            return False
        query = "DELETE FROM accounts WHERE id = %(id)s AND update_time = coalesce(%(then)s, update_time)"
        async with self._database.transaction() as connection:
            cursor = await connection.execute(query, {"id": account_id, "then": unchanged_since})
        return cursor.rowcount == 1


def to_account(row: dict[str, Any]) -> Account:
    """An account from the columns of `COLUMNS`."""
    return Account(
        id=str(row["id"]),
        username=row["username"],
        role=Role(row["role"]),
        organisation=row["organisation"],
        profile_id=row["profile_id"],
        display_name=row["display_name"],
        locale=row["locale"],
        active=row["active"],
        create_time=row["create_time"],
        update_time=row["update_time"],
    )


def is_uuid(value: str) -> bool:
    """Whether it is a UUID in the form in which ids are given out: other forms PostgreSQL may refuse."""
    try:
        return str(UUID(value)) == value
    except ValueError:
        return False
