"""The same create sent twice: it is done once. The key is kept in the transaction of what it made."""

import json
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from yinling_common.database import Connection
from yinling_common.errors import InvalidField, Violation
from yinling_gateway.domain import Account

KEPT = timedelta(days=7)
"""For so long a key is remembered, as in the other services."""

_TAKE = """
INSERT INTO idempotency_keys (account_id, key, operation, body, made_id)
VALUES (%(account_id)s, %(key)s, %(operation)s, %(body)s, %(made_id)s) ON CONFLICT DO NOTHING
"""

_TAKEN = "SELECT operation, body, made_id FROM idempotency_keys WHERE account_id = %(account_id)s AND key = %(key)s"


@dataclass(frozen=True)
class Call:
    """A create as it can be recognised.

    Attributes:
        account_id: Who asks.
        key: A UUID that the client chose; empty for none: then it is done each time.
        operation: Its name.
        body: SHA-256 of what is asked.
    """

    account_id: str = ""
    key: str = ""
    operation: str = ""
    body: bytes = b""


NO_CALL = Call()
"""One that is not recognised."""


def call_of(account: Account, key: str, operation: str, asked: object) -> Call:
    """A call as it can be recognised.

    Args:
        account: Who asks.
        key: A UUID; empty for none.
        operation: Its name.
        asked: What is asked, as JSON values; without passwords, which could be guessed from the digest.
    """
    body = json.dumps(asked, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
    return Call(account.id, key, operation, sha256(body).digest())


class MadeBefore(Exception):
    """The same call has made it.

    Attributes:
        made_id: What it made.
    """

    def __init__(self, made_id: str) -> None:
        super().__init__(made_id)
        self.made_id = made_id


async def take(connection: Connection, call: Call, made_id: str) -> None:
    """Take a call's key for what the transaction is about to make.

    Of two at once with one key the second waits here for the end of the first's transaction, and holds nothing.

    Raises:
        MadeBefore: The call has been here.
        InvalidField: Another call has the key.
    """
    if not call.key:
        return
    values = {**vars(call), "key": UUID(call.key), "made_id": made_id}
    row = None
    while row is None:  # it may be forgotten between the two, with what was made or because it is old
        if (await connection.execute(_TAKE, values)).rowcount:
            return
        row = await (await connection.execute(_TAKEN, values)).fetchone()
    if (row["operation"], bytes(row["body"])) != (call.operation, call.body):
        raise reused()
    raise MadeBefore(str(row["made_id"]))


def reused() -> InvalidField:
    """The key was used for something else, or what was made under it is not as it was."""
    message = "was used for another call, or what was made is no longer as it was; take a new UUID for each call"
    return InvalidField([Violation("request_id", "request_id.reused", message)])


async def forget_made(connection: Connection, made_ids: list[str]) -> None:
    """Forget the keys of what is to leave no trace."""
    await connection.execute("DELETE FROM idempotency_keys WHERE made_id = ANY(%s::uuid[])", [made_ids])


async def forget_old(connection: Connection) -> None:
    """Delete keys that are too old to be used."""
    await connection.execute("DELETE FROM idempotency_keys WHERE create_time < now() - %s", [KEPT])
