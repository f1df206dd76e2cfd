"""An engagement for both sides: what is next, goals, sessions, contact, and the steps that end or pause it."""

import asyncio
from collections.abc import Awaitable
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from starlette.responses import Response
from yinling.matching.v1 import engagement_pb2 as pb
from yinling.matching.v1 import engagement_service_pb2 as service

from yinling_common.errors import WrongState
from yinling_common.identity import Role
from yinling_gateway.pages.engaging import labels
from yinling_gateway.pages.engaging.acting import attempt
from yinling_gateway.pages.engaging.hours import this_week
from yinling_gateway.pages.engaging.once import key_of
from yinling_gateway.pages.engaging.reading import engagements, first_day, or_nothing, request_or_none, sessions
from yinling_gateway.pages.engaging.waiting import feedback_of
from yinling_gateway.pages.forms import Form
from yinling_gateway.pages.texts import pairs
from yinling_gateway.pages.visit import EnterpriseVisit, PartyVisit, Visit, see

router = APIRouter(prefix="/engagements", include_in_schema=False)

Id = Annotated[str, Path(max_length=64)]
Step = Literal["pause", "resume", "complete", "end"]
Minutes = Annotated[int, Query(ge=0, le=20000)]

LIVE = frozenset({pb.Engagement.STATE_ACTIVE, pb.Engagement.STATE_PAUSED})


@router.get("")
async def list_engagements(visit: PartyVisit) -> Response:
    """List engagements; those under way come first."""
    found = await engagements(visit)
    return visit.page.render(
        "engaging/engagements.html",
        live=[one for one in found if one.state in LIVE],
        over=[one for one in found if one.state not in LIVE],
    )


@router.get("/{engagement_id}")
async def show_engagement(
    visit: PartyVisit,
    engagement_id: Id,
    *,
    done: Annotated[str, Query(max_length=20)] = "",
    week: Minutes = 0,
    allowed: Minutes = 0,
    near: Annotated[int, Query(ge=0, le=1)] = 0,
) -> Response:
    """Show where an engagement stands."""
    _thank(visit, done)
    if near:
        _warn(visit, week, allowed)
    return await _show(visit, await get_engagement(visit, engagement_id), Form())


@router.get("/{engagement_id}/step/{step}")
async def ask_before(visit: PartyVisit, engagement_id: Id, step: Step) -> Response:
    """Say what follows from a step before it is taken."""
    return await _confirm(visit, engagement_id, step, Form())


@router.post("/{engagement_id}/step/{step}")
async def take_step(visit: PartyVisit, engagement_id: Id, step: Step) -> Response:
    """Pause, resume, complete or end an engagement."""
    form = Form.posted(await visit.request.form())
    if step == "end" and form.choice("reason") not in labels.END_REASON:
        form.status = 422
        form.fail("reason", visit.gettext("Please choose one of these reasons. “Personal reasons” is enough."))
        return await _confirm(visit, engagement_id, step, form)
    if await attempt(visit, form, _call(visit, engagement_id, step, form)) is None:
        return await _confirm(visit, engagement_id, step, form)
    return see(f"/engagements/{engagement_id}?done={step}")


@router.get("/{engagement_id}/mentor-contact")
async def show_contact(visit: EnterpriseVisit, engagement_id: Id) -> Response:
    """Show how the enterprise reaches the mentor. The person can read that it was looked at."""
    one = await get_engagement(visit, engagement_id)
    try:
        contact = await visit.backend.engagements.get_mentor_contact(
            visit.identity, service.GetMentorContactRequest(engagement_id=engagement_id)
        )
    except WrongState:
        contact = None
    return visit.page.render("engaging/mentor_contact.html", one=one, contact=contact)


async def get_engagement(visit: Visit, engagement_id: str) -> pb.Engagement:
    """An engagement that the reader has a part in."""
    return await visit.backend.engagements.get_engagement(
        visit.identity, service.GetEngagementRequest(id=engagement_id)
    )


async def _show(visit: Visit, one: pb.Engagement, form: Form) -> Response:
    kept, item, said, hours = await asyncio.gather(
        or_nothing(visit, sessions(visit, service.ListMentoringSessionsRequest(engagement_id=one.id)), []),
        request_or_none(visit, one.mentoring_request_id),
        or_nothing(visit, feedback_of(visit, one), None),
        this_week(visit, one) if one.state in LIVE else _nothing(),
    )
    planned = [session for session in kept if session.state == pb.MentoringSession.STATE_PLANNED]
    return visit.page.render(
        "engaging/engagement.html",
        status=form.status,
        one=one,
        item=item,
        first=first_day(one, item),
        form=form,
        live=one.state in LIVE,
        planned=planned[::-1],
        timed={session.id for session in kept if _was_planned(session)},
        past=[session for session in kept if session.state != pb.MentoringSession.STATE_PLANNED],
        feedback=said,
        hours=hours,
        mentor_side=visit.identity.role in {Role.RETIREE, Role.COORDINATOR},
        may_write=visit.identity.role is not Role.ADMIN,
    )


def _was_planned(session: pb.MentoringSession) -> bool:
    """Whether somebody said when a session begins: of what was written down afterwards often only the day is known."""
    return session.start_time.ToNanoseconds() > session.create_time.ToNanoseconds()


async def _nothing() -> None:
    return None


def _call(visit: Visit, engagement_id: str, step: Step, form: Form) -> Awaitable[pb.Engagement]:
    calls, key, etag = visit.backend.engagements, key_of(form), form.text("etag")
    if step == "pause":
        pause = service.PauseEngagementRequest(id=engagement_id, request_id=key, etag=etag)
        return calls.pause_engagement(visit.identity, pause)
    if step == "resume":
        resume = service.ResumeEngagementRequest(id=engagement_id, request_id=key, etag=etag)
        return calls.resume_engagement(visit.identity, resume)
    if step == "complete":
        complete = service.CompleteEngagementRequest(id=engagement_id, request_id=key, etag=etag)
        return calls.complete_engagement(visit.identity, complete)
    end = service.EndEngagementRequest(
        id=engagement_id,
        reason=pb.EndReason.ValueType(form.choice("reason")),
        words=form.get("words").strip(),
        request_id=key,
        etag=etag,
    )
    return calls.end_engagement(visit.identity, end)


async def _confirm(visit: Visit, engagement_id: str, step: Step, form: Form) -> Response:
    one = await get_engagement(visit, engagement_id)
    return visit.page.render(
        "engaging/engagement_step.html",
        status=form.status,
        one=one,
        to_come=await _to_come(visit, one) if step in {"complete", "end"} else 0,
        step=step,
        form=form,
        reasons=pairs(labels.END_REASON, visit.texts),
        mentor_side=visit.identity.role in {Role.RETIREE, Role.COORDINATOR},
    )


async def _to_come(visit: Visit, one: pb.Engagement) -> int:
    """How many sessions are still to come: they are cancelled when the engagement is over."""
    asked = service.ListMentoringSessionsRequest(engagement_id=one.id, state=pb.MentoringSession.STATE_PLANNED)
    planned: list[pb.MentoringSession] = await or_nothing(visit, sessions(visit, asked), [])
    return sum(1 for session in planned if not visit.page.spoken.begun(session.start_time))


def _thank(visit: Visit, done: str) -> None:
    words = {
        "engaged": visit.gettext("You work together now. Agree on the first session, and on what is to be reached."),
        "planned": visit.gettext("The session is planned; the other side is told."),
        "held": visit.gettext("The session is written down. Thank you."),
        "changed": visit.gettext("The changes are saved."),
        "cancelled": visit.gettext("The session is cancelled; the other side is told."),
        "pause": visit.gettext("The engagement is paused. Go on with it whenever you like."),
        "resume": visit.gettext("It goes on."),
        "complete": visit.gettext("The engagement is completed. Please say how it was; it takes a minute."),
        "end": visit.gettext("The engagement has ended. Thank you for what was done together."),
        "said": visit.gettext("Thank you. Each side reads what the other wrote once both have written."),
        "both_said": visit.gettext("Thank you. Both sides have written; each can read now what the other wrote."),
    }.get(done)
    if words:
        visit.page.notices.append(("good", words))


def _warn(visit: Visit, week: int, allowed: int) -> None:
    """Say that little is left of a week; with how much it has, where that was told."""
    warning = visit.gettext("Little is left of the hours that the person gives in that week.")
    if week and allowed:
        spoken = visit.page.spoken
        warning = visit.gettext("That week now has %(hours)s of the %(allowed)s that the person gives.") % {
            "hours": spoken.hours(week),
            "allowed": spoken.hours(allowed),
        }
    visit.page.notices.append(("note", warning))
