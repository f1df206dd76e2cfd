"""What the talent service in memory knows of consent, its log, contact details and erasure."""

# ruff: noqa: N802 - the methods have the names that gRPC gives them

import asyncio
from collections.abc import Iterable
from typing import Any

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from yinling.common.v1.audit_pb2 import AuditEntry
from yinling.talent.v1 import talent_service_pb2 as service
from yinling.talent.v1 import talent_service_pb2_grpc
from yinling.talent.v1.talent_pb2 import ConsentWording, Contact, Profile

from yinling_common import paging
from yinling_common.errors import InvalidField, Violation
from yinling_common.identity import Identity, Role, current, require
from yinling_gateway.testing.resources import Resources, Troubles, check_etag

Context = grpc.aio.ServicerContext[Any, Any]

WORDING = ConsentWording(
    version="2026-11",
    purpose_zh="让企业找到您",
    purpose_en="So that enterprises find you",
    text_zh=["我同意企业看到我的资料。", "我可以随时撤回。"],
    text_en=["Enterprises may see my profile.", "I can take this back at any time."],
)


class PeoplePrivacy(talent_service_pb2_grpc.TalentServiceServicer):
    """This part of the service, over the profiles that it is given."""

    def __init__(self) -> None:
        self.profiles = Resources("profile", Profile)
        self.troubles = Troubles()
        self.log: dict[str, list[AuditEntry]] = {}
        self.erased: dict[str, int] = {}

    async def EraseProfile(
        self, request: service.EraseProfileRequest, context: Context
    ) -> service.EraseProfileResponse:
        """See the proto."""
        await self.trouble()
        require(Role.RETIREE, Role.COORDINATOR, Role.ADMIN)
        if request.id not in self.erased:
            present = self.profiles.get(request.id, may_see)
            check_etag(present.etag, request.etag)
            del self.profiles.items[request.id]
            self.log.pop(request.id, None)
            self.profiles.number += 1
            self.erased[request.id] = self.profiles.number
        return service.EraseProfileResponse(revision=self.erased[request.id])

    async def GetContact(self, request: service.GetContactRequest, context: Context) -> Contact:
        """See the proto."""
        await self.trouble()
        require(Role.SERVICE)
        profile = self.profiles.get(request.profile_id, lambda _: True)
        reader = Identity(request.reader, Role(request.reader_role), request.reader_organisation)
        self.note("read_contact", profile.id, by=reader)
        return profile.contact

    async def ListAuditEntries(
        self, request: service.ListAuditEntriesRequest, context: Context
    ) -> service.ListAuditEntriesResponse:
        """See the proto."""
        await self.trouble()
        require(Role.RETIREE, Role.COORDINATOR, Role.ADMIN)
        self.profiles.get(request.profile_id, may_see)
        filters = {"profile_id": request.profile_id}
        key = paging.decode(request.page_token, "audit", filters)
        start = int(str(key[0])) if key else 0
        end = start + paging.page_size(request.page_size)
        entries = self.log.get(request.profile_id, [])[::-1]
        token = paging.encode("audit", filters, [end]) if len(entries) > end else ""
        return service.ListAuditEntriesResponse(entries=entries[start:end], next_page_token=token)

    async def ListConsentWordings(
        self, request: service.ListConsentWordingsRequest, context: Context
    ) -> service.ListConsentWordingsResponse:
        """See the proto."""
        await self.trouble()
        return service.ListConsentWordingsResponse(wordings=[WORDING])

    def note(self, action: str, profile_id: str, *fields: str, by: Identity | None = None) -> None:
        """Write down what somebody did, unless it is a second reading."""
        by = by or current()
        now = Timestamp()
        now.GetCurrentTime()
        entries = self.log.setdefault(profile_id, [])
        if action == "read" and (
            by.profile_id == profile_id or any((e.action, e.subject) == ("read", by.subject) for e in entries)
        ):
            return
        entries.append(
            AuditEntry(
                time=now,
                subject=by.subject,
                role=by.role.value,
                organisation=by.organisation,
                action=action,
                resource="profile",
                fields=fields,
            )
        )

    def note_reads(self, profiles: Iterable[Profile]) -> None:
        """Write down who was on a page."""
        for profile in profiles:
            self.note("read", profile.id)

    async def trouble(self) -> None:
        """Be slow or raise, where the test wants it."""
        await asyncio.sleep(self.troubles.delay)
        if self.troubles.error is not None:
            raise self.troubles.error


def may_see(profile: Profile) -> bool:
    """Whether a profile exists for the caller."""
    caller: Identity = current()
    match caller.role:
        case Role.COORDINATOR:
            return profile.organisation == caller.organisation
        case Role.RETIREE:
            return profile.id == caller.profile_id
        case Role.HR:
            return profile.consent.granted
        case _:
            return True


def settle_consent(profile: Profile, before: Profile | None = None) -> None:
    """Give consent the present wording where it names none. Raises InvalidField for one that is unknown."""
    known = {"", WORDING.version, before.consent.wording_version if before else ""}
    if profile.consent.wording_version not in known:
        message = f"is no wording of the consent; give {WORDING.version}, or leave it out"
        raise InvalidField([Violation("profile.consent.wording_version", "consent.wording", message)])
    if profile.consent.granted and not profile.consent.wording_version:
        profile.consent.wording_version = WORDING.version
    if before is None or profile.consent.granted != before.consent.granted:
        profile.consent.update_time.GetCurrentTime()
