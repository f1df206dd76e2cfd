"""Days and years as rosters write them: 1955-03, 1955.3, 1955年3月, 19550312, 55.03, or a spreadsheet's day number."""

import calendar
import datetime as dt
import re
import unicodedata

from yinling_talent.roster.cells import chinese_number, text
from yinling_talent.roster.sheets import Value

_EPOCH = dt.date(1899, 12, 30)
_LAST_SERIAL = 110_000  # in the year 2201
_PARTED = re.compile(r"(\d{4}|\d{2})\s*[-./年\\—–]\s*(\d{1,2})(?:\s*[-./月\\—–]\s*(\d{1,2}))?\s*[日号]?\s*月?")
_YEAR = re.compile(r"(\d{4})\s*年?")
_SOLID = re.compile(r"(\d{4})(\d{2})(\d{2})?")
_TAIL = re.compile(r"(?:\s+|t)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?z?$|(出?生|\(.*\))$")
_CHINESE_YEAR = re.compile(r"([零〇一二三四五六七八九]{4})年")
_CHINESE_MONTH = re.compile(r"([一二三四五六七八九十]{1,3})(?=[月日号])")


class Day:
    """A day of which the month or the day may not be known (0). `century` says whether the year had only two digits."""

    __slots__ = ("century_guessed", "day", "month", "year")

    def __init__(self, year: int, month: int = 0, day: int = 0, *, century_guessed: bool = False) -> None:
        self.year, self.month, self.day, self.century_guessed = year, month, day, century_guessed

    def first(self) -> dt.date:
        """The first day that is meant."""
        return dt.date(self.year, self.month or 1, self.day or 1)

    def last(self) -> dt.date:
        """The last day that is meant: "2026-03" → 31 March."""
        month = self.month or 12
        return dt.date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])


def parse(value: Value) -> Day | None:
    """Reads a day, a month or a year; None where the cell holds none that exists."""
    if isinstance(value, dt.date):  # a datetime too
        return Day(value.year, value.month, value.day)
    if isinstance(value, bool | dt.time | dt.timedelta):
        return None
    if isinstance(value, int | float):
        return _number(float(value))
    return _text(value)


def _number(value: float) -> Day | None:
    if not value.is_integer():
        # 1955.3 is the month 3; 1955.1 may have been 1955.10, the year is the same.
        month = re.fullmatch(r"(\d{4})\.(\d{1,2})", text(value))
        return _real(int(month[1]), int(month[2])) if month and 1800 <= int(month[1]) <= 2200 else _serial(value)
    if 1800 <= value <= 2200:
        return Day(int(value))
    if value >= 180_001:
        return _text(str(int(value)))
    return _serial(value)


def _serial(value: float) -> Day | None:
    if not 1 <= value <= _LAST_SERIAL:
        return None
    day = _EPOCH + dt.timedelta(days=int(value))
    return Day(day.year, day.month, day.day)


def _text(value: str) -> Day | None:
    folded = unicodedata.normalize("NFKC", value).casefold().strip()
    folded = _CHINESE_YEAR.sub(lambda m: f"{chinese_number(m[1])}年", folded)
    folded = _CHINESE_MONTH.sub(lambda m: str(chinese_number(m[1])), folded)
    folded = _TAIL.sub("", folded).strip().strip("约'\"`")
    if found := _YEAR.fullmatch(folded):
        return _real(int(found[1]))
    if found := _SOLID.fullmatch(folded):
        return _real(int(found[1]), int(found[2]), int(found[3] or 0), known=True)
    if found := _PARTED.fullmatch(folded):
        year, short = int(found[1]), len(found[1]) == 2
        # Two digits: whoever is on a roster of retired people was born in the last century.
        return _real(year + 1900 if short else year, int(found[2]), int(found[3] or 0), known=True, guessed=short)
    return None


def _real(year: int, month: int = 0, day: int = 0, *, known: bool = False, guessed: bool = False) -> Day | None:
    if not 1800 <= year <= 2200 or month > 12 or (known and not month):
        return None
    if day and day > calendar.monthrange(year, month)[1]:
        return None
    return Day(year, month, day, century_guessed=guessed)
