"""Follows people from office to office: what stands between them and enterprises becomes that of the new one.

Engagements long over too: an office has no business with the words of somebody whom it no longer looks after, and
whoever looks after them now answers for them and must know what was. What the old office did stays in the person's log.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from functools import partial
from typing import LiteralString
from uuid import UUID

from yinling_common import logs
from yinling_common.database import Connection
from yinling_common.repeating import repeat
from yinling_matching.engaging.offices import OF_PERSON
from yinling_matching.engaging.people import Known
from yinling_matching.engaging.unit import Decisions, Unit
from yinling_matching.privacy.erased import nobody_is_erased_now

_PORTION = 1000
"""People who are looked at at once: to read a hundred thousand rows would stop the event loop for half a second."""

_KEPT = "SELECT profile_id, office, revision FROM people_offices WHERE profile_id = ANY(%s::uuid[])"
_NEXT = "SELECT profile_id, office, revision FROM people_offices WHERE profile_id > %s ORDER BY profile_id LIMIT %s"
# Rows that a replica of before wrote during an upgrade. Who was erased is not put down again.
_MISSING = """
    INSERT INTO people_offices (profile_id, office, revision)
    SELECT DISTINCT ON (profile_id) profile_id, office, 0 FROM (
        SELECT profile_id, office, create_time FROM invitations
        UNION ALL SELECT profile_id, office, create_time FROM opt_ins
    ) AS known
    WHERE NOT EXISTS (SELECT FROM people_offices AS kept WHERE kept.profile_id = known.profile_id)
        AND NOT EXISTS (SELECT FROM erased_people AS gone WHERE gone.digest = sha256(uuid_send(known.profile_id)))
    ORDER BY profile_id, create_time DESC
    ON CONFLICT DO NOTHING
"""
# Of whom there are rows of another office than their own: those from before people were followed, and those that a
# replica of before wrote during an upgrade.
_SCATTERED = " UNION ".join(
    f"SELECT one.profile_id FROM {table} AS one"  # noqa: S608 - names of ours
    " JOIN people_offices AS kept ON kept.profile_id = one.profile_id AND kept.office <> one.office"
    for table in OF_PERSON
)
# Who changed, and is where they were. Rows are locked in the order of the ids, here and below, as `hold` does.
_STILL = """
    WITH held AS MATERIALIZED (
        SELECT kept.profile_id AS id, given.revision
        FROM people_offices AS kept
        JOIN unnest(%s::uuid[], %s::text[], %s::bigint[]) AS given (id, office, revision) ON kept.profile_id = given.id
        WHERE kept.office = given.office AND kept.revision < given.revision
        ORDER BY kept.profile_id FOR UPDATE OF kept
    )
    UPDATE people_offices AS kept SET revision = held.revision FROM held WHERE kept.profile_id = held.id
"""
_FORGET_REVISIONS = """
    WITH held AS MATERIALIZED (SELECT profile_id AS id FROM people_offices ORDER BY profile_id FOR UPDATE)
    UPDATE people_offices AS kept SET revision = 0 FROM held WHERE kept.profile_id = held.id
"""
# As whoever decides something does, before anything else, and in one order.
_LOCK = """
    SELECT id FROM mentoring_requests WHERE id IN (
        SELECT mentoring_request_id FROM invitations WHERE profile_id = %(id)s
        UNION SELECT mentoring_request_id FROM opt_ins WHERE profile_id = %(id)s
        UNION SELECT mentoring_request_id FROM engagements WHERE profile_id = %(id)s
    ) ORDER BY id FOR UPDATE
"""
_MOVE = """
    UPDATE people_offices SET office = %(office)s, revision = %(revision)s
    WHERE profile_id = %(id)s AND revision < %(revision)s RETURNING office
"""
_STAY = "SELECT office FROM people_offices WHERE profile_id = %(id)s FOR UPDATE"
_NOTICES = "UPDATE notices SET office = %(office)s WHERE profile_id = %(id)s AND office NOT IN ('', %(office)s)"


class _Again(Exception):
    """Somebody wrote about the person for another request just before."""


class Moving:
    """See the module.

    Args:
        decisions: Where it is done, and who is where.
        every: Seconds between two looks at everybody: what a process heard just before it died was told to nobody else.
    """

    def __init__(self, decisions: Decisions, *, every: float = 300.0) -> None:
        self._decisions = decisions
        self._every = every
        self._next_look = 0.0
        self._changed: set[str] = set()
        self._went_back = False
        self._woken = asyncio.Event()

    def changed(self, profile_ids: Collection[str]) -> None:
        """The feed told of people. Does not wait: `run` looks where they are."""
        self._changed.update(profile_ids)
        self._woken.set()

    def feed_went_back(self) -> None:
        """The feed begins anew, from revisions that it told before: what it tells now counts. Does not wait: `run`."""
        self._went_back = True
        self._next_look = 0.0
        self._woken.set()

    async def run(self) -> None:
        """Follow for ever; cancel it to end."""
        await repeat("moving", self._look, self._woken)

    async def _look(self) -> float:
        clock = asyncio.get_running_loop().time
        if self._went_back:
            self._went_back = False  # it may go back once more meanwhile
            try:
                await self._forget_revisions()
            except BaseException:
                self._went_back = True
                raise
        if changed := self._changed:
            self._changed = set()  # who changes once more while they are followed is looked at once more
            try:
                await self.follow(changed)
            except BaseException:
                self._changed |= changed
                raise
        if clock() >= self._next_look:
            await self.look_at_everybody()
            self._next_look = clock() + self._every
        return max(0.0, self._next_look - clock())

    async def look_at_everybody(self) -> None:
        """Follow everybody about whom there are rows, and see that all their rows name one office."""
        await self._put_down_missing()
        await self.follow(None)
        async with self._decisions.database.connection() as conn:
            rows = await (await conn.execute(_SCATTERED.encode())).fetchall()
        for row in rows:
            await self._move(str(row["profile_id"]), None)

    async def follow(self, changed: Collection[str] | None) -> int:
        """Move those of some people, or of all, who are elsewhere now; returns how many."""
        found = 0
        async for kept in self._portions(changed):
            here = await self._decisions.people.find(list(kept))
            moved = {
                id_: one for id_, one in here.items() if one.office != kept[id_][0] and one.revision > kept[id_][1]
            }
            if changed is not None:
                await self._note_still({id_: one for id_, one in here.items() if id_ not in moved})
            found += sum([await self._move(id_, one) for id_, one in moved.items()])
        return found

    async def _portions(self, changed: Collection[str] | None) -> AsyncIterator[dict[str, tuple[str, int]]]:
        """Those of some people, or of all, about whom there are rows, each with their office and its revision."""
        if changed is None:
            after = str(UUID(int=0))
            while kept := await self._kept(_NEXT, [after, _PORTION]):
                yield kept
                after = max(kept)
            return
        ids = list(changed)
        for first in range(0, len(ids), _PORTION):
            if kept := await self._kept(_KEPT, [ids[first : first + _PORTION]]):
                yield kept

    async def _kept(self, query: LiteralString, values: Sequence[object]) -> dict[str, tuple[str, int]]:
        async with self._decisions.database.connection() as conn:
            rows = await (await conn.execute(query, values)).fetchall()
        return {str(row["profile_id"]): (str(row["office"]), int(row["revision"])) for row in rows}

    async def _forget_revisions(self) -> None:
        async with self._decisions.database.connection() as conn:
            await conn.execute(_FORGET_REVISIONS)

    async def _put_down_missing(self) -> None:
        async with self._decisions.database.transaction() as conn:
            await nobody_is_erased_now(conn)
            await conn.execute(_MISSING)

    async def _note_still(self, still: Mapping[str, Known]) -> None:
        if still:
            values = [list(still), [one.office for one in still.values()], [one.revision for one in still.values()]]
            async with self._decisions.database.connection() as conn:
                await conn.execute(_STILL, values)

    async def _move(self, profile_id: str, one: Known | None) -> int:
        """Move somebody to where they are; without `one` what is elsewhere of them to the office that is theirs."""
        while True:
            try:
                moved = await self._decisions.ourselves(partial(_move, profile_id=profile_id, one=one))
            except _Again:
                continue
            if moved:
                logs.get().info("person.moved", person=profile_id)
            return moved


async def _move(unit: Unit, profile_id: str, one: Known | None) -> int:
    values: dict[str, object] = {"id": profile_id}
    if one:
        values |= {"office": one.office, "revision": one.revision}
    locked = [row["id"] for row in await (await unit.conn.execute(_LOCK, values)).fetchall()]
    row = await (await unit.conn.execute(_MOVE if one else _STAY, values)).fetchone()
    if row is None:
        return 0  # a newer one is known, or they were erased
    office = str(row["office"])
    for table in OF_PERSON:
        query = f"UPDATE {table} SET office = %s WHERE profile_id = %s AND mentoring_request_id = ANY(%s)"  # noqa: S608 - names of ours
        await unit.conn.execute(query.encode(), [office, profile_id, locked])
    if await _left(unit.conn, profile_id, office):
        raise _Again
    await unit.conn.execute(_NOTICES, {"id": profile_id, "office": office})
    return 1


async def _left(conn: Connection, profile_id: str, office: str) -> bool:
    """Whether rows of another office are left: nobody writes more of them while the person is held."""
    query = " UNION ALL ".join(
        f"SELECT FROM {table} WHERE profile_id = %(id)s AND office <> %(office)s" for table in OF_PERSON
    )
    return bool((await conn.execute(query.encode(), {"id": profile_id, "office": office})).rowcount)
