"""Use cases of mentoring sessions: planned, held, changed and cancelled by both sides."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import uuid4

from pydantic import TypeAdapter

from yinling_common.errors import InvalidUpdateMask, WrongState
from yinling_common.identity import current
from yinling_common.text import clean
from yinling_matching.domain import MentoringRequest, check_etag, new_etag
from yinling_matching.engaging.domain import Engagement, MentoringSession
from yinling_matching.engaging.hours import WeekHours, spend
from yinling_matching.engaging.once import Call
from yinling_matching.engaging.places import lock_places
from yinling_matching.engaging.session_rules import check_apart, check_minutes, check_time
from yinling_matching.engaging.shared import check_side, next_state
from yinling_matching.engaging.states import (
    SESSION_MOVES,
    UNDER_WAY,
    EngagementState,
    Party,
    SessionMove,
    SessionState,
    named,
)
from yinling_matching.engaging.tables import ENGAGEMENTS, SESSIONS
from yinling_matching.engaging.telling import other_sides
from yinling_matching.engaging.unit import Decisions, Unit, party_in
from yinling_matching.notices.domain import Audience, NoticeKind

_SETTABLE = ("start_time", "minutes", "summary", "next_step", "place")


@dataclass(frozen=True, slots=True)
class Given:
    """A session as somebody sent it; only what an update names counts.

    Attributes:
        minutes: 0 where not stated.
    """

    start_time: datetime | None = None
    minutes: int = 0
    summary: str = ""
    next_step: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Logged:
    """A session that was written, and the person's hours in its week."""

    session: MentoringSession
    hours: WeekHours


_LOGGED = TypeAdapter(Logged)
_SESSION = TypeAdapter(MentoringSession)
_WITH_ENGAGEMENT = "cancel_with_engagement"
"""In the audit: nobody chose to cancel it, the engagement was completed or ended."""


class Sessions:
    """Writes sessions for the caller. `decisions` runs them."""

    def __init__(self, decisions: Decisions) -> None:
        self._decisions = decisions

    async def log(self, call: Call, engagement_id: str, given: Given) -> Logged:
        """Write down a session that was held; plan one that begins in the future."""
        caller = current()

        async def decide(unit: Unit) -> Logged:
            request, engagement = await unit.both(ENGAGEMENTS, engagement_id)
            side = check_side(caller, engagement)
            start = check_time(given.start_time)
            check_minutes(given.minutes)
            state = SessionState.PLANNED if start > unit.now else SessionState.HELD
            _check_under_way(engagement, state, start)
            session = MentoringSession(
                id=str(uuid4()),
                engagement_id=engagement.id,
                mentoring_request_id=engagement.mentoring_request_id,
                organisation=engagement.organisation,
                profile_id=engagement.profile_id,
                office=engagement.office,
                start_time=start,
                minutes=given.minutes,
                logged_by=side,
                create_time=unit.now,
                update_time=unit.now,
                state=state,
                summary=clean(given.summary),
                next_step=clean(given.next_step),
                place=clean(given.place),
            )
            action = "plan" if state is SessionState.PLANNED else "log"
            return await _keep(unit, request, engagement, session, before=None, action=action)

        return await self._decisions.once(caller, call, _LOGGED, decide)

    async def update(self, call: Call, session_id: str, given: Given, mask: Sequence[str]) -> Logged:
        """Change what the mask names of a session that is not cancelled; everything for an empty one or "*"."""
        caller = current()
        paths = _paths(mask)

        async def decide(unit: Unit) -> Logged:
            request, kept = await unit.both(SESSIONS, session_id)
            side = check_side(caller, kept)
            check_etag(kept.etag, call.etag)
            if kept.state is SessionState.CANCELLED:
                raise WrongState(named(kept.state), "planned or held")
            engagement = await _engagement(unit, kept)
            if engagement.state not in UNDER_WAY:
                raise WrongState(named(engagement.state), "an engagement that is active or paused")
            revised = _revised(kept, given, paths)
            if revised != kept:
                revised = replace(revised, logged_by=side, update_time=unit.now, etag=new_etag())
            return await _keep(unit, request, engagement, revised, before=kept, action="update")

        return await self._decisions.once(caller, call, _LOGGED, decide)

    async def hold(self, call: Call, session_id: str, given: Given) -> Logged:
        """A planned session took place; what is given takes the place of what stands there."""
        caller = current()

        async def decide(unit: Unit) -> Logged:
            request, kept = await unit.both(SESSIONS, session_id)
            side = check_side(caller, kept)
            state = next_state(SESSION_MOVES[SessionMove.HOLD], caller, call, kept, kept.state)
            if kept.start_time > unit.now:
                raise WrongState(named(kept.state), "its start_time to have passed")
            held = replace(
                kept,
                state=state,
                minutes=given.minutes or kept.minutes,
                summary=clean(given.summary) or kept.summary,
                next_step=clean(given.next_step) or kept.next_step,
                logged_by=side,
                update_time=unit.now,
                etag=new_etag(),
            )
            engagement = await _engagement(unit, kept)
            return await _keep(unit, request, engagement, held, before=kept, action=SessionMove.HOLD)

        return await self._decisions.once(caller, call, _LOGGED, decide)

    async def cancel(self, call: Call, session_id: str) -> MentoringSession:
        """A session will not take place, or was written down by mistake."""
        caller = current()

        async def decide(unit: Unit) -> MentoringSession:
            request, kept = await unit.both(SESSIONS, session_id)
            check_side(caller, kept)
            next_state(SESSION_MOVES[SessionMove.CANCEL], caller, call, kept, kept.state)
            cancelled = await _cancel(unit, kept)
            if kept.state is SessionState.PLANNED and kept.start_time > unit.now:
                for audience in other_sides(caller, kept):
                    await unit.tell(
                        NoticeKind.SESSION_CANCELLED, audience, request, cancelled, start=_iso(kept.start_time)
                    )
            return cancelled

        return await self._decisions.once(caller, call, _SESSION, decide)


async def cancel_planned(unit: Unit, engagement: Engagement) -> None:
    """Cancel what was still to come of an engagement that is over. Both sides hear that it is, and no more."""
    for session in await SESSIONS.live_of(unit.conn, engagement.id, SessionState.PLANNED):
        if session.start_time > unit.now:
            await _cancel(unit, session, _WITH_ENGAGEMENT)


async def _cancel(unit: Unit, kept: MentoringSession, action: str = SessionMove.CANCEL) -> MentoringSession:
    cancelled = replace(kept, state=SessionState.CANCELLED, update_time=unit.now, etag=new_etag())
    await SESSIONS.update(unit.conn, cancelled)
    await unit.record(SESSIONS, cancelled, action, kept.state)
    return cancelled


async def _keep(
    unit: Unit,
    request: MentoringRequest,
    engagement: Engagement,
    session: MentoringSession,
    *,
    before: MentoringSession | None,
    action: str,
) -> Logged:
    """Write a session, if its time is free and the person's hours allow it, and tell of it."""
    await lock_places(unit.conn, session.profile_id)
    person = await unit.person(session.profile_id)
    moved = before is None or (before.start_time, before.minutes) != (session.start_time, session.minutes)
    if moved:
        await check_apart(unit.conn, engagement, session, unit.now)
    told = party_in(unit.by, session) is not Party.ENTERPRISE
    hours, near = await spend(unit.conn, before, session, person.hours_per_week, told=told)
    if before is None:
        await SESSIONS.insert(unit.conn, session)
        await unit.record(SESSIONS, session, action, None)
    elif session.etag != before.etag:
        await SESSIONS.update(unit.conn, session)
        changed = [name for name in _SETTABLE if getattr(before, name) != getattr(session, name)]
        await unit.record(SESSIONS, session, action, before.state, changed)
    start = _iso(session.start_time)
    rescheduled = before is None or before.start_time != session.start_time
    if rescheduled and session.state is SessionState.PLANNED and session.start_time > unit.now:
        for audience in other_sides(unit.by, session):
            await unit.tell(NoticeKind.SESSION_PLANNED, audience, request, session, start=start)
    newly_held = before is None or before.state is not SessionState.HELD
    if newly_held and session.state is SessionState.HELD:
        for audience in other_sides(unit.by, session):
            minutes = str(session.minutes)
            await unit.tell(NoticeKind.SESSION_LOGGED, audience, request, session, start=start, minutes=minutes)
    if near:
        of_all = {"minutes": str(hours.minutes), "allowed_minutes": str(hours.allowed_minutes)}
        for audience, facts in ((Audience.PERSON, of_all), (Audience.ENTERPRISE, dict[str, str]())):
            week = hours.week_start.isoformat()
            await unit.tell(NoticeKind.HOURS_NEAR_LIMIT, audience, request, session, week_start=week, **facts)
    return Logged(session, hours)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


async def _engagement(unit: Unit, session: MentoringSession) -> Engagement:
    """The engagement of a session; its request is locked, so it does not move."""
    engagement = await ENGAGEMENTS.get(unit.conn, session.engagement_id)
    if engagement is None:
        raise RuntimeError("a session has lost its engagement")
    return engagement


def _revised(kept: MentoringSession, given: Given, paths: Sequence[str]) -> MentoringSession:
    if "start_time" in paths:
        kept = replace(kept, start_time=check_time(given.start_time))
    if "minutes" in paths:
        check_minutes(given.minutes)
        kept = replace(kept, minutes=given.minutes)
    return replace(
        kept,
        summary=clean(given.summary) if "summary" in paths else kept.summary,
        next_step=clean(given.next_step) if "next_step" in paths else kept.next_step,
        place=clean(given.place) if "place" in paths else kept.place,
    )


def _check_under_way(engagement: Engagement, state: SessionState, start: datetime) -> None:
    if engagement.state is EngagementState.ACTIVE:
        return
    if engagement.state is not EngagementState.PAUSED:
        raise WrongState(named(engagement.state), named(EngagementState.ACTIVE))
    if state is SessionState.PLANNED or start >= engagement.update_time:
        needs = f"{named(EngagementState.ACTIVE)}, or a session that was held before the pause"
        raise WrongState(named(engagement.state), needs)


def _paths(mask: Sequence[str]) -> list[str]:
    paths = list(dict.fromkeys(mask))
    if paths in ([], ["*"]):
        return list(_SETTABLE)
    for path in paths:
        if path not in _SETTABLE:
            raise InvalidUpdateMask(path)
    return paths
