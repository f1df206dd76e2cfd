"""Invitations: an enterprise asks people, and they answer."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from yinling.matching.v1 import engagement_pb2 as resources
from yinling.matching.v1 import engagement_service_pb2 as service

from yinling_gateway.auth import ENTERPRISE, HR, PERSON, Anyone
from yinling_gateway.converters.messages import answer, fill
from yinling_gateway.dependencies import BackendDep
from yinling_gateway.models.engagements import Engagement
from yinling_gateway.models.invitations import (
    Decline,
    Invitation,
    InvitationList,
    InvitationPage,
    InvitationQuery,
    InvitationsInput,
)
from yinling_gateway.models.problems import documented
from yinling_gateway.rest.bodies import Id
from yinling_gateway.rest.etags import set_etag
from yinling_gateway.rest.moves import MakingDep, Move, MoveDep

router = APIRouter(tags=["invitations"])

_MOVES = documented(400, 404, 409, 412)


@router.post(
    "/mentoring-requests/{id:id}/invitations",
    status_code=201,
    summary="Invite people",
    responses=documented(400, 404, 409, 413, 507),
    dependencies=[HR],
)
async def invite(body: InvitationsInput, move: MakingDep) -> InvitationList:
    """One or several, all or none: who cannot be invited is named, with the reason. The request must be open."""
    request = fill(service.InviteMentorsRequest(mentoring_request_id=move.id, request_id=move.key), body)
    return answer(InvitationList, await move.backend.engagements.invite_mentors(move.identity, request))


@router.get("/invitations", summary="List invitations", responses=documented())
async def find(query: Annotated[InvitationQuery, Query()], caller: Anyone, backend: BackendDep) -> InvitationPage:
    """Those that the caller has a part in, the newest first."""
    request = fill(service.ListInvitationsRequest(), query)
    return answer(InvitationPage, await backend.engagements.list_invitations(caller.identity, request))


@router.get("/invitations/{id:id}", summary="Read an invitation", responses=documented(404))
async def get(id_: Id, caller: Anyone, backend: BackendDep, response: Response) -> Invitation:
    """One invitation."""
    found = await backend.engagements.get_invitation(caller.identity, service.GetInvitationRequest(id=id_))
    set_etag(response, found.etag)
    return answer(Invitation, found)


@router.post(
    "/invitations/{id:id}:accept",
    status_code=201,
    summary="Say yes to an invitation",
    responses=_MOVES,
    dependencies=[PERSON],
)
async def accept(move: MoveDep) -> Engagement:
    """Makes the engagement, which `Location` names. For the person, or their coordinator."""
    request = service.AcceptInvitationRequest(id=move.id, request_id=move.key, etag=await _etag(move))
    made = await move.backend.engagements.accept_invitation(move.identity, request)
    move.say(made.etag, f"/api/v1/engagements/{made.id}")
    return answer(Engagement, made)


@router.post("/invitations/{id:id}:decline", summary="Say no to an invitation", responses=_MOVES, dependencies=[PERSON])
async def decline(body: Decline, move: MoveDep) -> Invitation:
    """For the person, or their coordinator."""
    request = service.DeclineInvitationRequest(id=move.id, request_id=move.key, etag=await _etag(move))
    return _answer(move, await move.backend.engagements.decline_invitation(move.identity, fill(request, body)))


@router.post(
    "/invitations/{id:id}:withdraw", summary="Take an invitation back", responses=_MOVES, dependencies=[ENTERPRISE]
)
async def withdraw(move: MoveDep) -> Invitation:
    """One that was not answered yet."""
    request = service.WithdrawInvitationRequest(id=move.id, request_id=move.key, etag=await _etag(move))
    return _answer(move, await move.backend.engagements.withdraw_invitation(move.identity, request))


async def _etag(move: Move) -> str:
    async def present() -> str:
        read = service.GetInvitationRequest(id=move.id)
        return (await move.backend.engagements.get_invitation(move.identity, read)).etag

    return await move.etag(present)


def _answer(move: Move, invitation: resources.Invitation) -> Invitation:
    move.say(invitation.etag)
    return answer(Invitation, invitation)
