"""The hard rules, one person and one request at a time, in plain words of Python.

`eligibility` says the same for everybody at once; a test holds the two against each other.
"""

from collections.abc import Mapping
from datetime import date
from enum import IntEnum
from math import inf

from yinling_common.cities import resolve
from yinling_common.text import fold
from yinling_common.types import Mode, TravelRange
from yinling_matching.domain import HardRule, MentoringRequest, Person
from yinling_matching.rules.distances import distance_between


class Outcome(IntEnum):
    """What a rule says of a pair. The numbers of those that are shown are those of the contract."""

    BROKEN = 0
    PASSED = 1
    NOT_STATED = 2


DEFAULT_LANGUAGE = "zh"
DEFAULT_CAPACITY = 1

WISHABLE = frozenset({HardRule.AVAILABILITY, HardRule.MODE, HardRule.DISTANCE, HardRule.HOURS, HardRule.LANGUAGE})
"""Rules that a request may make wishes. The others protect somebody: the body, the places, the peace of two sides."""


def judge(request: MentoringRequest, person: Person, today: date, taken: int = 0) -> dict[HardRule, Outcome]:
    """What each rule says. One that the request made a wish is judged as any other; see `keeping_out`.

    Args:
        request: What is asked.
        person: Who might do it.
        today: The day it is; work does not start before.
        taken: Places of the person that are taken already.
    """
    return {
        HardRule.AVAILABILITY: _availability(request, person, today),
        HardRule.CAPACITY: _capacity(person, taken),
        HardRule.PHYSICAL: _physical(request, person),
        HardRule.MODE: _mode(request, person),
        HardRule.DISTANCE: _distance(request, person),
        HardRule.HOURS: _hours(request, person),
        HardRule.LANGUAGE: _language(request, person),
        HardRule.BLOCKED: _passed(person.id not in request.blocked_profile_ids),
    }


def broken_wishes(
    request: MentoringRequest, person: Person, outcomes: Mapping[HardRule, Outcome]
) -> frozenset[HardRule]:
    """Rules that the person breaks and that the request made wishes. `outcomes` are what `judge` says of the pair."""
    forgiven = request.wishes & WISHABLE
    if person.paused:  # they want no work now, whatever its dates
        forgiven -= {HardRule.AVAILABILITY}
    return frozenset(rule for rule in forgiven if outcomes[rule] is Outcome.BROKEN)


def keeping_out(request: MentoringRequest, person: Person, outcomes: Mapping[HardRule, Outcome]) -> frozenset[HardRule]:
    """Rules that keep the person out of the suggestions: those that are broken and no wishes."""
    broken = frozenset(rule for rule, outcome in outcomes.items() if outcome is Outcome.BROKEN)
    return broken - broken_wishes(request, person, outcomes)


def shown_to_enterprise(outcomes: dict[HardRule, Outcome]) -> dict[HardRule, Outcome]:
    """The outcomes without what would tell an enterprise about a person's health.

    PASSED for PHYSICAL would mean that the person states limits of the body, only other ones. The enterprise reads
    NOT_STATED, ask, of everyone alike.
    """
    return {**outcomes, HardRule.PHYSICAL: Outcome.NOT_STATED}


def first_day(request: MentoringRequest, today: date) -> date:
    """The day from which the person is needed."""
    return max(request.start_date or today, today)


def same_language(one: str, other: str) -> bool:
    """Whether a tag is the other or a part of it: "zh" and "zh-CN" are, "zh" and "yue" are not."""
    one, other = one.lower(), other.lower()
    return one == other or one.startswith(other + "-") or other.startswith(one + "-")


def _availability(request: MentoringRequest, person: Person, today: date) -> Outcome:
    day = first_day(request, today)
    if person.paused or not (person.available_from or day) <= day <= (person.available_to or day):
        return Outcome.BROKEN
    return Outcome.PASSED if person.available_from or person.available_to else Outcome.NOT_STATED


def _capacity(person: Person, taken: int) -> Outcome:
    capacity = DEFAULT_CAPACITY if person.capacity is None else person.capacity
    if capacity <= taken:
        return Outcome.BROKEN
    return Outcome.NOT_STATED if person.capacity is None else Outcome.PASSED


def _physical(request: MentoringRequest, person: Person) -> Outcome:
    if request.physical_demands & person.limits or folded(request.other_demands) & folded(person.other_limits):
        return Outcome.BROKEN
    both = (request.physical_demands or request.other_demands) and (person.limits or person.other_limits)
    return Outcome.PASSED if both else Outcome.NOT_STATED


def _mode(request: MentoringRequest, person: Person) -> Outcome:
    if request.mode is Mode.UNSPECIFIED or not person.modes:
        return Outcome.NOT_STATED
    return _passed(request.mode in person.modes)


def _distance(request: MentoringRequest, person: Person) -> Outcome:
    if request.mode is Mode.REMOTE:
        return Outcome.PASSED
    if request.mode is Mode.UNSPECIFIED:
        return Outcome.NOT_STATED
    away, farthest = distance_between(request.city, person.city), farthest_km(request, person)
    if away is None:
        return Outcome.PASSED if farthest == inf else Outcome.NOT_STATED
    return _passed(away <= farthest)


def farthest_km(request: MentoringRequest, person: Person) -> float:
    """From how far away the person may come: as far as both sides let them. inf for anywhere."""
    return min(_reach_km(request, person), request.max_distance_km or inf)


def _reach_km(request: MentoringRequest, person: Person) -> float:
    if person.max_distance_km:
        return person.max_distance_km
    if person.travel is TravelRange.NATIONWIDE:
        return inf
    there, home = resolve(request.city), resolve(person.city)
    same_province = there is not None and home is not None and there.province == home.province
    return inf if person.travel is TravelRange.PROVINCE and same_province else 0.0


def _hours(request: MentoringRequest, person: Person) -> Outcome:
    if not request.hours_per_week or not person.hours_per_week:
        return Outcome.NOT_STATED
    return _passed(request.hours_per_week <= person.hours_per_week)


def _language(request: MentoringRequest, person: Person) -> Outcome:
    wanted = request.language or DEFAULT_LANGUAGE
    if not any(same_language(wanted, spoken) for spoken in person.languages or (DEFAULT_LANGUAGE,)):
        return Outcome.BROKEN
    return Outcome.PASSED if request.language and person.languages else Outcome.NOT_STATED


def folded(words: tuple[str, ...]) -> frozenset[str]:
    """Words as they are compared."""
    return frozenset(fold(word) for word in words)


def _passed(holds: bool) -> Outcome:
    return Outcome.PASSED if holds else Outcome.BROKEN
