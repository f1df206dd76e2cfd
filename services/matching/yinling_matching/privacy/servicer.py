"""PrivacyService: convert, call, convert. What each method does stands in the contract."""

# ruff: noqa: D102 - the contract documents the methods

from typing import Any

import grpc
from yinling.matching.v1 import privacy_service_pb2 as pb
from yinling.matching.v1 import privacy_service_pb2_grpc as rpc

from yinling_matching.converters import engaging as convert
from yinling_matching.converters.privacy import entry_message, exposure_message
from yinling_matching.converters.under_way import feedback_message, session_message
from yinling_matching.engaging.labels import Labels
from yinling_matching.privacy.erasing import Erasing
from yinling_matching.privacy.exporting import Exporting
from yinling_matching.privacy.trail import Trail

SERVICE_NAME = "yinling.matching.v1.PrivacyService"

Context = grpc.aio.ServicerContext[Any, Any]


class PrivacyServicer(rpc.PrivacyServiceServicer):
    """The service of the contract. Errors are the interceptor's business."""

    def __init__(self, *, labels: Labels, exporting: Exporting, trail: Trail, erasing: Erasing) -> None:
        self._labels = labels
        self._exporting = exporting
        self._trail = trail
        self._erasing = erasing

    async def ExportPerson(self, request: pb.ExportPersonRequest, context: Context) -> pb.ExportPersonResponse:
        export = await self._exporting.export(request.profile_id.lower())
        return pb.ExportPersonResponse(
            invitations=await self._labels.messages(export.invitations, convert.invitation_message),
            opt_ins=await self._labels.messages(export.opt_ins, convert.opt_in_message),
            engagements=await self._labels.messages(export.engagements, convert.engagement_message),
            sessions=await self._labels.messages(export.sessions, session_message),
            feedback=map(feedback_message, export.feedback),
            exposures=map(exposure_message, export.exposures),
        )

    async def ListAuditEntries(
        self, request: pb.ListAuditEntriesRequest, context: Context
    ) -> pb.ListAuditEntriesResponse:
        page = await self._trail.page(request.profile_id.lower(), request.page_size, request.page_token)
        return pb.ListAuditEntriesResponse(
            entries=map(entry_message, page.entries), next_page_token=page.next_page_token
        )

    async def ErasePerson(self, request: pb.ErasePersonRequest, context: Context) -> pb.ErasePersonResponse:
        return pb.ErasePersonResponse(rows=await self._erasing.erase(request.profile_id.lower()))
