"""What the log says of a service's health: each change once, and as a warning only what does not pass by itself."""

import time
from collections.abc import Callable, Mapping

from yinling_common import logs

_STARTING = 300.0
"""Seconds: an index of many people is built in less."""


class HealthLog:
    """Writes changes down. Until a service was well once it is starting, which is nothing to warn of.

    Args:
        now: Seconds that only grow.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._started = now()
        self._starting = True
        self._before: set[str] | None = None

    def note(self, wrong: Mapping[str, str]) -> None:
        """Note what is wrong now, by part; nothing where all is well."""
        # Which parts, and not in which words: those may count the seconds.
        if set(wrong) != self._before:
            warn = bool(wrong) and not self._starting
            (logs.get().warning if warn else logs.get().info)("health.changed", wrong=dict(wrong))
            self._before = set(wrong)
        if not self._starting:
            return
        if wrong and self._now() - self._started > _STARTING:
            logs.get().warning("health.not_ready_yet", wrong=dict(wrong), seconds=round(_STARTING))
            self._starting = False
        self._starting &= bool(wrong)
