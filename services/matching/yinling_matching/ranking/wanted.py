"""Open requests for one person: the same rules and the same score as the other way round, and what they want.

Two things differ, as it is the person who chooses. Their wishes count double. And what enterprises said of them is left
out: it would be the same for every request, and is not for them to be measured by on their own page.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import isnan

import numpy as np
from numpy.typing import NDArray

from yinling_matching.catalogue.traits import TraitsOf, title_level_of, years_of
from yinling_matching.domain import HardRule, MentoringRequest, Person
from yinling_matching.ranking.adjustments import Effect, Shift, WishCosines, effects_of, shifts_of, sigmoid, total
from yinling_matching.ranking.weights import Effective
from yinling_matching.rules.pairs import Outcome, judge, keeping_out
from yinling_matching.rules.wish_penalties import penalties_of

Floats = NDArray[np.floating]

OWN_CHOICE = 2.0
"""How much more the person's wishes count on their own page."""


@dataclass(frozen=True, slots=True)
class Feasible:
    """A request that no rule keeps the person out of, and what each rule says."""

    request: MentoringRequest
    outcomes: Mapping[HardRule, Outcome]


@dataclass(frozen=True, slots=True)
class Offer:
    """A feasible request, compared with the person.

    Attributes:
        logit: Of the evidence, as for SuggestMentors.
        weights: That hold for the request.
        wanted: The best cosine of what it is about and what the person wants; NaN where they say nothing.
        avoided: The same with what they would rather not do.
    """

    feasible: Feasible
    logit: float
    weights: Effective
    wanted: float = float("nan")
    avoided: float = float("nan")


@dataclass(frozen=True, slots=True)
class Wanted:
    """An offer with its score. `effects` holds only what moved it."""

    offer: Offer
    score: float
    effects: Sequence[Effect]


def feasible(person: Person, requests: Iterable[MentoringRequest], today: date, *, taken: int = 0) -> list[Feasible]:
    """The requests that no hard rule keeps a person out of; wishes of a request keep nobody out.

    Args:
        person: Who.
        requests: Which.
        today: The day it is.
        taken: Places of the person that are taken already.
    """
    judged = ((request, judge(request, person, today, taken)) for request in requests)
    return [Feasible(request, found) for request, found in judged if not keeping_out(request, person, found)]


def ranked(person: Person, offers: Sequence[Offer], *, today: date, limit: int) -> list[Wanted]:
    """The best offers for a person, best first; of equal scores the smaller id of the request first."""
    traits = TraitsOf(*(np.array([value]) for value in (*years_of(person), title_level_of(person))))
    shifts = [_shifts(person, offer, traits, today) for offer in offers]
    scores = sigmoid(
        np.array([offer.logit + float(total(found, 1)[0]) for offer, found in zip(offers, shifts, strict=True)])
    )
    order = sorted(range(len(offers)), key=lambda n: (-scores[n], offers[n].feasible.request.id))
    return [_wanted(offers[n], float(scores[n]), shifts[n]) for n in order[:limit]]


def _wanted(offer: Offer, score: float, shifts: list[Shift]) -> Wanted:
    return Wanted(offer, score, effects_of(np.array([offer.logit]), shifts, [0])[0])


def _shifts(person: Person, offer: Offer, traits: TraitsOf, today: date) -> list[Shift]:
    request = offer.feasible.request
    broken = penalties_of(request, person, today, offer.feasible.outcomes) if request.wishes else {}
    says_something = not (isnan(offer.wanted) and isnan(offer.avoided))
    return shifts_of(
        request,
        replace(offer.weights, wishes=OWN_CHOICE * offer.weights.wishes),
        traits,
        wishes=WishCosines(np.array([offer.wanted]), np.array([offer.avoided])) if says_something else None,
        broken={rule: np.array([severity]) for rule, severity in broken.items()},
    )
