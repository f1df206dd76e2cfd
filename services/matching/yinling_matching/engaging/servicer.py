"""EngagementService: convert, call, convert. What each method does stands in the contract."""

# ruff: noqa: D102 - the contract documents the methods

from typing import Any

import grpc
from yinling.matching.v1 import engagement_pb2 as pb
from yinling.matching.v1 import engagement_service_pb2 as service_pb

from yinling_matching.converters import engaging as convert
from yinling_matching.engaging.contacts import MentorContacts
from yinling_matching.engaging.domain import Engagement, Invitation, OptIn
from yinling_matching.engaging.feedback import Feedbacks
from yinling_matching.engaging.invitations import Invitations
from yinling_matching.engaging.labels import Labels
from yinling_matching.engaging.lists import Lists
from yinling_matching.engaging.opt_ins import OptIns
from yinling_matching.engaging.servicer_under_way import UnderWayMethods
from yinling_matching.engaging.sessions import Sessions
from yinling_matching.engaging.states import (
    DeclineReason,
    EndReason,
    EngagementState,
    InvitationState,
    OptInState,
    TurnDownReason,
)
from yinling_matching.engaging.tables import ENGAGEMENTS, INVITATIONS, OPT_INS
from yinling_matching.engaging.under_way import Engagements

SERVICE_NAME = "yinling.matching.v1.EngagementService"

Context = grpc.aio.ServicerContext[Any, Any]


class EngagementServicer(UnderWayMethods):
    """The service of the contract. Errors are the interceptor's business."""

    def __init__(
        self,
        *,
        lists: Lists,
        labels: Labels,
        invitations: Invitations,
        opt_ins: OptIns,
        engagements: Engagements,
        sessions: Sessions,
        feedbacks: Feedbacks,
        contacts: MentorContacts,
    ) -> None:
        super().__init__(
            lists=lists,
            labels=labels,
            engagements=engagements,
            sessions=sessions,
            feedbacks=feedbacks,
            contacts=contacts,
        )
        self._invitations = invitations
        self._opt_ins = opt_ins

    async def InviteMentors(
        self, request: service_pb.InviteMentorsRequest, context: Context
    ) -> service_pb.InviteMentorsResponse:
        sent = await self._invitations.invite(
            convert.call(request), request.mentoring_request_id.lower(), request.profile_ids, request.message
        )
        return service_pb.InviteMentorsResponse(
            invitations=await self._labels.messages(sent, convert.invitation_message)
        )

    async def GetInvitation(self, request: service_pb.GetInvitationRequest, context: Context) -> pb.Invitation:
        return await self._invitation(await self._lists.one(INVITATIONS, request.id.lower()))

    async def ListInvitations(
        self, request: service_pb.ListInvitationsRequest, context: Context
    ) -> service_pb.ListInvitationsResponse:
        page = await self._lists.many(INVITATIONS, convert.asked(request, InvitationState))
        return service_pb.ListInvitationsResponse(
            invitations=await self._labels.messages(page.things, convert.invitation_message),
            next_page_token=page.next_page_token,
        )

    async def AcceptInvitation(self, request: service_pb.AcceptInvitationRequest, context: Context) -> pb.Engagement:
        return await self._engagement(await self._invitations.accept(convert.call(request), request.id.lower()))

    async def DeclineInvitation(self, request: service_pb.DeclineInvitationRequest, context: Context) -> pb.Invitation:
        return await self._invitation(
            await self._invitations.decline(
                convert.call(request), request.id.lower(), DeclineReason(request.reason), request.words
            )
        )

    async def WithdrawInvitation(
        self, request: service_pb.WithdrawInvitationRequest, context: Context
    ) -> pb.Invitation:
        return await self._invitation(await self._invitations.withdraw(convert.call(request), request.id.lower()))

    async def ExpireInvitation(self, request: service_pb.ExpireInvitationRequest, context: Context) -> pb.Invitation:
        return await self._invitation(await self._invitations.expire(convert.call(request), request.id.lower()))

    async def OfferMentoring(self, request: service_pb.OfferMentoringRequest, context: Context) -> pb.OptIn:
        made = await self._opt_ins.offer(
            convert.call(request), request.mentoring_request_id.lower(), request.profile_id.lower(), request.message
        )
        return await self._opt_in(made)

    async def GetOptIn(self, request: service_pb.GetOptInRequest, context: Context) -> pb.OptIn:
        return await self._opt_in(await self._lists.one(OPT_INS, request.id.lower()))

    async def ListOptIns(
        self, request: service_pb.ListOptInsRequest, context: Context
    ) -> service_pb.ListOptInsResponse:
        page = await self._lists.many(OPT_INS, convert.asked(request, OptInState))
        return service_pb.ListOptInsResponse(
            opt_ins=await self._labels.messages(page.things, convert.opt_in_message),
            next_page_token=page.next_page_token,
        )

    async def ConfirmOptIn(self, request: service_pb.ConfirmOptInRequest, context: Context) -> pb.Engagement:
        return await self._engagement(await self._opt_ins.confirm(convert.call(request), request.id.lower()))

    async def TurnDownOptIn(self, request: service_pb.TurnDownOptInRequest, context: Context) -> pb.OptIn:
        return await self._opt_in(
            await self._opt_ins.turn_down(
                convert.call(request), request.id.lower(), TurnDownReason(request.reason), request.words
            )
        )

    async def WithdrawOptIn(self, request: service_pb.WithdrawOptInRequest, context: Context) -> pb.OptIn:
        return await self._opt_in(await self._opt_ins.withdraw(convert.call(request), request.id.lower()))

    async def GetEngagement(self, request: service_pb.GetEngagementRequest, context: Context) -> pb.Engagement:
        return await self._engagement(await self._lists.one(ENGAGEMENTS, request.id.lower()))

    async def ListEngagements(
        self, request: service_pb.ListEngagementsRequest, context: Context
    ) -> service_pb.ListEngagementsResponse:
        page = await self._lists.many(ENGAGEMENTS, convert.asked(request, EngagementState))
        return service_pb.ListEngagementsResponse(
            engagements=await self._labels.messages(page.things, convert.engagement_message),
            next_page_token=page.next_page_token,
        )

    async def PauseEngagement(self, request: service_pb.PauseEngagementRequest, context: Context) -> pb.Engagement:
        return await self._engagement(await self._engagements.pause(convert.call(request), request.id.lower()))

    async def ResumeEngagement(self, request: service_pb.ResumeEngagementRequest, context: Context) -> pb.Engagement:
        return await self._engagement(await self._engagements.resume(convert.call(request), request.id.lower()))

    async def CompleteEngagement(
        self, request: service_pb.CompleteEngagementRequest, context: Context
    ) -> pb.Engagement:
        return await self._engagement(await self._engagements.complete(convert.call(request), request.id.lower()))

    async def EndEngagement(self, request: service_pb.EndEngagementRequest, context: Context) -> pb.Engagement:
        return await self._engagement(
            await self._engagements.end(
                convert.call(request), request.id.lower(), EndReason(request.reason), request.words
            )
        )

    async def _invitation(self, kept: Invitation) -> pb.Invitation:
        return await self._labels.message(kept, convert.invitation_message)

    async def _opt_in(self, kept: OptIn) -> pb.OptIn:
        return await self._labels.message(kept, convert.opt_in_message)

    async def _engagement(self, kept: Engagement) -> pb.Engagement:
        return await self._labels.message(kept, convert.engagement_message)
