"""The part of the matching service in memory that moves requests from state to state."""

# ruff: noqa: N802 - the methods have the names that gRPC gives them

import asyncio
from typing import Any

import grpc
from yinling.matching.v1 import matching_service_pb2 as service
from yinling.matching.v1 import matching_service_pb2_grpc
from yinling.matching.v1.matching_pb2 import MentoringRequest

from yinling_common.errors import WrongState
from yinling_common.identity import Role, require
from yinling_gateway.testing.resources import Resources, Troubles

Context = grpc.aio.ServicerContext[Any, Any]

_OPEN = {MentoringRequest.STATE_OPEN}
_ENDED = {MentoringRequest.STATE_CLOSED, MentoringRequest.STATE_FILLED, MentoringRequest.STATE_EXPIRED}


class RequestLife(matching_service_pb2_grpc.MatchingServiceServicer):
    """Moves by the states alone: nobody waits between a request and a person here. It keeps no history."""

    def __init__(self) -> None:
        self.requests = Resources("mentoring_request", MentoringRequest)
        self.troubles = Troubles()

    async def PublishMentoringRequest(
        self, request: service.PublishMentoringRequestRequest, context: Context
    ) -> MentoringRequest:
        """See the proto."""
        return await self._move(request.id, {MentoringRequest.STATE_DRAFT}, MentoringRequest.STATE_OPEN)

    async def CloseMentoringRequest(
        self, request: service.CloseMentoringRequestRequest, context: Context
    ) -> MentoringRequest:
        """See the proto."""
        return await self._move(request.id, _OPEN, MentoringRequest.STATE_CLOSED)

    async def ReopenMentoringRequest(
        self, request: service.ReopenMentoringRequestRequest, context: Context
    ) -> MentoringRequest:
        """See the proto."""
        return await self._move(request.id, _ENDED, MentoringRequest.STATE_OPEN)

    async def FillMentoringRequest(
        self, request: service.FillMentoringRequestRequest, context: Context
    ) -> MentoringRequest:
        """See the proto."""
        return await self._move(request.id, _OPEN, MentoringRequest.STATE_FILLED)

    async def ExpireMentoringRequest(
        self, request: service.ExpireMentoringRequestRequest, context: Context
    ) -> MentoringRequest:
        """See the proto."""
        return await self._move(request.id, _OPEN, MentoringRequest.STATE_EXPIRED)

    async def DuplicateMentoringRequest(
        self, request: service.DuplicateMentoringRequestRequest, context: Context
    ) -> MentoringRequest:
        """See the proto."""
        await self._trouble()
        require(Role.HR, Role.ADMIN)
        copy = MentoringRequest()
        copy.CopyFrom(self.requests.get(request.id, lambda _: True))
        copy.state = MentoringRequest.STATE_DRAFT
        return self.add(copy)

    async def ListMentoringRequestChanges(
        self, request: service.ListMentoringRequestChangesRequest, context: Context
    ) -> service.ListMentoringRequestChangesResponse:
        """See the proto."""
        await self._trouble()
        self.requests.get(request.id, lambda _: True)
        return service.ListMentoringRequestChangesResponse()

    def add(self, given: MentoringRequest) -> MentoringRequest:
        """Keep a request, without asking who may."""
        made = self.requests.create(given)
        made.state = made.state or MentoringRequest.STATE_OPEN
        return _opened(made)

    async def _move(
        self,
        request_id: str,
        origins: set["MentoringRequest.State.ValueType"],
        state: "MentoringRequest.State.ValueType",
    ) -> MentoringRequest:
        await self._trouble()
        require(Role.HR, Role.ADMIN)
        moved = MentoringRequest()
        moved.CopyFrom(self.requests.get(request_id, lambda _: True))
        if moved.state not in origins:
            needs = " or ".join(sorted(MentoringRequest.State.Name(one).lower() for one in origins))
            raise WrongState(MentoringRequest.State.Name(moved.state).lower(), needs)
        moved.state = state
        return self.requests.put(_opened(moved))

    async def _trouble(self) -> None:
        await asyncio.sleep(self.troubles.delay)
        if self.troubles.error is not None:
            raise self.troubles.error


def _opened(request: MentoringRequest) -> MentoringRequest:
    """Note when it was first opened."""
    if request.state == MentoringRequest.STATE_OPEN and not request.HasField("open_time"):
        request.open_time.GetCurrentTime()
    return request
