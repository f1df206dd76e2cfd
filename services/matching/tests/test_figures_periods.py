"""Periods at the ends of the calendar."""

from datetime import date, timedelta

import pytest

from yinling_matching.days import CHINA
from yinling_matching.figures.domain import period_of

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("first", "last"), [(None, date.min), (None, date.max), (date.max, date.max), (date.min, date.min)]
)
def test_the_first_and_the_last_day_there_are_make_a_period(first: date | None, last: date | None) -> None:
    period = period_of(first, last, TODAY)
    assert period.start <= period.end
    assert period.start.astimezone(CHINA).date() == period.first


def test_a_period_ends_with_its_last_day_in_china() -> None:
    period = period_of(None, TODAY, TODAY)
    assert period.end - period.start == timedelta(days=91)
