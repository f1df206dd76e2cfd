"""The hard rules for everybody at once: one bitmap a rule, from the columns in memory.

`rules` says the same for one pair, more plainly.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from yinling_common.cities import resolve
from yinling_common.text import fold
from yinling_common.types import Mode, PhysicalDemand
from yinling_matching.domain import HardRule, MentoringRequest
from yinling_matching.rules.columns import Key, Mask, PeopleColumns, bits
from yinling_matching.rules.distances import kilometres_from
from yinling_matching.rules.pairs import DEFAULT_LANGUAGE, WISHABLE, first_day, folded


@dataclass(frozen=True, slots=True)
class Exclusion:
    """How many people a rule keeps out: whatever else they break, and with no other rule broken."""

    rule: HardRule
    people: int
    only_this_rule: int


FEWEST_BODIES = 3
"""Of fewer people an enterprise is not told that their bodies keep them out: with people blocked or left out one by
one, a count of one would say who."""


def not_of_few(exclusion: Exclusion) -> Exclusion | None:
    """An exclusion as an enterprise may see it; None where it may not."""
    if exclusion.rule is not HardRule.PHYSICAL:
        return exclusion
    if exclusion.people < FEWEST_BODIES:
        return None
    alone = exclusion.only_this_rule
    return replace(exclusion, only_this_rule=alone if alone >= FEWEST_BODIES else 0)


@dataclass(frozen=True, slots=True)
class Assessment:
    """Who may be suggested for a request. All masks are by row, and hold people who were looked at.

    Attributes:
        eligible: Those who may be.
        people: How many were looked at.
        exclusions: Rules that keep out anyone.
        broken_wishes: Who breaks each rule that the request made a wish; eligible or not, so that whoever would come in
            if a rule were relaxed can be scored as they would be then. Only wishes that somebody breaks.
        only: Who is kept out by this rule alone. Only rules with somebody.
        reachable: Of these, whom a change of the request or a little patience would bring in: not who has paused or
            gives no places, whatever is asked, and nobody who is blocked.
        only_demand: Of those kept out by PHYSICAL alone, who would come in if this one demand were not asked, by the
            demand or, of the request's `other_demands`, by the word as the request has it. Only those with somebody.
    """

    eligible: Mask
    people: int
    exclusions: list[Exclusion]
    broken_wishes: Mapping[HardRule, Mask]
    only: Mapping[HardRule, Mask]
    reachable: Mapping[HardRule, Mask]
    only_demand: Mapping[PhysicalDemand | str, Mask]


class Columns(PeopleColumns):
    """What the rules say of the people in the columns."""

    def assess(
        self,
        request: MentoringRequest,
        today: date,
        organisations: Collection[str] = (),
        without: Collection[str] = (),
    ) -> Assessment:
        """Apply every rule to everyone, or to the people of some organisations; who is left out is not looked at."""
        within = self.alive.copy()
        if organisations:
            within &= self.organisations.table(lambda name: name in organisations)[self.organisation]
        within[[self.row_of[person_id] for person_id in without if person_id in self.row_of]] = False
        words = self._forbidden_words(request)
        excluding, wished = self._broken(request, today, within, words)
        count = np.zeros(len(within), np.uint8)
        for mask in excluding.values():
            count += mask
        once = count == 1
        alone = {rule: mask & once for rule, mask in excluding.items()}
        exclusions = [
            Exclusion(rule, people, int(np.count_nonzero(alone[rule])))
            for rule, mask in excluding.items()
            if (people := int(np.count_nonzero(mask)))
        ]
        only = _with_somebody(alone)
        physical = only.get(HardRule.PHYSICAL)
        return Assessment(
            eligible=within & (count == 0),
            people=int(np.count_nonzero(within)),
            exclusions=exclusions,
            broken_wishes=wished,
            only=only,
            reachable=self._reachable(only),
            only_demand={} if physical is None else self._only_demand(request, physical, words),
        )

    def _broken(
        self, request: MentoringRequest, today: date, within: Mask, words: Mapping[int, frozenset[str]]
    ) -> tuple[dict[HardRule, Mask], dict[HardRule, Mask]]:
        """Who breaks each rule: those that keep people out, and those that are wishes."""
        wishes = request.wishes & WISHABLE
        excluding: dict[HardRule, Mask] = {}
        wished: dict[HardRule, Mask] = {}
        for rule, mask in self._broken_by_anybody(request, today, words).items():
            broken = mask & within
            if rule not in wishes:
                excluding[rule] = broken
            elif rule is HardRule.AVAILABILITY:
                excluding[rule] = broken & self.paused
                wished[rule] = broken & ~self.paused
            else:
                wished[rule] = broken
        return excluding, _with_somebody(wished)

    def _broken_by_anybody(
        self, request: MentoringRequest, today: date, words: Mapping[int, frozenset[str]]
    ) -> dict[HardRule, Mask]:
        """Who breaks each rule, in empty rows too. Rules that nobody can break are left out."""
        day = first_day(request, today).toordinal()
        broken = {
            HardRule.AVAILABILITY: self.paused | (self.available_from > day) | (self.available_to < day),
            HardRule.CAPACITY: self.places <= 0,
            HardRule.LANGUAGE: ~self.speaks(request.language or DEFAULT_LANGUAGE),
        }
        if request.physical_demands or request.other_demands:
            forbidden = (self.limits & bits(request.physical_demands)) != 0
            forbidden[list(words)] = True
            broken[HardRule.PHYSICAL] = forbidden
        if request.mode is not Mode.UNSPECIFIED:
            broken[HardRule.MODE] = (self.modes & np.uint8(1 << request.mode)) == 0
        if (too_far := self._too_far(request)) is not None:
            broken[HardRule.DISTANCE] = too_far
        if request.hours_per_week:
            broken[HardRule.HOURS] = (self.hours != 0) & (self.hours < request.hours_per_week)
        if request.blocked_profile_ids:
            blocked = np.zeros(len(self.alive), np.bool_)
            blocked[[self.row_of[i] for i in request.blocked_profile_ids if i in self.row_of]] = True
            broken[HardRule.BLOCKED] = blocked
        return broken

    def _too_far(self, request: MentoringRequest) -> Mask | None:
        city = resolve(request.city)
        if request.mode is not Mode.ON_SITE or city is None:
            return None
        # Of a city that is not known nothing is greater.
        too_far: Mask = kilometres_from(city)[self.city] > np.minimum(
            self.reach(city), request.max_distance_km or np.inf
        )
        return too_far

    def _forbidden_words(self, request: MentoringRequest) -> dict[int, frozenset[str]]:
        """The demands in words, folded, that each person rules out; only rows that rule out any."""
        demands = folded(request.other_demands)
        if not demands:
            return {}
        return {row: shared for row, limits in self.other_limits.items() if (shared := limits & demands)}

    def _reachable(self, only: Mapping[HardRule, Mask]) -> dict[HardRule, Mask]:
        reachable: dict[HardRule, Mask] = {rule: mask for rule, mask in only.items() if rule is not HardRule.BLOCKED}
        if HardRule.AVAILABILITY in reachable:
            reachable[HardRule.AVAILABILITY] = reachable[HardRule.AVAILABILITY] & ~self.paused
        if HardRule.CAPACITY in reachable:
            reachable[HardRule.CAPACITY] = reachable[HardRule.CAPACITY] & (self.capacity > 0)
        return _with_somebody(reachable)

    def _only_demand(
        self, request: MentoringRequest, alone: Mask, words: Mapping[int, frozenset[str]]
    ) -> dict[PhysicalDemand | str, Mask]:
        in_the_way = self.limits & bits(request.physical_demands)
        no_word = alone.copy()
        no_word[list(words)] = False
        found: dict[PhysicalDemand | str, Mask] = {
            demand: no_word & (in_the_way == bits([demand])) for demand in sorted(request.physical_demands)
        }
        one_word = alone & (in_the_way == 0)
        rows_of: dict[frozenset[str], list[int]] = {}
        for row, shared in words.items():
            rows_of.setdefault(shared, []).append(row)
        # Of two spellings of a word the first stands for both: without it alone nothing would change.
        for folded_word, word in {fold(word): word for word in reversed(request.other_demands)}.items():
            if rows := rows_of.get(frozenset({folded_word})):
                found[word] = np.zeros(len(alone), np.bool_)
                found[word][rows] = one_word[rows]
        return _with_somebody(found)


def _with_somebody(masks: Mapping[Key, Mask]) -> dict[Key, Mask]:
    return {key: mask for key, mask in masks.items() if mask.any()}
