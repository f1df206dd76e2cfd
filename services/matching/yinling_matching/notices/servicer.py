"""NoticeService: convert, call, convert. What each method does stands in the contract."""

# ruff: noqa: D102 - the contract documents the methods

from typing import Any

import grpc
from yinling.matching.v1 import notice_service_pb2 as pb
from yinling.matching.v1 import notice_service_pb2_grpc as rpc

from yinling_matching.converters.notices import notice_message
from yinling_matching.notices.handlers import Notices

SERVICE_NAME = "yinling.matching.v1.NoticeService"

Context = grpc.aio.ServicerContext[Any, Any]


class NoticeServicer(rpc.NoticeServiceServicer):
    """The service of the contract. Errors are the interceptor's business."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices

    async def ClaimNotices(self, request: pb.ClaimNoticesRequest, context: Context) -> pb.ClaimNoticesResponse:
        claimed = await self._notices.claim(request.limit, request.lease_seconds)
        return pb.ClaimNoticesResponse(notices=[notice_message(notice) for notice in claimed])

    async def AcknowledgeNotices(
        self, request: pb.AcknowledgeNoticesRequest, context: Context
    ) -> pb.AcknowledgeNoticesResponse:
        await self._notices.acknowledge(request.ids)
        return pb.AcknowledgeNoticesResponse()
