"""Calls of the figures service."""

from yinling.matching.v1 import figures_service_pb2 as service
from yinling.matching.v1 import figures_service_pb2_grpc as service_grpc

from yinling_common.identity import Identity
from yinling_gateway.calls.core import MATCHING, Calls


class FiguresCalls:
    """Figures for the people who run it. Every method raises YinlingError."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._stub = service_grpc.FiguresServiceStub(calls.channel(MATCHING))

    async def get(self, identity: Identity, request: service.GetFiguresRequest) -> service.Figures:
        """The figures of a period."""
        seconds = self._calls.settings.figures_timeout
        return await self._calls.call(MATCHING, self._stub.GetFigures, identity, request, seconds)
