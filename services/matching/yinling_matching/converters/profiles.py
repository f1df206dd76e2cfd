"""Profiles of the feed, and people in a snapshot."""

from collections.abc import Iterable
from enum import IntEnum
from typing import TypeVar

from yinling.talent.v1 import talent_pb2 as pb

from yinling_common.types import Mode, PhysicalDemand, TitleLevel, TravelRange
from yinling_matching.converters.values import day, day_message, number
from yinling_matching.domain import Credential, ExperienceItem, Person

EnumT = TypeVar("EnumT", bound=IntEnum)


def person(profile: pb.Profile) -> Person:
    """A profile of the feed. It never fails: what this version does not know is left out."""
    return Person(
        id=profile.id,
        organisation=profile.organisation,
        name=profile.name,
        city=profile.city,
        former_employer=profile.former_employer,
        last_position=profile.last_position,
        title_level=next(iter(_known(TitleLevel, [profile.title_level])), TitleLevel.UNSPECIFIED),
        industry=profile.industry,
        years=profile.years,
        skills=tuple(profile.skills),
        experience=tuple(
            ExperienceItem(e.title, e.organisation, e.start_year, e.end_year, e.description) for e in profile.experience
        ),
        credentials=tuple(Credential(c.name, c.issuer, c.year) for c in profile.credentials),
        bio=profile.bio,
        modes=frozenset(_known(Mode, profile.modes)),
        hours_per_week=profile.hours_per_week,
        travel=next(iter(_known(TravelRange, [profile.travel])), TravelRange.UNSPECIFIED),
        max_distance_km=profile.max_distance_km,
        # A limit that this version does not know cannot be asked of this version either.
        limits=frozenset(_known(PhysicalDemand, profile.limits)),
        other_limits=tuple(profile.other_limits),
        languages=tuple(profile.languages),
        wishes=profile.wishes,
        capacity=profile.capacity if profile.HasField("capacity") else None,
        available_from=day(profile.available_from) if profile.HasField("available_from") else None,
        available_to=day(profile.available_to) if profile.HasField("available_to") else None,
        paused=profile.paused,
    )


def profile(known: Person) -> pb.Profile:
    """A person as a profile; the other way round it gives the same person."""
    return pb.Profile(
        id=known.id,
        organisation=known.organisation,
        name=known.name,
        city=known.city,
        former_employer=known.former_employer,
        last_position=known.last_position,
        title_level=number(known.title_level),
        industry=known.industry,
        years=known.years,
        skills=known.skills,
        experience=[
            pb.ExperienceItem(
                title=e.title,
                organisation=e.organisation,
                start_year=e.start_year,
                end_year=e.end_year,
                description=e.description,
            )
            for e in known.experience
        ],
        credentials=[pb.Credential(name=c.name, issuer=c.issuer, year=c.year) for c in known.credentials],
        bio=known.bio,
        modes=[number(mode) for mode in sorted(known.modes)],
        hours_per_week=known.hours_per_week,
        travel=number(known.travel),
        max_distance_km=known.max_distance_km,
        limits=[number(limit) for limit in sorted(known.limits)],
        other_limits=known.other_limits,
        languages=known.languages,
        wishes=known.wishes,
        capacity=known.capacity,
        available_from=day_message(known.available_from),
        available_to=day_message(known.available_to),
        paused=known.paused,
    )


def to_bytes(known: Person) -> bytes:
    """A person as bytes that later versions read too."""
    return profile(known).SerializeToString()


def from_bytes(data: bytes) -> Person:
    """The person in `to_bytes`. Raises google.protobuf.message.DecodeError where it is none."""
    return person(pb.Profile.FromString(data))


def _known(cls: type[EnumT], numbers: Iterable[int]) -> list[EnumT]:
    known = {member.value for member in cls}
    return [cls(number) for number in numbers if number in known]
