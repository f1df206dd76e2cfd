"""PostgreSQL through a pool: transactions that end in one place, and driver errors that stop here."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import psycopg
from psycopg import errors as pg
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout, TooManyRequests

from yinling_common import logs
from yinling_common.errors import DatabaseUnavailable, StorageFull

Connection = psycopg.AsyncConnection[DictRow]

_POOL_TIMEOUT = 3.0
"""Seconds to wait for a connection before a call is told that the database is away."""

_PATIENCE = 2.0
"""Seconds after which a server that does not answer is looked at, or given up where the question was trivial."""

_CONNECT_TIMEOUT = 2
"""Seconds that a new connection may take; the driver counts whole ones."""

_STATEMENT_TIMEOUT_MS = 30_000


class Database:
    """A pool of connections whose `search_path` is one schema.

    Opening does not wait for PostgreSQL: while it is away calls raise DatabaseUnavailable within seconds, and when it
    is back the pool heals by itself.
    """

    def __init__(self, url: str, *, schema: str, min_size: int = 1, max_size: int = 10) -> None:
        self.url = url
        self.schema = schema
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            url,
            min_size=min_size,
            max_size=max_size,
            open=False,
            timeout=_POOL_TIMEOUT,
            max_waiting=1000,
            max_idle=300,
            reconnect_timeout=0,
            kwargs=connect_options(schema),
            # A connection that died while idle is found before it is handed out, not by a caller.
            check=_check,
        )

    async def open(self) -> None:
        """Start the pool."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()

    async def __aenter__(self) -> "Database":
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A connection inside a transaction: committed at the end, rolled back on any error."""
        async with self.connection() as conn, conn.transaction():
            yield conn

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection that commits each statement by itself; for reads.

        Raises:
            DatabaseUnavailable: PostgreSQL is away, or does not answer in time.
            StorageFull: Its disk is full.
        """
        with translated_errors():
            async with self._pool.connection() as conn:
                guard = asyncio.create_task(self._guard(conn))
                try:
                    yield conn
                finally:
                    guard.cancel()

    async def _guard(self, conn: Connection) -> None:
        """Cut a connection whose server has stopped answering, so that whoever waits on it is told.

        Cancelling does not help here: the driver would ask the server to cancel, and wait for its answer. A long
        statement is no reason either, so a second connection finds out whether the server lives.
        """
        while True:
            await asyncio.sleep(_PATIENCE)
            try:
                async with await psycopg.AsyncConnection.connect(self.url, **connect_options(self.schema)) as probe:
                    with _cut_after(probe, _PATIENCE):
                        await probe.execute("SELECT 1")
            except psycopg.Error as error:
                if not isinstance(error, pg.ConnectionTimeout) and await asyncio.to_thread(self._answers):
                    continue  # it refuses more connections, and serves those it has
                logs.get().warning("database.connection_cut", error=str(error).strip())
                _cut(conn)
                return

    def _answers(self) -> bool:
        conninfo = psycopg.conninfo.make_conninfo(self.url, connect_timeout=_CONNECT_TIMEOUT)
        return psycopg.pq.PGconn.ping(conninfo.encode()) == psycopg.pq.Ping.OK

    async def ping(self) -> None:
        """Raise DatabaseUnavailable unless PostgreSQL answers within the pool's timeout."""
        async with self.connection() as conn:
            with _cut_after(conn, _PATIENCE):
                await conn.execute("SELECT 1")


def connect_options(schema: str) -> dict[str, Any]:
    """Arguments of `psycopg.AsyncConnection.connect` for every connection of ours."""
    return {
        "autocommit": True,
        "row_factory": dict_row,
        "connect_timeout": _CONNECT_TIMEOUT,
        # A server that vanished without a word is noticed in seconds, not hours.
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
        "application_name": f"yinling-{schema}",
        "options": f"-c search_path={schema} -c statement_timeout={_STATEMENT_TIMEOUT_MS} -c timezone=UTC",
    }


async def _check(conn: Connection) -> None:
    with _cut_after(conn, _PATIENCE):
        await AsyncConnectionPool.check_connection(conn)


@contextmanager
def _cut_after(conn: Connection, seconds: float) -> Iterator[None]:
    """For a statement that takes no time at all: a server that has not answered by then will not."""
    timer = asyncio.get_running_loop().call_later(seconds, _cut, conn)
    try:
        yield
    finally:
        timer.cancel()


def _cut(conn: Connection) -> None:
    """End a connection from our side: what waits on it fails at once."""
    with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(conn.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)


class translated_errors:  # noqa: N801 - reads as what it does: with translated_errors()
    """Turns the driver's errors about the server into ours; errors about the data pass through."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, pg.DiskFull | pg.OutOfMemory):
            raise StorageFull from error
        if isinstance(
            error,
            PoolTimeout | TooManyRequests | pg.QueryCanceled | psycopg.OperationalError | psycopg.InterfaceError,
        ):
            logs.get().warning("database.unavailable", error=str(error).strip())
            raise DatabaseUnavailable from error
