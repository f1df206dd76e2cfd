"""What the reports count, read from the services in the name of the caller: who sees less is told less."""

import asyncio
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from yinling.common.v1.types_pb2 import Date
from yinling.matching.v1 import matching_pb2 as matching
from yinling.matching.v1 import matching_service_pb2 as matching_service
from yinling.talent.v1 import talent_pb2 as talent
from yinling.talent.v1 import talent_service_pb2 as talent_service

from yinling_common.identity import Identity
from yinling_gateway.backend import Backend
from yinling_gateway.reports.exposure import ExposureReport, ShownPerson, exposure_report

DAYS = 90
"""A period goes so far back where its beginning is not stated."""

_CLOCK = ZoneInfo("Asia/Shanghai")
_EXPOSURES, _PROFILES = 1000, 200


def today() -> date:
    """The day it is for everybody who uses this."""
    return datetime.now(_CLOCK).date()


async def read_exposure_report(
    backend: Backend, identity: Identity, start: date | None, end: date, organisation: str
) -> ExposureReport:
    """The report of a period, on everybody whom the caller sees or on one organisation. Raises YinlingError."""
    first = start or end - timedelta(days=DAYS)
    exposures, profiles = await asyncio.gather(
        _exposures(backend, identity, first, end, organisation), _profiles(backend, identity, organisation)
    )
    people = [
        ShownPerson(
            gender=profile.gender,
            birth_year=profile.birth_year,
            organisation=profile.organisation,
            requests=exposure.requests,
            first_three=exposure.first_three,
        )
        for exposure in exposures
        if (profile := profiles.get(exposure.profile_id))  # or it was deleted between the two answers
    ]
    return exposure_report(people, first, end)


async def _exposures(
    backend: Backend, identity: Identity, first: date, last: date, organisation: str
) -> list[matching.Exposure]:
    request = matching_service.ListExposuresRequest(
        start_date=_date(first), end_date=_date(last), organisation=organisation, page_size=_EXPOSURES
    )
    found: list[matching.Exposure] = []
    while True:
        page = await backend.list_exposures(identity, request)
        found += page.exposures
        if not page.next_page_token:
            return found
        request.page_token = page.next_page_token


async def _profiles(backend: Backend, identity: Identity, organisation: str) -> dict[str, talent.Profile]:
    request = talent_service.ListProfilesRequest(organisation=organisation, page_size=_PROFILES)
    found: dict[str, talent.Profile] = {}
    while True:
        page = await backend.list_profiles(identity, request)
        found |= {profile.id: profile for profile in page.profiles}
        if not page.next_page_token:
            return found
        request.page_token = page.next_page_token


def _date(value: date) -> Date:
    return Date(year=value.year, month=value.month, day=value.day)
