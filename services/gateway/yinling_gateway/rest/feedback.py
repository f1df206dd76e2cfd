"""What enterprises say of the people who were shown for their requests."""

from fastapi import APIRouter
from yinling.matching.v1 import matching_pb2 as matching
from yinling.matching.v1 import matching_service_pb2 as service

from yinling_gateway.auth import Enterprise
from yinling_gateway.converters.messages import answer, fill
from yinling_gateway.dependencies import BackendDep
from yinling_gateway.models.feedback import Feedback, FeedbackInput, ShownPeople
from yinling_gateway.models.problems import documented
from yinling_gateway.rest.bodies import body_is

router = APIRouter(prefix="/mentoring-requests/{request_id}/feedback", tags=["feedback"])


@router.get("", summary="Who was shown for a request, and what was said", responses=documented(404))
async def find(request_id: str, caller: Enterprise, backend: BackendDep) -> ShownPeople:
    """The people of whom something can be said."""
    request = service.ListShownPeopleRequest(request_id=request_id)
    return answer(ShownPeople, await backend.list_shown_people(caller.identity, request))


@router.post(
    "", summary="Say how it went", responses=documented(400, 404, 409, 413), dependencies=[body_is("feedback")]
)
async def record(request_id: str, body: FeedbackInput, caller: Enterprise, backend: BackendDep) -> Feedback:
    """Once the request is closed or filled. Said again it replaces what was said before."""
    feedback = fill(matching.Feedback(request_id=request_id), body)
    return answer(
        Feedback, await backend.record_feedback(caller.identity, service.RecordFeedbackRequest(feedback=feedback))
    )
