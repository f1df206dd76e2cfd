"""Calls of the notice service: what people are to be told."""

from yinling.matching.v1 import notice_service_pb2_grpc as service_grpc

from yinling_gateway.calls.core import MATCHING, Calls


class NoticeCalls:
    """Notices that wait in matching's outbox. Every method raises YinlingError."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._stub = service_grpc.NoticeServiceStub(calls.channel(MATCHING))
