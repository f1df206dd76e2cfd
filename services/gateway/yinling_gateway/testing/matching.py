"""A matching service in memory. Its scores count shared characters: enough to have an order and reasons."""

# ruff: noqa: N802 - the methods have the names that gRPC gives them

import asyncio
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from yinling.matching.v1 import matching_service_pb2 as service
from yinling.matching.v1 import matching_service_pb2_grpc
from yinling.matching.v1.matching_pb2 import (
    FACET_KIND_SKILL,
    HARD_RULE_MODE,
    HARD_RULE_PHYSICAL,
    Check,
    Evidence,
    Exclusion,
    MentoringRequest,
    RequestSuggestion,
    Requirement,
    Suggestion,
)
from yinling.talent.v1.talent_pb2 import Profile

from yinling_common.errors import Forbidden, IndexBehind, NotFound
from yinling_common.identity import Role, current, require
from yinling_gateway.testing.resources import Resources, Troubles, check_etag, check_known_city, check_required
from yinling_gateway.testing.talent import FakeTalent

Context = grpc.aio.ServicerContext[Any, Any]

_OPEN = MentoringRequest.STATE_OPEN


class FakeMatching(matching_service_pb2_grpc.MatchingServiceServicer):
    """Answers as matching does, from the profiles of a `FakeTalent`."""

    def __init__(self, talent: FakeTalent) -> None:
        self.requests = Resources("mentoring_request", MentoringRequest)
        self.troubles = Troubles()
        self.caught_up = True
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
        fit = [p for p in people if not set(p.limits) & set(wanted.physical_demands)]
        ranked = sorted((_suggestion(wanted, p) for p in fit), key=lambda s: -s.score)[: request.limit or 10]
        if request.view == service.SUGGESTION_VIEW_SCORES:
            ranked = [Suggestion(profile_id=s.profile_id, score=s.score) for s in ranked]
        excluded = len(people) - len(fit)
        verdict = service.SuggestMentorsResponse.VERDICT_RANKED
        return service.SuggestMentorsResponse(
            verdict=verdict if ranked else service.SuggestMentorsResponse.VERDICT_NOBODY_ELIGIBLE,
            suggestions=ranked,
            revision=self._talent.profiles.number,
            people=len(people),
            eligible=len(fit),
            exclusions=[Exclusion(rule=HARD_RULE_PHYSICAL, people=excluded, only_this_rule=excluded)] * bool(excluded),
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
            mirror = _suggestion(wanted, profile)
            found.append(
                RequestSuggestion(request=wanted, score=mirror.score, evidence=mirror.evidence, checks=mirror.checks)
            )
        found.sort(key=lambda suggestion: -suggestion.score)
        return service.SuggestRequestsResponse(
            suggestions=found[: request.limit or 10],
            revision=self._talent.profiles.number,
            open_requests=len(still_open),
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

    def add(self, given: MentoringRequest) -> MentoringRequest:
        """Keep a request, without asking who may."""
        made = self.requests.create(given)
        made.state = made.state or _OPEN
        return made

    def _people(self) -> list[Profile]:
        return [p for p in self._talent.profiles.items.values() if p.consent.granted and not p.paused]

    def _check_revision(self, asked: int) -> None:
        if asked > self._talent.profiles.number:
            raise IndexBehind(self._talent.profiles.number, asked)

    async def _trouble(self) -> None:
        await asyncio.sleep(self.troubles.delay)
        if self.troubles.error is not None:
            raise self.troubles.error


def _may_see(request: MentoringRequest) -> bool:
    caller = current()
    if caller.role == Role.HR:
        return request.organisation == caller.organisation
    return caller.role == Role.ADMIN or request.state == _OPEN


def _suggestion(wanted: MentoringRequest, profile: Profile) -> Suggestion:
    points = list(wanted.requirements) or [Requirement(text=wanted.title)]
    evidence = [_evidence(point, profile) for point in points]
    return Suggestion(
        profile_id=profile.id,
        score=sum(e.strength for e in evidence) / len(evidence),
        evidence=evidence,
        checks=[
            Check(rule=HARD_RULE_PHYSICAL, outcome=Check.OUTCOME_PASSED),
            Check(rule=HARD_RULE_MODE, outcome=Check.OUTCOME_NOT_STATED),
        ],
        name=profile.name,
        city=profile.city,
        last_position=profile.last_position,
        former_employer=profile.former_employer,
        organisation=profile.organisation,
        title_level=profile.title_level,
        years=profile.years,
    )


def _evidence(point: Requirement, profile: Profile) -> Evidence:
    letters = set(point.text)
    strengths = {skill: len(letters & set(skill)) / max(1, len(letters)) for skill in profile.skills}
    best = max(strengths, key=lambda skill: strengths[skill], default="")
    if not best or not strengths[best]:
        return Evidence(requirement=point.text, importance=point.importance)
    return Evidence(
        requirement=point.text,
        importance=point.importance,
        found=True,
        facet_kind=FACET_KIND_SKILL,
        facet_text=best,
        strength=strengths[best],
    )
