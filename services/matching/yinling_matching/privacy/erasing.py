"""Erases a person: everything that says who they were goes, and counts stay.

Every row about them becomes one about a tombstone, a random id that nothing leads to and that is the same in all of
them, so that figures go on counting people. Their words, and what was written to and about them, are emptied.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

from yinling_common import logs
from yinling_common.database import Connection
from yinling_common.errors import WrongState, YinlingError
from yinling_common.identity import Role, require
from yinling_matching.catalogue.catalogue import Catalogue
from yinling_matching.catalogue.keeper import Keeper
from yinling_matching.domain import new_etag
from yinling_matching.engaging.changing import Waiting, close
from yinling_matching.engaging.domain import Engagement
from yinling_matching.engaging.places import Places
from yinling_matching.engaging.states import ClosedBecause, EndReason, EngagementState
from yinling_matching.engaging.tables import ENGAGEMENTS, INVITATIONS, OPT_INS
from yinling_matching.engaging.unit import Decisions, Unit
from yinling_matching.exposure.ledger import Ledger
from yinling_matching.following.progress import Progress
from yinling_matching.notices.domain import Audience, NewNotice, NoticeKind
from yinling_matching.notices.outbox import tell
from yinling_matching.privacy.erased import mark_erased, mark_tombstone
from yinling_matching.privacy.sweeping import Sweeping

_REQUESTS = """
    SELECT mentoring_request_id AS id FROM invitations WHERE profile_id = %(id)s
    UNION SELECT mentoring_request_id FROM opt_ins WHERE profile_id = %(id)s
    UNION SELECT mentoring_request_id FROM engagements WHERE profile_id = %(id)s
    ORDER BY id
"""
# Before anything else, as everybody does; and in one order, so that two erasures do not wait for each other.
_LOCK_REQUESTS = """
    SELECT id FROM mentoring_requests WHERE %(id)s::uuid = ANY(blocked_profile_ids) OR id IN (
        SELECT mentoring_request_id FROM invitations WHERE profile_id = %(id)s
        UNION SELECT mentoring_request_id FROM opt_ins WHERE profile_id = %(id)s
        UNION SELECT mentoring_request_id FROM engagements WHERE profile_id = %(id)s
    ) ORDER BY id FOR UPDATE
"""

# What becomes of the rows. The words in an engagement's goals are of both sides; its contact is somebody's whom the
# person was to turn to.
_EMPTIED = {
    "invitations": "message = '', decline_words = ''",
    "opt_ins": "message = '', turn_down_words = ''",
    "engagements": 'end_words = \'\', goals = \'[]\', enterprise_contact = \'{"name": "", "phone": "", "email": ""}\'',
    "mentoring_sessions": "summary = '', next_step = '', place = ''",
    "engagement_feedback": "words = ''",
}

_ERASING, _NO_LONGER = "SET LOCAL yinling.erasing = 'on'", "SET LOCAL yinling.erasing = 'off'"
_SUBJECTS = "SELECT DISTINCT subject FROM audit_log WHERE profile_id = %s AND role = 'retiree' AND subject <> ''"
_REPLIES = """
    DELETE FROM idempotency_keys WHERE subject = ANY(%s) OR strpos(reply::text, %s) > 0
"""
_AUDIT = """
    UPDATE audit_log SET profile_id = NULL, subject = CASE WHEN role = 'retiree' THEN '' ELSE subject END
    WHERE profile_id = %s
"""
_AUDIT_OF_OTHERS = "UPDATE audit_log SET subject = '' WHERE role = 'retiree' AND subject = ANY(%s)"
_AUDIT_OF_REQUESTS = """
    UPDATE audit_log SET fields = replace(fields::text, %(id)s, %(tombstone)s)::jsonb, profile_id = NULL
    WHERE resource = 'mentoring_request' AND strpos(fields::text, %(id)s) > 0
"""
_BLOCKED = """
    UPDATE mentoring_requests SET blocked_profile_ids = array_remove(blocked_profile_ids, %(id)s::uuid), etag = %(etag)s
    WHERE %(id)s::uuid = ANY(blocked_profile_ids)
"""
# The enterprise still hears that an invitation or an offer is closed, without whose it was.
_WAITED = [NoticeKind.INVITATION_CLOSED, NoticeKind.OPT_IN_WITHDRAWN]
_CLOSED = """
    UPDATE notices SET profile_id = NULL, office = '', subject = %s
    WHERE profile_id = %s AND kind = ANY(%s) AND audience = %s
"""
# Nobody is asked, later, how it went with somebody who is nobody any more.
_NOT_ASKED = """
    INSERT INTO reminders (resource_id, name, about, time)
    SELECT id, 'feedback', coalesce(end_time, update_time), %s FROM engagements WHERE profile_id = %s
    ON CONFLICT DO NOTHING
"""
_WRITERS_OF_BEFORE = "SELECT FROM ledger_position FOR SHARE"
"""Who writes holds it until the commit. Those who come later know who was erased."""
_SHOWN = """
    SELECT (SELECT count(*) FROM exposures WHERE profile_id = %(id)s)
        + (SELECT count(*) FROM feedback WHERE profile_id = %(id)s) AS rows
"""
_VACUUM = (
    "audit_log", "embeddings", "engagement_feedback", "engagements", "exposures", "feedback", "idempotency_keys",
    "invitations", "mentoring_sessions", "notices", "opt_ins", "people_offices", "people_places",
)  # fmt: skip


class Erasing:
    """See the module.

    Args:
        decisions: Runs the transaction.
        catalogue: In which the person must not be any more.
        progress: Whether the catalogue can be believed.
        places: Told that nothing of theirs is taken.
        ledger: Forgets for whom they were shown, and what was said of them.
        sweeping: Deletes the vectors of their texts.
        keeper: Writes the snapshot anew.
    """

    def __init__(
        self,
        *,
        decisions: Decisions,
        catalogue: Catalogue,
        progress: Progress,
        places: Places,
        ledger: Ledger,
        sweeping: Sweeping,
        keeper: Keeper,
    ) -> None:
        self._decisions = decisions
        self._catalogue = catalogue
        self._progress = progress
        self._places = places
        self._ledger = ledger
        self._sweeping = sweeping
        self._keeper = keeper

    async def erase(self, profile_id: str) -> dict[str, int]:
        """Erase somebody; done again it finds nothing more to do.

        Returns:
            Rows that were deleted or made anonymous, by table.

        Raises:
            WrongState: The person is still in the feed, or it is not known yet who is.
        """
        require(Role.ADMIN, Role.SERVICE)
        if not self._progress.complete:
            raise WrongState("building", "an index that knows everybody in the feed")
        if await asyncio.to_thread(self._is_here, profile_id):
            raise WrongState("in_the_feed", "a profile that was erased in talent before")
        await mark_erased(self._decisions.database, profile_id)
        rows: dict[str, int] = {}

        async def decide(unit: Unit) -> int:
            rows.update(await _erase(unit, profile_id))
            return 0

        await self._decisions.ourselves(decide)
        self._places.wake()
        rows["exposures"] = await self._forget_shown(profile_id)
        # From here on nothing tells of the person by name. Vectors and files are left, under no name at all.
        await asyncio.to_thread(self._catalogue.set_taken, {profile_id: 0})
        rows["embeddings"] = await self._sweeping.sweep()
        await self._keeper.rewrite()
        await self._vacuum()
        return {table: count for table, count in rows.items() if count}

    async def _forget_shown(self, profile_id: str) -> int:
        """Whom they were shown to, and how they were rated. All replicas hear of it, and forget what they remember."""
        await self._ledger.write()  # what waits there would come after
        async with self._decisions.database.transaction() as conn:
            await conn.execute(_WRITERS_OF_BEFORE)
            row = await (await conn.execute(_SHOWN, {"id": profile_id})).fetchone()
        await self._ledger.forget(profile_id)
        return int(row["rows"]) if row else 0

    async def _vacuum(self) -> None:
        """Give the room of the rows back at once, where nobody is at the table: what they said is there until then."""
        try:
            async with self._decisions.database.connection() as conn:
                await conn.execute(f"VACUUM (SKIP_LOCKED) {', '.join(_VACUUM)}".encode())
        except YinlingError as error:  # it took too long: autovacuum will come to it
            logs.get().warning("erasure.not_vacuumed", error=error.message)

    def _is_here(self, profile_id: str) -> bool:
        with self._catalogue.reading() as view:
            return view.entry(profile_id) is not None


async def _erase(unit: Unit, profile_id: str) -> dict[str, int]:
    conn, tombstone = unit.conn, str(uuid4())
    rows: dict[str, int] = {}
    await conn.execute(_LOCK_REQUESTS, {"id": profile_id})
    told = await _end(unit, profile_id)
    await conn.execute(_NOT_ASKED, [unit.now, profile_id])
    await conn.execute(_CLOSED, [unit.by.subject, profile_id, _WAITED, Audience.ENTERPRISE])
    rows["notices"] = await _count(conn, "DELETE FROM notices WHERE profile_id = %s", [profile_id])
    for notice in told:
        await tell(conn, notice)
    subjects = [row["subject"] for row in await (await conn.execute(_SUBJECTS, [profile_id])).fetchall()]
    rows["idempotency_keys"] = await _count(conn, _REPLIES, [subjects, profile_id])
    for table, emptied in _EMPTIED.items():
        update = f"UPDATE {table} SET profile_id = %s, {emptied} WHERE profile_id = %s"  # noqa: S608 - names of ours
        rows[table] = await _count(conn, update, [tombstone, profile_id])
    if any(rows[table] for table in _EMPTIED):
        await mark_tombstone(conn, tombstone)
    await conn.execute("DELETE FROM people_offices WHERE profile_id = %s", [profile_id])
    rows["people_places"] = await _count(conn, "DELETE FROM people_places WHERE profile_id = %s", [profile_id])
    rows["mentoring_requests"] = await _count(conn, _BLOCKED, {"id": profile_id, "etag": new_etag()})
    await conn.execute(_ERASING)
    rows["audit_log"] = await _count(conn, _AUDIT, [profile_id])
    rows["audit_log"] += await _count(conn, _AUDIT_OF_OTHERS, [subjects])
    rows["audit_log"] += await _count(conn, _AUDIT_OF_REQUESTS, {"id": profile_id, "tombstone": tombstone})
    await conn.execute(_NO_LONGER)
    return rows


async def _end(unit: Unit, profile_id: str) -> list[NewNotice]:
    """End what goes on with a person; returns what the enterprises are to be told, without saying of whom.

    Their places are not counted: the row of these goes too.
    """
    conn = unit.conn
    found = await (await conn.execute(_REQUESTS, {"id": profile_id})).fetchall()
    told = []
    for request_id in (str(row["id"]) for row in found):
        request = await unit.request(request_id)
        waiting: list[Waiting] = [
            *await INVITATIONS.live(conn, request_id, [profile_id]),
            *await OPT_INS.live(conn, request_id, [profile_id]),
        ]
        for thing in waiting:
            await close(conn, request, thing, ClosedBecause.PERSON_GONE, by=unit.by, now=unit.now)
        for engagement in await ENGAGEMENTS.live(conn, request_id, [profile_id]):
            await _end_early(unit, engagement)
            told.append(
                NewNotice(
                    kind=NoticeKind.ENGAGEMENT_ENDED,
                    audience=Audience.ENTERPRISE,
                    organisation=engagement.organisation,
                    mentoring_request_id=request_id,
                    resource=ENGAGEMENTS.resource,
                    resource_id=engagement.id,
                    facts={"title": request.title, "reason": "personal"},
                    subject=unit.by.subject,
                    now=unit.now,
                )
            )
    return told


async def _end_early(unit: Unit, engagement: Engagement) -> None:
    cancelled = "UPDATE mentoring_sessions SET state = 3, etag = %s WHERE engagement_id = %s AND state = 1"
    await unit.conn.execute(cancelled, [new_etag(), engagement.id])
    ended = replace(
        engagement,
        state=EngagementState.ENDED_EARLY,
        end_reason=EndReason.PERSONAL,
        end_time=unit.now,
        update_time=unit.now,
        etag=new_etag(),
    )
    await ENGAGEMENTS.update(unit.conn, ended)
    await unit.record(ENGAGEMENTS, ended, "end", engagement.state)


async def _count(conn: Connection, statement: str, values: Sequence[object] | dict[str, object]) -> int:
    return (await conn.execute(statement.encode(), values)).rowcount
