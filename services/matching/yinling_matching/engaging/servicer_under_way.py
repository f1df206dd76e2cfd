"""What the two sides of an engagement do with each other: the part of EngagementService that is about that."""

# ruff: noqa: D102 - the contract documents the methods

from typing import Any

import grpc
from yinling.matching.v1 import engagement_pb2 as pb
from yinling.matching.v1 import engagement_service_pb2 as service_pb
from yinling.matching.v1 import engagement_service_pb2_grpc as rpc

from yinling_common.identity import current
from yinling_matching.converters import engaging, under_way
from yinling_matching.engaging.contacts import MentorContacts
from yinling_matching.engaging.domain import MentoringSession
from yinling_matching.engaging.feedback import Feedbacks
from yinling_matching.engaging.labels import Labels
from yinling_matching.engaging.lists import Lists
from yinling_matching.engaging.sessions import Given, Logged, Sessions
from yinling_matching.engaging.states import Party
from yinling_matching.engaging.tables import SESSIONS
from yinling_matching.engaging.under_way import Engagements
from yinling_matching.engaging.unit import party_in

Context = grpc.aio.ServicerContext[Any, Any]


class UnderWayMethods(rpc.EngagementServiceServicer):
    """Plans, sessions, contacts and feedback."""

    def __init__(
        self,
        *,
        lists: Lists,
        labels: Labels,
        engagements: Engagements,
        sessions: Sessions,
        feedbacks: Feedbacks,
        contacts: MentorContacts,
    ) -> None:
        self._lists = lists
        self._labels = labels
        self._engagements = engagements
        self._sessions = sessions
        self._feedbacks = feedbacks
        self._contacts = contacts

    async def UpdateEngagement(self, request: service_pb.UpdateEngagementRequest, context: Context) -> pb.Engagement:
        given = request.engagement
        changed = await self._engagements.update(
            engaging.call(request, given.etag),
            under_way.uuid("engagement.id", given.id),
            under_way.plan(given),
            request.update_mask.paths,
        )
        return await self._labels.message(changed, engaging.engagement_message)

    async def GetMentorContact(
        self, request: service_pb.GetMentorContactRequest, context: Context
    ) -> service_pb.MentorContact:
        name, contact = await self._contacts.of_engagement(request.engagement_id.lower())
        return service_pb.MentorContact(name=name, phone=contact.phone, email=contact.email, wechat=contact.wechat)

    async def LogMentoringSession(
        self, request: service_pb.LogMentoringSessionRequest, context: Context
    ) -> service_pb.LogMentoringSessionResponse:
        given = request.session
        engagement_id = under_way.uuid("session.engagement_id", given.engagement_id)
        return await self._logged(
            await self._sessions.log(engaging.call(request), engagement_id, under_way.session(given))
        )

    async def UpdateMentoringSession(
        self, request: service_pb.UpdateMentoringSessionRequest, context: Context
    ) -> service_pb.LogMentoringSessionResponse:
        given = request.session
        changed = await self._sessions.update(
            engaging.call(request, given.etag),
            under_way.uuid("session.id", given.id),
            under_way.session(given),
            request.update_mask.paths,
        )
        return await self._logged(changed)

    async def HoldMentoringSession(
        self, request: service_pb.HoldMentoringSessionRequest, context: Context
    ) -> service_pb.LogMentoringSessionResponse:
        given = Given(minutes=request.minutes, summary=request.summary, next_step=request.next_step)
        return await self._logged(await self._sessions.hold(engaging.call(request), request.id.lower(), given))

    async def CancelMentoringSession(
        self, request: service_pb.CancelMentoringSessionRequest, context: Context
    ) -> pb.MentoringSession:
        return await self._session(await self._sessions.cancel(engaging.call(request), request.id.lower()))

    async def GetMentoringSession(
        self, request: service_pb.GetMentoringSessionRequest, context: Context
    ) -> pb.MentoringSession:
        return await self._session(await self._lists.one(SESSIONS, request.id.lower()))

    async def ListMentoringSessions(
        self, request: service_pb.ListMentoringSessionsRequest, context: Context
    ) -> service_pb.ListMentoringSessionsResponse:
        page = await self._lists.many(SESSIONS, under_way.asked(request))
        sessions = await self._labels.messages(page.things, under_way.session_message)
        return service_pb.ListMentoringSessionsResponse(sessions=sessions, next_page_token=page.next_page_token)

    async def WriteEngagementFeedback(
        self, request: service_pb.WriteEngagementFeedbackRequest, context: Context
    ) -> pb.EngagementFeedback:
        given = request.feedback
        engagement_id = under_way.uuid("feedback.engagement_id", given.engagement_id)
        return under_way.feedback_message(
            await self._feedbacks.write(engaging.call(request), engagement_id, under_way.said(given))
        )

    async def ListEngagementFeedback(
        self, request: service_pb.ListEngagementFeedbackRequest, context: Context
    ) -> service_pb.ListEngagementFeedbackResponse:
        return under_way.readable_message(await self._feedbacks.of(request.engagement_id.lower()))

    async def _session(self, kept: MentoringSession) -> pb.MentoringSession:
        return await self._labels.message(kept, under_way.session_message)

    async def _logged(self, logged: Logged) -> service_pb.LogMentoringSessionResponse:
        whole = party_in(current(), logged.session) is not Party.ENTERPRISE
        return service_pb.LogMentoringSessionResponse(
            session=await self._session(logged.session), hours=under_way.hours_message(logged.hours, whole=whole)
        )
