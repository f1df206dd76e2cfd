"""Which notice follows from a step: written beside its audit entry, in the same transaction.

Facts hold names and times alone: the title of the request, reasons by the names of the contract in small letters, and
times as ISO 8601. Words of people, and their contacts, stand where they were written and nowhere else.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import IntEnum

from yinling_common.database import Connection
from yinling_common.identity import Identity
from yinling_matching.domain import MentoringRequest
from yinling_matching.engaging.audit import OURSELVES, REQUEST
from yinling_matching.engaging.domain import Engagement, Invitation, MentoringSession, OptIn, Thing
from yinling_matching.engaging.states import ClosedBecause, Party, Side, named, party_of
from yinling_matching.notices.domain import Audience, NewNotice, NoticeKind
from yinling_matching.notices.outbox import tell

_RESOURCES: dict[type[Thing], str] = {
    Invitation: "invitation",
    OptIn: "opt_in",
    Engagement: "engagement",
    MentoringSession: "mentoring_session",
}

BOTH = (Audience.PERSON, Audience.ENTERPRISE)
"""The two sides."""


async def tell_of(
    conn: Connection,
    kind: NoticeKind,
    audience: Audience,
    request: MentoringRequest,
    thing: Thing,
    *,
    by: Identity,
    now: datetime,
    **facts: str,
) -> None:
    """Tell one side of something between the two.

    Args:
        conn: In the transaction of what is told of.
        kind: What it tells of.
        audience: Which side.
        request: What it is about.
        thing: What it happened to.
        by: Who did it.
        now: When.
        facts: What the words need beside the title; an empty one is left out.
    """
    if isinstance(thing, MentoringSession):
        facts["engagement_id"] = thing.engagement_id  # a session is shown with its engagement
    await tell(
        conn,
        NewNotice(
            kind=kind,
            audience=audience,
            organisation=thing.organisation,
            profile_id=thing.profile_id,
            office=thing.office,
            mentoring_request_id=request.id,
            resource=_RESOURCES[type(thing)],
            resource_id=thing.id,
            facts={"title": request.title} | {name: fact for name, fact in facts.items() if fact},
            subject=by.subject,
            now=now,
        ),
    )


async def tell_of_request(
    conn: Connection, kind: NoticeKind, request: MentoringRequest, by: Identity, now: datetime
) -> None:
    """Tell the enterprise of its request."""
    await tell(
        conn,
        NewNotice(
            kind=kind,
            audience=Audience.ENTERPRISE,
            organisation=request.organisation,
            mentoring_request_id=request.id,
            resource=REQUEST,
            resource_id=request.id,
            facts={"title": request.title},
            subject=by.subject,
            now=now,
        ),
    )


async def tell_of_closing(
    conn: Connection, request: MentoringRequest, closed: Invitation | OptIn, by: Identity, now: datetime
) -> None:
    """Tell of something that waited, and was closed by neither side's hand.

    Who is gone is told nothing more. The enterprise is told that it need not wait any longer, and not why they went.
    """
    because = named(closed.closed_because)
    gone = closed.closed_because is ClosedBecause.PERSON_GONE
    if isinstance(closed, Invitation):
        kind = NoticeKind.INVITATION_CLOSED
    else:
        kind = NoticeKind.OPT_IN_WITHDRAWN if gone else NoticeKind.OPT_IN_TURNED_DOWN
    audience = Audience.ENTERPRISE if gone else Audience.PERSON
    await tell_of(conn, kind, audience, request, closed, by=by, now=now, because=because)


async def ask_for_feedback(
    conn: Connection,
    request: MentoringRequest,
    engagement: Engagement,
    phase: str,
    now: datetime,
    *,
    sides: Sequence[Audience] = BOTH,
    **facts: str,
) -> None:
    """Ask both sides, or one, how it goes ("halfway") or went ("end"). Nobody is left out for having ended it."""
    for side in sides:
        await tell_of(
            conn, NoticeKind.FEEDBACK_ASKED, side, request, engagement, by=OURSELVES, now=now, phase=phase, **facts
        )


def other_sides(by: Identity, thing: Thing) -> tuple[Audience, ...]:
    """Who is told of what somebody did to something between two: the other side; both, where it was neither."""
    match party_of(by, thing.organisation, thing.profile_id, thing.office):
        case Party.ENTERPRISE:
            return (Audience.PERSON,)
        case Party.MENTOR | Party.OFFICE:
            return (Audience.ENTERPRISE,)
    return BOTH


def audience_of(side: Side) -> Audience:
    """Who is told of what a side is to know."""
    return Audience.ENTERPRISE if side is Side.ENTERPRISE else Audience.PERSON


def reason(why: IntEnum) -> str:
    """A reason as a fact; empty where none was stated."""
    return named(why) if why else ""
