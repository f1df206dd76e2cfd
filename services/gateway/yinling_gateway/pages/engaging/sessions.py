"""Both sides write sessions down, plan, change, hold and cancel them."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp
from starlette.responses import Response
from yinling.common.v1 import types_pb2 as types
from yinling.matching.v1 import engagement_pb2 as pb
from yinling.matching.v1 import engagement_service_pb2 as service

from yinling_gateway.pages.engaging.acting import attempt
from yinling_gateway.pages.engaging.engagements import get_engagement
from yinling_gateway.pages.engaging.once import key_of
from yinling_gateway.pages.engaging.spoken import CLOCK, as_date, at, local, today
from yinling_gateway.pages.forms import Form
from yinling_gateway.pages.visit import PartyVisit, Visit, see

router = APIRouter(include_in_schema=False)

Id = Annotated[str, Path(max_length=64)]
Kind = Literal["held", "planned"]

MINUTES = (30, 60, 90, 120, 150, 180, 240, 300, 360, 480)
"""How long a session can be, to choose from."""
_USUAL = time(9, 0)
_OPENED = "opened"
"""When the form was opened, which stays the same however often it is sent."""
_MASK = FieldMask(paths=["start_time", "minutes", "summary", "next_step", "place"])


@router.get("/engagements/{engagement_id}/sessions/{kind}")
async def new_session(visit: PartyVisit, engagement_id: Id, kind: Kind) -> Response:
    """Show the form: three fields for a session that was held, four for one that is planned."""
    form = Form({"minutes": ["120"]})
    if kind == "held":
        form.set("day", today().isoformat())
        form.set(_OPENED, datetime.now(CLOCK).isoformat(timespec="minutes"))
    return await _new(visit, engagement_id, kind, form)


@router.post("/engagements/{engagement_id}/sessions/{kind}")
async def log_session(visit: PartyVisit, engagement_id: Id, kind: Kind) -> Response:
    """Write a session down, or plan one."""
    form = Form.posted(await visit.request.form())
    session = _read(visit, form, kind)
    if form.errors:
        form.status = 422
        return await _new(visit, engagement_id, kind, form)
    session.engagement_id = engagement_id
    request = service.LogMentoringSessionRequest(session=session, request_id=key_of(form))
    done = await attempt(visit, form, visit.backend.engagements.log_mentoring_session(visit.identity, request), _NAMES)
    return await _new(visit, engagement_id, kind, form) if done is None else _back(done)


@router.get("/sessions/{session_id}")
async def edit_session(visit: PartyVisit, session_id: Id) -> Response:
    """Show a session to be changed."""
    session = await _get(visit, session_id)
    return await _edit(visit, session, _filled(session))


@router.post("/sessions/{session_id}")
async def save_session(visit: PartyVisit, session_id: Id) -> Response:
    """Change a session."""
    form = Form.posted(await visit.request.form())
    kept = await _get(visit, session_id)
    session = _read(visit, form, "held" if kept.state == pb.MentoringSession.STATE_HELD else "planned")
    if form.errors:
        form.status = 422
        return await _edit(visit, kept, form)
    session.id, session.etag = session_id, form.text("etag")
    request = service.UpdateMentoringSessionRequest(session=session, update_mask=_MASK, request_id=key_of(form))
    calls = visit.backend.engagements
    done = await attempt(visit, form, calls.update_mentoring_session(visit.identity, request), _NAMES)
    if done is None:
        if form.status == 409:  # they were told, so the next save is meant to win
            form.set("etag", kept.etag)
        return await _edit(visit, kept, form)
    return _back(done, "changed")


@router.get("/sessions/{session_id}/hold")
async def ask_hold(visit: PartyVisit, session_id: Id) -> Response:
    """Ask how long a planned session was and what was done."""
    session = await _get(visit, session_id)
    return await _hold(visit, session, _filled(session))


@router.post("/sessions/{session_id}/hold")
async def hold(visit: PartyVisit, session_id: Id) -> Response:
    """A planned session took place."""
    form = Form.posted(await visit.request.form())
    request = service.HoldMentoringSessionRequest(
        id=session_id,
        minutes=form.choice("minutes"),
        summary=form.get("summary").strip(),
        next_step=form.get("next_step").strip(),
        request_id=key_of(form),
        etag=form.text("etag"),
    )
    calls = visit.backend.engagements
    done = await attempt(visit, form, calls.hold_mentoring_session(visit.identity, request), _NAMES)
    if done is not None:
        return _back(done)
    session = await _get(visit, session_id)
    if form.status == 409:  # as above
        form.set("etag", session.etag)
    return await _hold(visit, session, form)


@router.get("/sessions/{session_id}/cancel")
async def ask_cancel(visit: PartyVisit, session_id: Id) -> Response:
    """Ask once more."""
    return await _cancel(visit, await _get(visit, session_id), Form())


@router.post("/sessions/{session_id}/cancel")
async def cancel(visit: PartyVisit, session_id: Id) -> Response:
    """A session will not take place, or was written down by mistake."""
    form = Form.posted(await visit.request.form())
    request = service.CancelMentoringSessionRequest(id=session_id, request_id=key_of(form), etag=form.text("etag"))
    calls = visit.backend.engagements
    done = await attempt(visit, form, calls.cancel_mentoring_session(visit.identity, request))
    if done is not None:
        return see(f"/engagements/{done.engagement_id}?done=cancelled#sessions")
    return await _cancel(visit, await _get(visit, session_id), form)


_NAMES = {"start_time": "day"}


async def _get(visit: Visit, session_id: str) -> pb.MentoringSession:
    return await visit.backend.engagements.get_mentoring_session(
        visit.identity, service.GetMentoringSessionRequest(id=session_id)
    )


def _filled(session: pb.MentoringSession) -> Form:
    start = local(session.start_time)
    return Form(
        {
            "day": [start.date().isoformat()],
            "clock": [start.strftime("%H:%M")],
            "minutes": [str(session.minutes)],
            "summary": [session.summary],
            "next_step": [session.next_step],
            "place": [session.place],
            "etag": [session.etag],
        }
    )


def _read(visit: Visit, form: Form, kind: Kind) -> pb.MentoringSession:
    """A session as it was typed; what can't be read is an error of the form."""
    day = form.day("day", visit.texts)
    if not form.text("day"):
        form.fail("day", visit.gettext("Please choose the day."))
    minutes = form.choice("minutes")
    if not minutes:
        form.fail("minutes", visit.gettext("Please choose how long."))
    start = _start(visit, form, kind, day, minutes) if day else Timestamp()
    return pb.MentoringSession(
        start_time=start,
        minutes=minutes,
        summary=form.get("summary").strip(),
        next_step=form.get("next_step").strip(),
        place=form.get("place").strip(),
    )


def _start(visit: Visit, form: Form, kind: Kind, day: types.Date, minutes: int) -> Timestamp:
    clock = _clock(visit, form)
    now = datetime.now(CLOCK)
    if kind == "planned":
        if clock is None:
            form.fail("clock", visit.gettext("Please choose the time."))
            return Timestamp()
        start = at(day, clock)
        if local(start) <= now:
            form.fail("day", visit.gettext("This time has passed. What was held is written down on the other page."))
        return start
    if as_date(day) > now.date():
        form.fail("day", visit.gettext("This day is still to come. Sessions are planned on the other page."))
    elif clock is not None and local(at(day, clock)) > now:
        form.fail("clock", visit.gettext("This time is still to come. Sessions are planned on the other page."))
    return at(day, clock or _unsaid(as_date(day), minutes, _opened(form, now)))


def _unsaid(day: date, minutes: int, opened: datetime) -> time:
    """When a session began, where nobody says: at the usual time, or so that it had ended when the form was opened."""
    usual = datetime.combine(day, _USUAL, CLOCK)
    if usual <= opened:
        return _USUAL
    midnight = datetime.combine(day, time.min, CLOCK)
    return max(midnight, opened - min(timedelta(minutes=minutes), timedelta(days=1))).time()


def _opened(form: Form, now: datetime) -> datetime:
    try:
        return min(now, datetime.fromisoformat(form.text(_OPENED)).astimezone(CLOCK))
    except (ValueError, OverflowError):
        return now


def _clock(visit: Visit, form: Form) -> time | None:
    typed = form.text("clock").replace("：", ":")
    if not typed:
        return None
    try:
        hour, minute = (int(part) for part in typed.split(":")[:2])
        return time(hour, minute)
    except ValueError:
        form.fail("clock", visit.gettext("Please write the time as hours and minutes, for example 14:30."))
        return None


def _back(done: service.LogMentoringSessionResponse, what: str = "") -> Response:
    session, hours = done.session, done.hours
    what = what or ("planned" if session.state == pb.MentoringSession.STATE_PLANNED else "held")
    # To an enterprise it is not said what the week has.
    week = f"&week={hours.minutes}&allowed={hours.allowed_minutes}" if hours.allowed_minutes else ""
    return see(f"/engagements/{session.engagement_id}?done={what}{week}{'&near=1' if hours.near_limit else ''}")


def _lengths(visit: Visit, form: Form) -> list[tuple[int, str]]:
    """Lengths to choose from; one that stands there already is among them."""
    chosen = form.choice("minutes")
    return [(minutes, visit.page.spoken.hours(minutes)) for minutes in sorted({*MINUTES, chosen} - {0})]


async def _new(visit: Visit, engagement_id: str, kind: Kind, form: Form) -> Response:
    return visit.page.render(
        "engaging/session_new.html",
        status=form.status,
        one=await get_engagement(visit, engagement_id),
        kind=kind,
        form=form,
        lengths=_lengths(visit, form),
    )


async def _page(visit: Visit, template: str, session: pb.MentoringSession, form: Form) -> Response:
    return visit.page.render(
        template,
        status=form.status,
        one=await get_engagement(visit, session.engagement_id),
        session=session,
        form=form,
        lengths=_lengths(visit, form),
    )


async def _edit(visit: Visit, session: pb.MentoringSession, form: Form) -> Response:
    return await _page(visit, "engaging/session_edit.html", session, form)


async def _hold(visit: Visit, session: pb.MentoringSession, form: Form) -> Response:
    return await _page(visit, "engaging/session_hold.html", session, form)


async def _cancel(visit: Visit, session: pb.MentoringSession, form: Form) -> Response:
    return await _page(visit, "engaging/session_cancel.html", session, form)
