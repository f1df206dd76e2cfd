"""What the rules need to know of each person, in columns: a row a person."""

from collections.abc import Callable, Collection, Hashable, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from yinling_common.cities import City, resolve
from yinling_common.types import Mode, PhysicalDemand, TravelRange
from yinling_matching.catalogue.growing import grow_all
from yinling_matching.domain import Person
from yinling_matching.rules.distances import kilometres_from, number_of
from yinling_matching.rules.pairs import DEFAULT_CAPACITY, DEFAULT_LANGUAGE, folded, same_language

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]
Key = TypeVar("Key", bound=Hashable)

FOREVER = np.iinfo(np.int32).max
"""The last day of somebody who names none."""

_FIRST_SIZE = 1024


class PeopleColumns:
    """Rows are given by the caller, small and reused. All columns have the same length, more than there are people.

    It does not lock: many may read at once, but nobody while somebody writes.

    Attributes:
        alive: Whether there is anybody in the row. The other columns say nothing where not.
        available_from: First day, as date.toordinal; 0 for now.
        available_to: Last day; FOREVER for no end.
        capacity: Places that the person gives.
        places: Of these, how many are free.
        limits: Bit n for PhysicalDemand n.
        other_limits: Limits in words, folded, of the rows that have any, which are few.
        modes: Bit n for Mode n.
        max_distance: In kilometres; 0 where not stated.
        hours: A week; 0 where not stated.
        city: As `distances` numbers them.
        row_of: Row by id.
    """

    def __init__(self) -> None:
        self.alive = np.zeros(_FIRST_SIZE, np.bool_)
        self.paused = np.zeros(_FIRST_SIZE, np.bool_)
        self.available_from = np.zeros(_FIRST_SIZE, np.int32)
        self.available_to = np.zeros(_FIRST_SIZE, np.int32)
        self.capacity = np.zeros(_FIRST_SIZE, np.int16)
        self.places = np.zeros(_FIRST_SIZE, np.int16)
        self.limits = np.zeros(_FIRST_SIZE, np.uint64)
        self.modes = np.zeros(_FIRST_SIZE, np.uint8)
        self.travel = np.zeros(_FIRST_SIZE, np.uint8)
        self.max_distance = np.zeros(_FIRST_SIZE, np.int16)
        self.hours = np.zeros(_FIRST_SIZE, np.int16)
        self.city = np.zeros(_FIRST_SIZE, np.int32)
        self.province = np.zeros(_FIRST_SIZE, np.int32)  # numbers of these three from their table
        self.organisation = np.zeros(_FIRST_SIZE, np.int32)
        self.languages = np.zeros(_FIRST_SIZE, np.int32)
        self.provinces = Numbers("")
        self.organisations = Numbers("")
        self.language_sets: Numbers[tuple[str, ...]] = Numbers(())
        self.other_limits: dict[int, frozenset[str]] = {}
        self.row_of: dict[str, int] = {}

    def set(self, row: int, person: Person, taken: int = 0) -> None:
        """Fill a row, new or not. `taken` is the number of the person's places that are taken."""
        grow_all(self, row + 1)
        self.row_of[person.id] = row
        city = resolve(person.city)
        self.alive[row] = True
        self.paused[row] = person.paused
        self.available_from[row] = person.available_from.toordinal() if person.available_from else 0
        self.available_to[row] = person.available_to.toordinal() if person.available_to else FOREVER
        self.capacity[row] = DEFAULT_CAPACITY if person.capacity is None else person.capacity
        self.take(row, taken)
        self.limits[row] = bits(person.limits)
        self.modes[row] = bits(person.modes or (Mode.ON_SITE, Mode.REMOTE))
        self.travel[row] = person.travel
        self.max_distance[row] = person.max_distance_km
        self.hours[row] = person.hours_per_week
        self.city[row] = number_of(city)
        self.province[row] = self.provinces.add(city.province if city else "")
        self.organisation[row] = self.organisations.add(person.organisation)
        self.languages[row] = self.language_sets.add(tuple(sorted(person.languages)))
        self.other_limits.pop(row, None)
        if person.other_limits:
            self.other_limits[row] = folded(person.other_limits)

    def take(self, row: int, taken: int) -> None:
        """Say how many places of the person in a row are taken."""
        self.places[row] = self.capacity[row] - taken

    def clear(self, row: int, person_id: str) -> None:
        """Take a person out."""
        self.alive[row] = False
        self.limits[row] = 0  # health data is not kept longer than the person is
        self.other_limits.pop(row, None)
        del self.row_of[person_id]

    def distances(self, city: str) -> Floats:
        """Kilometres from each person's city to this one, by row; nan where either is not known."""
        return kilometres_from(resolve(city)).astype(np.float32)[self.city]

    def reach(self, city: City) -> Floats:
        """How many kilometres each person goes for work in a city: inf for any, 0 for not out of their own."""
        in_province = self.province == self.provinces.find(city.province)
        anyhow = (self.travel == TravelRange.NATIONWIDE) | ((self.travel == TravelRange.PROVINCE) & in_province)
        farthest: Floats = np.where(self.max_distance > 0, self.max_distance, np.where(anyhow, np.inf, 0))
        return farthest.astype(np.float32)

    def speaks(self, language: str) -> Mask:
        """Who works in a language, by row."""
        table = self.language_sets.table(
            lambda spoken: any(same_language(language, tag) for tag in spoken or (DEFAULT_LANGUAGE,))
        )
        return table[self.languages]


class Numbers(Generic[Key]):
    """Gives each distinct value a number, the first value 0, so that a column of numbers can hold it.

    Values are never forgotten: there are as many as people ever wrote differently since the start.
    """

    def __init__(self, first: Key) -> None:
        self._number: dict[Key, int] = {first: 0}

    def add(self, value: Key) -> int:
        """The number of a value, a new one where nobody had it."""
        return self._number.setdefault(value, len(self._number))

    def find(self, value: Key) -> int:
        """The number of a value; -1 for one that nobody has."""
        return self._number.get(value, -1)

    def table(self, holds: Callable[[Key], bool]) -> Mask:
        """Whether something holds, by number: index it with a column."""
        return np.fromiter((holds(value) for value in self._number), np.bool_, len(self._number))


def bits(members: Collection[PhysicalDemand] | Collection[Mode] | Sequence[Any]) -> np.uint64:
    """A set of enum members as one number: bit n for member n."""
    found = 0
    for member in members:
        found |= 1 << member
    return np.uint64(found)
