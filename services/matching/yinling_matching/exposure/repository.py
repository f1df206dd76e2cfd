"""The SQL of the ledger: who was shown for which request, and what was said of them."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from psycopg.rows import DictRow
from typing_extensions import override

from yinling_common.database import Connection, Database

FIRST_PLACES = 3
"""Places of a list that count as its first."""

_PAGE = 5000


@dataclass(frozen=True, slots=True)
class Showing:
    """A person was shown for a request.

    Attributes:
        day: The first one, in China's time.
        place: The best one in the list, from 1.
        time: The first one; not read back, for only the figures want it. None for the moment in which it is kept.
    """

    request_id: str
    profile_id: str
    day: date
    place: int
    time: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Feedback:
    """What an enterprise said of a person who worked for a request of theirs.

    Attributes:
        rating: 1 (not at all content) to 5 (very content), the mean of several answers.
        organisation: The enterprise.
        update_time: When it was said; None where it is not kept yet.
    """

    request_id: str
    profile_id: str
    rating: float
    organisation: str = ""
    update_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Exposure:
    """How often a person was shown: for how many requests, and for how many of them among the first."""

    profile_id: str
    requests: int = 0
    first_three: int = 0


@dataclass(frozen=True, slots=True)
class Head:
    """How far the ledger is. Everything up to `revision` can be read; `erasures` grows when rows were deleted."""

    revision: int = 0
    erasures: int = 0


class LedgerRepository(ABC):
    """Keeps exposures and feedback. Every call may raise DatabaseUnavailable."""

    @abstractmethod
    async def head(self) -> Head:
        """How far it is."""

    @abstractmethod
    async def show(self, showings: Sequence[Showing]) -> list[Showing]:
        """Keep showings, each pair once; returns how each is kept, which may be with an earlier day or better place.

        Of who was erased nothing is kept.
        """

    @abstractmethod
    def showings(self, after: int, until: int, since: date) -> AsyncIterator[list[Showing]]:
        """Those written after a revision and up to another, of pairs first shown on `since` or later, in portions."""

    @abstractmethod
    async def shown_before(self, day: date) -> list[str]:
        """Ids of everybody who was shown for some request before a day."""

    @abstractmethod
    async def feedback(self, after: int, until: int) -> list[Feedback]:
        """Feedback written after a revision and up to another."""

    @abstractmethod
    async def exposures(self, profile_ids: Sequence[str], first: date, last: date) -> list[Exposure]:
        """How often some people were shown from a day to another; who never was is left out."""

    @abstractmethod
    async def forget(self, profile_id: str) -> None:
        """Delete everything about a person."""


class SqlLedgerRepository(LedgerRepository):
    """In PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def head(self) -> Head:
        async with self._database.connection() as conn:
            row = await (await conn.execute("SELECT revision, erasures FROM ledger_position")).fetchone()
        return Head(**row) if row else Head()

    @override
    async def show(self, showings: Sequence[Showing]) -> list[Showing]:
        async with self._database.transaction() as conn:
            revision = await _next_revision(conn)
            rows = await conn.execute(
                "INSERT INTO exposures AS kept"
                " (request_id, profile_id, first_day, best_place, create_time, revision)"
                " SELECT request_id, profile_id, first_day, best_place, coalesce(create_time, now()), %s"
                " FROM unnest(%s::uuid[], %s::uuid[], %s::date[], %s::smallint[], %s::timestamptz[])"
                " AS shown (request_id, profile_id, first_day, best_place, create_time)"
                # Whoever was erased since they were shown; the position is locked, so that this is all of them.
                " WHERE NOT EXISTS (SELECT FROM erased_people WHERE digest = sha256(uuid_send(shown.profile_id)))"
                " ON CONFLICT (request_id, profile_id) DO UPDATE SET"
                " first_day = least(kept.first_day, excluded.first_day),"
                # Of a pair from before times were kept the first one is not known, and stays so.
                " create_time = CASE WHEN kept.create_time IS NOT NULL"
                " THEN least(kept.create_time, excluded.create_time) END,"
                " best_place = least(kept.best_place, excluded.best_place), revision = excluded.revision"
                " RETURNING request_id, profile_id, first_day, best_place",
                [
                    revision,
                    [one.request_id for one in showings],
                    [one.profile_id for one in showings],
                    [one.day for one in showings],
                    [one.place for one in showings],
                    [one.time for one in showings],
                ],
            )
            return [_showing(row) for row in await rows.fetchall()]

    @override
    async def showings(self, after: int, until: int, since: date) -> AsyncIterator[list[Showing]]:
        query = (
            "SELECT revision, request_id, profile_id, first_day, best_place FROM exposures"
            " WHERE revision > %s AND revision <= %s AND first_day >= %s"
            " AND (%s::bigint IS NULL OR (revision, request_id, profile_id) > (%s, %s::uuid, %s::uuid))"
            " ORDER BY revision, request_id, profile_id LIMIT %s"
        )
        mark: tuple[object, ...] = (None, None, None)
        while True:
            async with self._database.connection() as conn:
                found = await conn.execute(query, [after, until, since, mark[0], *mark, _PAGE])
                rows = await found.fetchall()
            yield [_showing(row) for row in rows]
            if len(rows) < _PAGE:
                return
            mark = (rows[-1]["revision"], rows[-1]["request_id"], rows[-1]["profile_id"])

    @override
    async def shown_before(self, day: date) -> list[str]:
        async with self._database.connection() as conn:
            found = await conn.execute("SELECT DISTINCT profile_id FROM exposures WHERE first_day < %s", [day])
            return [str(row["profile_id"]) for row in await found.fetchall()]

    @override
    async def feedback(self, after: int, until: int) -> list[Feedback]:
        query = "SELECT * FROM feedback WHERE revision > %s AND revision <= %s"
        async with self._database.connection() as conn:
            return [_feedback(row) for row in await (await conn.execute(query, [after, until])).fetchall()]

    @override
    async def exposures(self, profile_ids: Sequence[str], first: date, last: date) -> list[Exposure]:
        async with self._database.connection() as conn:
            found = await conn.execute(
                "SELECT profile_id, count(*) AS requests, count(*) FILTER (WHERE best_place <= %s) AS first_three"
                " FROM exposures WHERE profile_id = ANY(%s::uuid[]) AND first_day BETWEEN %s AND %s"
                " GROUP BY profile_id",
                [FIRST_PLACES, list(profile_ids), first, last],
            )
            rows = await found.fetchall()
        return [Exposure(str(row["profile_id"]), row["requests"], row["first_three"]) for row in rows]

    @override
    async def forget(self, profile_id: str) -> None:
        async with self._database.transaction() as conn:
            await conn.execute("UPDATE ledger_position SET revision = revision + 1, erasures = erasures + 1")
            await conn.execute("DELETE FROM exposures WHERE profile_id = %s", [profile_id])
            await conn.execute("DELETE FROM feedback WHERE profile_id = %s", [profile_id])


async def keep_rating(conn: Connection, feedback: Feedback, now: datetime) -> Feedback:
    """Keep feedback in the place of what was said of this pair before, within a transaction.

    Do it last: all who do it wait for each other until the commit.
    """
    revision = await _next_revision(conn)
    found = await conn.execute(
        "INSERT INTO feedback (request_id, profile_id, rating, organisation, create_time, update_time, revision)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (request_id, profile_id) DO UPDATE SET rating = excluded.rating,"
        " organisation = excluded.organisation, update_time = excluded.update_time,"
        " revision = excluded.revision RETURNING *",
        [feedback.request_id, feedback.profile_id, feedback.rating, feedback.organisation, now, now, revision],
    )
    return next(_feedback(row) for row in await found.fetchall())


async def _next_revision(conn: Connection) -> int:
    """Taken under a lock that is held until the commit: see the migration."""
    row = await (await conn.execute("UPDATE ledger_position SET revision = revision + 1 RETURNING revision")).fetchone()
    if row is None:
        raise RuntimeError("ledger_position has lost its row")
    return int(row["revision"])


def _showing(row: DictRow) -> Showing:
    return Showing(str(row["request_id"]), str(row["profile_id"]), row["first_day"], row["best_place"])


def _feedback(row: DictRow) -> Feedback:
    return Feedback(
        str(row["request_id"]), str(row["profile_id"]), row["rating"], row["organisation"], row["update_time"]
    )
