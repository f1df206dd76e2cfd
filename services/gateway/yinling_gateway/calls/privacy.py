"""Calls about what is known of a person: export, erasure, the log of who read or changed it, and the consent."""

from collections.abc import Sequence

from yinling.common.v1.audit_pb2 import AuditEntry
from yinling.matching.v1 import privacy_service_pb2 as matching
from yinling.matching.v1 import privacy_service_pb2_grpc as matching_grpc
from yinling.talent.v1 import talent_pb2, talent_service_pb2_grpc
from yinling.talent.v1 import talent_service_pb2 as talent

from yinling_common.identity import Identity, Role
from yinling_gateway.calls.core import MATCHING, TALENT, Calls

ERASER = Identity("gateway.erasures", Role.ADMIN)
"""Whoever works off what people asked for: they may be signed out, and their account gone, before it is done."""

_ERASE_TIMEOUT = 300.0
"""Matching looks through all vectors."""


class PrivacyCalls:
    """What is known of a person. Every method raises YinlingError."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._matching = matching_grpc.PrivacyServiceStub(calls.channel(MATCHING))
        self._talent = talent_service_pb2_grpc.TalentServiceStub(calls.channel(TALENT))

    async def consent_wordings(self, identity: Identity) -> Sequence[talent_pb2.ConsentWording]:
        """The wordings of the consent, the present one first."""
        request = talent.ListConsentWordingsRequest()
        return (await self._calls.read(TALENT, self._talent.ListConsentWordings, identity, request)).wordings

    async def talent_audit(
        self, identity: Identity, profile_id: str, page_size: int, page_token: str
    ) -> tuple[Sequence[AuditEntry], str]:
        """Who read or changed a profile, the newest first, and the token of the next page."""
        request = talent.ListAuditEntriesRequest(profile_id=profile_id, page_size=page_size, page_token=page_token)
        page = await self._calls.read(TALENT, self._talent.ListAuditEntries, identity, request)
        return page.entries, page.next_page_token

    async def matching_audit(
        self, identity: Identity, profile_id: str, page_size: int, page_token: str
    ) -> tuple[Sequence[AuditEntry], str]:
        """Who did what between a person and enterprises, the newest first, and the token of the next page."""
        request = matching.ListAuditEntriesRequest(profile_id=profile_id, page_size=page_size, page_token=page_token)
        page = await self._calls.read(MATCHING, self._matching.ListAuditEntries, identity, request)
        return page.entries, page.next_page_token

    async def export_person(self, identity: Identity, profile_id: str) -> matching.ExportPersonResponse:
        """Everything that matching knows of a person."""
        request = matching.ExportPersonRequest(profile_id=profile_id)
        return await self._calls.write(MATCHING, self._matching.ExportPerson, identity, request)

    async def erase_profile(self, profile_id: str) -> None:
        """Erase a person in talent, as whoever works off erasures. NotFound where there never was one."""
        request = talent.EraseProfileRequest(id=profile_id)
        await self._calls.write(TALENT, self._talent.EraseProfile, ERASER, request)

    async def erase_person(self, profile_id: str) -> None:
        """Erase a person in matching. WrongState until it has heard that they are gone."""
        request = matching.ErasePersonRequest(profile_id=profile_id)
        await self._calls.call(MATCHING, self._matching.ErasePerson, ERASER, request, _ERASE_TIMEOUT)
