"""What a profile is: dataclasses and the keys that tell people apart. The rules are in `rules`."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import unicodedata
from collections.abc import Iterable

from yinling_common import text
from yinling_common.types import Gender, Mode, PhysicalDemand, TitleLevel, TravelRange


class Outcome(enum.IntEnum):
    """What became of one imported profile."""

    UNSPECIFIED = 0
    CREATED = 1
    UPDATED = 2
    UNCHANGED = 3


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ExperienceItem:
    """One position, project or work. A year of 0 is not known (or not over)."""

    title: str
    organisation: str = ""
    start_year: int = 0
    end_year: int = 0
    description: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A title or certificate. A year of 0 is not known."""

    name: str
    issuer: str = ""
    year: int = 0


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """Consent to be found. `update_time` is when `granted` last changed; None where it never did."""

    granted: bool = False
    wording_version: str = ""
    update_time: dt.datetime | None = None

    @property
    def withdrawn(self) -> bool:
        """Consent was given once and taken back: not the same as never asked."""
        return not self.granted and self.update_time is not None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How to reach a person."""

    phone: str = ""
    email: str = ""
    wechat: str = ""
    address: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A retired expert, 人才档案. Fields mean what the contract (talent.proto) says of them."""

    id: str = ""
    organisation: str = ""
    employee_number: str = ""
    name: str = ""
    gender: Gender = Gender.UNSPECIFIED
    birth_year: int = 0
    city: str = ""
    former_employer: str = ""
    last_position: str = ""
    title_level: TitleLevel = TitleLevel.UNSPECIFIED
    industry: str = ""
    years: int = 0
    skills: tuple[str, ...] = ()
    experience: tuple[ExperienceItem, ...] = ()
    credentials: tuple[Credential, ...] = ()
    bio: str = ""
    modes: tuple[Mode, ...] = ()
    hours_per_week: int = 0
    travel: TravelRange = TravelRange.UNSPECIFIED
    max_distance_km: int = 0
    limits: tuple[PhysicalDemand, ...] = ()
    other_limits: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    wishes: str = ""
    capacity: int | None = None
    available_from: dt.date | None = None
    available_to: dt.date | None = None
    paused: bool = False
    consent: Consent = Consent()
    contact: Contact = Contact()
    # Set by the service alone.
    revision: int = 0
    version: int = 0
    create_time: dt.datetime | None = None
    update_time: dt.datetime | None = None

    @property
    def etag(self) -> str:
        """Changes with every write of this profile."""
        return f"v{self.version}"


OUTPUT_ONLY = frozenset({"id", "revision", "version", "create_time", "update_time"})
SETTABLE = tuple(field.name for field in dataclasses.fields(Profile) if field.name not in OUTPUT_ONLY)
NESTED: dict[str, tuple[str, ...]] = {
    "consent": ("granted", "wording_version"),
    "contact": ("phone", "email", "wechat", "address"),
}
"""Fields below a top-level one that can be named on their own, as "contact.phone"."""


@dataclasses.dataclass(frozen=True, slots=True)
class ImportRow:
    """One profile to import, with the paths of the fields that its source states.

    A path is a top-level field or one of `NESTED` ("skills", "contact.phone"). What is not stated stays as it is
    in a profile that exists. A blank cell states nothing: a roster cannot erase by leaving out.
    """

    profile: Profile
    stated: frozenset[str]


@dataclasses.dataclass(frozen=True, slots=True)
class ImportedRow:
    """What became of an `ImportRow`.

    Attributes:
        consent_kept: The row gave consent that the person had taken back.
        renamed_from: The name that was kept under the row's number, where the row has another one.
    """

    id: str
    outcome: Outcome
    consent_kept: bool = False
    renamed_from: str = ""


def number_key(profile: Profile) -> str:
    """Employee number for comparing inside an organisation; "" where there is none."""
    return text.fold(profile.employee_number)


def person_key(profile: Profile) -> str:
    """Name, birth year and former employer, for comparing people without a number inside an organisation."""
    return "\x1f".join((text.fold(profile.name), str(profile.birth_year), text.fold(profile.former_employer)))


def roster_key(profile: Profile) -> tuple[str, str, str]:
    """What makes two rows of a roster the same person: (organisation, "number" or "person", key)."""
    number = number_key(profile)
    return (profile.organisation, "number", number) if number else (profile.organisation, "person", person_key(profile))


def same_name(one: str, other: str) -> bool:
    """Whether two names are one, whatever their width and spacing."""
    return text.fold(one) == text.fold(other)


def two_people(one: Profile, other: Profile) -> bool:
    """Whether those who share a number must be two: other names, and other birth years, both known."""
    years = {one.birth_year, other.birth_year}
    return not same_name(one.name, other.name) and len(years) == 2 and 0 not in years


def searchable(value: str) -> str:
    """A text, or a word to find in it, without differences of width, case and spacing."""
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split())


def search_text(profile: Profile) -> str:
    """Everything that a search by words looks at; nothing that HR may not see."""
    parts: list[str] = [profile.name, profile.last_position, profile.former_employer, profile.industry, *profile.skills]
    for credential in profile.credentials:
        parts += (credential.name, credential.issuer)
    for item in profile.experience:
        parts += (item.title, item.organisation, item.description)
    parts.append(profile.bio)
    return "\n".join(searchable(part) for part in parts if part)


def changed(old: Profile, new: Profile, paths: Iterable[str]) -> Profile:
    """`old` with the values that `new` has at `paths`; each path is in `SETTABLE` or below one of `NESTED`."""
    values: dict[str, object] = {}
    for path in paths:
        top, _, below = path.partition(".")
        if below:
            part = values.get(top, getattr(old, top))
            values[top] = dataclasses.replace(part, **{below: getattr(getattr(new, top), below)})  # type: ignore[type-var]  # one of NESTED
        else:
            values[top] = getattr(new, top)
    return dataclasses.replace(old, **values)  # type: ignore[arg-type]  # the paths are checked by their owners
