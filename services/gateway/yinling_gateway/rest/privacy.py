"""What people may know and decide of their own data."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from yinling.talent.v1 import talent_service_pb2 as service

from yinling_common.errors import NotFound, StaleEtag
from yinling_gateway.auth import Anyone, ProfileKeeper
from yinling_gateway.converters.messages import answer, to_json
from yinling_gateway.converters.privacy import erasure, export
from yinling_gateway.dependencies import BackendDep, ErasuresDep, PrivacyDep
from yinling_gateway.models.privacy import (
    AuditEntry,
    AuditPage,
    AuditQuery,
    ConsentWording,
    ConsentWordings,
    EraseInput,
    Erasure,
    PersonExport,
)
from yinling_gateway.models.problems import documented
from yinling_gateway.rest.bodies import Id
from yinling_gateway.rest.etags import IfMatch, chosen

router = APIRouter(tags=["privacy"])


@router.get("/consent-wordings", summary="What people agree to", responses=documented())
async def wordings(caller: Anyone, backend: BackendDep) -> ConsentWordings:
    """All wordings of the consent, the one to be agreed to now first."""
    found = await backend.privacy.consent_wordings(caller.identity)
    return ConsentWordings(wordings=[answer(ConsentWording, one) for one in found])


@router.get("/profiles/{id:id}/audit", summary="Who read or changed what is about a person", responses=documented(404))
async def audit(
    id_: Id, query: Annotated[AuditQuery, Query()], caller: ProfileKeeper, privacy: PrivacyDep
) -> AuditPage:
    """In all services, the newest first. For the person, their office and administrators.

    Reading is told once an hour of each reader; what people read about themselves is not.
    """
    entries, token = await privacy.audit(caller.identity, id_, query.page_size, query.page_token)
    return AuditPage(entries=[AuditEntry.model_validate(to_json(one)) for one in entries], next_page_token=token)


@router.get("/profiles/{id:id}/export", summary="Everything about a person", responses=documented(404))
async def export_person(id_: Id, caller: ProfileKeeper, privacy: PrivacyDep, response: Response) -> PersonExport:
    """One document, to be kept. For the person, their office and administrators."""
    found = await privacy.everything(caller.identity, id_)
    response.headers["Content-Disposition"] = f'attachment; filename="yinling-{id_}.json"'
    return export(found)


@router.post(
    "/profiles/{id:id}:erase",
    status_code=202,
    summary="Erase a person for ever",
    responses=documented(400, 404, 412, 413),
)
async def erase(
    *,
    id_: Id,
    body: EraseInput,
    caller: ProfileKeeper,
    backend: BackendDep,
    erasures: ErasuresDep,
    response: Response,
    if_match: IfMatch = None,
) -> Erasure:
    """Everything that says who they are goes, in all services; counts stay. It cannot be undone.

    The answer's `Location` says how far it is. Asked again while it is under way it answers the same. Who was deleted
    before is erased by their id, for administrators.
    """
    known = await erasures.under_way(caller.account, id_)
    if known is None:
        try:
            profile = await backend.get_profile(caller.identity, service.GetProfileRequest(id=id_))
        except NotFound:
            profile = await erasures.deleted(caller.account, id_)

        async def present() -> str:
            return profile.etag

        if await chosen(if_match, present) not in {"", profile.etag}:
            raise StaleEtag(metadata={"resource": "profile", "id": id_})
        known = await erasures.ask(caller.account, profile, body.confirm or "")
    response.headers["Location"] = f"/api/v1/erasures/{known.id}"
    return erasure(known)


@router.get("/erasures/{id:id}", summary="How far an erasure is", responses=documented(404))
async def get(id_: Id, _: Anyone, erasures: ErasuresDep) -> Erasure:
    """For whoever knows its id: it says nothing of who it is about."""
    return erasure(await erasures.get(id_))
