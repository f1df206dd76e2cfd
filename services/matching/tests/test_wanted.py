"""Open requests for one person: both directions count."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from yinling_common.types import Mode, PhysicalDemand, TitleLevel
from yinling_matching.domain import HardRule, MentoringRequest, Person
from yinling_matching.ranking.adjustments import Kind, sigmoid
from yinling_matching.ranking.wanted import Feasible, Offer, feasible, ranked
from yinling_matching.ranking.weights import Effective
from yinling_matching.rules.pairs import Outcome

TODAY = date(2026, 6, 1)
PERSON = Person("p", city="攀枝花", years=10, hours_per_week=8, limits=frozenset({PhysicalDemand.HEIGHTS}))
EVEN = Effective()


def one(number: str = "r", **fields: object) -> MentoringRequest:
    return MentoringRequest(organisation="o", title="t", id=number, **fields)  # type: ignore[arg-type] # whatever a test wants


def offer(request: MentoringRequest, logit: float = 0.0, **fields: object) -> Offer:
    (found,) = feasible(PERSON, [request], TODAY)
    return Offer(found, logit, **{"weights": EVEN, **fields})  # type: ignore[arg-type] # whatever a test wants


def test_hard_rules_come_first() -> None:
    fine, wished = one("1"), one("2", hours_per_week=16, wishes=frozenset({HardRule.HOURS}))
    others = [
        one("3", hours_per_week=16),
        one("4", physical_demands=frozenset({PhysicalDemand.HEIGHTS})),
        one("5", blocked_profile_ids=frozenset({"p"})),
        one("6", city="哈尔滨", mode=Mode.ON_SITE),
    ]
    found = feasible(PERSON, [fine, wished, *others], TODAY)
    assert [one.request for one in found] == [fine, wished]
    assert found[1].outcomes[HardRule.HOURS] is Outcome.BROKEN
    assert feasible(PERSON, [fine], TODAY, taken=1) == []


def test_the_best_come_first_and_equals_by_id() -> None:
    offers = [offer(one("b"), 0.5), offer(one("a"), 0.5), offer(one("c"), 2.0), offer(one("d"), -1.0)]
    found = ranked(PERSON, offers, today=TODAY, limit=3)
    assert [each.offer.feasible.request.id for each in found] == ["c", "a", "b"]
    assert found[0].score == pytest.approx(1 / (1 + 2.718281828**-2))
    assert found[0].effects == []
    assert ranked(PERSON, [], today=TODAY, limit=3) == []


def test_what_the_request_asks_counts_as_the_other_way_round() -> None:
    request = one(
        min_years=20, hours_per_week=16, wishes=frozenset({HardRule.HOURS}), min_title_level=TitleLevel.SENIOR
    )
    (found,) = ranked(PERSON, [offer(request)], today=TODAY, limit=1)
    shift = -1.0 - 0.3 - 1.5 * 0.5
    assert found.score == pytest.approx(sigmoid_of(shift))
    assert [(each.kind, each.rule, each.not_stated) for each in found.effects] == [
        (Kind.YEARS, None, False),
        (Kind.TITLE_LEVEL, None, True),
        (Kind.BROKEN_WISH, HardRule.HOURS, False),
    ]
    assert sum(each.effect for each in found.effects) == pytest.approx(found.score - 0.5)


def test_wishes_of_the_person_count_double() -> None:
    liked, disliked = offer(one("l"), wanted=0.9), offer(one("d"), avoided=0.9)
    found = ranked(PERSON, [disliked, offer(one("n")), liked], today=TODAY, limit=3)
    assert [each.offer.feasible.request.id for each in found] == ["l", "n", "d"]
    assert found[0].score == pytest.approx(sigmoid_of(0.8))
    assert found[2].score == pytest.approx(sigmoid_of(-2.4))
    off = ranked(PERSON, [replace(disliked, weights=replace(EVEN, wishes=0.0))], today=TODAY, limit=1)
    assert (off[0].score, off[0].effects) == (0.5, [])


def test_the_same_request_scores_the_same_whatever_else_is_open() -> None:
    several = [offer(one(str(number)), number / 10, wanted=0.4) for number in range(5)]
    alone = [ranked(PERSON, [each], today=TODAY, limit=1)[0] for each in several]
    assert sorted(ranked(PERSON, several, today=TODAY, limit=9), key=str) == sorted(alone, key=str)
    assert all(isinstance(each.offer.feasible, Feasible) for each in alone)


def sigmoid_of(shift: float) -> float:
    return float(sigmoid(np.array([shift]))[0])
