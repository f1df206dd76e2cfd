"""Exposures."""

from datetime import date

from yinling.common.v1 import types_pb2
from yinling.matching.v1 import figures_service_pb2
from yinling.matching.v1 import matching_pb2 as pb
from yinling.matching.v1 import matching_service_pb2 as service_pb

from yinling_common.errors import InvalidField, Violation
from yinling_matching.converters.values import day
from yinling_matching.exposure.shown import Page


def period(
    message: service_pb.ListExposuresRequest | figures_service_pb2.GetFiguresRequest,
) -> tuple[date | None, date | None]:
    """First and last day asked for; None where not stated.

    Raises:
        InvalidField: One is not a day of the calendar.
    """
    first = _day("start_date", message.start_date) if message.HasField("start_date") else None
    last = _day("end_date", message.end_date) if message.HasField("end_date") else None
    return first, last


def exposures_message(page: Page) -> service_pb.ListExposuresResponse:
    """A page of exposures."""
    return service_pb.ListExposuresResponse(
        exposures=[
            pb.Exposure(profile_id=one.profile_id, requests=one.requests, first_three=one.first_three)
            for one in page.exposures
        ],
        next_page_token=page.next_page_token,
    )


def _day(field: str, given: types_pb2.Date) -> date:
    found = day(given)
    if found is None:
        said = f"{given.year}-{given.month:02}-{given.day:02} is not in the calendar; give a day that is"
        raise InvalidField([Violation(field, "date.exists", said)])
    return found
