"""Calls of the engagement service: what happens between a request and a person."""

from yinling.matching.v1 import engagement_pb2 as resources
from yinling.matching.v1 import engagement_service_pb2 as service
from yinling.matching.v1 import engagement_service_pb2_grpc as service_grpc

from yinling_common.identity import Identity
from yinling_gateway.calls.core import MATCHING, Calls


class EngagementCalls:
    """Invitations, opt-ins, engagements, sessions and feedback. Every method raises YinlingError."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._stub = service_grpc.EngagementServiceStub(calls.channel(MATCHING))

    async def invite_mentors(
        self, identity: Identity, request: service.InviteMentorsRequest
    ) -> service.InviteMentorsResponse:
        """Ask one or several people for an open request, all or none."""
        return await self._calls.write(MATCHING, self._stub.InviteMentors, identity, request)

    async def get_invitation(self, identity: Identity, request: service.GetInvitationRequest) -> resources.Invitation:
        """Read an invitation."""
        return await self._calls.read(MATCHING, self._stub.GetInvitation, identity, request)

    async def list_invitations(
        self, identity: Identity, request: service.ListInvitationsRequest
    ) -> service.ListInvitationsResponse:
        """List invitations, the newest first."""
        return await self._calls.read(MATCHING, self._stub.ListInvitations, identity, request)

    async def accept_invitation(
        self, identity: Identity, request: service.AcceptInvitationRequest
    ) -> resources.Engagement:
        """The person says yes; answers the engagement."""
        return await self._calls.write(MATCHING, self._stub.AcceptInvitation, identity, request)

    async def decline_invitation(
        self, identity: Identity, request: service.DeclineInvitationRequest
    ) -> resources.Invitation:
        """The person says no."""
        return await self._calls.write(MATCHING, self._stub.DeclineInvitation, identity, request)

    async def withdraw_invitation(
        self, identity: Identity, request: service.WithdrawInvitationRequest
    ) -> resources.Invitation:
        """The enterprise takes an invitation back."""
        return await self._calls.write(MATCHING, self._stub.WithdrawInvitation, identity, request)

    async def offer_mentoring(self, identity: Identity, request: service.OfferMentoringRequest) -> resources.OptIn:
        """A person offers themselves for an open request."""
        return await self._calls.write(MATCHING, self._stub.OfferMentoring, identity, request)

    async def get_opt_in(self, identity: Identity, request: service.GetOptInRequest) -> resources.OptIn:
        """Read an opt-in."""
        return await self._calls.read(MATCHING, self._stub.GetOptIn, identity, request)

    async def list_opt_ins(self, identity: Identity, request: service.ListOptInsRequest) -> service.ListOptInsResponse:
        """List opt-ins, the newest first."""
        return await self._calls.read(MATCHING, self._stub.ListOptIns, identity, request)

    async def confirm_opt_in(self, identity: Identity, request: service.ConfirmOptInRequest) -> resources.Engagement:
        """The enterprise says yes; answers the engagement."""
        return await self._calls.write(MATCHING, self._stub.ConfirmOptIn, identity, request)

    async def turn_down_opt_in(self, identity: Identity, request: service.TurnDownOptInRequest) -> resources.OptIn:
        """The enterprise says no."""
        return await self._calls.write(MATCHING, self._stub.TurnDownOptIn, identity, request)

    async def withdraw_opt_in(self, identity: Identity, request: service.WithdrawOptInRequest) -> resources.OptIn:
        """The person takes the offer back."""
        return await self._calls.write(MATCHING, self._stub.WithdrawOptIn, identity, request)

    async def get_engagement(self, identity: Identity, request: service.GetEngagementRequest) -> resources.Engagement:
        """Read an engagement."""
        return await self._calls.read(MATCHING, self._stub.GetEngagement, identity, request)

    async def list_engagements(
        self, identity: Identity, request: service.ListEngagementsRequest
    ) -> service.ListEngagementsResponse:
        """List engagements, the newest first."""
        return await self._calls.read(MATCHING, self._stub.ListEngagements, identity, request)

    async def pause_engagement(
        self, identity: Identity, request: service.PauseEngagementRequest
    ) -> resources.Engagement:
        """Interrupt an engagement."""
        return await self._calls.write(MATCHING, self._stub.PauseEngagement, identity, request)

    async def resume_engagement(
        self, identity: Identity, request: service.ResumeEngagementRequest
    ) -> resources.Engagement:
        """Go on with it."""
        return await self._calls.write(MATCHING, self._stub.ResumeEngagement, identity, request)

    async def complete_engagement(
        self, identity: Identity, request: service.CompleteEngagementRequest
    ) -> resources.Engagement:
        """Finish it."""
        return await self._calls.write(MATCHING, self._stub.CompleteEngagement, identity, request)

    async def end_engagement(self, identity: Identity, request: service.EndEngagementRequest) -> resources.Engagement:
        """End it before its goal."""
        return await self._calls.write(MATCHING, self._stub.EndEngagement, identity, request)

    async def update_engagement(
        self, identity: Identity, request: service.UpdateEngagementRequest
    ) -> resources.Engagement:
        """Change goals, the planned last day or the enterprise's contact."""
        return await self._calls.write(MATCHING, self._stub.UpdateEngagement, identity, request)

    async def get_mentor_contact(
        self, identity: Identity, request: service.GetMentorContactRequest
    ) -> service.MentorContact:
        """How the enterprise reaches the mentor. The person can read who asked."""
        return await self._calls.read(MATCHING, self._stub.GetMentorContact, identity, request)

    async def log_mentoring_session(
        self, identity: Identity, request: service.LogMentoringSessionRequest
    ) -> service.LogMentoringSessionResponse:
        """Write down a session that was held, or plan one."""
        return await self._calls.write(MATCHING, self._stub.LogMentoringSession, identity, request)

    async def update_mentoring_session(
        self, identity: Identity, request: service.UpdateMentoringSessionRequest
    ) -> service.LogMentoringSessionResponse:
        """Change a session."""
        return await self._calls.write(MATCHING, self._stub.UpdateMentoringSession, identity, request)

    async def hold_mentoring_session(
        self, identity: Identity, request: service.HoldMentoringSessionRequest
    ) -> service.LogMentoringSessionResponse:
        """A planned session took place."""
        return await self._calls.write(MATCHING, self._stub.HoldMentoringSession, identity, request)

    async def cancel_mentoring_session(
        self, identity: Identity, request: service.CancelMentoringSessionRequest
    ) -> resources.MentoringSession:
        """A session will not take place, or was written down by mistake."""
        return await self._calls.write(MATCHING, self._stub.CancelMentoringSession, identity, request)

    async def get_mentoring_session(
        self, identity: Identity, request: service.GetMentoringSessionRequest
    ) -> resources.MentoringSession:
        """Read a session."""
        return await self._calls.read(MATCHING, self._stub.GetMentoringSession, identity, request)

    async def list_mentoring_sessions(
        self, identity: Identity, request: service.ListMentoringSessionsRequest
    ) -> service.ListMentoringSessionsResponse:
        """List sessions, the latest start first."""
        return await self._calls.read(MATCHING, self._stub.ListMentoringSessions, identity, request)

    async def write_engagement_feedback(
        self, identity: Identity, request: service.WriteEngagementFeedbackRequest
    ) -> resources.EngagementFeedback:
        """Say how an engagement goes or went."""
        return await self._calls.write(MATCHING, self._stub.WriteEngagementFeedback, identity, request)

    async def list_engagement_feedback(
        self, identity: Identity, request: service.ListEngagementFeedbackRequest
    ) -> service.ListEngagementFeedbackResponse:
        """What was said, as far as the caller may read it."""
        return await self._calls.read(MATCHING, self._stub.ListEngagementFeedback, identity, request)
