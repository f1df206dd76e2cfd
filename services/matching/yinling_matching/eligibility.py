"""The hard rules for everybody at once: columns in memory, one bitmap a rule.

`rules` says the same for one pair, more plainly.
"""

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from yinling_common.cities import resolve
from yinling_common.types import Mode, PhysicalDemand, TravelRange
from yinling_matching.domain import HardRule, MentoringRequest, Person
from yinling_matching.rules import (
    DEFAULT_CAPACITY,
    DEFAULT_LANGUAGE,
    first_day,
    folded,
    same_language,
)

Mask = NDArray[np.bool_]
Key = TypeVar("Key", bound=Hashable)

_FIRST_SIZE = 1024
_FOREVER = np.iinfo(np.int32).max


@dataclass(frozen=True, slots=True)
class Exclusion:
    """How many people a rule keeps out: whatever else they break, and with no other rule broken."""

    rule: HardRule
    people: int
    only_this_rule: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """Who may be suggested for a request.

    Attributes:
        eligible: One for each row.
        people: How many were looked at.
        exclusions: Rules that keep out anyone.
    """

    eligible: Mask
    people: int
    exclusions: list[Exclusion]


class Columns:
    """What the rules need to know of each person, a row a person. Rows are given by the caller, small and reused.

    It does not lock: many may read at once, but nobody while somebody writes.
    """

    def __init__(self) -> None:
        self._alive = np.zeros(_FIRST_SIZE, np.bool_)
        self._paused = np.zeros(_FIRST_SIZE, np.bool_)
        self._from = np.zeros(_FIRST_SIZE, np.int32)  # days, as date.toordinal
        self._to = np.zeros(_FIRST_SIZE, np.int32)
        self._places = np.zeros(_FIRST_SIZE, np.int16)  # engagements that still fit
        self._limits = np.zeros(_FIRST_SIZE, np.uint64)  # bit n: PhysicalDemand n
        self._modes = np.zeros(_FIRST_SIZE, np.uint8)  # bit n: Mode n
        self._travel = np.zeros(_FIRST_SIZE, np.uint8)
        self._hours = np.zeros(_FIRST_SIZE, np.int16)
        self._city = np.zeros(_FIRST_SIZE, np.int32)  # numbers of these four from their table
        self._province = np.zeros(_FIRST_SIZE, np.int32)
        self._organisation = np.zeros(_FIRST_SIZE, np.int32)
        self._languages = np.zeros(_FIRST_SIZE, np.int32)
        self._city_codes = _Numbers("")
        self._provinces = _Numbers("")
        self._organisations = _Numbers("")
        self._language_sets: _Numbers[tuple[str, ...]] = _Numbers(())
        self._other_limits: dict[int, frozenset[str]] = {}  # rows that have any, which are few
        self._row_of: dict[str, int] = {}

    def set(self, row: int, person: Person, taken: int = 0) -> None:
        """Fill a row, new or not. `taken` is the number of the person's places that are taken."""
        self._reach(row + 1)
        self._row_of[person.id] = row
        city = resolve(person.city)
        self._alive[row] = True
        self._paused[row] = person.paused
        self._from[row] = person.available_from.toordinal() if person.available_from else 0
        self._to[row] = person.available_to.toordinal() if person.available_to else _FOREVER
        self._places[row] = (DEFAULT_CAPACITY if person.capacity is None else person.capacity) - taken
        self._limits[row] = _bits(person.limits)
        self._modes[row] = _bits(person.modes or (Mode.ON_SITE, Mode.REMOTE))
        self._travel[row] = person.travel
        self._hours[row] = person.hours_per_week
        self._city[row] = self._city_codes.add(city.code if city else "")
        self._province[row] = self._provinces.add(city.province if city else "")
        self._organisation[row] = self._organisations.add(person.organisation)
        self._languages[row] = self._language_sets.add(tuple(sorted(person.languages)))
        self._other_limits.pop(row, None)
        if person.other_limits:
            self._other_limits[row] = folded(person.other_limits)

    def clear(self, row: int, person_id: str) -> None:
        """Take a person out."""
        self._alive[row] = False
        self._limits[row] = 0  # health data is not kept longer than the person is
        self._other_limits.pop(row, None)
        del self._row_of[person_id]

    def assess(self, request: MentoringRequest, today: date, organisations: Collection[str] = ()) -> Assessment:
        """Apply every rule to everyone, or to the people of some organisations."""
        within = self._alive.copy()
        if organisations:
            within &= self._organisations.table(lambda name: name in organisations)[self._organisation]
        broken = {rule: broken & within for rule, broken in self._broken(request, today).items()}
        count = np.zeros(len(within), np.uint8)
        for mask in broken.values():
            count += mask
        once = count == 1
        exclusions = [
            Exclusion(rule, people, int(np.count_nonzero(mask & once)))
            for rule, mask in broken.items()
            if (people := int(np.count_nonzero(mask)))
        ]
        return Assessment(within & (count == 0), int(np.count_nonzero(within)), exclusions)

    def _broken(self, request: MentoringRequest, today: date) -> dict[HardRule, Mask]:
        """Who breaks each rule. Rules that nobody can break are left out."""
        day = first_day(request, today).toordinal()
        broken = {
            HardRule.AVAILABILITY: self._paused | (self._from > day) | (self._to < day),
            HardRule.CAPACITY: self._places <= 0,
            HardRule.LANGUAGE: ~self._speaks(request.language or DEFAULT_LANGUAGE),
        }
        if request.physical_demands or request.other_demands:
            forbidden = (self._limits & _bits(request.physical_demands)) != 0
            demands = folded(request.other_demands)
            forbidden[[row for row, limits in self._other_limits.items() if not limits.isdisjoint(demands)]] = True
            broken[HardRule.PHYSICAL] = forbidden
        if request.mode is not Mode.UNSPECIFIED:
            broken[HardRule.MODE] = (self._modes & np.uint8(1 << request.mode)) == 0
        city = resolve(request.city)
        if request.mode is Mode.ON_SITE and city is not None:
            in_city = self._city == self._city_codes.find(city.code)
            in_province = self._province == self._provinces.find(city.province)
            near = np.where(self._travel == TravelRange.PROVINCE, in_province, in_city)
            broken[HardRule.DISTANCE] = ~near & (self._travel != TravelRange.NATIONWIDE) & (self._city != 0)
        if request.hours_per_week:
            broken[HardRule.HOURS] = (self._hours != 0) & (self._hours < request.hours_per_week)
        if request.blocked_profile_ids:
            blocked = np.zeros(len(self._alive), np.bool_)
            blocked[[self._row_of[i] for i in request.blocked_profile_ids if i in self._row_of]] = True
            broken[HardRule.BLOCKED] = blocked
        return broken

    def _speaks(self, language: str) -> Mask:
        table = self._language_sets.table(
            lambda spoken: any(same_language(language, tag) for tag in spoken or (DEFAULT_LANGUAGE,))
        )
        return table[self._languages]

    def _reach(self, size: int) -> None:
        """Make room for so many rows; doubles, so that growing costs little on average."""
        if size <= len(self._alive):
            return
        size = max(size, 2 * len(self._alive))
        for name, column in vars(self).items():
            if isinstance(column, np.ndarray):
                grown = np.zeros(size, column.dtype)
                grown[: len(column)] = column
                setattr(self, name, grown)


class _Numbers(Generic[Key]):
    """Gives each distinct value a number, the first value 0, so that a column of numbers can hold it.

    Values are never forgotten: there are as many as people ever wrote differently since the start.
    """

    def __init__(self, first: Key) -> None:
        self._number: dict[Key, int] = {first: 0}

    def add(self, value: Key) -> int:
        return self._number.setdefault(value, len(self._number))

    def find(self, value: Key) -> int:
        """The number of a value; -1 for one that nobody has."""
        return self._number.get(value, -1)

    def table(self, holds: Callable[[Key], bool]) -> Mask:
        """Whether something holds, by number: index it with a column."""
        return np.fromiter((holds(value) for value in self._number), np.bool_, len(self._number))


def _bits(members: Collection[PhysicalDemand] | Collection[Mode] | Sequence[Any]) -> np.uint64:
    bits = 0
    for member in members:
        bits |= 1 << member
    return np.uint64(bits)
