"""The settings of an organisation's matching."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from yinling.matching.v1 import matching_pb2 as matching
from yinling.matching.v1 import matching_service_pb2 as service

from yinling_common.errors import InvalidField, Violation
from yinling_gateway.auth import Enterprise, SignedIn
from yinling_gateway.converters.messages import answer, fill
from yinling_gateway.dependencies import BackendDep
from yinling_gateway.models.problems import documented
from yinling_gateway.models.weights import MatchingSettings, MatchingSettingsInput, MatchingSettingsQuery
from yinling_gateway.rest.bodies import body_is
from yinling_gateway.rest.etags import IfMatch, chosen, set_etag

router = APIRouter(prefix="/settings/matching", tags=["settings"])

_BODY = [body_is("settings")]


@router.get("", summary="Read an organisation's settings", responses=documented())
async def get(
    query: Annotated[MatchingSettingsQuery, Query()], caller: Enterprise, backend: BackendDep, response: Response
) -> MatchingSettings:
    """The weights of its requests. `effective` has every weight, also where the organisation set none."""
    request = service.GetMatchingSettingsRequest(organisation=_organisation(query, caller))
    found = await backend.get_matching_settings(caller.identity, request)
    if found.etag:
        set_etag(response, found.etag)
    return answer(MatchingSettings, found)


@router.put(
    "", summary="Write an organisation's settings", responses=documented(400, 412, 413, 507), dependencies=_BODY
)
async def put(
    *,
    query: Annotated[MatchingSettingsQuery, Query()],
    body: MatchingSettingsInput,
    caller: Enterprise,
    backend: BackendDep,
    response: Response,
    if_match: IfMatch = None,
) -> MatchingSettings:
    """They are replaced as a whole: a weight that is absent is as it is by default from then on."""
    organisation = _organisation(query, caller)

    async def present() -> str:
        read = service.GetMatchingSettingsRequest(organisation=organisation)
        return (await backend.get_matching_settings(caller.identity, read)).etag

    settings = fill(matching.MatchingSettings(organisation=organisation), body)
    settings.etag = await chosen(if_match, present)
    written = await backend.update_matching_settings(
        caller.identity, service.UpdateMatchingSettingsRequest(settings=settings)
    )
    set_etag(response, written.etag)
    return answer(MatchingSettings, written)


def _organisation(query: MatchingSettingsQuery, caller: SignedIn) -> str:
    name = query.organisation or caller.account.organisation
    if not name:
        message = "name the organisation: your account belongs to none"
        raise InvalidField([Violation("organisation", "required", message)])
    return name
