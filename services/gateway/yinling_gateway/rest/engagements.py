"""Engagements: what both people's yes became."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from yinling.matching.v1 import engagement_pb2 as resources
from yinling.matching.v1 import engagement_service_pb2 as service

from yinling_gateway.auth import ENTERPRISE, HR, Anyone
from yinling_gateway.converters.messages import answer, fill, mask
from yinling_gateway.dependencies import BackendDep
from yinling_gateway.models.engagements import (
    End,
    Engagement,
    EngagementInput,
    EngagementPage,
    EngagementQuery,
    MentorContact,
)
from yinling_gateway.models.problems import documented
from yinling_gateway.rest.bodies import Id, body_is, need_fields
from yinling_gateway.rest.etags import set_etag
from yinling_gateway.rest.moves import Move, MoveDep

router = APIRouter(prefix="/engagements", tags=["engagements"])

_MOVES = documented(400, 404, 409, 412)


@router.get("", summary="List engagements", responses=documented())
async def find(query: Annotated[EngagementQuery, Query()], caller: Anyone, backend: BackendDep) -> EngagementPage:
    """Those that the caller has a part in, the newest first."""
    request = fill(service.ListEngagementsRequest(), query)
    return answer(EngagementPage, await backend.engagements.list_engagements(caller.identity, request))


@router.get("/{id:id}", summary="Read an engagement", responses=documented(404))
async def get(id_: Id, caller: Anyone, backend: BackendDep, response: Response) -> Engagement:
    """One engagement."""
    found = await backend.engagements.get_engagement(caller.identity, service.GetEngagementRequest(id=id_))
    set_etag(response, found.etag)
    return answer(Engagement, found)


@router.patch(
    "/{id:id}",
    summary="Change goals, the last day or the contact",
    responses=documented(400, 404, 409, 412, 413, 507),
    dependencies=[body_is("engagement")],
)
async def update(body: EngagementInput, move: MoveDep) -> Engagement:
    """Fields that are sent are changed, null clears them, the others stay. For both sides."""
    request = service.UpdateEngagementRequest(
        engagement=fill(resources.Engagement(id=move.id), body), update_mask=mask(body), request_id=move.key
    )
    need_fields(request.update_mask.paths)
    request.engagement.etag = await _etag(move)
    return _answer(move, await move.backend.engagements.update_engagement(move.identity, request))


@router.post("/{id:id}:pause", summary="Interrupt an engagement", responses=_MOVES)
async def pause(move: MoveDep) -> Engagement:
    """The person's place stays taken. For both sides."""
    request = service.PauseEngagementRequest(id=move.id, request_id=move.key, etag=await _etag(move))
    return _answer(move, await move.backend.engagements.pause_engagement(move.identity, request))


@router.post("/{id:id}:resume", summary="Go on with an engagement", responses=_MOVES)
async def resume(move: MoveDep) -> Engagement:
    """One that is interrupted. For both sides."""
    request = service.ResumeEngagementRequest(id=move.id, request_id=move.key, etag=await _etag(move))
    return _answer(move, await move.backend.engagements.resume_engagement(move.identity, request))


@router.post("/{id:id}:complete", summary="Finish an engagement", responses=_MOVES, dependencies=[ENTERPRISE])
async def complete(move: MoveDep) -> Engagement:
    """Its goal is reached. For the enterprise."""
    request = service.CompleteEngagementRequest(id=move.id, request_id=move.key, etag=await _etag(move))
    return _answer(move, await move.backend.engagements.complete_engagement(move.identity, request))


@router.post("/{id:id}:end", summary="End an engagement before its goal", responses=_MOVES)
async def end(body: End, move: MoveDep) -> Engagement:
    """For both sides. The request's place is free again, but opens nothing by itself."""
    request = service.EndEngagementRequest(id=move.id, request_id=move.key, etag=await _etag(move))
    return _answer(move, await move.backend.engagements.end_engagement(move.identity, fill(request, body)))


@router.get(
    "/{id:id}/mentor-contact",
    summary="How to reach the mentor",
    responses=documented(404, 409),
    dependencies=[HR],
)
async def mentor_contact(id_: Id, caller: Anyone, backend: BackendDep) -> MentorContact:
    """For HR of an engagement that is active or paused. The person can read who asked, and when."""
    request = service.GetMentorContactRequest(engagement_id=id_)
    return answer(MentorContact, await backend.engagements.get_mentor_contact(caller.identity, request))


async def _etag(move: Move) -> str:
    async def present() -> str:
        read = service.GetEngagementRequest(id=move.id)
        return (await move.backend.engagements.get_engagement(move.identity, read)).etag

    return await move.etag(present)


def _answer(move: Move, engagement: resources.Engagement) -> Engagement:
    move.say(engagement.etag)
    return answer(Engagement, engagement)
