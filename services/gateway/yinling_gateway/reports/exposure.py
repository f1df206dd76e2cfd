"""Who is shown to enterprises, by gender, age and organisation: the counting alone.

Gender and age take no part in any ranking. This tells whether it comes out evenly all the same.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from yinling.common.v1 import types_pb2 as types

LEAST_PEOPLE = 5
"""Smaller groups are put together: what is said of four people is nearly said of each."""

NOT_STATED = ""
"""Name of the group of those of whom it is not known."""

OTHERS = None
"""Name of the small groups together."""

GENDERS: dict[int, str] = {types.GENDER_FEMALE: "female", types.GENDER_MALE: "male"}
AGES = ((60, "under_60"), (65, "60_64"), (70, "65_69"), (75, "70_74"))
"""Bands of age, each with the age at which the next begins."""
OLDEST = "75_up"


@dataclass(frozen=True, slots=True)
class ShownPerson:
    """A person who may be found, and how often they were shown.

    Attributes:
        gender: As in the contract.
        birth_year: 0 where not known.
        organisation: That keeps the profile.
        requests: For which they were shown.
        first_three: Of these, where they stood among the first three.
    """

    gender: int
    birth_year: int
    organisation: str
    requests: int
    first_three: int


@dataclass(frozen=True, slots=True)
class Group:
    """Some people together.

    Attributes:
        name: What they share; `NOT_STATED`, or `OTHERS`.
        people: How many they are.
        shown: How many were shown at least once.
        exposures: Requests for which each was shown, all together.
        first_three: Of these, among the first three.
    """

    name: str | None
    people: int
    shown: int
    exposures: int
    first_three: int

    @property
    def shown_share(self) -> float:
        """Part of the people who were shown at least once, 0 to 1."""
        return self.shown / self.people if self.people else 0.0

    @property
    def exposures_a_head(self) -> float:
        """Requests for which a person was shown, on average."""
        return self.exposures / self.people if self.people else 0.0

    @property
    def first_three_share(self) -> float:
        """Part of the exposures that were among the first three, 0 to 1."""
        return self.first_three / self.exposures if self.exposures else 0.0


@dataclass(frozen=True, slots=True)
class ExposureReport:
    """The report. Groups are in their natural order, organisations by size; small ones together at the end."""

    start_date: date
    end_date: date
    everybody: Group
    by_gender: Sequence[Group]
    by_age: Sequence[Group]
    by_organisation: Sequence[Group]


def exposure_report(people: Sequence[ShownPerson], start_date: date, end_date: date) -> ExposureReport:
    """Count. Ages are those reached in the year of the last day."""

    def band(person: ShownPerson) -> str:
        return age_band(end_date.year - person.birth_year) if person.birth_year else NOT_STATED

    bands = [*(name for _, name in AGES), OLDEST]
    by_organisation = _groups(people, lambda person: person.organisation)
    return ExposureReport(
        start_date=start_date,
        end_date=end_date,
        everybody=_together(NOT_STATED, people),
        by_gender=_ordered(_groups(people, lambda person: GENDERS.get(person.gender, NOT_STATED)), GENDERS.values()),
        by_age=_ordered(_groups(people, band), bands),
        by_organisation=sorted(by_organisation, key=lambda group: (group.name is OTHERS, -group.people, group.name)),
    )


def age_band(age: int) -> str:
    """Name of the band of an age."""
    return next((name for below, name in AGES if age < below), OLDEST)


def _groups(people: Iterable[ShownPerson], of: Callable[[ShownPerson], str]) -> list[Group]:
    members: defaultdict[str, list[ShownPerson]] = defaultdict(list)
    for person in people:
        members[of(person)].append(person)
    return _folded([_together(name, group) for name, group in members.items()])


def _folded(groups: Iterable[Group]) -> list[Group]:
    """Small groups put together. What is together must not be small either: it takes in the smallest of the others."""
    by_size = sorted(groups, key=lambda group: (-group.people, group.name or ""))
    small: list[Group] = []
    while by_size and (by_size[-1].people < LEAST_PEOPLE or 0 < sum(g.people for g in small) < LEAST_PEOPLE):
        small.append(by_size.pop())
    if small:
        by_size.append(
            Group(
                OTHERS,
                people=sum(group.people for group in small),
                shown=sum(group.shown for group in small),
                exposures=sum(group.exposures for group in small),
                first_three=sum(group.first_three for group in small),
            )
        )
    return by_size


def _ordered(groups: Iterable[Group], names: Iterable[str]) -> list[Group]:
    places: dict[str | None, int] = {name: place for place, name in enumerate([*names, NOT_STATED])}
    return sorted(groups, key=lambda group: places.get(group.name, len(places)))


def _together(name: str | None, people: Sequence[ShownPerson]) -> Group:
    return Group(
        name,
        people=len(people),
        shown=sum(person.requests > 0 for person in people),
        exposures=sum(person.requests for person in people),
        first_three=sum(person.first_three for person in people),
    )
