"""How a profile lies in the table: one row, its experience and credentials as JSON inside it."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from yinling_common.types import Gender, Mode, PhysicalDemand, TitleLevel, TravelRange
from yinling_talent.domain import (
    Consent,
    Contact,
    Credential,
    ExperienceItem,
    Profile,
    number_key,
    person_key,
    search_text,
)

_SAME = (
    "id",
    "organisation",
    "employee_number",
    "name",
    "gender",
    "birth_year",
    "city",
    "former_employer",
    "last_position",
    "title_level",
    "industry",
    "years",
    "bio",
    "hours_per_week",
    "travel",
    "max_distance_km",
    "wishes",
    "capacity",
    "paused",
    "version",
)
_LISTS = ("skills", "modes", "limits", "other_limits", "languages")
_TIMES = ("available_from", "available_to", "create_time", "update_time")
_CONTACT = ("phone", "email", "wechat", "address")

COLUMNS = (
    *_SAME,
    *_LISTS,
    "experience",
    "credentials",
    *_TIMES,
    "consent_granted",
    "consent_wording",
    "consent_time",
    *_CONTACT,
)
"""What is read. The derived columns are only written."""

DERIVED = ("number_key", "person_key", "search_text")


def to_row(profile: Profile) -> dict[str, Any]:
    """The columns of a profile as JSON values, to be spread by `jsonb_populate_recordset`."""
    row: dict[str, Any] = {name: getattr(profile, name) for name in _SAME}
    for name in _LISTS:
        row[name] = list(getattr(profile, name))
    for name in _TIMES:
        value = getattr(profile, name)
        row[name] = value.isoformat() if value else None
    for name in _CONTACT:
        row[name] = getattr(profile.contact, name)
    row["experience"] = [dataclasses.asdict(item) for item in profile.experience]
    row["credentials"] = [dataclasses.asdict(credential) for credential in profile.credentials]
    consent = profile.consent
    row["consent_granted"] = consent.granted
    row["consent_wording"] = consent.wording_version
    row["consent_time"] = consent.update_time.isoformat() if consent.update_time else None
    row["number_key"] = number_key(profile)
    row["person_key"] = person_key(profile)
    row["search_text"] = search_text(profile)
    return row


def from_row(row: Mapping[str, Any]) -> Profile:
    """A profile of `COLUMNS` and its `revision`."""
    values: dict[str, Any] = {name: row[name] for name in (*_SAME, *_TIMES)}
    values["id"] = str(row["id"])
    values["gender"] = Gender(row["gender"])
    values["title_level"] = TitleLevel(row["title_level"])
    values["travel"] = TravelRange(row["travel"])
    for name in ("skills", "other_limits", "languages"):
        values[name] = tuple(row[name])
    return Profile(
        **values,
        modes=tuple(map(Mode, row["modes"])),
        limits=tuple(map(PhysicalDemand, row["limits"])),
        experience=tuple(ExperienceItem(**item) for item in row["experience"]),
        credentials=tuple(Credential(**credential) for credential in row["credentials"]),
        consent=Consent(
            granted=row["consent_granted"], wording_version=row["consent_wording"], update_time=row["consent_time"]
        ),
        contact=Contact(**{name: row[name] for name in _CONTACT}),
        revision=row["revision"],
    )
