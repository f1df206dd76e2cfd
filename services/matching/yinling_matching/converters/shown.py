"""Exposures and feedback."""

from collections.abc import Iterable
from datetime import date

from yinling.common.v1 import types_pb2
from yinling.matching.v1 import matching_pb2 as pb
from yinling.matching.v1 import matching_service_pb2 as service_pb

from yinling_common.errors import InvalidField, Violation
from yinling_matching.converters.values import day, timestamp
from yinling_matching.ledger_repository import Feedback
from yinling_matching.shown import Page, ShownPerson


def feedback(message: pb.Feedback) -> Feedback:
    """Feedback as somebody sent it."""
    return Feedback(message.request_id.lower(), message.profile_id.lower(), message.rating)


def feedback_message(kept: Feedback) -> pb.Feedback:
    """Kept feedback."""
    return pb.Feedback(
        request_id=kept.request_id,
        profile_id=kept.profile_id,
        rating=kept.rating,
        update_time=timestamp(kept.update_time),
    )


def period(message: service_pb.ListExposuresRequest) -> tuple[date | None, date | None]:
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


def shown_message(people: Iterable[ShownPerson]) -> service_pb.ListShownPeopleResponse:
    """The people of a request."""
    return service_pb.ListShownPeopleResponse(
        people=[
            pb.ShownPerson(profile_id=one.profile_id, name=one.name, last_position=one.last_position, rating=one.rating)
            for one in people
        ]
    )


def _day(field: str, given: types_pb2.Date) -> date:
    found = day(given)
    if found is None:
        said = f"{given.year}-{given.month:02}-{given.day:02} is not in the calendar; give a day that is"
        raise InvalidField([Violation(field, "date.exists", said)])
    return found
