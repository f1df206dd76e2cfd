"""The rules that a profile keeps. Everything is checked before anything is written."""

import dataclasses
import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import Any

from yinling_common import cities
from yinling_common.errors import InvalidField, Violation
from yinling_common.identity_numbers import contains_identity_number, is_identity_number, mask_identity_numbers
from yinling_common.text import clean
from yinling_talent.domain import Credential, ExperienceItem, Profile

ADULT_YEARS = 18
"""Whoever retires was an adult: nobody younger is kept."""

# The same limits stand in the contract, where the interceptor checks messages by them. Rosters come by another way,
# so they are here too; a test holds the two against each other.
TEXT_LIMITS = {
    "organisation": 100,
    "employee_number": 32,
    "name": 100,
    "city": 50,
    "former_employer": 200,
    "last_position": 200,
    "industry": 100,
    "bio": 20000,
    "wishes": 2000,
}
ITEM_LIMITS = {"skills": (100, 200), "other_limits": (20, 50), "languages": (20, 20)}
"""Most items, most characters of each."""
LIST_LIMITS = {"experience": 100, "credentials": 50}
NUMBER_LIMITS = {
    "birth_year": (1900, 2015),
    "years": (0, 80),
    "hours_per_week": (0, 60),
    "max_distance_km": (0, 6000),
    "capacity": (0, 20),
}
EXPERIENCE_LIMITS = {"title": 500, "organisation": 200, "description": 10000}
CREDENTIAL_LIMITS = {"name": 200, "issuer": 200}
YEAR_LIMITS = (1900, 2200)
CONTACT_LIMITS = {"phone": 40, "wechat": 64, "address": 300}
WORDING_LIMIT = 50

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_PHONE = re.compile(r"[0-9+()\- ]*")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)*")


def normalise(profile: Profile, prefix: str = "profile.", today: dt.date | None = None) -> Profile:
    """The profile as it is kept: texts cleaned, the city canonical, repeated and empty items dropped.

    Args:
        profile: As it came.
        prefix: Put before the field paths of the violations, for example "profiles[3].".
        today: For the age; the current day by default.

    Raises:
        InvalidField: With every rule that is broken.
    """
    profile = _cleaned(profile)
    violations = [
        Violation(prefix + field, rule, message)
        for field, rule, message in _broken(profile, today or dt.datetime.now(dt.UTC).date())
    ]
    city = cities.resolve(profile.city) if profile.city else None
    if profile.city and city is None:
        violations.append(unknown_city(prefix + "city", profile.city))
    if violations:
        raise InvalidField(violations)
    return dataclasses.replace(profile, city=city.name if city else "")


def check_together(profile: Profile, prefix: str, today: dt.date) -> None:
    """Raise InvalidField where fields, each right by itself, do not go together: after old and new were merged."""
    if violations := [Violation(prefix + field, rule, text) for field, rule, text in _together(profile, today)]:
        raise InvalidField(violations)


def unknown_city(field: str, value: str) -> Violation:
    """What to say of a city that is in no list."""
    names = "、".join(cities.closest(value))
    advice = f"; closest: {names}" if names else ""
    shown = mask_identity_numbers(value)[:20]  # the message is logged
    return Violation(
        field, "city.unknown", f'"{shown}" is not a prefecture-level city of China, give one as "攀枝花"{advice}'
    )


_Broken = Iterator[tuple[str, str, str]]


def _cleaned(profile: Profile) -> Profile:
    values: dict[str, Any] = {name: clean(getattr(profile, name)) for name in TEXT_LIMITS}
    for name in ITEM_LIMITS:
        values[name] = tuple(dict.fromkeys(filter(None, map(clean, getattr(profile, name)))))
    values["modes"] = tuple(sorted(set(profile.modes)))
    values["limits"] = tuple(sorted(set(profile.limits)))
    values["experience"] = tuple(
        dataclasses.replace(
            item, title=clean(item.title), organisation=clean(item.organisation), description=clean(item.description)
        )
        for item in profile.experience
    )
    values["credentials"] = tuple(
        dataclasses.replace(item, name=clean(item.name), issuer=clean(item.issuer)) for item in profile.credentials
    )
    contact = profile.contact
    values["contact"] = dataclasses.replace(
        contact,
        phone=clean(contact.phone),
        email=clean(contact.email),
        wechat=clean(contact.wechat),
        address=clean(contact.address),
    )
    return dataclasses.replace(profile, **values)


def _broken(profile: Profile, today: dt.date) -> _Broken:
    yield from _fields(profile)
    yield from _together(profile, today)
    yield from _count("experience", profile.experience, LIST_LIMITS["experience"])
    for i, item in enumerate(profile.experience):
        yield from _experience(f"experience[{i}]", item)
    yield from _count("credentials", profile.credentials, LIST_LIMITS["credentials"])
    for i, credential in enumerate(profile.credentials):
        yield from _credential(f"credentials[{i}]", credential)
    yield from _reach(profile)


def _fields(profile: Profile) -> _Broken:
    for name in ("organisation", "name"):
        if not getattr(profile, name):
            yield name, "string.min_len", "must not be empty; fill it in"
    for name, most in TEXT_LIMITS.items():
        yield from _text(name, getattr(profile, name), most)
    for name, (most_items, most) in ITEM_LIMITS.items():
        values: Sequence[str] = getattr(profile, name)
        yield from _count(name, values, most_items)
        for i, value in enumerate(values):
            yield from _text(f"{name}[{i}]", value, most)
    for i, tag in enumerate(profile.languages):
        if not _LANGUAGE.fullmatch(tag):
            yield f"languages[{i}]", "string.pattern", 'is not a language tag; write "zh", "en" or "yue"'
    for name, (least, greatest) in NUMBER_LIMITS.items():
        value = getattr(profile, name)
        if value is not None and not (name == "birth_year" and value == 0):
            yield from _number(name, value, least, greatest)


def _together(profile: Profile, today: dt.date) -> _Broken:
    if profile.birth_year > today.year - ADULT_YEARS:
        message = f"a retired expert was born in {today.year - ADULT_YEARS} or before; correct the year"
        yield "birth_year", "profile.birth_year_adult", message
    if profile.available_from and profile.available_to and profile.available_to < profile.available_from:
        yield "available_to", "profile.available_order", "lies before available_from; exchange or correct the days"
    if is_identity_number(profile.employee_number) or contains_identity_number(profile.employee_number):
        message = "looks like an identity card number, which is never kept; give the 工号, or leave it empty"
        yield "employee_number", "employee_number.identity_number", message


def _experience(path: str, item: ExperienceItem) -> _Broken:
    if not item.title:
        yield f"{path}.title", "string.min_len", "must not be empty; say what it was, or leave the item out"
    for name, most in EXPERIENCE_LIMITS.items():
        yield from _text(f"{path}.{name}", getattr(item, name), most)
    for name in ("start_year", "end_year"):
        if getattr(item, name):
            yield from _number(f"{path}.{name}", getattr(item, name), *YEAR_LIMITS)
    if item.start_year and 0 < item.end_year < item.start_year:
        yield f"{path}.end_year", "experience.year_order", "lies before start_year; exchange or correct the years"


def _credential(path: str, credential: Credential) -> _Broken:
    if not credential.name:
        yield f"{path}.name", "string.min_len", "must not be empty; name the certificate, or leave the item out"
    for name, most in CREDENTIAL_LIMITS.items():
        yield from _text(f"{path}.{name}", getattr(credential, name), most)
    if credential.year:
        yield from _number(f"{path}.year", credential.year, *YEAR_LIMITS)


def _reach(profile: Profile) -> _Broken:
    contact = profile.contact
    for name, most in CONTACT_LIMITS.items():
        yield from _text(f"contact.{name}", getattr(contact, name), most)
    if contains_identity_number(contact.email):
        yield "contact.email", "text.identity_number", "contains an identity card number, which is never kept"
    if not _PHONE.fullmatch(contact.phone):
        yield "contact.phone", "string.pattern", "is not a telephone number; use digits, spaces and + ( ) -"
    if contact.email and not _EMAIL.fullmatch(contact.email):
        yield "contact.email", "string.email", "is not an e-mail address; write it as name@example.com"
    yield from _text("consent.wording_version", profile.consent.wording_version, WORDING_LIMIT)


def _text(path: str, value: str, most: int) -> _Broken:
    if len(value) > most:
        yield path, "string.max_len", f"has {len(value)} characters, at most {most} are kept; shorten it"
    elif path != "employee_number" and contains_identity_number(value):
        yield path, "text.identity_number", "contains an identity card number, which is never kept; take it out"


def _count(path: str, values: Sequence[object], most: int) -> _Broken:
    if len(values) > most:
        yield path, "repeated.max_items", f"has {len(values)} items, at most {most} are kept; leave some out"


def _number(path: str, value: int, least: int, greatest: int) -> _Broken:
    if not least <= value <= greatest:
        yield path, "int32.gte_lte", f"is {value}; it must lie between {least} and {greatest}"
