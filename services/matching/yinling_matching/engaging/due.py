"""What falls due by itself: how it is found, and what is then done.

Nothing is put down in advance: each query reads the rows themselves, so that a restart, a restored database or a
changed setting needs no care. The same query is asked again under the lock of the request, where it decides.
"""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from yinling_common.database import Connection
from yinling_common.errors import NotFound
from yinling_matching.days import CHINA
from yinling_matching.domain import MentoringRequest, RequestState, new_etag
from yinling_matching.engaging.domain import Engagement, Kind
from yinling_matching.engaging.states import EngagementState, InvitationMove, InvitationState, SessionState, Side
from yinling_matching.engaging.tables import ENGAGEMENTS, INVITATIONS, SESSIONS, Table
from yinling_matching.engaging.telling import BOTH, ask_for_feedback
from yinling_matching.engaging.times import Times
from yinling_matching.engaging.unit import Unit
from yinling_matching.notices.domain import Audience, NoticeKind

_TOO_LONG_AGO = timedelta(days=60)
"""Nobody is asked for feedback of what ended before that."""

_SHORT = timedelta(days=14)
"""An engagement that is planned to be shorter has no half that anybody need be asked about."""


class NotYet(Exception):
    """It is due, and must not be done yet."""


@dataclass(frozen=True, slots=True)
class Timer:
    """One kind of thing that falls due.

    Attributes:
        name: For the log and the metrics.
        query: Finds `request_id` and `id` of what is due at `now`; of one thing alone where `id` is not null, and
            none of those that are `passed` over.
        act: Does it. The request is locked, and it is still due. Raises NotYet where it is to be asked again later.
        ahead: The length of time that the query knows as `ahead`.
    """

    name: str
    query: str
    act: Callable[[Unit, MentoringRequest, str], Awaitable[None]]
    ahead: timedelta = timedelta()

    async def due(
        self, conn: Connection, now: datetime, limit: int, id_: str | None = None, passed: Collection[str] = ()
    ) -> list[tuple[str, str]]:
        """What is due, as ids of the request and the thing, the longest due first; without what is passed over."""
        values = {
            "now": now,
            "today": now.astimezone(CHINA).date(),
            "ahead": self.ahead,
            "id": id_,
            "passed": list(passed),
            "limit": limit,
            "short": _SHORT,
            "long_ago": _TOO_LONG_AGO,
        }
        rows = await (await conn.execute(self.query.encode(), values)).fetchall()
        return [(str(row["request_id"]), str(row["id"])) for row in rows]


def timers(times: Times) -> list[Timer]:
    """All of them, in the order in which they are looked at: what ends needs no reminder any more."""
    return [
        Timer("expire_request", _REQUESTS_EXPIRED, _expire_request),
        Timer("expire_invitation", _INVITATIONS_EXPIRED, _expire_invitation),
        *([Timer("remind_of_invitation", _INVITATIONS_WAITING, _remind, times.remind)] if times.remind else []),
        *([Timer("remind_of_session", _SESSIONS_NEAR, _remind_of_session, times.session)] if times.session else []),
        Timer("ask_halfway", _HALFWAY, _ask_halfway),
        *([Timer("ask_again", _UNWRITTEN, _ask_again, times.feedback)] if times.feedback else []),
    ]


_REQUESTS_EXPIRED = f"""
    SELECT id AS request_id, id FROM mentoring_requests
    WHERE state = {RequestState.OPEN} AND expire_date < %(today)s AND (%(id)s::uuid IS NULL OR id = %(id)s)
        AND id <> ALL(%(passed)s::uuid[])
    ORDER BY expire_date LIMIT %(limit)s
"""  # noqa: S608 - states of ours, here and below


async def _expire_request(unit: Unit, request: MentoringRequest, _: str) -> None:
    await unit.change(request, replace(request, state=RequestState.EXPIRED))


_INVITATIONS_EXPIRED = f"""
    SELECT mentoring_request_id AS request_id, id FROM invitations
    WHERE state = {InvitationState.SENT} AND expire_time <= %(now)s AND (%(id)s::uuid IS NULL OR id = %(id)s)
        AND id <> ALL(%(passed)s::uuid[])
    ORDER BY expire_time LIMIT %(limit)s
"""  # noqa: S608 - as above


async def _expire_invitation(unit: Unit, request: MentoringRequest, id_: str) -> None:
    kept = await _locked(unit, INVITATIONS, id_)
    ended = replace(kept, state=InvitationState.EXPIRED, update_time=unit.now, etag=new_etag())
    await INVITATIONS.update(unit.conn, ended)
    await unit.record(INVITATIONS, ended, InvitationMove.EXPIRE, kept.state)
    await unit.tell(NoticeKind.INVITATION_EXPIRED, Audience.ENTERPRISE, request, ended)


# Who has less than a day left is not hurried.
_INVITATIONS_WAITING = f"""
    SELECT mentoring_request_id AS request_id, id FROM invitations
    WHERE state = {InvitationState.SENT} AND remind_time IS NULL
        AND create_time <= %(now)s - %(ahead)s AND expire_time >= %(now)s + interval '1 day'
        AND (%(id)s::uuid IS NULL OR id = %(id)s) AND id <> ALL(%(passed)s::uuid[])
    ORDER BY create_time LIMIT %(limit)s
"""  # noqa: S608 - as above


async def _remind(unit: Unit, request: MentoringRequest, id_: str) -> None:
    kept = await _locked(unit, INVITATIONS, id_)
    # The etag stays: who opened the page before this, and says yes after it, has overlooked nothing.
    await INVITATIONS.update(unit.conn, replace(kept, remind_time=unit.now))
    until = kept.expire_time.isoformat()
    await unit.tell(NoticeKind.INVITATION_REMINDER, Audience.PERSON, request, kept, expire_time=until)


# What was planned or moved so late was told a moment ago. A session that is moved is told of again.
_SESSIONS_NEAR = f"""
    SELECT s.mentoring_request_id AS request_id, s.id FROM mentoring_sessions s
    JOIN engagements e ON e.id = s.engagement_id AND e.state = {EngagementState.ACTIVE}
    WHERE s.state = {SessionState.PLANNED} AND s.start_time > %(now)s AND s.start_time <= %(now)s + %(ahead)s
        AND s.update_time <= s.start_time - %(ahead)s AND (%(id)s::uuid IS NULL OR s.id = %(id)s)
        AND s.id <> ALL(%(passed)s::uuid[])
        AND NOT EXISTS (
            SELECT FROM reminders r WHERE r.resource_id = s.id AND r.name = 'session' AND r.about = s.start_time
        )
    ORDER BY s.start_time LIMIT %(limit)s
"""  # noqa: S608 - as above


async def _remind_of_session(unit: Unit, request: MentoringRequest, id_: str) -> None:
    session = await _locked(unit, SESSIONS, id_)
    await _mark(unit, id_, "session", session.start_time)
    for side in BOTH:
        start = session.start_time.isoformat()
        await unit.tell(NoticeKind.SESSION_REMINDER, side, request, session, start=start)


_HALFWAY = f"""
    SELECT e.mentoring_request_id AS request_id, e.id FROM engagements e,
        LATERAL (SELECT e.planned_end_date::timestamp AT TIME ZONE interval '8 hours' - e.create_time AS length) AS plan
    WHERE e.state = {EngagementState.ACTIVE} AND e.planned_end_date >= %(today)s AND plan.length >= %(short)s
        AND e.create_time + plan.length / 2 <= %(now)s AND (%(id)s::uuid IS NULL OR e.id = %(id)s)
        AND e.id <> ALL(%(passed)s::uuid[])
        AND NOT EXISTS (SELECT FROM reminders r WHERE r.resource_id = e.id AND r.name = 'halfway')
    ORDER BY e.create_time LIMIT %(limit)s
"""  # noqa: S608 - as above


async def _ask_halfway(unit: Unit, request: MentoringRequest, id_: str) -> None:
    engagement = await _locked(unit, ENGAGEMENTS, id_)
    await _mark(unit, id_, "halfway", engagement.create_time)
    await _ask(unit, request, engagement, "halfway")


_UNWRITTEN = f"""
    SELECT e.mentoring_request_id AS request_id, e.id FROM engagements e
    WHERE e.state IN ({EngagementState.COMPLETED}, {EngagementState.ENDED_EARLY})
        AND e.end_time <= %(now)s - %(ahead)s AND e.end_time > %(now)s - %(long_ago)s
        AND (%(id)s::uuid IS NULL OR e.id = %(id)s) AND e.id <> ALL(%(passed)s::uuid[])
        AND (SELECT count(*) FROM engagement_feedback f WHERE f.engagement_id = e.id AND f.phase = 2) < 2
        AND NOT EXISTS (SELECT FROM reminders r WHERE r.resource_id = e.id AND r.name = 'feedback')
    ORDER BY e.end_time LIMIT %(limit)s
"""  # noqa: S608 - as above


async def _ask_again(unit: Unit, request: MentoringRequest, id_: str) -> None:
    engagement = await _locked(unit, ENGAGEMENTS, id_)
    await _mark(unit, id_, "feedback", engagement.end_time or unit.now)
    await _ask(unit, request, engagement, "end", again="yes")


_SIDES = {Side.ENTERPRISE: Audience.ENTERPRISE, Side.MENTOR: Audience.PERSON}
_PHASES = {"halfway": 1, "end": 2}


async def _ask(unit: Unit, request: MentoringRequest, engagement: Engagement, phase: str, **facts: str) -> None:
    """Ask those who have not written. Raises NotYet for a person who is gone, or of whom that is not known yet."""
    if await unit.people.gone(engagement.profile_id) is not False:
        raise NotYet
    found = await unit.conn.execute(
        "SELECT side FROM engagement_feedback WHERE engagement_id = %s AND phase = %s",
        [engagement.id, _PHASES[phase]],
    )
    written = {_SIDES[Side(row["side"])] for row in await found.fetchall()}
    sides = [side for side in BOTH if side not in written]
    await ask_for_feedback(unit.conn, request, engagement, phase, unit.now, sides=sides, **facts)


async def _locked(unit: Unit, table: Table[Kind], id_: str) -> Kind:
    kept = await table.get(unit.conn, id_, lock=True)
    if kept is None:
        raise NotFound(table.resource, id_)
    return kept


async def _mark(unit: Unit, id_: str, name: str, about: datetime) -> None:
    """Note that something was said, so that it is not said again."""
    await unit.conn.execute(
        "INSERT INTO reminders (resource_id, name, about, time) VALUES (%s, %s, %s, %s)", [id_, name, about, unit.now]
    )
