"""Mentoring requests."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from yinling.matching.v1 import matching_pb2 as matching
from yinling.matching.v1 import matching_service_pb2 as service

from yinling_gateway.auth import Anyone, Enterprise
from yinling_gateway.converters.messages import answer, fill, mask
from yinling_gateway.dependencies import BackendDep
from yinling_gateway.models.problems import documented
from yinling_gateway.models.requests import (
    MentoringRequest,
    MentoringRequestInput,
    MentoringRequestPage,
    MentoringRequestQuery,
    NewMentoringRequest,
)
from yinling_gateway.rest.bodies import Id, body_is, need_fields
from yinling_gateway.rest.etags import IfMatch, IfNoneMatch, chosen, set_etag, unchanged
from yinling_gateway.rest.moves import IdempotencyKey

router = APIRouter(prefix="/mentoring-requests", tags=["mentoring requests"])

_BODY = [body_is("mentoring_request")]


@router.get("", summary="List requests", responses=documented())
async def find(
    query: Annotated[MentoringRequestQuery, Query()], caller: Anyone, backend: BackendDep
) -> MentoringRequestPage:
    """Requests that the caller may see, the newest first."""
    request = fill(service.ListMentoringRequestsRequest(), query)
    return answer(MentoringRequestPage, await backend.list_mentoring_requests(caller.identity, request))


@router.post(
    "", status_code=201, summary="Post a request", responses=documented(400, 409, 413, 507), dependencies=_BODY
)
async def create(
    body: NewMentoringRequest, caller: Enterprise, backend: BackendDep, key: IdempotencyKey, response: Response
) -> MentoringRequest:
    """The answer's `Location` names the new request."""
    request = service.CreateMentoringRequestRequest(
        mentoring_request=fill(matching.MentoringRequest(), body), request_id=key
    )
    made = await backend.create_mentoring_request(caller.identity, request)
    response.headers["Location"] = f"/api/v1/mentoring-requests/{made.id}"
    set_etag(response, made.etag)
    return answer(MentoringRequest, made)


@router.get(
    "/{id:id}",
    summary="Read a request",
    responses=documented(404) | {304: {"description": "It is as it was."}},
    response_model=MentoringRequest,
)
async def get(
    id_: Id,
    caller: Anyone,
    backend: BackendDep,
    response: Response,
    if_none_match: IfNoneMatch = None,
) -> MentoringRequest | Response:
    """One request."""
    found = await backend.get_mentoring_request(caller.identity, service.GetMentoringRequestRequest(id=id_))
    if unchanged(if_none_match, found.etag):
        return Response(status_code=304, headers={"ETag": f'"{found.etag}"'})
    set_etag(response, found.etag)
    return answer(MentoringRequest, found)


@router.patch(
    "/{id:id}",
    summary="Change a request",
    responses=documented(400, 404, 409, 412, 413, 507),
    dependencies=_BODY,
)
async def update(
    *,
    id_: Id,
    body: MentoringRequestInput,
    caller: Enterprise,
    backend: BackendDep,
    key: IdempotencyKey,
    response: Response,
    if_match: IfMatch = None,
) -> MentoringRequest:
    """Fields that are sent are changed, null clears them, the others stay (JSON merge patch)."""

    async def present() -> str:
        read = service.GetMentoringRequestRequest(id=id_)
        return (await backend.get_mentoring_request(caller.identity, read)).etag

    request = service.UpdateMentoringRequestRequest(
        mentoring_request=fill(matching.MentoringRequest(id=id_), body), update_mask=mask(body), request_id=key
    )
    need_fields(request.update_mask.paths)
    request.mentoring_request.etag = await chosen(if_match, present)
    changed = await backend.update_mentoring_request(caller.identity, request)
    set_etag(response, changed.etag)
    return answer(MentoringRequest, changed)


@router.delete("/{id:id}", status_code=204, summary="Delete a request", responses=documented(404, 409, 412))
async def delete(
    id_: Id,
    caller: Enterprise,
    backend: BackendDep,
    if_match: IfMatch = None,
) -> None:
    """It is gone, with its suggestions."""

    async def present() -> str:
        read = service.GetMentoringRequestRequest(id=id_)
        return (await backend.get_mentoring_request(caller.identity, read)).etag

    etag = await chosen(if_match, present)
    await backend.delete_mentoring_request(caller.identity, service.DeleteMentoringRequestRequest(id=id_, etag=etag))
