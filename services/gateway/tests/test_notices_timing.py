"""When mails and calls go out, at the very edges: no clock, no database."""

from datetime import datetime, time, timedelta

import pytest

from yinling_gateway.notices.domain import CHINA, Preferences, QuietHours
from yinling_gateway.notices.timing import Plan, Waiting, next_try, plan

FLOOD = 5


def at(hour: int, minute: int = 0, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=CHINA)


def test_it_is_quiet_from_the_first_moment_and_no_longer_at_the_last() -> None:
    noon, night = QuietHours(time(12), time(14)), QuietHours(time(22), time(7))
    assert noon.until(at(12)) == noon.until(at(13, 59)) == at(14)
    assert noon.until(at(14)) == at(14)
    assert night.until(at(22)) == night.until(at(0, day=24)) == at(7, day=24)
    assert night.until(at(7)) == at(7)


def test_a_digest_goes_out_at_its_hour_and_not_while_it_is_quiet() -> None:
    daily = Preferences(digest_hour=18)
    assert daily.due(at(17, 59)) == at(18)
    assert daily.due(at(18)) == daily.due(at(18, 1)) == at(18, day=24)
    late = Preferences(digest_hour=23, quiet=QuietHours(time(22), time(7)))
    assert late.due(at(9)) == at(7, day=24)


@pytest.mark.parametrize(("waiting", "together"), [(1, False), (FLOOD, False), (FLOOD + 1, True)])
def test_more_than_so_many_are_one_mail(waiting: int, together: bool) -> None:
    assert plan(Waiting(waiting, Preferences(), []), at(9), flood=FLOOD) == Plan(together=together)


def test_after_so_many_in_an_hour_the_next_waits_for_its_end() -> None:
    sent = [at(9, minute) for minute in range(FLOOD)]
    assert plan(Waiting(1, Preferences(), sent[1:]), at(9, 30), flood=FLOOD) == Plan()
    assert plan(Waiting(1, Preferences(), sent), at(9, 30), flood=FLOOD) == Plan(later=at(10))


def test_what_is_due_while_it_is_quiet_waits_however_it_came_to_be_due() -> None:
    """A mail that failed is due again at any time of the night."""
    night = Preferences(quiet=QuietHours(time(22), time(7)))
    assert plan(Waiting(1, night, []), at(23), flood=FLOOD) == Plan(later=at(7, day=24))
    assert plan(Waiting(1, night, []), at(7), flood=FLOOD) == Plan()


def test_what_is_told_once_a_day_is_one_mail() -> None:
    assert plan(Waiting(2, Preferences(digest_hour=18), []), at(18), flood=FLOOD) == Plan(together=True)


def test_each_try_waits_twice_as_long_as_the_one_before_up_to_six_hours() -> None:
    waits = [next_try(attempts, at(9)) - at(9) for attempts in (1, 2, 3, 9, 10, 1000)]
    minutes = (1, 2, 4, 256, 360, 360)
    assert waits == [timedelta(minutes=one) for one in minutes]
