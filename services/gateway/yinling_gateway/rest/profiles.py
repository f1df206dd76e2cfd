"""Profiles."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from yinling.matching.v1 import matching_service_pb2 as matching_service
from yinling.talent.v1 import talent_pb2 as talent
from yinling.talent.v1 import talent_service_pb2 as service

from yinling_gateway.auth import Anyone, ProfileKeeper, RetireeOffice
from yinling_gateway.converters.messages import answer, fill, mask
from yinling_gateway.dependencies import BackendDep
from yinling_gateway.models.problems import documented
from yinling_gateway.models.profiles import NewProfile, Profile, ProfileInput, ProfilePage, ProfileQuery
from yinling_gateway.models.suggestions import RequestSuggestionQuery, RequestSuggestions
from yinling_gateway.rest.bodies import Id, body_is, need_fields
from yinling_gateway.rest.etags import IfMatch, IfNoneMatch, chosen, set_etag, unchanged
from yinling_gateway.rest.moves import IdempotencyKey

router = APIRouter(prefix="/profiles", tags=["profiles"])

_BODY = [body_is("profile")]
_LISTED_BY = frozenset({"organisation", "page_size", "page_token"})


@router.get("", summary="List or search profiles", responses=documented())
async def find(query: Annotated[ProfileQuery, Query()], caller: Anyone, backend: BackendDep) -> ProfilePage:
    """Profiles that the caller may see, the latest change first."""
    if query.model_fields_set <= _LISTED_BY:
        listed = await backend.list_profiles(caller.identity, fill(service.ListProfilesRequest(), query))
        return answer(ProfilePage, listed)
    found = await backend.search_profiles(caller.identity, fill(service.SearchProfilesRequest(), query))
    return answer(ProfilePage, found)


@router.post(
    "",
    status_code=201,
    summary="Make a profile",
    responses=documented(400, 409, 413, 507),
    dependencies=_BODY,
)
async def create(
    body: NewProfile, caller: RetireeOffice, backend: BackendDep, key: IdempotencyKey, response: Response
) -> Profile:
    """The answer's `Location` names the new profile."""
    request = service.CreateProfileRequest(profile=fill(talent.Profile(), body), request_id=key)
    profile = await backend.create_profile(caller.identity, request)
    response.headers["Location"] = f"/api/v1/profiles/{profile.id}"
    set_etag(response, profile.etag)
    return answer(Profile, profile)


@router.get(
    "/{id:id}",
    summary="Read a profile",
    responses=documented(404) | {304: {"description": "It is as it was."}},
    response_model=Profile,
)
async def get(
    id_: Id,
    caller: Anyone,
    backend: BackendDep,
    response: Response,
    if_none_match: IfNoneMatch = None,
) -> Profile | Response:
    """What the caller may not see is null or empty."""
    profile = await backend.get_profile(caller.identity, service.GetProfileRequest(id=id_))
    if unchanged(if_none_match, profile.etag):
        return Response(status_code=304, headers={"ETag": f'"{profile.etag}"'})
    set_etag(response, profile.etag)
    return answer(Profile, profile)


@router.patch(
    "/{id:id}",
    summary="Change a profile",
    responses=documented(400, 404, 409, 412, 413, 507),
    dependencies=_BODY,
)
async def update(
    *,
    id_: Id,
    body: ProfileInput,
    caller: ProfileKeeper,
    backend: BackendDep,
    response: Response,
    if_match: IfMatch = None,
) -> Profile:
    """Fields that are sent are changed, null clears them, the others stay (JSON merge patch)."""

    async def present() -> str:
        return (await backend.get_profile(caller.identity, service.GetProfileRequest(id=id_))).etag

    request = service.UpdateProfileRequest(profile=fill(talent.Profile(id=id_), body), update_mask=mask(body))
    need_fields(request.update_mask.paths)
    request.profile.etag = await chosen(if_match, present)
    profile = await backend.update_profile(caller.identity, request)
    set_etag(response, profile.etag)
    return answer(Profile, profile)


@router.delete("/{id:id}", status_code=204, summary="Delete a profile", responses=documented(404, 412))
async def delete(
    id_: Id,
    caller: RetireeOffice,
    backend: BackendDep,
    if_match: IfMatch = None,
) -> None:
    """The person is out of every new result within a second."""

    async def present() -> str:
        return (await backend.get_profile(caller.identity, service.GetProfileRequest(id=id_))).etag

    etag = await chosen(if_match, present)
    await backend.delete_profile(caller.identity, service.DeleteProfileRequest(id=id_, etag=etag))


@router.get("/{id:id}/request-suggestions", summary="Open requests that suit a person", responses=documented(404))
async def request_suggestions(
    id_: Id, query: Annotated[RequestSuggestionQuery, Query()], caller: ProfileKeeper, backend: BackendDep
) -> RequestSuggestions:
    """Best first, each with its reasons. 404 where the profile is not in the index: deleted, or without consent."""
    request = fill(matching_service.SuggestRequestsRequest(profile_id=id_), query)
    return answer(RequestSuggestions, await backend.suggest_requests(caller.identity, request))
