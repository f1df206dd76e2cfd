"""Suggestions of people, and the state of the index behind them."""

from typing import Annotated

from fastapi import APIRouter, Query
from yinling.matching.v1 import matching_service_pb2 as service

from yinling_gateway.auth import Anyone, Enterprise
from yinling_gateway.converters.messages import answer, fill
from yinling_gateway.dependencies import BackendDep
from yinling_gateway.models.problems import documented
from yinling_gateway.models.suggestions import IndexStatus, SuggestionInput, SuggestionQuery, Suggestions
from yinling_gateway.rest.bodies import Id

router = APIRouter(tags=["suggestions"])


@router.get("/mentoring-requests/{id:id}/suggestions", summary="People for a request", responses=documented(404))
async def for_request(
    id_: Id, query: Annotated[SuggestionQuery, Query()], caller: Enterprise, backend: BackendDep
) -> Suggestions:
    """Best first, each with its evidence per requirement and the checks made; nobody who breaks a hard rule."""
    request = fill(service.SuggestMentorsRequest(request_id=id_), query)
    return answer(Suggestions, await backend.suggest_mentors(caller.identity, request))


@router.post("/suggestions", summary="People for a request that is not kept", responses=documented(400, 413))
async def for_text(body: SuggestionInput, caller: Enterprise, backend: BackendDep) -> Suggestions:
    """To try wording before it is posted."""
    request = fill(service.SuggestMentorsRequest(), body)
    return answer(Suggestions, await backend.suggest_mentors(caller.identity, request))


@router.get("/index-status", summary="How fresh the index is", responses=documented())
async def index_status(caller: Anyone, backend: BackendDep) -> IndexStatus:
    """Revision, size and model of the index that suggestions come from."""
    return answer(IndexStatus, await backend.index_status(caller.identity))
