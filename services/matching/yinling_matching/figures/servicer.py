"""FiguresService: convert, call, convert. What each method does stands in the contract."""

# ruff: noqa: D102 - the contract documents the methods

from typing import Any

import grpc
from yinling.matching.v1 import figures_service_pb2 as pb
from yinling.matching.v1 import figures_service_pb2_grpc as rpc

from yinling_matching.converters.figures import figures_message
from yinling_matching.converters.shown import period
from yinling_matching.figures.domain import By
from yinling_matching.figures.handlers import Reporting

SERVICE_NAME = "yinling.matching.v1.FiguresService"

Context = grpc.aio.ServicerContext[Any, Any]


class FiguresServicer(rpc.FiguresServiceServicer):
    """The service of the contract. Errors are the interceptor's business."""

    def __init__(self, reporting: Reporting) -> None:
        self._reporting = reporting

    async def GetFigures(self, request: pb.GetFiguresRequest, context: Context) -> pb.Figures:
        first, last = period(request)
        return figures_message(
            await self._reporting.figures(
                first, last, request.organisation, By(request.by), without_skills=request.without_skills
            )
        )
