"""The services behind the gateway: profiles, requests and suggestions here; what belongs together sits in `calls`."""

from collections.abc import AsyncIterator

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from yinling.matching.v1 import matching_pb2, matching_service_pb2, matching_service_pb2_grpc
from yinling.talent.v1 import talent_pb2, talent_service_pb2, talent_service_pb2_grpc

from yinling_common.errors import ServiceUnavailable
from yinling_common.identity import Identity, Signer
from yinling_gateway.calls.core import MATCHING, TALENT, Calls
from yinling_gateway.calls.engagements import EngagementCalls
from yinling_gateway.calls.figures import FiguresCalls
from yinling_gateway.calls.notices import NoticeCalls
from yinling_gateway.calls.privacy import PrivacyCalls
from yinling_gateway.calls.request_life import RequestLifeCalls
from yinling_gateway.settings import GatewaySettings

_HEALTH_TIMEOUT = 2.0


class Backend:
    """Typed calls to talent and matching, in the name of an identity. Every method raises YinlingError.

    Attributes:
        request_life: What moves a request from state to state, and its history.
        engagements: Invitations, opt-ins, engagements, sessions, feedback.
        notices: Notices to be delivered.
        privacy: Export, erasure and log of a person.
        figures: Figures for the people who run it.
    """

    def __init__(
        self, *, talent: grpc.aio.Channel, matching: grpc.aio.Channel, signer: Signer, settings: GatewaySettings
    ) -> None:
        self._settings = settings
        self._calls = Calls(talent=talent, matching=matching, signer=signer, settings=settings)
        self._talent = talent_service_pb2_grpc.TalentServiceStub(talent)
        self._matching = matching_service_pb2_grpc.MatchingServiceStub(matching)
        self.request_life = RequestLifeCalls(self._calls)
        self.engagements = EngagementCalls(self._calls)
        self.notices = NoticeCalls(self._calls)
        self.privacy = PrivacyCalls(self._calls)
        self.figures = FiguresCalls(self._calls)

    async def create_profile(
        self, identity: Identity, request: talent_service_pb2.CreateProfileRequest
    ) -> talent_pb2.Profile:
        """Make a profile."""
        return await self._calls.write(TALENT, self._talent.CreateProfile, identity, request)

    async def get_profile(
        self, identity: Identity, request: talent_service_pb2.GetProfileRequest
    ) -> talent_pb2.Profile:
        """Read a profile."""
        return await self._calls.read(TALENT, self._talent.GetProfile, identity, request)

    async def list_profiles(
        self, identity: Identity, request: talent_service_pb2.ListProfilesRequest
    ) -> talent_service_pb2.ListProfilesResponse:
        """List profiles, the latest change first."""
        return await self._calls.read(TALENT, self._talent.ListProfiles, identity, request)

    async def search_profiles(
        self, identity: Identity, request: talent_service_pb2.SearchProfilesRequest
    ) -> talent_service_pb2.SearchProfilesResponse:
        """Find profiles by words and fields."""
        return await self._calls.read(TALENT, self._talent.SearchProfiles, identity, request)

    async def update_profile(
        self, identity: Identity, request: talent_service_pb2.UpdateProfileRequest
    ) -> talent_pb2.Profile:
        """Change the fields of a profile named in the mask."""
        return await self._calls.write(TALENT, self._talent.UpdateProfile, identity, request)

    async def delete_profile(self, identity: Identity, request: talent_service_pb2.DeleteProfileRequest) -> None:
        """Delete a profile."""
        await self._calls.write(TALENT, self._talent.DeleteProfile, identity, request)

    async def roster_template(self, identity: Identity) -> talent_service_pb2.GetRosterTemplateResponse:
        """The empty roster workbook."""
        request = talent_service_pb2.GetRosterTemplateRequest()
        return await self._calls.read(TALENT, self._talent.GetRosterTemplate, identity, request)

    async def import_roster(
        self, identity: Identity, requests: AsyncIterator[talent_service_pb2.ImportRosterRequest]
    ) -> AsyncIterator[talent_service_pb2.ImportRosterResponse]:
        """Send a roster in pieces; yields what talent says of it as it works."""
        seconds = self._settings.import_timeout
        async for response in self._calls.stream(TALENT, self._talent.ImportRoster, identity, requests, seconds):
            yield response

    async def create_mentoring_request(
        self, identity: Identity, request: matching_service_pb2.CreateMentoringRequestRequest
    ) -> matching_pb2.MentoringRequest:
        """Make a request."""
        return await self._calls.write(MATCHING, self._matching.CreateMentoringRequest, identity, request)

    async def get_mentoring_request(
        self, identity: Identity, request: matching_service_pb2.GetMentoringRequestRequest
    ) -> matching_pb2.MentoringRequest:
        """Read a request."""
        return await self._calls.read(MATCHING, self._matching.GetMentoringRequest, identity, request)

    async def list_mentoring_requests(
        self, identity: Identity, request: matching_service_pb2.ListMentoringRequestsRequest
    ) -> matching_service_pb2.ListMentoringRequestsResponse:
        """List requests, the newest first."""
        return await self._calls.read(MATCHING, self._matching.ListMentoringRequests, identity, request)

    async def update_mentoring_request(
        self, identity: Identity, request: matching_service_pb2.UpdateMentoringRequestRequest
    ) -> matching_pb2.MentoringRequest:
        """Change the fields of a request named in the mask."""
        return await self._calls.write(MATCHING, self._matching.UpdateMentoringRequest, identity, request)

    async def delete_mentoring_request(
        self, identity: Identity, request: matching_service_pb2.DeleteMentoringRequestRequest
    ) -> None:
        """Delete a request."""
        await self._calls.write(MATCHING, self._matching.DeleteMentoringRequest, identity, request)

    async def suggest_mentors(
        self, identity: Identity, request: matching_service_pb2.SuggestMentorsRequest
    ) -> matching_service_pb2.SuggestMentorsResponse:
        """People for a request, best first, with reasons."""
        timeout = self._settings.suggest_timeout
        return await self._calls.call(MATCHING, self._matching.SuggestMentors, identity, request, timeout)

    async def suggest_requests(
        self, identity: Identity, request: matching_service_pb2.SuggestRequestsRequest
    ) -> matching_service_pb2.SuggestRequestsResponse:
        """Open requests for a person, best first, with reasons."""
        timeout = self._settings.suggest_timeout
        return await self._calls.call(MATCHING, self._matching.SuggestRequests, identity, request, timeout)

    async def assign_cohort(
        self, identity: Identity, request: matching_service_pb2.AssignCohortRequest
    ) -> matching_service_pb2.AssignCohortResponse:
        """People for many requests at once. It may take minutes."""
        timeout = self._settings.cohort_timeout
        return await self._calls.call(MATCHING, self._matching.AssignCohort, identity, request, timeout)

    async def get_matching_settings(
        self, identity: Identity, request: matching_service_pb2.GetMatchingSettingsRequest
    ) -> matching_pb2.MatchingSettings:
        """Read an organisation's settings."""
        return await self._calls.read(MATCHING, self._matching.GetMatchingSettings, identity, request)

    async def update_matching_settings(
        self, identity: Identity, request: matching_service_pb2.UpdateMatchingSettingsRequest
    ) -> matching_pb2.MatchingSettings:
        """Write an organisation's settings as a whole."""
        return await self._calls.write(MATCHING, self._matching.UpdateMatchingSettings, identity, request)

    async def list_exposures(
        self, identity: Identity, request: matching_service_pb2.ListExposuresRequest
    ) -> matching_service_pb2.ListExposuresResponse:
        """How often people were shown in a period."""
        return await self._calls.read(MATCHING, self._matching.ListExposures, identity, request)

    async def index_status(self, identity: Identity) -> matching_service_pb2.IndexStatusResponse:
        """How fresh and how large the index is."""
        request = matching_service_pb2.IndexStatusRequest()
        return await self._calls.read(MATCHING, self._matching.IndexStatus, identity, request)

    async def check_health(self, service: str) -> None:
        """Raise ServiceUnavailable unless a service, "talent" or "matching", says that it serves."""
        stub = health_pb2_grpc.HealthStub(self._calls.channel(service))
        try:
            answer = await stub.Check(health_pb2.HealthCheckRequest(), timeout=_HEALTH_TIMEOUT)
        except grpc.aio.AioRpcError as error:
            raise ServiceUnavailable(f"{service} does not answer", metadata={"service": service}) from error
        if answer.status != health_pb2.HealthCheckResponse.SERVING:
            raise ServiceUnavailable(f"{service} is not ready", metadata={"service": service})
