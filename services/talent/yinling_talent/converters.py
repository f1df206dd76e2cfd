"""The only place that knows both the messages and the domain."""

import dataclasses
import datetime as dt
from typing import Any

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from yinling.common.v1 import audit_pb2, types_pb2
from yinling.talent.v1 import talent_pb2, talent_service_pb2

from yinling_common.errors import InvalidField, Violation
from yinling_common.types import Gender, Mode, PhysicalDemand, TitleLevel, TravelRange
from yinling_talent.audit import Entry
from yinling_talent.consent import Wording
from yinling_talent.domain import (
    SETTABLE,
    Consent,
    Contact,
    Credential,
    ExperienceItem,
    ImportedRow,
    ImportRow,
    Profile,
)
from yinling_talent.feed import CaughtUp
from yinling_talent.roster import Issue
from yinling_talent.roster_import import Event, Progress, Summary
from yinling_talent.storage import Change

_PLAIN = (
    "id",
    "organisation",
    "employee_number",
    "name",
    "birth_year",
    "city",
    "former_employer",
    "last_position",
    "industry",
    "years",
    "bio",
    "hours_per_week",
    "max_distance_km",
    "wishes",
    "paused",
)
_TEXT_LISTS = ("skills", "other_limits", "languages")
_CONTACT = ("phone", "email", "wechat", "address")


def profile_from(message: talent_pb2.Profile, prefix: str = "profile.") -> Profile:
    """A profile as a caller gives it; what only the service sets is left out, but the id.

    Raises:
        InvalidField: A day that is in no calendar.
    """
    values: dict[str, Any] = {name: getattr(message, name) for name in _PLAIN}
    for name in _TEXT_LISTS:
        values[name] = tuple(getattr(message, name))
    return Profile(
        **values,
        gender=Gender(message.gender),
        title_level=TitleLevel(message.title_level),
        travel=TravelRange(message.travel),
        modes=tuple(map(Mode, message.modes)),
        limits=tuple(map(PhysicalDemand, message.limits)),
        experience=tuple(
            ExperienceItem(
                title=item.title,
                organisation=item.organisation,
                start_year=item.start_year,
                end_year=item.end_year,
                description=item.description,
            )
            for item in message.experience
        ),
        credentials=tuple(
            Credential(name=credential.name, issuer=credential.issuer, year=credential.year)
            for credential in message.credentials
        ),
        capacity=message.capacity if message.HasField("capacity") else None,
        available_from=_day(message, "available_from", prefix),
        available_to=_day(message, "available_to", prefix),
        consent=Consent(granted=message.consent.granted, wording_version=message.consent.wording_version),
        contact=Contact(**{name: getattr(message.contact, name) for name in _CONTACT}),
    )


def import_row_from(message: talent_pb2.Profile, prefix: str) -> ImportRow:
    """A profile of a batch: it states every field, but consent and contact only where they are there."""
    silent = {name for name in ("consent", "contact") if not message.HasField(name)}
    return ImportRow(profile_from(message, prefix), frozenset(SETTABLE) - silent)


def profile_to(profile: Profile) -> talent_pb2.Profile:
    """The message of a profile; dates, contact and capacity stay unset where there are none."""
    message = talent_pb2.Profile(
        **{name: getattr(profile, name) for name in (*_PLAIN, *_TEXT_LISTS)},
        gender=_enum(profile.gender),
        title_level=_enum(profile.title_level),
        travel=_enum(profile.travel),
        modes=[_enum(mode) for mode in profile.modes],
        limits=[_enum(limit) for limit in profile.limits],
        capacity=profile.capacity,
        experience=[
            talent_pb2.ExperienceItem(
                title=item.title,
                organisation=item.organisation,
                start_year=item.start_year,
                end_year=item.end_year,
                description=item.description,
            )
            for item in profile.experience
        ],
        credentials=[
            talent_pb2.Credential(name=credential.name, issuer=credential.issuer, year=credential.year)
            for credential in profile.credentials
        ],
        available_from=_date(profile.available_from),
        available_to=_date(profile.available_to),
        consent=talent_pb2.Consent(
            granted=profile.consent.granted,
            wording_version=profile.consent.wording_version,
            update_time=timestamp(profile.consent.update_time),
        ),
        revision=profile.revision,
        create_time=timestamp(profile.create_time),
        update_time=timestamp(profile.update_time),
        etag=profile.etag,
    )
    if profile.contact != Contact():
        message.contact.CopyFrom(contact_to(profile.contact))
    return message


def contact_to(contact: Contact) -> talent_pb2.Contact:
    """The message of how to reach somebody."""
    return talent_pb2.Contact(**{name: getattr(contact, name) for name in _CONTACT})


def audit_entry_to(entry: Entry) -> audit_pb2.AuditEntry:
    """The message of an entry of the log."""
    names = ("subject", "role", "organisation", "action", "resource", "resource_id", "fields")
    return audit_pb2.AuditEntry(time=timestamp(entry.time), **{name: getattr(entry, name) for name in names})


def wording_to(wording: Wording) -> talent_pb2.ConsentWording:
    """The message of a wording of the consent."""
    return talent_pb2.ConsentWording(**dataclasses.asdict(wording))


def change_to(change: Change) -> talent_service_pb2.WatchProfilesResponse:
    """The message of one change of the feed."""
    if change.profile is None:
        return talent_service_pb2.WatchProfilesResponse(removed_id=change.profile_id, revision=change.revision)
    return talent_service_pb2.WatchProfilesResponse(profile=profile_to(change.profile), revision=change.revision)


def import_result_to(row: ImportedRow) -> talent_service_pb2.ImportResult:
    """The message of what became of one imported profile."""
    return talent_service_pb2.ImportResult(id=row.id, outcome=_enum(row.outcome))


def caught_up_to(event: CaughtUp) -> talent_service_pb2.WatchProfilesResponse:
    """The message that there is nothing newer."""
    return talent_service_pb2.WatchProfilesResponse(caught_up=talent_service_pb2.CaughtUp(), revision=event.revision)


def import_event_to(event: Event) -> talent_service_pb2.ImportRosterResponse:
    """The message of one event of a roster import."""
    pb = talent_service_pb2
    match event:
        case Progress():
            return pb.ImportRosterResponse(progress=pb.ImportProgress(rows_done=event.done, rows_total=event.total))
        case Issue():
            names = ("sheet", "row", "column", "value", "rule", "reason", "advice", "message_en")
            issue = pb.RowIssue(severity=_enum(event.severity), **{name: getattr(event, name) for name in names})
            return pb.ImportRosterResponse(issue=issue)
        case Summary():
            values = dataclasses.asdict(event) | {"end_time": timestamp(event.end_time)}
            return pb.ImportRosterResponse(summary=pb.ImportSummary(**values))
        case piece:
            return pb.ImportRosterResponse(annotated_chunk=piece)


def timestamp(moment: dt.datetime | None) -> Timestamp | None:
    """A moment for a message."""
    if moment is None:
        return None
    message = Timestamp()
    message.FromDatetime(moment)
    return message


def _enum(value: int) -> Any:  # noqa: ANN401 - each enum of the stubs has a type of its own
    # The domain's enums have the contract's numbers.
    return int(value)


def _day(message: Message, name: str, prefix: str) -> dt.date | None:
    if not message.HasField(name):
        return None
    date: types_pb2.Date = getattr(message, name)
    try:
        return dt.date(date.year, date.month, date.day)
    except ValueError:
        text = f"{date.year}-{date.month}-{date.day} is in no calendar; correct the day"
        raise InvalidField([Violation(prefix + name, "date.exists", text)]) from None


def _date(day: dt.date | None) -> types_pb2.Date | None:
    return types_pb2.Date(year=day.year, month=day.month, day=day.day) if day else None
