"""HR moves a request from state to state, copies it, and reads what was done to it."""

import asyncio
from collections.abc import Awaitable
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from starlette.responses import Response
from yinling.matching.v1 import matching_pb2 as matching
from yinling.matching.v1 import matching_service_pb2 as service

from yinling_gateway.pages.engaging.acting import attempt
from yinling_gateway.pages.engaging.history import told
from yinling_gateway.pages.engaging.once import key_of
from yinling_gateway.pages.engaging.reading import between, between_or_nothing
from yinling_gateway.pages.forms import Form
from yinling_gateway.pages.suggestions import get_request
from yinling_gateway.pages.visit import EnterpriseVisit, HrVisit, Visit, see

router = APIRouter(prefix="/requests", include_in_schema=False)

Id = Annotated[str, Path(max_length=64)]
Step = Literal["publish", "close", "reopen", "fill"]

_HISTORY = 200
_DONE = {"publish": "posted", "close": "ended", "fill": "filled", "reopen": "opened"}


@router.get("/{request_id}/step/{step}")
async def ask_before(visit: HrVisit, request_id: Id, step: Step) -> Response:
    """Say what follows from a step before it is taken."""
    return await _confirm(visit, request_id, step, Form())


@router.post("/{request_id}/step/{step}")
async def take_step(visit: HrVisit, request_id: Id, step: Step) -> Response:
    """Publish, close, reopen or fill a request."""
    form = Form.posted(await visit.request.form())
    if await attempt(visit, form, _call(visit, request_id, step, form)) is None:
        return await _confirm(visit, request_id, step, form)
    return see(f"/requests/{request_id}?done={_DONE[step]}")


@router.post("/{request_id}/duplicate")
async def duplicate(visit: HrVisit, request_id: Id) -> Response:
    """Make a draft like a request, and go to it."""
    form = Form.posted(await visit.request.form())
    made = await visit.backend.request_life.duplicate_mentoring_request(
        visit.identity, service.DuplicateMentoringRequestRequest(id=request_id, request_id=key_of(form))
    )
    return see(f"/requests/{made.id}/edit?done=copied")


@router.get("/{request_id}/history")
async def show_history(visit: EnterpriseVisit, request_id: Id) -> Response:
    """Show who did what to a request, the latest first."""
    item, answer, around = await asyncio.gather(
        get_request(visit, request_id),
        visit.backend.request_life.list_mentoring_request_changes(
            visit.identity, service.ListMentoringRequestChangesRequest(id=request_id, page_size=_HISTORY)
        ),
        between(visit, request_id),
    )
    entries = await told(visit, list(answer.changes))
    return visit.page.render(
        "engaging/history.html", item=item, entries=entries, around=around, more=answer.next_page_token
    )


def _call(visit: Visit, request_id: str, step: Step, form: Form) -> Awaitable[matching.MentoringRequest]:
    life, key, etag = visit.backend.request_life, key_of(form), form.text("etag")
    if step == "publish":
        publish = service.PublishMentoringRequestRequest(id=request_id, request_id=key, etag=etag)
        return life.publish_mentoring_request(visit.identity, publish)
    if step == "close":
        close = service.CloseMentoringRequestRequest(id=request_id, request_id=key, etag=etag)
        return life.close_mentoring_request(visit.identity, close)
    if step == "fill":
        fill = service.FillMentoringRequestRequest(id=request_id, request_id=key, etag=etag)
        return life.fill_mentoring_request(visit.identity, fill)
    reopen = service.ReopenMentoringRequestRequest(id=request_id, request_id=key, etag=etag)
    return life.reopen_mentoring_request(visit.identity, reopen)


async def _confirm(visit: Visit, request_id: str, step: Step, form: Form) -> Response:
    item, around = await asyncio.gather(get_request(visit, request_id), between_or_nothing(visit, request_id))
    return visit.page.render("engaging/step.html", status=form.status, item=item, step=step, form=form, around=around)
