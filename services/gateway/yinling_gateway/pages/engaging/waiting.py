"""What waits for somebody: invitations, offers, sessions to be written down, feedback."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from fastapi import APIRouter
from starlette.responses import Response
from yinling.matching.v1 import engagement_pb2 as pb
from yinling.matching.v1 import engagement_service_pb2 as service

from yinling_common.identity import Role
from yinling_gateway.pages.engaging.reading import engagements, invitations, opt_ins, or_nothing, sessions
from yinling_gateway.pages.engaging.spoken import as_date, local, today
from yinling_gateway.pages.visit import PartyVisit, Visit

router = APIRouter(include_in_schema=False)

_LOOKED_AT = 40
"""So many engagements are asked whether feedback is due, the newest first."""
_ASKED_FOR = timedelta(days=60)
"""For so long after the end one is asked for feedback on the first page."""
_SESSIONS = 3


@dataclass(frozen=True)
class Feedback:
    """What was said of an engagement, as far as the reader may read it.

    Attributes:
        own: By phase: what the reader's side said.
        other: By phase: what the other side said; only once both have written.
        due: Phases in which the reader's side has not written.
        written: By phase: sides that have written.
    """

    own: dict[int, pb.EngagementFeedback]
    other: dict[int, pb.EngagementFeedback]
    due: list[int]
    written: dict[int, set[int]]


@dataclass
class Waiting:
    """What waits for the reader."""

    invitations: list[pb.Invitation] = field(default_factory=list)
    offers: list[pb.OptIn] = field(default_factory=list)
    to_write: list[pb.MentoringSession] = field(default_factory=list)
    feedback: list[tuple[pb.Engagement, int]] = field(default_factory=list)
    next: list[pb.MentoringSession] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many things wait for an answer."""
        return len(self.invitations) + len(self.offers) + len(self.to_write) + len(self.feedback)


def own_side(visit: Visit) -> "pb.Side.ValueType":
    """The side that the reader writes for."""
    return pb.SIDE_MENTOR if visit.identity.role in {Role.RETIREE, Role.COORDINATOR} else pb.SIDE_ENTERPRISE


async def feedback_of(visit: Visit, one: pb.Engagement) -> Feedback:
    """What was said of an engagement."""
    answer = await visit.backend.engagements.list_engagement_feedback(
        visit.identity, service.ListEngagementFeedbackRequest(engagement_id=one.id)
    )
    side = own_side(visit)
    written: dict[int, set[int]] = {}
    for standing in answer.standings:
        written.setdefault(standing.phase, set())
        if standing.written:
            written[standing.phase].add(standing.side)
    asked = _asked(one)
    return Feedback(
        own={said.phase: said for said in answer.feedback if said.side == side},
        other={said.phase: said for said in answer.feedback if said.side != side},
        due=[phase for phase, sides in sorted(written.items()) if phase == asked and side not in sides],
        written=written,
    )


def _asked(one: pb.Engagement) -> int:
    """The phase in which both sides are asked now; 0 for none."""
    if not one.profile_name:  # who is gone is asked nothing, and nothing is asked about them
        return 0
    if one.state in {pb.Engagement.STATE_COMPLETED, pb.Engagement.STATE_ENDED_EARLY}:
        return pb.FEEDBACK_PHASE_END
    return pb.FEEDBACK_PHASE_HALFWAY if _halfway(one) else 0


def _halfway(one: pb.Engagement) -> bool:
    """Whether half of an engagement's time is over; where no last day is planned, whether it has three sessions."""
    if not one.HasField("planned_end_date"):
        return one.held_sessions >= _SESSIONS
    first, last = local(one.create_time).date(), as_date(one.planned_end_date)
    return today() >= first + (last - first) / 2


async def waiting_for(visit: Visit) -> Waiting:
    """What waits for the reader, or for the people of their office."""
    role = visit.identity.role
    mentor_side = role in {Role.RETIREE, Role.COORDINATOR}
    asked, offered, engaged = await asyncio.gather(
        invitations(visit, state=pb.Invitation.STATE_SENT) if mentor_side else _none(pb.Invitation),
        opt_ins(visit, state=pb.OptIn.STATE_OFFERED) if role is Role.HR else _none(pb.OptIn),
        engagements(visit),
    )
    now = datetime.now(UTC)
    live = any(one.state == pb.Engagement.STATE_ACTIVE for one in engaged)
    planned_only = service.ListMentoringSessionsRequest(state=pb.MentoringSession.STATE_PLANNED)
    planned, due = await asyncio.gather(
        or_nothing(visit, sessions(visit, planned_only), []) if live else _none(pb.MentoringSession),
        _feedback_due(visit, engaged, now),
    )
    return Waiting(
        invitations=sorted(asked, key=lambda one: one.expire_time.ToNanoseconds()),
        offers=offered[::-1],
        to_write=[one for one in planned[::-1] if one.start_time.ToDatetime(tzinfo=UTC) <= now],
        feedback=due,
        next=[one for one in planned[::-1] if one.start_time.ToDatetime(tzinfo=UTC) > now],
    )


@router.get("/waiting")
async def show_waiting(visit: PartyVisit) -> Response:
    """Show what waits for the reader, or for the people of their office."""
    return visit.page.render("engaging/waiting.html", waiting=await waiting_for(visit))


async def _feedback_due(visit: Visit, engaged: list[pb.Engagement], now: datetime) -> list[tuple[pb.Engagement, int]]:
    if visit.identity.role is Role.ADMIN:
        return []
    recent = [
        one
        for one in engaged
        if _asked(one)  # most are not: each of the others costs a call
        and (not one.HasField("end_time") or now - one.end_time.ToDatetime(tzinfo=UTC) < _ASKED_FOR)
    ][:_LOOKED_AT]
    found = await asyncio.gather(*(or_nothing(visit, feedback_of(visit, one), None) for one in recent))
    return [(one, phase) for one, said in zip(recent, found, strict=True) if said for phase in said.due]


async def _none(_kind: type) -> list:  # type: ignore[type-arg]  # of whatever kind
    return []
