"""What an enterprise says of the people who were shown for a request, once it is over."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response
from yinling.matching.v1 import matching_pb2 as matching
from yinling.matching.v1 import matching_service_pb2 as service

from yinling_common.errors import InvalidField, NotFound, WrongState
from yinling_gateway.pages import labels
from yinling_gateway.pages.forms import Form
from yinling_gateway.pages.suggestions import get_request
from yinling_gateway.pages.visit import HrVisit, Visit, see

router = APIRouter(prefix="/requests", include_in_schema=False)

Id = Annotated[str, Path(max_length=64)]


@router.get("/{request_id}/feedback")
async def show_feedback(visit: HrVisit, request_id: Id) -> Response:
    """Show the people with what was said of them so far."""
    return await _page(visit, request_id, Form())


@router.post("/{request_id}/feedback")
async def save_feedback(visit: HrVisit, request_id: Id) -> Response:
    """Keep what is said of each person; those of whom nothing is chosen stay as they are."""
    form = Form.posted(await visit.request.form())
    people = await _people(visit, request_id)
    said = 0
    for person in people:
        rating = form.choice(f"rating-{person.profile_id}")
        if not rating or rating == person.rating:
            continue
        feedback = matching.Feedback(request_id=request_id, profile_id=person.profile_id, rating=rating)
        try:
            await visit.backend.record_feedback(visit.identity, service.RecordFeedbackRequest(feedback=feedback))
            said += 1
        except InvalidField:
            form.fail(f"rating-{person.profile_id}", visit.gettext("Please choose one of the five."))
        except (NotFound, WrongState):
            words = visit.gettext("This could not be kept: the person or the request has changed. Please look again.")
            form.fail(f"rating-{person.profile_id}", words)
    if form.errors:
        return await _page(visit, request_id, form, status=422)
    return see(f"/requests/{request_id}{'?done=said' if said else ''}")


async def _people(visit: Visit, request_id: str) -> list[matching.ShownPerson]:
    request = service.ListShownPeopleRequest(request_id=request_id)
    return list((await visit.backend.list_shown_people(visit.identity, request)).people)


async def _page(visit: Visit, request_id: str, form: Form, *, status: int = 200) -> Response:
    item = await get_request(visit, request_id)
    if item.state not in {matching.MentoringRequest.STATE_FILLED, matching.MentoringRequest.STATE_CLOSED}:
        return see(f"/requests/{request_id}")
    return visit.page.render(
        "requests/feedback.html",
        status=status,
        item=item,
        people=await _people(visit, request_id),
        form=form,
        ratings=[(number, visit.gettext(words)) for number, words in labels.RATING.items()],
    )
