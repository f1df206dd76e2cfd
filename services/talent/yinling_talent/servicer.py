"""gRPC: convert, call, convert. What each method does stands in the contract."""

# ruff: noqa: D102 - the contract documents the methods

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any
from uuid import UUID

import grpc
from google.protobuf import empty_pb2
from yinling.talent.v1 import talent_pb2, talent_service_pb2_grpc
from yinling.talent.v1 import talent_service_pb2 as pb

from yinling_common.errors import InvalidField, Violation
from yinling_common.types import Mode, TitleLevel
from yinling_talent import converters
from yinling_talent.feed import CaughtUp
from yinling_talent.handlers import Search, TalentHandlers
from yinling_talent.privacy import PrivacyHandlers, Reader
from yinling_talent.roster_import import RosterImporter

SERVICE_NAME = "yinling.talent.v1.TalentService"

_Context = grpc.aio.ServicerContext[Any, Any]


class TalentServicer(talent_service_pb2_grpc.TalentServiceServicer):
    """The service of the contract."""

    def __init__(self, handlers: TalentHandlers, importer: RosterImporter, privacy: PrivacyHandlers) -> None:
        self._handlers = handlers
        self._importer = importer
        self._privacy = privacy

    async def CreateProfile(self, request: pb.CreateProfileRequest, context: _Context) -> talent_pb2.Profile:
        return converters.profile_to(
            await self._handlers.create(converters.profile_from(request.profile), request.request_id)
        )

    async def GetProfile(self, request: pb.GetProfileRequest, context: _Context) -> talent_pb2.Profile:
        return converters.profile_to(await self._handlers.get(request.id))

    async def ListProfiles(self, request: pb.ListProfilesRequest, context: _Context) -> pb.ListProfilesResponse:
        page = await self._handlers.list_profiles(request.organisation, request.page_size, request.page_token)
        return pb.ListProfilesResponse(
            profiles=map(converters.profile_to, page.profiles), next_page_token=page.next_page_token
        )

    async def SearchProfiles(self, request: pb.SearchProfilesRequest, context: _Context) -> pb.SearchProfilesResponse:
        search = Search(
            query=request.query,
            organisation=request.organisation,
            city=request.city,
            industry=request.industry,
            min_title_level=TitleLevel(request.min_title_level),
            skill=request.skill,
            mode=Mode(request.mode),
            employee_number=request.employee_number,
        )
        page = await self._handlers.search(search, request.page_size, request.page_token)
        return pb.SearchProfilesResponse(
            profiles=map(converters.profile_to, page.profiles), next_page_token=page.next_page_token
        )

    async def UpdateProfile(self, request: pb.UpdateProfileRequest, context: _Context) -> talent_pb2.Profile:
        profile = converters.profile_from(request.profile)
        _check_id(profile.id)
        updated = await self._handlers.update(profile, request.profile.etag, request.update_mask.paths)
        return converters.profile_to(updated)

    async def DeleteProfile(self, request: pb.DeleteProfileRequest, context: _Context) -> empty_pb2.Empty:
        await self._handlers.delete(request.id, request.etag)
        return empty_pb2.Empty()

    async def BatchImportProfiles(
        self, request: pb.BatchImportProfilesRequest, context: _Context
    ) -> pb.BatchImportProfilesResponse:
        rows = [converters.import_row_from(m, f"profiles[{i}].") for i, m in enumerate(request.profiles)]
        results, revision = await self._handlers.batch_import(rows)
        return pb.BatchImportProfilesResponse(results=map(converters.import_result_to, results), revision=revision)

    async def ImportRoster(
        self, request_iterator: AsyncIterator[pb.ImportRosterRequest], context: _Context
    ) -> AsyncIterator[pb.ImportRosterResponse]:
        first = await anext(request_iterator, None)
        if first is None or first.WhichOneof("part") != "header":
            raise InvalidField([Violation("header", "roster.header_first", "must be the first message of the stream")])
        header = first.header
        events = self._importer.run(
            header.filename, header.organisation, _chunks(request_iterator), validate_only=header.validate_only
        )
        async with aclosing(events):
            async for event in events:
                yield converters.import_event_to(event)

    async def GetRosterTemplate(
        self, request: pb.GetRosterTemplateRequest, context: _Context
    ) -> pb.GetRosterTemplateResponse:
        filename, content = await self._importer.template()
        return pb.GetRosterTemplateResponse(filename=filename, content=content)

    async def WatchProfiles(
        self, request: pb.WatchProfilesRequest, context: _Context
    ) -> AsyncIterator[pb.WatchProfilesResponse]:
        watched = self._handlers.watch(request.after_revision, removals_only=request.removals_only)
        async with aclosing(watched) as events:
            async for event in events:
                yield converters.caught_up_to(event) if isinstance(event, CaughtUp) else converters.change_to(event)

    async def EraseProfile(self, request: pb.EraseProfileRequest, context: _Context) -> pb.EraseProfileResponse:
        return pb.EraseProfileResponse(revision=await self._privacy.erase(request.id, request.etag))

    async def GetContact(self, request: pb.GetContactRequest, context: _Context) -> talent_pb2.Contact:
        reader = Reader(request.reader, request.reader_role, request.reader_organisation, request.engagement_id)
        return converters.contact_to(await self._privacy.contact(request.profile_id, reader))

    async def ListAuditEntries(
        self, request: pb.ListAuditEntriesRequest, context: _Context
    ) -> pb.ListAuditEntriesResponse:
        page = await self._privacy.audit(request.profile_id, request.page_size, request.page_token)
        return pb.ListAuditEntriesResponse(
            entries=map(converters.audit_entry_to, page.entries), next_page_token=page.next_page_token
        )

    async def ListConsentWordings(
        self, request: pb.ListConsentWordingsRequest, context: _Context
    ) -> pb.ListConsentWordingsResponse:
        return pb.ListConsentWordingsResponse(wordings=map(converters.wording_to, self._privacy.wordings()))


def add_to(server: grpc.aio.Server, servicer: TalentServicer) -> None:
    """Register the service."""
    talent_service_pb2_grpc.add_TalentServiceServicer_to_server(servicer, server)


async def _chunks(requests: AsyncIterator[pb.ImportRosterRequest]) -> AsyncIterator[bytes]:
    async for request in requests:
        if request.WhichOneof("part") != "chunk":
            raise InvalidField([Violation("header", "roster.header_once", "comes once; then the pieces of the file")])
        yield request.chunk


def _check_id(profile_id: str) -> None:
    # The contract cannot ask for it in the message: profiles to be made have none.
    try:
        if str(UUID(profile_id)) == profile_id.lower():
            return
    except ValueError:
        pass
    raise InvalidField([Violation("profile.id", "string.uuid", "must be the UUID of the profile to change")])
