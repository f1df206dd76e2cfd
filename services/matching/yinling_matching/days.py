"""What day it is for the people concerned."""

from calendar import monthrange
from datetime import date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))
"""Where a day begins and ends."""


def today() -> date:
    """The day in China."""
    return datetime.now(CHINA).date()


def months_later(day: date, months: int) -> date | None:
    """The same day of a later month, or its last where it has fewer; None for no months, where nothing was asked."""
    if not months:
        return None
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def week_of(moment: datetime) -> date:
    """The Monday, in China, of the week that a moment lies in."""
    day = moment.astimezone(CHINA).date()
    return day - timedelta(days=day.weekday())


def begin_of(day: date) -> datetime:
    """When a day begins in China."""
    return datetime(day.year, day.month, day.day, tzinfo=CHINA)
