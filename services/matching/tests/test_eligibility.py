"""Each hard rule keeps out whom it should and nobody else; for everybody at once as for one pair."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yinling_common.text import fold
from yinling_common.types import Mode, PhysicalDemand, TravelRange
from yinling_matching.domain import HardRule, MentoringRequest, Person
from yinling_matching.rules.bitmaps import Columns, Exclusion
from yinling_matching.rules.columns import Mask
from yinling_matching.rules.distances import distance_between
from yinling_matching.rules.pairs import WISHABLE, Outcome, broken_wishes, judge, keeping_out, shown_to_enterprise
from yinling_matching.rules.request_columns import RequestColumns
from yinling_matching.rules.wish_penalties import penalties, penalties_of

TODAY = date(2026, 6, 1)
PERSON = Person(id="p1", organisation="矿务局", name="王工")
REQUEST = MentoringRequest(organisation="煤矿", title="通风")
ON_SITE = {"mode": Mode.ON_SITE, "city": "攀枝花"}  # 丽江 is 152 km away, 昆明 199, 成都 509
WITHIN_180 = ON_SITE | {"max_distance_km": 180}

P, R = dict[str, object], dict[str, object]
BROKEN = [
    (HardRule.AVAILABILITY, {"paused": True}, {}),
    (HardRule.AVAILABILITY, {"available_from": date(2026, 6, 2)}, {}),
    (HardRule.AVAILABILITY, {"available_to": date(2026, 5, 31)}, {}),
    (HardRule.AVAILABILITY, {"available_to": date(2026, 9, 1)}, {"start_date": date(2026, 9, 2)}),
    (HardRule.CAPACITY, {"capacity": 0}, {}),
    (HardRule.PHYSICAL, {"limits": {PhysicalDemand.UNDERGROUND}}, {"physical_demands": {PhysicalDemand.UNDERGROUND}}),
    (HardRule.PHYSICAL, {"other_limits": ("驾 车",)}, {"other_demands": ("驾车", "游泳")}),
    (HardRule.PHYSICAL, {"other_limits": ("ＨＥＡＴ",)}, {"other_demands": ("heat",)}),
    (HardRule.MODE, {"modes": {Mode.REMOTE}}, {"mode": Mode.ON_SITE}),
    (HardRule.MODE, {"modes": {Mode.ON_SITE}}, {"mode": Mode.REMOTE}),
    (HardRule.DISTANCE, {"city": "成都"}, ON_SITE),
    (HardRule.DISTANCE, {"city": "成都", "travel": TravelRange.CITY}, ON_SITE),
    (HardRule.DISTANCE, {"city": "昆明", "travel": TravelRange.PROVINCE}, ON_SITE),
    (HardRule.DISTANCE, {"city": "丽江", "travel": TravelRange.PROVINCE}, WITHIN_180),
    (HardRule.DISTANCE, {"city": "昆明", "travel": TravelRange.NATIONWIDE}, WITHIN_180),
    (HardRule.DISTANCE, {"city": "成都", "travel": TravelRange.PROVINCE}, WITHIN_180),
    (HardRule.DISTANCE, {"city": "丽江", "max_distance_km": 150}, ON_SITE),
    (HardRule.DISTANCE, {"city": "成都", "max_distance_km": 500, "travel": TravelRange.NATIONWIDE}, ON_SITE),
    (HardRule.DISTANCE, {"city": "成都", "max_distance_km": 600}, WITHIN_180),
    (HardRule.HOURS, {"hours_per_week": 8}, {"hours_per_week": 9}),
    (HardRule.LANGUAGE, {}, {"language": "en"}),
    (HardRule.LANGUAGE, {"languages": ("yue",)}, {}),
    (HardRule.LANGUAGE, {"languages": ("yue", "en")}, {"language": "zh-CN"}),
    (HardRule.BLOCKED, {}, {"blocked_profile_ids": {"p1"}}),
]
KEPT = [
    (HardRule.AVAILABILITY, Outcome.NOT_STATED, {}, {}),
    (HardRule.AVAILABILITY, Outcome.PASSED, {"available_from": TODAY, "available_to": TODAY}, {}),
    (HardRule.AVAILABILITY, Outcome.PASSED, {"available_from": date(2026, 7, 1)}, {"start_date": date(2026, 7, 1)}),
    # Work that should have begun begins today, not before.
    (HardRule.AVAILABILITY, Outcome.PASSED, {"available_from": TODAY}, {"start_date": date(2026, 1, 1)}),
    (HardRule.CAPACITY, Outcome.NOT_STATED, {}, {}),
    (HardRule.CAPACITY, Outcome.PASSED, {"capacity": 2}, {}),
    (HardRule.PHYSICAL, Outcome.NOT_STATED, {"limits": {PhysicalDemand.HEIGHTS}}, {}),
    (HardRule.PHYSICAL, Outcome.NOT_STATED, {}, {"physical_demands": {PhysicalDemand.HEIGHTS}}),
    (HardRule.PHYSICAL, Outcome.PASSED, {"limits": {PhysicalDemand.HEIGHTS}}, {"other_demands": ("驾车",)}),
    (HardRule.PHYSICAL, Outcome.PASSED, {"other_limits": ("驾车",)}, {"other_demands": ("游泳",)}),
    (HardRule.MODE, Outcome.NOT_STATED, {}, {"mode": Mode.ON_SITE}),
    (HardRule.MODE, Outcome.NOT_STATED, {"modes": {Mode.REMOTE}}, {}),
    (HardRule.MODE, Outcome.PASSED, {"modes": {Mode.REMOTE, Mode.ON_SITE}}, {"mode": Mode.ON_SITE}),
    (HardRule.DISTANCE, Outcome.PASSED, {"city": "攀枝花"}, ON_SITE),
    (HardRule.DISTANCE, Outcome.PASSED, {"city": "成都", "travel": TravelRange.PROVINCE}, ON_SITE),
    (HardRule.DISTANCE, Outcome.PASSED, {"city": "昆明", "travel": TravelRange.NATIONWIDE}, ON_SITE),
    (HardRule.DISTANCE, Outcome.PASSED, {"city": "昆明"}, {"mode": Mode.REMOTE, "city": "攀枝花"}),
    (HardRule.DISTANCE, Outcome.NOT_STATED, {"city": "昆明"}, {"city": "攀枝花"}),
    (HardRule.DISTANCE, Outcome.NOT_STATED, {"city": "昆明"}, {"mode": Mode.ON_SITE}),
    (HardRule.DISTANCE, Outcome.NOT_STATED, {}, ON_SITE),
    (HardRule.DISTANCE, Outcome.PASSED, {"city": "丽江", "max_distance_km": 160}, WITHIN_180),
    (HardRule.DISTANCE, Outcome.PASSED, {"city": "丽江", "max_distance_km": 160, "travel": TravelRange.CITY}, ON_SITE),
    (HardRule.DISTANCE, Outcome.PASSED, {"city": "攀枝花", "max_distance_km": 1}, ON_SITE),
    (HardRule.DISTANCE, Outcome.NOT_STATED, {"max_distance_km": 1, "travel": TravelRange.NATIONWIDE}, ON_SITE),
    (HardRule.DISTANCE, Outcome.PASSED, {"travel": TravelRange.NATIONWIDE}, ON_SITE),
    (HardRule.DISTANCE, Outcome.PASSED, {"city": "丽江", "travel": TravelRange.NATIONWIDE}, WITHIN_180),
    (HardRule.DISTANCE, Outcome.PASSED, {"city": "攀枝花"}, WITHIN_180),
    (HardRule.DISTANCE, Outcome.NOT_STATED, {"travel": TravelRange.NATIONWIDE}, WITHIN_180),
    (HardRule.DISTANCE, Outcome.NOT_STATED, {"city": "昆明"}, {"mode": Mode.ON_SITE, "max_distance_km": 180}),
    (HardRule.DISTANCE, Outcome.PASSED, {"city": "昆明"}, WITHIN_180 | {"mode": Mode.REMOTE}),
    (HardRule.DISTANCE, Outcome.NOT_STATED, {"city": "昆明"}, WITHIN_180 | {"mode": Mode.UNSPECIFIED}),
    (HardRule.HOURS, Outcome.PASSED, {"hours_per_week": 8}, {"hours_per_week": 8}),
    (HardRule.HOURS, Outcome.NOT_STATED, {"hours_per_week": 8}, {}),
    (HardRule.HOURS, Outcome.NOT_STATED, {}, {"hours_per_week": 8}),
    (HardRule.LANGUAGE, Outcome.NOT_STATED, {}, {}),
    (HardRule.LANGUAGE, Outcome.NOT_STATED, {}, {"language": "zh-CN"}),
    (HardRule.LANGUAGE, Outcome.PASSED, {"languages": ("zh", "en-GB")}, {"language": "en"}),
    (HardRule.BLOCKED, Outcome.PASSED, {}, {"blocked_profile_ids": {"p2"}}),
]


def columns_of(*people: Person) -> Columns:
    columns = Columns()
    for row, person in enumerate(people):
        columns.set(row, person)
    return columns


@pytest.mark.parametrize(("rule", "of_person", "of_request"), BROKEN)
def test_a_rule_keeps_out(rule: HardRule, of_person: P, of_request: R) -> None:
    person, request = replace(PERSON, **of_person), replace(REQUEST, **of_request)
    broken = [r for r, outcome in judge(request, person, TODAY).items() if outcome is Outcome.BROKEN]
    assert broken == [rule]
    assessment = columns_of(person).assess(request, TODAY)
    assert not assessment.eligible.any()
    assert assessment.exclusions == [Exclusion(rule, 1, 1)]
    assert {rule: mask.nonzero()[0].tolist() for rule, mask in assessment.only.items()} == {rule: [0]}


@pytest.mark.parametrize(("rule", "of_person", "of_request"), BROKEN)
def test_a_rule_that_is_a_wish_keeps_nobody_out(rule: HardRule, of_person: P, of_request: R) -> None:
    person = replace(PERSON, **of_person)
    request = replace(REQUEST, wishes=frozenset(HardRule), **of_request)
    never = rule not in WISHABLE or person.paused  # the body, the places, blocked pairs, and who wants no work now
    outcomes = judge(request, person, TODAY)
    assert outcomes[rule] is Outcome.BROKEN
    assert keeping_out(request, person, outcomes) == ({rule} if never else set())
    assert broken_wishes(request, person, outcomes) == (set() if never else {rule})
    assessment = columns_of(person).assess(request, TODAY)
    assert bool(assessment.eligible[0]) is not never
    assert set(assessment.broken_wishes) == (set() if never else {rule})


@pytest.mark.parametrize(("rule", "of_person", "of_request"), BROKEN)
def test_a_wish_forgives_no_other_rule(rule: HardRule, of_person: P, of_request: R) -> None:
    request = replace(REQUEST, wishes=WISHABLE - {rule}, **of_request)
    assert not columns_of(replace(PERSON, **of_person)).assess(request, TODAY).eligible.any()


@pytest.mark.parametrize(("rule", "outcome", "of_person", "of_request"), KEPT)
def test_a_rule_lets_in(rule: HardRule, outcome: Outcome, of_person: P, of_request: R) -> None:
    person, request = replace(PERSON, **of_person), replace(REQUEST, **of_request)
    assert judge(request, person, TODAY)[rule] is outcome
    assert columns_of(person).assess(request, TODAY).eligible[0]


def test_taken_places_count() -> None:
    person = replace(PERSON, capacity=2)
    columns = columns_of(person)
    columns.set(0, person, taken=2)
    assert columns.assess(REQUEST, TODAY).exclusions == [Exclusion(HardRule.CAPACITY, 1, 1)]
    assert judge(REQUEST, person, TODAY, taken=2)[HardRule.CAPACITY] is Outcome.BROKEN


def test_nobody_is_within_reach_whom_no_change_of_the_request_brings_in() -> None:
    request = replace(REQUEST, blocked_profile_ids=frozenset({"blocked"}))
    busy, closed = replace(PERSON, id="busy", capacity=2), replace(PERSON, id="closed", capacity=0)
    early, paused = (
        replace(PERSON, id="early", available_to=date(2026, 5, 1)),
        replace(PERSON, id="paused", paused=True),
    )
    people = [busy, closed, early, paused, replace(PERSON, id="blocked")]
    columns = columns_of(*people)
    columns.set(0, busy, taken=2)
    assessment = columns.assess(request, TODAY)
    assert {rule: mask.nonzero()[0].tolist() for rule, mask in assessment.only.items()} == {
        HardRule.CAPACITY: [0, 1],
        HardRule.AVAILABILITY: [2, 3],
        HardRule.BLOCKED: [4],
    }
    assert {rule: mask.nonzero()[0].tolist() for rule, mask in assessment.reachable.items()} == {
        HardRule.CAPACITY: [0],
        HardRule.AVAILABILITY: [2],
    }


def test_which_demand_alone_keeps_people_out() -> None:
    heights, underground = PhysicalDemand.HEIGHTS, PhysicalDemand.UNDERGROUND
    request = replace(
        REQUEST, physical_demands=frozenset({heights, underground}), other_demands=("驾 车", "驾车", "游泳")
    )
    people = [
        replace(PERSON, id="0", limits=frozenset({heights})),
        replace(PERSON, id="1", limits=frozenset({heights, underground})),
        replace(PERSON, id="2", limits=frozenset({heights, PhysicalDemand.STANDING}), other_limits=("登山",)),
        replace(PERSON, id="3", other_limits=("驾车", "登山")),
        replace(PERSON, id="4", other_limits=("驾车", "游泳")),
        replace(PERSON, id="5", other_limits=("游泳",), limits=frozenset({underground})),
        replace(PERSON, id="6", limits=frozenset({heights}), paused=True),
        PERSON,
    ]
    assessment = columns_of(*people).assess(request, TODAY)
    assert {demand: mask.nonzero()[0].tolist() for demand, mask in assessment.only_demand.items()} == {
        heights: [0, 2],
        "驾 车": [3],
    }
    assert assessment.only[HardRule.PHYSICAL].nonzero()[0].tolist() == [0, 1, 2, 3, 4, 5]


def test_distances() -> None:
    columns = columns_of(PERSON, replace(PERSON, id="p2", city="成都"), replace(PERSON, id="p3", city="攀枝花"))
    distances = columns.distances("攀枝花")
    assert np.isnan(distances[0])
    assert distances[1:3] == pytest.approx([509, 0], abs=1)
    assert np.isnan(columns.distances("")[:3]).all()
    assert distance_between("攀枝花", "成都") == pytest.approx(distances[1])
    assert distance_between("攀枝花", "没有这座城") is distance_between("", "成都") is None


@pytest.mark.parametrize(
    ("rule", "penalty", "of_person", "of_request"),
    [
        (HardRule.MODE, 1.0, {"modes": {Mode.REMOTE}}, {"mode": Mode.ON_SITE}),
        (HardRule.LANGUAGE, 1.0, {}, {"language": "en"}),
        (HardRule.HOURS, 0.25, {"hours_per_week": 6}, {"hours_per_week": 8}),
        (HardRule.HOURS, 0.75, {"hours_per_week": 2}, {"hours_per_week": 8}),
        (HardRule.AVAILABILITY, 0.5, {"available_from": date(2026, 7, 1)}, {}),
        (HardRule.AVAILABILITY, 0.25, {"available_from": date(2026, 6, 11)}, {}),
        (HardRule.AVAILABILITY, 1.0, {"available_to": date(2026, 5, 31)}, {}),
        (HardRule.DISTANCE, 509 / 709, {"city": "成都"}, ON_SITE),
        (HardRule.DISTANCE, 199 / 399, {"city": "昆明", "travel": TravelRange.PROVINCE}, ON_SITE),
        (HardRule.DISTANCE, 9 / 209, {"city": "成都", "max_distance_km": 500}, ON_SITE),
        (HardRule.DISTANCE, 329 / 529, {"city": "成都", "max_distance_km": 500}, WITHIN_180),
        (HardRule.DISTANCE, 409 / 609, {"city": "成都", "max_distance_km": 100}, WITHIN_180),
        # Who would travel: only what lies beyond the bound of the request.
        (HardRule.DISTANCE, 329 / 529, {"city": "成都", "travel": TravelRange.PROVINCE}, WITHIN_180),
        (HardRule.DISTANCE, 19 / 219, {"city": "昆明", "travel": TravelRange.NATIONWIDE}, WITHIN_180),
    ],
)
def test_how_badly_a_wish_is_broken(rule: HardRule, penalty: float, of_person: P, of_request: R) -> None:
    person = replace(PERSON, **of_person)
    request = replace(REQUEST, wishes=frozenset({rule}), **of_request)
    outcomes = judge(request, person, TODAY)
    assert penalties_of(request, person, TODAY, outcomes) == {rule: pytest.approx(penalty, abs=0.002)}
    columns = columns_of(person, replace(PERSON, id="p2"))
    found = penalties(columns, request, TODAY, columns.assess(request, TODAY).broken_wishes)
    assert found[rule][0] == pytest.approx(penalty, abs=0.002)


def test_an_enterprise_cannot_tell_who_states_limits() -> None:
    request = replace(REQUEST, physical_demands=frozenset({PhysicalDemand.STANDING}))
    limited = replace(PERSON, limits=frozenset({PhysicalDemand.UNDERGROUND}))
    shown = [shown_to_enterprise(judge(request, person, TODAY)) for person in (PERSON, limited)]
    assert shown[0] == shown[1]


cities = st.sampled_from(["", "攀枝花", "丽江", "成都", "昆明", "北京", "没有这座城"])
days = st.none() | st.dates(date(2026, 5, 25), date(2026, 6, 7))
demands = st.frozensets(st.sampled_from(PhysicalDemand), max_size=2)
words = st.lists(st.sampled_from(["驾车", "驾 车", "游泳", "ＨＥＡＴ", "heat"]), max_size=2).map(tuple)
hours = st.sampled_from([0, 4, 8, 16])
languages = st.sampled_from(["zh", "zh-CN", "en", "en-GB", "yue"])
organisations = st.sampled_from(["甲", "乙", "丙"])
people_strategy = st.builds(
    Person,
    id=st.sampled_from([f"p{n}" for n in range(12)]),
    organisation=organisations,
    city=cities,
    modes=st.frozensets(st.sampled_from([Mode.ON_SITE, Mode.REMOTE])),
    hours_per_week=hours,
    travel=st.sampled_from(TravelRange),
    max_distance_km=st.sampled_from([0, 0, 150, 500]),
    limits=demands,
    other_limits=words,
    languages=st.lists(languages, max_size=2, unique=True).map(tuple),
    capacity=st.sampled_from([None, 0, 1, 2]),
    available_from=days,
    available_to=days,
    paused=st.sampled_from([False, False, False, True]),
)
requests_strategy = st.builds(
    MentoringRequest,
    organisation=st.just("煤矿"),
    title=st.just("通风"),
    city=cities,
    mode=st.sampled_from(Mode),
    hours_per_week=hours,
    physical_demands=demands,
    other_demands=words,
    language=languages | st.just(""),
    start_date=days,
    blocked_profile_ids=st.frozensets(st.sampled_from([f"p{n}" for n in range(12)]), max_size=3),
    max_distance_km=st.sampled_from([0, 1, 100, 300, 2000]),
    wishes=st.frozensets(st.sampled_from(HardRule)),
)


@settings(deadline=None, max_examples=300)
@given(
    people=st.lists(people_strategy, max_size=12, unique_by=lambda person: person.id),
    changed=st.lists(people_strategy, max_size=6, unique_by=lambda person: person.id),
    removed=st.frozensets(st.integers(0, 11)),
    request=requests_strategy,
    asked=st.frozensets(organisations),
)
def test_all_at_once_as_one_by_one(
    people: list[Person],
    changed: list[Person],
    removed: frozenset[int],
    request: MentoringRequest,
    asked: frozenset[str],
) -> None:
    columns, rows = Columns(), {}
    for person in [*people, *changed]:
        rows[person.id] = (row, _) = (rows.get(person.id, (len(rows), None))[0], person)
        columns.set(row, person)
    for person_id, (row, _) in list(rows.items()):
        if row in removed:
            columns.clear(row, person_id)
            del rows[person_id]

    assessment = columns.assess(request, TODAY, asked)

    within = {row: person for row, person in rows.values() if not asked or person.organisation in asked}
    judged = {row: judge(request, person, TODAY) for row, person in within.items()}
    broken = {row: list(keeping_out(request, person, judged[row])) for row, person in within.items()}
    assert assessment.people == len(within)
    assert set(assessment.eligible.nonzero()[0]) == {row for row, rules in broken.items() if not rules}
    kept_out = Counter(rule for rules in broken.values() for rule in rules)
    alone = Counter(rules[0] for rules in broken.values() if len(rules) == 1)
    assert {e.rule: (e.people, e.only_this_rule) for e in assessment.exclusions} == {
        rule: (count, alone[rule]) for rule, count in kept_out.items()
    }
    only = {rule: {row for row, rules in broken.items() if rules == [rule]} for rule in alone}
    assert rows_of(assessment.only) == only
    costs = {row: penalties_of(request, person, TODAY, judged[row]) for row, person in within.items()}
    assert rows_of(assessment.broken_wishes) == gathered({row: set(cost) for row, cost in costs.items()})
    at_once = penalties(columns, request, TODAY, assessment.broken_wishes)
    for rule, values in at_once.items():
        one_by_one = [costs.get(row, {}).get(rule, 0.0) for row in range(len(values))]
        assert values.tolist() == pytest.approx(one_by_one)
        assert 0 <= values.min() <= values.max() <= 1
    assert rows_of(assessment.only_demand) == gathered(
        {row: demands_alone(request, within[row]) for row in only.get(HardRule.PHYSICAL, ())}
    )
    if request.city:
        distances = [distance_between(request.city, person.city) for person in within.values()]
        expected = [np.nan if distance is None else distance for distance in distances]
        assert columns.distances(request.city)[list(within)] == pytest.approx(expected, nan_ok=True)


def rows_of(masks: Mapping[Any, Mask]) -> dict[Any, set[int]]:
    return {key: set(mask.nonzero()[0].tolist()) for key, mask in masks.items()}


def gathered(keys_of: dict[int, set[Any]]) -> dict[Any, set[int]]:
    """Rows by key, from keys by row."""
    return {key: {row for row, keys in keys_of.items() if key in keys} for key in set().union(*keys_of.values())}


def demands_alone(request: MentoringRequest, person: Person) -> set[PhysicalDemand | str]:
    """The demands without which the person's body would allow the work: tried one by one."""
    first = {fold(word): word for word in reversed(request.other_demands)}
    tries: dict[PhysicalDemand | str, MentoringRequest] = {
        demand: replace(request, physical_demands=request.physical_demands - {demand})
        for demand in request.physical_demands
    }
    for folded, word in first.items():
        rest = tuple(other for other in request.other_demands if fold(other) != folded)
        tries[word] = replace(request, other_demands=rest)
    return {
        demand
        for demand, tried in tries.items()
        if judge(tried, person, TODAY)[HardRule.PHYSICAL] is not Outcome.BROKEN
    }


def test_many_rows() -> None:
    people = [replace(PERSON, id=f"p{n}", paused=n % 2 == 0) for n in range(5000)]
    assessment = columns_of(*people).assess(REQUEST, TODAY)
    assert assessment.people == 5000
    assert assessment.eligible.sum() == 2500


@settings(deadline=None, max_examples=300)
@given(
    person=people_strategy,
    requests=st.lists(requests_strategy, max_size=12),
    expire=st.lists(days, min_size=12, max_size=12),
    taken=st.sampled_from([0, 0, 0, 1]),
)
def test_many_requests_as_one_by_one(
    person: Person, requests: list[MentoringRequest], expire: list[date | None], taken: int
) -> None:
    requests = [replace(one, expire_date=day) for one, day in zip(requests, expire, strict=False)]

    suiting = RequestColumns(requests).suiting(person, TODAY, taken)

    judged = [judge(one, person, TODAY, taken) for one in requests]
    pairs = list(zip(requests, judged, strict=True))
    is_open = [not one.has_expired(TODAY) for one in requests]
    kept = [not keeping_out(one, person, outcomes) for one, outcomes in pairs]
    assert suiting.open.tolist() == is_open
    assert suiting.suits.tolist() == [a and b for a, b in zip(is_open, kept, strict=True)]
    assert suiting.rows == [row for row, suits in enumerate(suiting.suits) if suits]
    for row in suiting.rows:
        found = {rule: badly[row] for rule, badly in suiting.severity.items() if badly[row]}
        assert found == pytest.approx(penalties_of(requests[row], person, TODAY, judged[row]))
