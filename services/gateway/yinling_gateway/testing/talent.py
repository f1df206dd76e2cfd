"""A talent service in memory."""

# ruff: noqa: N802 - the methods have the names that gRPC gives them

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from yinling.talent.v1 import talent_service_pb2 as service
from yinling.talent.v1.talent_pb2 import Profile

from yinling_common.errors import AlreadyExists, Forbidden, UnreadableFile
from yinling_common.identity import Role, current, require
from yinling_gateway.testing.people_privacy import PeoplePrivacy, may_see, settle_consent
from yinling_gateway.testing.resources import check_etag, check_known_city, check_required

Context = grpc.aio.ServicerContext[Any, Any]

_HIDDEN_FROM_HR = ("contact", "limits", "other_limits", "gender", "birth_year", "employee_number")


class FakeTalent(PeoplePrivacy):
    """Answers as talent does, for rosters of a few rows: `姓名,工号,城市` as CSV."""

    def __init__(self) -> None:
        super().__init__()
        self.import_delay = 0.0

    async def CreateProfile(self, request: service.CreateProfileRequest, context: Context) -> Profile:
        """See the proto."""
        await self.trouble()
        caller = require(Role.COORDINATOR, Role.ADMIN)
        profile = request.profile
        if caller.role == Role.COORDINATOR and profile.organisation != caller.organisation:
            raise Forbidden("a coordinator keeps the profiles of their own organisation")
        check_required("profile", profile, ("organisation", "name"))
        check_known_city("profile.city", profile.city)
        for other in self.profiles.items.values():
            same = (other.organisation, other.employee_number) == (profile.organisation, profile.employee_number)
            if profile.employee_number and same:
                raise AlreadyExists("profile", f"with employee number {profile.employee_number}")
        settle_consent(profile)
        made = self._write(self.profiles.create(profile))
        self.note("create", made.id)
        return made

    async def GetProfile(self, request: service.GetProfileRequest, context: Context) -> Profile:
        """See the proto."""
        await self.trouble()
        profile = self.profiles.get(request.id, may_see)
        self.note("read", profile.id)
        return _shown(profile)

    async def ListProfiles(
        self, request: service.ListProfilesRequest, context: Context
    ) -> service.ListProfilesResponse:
        """See the proto."""
        await self.trouble()
        require(Role.HR, Role.COORDINATOR, Role.ADMIN)
        filters: dict[str, object] = {"organisation": request.organisation}
        found = (p for p in self.profiles.items.values() if may_see(p) and request.organisation in {"", p.organisation})
        page, token = self.profiles.page(found, filters, request.page_size, request.page_token)
        self.note_reads(page)
        return service.ListProfilesResponse(profiles=map(_shown, page), next_page_token=token)

    async def SearchProfiles(
        self, request: service.SearchProfilesRequest, context: Context
    ) -> service.SearchProfilesResponse:
        """See the proto."""
        await self.trouble()
        require(Role.HR, Role.COORDINATOR, Role.ADMIN)
        filters = {field.name: value for field, value in request.ListFields() if not field.name.startswith("page_")}
        found = (p for p in self.profiles.items.values() if may_see(p) and _passes(request, p))
        page, token = self.profiles.page(found, dict(filters), request.page_size, request.page_token)
        self.note_reads(page)
        return service.SearchProfilesResponse(profiles=map(_shown, page), next_page_token=token)

    async def UpdateProfile(self, request: service.UpdateProfileRequest, context: Context) -> Profile:
        """See the proto."""
        await self.trouble()
        require(Role.RETIREE, Role.COORDINATOR, Role.ADMIN)
        present = self.profiles.get(request.profile.id, may_see)
        check_known_city("profile.city", request.profile.city)
        merged = self.profiles.merged(present, request.profile, request.update_mask)
        check_required("profile", merged, ("organisation", "name"))
        settle_consent(merged, present)
        self.note("update", merged.id, *(request.update_mask.paths or ["*"]))
        return self._write(merged)

    async def DeleteProfile(self, request: service.DeleteProfileRequest, context: Context) -> Empty:
        """See the proto."""
        await self.trouble()
        require(Role.COORDINATOR, Role.ADMIN)
        present = self.profiles.get(request.id, may_see)
        check_etag(present.etag, request.etag)
        del self.profiles.items[request.id]
        return Empty()

    async def ImportRoster(
        self, request_iterator: AsyncIterator[service.ImportRosterRequest], context: Context
    ) -> AsyncIterator[service.ImportRosterResponse]:
        """See the proto."""
        await self.trouble()
        require(Role.COORDINATOR, Role.ADMIN)
        header, content = service.ImportRosterHeader(), b""
        async for request in request_iterator:
            if request.HasField("header"):
                header = request.header
            content += request.chunk
        try:
            rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
        except UnicodeDecodeError as error:
            raise UnreadableFile from error
        if content.startswith(b"%PDF") or not rows or "姓名" not in rows[0]:
            raise UnreadableFile
        summary = service.ImportSummary(rows=len(rows))
        issues = []
        for number, row in enumerate(rows, start=1):
            progress = service.ImportProgress(rows_done=number, rows_total=len(rows))
            yield service.ImportRosterResponse(progress=progress)
            await asyncio.sleep(self.import_delay)
            if not row["姓名"]:
                summary.failed += 1
                issues.append(_nameless(number + 1))
            else:
                self._take(row, header, summary)
        for issue in issues:
            yield service.ImportRosterResponse(issue=issue)
        if issues:
            summary.annotated_filename = "名册-有误.xlsx"
            yield service.ImportRosterResponse(annotated_chunk=b"PK annotated")
        summary.revision = self.profiles.number
        yield service.ImportRosterResponse(summary=summary)

    async def GetRosterTemplate(
        self, request: service.GetRosterTemplateRequest, context: Context
    ) -> service.GetRosterTemplateResponse:
        """See the proto."""
        await self.trouble()
        require(Role.COORDINATOR, Role.ADMIN)
        return service.GetRosterTemplateResponse(filename="银龄名册模板.xlsx", content=b"PK template")

    async def BatchImportProfiles(
        self, request: service.BatchImportProfilesRequest, context: Context
    ) -> service.BatchImportProfilesResponse:
        """Not for the gateway."""
        raise Forbidden

    async def WatchProfiles(
        self, request: service.WatchProfilesRequest, context: Context
    ) -> AsyncIterator[service.WatchProfilesResponse]:
        """Not for the gateway."""
        raise Forbidden
        yield service.WatchProfilesResponse()  # not reached: it makes this a stream

    def add(self, **fields: object) -> Profile:
        """Keep a profile, without asking who may."""
        given = {"organisation": "攀钢集团", "name": "王建国", "consent": {"granted": True}} | fields
        return self._write(self.profiles.create(Profile(**given)))  # type: ignore[arg-type] # a message takes dicts too

    def _take(self, row: dict[str, str], header: service.ImportRosterHeader, summary: service.ImportSummary) -> None:
        key = (header.organisation, row.get("工号", ""))
        known = [p for p in self.profiles.items.values() if (p.organisation, p.employee_number) == key and key[1]]
        if known:
            summary.unchanged += 1
            return
        summary.created += 1
        if not header.validate_only:
            self.add(organisation=key[0], employee_number=key[1], name=row["姓名"], city=row.get("城市") or "")

    def _write(self, profile: Profile) -> Profile:
        self.profiles.put(profile)
        profile.revision = self.profiles.number
        return profile


def _shown(profile: Profile) -> Profile:
    shown = Profile()
    shown.CopyFrom(profile)
    if current().role == Role.HR:
        for name in _HIDDEN_FROM_HR:
            shown.ClearField(name)  # type: ignore[arg-type] # a literal type of all the names
    return shown


def _passes(request: service.SearchProfilesRequest, profile: Profile) -> bool:
    text = " ".join([profile.name, profile.bio, profile.last_position, profile.industry, *profile.skills])
    return (
        all(word in text for word in request.query.split())
        and request.organisation in {"", profile.organisation}
        and request.city in {"", profile.city}
        and request.industry in {"", profile.industry}
        and profile.title_level >= request.min_title_level
        and (not request.skill or request.skill in profile.skills)
        and (not request.mode or not profile.modes or request.mode in profile.modes)
        and request.employee_number in {"", profile.employee_number}
    )


def _nameless(row: int) -> service.RowIssue:
    return service.RowIssue(
        severity=service.RowIssue.SEVERITY_ERROR,
        row=row,
        column="姓名",
        rule="required",
        reason="没有姓名",
        advice="请填写姓名后重新导入",
        message_en="the name is missing; fill it in and import again",
    )
