"""Profiles in PostgreSQL. The only SQL of the service stands here, in `audit_rows` and in the migrations."""

import datetime as dt
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

from psycopg import errors, sql
from psycopg.types.json import Jsonb

from yinling_common import logs
from yinling_common.database import Connection, Database
from yinling_common.errors import AlreadyExists, YinlingError
from yinling_common.identity import Identity
from yinling_common.types import TitleLevel
from yinling_talent import audit_rows
from yinling_talent.audit import Entry
from yinling_talent.domain import Profile, number_key, person_key
from yinling_talent.rows import COLUMNS, DERIVED, from_row, to_row
from yinling_talent.storage import Change, Changes, Filter, ProfileStore, Unit

CHANNEL = "talent_profiles"
"""Notified with every commit that changes profiles."""

_READ = sql.SQL(", ").join(sql.Identifier("p", name) for name in COLUMNS)
_WRITE = sql.SQL(", ").join(map(sql.Identifier, (*COLUMNS, *DERIVED)))
_ASSIGN = sql.SQL(", ").join(
    sql.SQL("{0} = x.{0}").format(sql.Identifier(name)) for name in (*COLUMNS, *DERIVED) if name != "id"
)

_GET = sql.SQL(
    "SELECT {}, c.revision FROM profiles p JOIN profile_changes c ON c.profile_id = p.id WHERE p.id = %s"
).format(_READ)

# Both rows are locked, so that after a wait the revision is as fresh as the profile. In the order of the ids, so that
# two batches never wait for each other.
_LOCK_IDS = sql.SQL(
    "SELECT {}, c.revision FROM profiles p JOIN profile_changes c ON c.profile_id = p.id"
    " WHERE p.id = ANY(%s::uuid[]) ORDER BY p.id FOR UPDATE OF p, c"
).format(_READ)

# Imports of one organisation go one after the other: two of them would both find a person without a number missing.
_LOCK_IMPORTS = """
    SELECT pg_advisory_xact_lock(hashtextextended('talent.import.' || organisation, 0))
    FROM unnest(%s::text[]) AS organisation
"""

# A new profile waits for an import that runs, and the other way round, or the import would find a number taken that
# was free when it looked.
_LOCK_OUT_IMPORTS = """
    SELECT pg_advisory_xact_lock_shared(hashtextextended('talent.import.' || organisation, 0))
    FROM unnest(%s::text[]) AS organisation
"""

_MATCHING_IDS = """
    SELECT id FROM profiles
    WHERE organisation = ANY(%(organisations)s) AND number_key <> '' AND number_key = ANY(%(numbers)s)
    UNION
    SELECT id FROM profiles WHERE organisation = ANY(%(organisations)s) AND person_key = ANY(%(persons)s)
"""

_INSERT = sql.SQL(
    "INSERT INTO profiles ({0}) SELECT {0} FROM jsonb_populate_recordset(NULL::profiles, %s::jsonb)"
).format(_WRITE)

_UPDATE = sql.SQL(
    "UPDATE profiles p SET {} FROM jsonb_populate_recordset(NULL::profiles, %s::jsonb) x WHERE p.id = x.id"
).format(_ASSIGN)

_DELETE = "DELETE FROM profiles WHERE id = ANY(%s::uuid[])"

_TOMBSTONE = "SELECT revision FROM profile_changes WHERE profile_id = %s AND removed"

_TAKE_REVISIONS = "UPDATE feed_head SET revision = revision + %s RETURNING revision"

_RECORD_CHANGES = """
    INSERT INTO profile_changes (profile_id, revision, removed)
    SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::boolean[])
    ON CONFLICT (profile_id) DO UPDATE SET revision = excluded.revision, removed = excluded.removed
"""

_NOTIFY = sql.SQL("NOTIFY {}").format(sql.Identifier(CHANNEL))

_FIND = sql.SQL("""
    SELECT {}, c.revision FROM profile_changes c JOIN profiles p ON p.id = c.profile_id
    WHERE {} ORDER BY c.revision DESC LIMIT %s
""")

# One statement, one snapshot: the head and the changes belong together.
_CHANGES = sql.SQL("""
    SELECT h.revision AS head, c.profile_id, c.removed, c.revision, {}
    FROM feed_head h
    LEFT JOIN LATERAL (
        SELECT * FROM profile_changes
        WHERE revision > %(after)s AND (removed OR NOT %(removals_only)s) ORDER BY revision LIMIT %(limit)s
    ) c ON true
    LEFT JOIN profiles p ON p.id = c.profile_id AND NOT c.removed
    ORDER BY c.revision
""").format(_READ)


class PostgresUnit(Unit):
    """A unit of work in one transaction."""

    def __init__(self, conn: Connection) -> None:
        super().__init__()
        self.conn = conn
        self._locked = False

    async def lock(self, profile_id: str) -> Profile | None:
        """See `Unit`."""
        self._locked = True
        row = await (await self.conn.execute(_LOCK_IDS, [[profile_id]])).fetchone()
        return from_row(row) if row else None

    async def lock_matching(self, profiles: Sequence[Profile]) -> list[Profile]:
        """See `Unit`."""
        self._locked = True
        organisations = sorted({profile.organisation for profile in profiles})
        await self.conn.execute(_LOCK_IMPORTS, [organisations])
        keys = {
            "organisations": organisations,
            "numbers": sorted({number_key(profile) for profile in profiles}),
            "persons": sorted({person_key(profile) for profile in profiles}),
        }
        ids = [row["id"] for row in await (await self.conn.execute(_MATCHING_IDS, keys)).fetchall()]
        rows = await (await self.conn.execute(_LOCK_IDS, [ids])).fetchall()
        return [from_row(row) for row in rows]

    async def tombstone(self, profile_id: str) -> int | None:
        """See `Unit`."""
        row = await (await self.conn.execute(_TOMBSTONE, [profile_id])).fetchone()
        return row["revision"] if row else None

    async def forget(self, profile_id: str) -> None:
        """See `Unit`."""
        await audit_rows.forget(self.conn, profile_id)

    async def flush(self) -> None:
        """Write everything, and take the revisions as the very last step.

        The lock on the feed's head makes every other writer wait from here to the commit, so nothing slow may come
        after it; and since it is held to the commit, no revision becomes visible before a smaller one.
        """
        await self._write()
        await audit_rows.write(self.conn, self.entries)
        gone = {profile.id: not profile.consent.granted for profile in self._written()} | dict.fromkeys(
            self.deleted, True
        )
        if not gone:
            return
        ids = list(gone)
        revisions = await self.take_revisions(len(ids))
        await self.conn.execute(_RECORD_CHANGES, [ids, revisions, list(gone.values())])
        await self.conn.execute(_NOTIFY)
        self.revisions = dict(zip(ids, revisions, strict=True))

    async def take_revisions(self, count: int) -> list[int]:
        """The next revisions, this transaction's own until it ends."""
        row = await (await self.conn.execute(_TAKE_REVISIONS, [count])).fetchone()
        assert row is not None, "the migration has put the one row there"  # noqa: S101 - narrows the type
        return list(range(row["revision"] - count + 1, row["revision"] + 1))

    def _written(self) -> Iterable[Profile]:
        yield from self.inserted.values()
        yield from self.updated.values()

    async def _write(self) -> None:
        if (
            self.inserted and not self._locked
        ):  # who holds a row already must not wait for an import: it may want the row
            await self.conn.execute(_LOCK_OUT_IMPORTS, [sorted({p.organisation for p in self.inserted.values()})])
        try:
            for statement, profiles in ((_UPDATE, self.updated), (_INSERT, self.inserted)):
                if profiles:
                    await self.conn.execute(statement, [Jsonb([to_row(profile) for profile in profiles.values()])])
            if self.deleted:
                await self.conn.execute(_DELETE, [self.deleted])
        except errors.UniqueViolation as error:
            numbers = [f"{p.organisation} {p.employee_number}" for p in self._written() if p.employee_number]
            key = numbers[0] if len(numbers) == 1 else "with one of the employee numbers"
            raise AlreadyExists("profile", key) from error


class PostgresStore(ProfileStore):
    """The store of a running service."""

    unit_type = PostgresUnit

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[Unit]:
        """See `ProfileStore`."""
        async with self._database.transaction() as conn:
            unit = self.unit_type(conn)
            yield unit
            await unit.flush()

    async def get(self, profile_id: str) -> Profile | None:
        """See `ProfileStore`."""
        async with self._database.connection() as conn:
            row = await (await conn.execute(_GET, [profile_id])).fetchone()
        return from_row(row) if row else None

    async def find(self, which: Filter, before: int | None, limit: int) -> list[Profile]:
        """See `ProfileStore`."""
        conditions = list(_conditions(which, before))
        query = _FIND.format(
            _READ, sql.SQL(" AND ").join([sql.SQL("true"), *(condition for condition, _ in conditions)])
        )
        async with self._database.connection() as conn:
            rows = await (await conn.execute(query, [*(value for _, value in conditions), limit])).fetchall()
        return [from_row(row) for row in rows]

    async def changes(self, after: int, limit: int, *, removals_only: bool = False) -> Changes:
        """See `ProfileStore`."""
        values = {"after": after, "limit": limit, "removals_only": removals_only}
        async with self._database.connection() as conn:
            rows = await (await conn.execute(_CHANGES, values)).fetchall()
        changes = (
            Change(row["revision"], str(row["profile_id"]), from_row(row) if row["id"] else None)
            for row in rows
            if row["revision"] is not None
        )
        return Changes(rows[0]["head"], tuple(changes))

    async def record_reads(self, profile_ids: Sequence[str], by: Identity, now: dt.datetime) -> None:
        """See `ProfileStore`."""
        async with self._database.connection() as conn:
            await audit_rows.record_reads(conn, profile_ids, by, now)

    async def audit(self, profile_id: str, before: int | None, limit: int) -> list[Entry]:
        """See `ProfileStore`."""
        async with self._database.connection() as conn:
            return await audit_rows.of_person(conn, profile_id, before, limit)

    async def tidy(self) -> None:
        """See `ProfileStore`."""
        try:
            async with self._database.connection() as conn:
                await conn.execute("VACUUM (SKIP_LOCKED) profiles, audit_log")
        except YinlingError as error:  # it took too long: autovacuum will come to it
            logs.get().warning("store.not_tidied", error=error.message)

    async def ping(self) -> None:
        """See `ProfileStore`."""
        await self._database.ping()


def _conditions(which: Filter, before: int | None) -> Iterable[tuple[sql.SQL, object]]:
    """Each condition has one parameter."""
    if before is not None:
        yield sql.SQL("c.revision < %s"), before
    if which.organisation:
        yield sql.SQL("p.organisation = %s"), which.organisation
    if which.consented:
        yield sql.SQL("p.consent_granted = %s"), True
    if which.city:
        yield sql.SQL("p.city = %s"), which.city
    if which.industry:
        yield sql.SQL("p.industry = %s"), which.industry
    if which.min_title_level is not TitleLevel.UNSPECIFIED:
        yield sql.SQL("p.title_level >= %s"), int(which.min_title_level)
    if which.skill:
        yield sql.SQL("%s = ANY(p.skills)"), which.skill
    if which.mode:
        yield sql.SQL("(p.modes = '{}' OR %s = ANY(p.modes))"), int(which.mode)
    if which.number_key:
        yield sql.SQL("p.number_key = %s"), which.number_key
    # Chinese has no spaces between words, so a word is any run of characters inside the text. strpos takes it as it
    # is; LIKE would need its wildcards escaped.
    for word in which.words:
        yield sql.SQL("strpos(p.search_text, %s) > 0"), word
