"""When mails and calls go out: not in a flood, not while it is quiet, and later and later where they fail."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from yinling_gateway.notices.domain import Preferences

_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)


def next_try(attempts: int, now: datetime) -> datetime:
    """When a delivery that failed is tried again: after a minute, and twice as long each time, up to six hours."""
    return now + min(_LONGEST_PAUSE, _FIRST_PAUSE * (1 << min(attempts - 1, 20)))


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for one address.

    Attributes:
        count: How many events.
        preferences: Of whose address it is.
        recent: When mails went there in the last hour, the first one first.
    """

    count: int
    preferences: Preferences
    recent: list[datetime]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done with it.

    Attributes:
        later: Not before then; None for now.
        together: All in one mail; otherwise the oldest alone.
    """

    later: datetime | None = None
    together: bool = False


def plan(waiting: Waiting, now: datetime, *, flood: int) -> Plan:
    """How what waits for an address goes out: never while it is quiet there, and as one mail where it is many.

    Args:
        waiting: What waits.
        now: The time.
        flood: More than this, at once or in an hour, become one mail.
    """
    quiet = waiting.preferences.quiet
    if quiet is not None and (end := quiet.until(now)) > now:
        return Plan(later=end)
    if len(waiting.recent) >= flood:
        # By the end of that hour it is one mail, however many have come.
        return Plan(later=waiting.recent[0] + timedelta(hours=1))
    return Plan(together=waiting.count > flood or waiting.preferences.digest_hour is not None)
