"""A matching service in memory. Its scores count shared characters: enough to have an order and reasons."""

# ruff: noqa: N802 - the methods have the names that gRPC gives them

from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from yinling.matching.v1 import matching_service_pb2 as service
from yinling.matching.v1.matching_pb2 import (
    Exposure,
    MatchingSettings,
    MentoringRequest,
    RequestSuggestion,
    Suggestion,
    Weights,
)
from yinling.talent.v1.talent_pb2 import Profile

from yinling_common.errors import Forbidden, IndexBehind, NotFound
from yinling_common.identity import Role, current, require
from yinling_gateway.testing.assigning import assign
from yinling_gateway.testing.request_life import RequestLife
from yinling_gateway.testing.resources import check_etag, check_known_city, check_required
from yinling_gateway.testing.scoring import broken, effective, exclusions, in_turn, relaxations, suggestion
from yinling_gateway.testing.talent import FakeTalent

Context = grpc.aio.ServicerContext[Any, Any]

_OPEN = MentoringRequest.STATE_OPEN


class FakeMatching(RequestLife):
    """Answers as matching does, from the profiles of a `FakeTalent`."""

    def __init__(self, talent: FakeTalent) -> None:
        super().__init__()
        self.settings: dict[str, MatchingSettings] = {}
        self.shown: dict[str, dict[str, Suggestion]] = {}
        self.caught_up = True
        self.turns: set[str] = set()
        """Ids of people who were shown less than others: they stand above who scores a little more."""
        self._talent = talent

    async def CreateMentoringRequest(
        self, request: service.CreateMentoringRequestRequest, context: Context
    ) -> MentoringRequest:
        """See the proto."""
        await self._trouble()
        caller = require(Role.HR, Role.ADMIN)
        given = request.mentoring_request
        if caller.role == Role.HR and given.organisation != caller.organisation:
            raise Forbidden("HR posts requests of its own organisation")
        check_required("mentoring_request", given, ("organisation", "title"))
        check_known_city("mentoring_request.city", given.city)
        return self.add(given)

    async def GetMentoringRequest(
        self, request: service.GetMentoringRequestRequest, context: Context
    ) -> MentoringRequest:
        """See the proto."""
        await self._trouble()
        return self.requests.get(request.id, _may_see)

    async def ListMentoringRequests(
        self, request: service.ListMentoringRequestsRequest, context: Context
    ) -> service.ListMentoringRequestsResponse:
        """See the proto."""
        await self._trouble()
        filters: dict[str, object] = {"organisation": request.organisation, "state": request.state}
        found = (
            r
            for r in self.requests.items.values()
            if _may_see(r) and request.organisation in {"", r.organisation} and request.state in {0, r.state}
        )
        page, token = self.requests.page(found, filters, request.page_size, request.page_token)
        return service.ListMentoringRequestsResponse(mentoring_requests=page, next_page_token=token)

    async def UpdateMentoringRequest(
        self, request: service.UpdateMentoringRequestRequest, context: Context
    ) -> MentoringRequest:
        """See the proto."""
        await self._trouble()
        require(Role.HR, Role.ADMIN)
        given = request.mentoring_request
        present = self.requests.get(given.id, _may_see)
        check_known_city("mentoring_request.city", given.city)
        merged = self.requests.merged(present, given, request.update_mask)
        check_required("mentoring_request", merged, ("organisation", "title"))
        return self.requests.put(merged)

    async def DeleteMentoringRequest(self, request: service.DeleteMentoringRequestRequest, context: Context) -> Empty:
        """See the proto."""
        await self._trouble()
        require(Role.HR, Role.ADMIN)
        present = self.requests.get(request.id, _may_see)
        check_etag(present.etag, request.etag)
        del self.requests.items[request.id]
        return Empty()

    async def SuggestMentors(
        self, request: service.SuggestMentorsRequest, context: Context
    ) -> service.SuggestMentorsResponse:
        """See the proto."""
        await self._trouble()
        require(Role.HR, Role.ADMIN)
        self._check_revision(request.min_revision)
        wanted = request.mentoring_request
        if request.HasField("request_id"):
            wanted = self.requests.get(request.request_id, _may_see)
        people = [p for p in self._people() if not request.organisations or p.organisation in request.organisations]
        fit = [p for p in people if not broken(wanted, p) - set(wanted.wishes)]
        ranked = in_turn((suggestion(wanted, p) for p in fit), self.turns)[: request.limit or 10]
        if request.view == service.SUGGESTION_VIEW_SCORES:
            ranked = [Suggestion(profile_id=s.profile_id, score=s.score) for s in ranked]
        elif request.HasField("request_id"):
            self.shown.setdefault(wanted.id, {}).update({s.profile_id: s for s in ranked})
        verdict = service.SuggestMentorsResponse.VERDICT_RANKED
        return service.SuggestMentorsResponse(
            verdict=verdict if ranked else service.SuggestMentorsResponse.VERDICT_NOBODY_ELIGIBLE,
            suggestions=ranked,
            revision=self._talent.profiles.number,
            people=len(people),
            eligible=len(fit),
            exclusions=exclusions(wanted, people),
            relaxations=relaxations(wanted, people),
            weights=effective(wanted.weights, self._settings(wanted.organisation).weights),
        )

    async def SuggestRequests(
        self, request: service.SuggestRequestsRequest, context: Context
    ) -> service.SuggestRequestsResponse:
        """See the proto."""
        await self._trouble()
        caller = require(Role.RETIREE, Role.COORDINATOR, Role.ADMIN)
        self._check_revision(request.min_revision)
        profile = next((p for p in self._people() if p.id == request.profile_id), None)
        if profile is None or (caller.role == Role.RETIREE and caller.profile_id != request.profile_id):
            raise NotFound("profile", request.profile_id)
        still_open = [r for r in self.requests.items.values() if r.state == _OPEN]
        found = []
        for wanted in still_open:
            mirror = suggestion(wanted, profile)
            entry = RequestSuggestion(request=wanted, score=mirror.score, label=mirror.label)
            entry.evidence.extend(mirror.evidence)
            entry.checks.extend(mirror.checks)
            entry.adjustments.extend(mirror.adjustments)
            found.append(entry)
        found.sort(key=lambda suggestion: -suggestion.score)
        return service.SuggestRequestsResponse(
            suggestions=found[: request.limit or 10],
            revision=self._talent.profiles.number,
            open_requests=len(still_open),
        )

    async def AssignCohort(
        self, request: service.AssignCohortRequest, context: Context
    ) -> service.AssignCohortResponse:
        """See the proto."""
        await self._trouble()
        require(Role.HR, Role.ADMIN)
        wanted = [
            self.requests.get(each.request_id, _may_see) if each.HasField("request_id") else each.mentoring_request
            for each in request.requests
        ]
        return assign(request, wanted, self._people())

    async def GetMatchingSettings(
        self, request: service.GetMatchingSettingsRequest, context: Context
    ) -> MatchingSettings:
        """See the proto."""
        await self._trouble()
        _check_own(request.organisation)
        return self._settings(request.organisation)

    async def UpdateMatchingSettings(
        self, request: service.UpdateMatchingSettingsRequest, context: Context
    ) -> MatchingSettings:
        """See the proto."""
        await self._trouble()
        given = request.settings
        _check_own(given.organisation)
        present = self._settings(given.organisation)
        check_etag(present.etag, given.etag)
        kept = MatchingSettings(organisation=given.organisation, weights=given.weights, etag=f"s{present.etag}")
        kept.update_time.GetCurrentTime()
        self.settings[given.organisation] = kept
        return self._settings(given.organisation)

    async def ListExposures(
        self, request: service.ListExposuresRequest, context: Context
    ) -> service.ListExposuresResponse:
        """See the proto. Everything was shown today, and the days are not looked at."""
        await self._trouble()
        caller = require(Role.ADMIN, Role.COORDINATOR)
        own = caller.organisation if caller.role == Role.COORDINATOR else request.organisation
        people = [p.id for p in self._people() if p.organisation == own or not own]
        return service.ListExposuresResponse(
            exposures=[
                Exposure(
                    profile_id=id_,
                    requests=sum(id_ in shown for shown in self.shown.values()),
                    first_three=sum(id_ in list(shown)[:3] for shown in self.shown.values()),
                )
                for id_ in sorted(people)
            ]
        )

    async def IndexStatus(self, request: service.IndexStatusRequest, context: Context) -> service.IndexStatusResponse:
        """See the proto."""
        await self._trouble()
        people = self._people()
        return service.IndexStatusResponse(
            revision=self._talent.profiles.number,
            caught_up=self.caught_up,
            people=len(people),
            facets=sum(len(p.skills) for p in people),
            model="fake",
            dimensions=1,
        )

    def _settings(self, organisation: str) -> MatchingSettings:
        result = MatchingSettings(organisation=organisation, weights=Weights())
        result.CopyFrom(self.settings.get(organisation, result))
        result.effective.CopyFrom(effective(result.weights))
        return result

    def _people(self) -> list[Profile]:
        return [p for p in self._talent.profiles.items.values() if p.consent.granted and not p.paused]

    def _check_revision(self, asked: int) -> None:
        if asked > self._talent.profiles.number:
            raise IndexBehind(self._talent.profiles.number, asked)


def _check_own(organisation: str) -> None:
    caller = require(Role.HR, Role.ADMIN)
    if caller.role == Role.HR and caller.organisation != organisation:
        raise Forbidden("you can read and write the settings of your own organisation only")


def _may_see(request: MentoringRequest) -> bool:
    caller = current()
    if caller.role == Role.HR:
        return request.organisation == caller.organisation
    return caller.role == Role.ADMIN or request.state == _OPEN
