"""Both sides say how an engagement goes and how it went."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path
from starlette.responses import Response
from yinling.matching.v1 import engagement_pb2 as pb
from yinling.matching.v1 import engagement_service_pb2 as service

from yinling_gateway.pages.engaging import labels
from yinling_gateway.pages.engaging.acting import attempt
from yinling_gateway.pages.engaging.engagements import LIVE, get_engagement
from yinling_gateway.pages.engaging.once import key_of
from yinling_gateway.pages.engaging.reading import or_nothing
from yinling_gateway.pages.engaging.waiting import feedback_of, own_side
from yinling_gateway.pages.forms import Form
from yinling_gateway.pages.texts import pairs
from yinling_gateway.pages.visit import PartyVisit, Visit, see

router = APIRouter(prefix="/engagements", include_in_schema=False)

Id = Annotated[str, Path(max_length=64)]
Phase = Literal["halfway", "end"]
PHASES = {"halfway": pb.FEEDBACK_PHASE_HALFWAY, "end": pb.FEEDBACK_PHASE_END}
ASKED = {"halfway": ("cooperation",), "end": ("goals", "cooperation", "again")}


@router.get("/{engagement_id}/feedback/{phase}")
async def show_feedback(visit: PartyVisit, engagement_id: Id, phase: Phase) -> Response:
    """Show the questions with what was answered so far."""
    return await _page(visit, engagement_id, phase, None)


@router.post("/{engagement_id}/feedback/{phase}")
async def save_feedback(visit: PartyVisit, engagement_id: Id, phase: Phase) -> Response:
    """Keep what is said."""
    form = Form.posted(await visit.request.form())
    for question in ASKED[phase]:
        if form.choice(question) not in labels.ANSWER:
            form.status = 422
            form.fail(question, visit.gettext("Please choose one of the five."))
    if form.errors:
        return await _page(visit, engagement_id, phase, form)
    said = pb.EngagementFeedback(engagement_id=engagement_id, phase=PHASES[phase], words=form.get("words").strip())
    for question in ASKED[phase]:
        setattr(said, question, form.choice(question))
    request = service.WriteEngagementFeedbackRequest(feedback=said, request_id=key_of(form))
    calls = visit.backend.engagements
    if await attempt(visit, form, calls.write_engagement_feedback(visit.identity, request)) is None:
        return await _page(visit, engagement_id, phase, form)
    one = await get_engagement(visit, engagement_id)
    now = await or_nothing(visit, feedback_of(visit, one), None)
    both = now is not None and len(now.written.get(PHASES[phase], ())) == 2
    return see(f"/engagements/{engagement_id}?done={'both_said' if both else 'said'}#feedback")


async def _page(visit: Visit, engagement_id: str, phase: Phase, form: Form | None) -> Response:
    one = await get_engagement(visit, engagement_id)
    feedback = await feedback_of(visit, one)
    number = PHASES[phase]
    own = feedback.own.get(number)
    if form is None:
        form = Form({} if own is None else {name: [str(getattr(own, name))] for name in (*ASKED["end"], "words")})
    return visit.page.render(
        "engaging/feedback.html",
        status=form.status,
        one=one,
        phase=phase,
        form=form,
        questions=[(name, visit.gettext(labels.QUESTION[name])) for name in ASKED[phase]],
        answers=pairs(labels.ANSWER, visit.texts),
        own=own,
        other=feedback.other.get(number),
        both=len(feedback.written.get(number, ())) == 2,
        side=own_side(visit),
        in_time=(one.state in LIVE) == (phase == "halfway"),
    )
