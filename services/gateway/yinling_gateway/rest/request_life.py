"""A request's life: opened, closed, filled, opened again, copied; and its history."""

from typing import Annotated

from fastapi import APIRouter, Query
from yinling.matching.v1 import matching_pb2 as matching
from yinling.matching.v1 import matching_service_pb2 as service

from yinling_gateway.auth import ENTERPRISE, Enterprise
from yinling_gateway.converters.messages import answer, fill
from yinling_gateway.dependencies import BackendDep
from yinling_gateway.models.base import Paged
from yinling_gateway.models.problems import documented
from yinling_gateway.models.request_changes import RequestChangePage
from yinling_gateway.models.requests import MentoringRequest
from yinling_gateway.rest.bodies import Id
from yinling_gateway.rest.moves import MakingDep, Move, MoveDep

router = APIRouter(prefix="/mentoring-requests", tags=["mentoring requests"])

_MOVES = documented(400, 404, 409, 412)


@router.post("/{id:id}:publish", summary="Open a draft", responses=_MOVES, dependencies=[ENTERPRISE])
async def publish(move: MoveDep) -> MentoringRequest:
    """From then on people see it, and can be invited and offer themselves."""
    request = service.PublishMentoringRequestRequest(id=move.id, request_id=move.key, etag=await _etag(move))
    return _answer(move, await move.backend.request_life.publish_mentoring_request(move.identity, request))


@router.post("/{id:id}:close", summary="Close an open request", responses=_MOVES, dependencies=[ENTERPRISE])
async def close(move: MoveDep) -> MentoringRequest:
    """Invitations and opt-ins that wait for it are closed with it."""
    request = service.CloseMentoringRequestRequest(id=move.id, request_id=move.key, etag=await _etag(move))
    return _answer(move, await move.backend.request_life.close_mentoring_request(move.identity, request))


@router.post("/{id:id}:reopen", summary="Open a request again", responses=_MOVES, dependencies=[ENTERPRISE])
async def reopen(move: MoveDep) -> MentoringRequest:
    """One that is closed, filled or expired, where more mentors are wanted than are engaged."""
    request = service.ReopenMentoringRequestRequest(id=move.id, request_id=move.key, etag=await _etag(move))
    return _answer(move, await move.backend.request_life.reopen_mentoring_request(move.identity, request))


@router.post("/{id:id}:fill", summary="Say that everybody is found", responses=_MOVES, dependencies=[ENTERPRISE])
async def fill_up(move: MoveDep) -> MentoringRequest:
    """By itself a request is filled by its last engagement; this is for people found elsewhere."""
    request = service.FillMentoringRequestRequest(id=move.id, request_id=move.key, etag=await _etag(move))
    return _answer(move, await move.backend.request_life.fill_mentoring_request(move.identity, request))


@router.post(
    "/{id:id}:duplicate",
    status_code=201,
    summary="Make a draft like an earlier request",
    responses=documented(400, 404, 409, 507),
    dependencies=[ENTERPRISE],
)
async def duplicate(move: MakingDep) -> MentoringRequest:
    """Without its last day. The answer's `Location` names the draft."""
    request = service.DuplicateMentoringRequestRequest(id=move.id, request_id=move.key)
    made = await move.backend.request_life.duplicate_mentoring_request(move.identity, request)
    move.say("", f"/api/v1/mentoring-requests/{made.id}")
    return _answer(move, made)


@router.get("/{id:id}/changes", summary="The history of a request", responses=documented(404))
async def changes(
    id_: Id, query: Annotated[Paged, Query()], caller: Enterprise, backend: BackendDep
) -> RequestChangePage:
    """What was done to it, by whom, and which fields changed; the latest first."""
    request = fill(service.ListMentoringRequestChangesRequest(id=id_), query)
    return answer(
        RequestChangePage, await backend.request_life.list_mentoring_request_changes(caller.identity, request)
    )


async def _etag(move: Move) -> str:
    async def present() -> str:
        read = service.GetMentoringRequestRequest(id=move.id)
        return (await move.backend.get_mentoring_request(move.identity, read)).etag

    return await move.etag(present)


def _answer(move: Move, request: matching.MentoringRequest) -> MentoringRequest:
    move.say(request.etag)
    return answer(MentoringRequest, request)
