"""Changes of a request, with all that must change with it in the same transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from yinling_common.database import Connection
from yinling_common.errors import InvalidField, Violation, WrongState
from yinling_common.identity import Identity
from yinling_matching.domain import MentoringRequest, RequestState, new_etag
from yinling_matching.engaging.audit import REQUEST, differences, record
from yinling_matching.engaging.domain import Invitation, OptIn, Step
from yinling_matching.engaging.states import ClosedBecause, EngagementState, InvitationState, OptInState, named
from yinling_matching.engaging.tables import INVITATIONS, OPT_INS
from yinling_matching.engaging.telling import tell_of_closing, tell_of_request
from yinling_matching.notices.domain import NoticeKind

Waiting = Invitation | OptIn

_BECAUSE = {
    RequestState.FILLED: ClosedBecause.FILLED,
    RequestState.CLOSED: ClosedBecause.REQUEST_CLOSED,
    RequestState.EXPIRED: ClosedBecause.REQUEST_EXPIRED,
}

_ACTIONS = {
    (RequestState.DRAFT, RequestState.OPEN): "publish",
    (RequestState.OPEN, RequestState.CLOSED): "close",
    (RequestState.OPEN, RequestState.FILLED): "fill",
    (RequestState.OPEN, RequestState.EXPIRED): "expire",
}
_TOLD = {RequestState.FILLED: NoticeKind.REQUEST_FILLED, RequestState.EXPIRED: NoticeKind.REQUEST_EXPIRED}
_REOPEN, _UPDATE = "reopen", "update"


def places_wanted(request: MentoringRequest) -> int:
    """How many mentors a request wants."""
    return request.mentors_wanted or 1


async def engaged(conn: Connection, request_id: str) -> int:
    """How many of a request's places are taken: a finished engagement keeps its, one that ended early does not."""
    found = await conn.execute(
        "SELECT count(*) AS count FROM engagements WHERE mentoring_request_id = %s AND state <> %s",
        [request_id, EngagementState.ENDED_EARLY.value],
    )
    row = await found.fetchone()
    return int(row["count"]) if row else 0


async def settled(conn: Connection, before: MentoringRequest, revised: MentoringRequest) -> MentoringRequest:
    """A locked request as it becomes when it is revised: filled, where nobody more is wanted.

    Raises:
        InvalidField: Fewer mentors would be wanted than are engaged.
        WrongState: It would be open again, and nobody more is wanted.
    """
    taken, wanted = await engaged(conn, before.id), places_wanted(revised)
    if taken > wanted and wanted != places_wanted(before):
        message = f"{taken} are engaged already; give at least as many"
        raise InvalidField([Violation("mentoring_request.mentors_wanted", "mentors_wanted.engaged", message)])
    if revised.state is not RequestState.OPEN or taken < wanted:
        return revised
    if before.state is not RequestState.OPEN:
        raise WrongState(named(before.state), f"more than {taken} in mentors_wanted, for {taken} are engaged already")
    return replace(revised, state=RequestState.FILLED)


async def after_change(
    conn: Connection, before: MentoringRequest, after: MentoringRequest, by: Identity, now: datetime
) -> None:
    """Write down that a locked request was changed, and close what waits where it is no longer open."""
    action = _UPDATE
    if before.state is not after.state:
        action = _ACTIONS.get((before.state, after.state), _REOPEN)
    step = Step(
        by=by,
        resource=REQUEST,
        resource_id=after.id,
        action=action,
        before=named(before.state),
        after=named(after.state),
        mentoring_request_id=after.id,
        fields=differences(before, after),
    )
    await record(conn, step, now)
    if before.state is not after.state and after.state in _TOLD:
        await tell_of_request(conn, _TOLD[after.state], after, by, now)
    if before.state is RequestState.OPEN and after.state in _BECAUSE:
        because = _BECAUSE[after.state]
        waiting: Sequence[Waiting] = [
            *await INVITATIONS.live(conn, after.id),
            *await OPT_INS.live(conn, after.id),
        ]
        for thing in waiting:
            await close(conn, after, thing, because, by=by, now=now)


async def close(
    conn: Connection, request: MentoringRequest, thing: Waiting, because: ClosedBecause, *, by: Identity, now: datetime
) -> None:
    """Close an invitation or an opt-in that waits; it and its request are locked."""
    closed: Waiting
    if isinstance(thing, Invitation):
        closed = replace(
            thing, state=InvitationState.WITHDRAWN, closed_because=because, update_time=now, etag=new_etag()
        )
        await INVITATIONS.update(conn, closed)
    else:
        # Who is gone did not get turned down.
        gone = because is ClosedBecause.PERSON_GONE
        state = OptInState.WITHDRAWN if gone else OptInState.TURNED_DOWN
        closed = replace(thing, state=state, closed_because=because, update_time=now, etag=new_etag())
        await OPT_INS.update(conn, closed)
    table = INVITATIONS if isinstance(thing, Invitation) else OPT_INS
    step = Step(
        by=by,
        resource=table.resource,
        resource_id=thing.id,
        action=f"close_{named(because)}",
        before=named(thing.state),
        after=named(closed.state),
        mentoring_request_id=thing.mentoring_request_id,
        profile_id=thing.profile_id,
    )
    await record(conn, step, now)
    await tell_of_closing(conn, request, closed, by, now)
