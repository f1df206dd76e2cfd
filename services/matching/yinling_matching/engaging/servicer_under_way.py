"""What the two sides of an engagement do with each other: being built."""

# ruff: noqa: D102 - the contract documents the methods

from typing import Any

import grpc
from yinling.matching.v1 import engagement_pb2 as pb
from yinling.matching.v1 import engagement_service_pb2 as service_pb
from yinling.matching.v1 import engagement_service_pb2_grpc as rpc

Context = grpc.aio.ServicerContext[Any, Any]


class UnderWayMethods(rpc.EngagementServiceServicer):
    """Not there yet."""

    async def UpdateEngagement(self, request: service_pb.UpdateEngagementRequest, context: Context) -> pb.Engagement:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "not there yet")

    async def GetMentorContact(
        self, request: service_pb.GetMentorContactRequest, context: Context
    ) -> service_pb.MentorContact:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "not there yet")

    async def LogMentoringSession(
        self, request: service_pb.LogMentoringSessionRequest, context: Context
    ) -> service_pb.LogMentoringSessionResponse:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "not there yet")

    async def UpdateMentoringSession(
        self, request: service_pb.UpdateMentoringSessionRequest, context: Context
    ) -> service_pb.LogMentoringSessionResponse:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "not there yet")

    async def HoldMentoringSession(
        self, request: service_pb.HoldMentoringSessionRequest, context: Context
    ) -> service_pb.LogMentoringSessionResponse:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "not there yet")

    async def CancelMentoringSession(
        self, request: service_pb.CancelMentoringSessionRequest, context: Context
    ) -> pb.MentoringSession:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "not there yet")

    async def GetMentoringSession(
        self, request: service_pb.GetMentoringSessionRequest, context: Context
    ) -> pb.MentoringSession:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "not there yet")

    async def ListMentoringSessions(
        self, request: service_pb.ListMentoringSessionsRequest, context: Context
    ) -> service_pb.ListMentoringSessionsResponse:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "not there yet")

    async def WriteEngagementFeedback(
        self, request: service_pb.WriteEngagementFeedbackRequest, context: Context
    ) -> pb.EngagementFeedback:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "not there yet")

    async def ListEngagementFeedback(
        self, request: service_pb.ListEngagementFeedbackRequest, context: Context
    ) -> service_pb.ListEngagementFeedbackResponse:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "not there yet")
