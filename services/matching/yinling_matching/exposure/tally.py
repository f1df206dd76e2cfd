"""Exposures and ratings of everybody, in memory, in the form in which a ranking needs them.

People have numbers here: what is known of them lies in arrays, and a ranking takes what it needs of thousands of them
at once. Everything may be called from any thread; nothing blocks for longer than it takes to look something up.
"""

from collections.abc import Iterable
from datetime import date
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from yinling_matching.catalogue.growing import grow_all
from yinling_matching.exposure.repository import Feedback, Showing

Floats = NDArray[np.float32]
Counts = NDArray[np.int32]
Numbers = NDArray[np.int32]

PRIOR_RATINGS = 5.0
"""How many ratings of the mean of all everybody is taken to have beside their own. With two ratings of 5 where the mean
is 4 a person stands at 4.29, with twenty at 4.8: a few voices move little, many are believed."""

_FIRST_SIZE = 1024


def shrunk(mean: float, count: NDArray[np.floating], total: NDArray[np.floating]) -> NDArray[np.floating]:
    """Mean ratings of some people, shrunk towards the mean of all.

    Args:
        mean: Of all ratings.
        count: Ratings of each person.
        total: Their sum.
    """
    return (PRIOR_RATINGS * mean + total) / (PRIOR_RATINGS + count)


_DIGITS = 6
"""Decimal places of a difference of ratings that say something."""


class People:
    """Gives people numbers, from 0 on. They stay the same for as long as the process lives."""

    def __init__(self) -> None:
        self._number: dict[str, int] = {}
        self._next = 0
        self._lock = Lock()

    def number(self, profile_id: str) -> int:
        """The number of a person, known or not."""
        known = self._number.get(profile_id)
        if known is not None:
            return known
        with self._lock:
            if profile_id not in self._number:
                self._number[profile_id] = self._next
                self._next += 1
            return self._number[profile_id]

    def numbers(self, profile_ids: Iterable[str]) -> Numbers:
        """The numbers of some people, in their order."""
        return np.array([self.number(one) for one in profile_ids], dtype=np.int32)

    def forget(self, profile_id: str) -> None:
        """No longer know a person. Their number is not given again."""
        with self._lock:
            self._number.pop(profile_id, None)


class Tally:
    """Counts.

    Args:
        people: The numbers.
        since: The first day that counts.
        shown_before: Who was shown before it.
    """

    def __init__(self, people: People, since: date, shown_before: Iterable[str] = ()) -> None:
        self._people = people
        self._since = since
        self._lock = Lock()
        self._day: dict[str, dict[int, date]] = {}  # by request, by person: when first shown
        self._requests_of: dict[date, set[str]] = {}  # with somebody first shown on that day
        self._shown = np.zeros(_FIRST_SIZE, np.int32)
        self._before = np.zeros(_FIRST_SIZE, np.bool_)
        self._rating: dict[tuple[str, int], float] = {}
        self._count = np.zeros(_FIRST_SIZE, np.float64)
        self._total = np.zeros(_FIRST_SIZE, np.float64)
        numbers = people.numbers(shown_before)
        grow_all(self, _size(numbers))
        self._before[numbers] = True

    def show(self, showings: Iterable[Showing]) -> None:
        """Take showings in; of the same pair the earliest day holds."""
        with self._lock:
            for one in showings:
                self._show(one.request_id, self._people.number(one.profile_id), one.day)

    def rate(self, feedback: Iterable[Feedback]) -> None:
        """Take ratings in; of the same pair the last one given holds."""
        with self._lock:
            for one in feedback:
                number = self._people.number(one.profile_id)
                grow_all(self, number + 1)
                old = self._rating.get((one.request_id, number))
                self._rating[one.request_id, number] = one.rating
                self._count[number] += old is None
                self._total[number] += one.rating - (old or 0)

    def move(self, since: date) -> None:
        """The first day that counts is another one now."""
        with self._lock:
            self._since = since
            for day in sorted(day for day in self._requests_of if day < since):
                for request_id in self._requests_of.pop(day):
                    of_request = self._day.get(request_id, {})
                    for number in [number for number, shown in of_request.items() if shown == day]:
                        del of_request[number]
                        self._shown[number] -= 1
                        self._before[number] = True
                    if not of_request:
                        self._day.pop(request_id, None)

    def shown_elsewhere(self, request_id: str, numbers: Numbers) -> Counts:
        """For how many other requests each person was shown in the days that count."""
        with self._lock:
            grow_all(self, _size(numbers))
            shown = self._shown[numbers]
            own = self._day.get(request_id)
            if own:
                shown -= np.isin(numbers, np.fromiter(own, np.int32, len(own)))
            return shown

    def turns(self, request_id: str, numbers: Numbers) -> Counts:
        """Whose turn it is among people who fit equally well: the smaller the sooner.

        Whoever was shown for fewer other requests comes first, and where these are as many, who was never shown before.
        """
        shown = self.shown_elsewhere(request_id, numbers)
        return 2 * shown + self._before[numbers]

    def feedback(self, numbers: Numbers) -> Floats:
        """By how much each person's mean rating, shrunk, lies above the mean of all; 0 where there is none."""
        with self._lock:
            grow_all(self, _size(numbers))
            ratings = len(self._rating)
            if not ratings:
                return np.zeros(len(numbers), np.float32)
            mean = float(self._total.sum()) / ratings
            count, total = self._count[numbers], self._total[numbers]
        # What is no difference but for the noise of floats is none, and is not told as one.
        return (np.round(shrunk(mean, count, total) - mean, _DIGITS) + 0.0).astype(np.float32)

    def _show(self, request_id: str, number: int, day: date) -> None:
        grow_all(self, number + 1)
        of_request = self._day.setdefault(request_id, {})
        known = of_request.get(number)
        if known is None or day < known:
            self._shown[number] += (day >= self._since) - (known is not None)
            if day >= self._since:
                of_request[number] = day
                self._requests_of.setdefault(day, set()).add(request_id)
            else:
                of_request.pop(number, None)
                self._before[number] = True
        if not of_request:
            del self._day[request_id]


def _size(numbers: Numbers) -> int:
    return int(numbers.max(initial=-1)) + 1
