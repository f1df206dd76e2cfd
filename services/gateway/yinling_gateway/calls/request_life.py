"""Calls that move a request from state to state."""

from yinling.matching.v1 import matching_pb2 as resources
from yinling.matching.v1 import matching_service_pb2 as service
from yinling.matching.v1 import matching_service_pb2_grpc as service_grpc

from yinling_common.identity import Identity
from yinling_gateway.calls.core import MATCHING, Calls


class RequestLifeCalls:
    """The life of a request and its history. Every method raises YinlingError."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._stub = service_grpc.MatchingServiceStub(calls.channel(MATCHING))

    async def publish_mentoring_request(
        self, identity: Identity, request: service.PublishMentoringRequestRequest
    ) -> resources.MentoringRequest:
        """Open a draft."""
        return await self._calls.write(MATCHING, self._stub.PublishMentoringRequest, identity, request)

    async def close_mentoring_request(
        self, identity: Identity, request: service.CloseMentoringRequestRequest
    ) -> resources.MentoringRequest:
        """Close an open request; what waits for it is closed with it."""
        return await self._calls.write(MATCHING, self._stub.CloseMentoringRequest, identity, request)

    async def reopen_mentoring_request(
        self, identity: Identity, request: service.ReopenMentoringRequestRequest
    ) -> resources.MentoringRequest:
        """Open a closed, filled or expired request again."""
        return await self._calls.write(MATCHING, self._stub.ReopenMentoringRequest, identity, request)

    async def fill_mentoring_request(
        self, identity: Identity, request: service.FillMentoringRequestRequest
    ) -> resources.MentoringRequest:
        """Say that an open request has found everybody."""
        return await self._calls.write(MATCHING, self._stub.FillMentoringRequest, identity, request)

    async def duplicate_mentoring_request(
        self, identity: Identity, request: service.DuplicateMentoringRequestRequest
    ) -> resources.MentoringRequest:
        """Make a draft like an earlier request."""
        return await self._calls.write(MATCHING, self._stub.DuplicateMentoringRequest, identity, request)

    async def list_mentoring_request_changes(
        self, identity: Identity, request: service.ListMentoringRequestChangesRequest
    ) -> service.ListMentoringRequestChangesResponse:
        """List what was done to a request, the latest first."""
        return await self._calls.read(MATCHING, self._stub.ListMentoringRequestChanges, identity, request)
