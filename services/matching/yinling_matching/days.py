"""What day it is for the people concerned."""

from datetime import date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))
"""Where a day begins and ends."""


def today() -> date:
    """The day in China."""
    return datetime.now(CHINA).date()
