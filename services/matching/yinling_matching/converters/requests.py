"""Mentoring requests."""

from dataclasses import replace
from datetime import date

from yinling.common.v1 import types_pb2
from yinling.matching.v1 import matching_pb2 as pb

from yinling_common.errors import InvalidField, Violation
from yinling_common.types import Mode, PhysicalDemand, TitleLevel
from yinling_matching.converters.organisation_settings import weights, weights_message
from yinling_matching.converters.values import day, day_message, number, timestamp
from yinling_matching.domain import HardRule, Importance, MentoringRequest, RequestState, Requirement


def request(message: pb.MentoringRequest) -> MentoringRequest:
    """A request as somebody sent it. What only the service sets is not taken over, but for id and etag.

    Raises:
        InvalidField: The start or the end is not a day of the calendar.
    """
    return MentoringRequest(
        id=message.id.lower(),
        organisation=message.organisation,
        title=message.title,
        description=message.description,
        requirements=tuple(Requirement(r.text, Importance(r.importance)) for r in message.requirements),
        industry=message.industry,
        city=message.city,
        mode=Mode(message.mode),
        hours_per_week=message.hours_per_week,
        physical_demands=frozenset(map(PhysicalDemand, message.physical_demands)),
        other_demands=tuple(message.other_demands),
        mentees=message.mentees,
        months=message.months,
        language=message.language,
        start_date=_day("start_date", message.start_date) if message.HasField("start_date") else None,
        blocked_profile_ids=frozenset(i.lower() for i in message.blocked_profile_ids),
        wishes=frozenset(map(HardRule, message.wishes)),
        min_years=message.min_years,
        min_title_level=TitleLevel(message.min_title_level),
        max_distance_km=message.max_distance_km,
        weights=weights(message.weights),
        mentors_wanted=message.mentors_wanted,
        expire_date=_day("expire_date", message.expire_date) if message.HasField("expire_date") else None,
        state=RequestState(message.state),
        etag=message.etag,
    )


def _day(name: str, given: types_pb2.Date) -> date:
    found = day(given)
    if found is None:
        message = f"{given.year}-{given.month:02}-{given.day:02} is not in the calendar; give a day that is"
        raise InvalidField([Violation(f"mentoring_request.{name}", "date.exists", message)])
    return found


def unkept_request(message: pb.MentoringRequest) -> MentoringRequest:
    """A request that is not kept. The id that it came with is ignored: it would be taken for the one that has it."""
    return replace(request(message), id="", etag="")


def request_message(kept: MentoringRequest) -> pb.MentoringRequest:
    """A kept request."""
    return pb.MentoringRequest(
        id=kept.id,
        organisation=kept.organisation,
        title=kept.title,
        description=kept.description,
        requirements=[pb.Requirement(text=r.text, importance=number(r.importance)) for r in kept.requirements],
        industry=kept.industry,
        city=kept.city,
        mode=number(kept.mode),
        hours_per_week=kept.hours_per_week,
        physical_demands=[number(demand) for demand in sorted(kept.physical_demands)],
        other_demands=kept.other_demands,
        mentees=kept.mentees,
        months=kept.months,
        language=kept.language,
        blocked_profile_ids=sorted(kept.blocked_profile_ids),
        wishes=[number(rule) for rule in sorted(kept.wishes)],
        min_years=kept.min_years,
        min_title_level=number(kept.min_title_level),
        max_distance_km=kept.max_distance_km,
        weights=weights_message(kept.weights),
        mentors_wanted=kept.mentors_wanted,
        expire_date=day_message(kept.expire_date),
        state=number(kept.state),
        create_time=timestamp(kept.create_time),
        update_time=timestamp(kept.update_time),
        etag=kept.etag,
        start_date=day_message(kept.start_date),
        open_time=timestamp(kept.open_time),
    )
