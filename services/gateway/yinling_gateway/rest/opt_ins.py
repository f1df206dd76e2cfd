"""Opt-ins: people offer themselves, and an enterprise answers."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from yinling.matching.v1 import engagement_pb2 as resources
from yinling.matching.v1 import engagement_service_pb2 as service

from yinling_gateway.auth import HR, PERSON, Anyone
from yinling_gateway.converters.messages import answer, fill
from yinling_gateway.dependencies import BackendDep
from yinling_gateway.models.engagements import Engagement
from yinling_gateway.models.opt_ins import OptIn, OptInInput, OptInPage, OptInQuery, TurnDown
from yinling_gateway.models.problems import documented
from yinling_gateway.rest.bodies import Id
from yinling_gateway.rest.etags import set_etag
from yinling_gateway.rest.moves import MakingDep, Move, MoveDep

router = APIRouter(tags=["opt-ins"])

_MOVES = documented(400, 404, 409, 412)


@router.post(
    "/mentoring-requests/{id:id}/opt-ins",
    status_code=201,
    summary="Offer oneself for a request",
    responses=documented(400, 404, 409, 413, 507),
    dependencies=[PERSON],
)
async def offer(body: OptInInput, move: MakingDep) -> OptIn:
    """For an open request. A coordinator names one of their own people. `Location` names the opt-in."""
    request = service.OfferMentoringRequest(
        mentoring_request_id=move.id, request_id=move.key, profile_id=move.caller.account.profile_id
    )
    made = await move.backend.engagements.offer_mentoring(move.identity, fill(request, body))
    move.say("", f"/api/v1/opt-ins/{made.id}")
    return _answer(move, made)


@router.get("/opt-ins", summary="List opt-ins", responses=documented())
async def find(query: Annotated[OptInQuery, Query()], caller: Anyone, backend: BackendDep) -> OptInPage:
    """Those that the caller has a part in, the newest first."""
    request = fill(service.ListOptInsRequest(), query)
    return answer(OptInPage, await backend.engagements.list_opt_ins(caller.identity, request))


@router.get("/opt-ins/{id:id}", summary="Read an opt-in", responses=documented(404))
async def get(id_: Id, caller: Anyone, backend: BackendDep, response: Response) -> OptIn:
    """One opt-in."""
    found = await backend.engagements.get_opt_in(caller.identity, service.GetOptInRequest(id=id_))
    set_etag(response, found.etag)
    return answer(OptIn, found)


@router.post(
    "/opt-ins/{id:id}:confirm", status_code=201, summary="Say yes to an opt-in", responses=_MOVES, dependencies=[HR]
)
async def confirm(move: MoveDep) -> Engagement:
    """Makes the engagement, which `Location` names. For HR."""
    request = service.ConfirmOptInRequest(id=move.id, request_id=move.key, etag=await _etag(move))
    made = await move.backend.engagements.confirm_opt_in(move.identity, request)
    move.say(made.etag, f"/api/v1/engagements/{made.id}")
    return answer(Engagement, made)


@router.post("/opt-ins/{id:id}:turn-down", summary="Say no to an opt-in", responses=_MOVES, dependencies=[HR])
async def turn_down(body: TurnDown, move: MoveDep) -> OptIn:
    """For HR."""
    request = service.TurnDownOptInRequest(id=move.id, request_id=move.key, etag=await _etag(move))
    return _answer(move, await move.backend.engagements.turn_down_opt_in(move.identity, fill(request, body)))


@router.post("/opt-ins/{id:id}:withdraw", summary="Take an opt-in back", responses=_MOVES, dependencies=[PERSON])
async def withdraw(move: MoveDep) -> OptIn:
    """One that was not answered yet. For the person, or their coordinator."""
    request = service.WithdrawOptInRequest(id=move.id, request_id=move.key, etag=await _etag(move))
    return _answer(move, await move.backend.engagements.withdraw_opt_in(move.identity, request))


async def _etag(move: Move) -> str:
    async def present() -> str:
        read = service.GetOptInRequest(id=move.id)
        return (await move.backend.engagements.get_opt_in(move.identity, read)).etag

    return await move.etag(present)


def _answer(move: Move, opt_in: resources.OptIn) -> OptIn:
    move.say(opt_in.etag)
    return answer(OptIn, opt_in)
