"""A simple limit of requests per account or address: a token bucket each, in this process alone."""

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

from yinling_common.errors import TooManyRequests

_KEYS_MAX = 10_000


class RateLimit:
    """Lets so many requests a minute through, and a burst at once."""

    def __init__(self, per_minute: int, burst: int, clock: Callable[[], float] = monotonic) -> None:
        self._per_second = per_minute / 60
        self._burst = float(burst)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> None:
        """Count a request. Raises TooManyRequests with the seconds to wait."""
        if not self._per_second:
            return
        now = self._clock()
        left, last = self._buckets.pop(key, (self._burst, now))
        left = min(self._burst, left + (now - last) * self._per_second)
        if len(self._buckets) >= _KEYS_MAX:
            self._buckets.popitem(last=False)
        if left < 1:
            self._buckets[key] = (left, now)
            raise TooManyRequests(retry_after=max(1.0, (1 - left) / self._per_second))
        self._buckets[key] = (left - 1, now)
