"""What moves a score beside the evidence: years, title level, feedback, wishes, and broken wishes of the request.

Each kind gives a shift in log-odds, which is added to the logit of the evidence before it is made readable:

    score = sigmoid(SLOPE * (fit - MIDDLE) + sum of the shifts)

so that a shift moves a middling match most and a hopeless or a certain one little, and no score leaves 0..1. The sizes
at weight 1 are the constants below; a weight multiplies them, and at weight 0 a kind is not there at all.

Years and title only ever count against who has less than a request asks for. More than asked changes nothing: whoever
worked longer is older, and age must not slip into a score through years.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from yinling_matching.catalogue.traits import TraitsOf
from yinling_matching.domain import HardRule, MentoringRequest
from yinling_matching.ranking.weights import Effective

Floats = NDArray[np.floating]
Shifts = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Kind(IntEnum):
    """What moved a score. The numbers are those of the contract."""

    YEARS = 1
    TITLE_LEVEL = 2
    FEEDBACK = 3
    WISHES = 4
    BROKEN_WISH = 5


NO_YEARS = -2.0
"""Of somebody without any of the years asked for; in proportion to the share that is missing."""

LEVEL_SHORT = -0.8
"""For each level of title below the one asked for."""

NOT_STATED = -0.3
"""Where years or title are asked for and the profile does not say."""

RATING_POINT, MOST_FEEDBACK = 0.5, 0.75
"""For each point of rating above or below the mean of all, after shrinking; and the most that it does either way."""

WANTED, AVOIDED = 0.4, -1.2
"""Of a request about just what the person would like to do, and about just what they would not."""

WANTED_FROM, WANTED_FULL = 0.33, 0.42
AVOIDED_FROM, AVOIDED_FULL = 0.31, 0.36
"""Cosines of the request and the wish between which a wish begins to count and counts fully, for the default model. Of
pairs that have nothing to do with each other one in 700 reaches the first among those that the bounds were chosen on,
and one in 250 among those written afterwards; `python -m bench.quality.wishes` counts."""

BROKEN = -1.5
"""For a rule that the request made a wish, broken as far as can be."""


@dataclass(frozen=True, slots=True)
class WishCosines:
    """How near a request is to what people say they want and do not want.

    Attributes:
        wanted: The best cosine of what the request is about and a wish of the person, shape (people,); NaN where they
            state none.
        avoided: The same with what they would rather not do.
    """

    wanted: Floats
    avoided: Floats


@dataclass(frozen=True, slots=True)
class Shift:
    """One thing that moves the scores of some people.

    Attributes:
        kind: What it is.
        values: Log-odds, shape (people,); 0 where it does nothing.
        rule: Of a broken wish.
        not_stated: Who is lower only because the profile does not say, shape (people,). None where that cannot be.
    """

    kind: Kind
    values: Shifts
    rule: HardRule | None = None
    not_stated: Mask | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What moved a score, and by how much.

    Attributes:
        rule: Of a broken wish.
        not_stated: Whether it is so only because the profile does not say.
    """

    kind: Kind
    effect: float
    rule: HardRule | None = None
    not_stated: bool = False


def shifts_of(
    request: MentoringRequest,
    weights: Effective,
    traits: TraitsOf,
    *,
    feedback: Floats | None = None,
    wishes: WishCosines | None = None,
    broken: Mapping[HardRule, Floats] | None = None,
) -> list[Shift]:
    """Everything that moves the scores of some people for one request, in the order of the contract.

    What the request does not ask for, and what has the weight 0, is not in the list.

    Args:
        request: What is asked.
        weights: How much each kind counts.
        traits: Of the people.
        feedback: Points of rating above or below the mean of all, shrunk, shape (people,); 0 where nobody rated them.
        wishes: Cosines with what they wish for. Without them wishes do nothing.
        broken: How badly each wish of the request is broken, 0 to 1, shape (people,).
    """
    found: list[Shift] = []
    if request.min_years and weights.years:
        found.append(_years(request.min_years, weights.years, traits))
    if request.min_title_level and weights.title_level:
        found.append(_title(request.min_title_level, weights.title_level, traits))
    if feedback is not None and weights.feedback:
        found.append(Shift(Kind.FEEDBACK, weights.feedback * _feedback(feedback)))
    if wishes is not None and weights.wishes:
        found.append(Shift(Kind.WISHES, weights.wishes * wished(wishes)))
    if broken and weights.broken_wishes:
        for rule in sorted(broken):
            severity = np.clip(broken[rule].astype(np.float64), 0.0, 1.0)
            found.append(Shift(Kind.BROKEN_WISH, weights.broken_wishes * BROKEN * severity, rule))
    return found


def total(shifts: Sequence[Shift], people: int) -> Shifts:
    """The sum of all shifts, shape (people,): what is added to the logit of the evidence."""
    summed = np.zeros(people)
    for shift in shifts:
        summed += shift.values
    return summed


def effects(logits: Floats, shifts: Sequence[Shift]) -> list[Shifts]:
    """By how much each shift moved the shown score, shape (people,) each, in the order of the shifts.

    All together the shifts move a score from sigmoid(logit) to sigmoid(logit + sum). That way is shared out in
    proportion to the shifts. So the score without any of them plus the effects is the score exactly; an effect has the
    sign of its shift; equal shifts have equal effects; and none depends on an order in which they are looked at, as it
    would if they were taken one after the other.

    Args:
        logits: Of the evidence alone, shape (people,).
        shifts: As `shifts_of` gives them.
    """
    base = logits.astype(np.float64)
    summed = total(shifts, len(base))
    before = sigmoid(base)
    small = np.abs(summed) < 1e-6
    # Effect per unit of shift: the mean slope of the way, or the slope where it begins if there is hardly a way.
    slope = np.where(small, before * (1.0 - before), (sigmoid(base + summed) - before) / np.where(small, 1.0, summed))
    return [slope * shift.values for shift in shifts]


def effects_of(logits: Floats, shifts: Sequence[Shift], people: Sequence[int]) -> list[list[Effect]]:
    """The effects on the scores of some people, as positions in `logits`; those that moved nothing are left out."""
    moved = effects(logits, shifts)
    return [
        [
            Effect(
                shift.kind,
                float(effect[person]),
                shift.rule,
                shift.not_stated is not None and bool(shift.not_stated[person]),
            )
            for shift, effect in zip(shifts, moved, strict=True)
            if effect[person]
        ]
        for person in people
    ]


def sigmoid(logits: Floats) -> Shifts:
    """Log-odds as a number from 0 to 1."""
    values: Shifts = 1.0 / (1.0 + np.exp(-np.clip(logits.astype(np.float64), -500.0, 500.0)))
    return values


def years_short(asked: int | Shifts, traits: TraitsOf) -> tuple[Shifts, Mask]:
    """What years do at weight 1, and who does not say; of people and one request, or of a person and many requests.

    Args:
        asked: Years, not 0.
        traits: Of the people.
    """
    have = traits.years.astype(np.float64)
    # Who lists fewer years of experience than are asked for may have more: that is not stated, and not short.
    not_stated = (have < asked) & (traits.at_least | (have == 0))
    missing = np.clip(1.0 - have / asked, 0.0, 1.0)
    return np.where(not_stated, NOT_STATED, NO_YEARS * missing), not_stated


def level_short(asked: int | Shifts, traits: TraitsOf) -> tuple[Shifts, Mask]:
    """The same of the level of title."""
    have = traits.title_level.astype(np.float64)
    not_stated = have == 0
    short = np.clip(asked - have, 0.0, None)
    return np.where(not_stated, NOT_STATED, LEVEL_SHORT * short), not_stated


def wished(cosines: WishCosines) -> Shifts:
    """What wishes do at weight 1."""
    wanted = _ramp(cosines.wanted, WANTED_FROM, WANTED_FULL)
    avoided = _ramp(cosines.avoided, AVOIDED_FROM, AVOIDED_FULL)
    return WANTED * wanted + AVOIDED * avoided


def _years(asked: int, weight: float, traits: TraitsOf) -> Shift:
    values, not_stated = years_short(asked, traits)
    return Shift(Kind.YEARS, weight * values, not_stated=not_stated)


def _title(asked: int, weight: float, traits: TraitsOf) -> Shift:
    values, not_stated = level_short(asked, traits)
    return Shift(Kind.TITLE_LEVEL, weight * values, not_stated=not_stated)


def _feedback(deviation: Floats) -> Shifts:
    return np.clip(RATING_POINT * np.nan_to_num(deviation.astype(np.float64)), -MOST_FEEDBACK, MOST_FEEDBACK)


def _ramp(cosines: Floats, first: float, full: float) -> Shifts:
    """0 up to `first`, 1 from `full` on, straight between; 0 for NaN."""
    risen: Shifts = np.clip((cosines.astype(np.float64) - first) / (full - first), 0.0, 1.0)
    return np.nan_to_num(risen)
