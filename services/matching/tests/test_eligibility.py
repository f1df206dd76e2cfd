"""Each hard rule keeps out whom it should and nobody else; for everybody at once as for one pair."""

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yinling_common.types import Mode, PhysicalDemand, TravelRange
from yinling_matching.domain import HardRule, MentoringRequest, Person
from yinling_matching.eligibility import Columns, Exclusion
from yinling_matching.rules import Outcome, judge, shown_to_enterprise

TODAY = date(2026, 6, 1)
PERSON = Person(id="p1", organisation="矿务局", name="王工")
REQUEST = MentoringRequest(organisation="煤矿", title="通风")
ON_SITE = {"mode": Mode.ON_SITE, "city": "攀枝花"}

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


def test_an_enterprise_cannot_tell_who_states_limits() -> None:
    request = replace(REQUEST, physical_demands=frozenset({PhysicalDemand.STANDING}))
    limited = replace(PERSON, limits=frozenset({PhysicalDemand.UNDERGROUND}))
    shown = [shown_to_enterprise(judge(request, person, TODAY)) for person in (PERSON, limited)]
    assert shown[0] == shown[1]


cities = st.sampled_from(["", "攀枝花", "成都", "昆明", "北京", "没有这座城"])
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
    broken = {
        row: [rule for rule, outcome in judge(request, person, TODAY).items() if outcome is Outcome.BROKEN]
        for row, person in within.items()
    }
    assert assessment.people == len(within)
    assert set(assessment.eligible.nonzero()[0]) == {row for row, rules in broken.items() if not rules}
    kept_out = Counter(rule for rules in broken.values() for rule in rules)
    alone = Counter(rules[0] for rules in broken.values() if len(rules) == 1)
    assert {e.rule: (e.people, e.only_this_rule) for e in assessment.exclusions} == {
        rule: (count, alone[rule]) for rule, count in kept_out.items()
    }


def test_many_rows() -> None:
    people = [replace(PERSON, id=f"p{n}", paused=n % 2 == 0) for n in range(5000)]
    assessment = columns_of(*people).assess(REQUEST, TODAY)
    assert assessment.people == 5000
    assert assessment.eligible.sum() == 2500
