"""Everything about a person, to be handed to them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from psycopg.types.json import Jsonb

from yinling_common.database import Connection, Database
from yinling_common.identity import Identity, Role
from yinling_matching.domain import RequestState
from yinling_matching.engaging.domain import Engagement, Invitation, Kind, MentoringSession, OptIn
from yinling_matching.engaging.feedback import EngagementFeedback, feedback_of_row
from yinling_matching.engaging.states import Side
from yinling_matching.engaging.tables import ENGAGEMENTS, INVITATIONS, OPT_INS, SESSIONS, Position, Table, Wanted
from yinling_matching.privacy.asking import Asking
from yinling_matching.privacy.erased import erased

_PORTION = 500

# What a draft says is nobody else's yet, though people were looked for.
_EXPOSURES = f"""
    SELECT CASE WHEN r.state <> {RequestState.DRAFT.value} THEN r.title ELSE '' END AS title,
        coalesce(r.organisation, '') AS organisation,
        coalesce(e.create_time, e.first_day::timestamp AT TIME ZONE 'Asia/Shanghai') AS time
    FROM exposures e LEFT JOIN mentoring_requests r ON r.id = e.request_id
    WHERE e.profile_id = %s ORDER BY time DESC, e.request_id
"""  # noqa: S608 - a number of ours

# The person's own, and the enterprise's of the phases in which both have written.
_FEEDBACK = """
    SELECT engagement_id, profile_id, phase, side, goals, cooperation, again, words, update_time
    FROM engagement_feedback AS one WHERE profile_id = %(id)s AND (side = %(own)s OR EXISTS (
        SELECT FROM engagement_feedback AS own
        WHERE own.engagement_id = one.engagement_id AND own.phase = one.phase AND own.side = %(own)s
    )) ORDER BY update_time DESC, engagement_id, phase, side
"""

_NOTE = """
    INSERT INTO audit_log (time, subject, role, organisation, resource, action, before, after, profile_id, fields)
    VALUES (%s, %s, %s, %s, 'profile', 'export', '', '', %s, %s)
"""


@dataclass(frozen=True, slots=True)
class Exposure:
    """That the person was shown for a request; see the contract."""

    title: str
    organisation: str
    time: datetime


@dataclass(frozen=True, slots=True)
class Export:
    """What is known of a person."""

    invitations: list[Invitation] = field(default_factory=list)
    opt_ins: list[OptIn] = field(default_factory=list)
    engagements: list[Engagement] = field(default_factory=list)
    sessions: list[MentoringSession] = field(default_factory=list)
    feedback: list[EngagementFeedback] = field(default_factory=list)
    exposures: list[Exposure] = field(default_factory=list)


class Exporting:
    """Gathers it for the caller.

    Args:
        database: Where it is kept.
        asking: Says who may.
    """

    def __init__(self, database: Database, asking: Asking) -> None:
        self._database = database
        self._asking = asking

    async def export(self, profile_id: str) -> Export:
        """Everything; that somebody else than the person had it is written down."""
        caller, answered = await self._asking.caller(profile_id)
        if not answered:
            return Export()
        async with self._database.transaction() as conn:
            if await erased(conn, [profile_id]):
                return Export()
            if caller.role is not Role.RETIREE:
                await _note(conn, caller, profile_id)
            values = {"id": profile_id, "own": Side.MENTOR.value}
            exposures = await (await conn.execute(_EXPOSURES, [profile_id])).fetchall()
            feedback = await (await conn.execute(_FEEDBACK, values)).fetchall()
            return Export(
                invitations=await _all(conn, INVITATIONS, profile_id),
                opt_ins=await _all(conn, OPT_INS, profile_id),
                engagements=await _all(conn, ENGAGEMENTS, profile_id),
                sessions=await _all(conn, SESSIONS, profile_id),
                feedback=[feedback_of_row(row) for row in feedback],
                exposures=[Exposure(**row) for row in exposures],
            )


async def _all(conn: Connection, table: Table[Kind], profile_id: str) -> list[Kind]:
    found: list[Kind] = []
    after: Position | None = None
    while portion := await table.list(conn, Wanted(profile_id=profile_id), after, _PORTION):
        found += portion
        after = (getattr(portion[-1], table.order), portion[-1].id)
    return found


async def _note(conn: Connection, caller: Identity, profile_id: str) -> None:
    now = datetime.now(UTC)
    await conn.execute(_NOTE, [now, caller.subject, caller.role.value, caller.organisation, profile_id, Jsonb({})])
