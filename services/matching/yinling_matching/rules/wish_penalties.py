"""What it costs to break a rule that the request made a wish: from 0 to 1, for everybody at once and for one pair.

Somebody who gives most of the hours, or lives a little too far away, breaks a wish less than somebody who gives few,
or lives at the other end of the country. Mode and language are broken or they are not.
"""

from collections.abc import Mapping
from datetime import date

import numpy as np
from numpy.typing import NDArray

from yinling_common.cities import resolve
from yinling_matching.domain import HardRule, MentoringRequest, Person
from yinling_matching.rules.columns import Floats, Mask, PeopleColumns
from yinling_matching.rules.distances import distance_between, kilometres_from
from yinling_matching.rules.pairs import Outcome, broken_wishes, farthest_km, first_day

HALF_KM = 200.0
"""Kilometres too far that cost half: a journey of two hours by train, twice that by road."""

HALF_DAYS = 30.0
"""Days that one must wait for a person that cost half."""

Rows = NDArray[np.int64]


def penalties(
    columns: PeopleColumns, request: MentoringRequest, today: date, broken: Mapping[HardRule, Mask]
) -> dict[HardRule, Floats]:
    """How badly each wish is broken, 0 to 1 by row; 0 where it is kept.

    Args:
        columns: The people.
        request: With its wishes.
        today: As for the assessment.
        broken: `broken_wishes` of the request's assessment.
    """
    found = {}
    for rule, mask in broken.items():
        rows = np.flatnonzero(mask)
        found[rule] = np.zeros(len(mask), np.float32)
        found[rule][rows] = _how_badly(rule, columns, rows, request, today)
    return found


def penalties_of(
    request: MentoringRequest, person: Person, today: date, outcomes: Mapping[HardRule, Outcome]
) -> dict[HardRule, float]:
    """The same for one pair: each broken wish and how badly. `outcomes` are what `judge` says of the pair."""
    return {rule: _how_badly_one(rule, request, person, today) for rule in broken_wishes(request, person, outcomes)}


def _how_badly(
    rule: HardRule, columns: PeopleColumns, rows: Rows, request: MentoringRequest, today: date
) -> NDArray[np.float64] | float:
    if rule is HardRule.HOURS:
        return 1.0 - columns.hours[rows] / request.hours_per_week
    if rule is HardRule.DISTANCE:
        there = resolve(request.city)
        if there is None:
            raise ValueError("nobody is too far from a city that is not known")
        farthest = np.minimum(columns.reach(there)[rows], request.max_distance_km or np.inf)
        return share(kilometres_from(there)[columns.city[rows]] - farthest, HALF_KM)
    if rule is HardRule.AVAILABILITY:
        day = first_day(request, today).toordinal()
        wait = np.maximum(columns.available_from[rows] - day, 0)
        # Who has left by then does not come back for it.
        return np.where(columns.available_to[rows] < day, 1.0, share(wait, HALF_DAYS))
    return 1.0


def _how_badly_one(rule: HardRule, request: MentoringRequest, person: Person, today: date) -> float:
    if rule is HardRule.HOURS:
        return 1.0 - person.hours_per_week / request.hours_per_week
    if rule is HardRule.DISTANCE:
        too_far = (distance_between(request.city, person.city) or 0.0) - farthest_km(request, person)
        return too_far / (too_far + HALF_KM)
    if rule is HardRule.AVAILABILITY:
        day = first_day(request, today)
        if (person.available_to or day) < day:
            return 1.0
        wait = ((person.available_from or day) - day).days
        return wait / (wait + HALF_DAYS)
    return 1.0


def share(value: NDArray[np.float64] | NDArray[np.int32], half: float) -> NDArray[np.float64]:
    """0 for nothing, a half for `half`, and towards 1 for much."""
    part: NDArray[np.float64] = value / (value + half)
    return part
