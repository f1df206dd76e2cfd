"""What a profile says of years and title level, and the columns that hold it."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinling_common.types import TitleLevel
from yinling_matching.catalogue.traits import Traits, title_level_of, years_of
from yinling_matching.domain import Credential, ExperienceItem, Person


def worked(*periods: tuple[int, int]) -> Person:
    return Person("p", experience=tuple(ExperienceItem("t", start_year=start, end_year=end) for start, end in periods))


@pytest.mark.parametrize(
    ("periods", "years"),
    [
        ([], 0),
        ([(1980, 1990)], 10),
        ([(1980, 1988), (1988, 2003), (2003, 2016)], 36),
        ([(1990, 2000), (1980, 1995)], 20),  # at the same time
        ([(1980, 1985), (1995, 2000)], 10),  # with a gap
        ([(1990, 1990)], 1),
        ([(1990, 1990), (1990, 1991)], 1),
        ([(1990, 2000), (0, 0)], 10),
        ([(1990, 0)], 0),
        ([(0, 1990)], 0),
        ([(2000, 1990)], 0),
        ([(1, 2026)], 80),
    ],
)
def test_years_that_experience_covers(periods: list[tuple[int, int]], years: int) -> None:
    assert years_of(worked(*periods)) == (years, years > 0)


def test_years_as_stated_come_first() -> None:
    assert years_of(replace(worked((1980, 1990)), years=3)) == (3, False)


@given(st.lists(st.tuples(st.integers(1950, 2020), st.integers(0, 40))))
def test_years_are_those_in_which_something_was_done(spans: list[tuple[int, int]]) -> None:
    periods = [(start, start + length) for start, length in spans]
    expected = {year for start, end in periods for year in range(start, max(end, start + 1))}
    assert years_of(worked(*periods))[0] == min(len(expected), 80)


def test_title_levels() -> None:
    stated = Person("p", title_level=TitleLevel.INTERMEDIATE, credentials=(Credential("正高级工程师"),))
    assert title_level_of(stated) is TitleLevel.INTERMEDIATE
    assert title_level_of(Person("p", credentials=(Credential("注册安全工程师"), Credential("高级工程师")))) == 4
    assert title_level_of(Person("p", last_position="轧钢首席技师")) is TitleLevel.CHIEF
    assert title_level_of(Person("p", last_position="Senior engineer, blast furnace")) is TitleLevel.SENIOR
    assert title_level_of(Person("p", last_position="总工程师")) is TitleLevel.UNSPECIFIED
    assert title_level_of(Person("p")) is TitleLevel.UNSPECIFIED


def test_columns_are_filled_grown_and_cleared() -> None:
    traits = Traits()
    person = Person("p", years=30, title_level=TitleLevel.SENIOR)
    traits.set(3, person)
    traits.set(5000, worked((1990, 2000), (0, 0)))
    found = traits.at(np.array([3, 5000, 4]))
    assert found.years.tolist() == [30, 10, 0]
    assert found.at_least.tolist() == [False, True, False]
    assert found.title_level.tolist() == [4, 0, 0]
    traits.set(3, replace(person, years=31, title_level=TitleLevel.UNSPECIFIED))
    assert (traits.at(np.array([3])).years[0], traits.at(np.array([3])).title_level[0]) == (31, 0)
    traits.clear(5000, "p")
    assert not traits.at(np.array([5000])).at_least[0]
    assert traits.at(np.array([5000])).years[0] == 0


def test_matching_does_not_know_age_or_gender() -> None:
    assert {"gender", "birth_year", "birth_date", "birthday", "age"}.isdisjoint(field.name for field in fields(Person))
