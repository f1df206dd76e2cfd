"""MatchingService: convert, call, convert. What each method does stands in the contract."""

# ruff: noqa: D102 - the contract documents the methods

import asyncio
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from yinling.matching.v1 import matching_pb2 as pb
from yinling.matching.v1 import matching_service_pb2 as service_pb
from yinling.matching.v1 import matching_service_pb2_grpc as rpc

from yinling_matching.cohort.assigning import Assigning
from yinling_matching.converters import cohort, engaging, organisation_settings, suggestions
from yinling_matching.converters import requests as convert
from yinling_matching.converters import shown as convert_shown
from yinling_matching.domain import RequestState
from yinling_matching.engaging.request_life import RequestLife
from yinling_matching.engaging.states import RequestMove
from yinling_matching.exposure.shown import ShownPeople
from yinling_matching.handlers import Requests
from yinling_matching.organisation_settings import SettingsOfOrganisations
from yinling_matching.ranking.suggesting import Suggesting, check_signed_in
from yinling_matching.status import Status

SERVICE_NAME = "yinling.matching.v1.MatchingService"

Context = grpc.aio.ServicerContext[Any, Any]


class MatchingServicer(rpc.MatchingServiceServicer):
    """The service of the contract. Errors are the interceptor's business."""

    def __init__(
        self,
        *,
        requests: Requests,
        suggesting: Suggesting,
        status: Status,
        settings: SettingsOfOrganisations,
        shown: ShownPeople,
        assigning: Assigning,
        life: RequestLife,
    ) -> None:
        self._requests = requests
        self._suggesting = suggesting
        self._status = status
        self._settings = settings
        self._shown = shown
        self._assigning = assigning
        self._life = life

    async def CreateMentoringRequest(
        self, request: service_pb.CreateMentoringRequestRequest, context: Context
    ) -> pb.MentoringRequest:
        created = await self._requests.create(convert.request(request.mentoring_request), engaging.call(request))
        return convert.request_message(created)

    async def GetMentoringRequest(
        self, request: service_pb.GetMentoringRequestRequest, context: Context
    ) -> pb.MentoringRequest:
        return convert.request_message(await self._requests.get(request.id.lower()))

    async def ListMentoringRequests(
        self, request: service_pb.ListMentoringRequestsRequest, context: Context
    ) -> service_pb.ListMentoringRequestsResponse:
        page = await self._requests.list(
            request.organisation, RequestState(request.state), request.page_size, request.page_token
        )
        return service_pb.ListMentoringRequestsResponse(
            mentoring_requests=[convert.request_message(kept) for kept in page.requests],
            next_page_token=page.next_page_token,
        )

    async def UpdateMentoringRequest(
        self, request: service_pb.UpdateMentoringRequestRequest, context: Context
    ) -> pb.MentoringRequest:
        updated = await self._requests.update(
            convert.request(request.mentoring_request), request.update_mask.paths, engaging.call(request)
        )
        return convert.request_message(updated)

    async def DeleteMentoringRequest(
        self, request: service_pb.DeleteMentoringRequestRequest, context: Context
    ) -> Empty:
        await self._requests.delete(request.id.lower(), request.etag)
        return Empty()

    async def PublishMentoringRequest(
        self, request: service_pb.PublishMentoringRequestRequest, context: Context
    ) -> pb.MentoringRequest:
        return await self._move(request, RequestMove.PUBLISH)

    async def CloseMentoringRequest(
        self, request: service_pb.CloseMentoringRequestRequest, context: Context
    ) -> pb.MentoringRequest:
        return await self._move(request, RequestMove.CLOSE)

    async def ReopenMentoringRequest(
        self, request: service_pb.ReopenMentoringRequestRequest, context: Context
    ) -> pb.MentoringRequest:
        return await self._move(request, RequestMove.REOPEN)

    async def FillMentoringRequest(
        self, request: service_pb.FillMentoringRequestRequest, context: Context
    ) -> pb.MentoringRequest:
        return await self._move(request, RequestMove.FILL)

    async def ExpireMentoringRequest(
        self, request: service_pb.ExpireMentoringRequestRequest, context: Context
    ) -> pb.MentoringRequest:
        return await self._move(request, RequestMove.EXPIRE)

    async def DuplicateMentoringRequest(
        self, request: service_pb.DuplicateMentoringRequestRequest, context: Context
    ) -> pb.MentoringRequest:
        made = await self._life.duplicate(engaging.call(request), request.id.lower())
        return convert.request_message(made)

    async def ListMentoringRequestChanges(
        self, request: service_pb.ListMentoringRequestChangesRequest, context: Context
    ) -> service_pb.ListMentoringRequestChangesResponse:
        page = await self._life.changes(request.id.lower(), request.page_size, request.page_token)
        return service_pb.ListMentoringRequestChangesResponse(
            changes=[engaging.change_message(entry) for entry in page.changes], next_page_token=page.next_page_token
        )

    async def _move(self, request: Any, name: RequestMove) -> pb.MentoringRequest:  # noqa: ANN401 - five messages alike
        moved = await self._life.move(engaging.call(request), request.id.lower(), name, request.etag)
        return convert.request_message(moved)

    async def SuggestMentors(
        self, request: service_pb.SuggestMentorsRequest, context: Context
    ) -> service_pb.SuggestMentorsResponse:
        target = (
            convert.unkept_request(request.mentoring_request)
            if request.WhichOneof("target") == "mentoring_request"
            else request.request_id.lower()
        )
        found = await self._suggesting.mentors(
            target,
            limit=request.limit,
            full=request.view != service_pb.SUGGESTION_VIEW_SCORES,
            organisations=request.organisations,
            min_revision=request.min_revision,
            time_left=context.time_remaining(),
            leave_out_asked=request.leave_out_asked,
        )
        # A hundred people with their reasons, or ten thousand scores, are too much for the event loop.
        return await asyncio.to_thread(suggestions.mentors_message, found)

    async def SuggestRequests(
        self, request: service_pb.SuggestRequestsRequest, context: Context
    ) -> service_pb.SuggestRequestsResponse:
        found = await self._suggesting.requests(
            request.profile_id.lower(),
            limit=request.limit,
            min_revision=request.min_revision,
            time_left=context.time_remaining(),
        )
        return await asyncio.to_thread(suggestions.requests_message, found)

    async def AssignCohort(
        self, request: service_pb.AssignCohortRequest, context: Context
    ) -> service_pb.AssignCohortResponse:
        # Thousands of requests, and those assigned to them, are too much for the event loop.
        asked = await asyncio.to_thread(cohort.cohort, request)
        found = await self._assigning.assign(
            asked, min_revision=request.min_revision, time_left=context.time_remaining()
        )
        return await asyncio.to_thread(cohort.assignments_message, found)

    async def GetMatchingSettings(
        self, request: service_pb.GetMatchingSettingsRequest, context: Context
    ) -> pb.MatchingSettings:
        return organisation_settings.settings_message(await self._settings.get(request.organisation))

    async def UpdateMatchingSettings(
        self, request: service_pb.UpdateMatchingSettingsRequest, context: Context
    ) -> pb.MatchingSettings:
        written = await self._settings.update(organisation_settings.settings(request.settings))
        return organisation_settings.settings_message(written)

    async def ListExposures(
        self, request: service_pb.ListExposuresRequest, context: Context
    ) -> service_pb.ListExposuresResponse:
        first, last = convert_shown.period(request)
        page = await self._shown.exposures(first, last, request.organisation, request.page_size, request.page_token)
        return convert_shown.exposures_message(page)

    async def IndexStatus(
        self, request: service_pb.IndexStatusRequest, context: Context
    ) -> service_pb.IndexStatusResponse:
        check_signed_in()
        return suggestions.status_message(self._status.index())
