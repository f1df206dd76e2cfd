"""Time of repeated work."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Timing:
    """Medians in milliseconds.

    Attributes:
        own: CPU time of this thread, which other work on the machine changes least.
        clock: On the clock.
    """

    own: float
    clock: float


def timed(
    work: Callable[[int], object], rounds: int = 50, before_each: Callable[[int], object] = lambda _: None
) -> Timing:
    """Work that is told the number of its round; what comes before each round does not count."""
    clock, own = [], []
    for number in range(rounds):
        before_each(number)
        before = time.thread_time(), time.perf_counter()
        work(number)
        own.append(1e3 * (time.thread_time() - before[0]))
        clock.append(1e3 * (time.perf_counter() - before[1]))
    return Timing(median(own), median(clock))
