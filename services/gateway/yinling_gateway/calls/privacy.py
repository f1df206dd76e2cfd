"""Calls about what is known of a person: export, erasure, the log of who read or changed it."""

from yinling.matching.v1 import privacy_service_pb2_grpc as service_grpc

from yinling_gateway.calls.core import MATCHING, Calls


class PrivacyCalls:
    """What is known of a person. Every method raises YinlingError."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._stub = service_grpc.PrivacyServiceStub(calls.channel(MATCHING))
