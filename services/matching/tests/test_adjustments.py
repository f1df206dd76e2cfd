"""What moves a score beside the evidence."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from yinling_common.types import TitleLevel
from yinling_matching.catalogue.traits import TraitsOf
from yinling_matching.domain import HardRule, MentoringRequest
from yinling_matching.ranking.adjustments import Kind, Shift, WishCosines, effects, shifts_of, sigmoid, total
from yinling_matching.ranking.weights import Effective

REQUEST = MentoringRequest("o", "t", min_years=20, min_title_level=TitleLevel.SENIOR)
EVEN = Effective()
OFF = Effective(years=0.0, title_level=0.0, feedback=0.0, wishes=0.0, broken_wishes=0.0)
NAN = float("nan")


def traits(years: list[int], levels: list[int] | None = None, at_least: list[bool] | None = None) -> TraitsOf:
    size = len(years)
    return TraitsOf(
        np.array(years, np.int16),
        np.array(at_least or [False] * size, np.bool_),
        np.array(levels or [4] * size, np.int8),
    )


def column(*values: float) -> NDArray[np.float32]:
    return np.array(values, np.float32)


def of(kind: Kind, found: list[Shift]) -> Shift:
    return next(shift for shift in found if shift.kind is kind)


def everything(request: MentoringRequest, weights: Effective) -> list[Shift]:
    return shifts_of(
        request,
        weights,
        traits([5, 30], [2, 5]),
        feedback=column(1, -1),
        wishes=WishCosines(column(0.9, NAN), column(NAN, 0.9)),
        broken={HardRule.HOURS: column(1, 0), HardRule.MODE: column(0, 1)},
    )


def test_years_short_cost_by_their_share() -> None:
    shift = of(Kind.YEARS, shifts_of(REQUEST, EVEN, traits([20, 10, 5, 0, 60])))
    assert shift.values == pytest.approx([0, -1.0, -1.5, -0.3, 0])
    assert shift.not_stated is not None
    assert shift.not_stated.tolist() == [False, False, False, True, False]


def test_years_that_may_be_more_are_not_called_short() -> None:
    shift = of(Kind.YEARS, shifts_of(REQUEST, EVEN, traits([10, 25], at_least=[True, True])))
    assert shift.values == pytest.approx([-0.3, 0])
    assert shift.not_stated is not None
    assert shift.not_stated.tolist() == [True, False]


def test_titles_cost_by_the_level() -> None:
    shift = of(Kind.TITLE_LEVEL, shifts_of(REQUEST, EVEN, traits([20] * 5, [5, 4, 3, 1, 0])))
    assert shift.values == pytest.approx([0, 0, -0.8, -2.4, -0.3])


def test_what_is_not_asked_does_nothing() -> None:
    assert shifts_of(MentoringRequest("o", "t"), EVEN, traits([0, 1], [0, 1])) == []


def test_more_than_asked_changes_nothing() -> None:
    """Age must not slip in through years."""
    enough = shifts_of(REQUEST, EVEN, traits(list(range(20, 61)), [4] * 41))
    assert not total(enough, 41).any()
    assert not total(shifts_of(REQUEST, EVEN, traits([20, 20], [4, 5])), 2).any()


def test_feedback_is_bounded() -> None:
    shift = of(Kind.FEEDBACK, shifts_of(REQUEST, EVEN, traits([20] * 5), feedback=column(0, 1, -1, 4, NAN)))
    assert shift.values == pytest.approx([0, 0.5, -0.5, 0.75, 0])


def test_wishes_count_both_ways_and_silence_not_at_all() -> None:
    wishes = WishCosines(column(0.95, NAN, 0.95, 0.1, NAN), column(NAN, 0.95, 0.95, 0.1, NAN))
    shift = of(Kind.WISHES, shifts_of(REQUEST, EVEN, traits([20] * 5), wishes=wishes))
    assert shift.values == pytest.approx([0.4, -1.2, -0.8, 0, 0])


def test_broken_wishes_cost_by_rule_and_severity() -> None:
    broken = {HardRule.HOURS: column(0.5, 0), HardRule.MODE: column(0, 1)}
    found = shifts_of(MentoringRequest("o", "t"), EVEN, traits([0, 0]), broken=broken)
    assert [(shift.rule, shift.values.tolist()) for shift in found] == [
        (HardRule.MODE, [0, -1.5]),
        (HardRule.HOURS, [-0.75, 0]),
    ]


def test_weights_scale_each_kind_and_zero_switches_it_off() -> None:
    usual = everything(REQUEST, EVEN)
    assert [shift.kind for shift in usual] == [1, 2, 3, 4, 5, 5]
    doubled = everything(REQUEST, Effective(years=2, title_level=2, feedback=2, wishes=2, broken_wishes=2))
    for one, two in zip(usual, doubled, strict=True):
        assert two.values == pytest.approx(2 * one.values)
    assert everything(REQUEST, OFF) == []
    for name, kind in [("years", 1), ("title_level", 2), ("feedback", 3), ("wishes", 4), ("broken_wishes", 5)]:
        left = everything(REQUEST, replace(EVEN, **{name: 0.0}))
        assert [shift.kind for shift in left] == [shift.kind for shift in usual if shift.kind != kind]


def test_what_counts_against_somebody_never_lifts_them() -> None:
    for shift in everything(REQUEST, EVEN):
        if shift.kind in {Kind.YEARS, Kind.TITLE_LEVEL, Kind.BROKEN_WISH}:
            assert (shift.values <= 0).all()


@given(st.integers(1, 60), st.lists(st.integers(1, 60), min_size=2), st.floats(0, 3))
def test_fewer_years_never_score_higher(asked: int, years: list[int], weight: float) -> None:
    request = replace(REQUEST, min_years=asked, min_title_level=TitleLevel.UNSPECIFIED)
    ordered = sorted(years)
    values = total(shifts_of(request, replace(EVEN, years=weight), traits(ordered)), len(ordered))
    assert (np.diff(values) >= 0).all()


@given(st.integers(1, 5), st.lists(st.integers(1, 5), min_size=2), st.floats(0, 3))
def test_a_lower_title_never_scores_higher(asked: int, levels: list[int], weight: float) -> None:
    request = replace(REQUEST, min_years=0, min_title_level=TitleLevel(asked))
    ordered = sorted(levels)
    found = shifts_of(request, replace(EVEN, title_level=weight), traits([20] * len(ordered), ordered))
    assert (np.diff(total(found, len(ordered))) >= 0).all()


@given(
    st.lists(st.floats(-12, 12), min_size=1, max_size=5),
    st.lists(st.sampled_from([-1.5, -0.3, -1e-7, 0.0, 1e-9, 0.4, 0.75]), max_size=6),
)
def test_effects_add_up_and_point_where_their_shift_does(logits: list[float], sizes: list[float]) -> None:
    base = np.array(logits)
    found = [Shift(Kind.FEEDBACK, np.full(len(base), size)) for size in sizes]
    moved = effects(base, found)
    scores = sigmoid(base + total(found, len(base)))
    assert sigmoid(base) + sum(moved, np.zeros(len(base))) == pytest.approx(scores, abs=1e-9)
    for size, effect in zip(sizes, moved, strict=True):
        assert (np.sign(effect) == np.sign(size)).all()


def test_effects_do_not_depend_on_an_order() -> None:
    base = np.array([0.3, -2.0])
    one, other = Shift(Kind.YEARS, np.array([-1.0, -1.0])), Shift(Kind.WISHES, np.array([0.4, -1.0]))
    forth, back = effects(base, [one, other]), effects(base, [other, one])
    assert forth[0] == pytest.approx(back[1])
    assert forth[0][1] == pytest.approx(forth[1][1])  # equal shifts, equal effects
