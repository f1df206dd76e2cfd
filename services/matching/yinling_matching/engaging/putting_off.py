"""What fell due and could not be done: tried again later and later, so that it does not stand before the rest.

Kept in memory alone. After a restart, and by another replica, it is tried at once.
"""

from datetime import datetime, timedelta

_FIRST, _LONGEST = timedelta(minutes=1), timedelta(hours=1)
_FORGOTTEN = timedelta(days=1)
"""Who was not tried again by then is due no more."""


class PutOff:
    """Says what is not to be tried yet."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[datetime, timedelta]] = {}  # until when, and for how long that is

    def add(self, id_: str, now: datetime) -> None:
        """It could not be done."""
        _, waited = self._waiting.get(id_, (now, timedelta()))
        wait = min(2 * waited or _FIRST, _LONGEST)
        self._waiting[id_] = (now + wait, wait)

    def done(self, id_: str) -> None:
        """It could be done."""
        self._waiting.pop(id_, None)

    def at(self, now: datetime) -> set[str]:
        """What is not to be tried at a time."""
        self._waiting = {id_: one for id_, one in self._waiting.items() if one[0] > now - _FORGOTTEN}
        return {id_ for id_, (until, _) in self._waiting.items() if until > now}
