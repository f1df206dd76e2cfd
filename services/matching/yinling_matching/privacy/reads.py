"""Writes down who reads what is kept between people and enterprises, before it is shown.

Whoever is not the person themselves is written down: HR, coordinators, administrators, and services too, each as who
they are. A service that reads for somebody calls in that somebody's name, as the gateway does for pages and calendars.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from yinling_common import logs
from yinling_common.database import Connection, Database
from yinling_common.errors import DatabaseUnavailable
from yinling_common.identity import Identity, Role

READS_AT_MOST = 200_000
"""Readings that are remembered inside one hour."""

_RECORD = "SELECT record_reads(%s::uuid[], %s, %s, %s, %s, %s)"


class Reads:
    """Remembers who has read what of whom in this hour, so that reading on writes nothing.

    Only a shortcut: the database keeps one entry a person, a reader, a kind of thing and an hour. `now` is the time.
    """

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._hour = datetime.min
        self._seen: set[tuple[Identity, str, str]] = set()

    async def note(self, conn: Connection, reader: Identity, resource: str, profile_ids: Sequence[str]) -> None:
        """Write down that somebody reads things of one kind, about these people. What raises must not be shown.

        Args:
            conn: Outside of a transaction: what is remembered is written.
            reader: Who reads.
            resource: What the audit calls one of the things.
            profile_ids: Whom they are about; each may be named often.
        """
        now = self._now()
        hour = now.replace(minute=0, second=0, microsecond=0)
        if hour != self._hour or len(self._seen) > READS_AT_MOST:
            self._hour, self._seen = hour, set()
        own = reader.profile_id.lower() if reader.role is Role.RETIREE else ""
        unseen = [id_ for id_ in set(profile_ids) - {own} if (reader, resource, id_) not in self._seen]
        if not unseen:
            return
        values = [unseen, reader.subject, reader.role.value, reader.organisation, resource, now]
        await conn.execute(_RECORD, values)
        if hour == self._hour:  # or another hour began meanwhile
            self._seen.update((reader, resource, id_) for id_ in unseen)

    def forget(self) -> None:
        """Remember nobody: somebody was erased."""
        self._seen = set()


class Looks:
    """Writes down who is shown people for no request that is kept: the ledger of who was shown knows nothing of it.

    Args:
        database: Where it is written.
        reads: Shared with whoever else records reads.
    """

    def __init__(self, database: Database, reads: Reads) -> None:
        self._database = database
        self._reads = reads

    async def note(self, reader: Identity, profile_ids: Sequence[str]) -> None:
        """Write down that somebody looks at people. While the database is away wording can be tried all the same."""
        try:
            async with self._database.connection() as conn:
                await self._reads.note(conn, reader, "profile", profile_ids)
        except DatabaseUnavailable as error:
            logs.get().warning("reads.not_written", people=len(profile_ids), error=error.message)
