"""The hard rules for one person and many requests at once: the other way round from `bitmaps`.

`pairs` says the same for one pair, more plainly; a test holds the two against each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from yinling_common.cities import City, resolve
from yinling_common.types import Mode, TravelRange
from yinling_matching.domain import HardRule, MentoringRequest, Person
from yinling_matching.rules.columns import FOREVER, Mask, Numbers, bits
from yinling_matching.rules.distances import kilometres_from, number_of
from yinling_matching.rules.pairs import DEFAULT_CAPACITY, DEFAULT_LANGUAGE, WISHABLE, folded, same_language
from yinling_matching.rules.wish_penalties import HALF_DAYS, HALF_KM, share

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Suiting:
    """Which requests suit a person, by row.

    Attributes:
        open: Those whose last day has not passed.
        suits: Of these, those that no rule keeps the person out of.
        severity: How badly the person breaks each wish of a request, 0 to 1; 0 where they keep it. Only wishes that
            they break for one at least of those that suit.
    """

    open: Mask
    suits: Mask
    severity: Mapping[HardRule, Floats]

    @property
    def rows(self) -> list[int]:
        """Those that suit."""
        found: list[int] = np.flatnonzero(self.suits).tolist()
        return found


class RequestColumns:
    """What the rules need to know of some requests: a row a request, in their order."""

    def __init__(self, requests: Sequence[MentoringRequest]) -> None:
        cities = [resolve(one.city) for one in requests]
        self._provinces, self._languages = Numbers(""), Numbers(DEFAULT_LANGUAGE)
        self._first_day = np.array([one.start_date.toordinal() if one.start_date else 0 for one in requests], np.int32)
        self._last_day = np.array(
            [one.expire_date.toordinal() if one.expire_date else FOREVER for one in requests], np.int32
        )
        self._demands = np.array([bits(one.physical_demands) for one in requests], np.uint64)
        self._words = [(row, folded(one.other_demands)) for row, one in enumerate(requests) if one.other_demands]
        self._mode = np.array([one.mode for one in requests], np.uint8)
        self._city = np.array([number_of(city) for city in cities], np.int32)
        self._province = np.array([self._provinces.add(city.province if city else "") for city in cities], np.int32)
        self._farthest = np.array([one.max_distance_km or np.inf for one in requests], np.float64)
        self._hours = np.array([one.hours_per_week for one in requests], np.float64)
        self._language = np.array([self._languages.add(one.language or DEFAULT_LANGUAGE) for one in requests], np.int32)
        self._wishes = {rule: np.array([rule in one.wishes for one in requests], np.bool_) for rule in sorted(WISHABLE)}
        self._blocked: dict[str, list[int]] = {}
        for row, one in enumerate(requests):
            for person_id in one.blocked_profile_ids:
                self._blocked.setdefault(person_id, []).append(row)

    def suiting(self, person: Person, today: date, taken: int = 0) -> Suiting:
        """Apply every rule to a person.

        Args:
            person: Who.
            today: The day it is.
            taken: Places of the person that are taken already.
        """
        is_open = self._last_day >= today.toordinal()
        if person.paused or (DEFAULT_CAPACITY if person.capacity is None else person.capacity) <= taken:
            return Suiting(is_open, np.zeros(len(is_open), np.bool_), {})
        severity = self._severity(person, np.maximum(self._first_day, today.toordinal()))
        suits = is_open & ~self._never(person)
        for rule, badly in severity.items():
            suits &= (badly == 0) | self._wishes[rule]
        broken = {rule: np.where(suits, badly, 0.0) for rule, badly in severity.items()}
        return Suiting(is_open, suits, {rule: badly for rule, badly in broken.items() if badly.any()})

    def _never(self, person: Person) -> Mask:
        """Where a rule is broken that no request can make a wish."""
        never: Mask = (self._demands & bits(person.limits)) != 0
        if limits := folded(person.other_limits):
            never[[row for row, demands in self._words if demands & limits]] = True
        never[self._blocked.get(person.id, [])] = True
        return never

    def _severity(self, person: Person, day: NDArray[np.int32]) -> dict[HardRule, Floats]:
        """How badly each rule is broken that a request can make a wish; 0 where it is kept."""
        first = person.available_from.toordinal() if person.available_from else 0
        last = person.available_to.toordinal() if person.available_to else FOREVER
        wait = np.maximum(first - day, 0)
        spoken = person.languages or (DEFAULT_LANGUAGE,)
        speaks = self._languages.table(lambda wanted: any(same_language(wanted, tag) for tag in spoken))
        found: dict[HardRule, Floats] = {
            HardRule.AVAILABILITY: np.where(last < day, 1.0, share(wait, HALF_DAYS)),
            HardRule.DISTANCE: self._distance(person),
            HardRule.LANGUAGE: (~speaks[self._language]).astype(np.float64),
        }
        if person.modes:
            other = (self._mode != Mode.UNSPECIFIED) & ((bits(person.modes) >> self._mode.astype(np.uint64)) & 1 == 0)
            found[HardRule.MODE] = other.astype(np.float64)
        if person.hours_per_week:
            few = np.maximum(self._hours - person.hours_per_week, 0.0)
            found[HardRule.HOURS] = few / np.maximum(self._hours, 1.0)
        return found

    def _distance(self, person: Person) -> Floats:
        home = resolve(person.city)
        away = kilometres_from(home)[self._city]
        too_far = np.maximum(away - np.minimum(self._reach(person, home), self._farthest), 0.0)
        # Of a city that is not known nothing is too far, and work from home is nowhere.
        return np.where((self._mode == Mode.ON_SITE) & (too_far > 0), share(too_far, HALF_KM), 0.0)

    def _reach(self, person: Person, home: City | None) -> Floats:
        """How far the person goes for each request, in kilometres."""
        if person.max_distance_km:
            return np.full(len(self._city), float(person.max_distance_km))
        anywhere = np.full(len(self._city), person.travel is TravelRange.NATIONWIDE)
        if person.travel is TravelRange.PROVINCE and home:
            anywhere = self._province == self._provinces.find(home.province)
        return np.where(anywhere, np.inf, 0.0)
