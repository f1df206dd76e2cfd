"""Mentoring sessions: planned, held, cancelled; and what both sides say of an engagement."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from yinling.matching.v1 import engagement_pb2 as resources
from yinling.matching.v1 import engagement_service_pb2 as service

from yinling_gateway.auth import Anyone
from yinling_gateway.converters.messages import answer, fill, mask
from yinling_gateway.dependencies import BackendDep
from yinling_gateway.models.problems import documented
from yinling_gateway.models.sessions import (
    EngagementFeedback,
    EngagementFeedbackInput,
    EngagementFeedbackList,
    LoggedSession,
    MentoringSession,
    NewSession,
    SessionHeld,
    SessionInput,
    SessionPage,
    SessionQuery,
)
from yinling_gateway.rest.bodies import Id, body_is, need_fields
from yinling_gateway.rest.etags import set_etag
from yinling_gateway.rest.moves import MakingDep, Move, MoveDep

router = APIRouter()

_SESSION = [body_is("session")]


@router.post(
    "/engagements/{id:id}/sessions",
    status_code=201,
    tags=["mentoring sessions"],
    summary="Plan a session, or write one down",
    responses=documented(400, 404, 409, 413, 507),
    dependencies=_SESSION,
)
async def log(body: NewSession, move: MakingDep) -> LoggedSession:
    """For both sides; `Location` names it. 409 with HOURS_EXCEEDED where the person's hours of that week are taken."""
    session = fill(resources.MentoringSession(engagement_id=move.id), body)
    request = service.LogMentoringSessionRequest(session=session, request_id=move.key)
    logged = await move.backend.engagements.log_mentoring_session(move.identity, request)
    move.say("", f"/api/v1/mentoring-sessions/{logged.session.id}")
    return _answer(move, logged)


@router.get("/mentoring-sessions", tags=["mentoring sessions"], summary="List sessions", responses=documented())
async def find(query: Annotated[SessionQuery, Query()], caller: Anyone, backend: BackendDep) -> SessionPage:
    """Those that the caller has a part in, the latest start first."""
    request = fill(service.ListMentoringSessionsRequest(), query)
    return answer(SessionPage, await backend.engagements.list_mentoring_sessions(caller.identity, request))


@router.get(
    "/mentoring-sessions/{id:id}", tags=["mentoring sessions"], summary="Read a session", responses=documented(404)
)
async def get(id_: Id, caller: Anyone, backend: BackendDep, response: Response) -> MentoringSession:
    """One session."""
    read = service.GetMentoringSessionRequest(id=id_)
    found = await backend.engagements.get_mentoring_session(caller.identity, read)
    set_etag(response, found.etag)
    return answer(MentoringSession, found)


@router.patch(
    "/mentoring-sessions/{id:id}",
    tags=["mentoring sessions"],
    summary="Change a session",
    responses=documented(400, 404, 409, 412, 413, 507),
    dependencies=_SESSION,
)
async def update(body: SessionInput, move: MoveDep) -> LoggedSession:
    """Fields that are sent are changed, the others stay. For both sides."""
    request = service.UpdateMentoringSessionRequest(
        session=fill(resources.MentoringSession(id=move.id), body), update_mask=mask(body), request_id=move.key
    )
    need_fields(request.update_mask.paths)
    request.session.etag = await _etag(move)
    return _answer(move, await move.backend.engagements.update_mentoring_session(move.identity, request))


@router.post(
    "/mentoring-sessions/{id:id}:hold",
    tags=["mentoring sessions"],
    summary="Say that a planned session took place",
    responses=documented(400, 404, 409, 412, 413),
)
async def hold(body: SessionHeld, move: MoveDep) -> LoggedSession:
    """For both sides."""
    request = service.HoldMentoringSessionRequest(id=move.id, request_id=move.key, etag=await _etag(move))
    return _answer(move, await move.backend.engagements.hold_mentoring_session(move.identity, fill(request, body)))


@router.post(
    "/mentoring-sessions/{id:id}:cancel",
    tags=["mentoring sessions"],
    summary="Cancel a session",
    responses=documented(400, 404, 409, 412),
)
async def cancel(move: MoveDep) -> MentoringSession:
    """It will not take place, or was written down by mistake. For both sides."""
    request = service.CancelMentoringSessionRequest(id=move.id, request_id=move.key, etag=await _etag(move))
    cancelled = await move.backend.engagements.cancel_mentoring_session(move.identity, request)
    move.say(cancelled.etag)
    return answer(MentoringSession, cancelled)


@router.post(
    "/engagements/{id:id}/feedback",
    tags=["feedback"],
    summary="Say how an engagement goes, or went",
    responses=documented(400, 404, 409, 413, 507),
    dependencies=[body_is("feedback")],
)
async def write_feedback(body: EngagementFeedbackInput, move: MakingDep) -> EngagementFeedback:
    """For both sides, each for itself. Said again it replaces what was said, until both sides have written."""
    feedback = fill(resources.EngagementFeedback(engagement_id=move.id), body)
    request = service.WriteEngagementFeedbackRequest(feedback=feedback, request_id=move.key)
    return answer(EngagementFeedback, await move.backend.engagements.write_engagement_feedback(move.identity, request))


@router.get("/engagements/{id:id}/feedback", tags=["feedback"], summary="Read what was said", responses=documented(404))
async def read_feedback(id_: Id, caller: Anyone, backend: BackendDep) -> EngagementFeedbackList:
    """One's own, and the other side's once both have written."""
    request = service.ListEngagementFeedbackRequest(engagement_id=id_)
    found = await backend.engagements.list_engagement_feedback(caller.identity, request)
    return answer(EngagementFeedbackList, found)


async def _etag(move: Move) -> str:
    async def present() -> str:
        read = service.GetMentoringSessionRequest(id=move.id)
        return (await move.backend.engagements.get_mentoring_session(move.identity, read)).etag

    return await move.etag(present)


def _answer(move: Move, logged: service.LogMentoringSessionResponse) -> LoggedSession:
    move.say(logged.session.etag)
    return answer(LoggedSession, logged)
