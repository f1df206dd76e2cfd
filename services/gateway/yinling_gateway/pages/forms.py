"""What a reader typed into a form: kept as it was, turned into values, with an error beside each field."""

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Protocol

from starlette.datastructures import FormData
from yinling.common.v1 import types_pb2 as types

Translate = Callable[[str], str]


class Speaks(Protocol):
    """Something that translates."""

    def gettext(self, message: str) -> str:
        """Translate a message."""


class Form:
    """One form with what was typed and what is wrong with it.

    Attributes:
        errors: Message by field name; the name "" holds what belongs to no single field.
        rows: Repeated rows as typed, without the empty ones, plus the empty ones to be filled.
        status: HTTP status with which it is shown; another than 200 where it was refused.
        newest: Address that shows what is kept now, where somebody else changed it; "" for none.
    """

    def __init__(self, values: Mapping[str, Iterable[str]] | None = None) -> None:
        self._values = {name: list(given) for name, given in (values or {}).items()}
        self.errors: dict[str, str] = {}
        self.rows: list[dict[str, str]] = []
        self.status = 200
        self.newest = ""

    @classmethod
    def posted(cls, data: FormData) -> "Form":
        """Take what a browser sent. Files are left out."""
        values: dict[str, list[str]] = {}
        for name, value in data.multi_items():
            if isinstance(value, str):
                # A form may name an encoding that gives halves of surrogate pairs, which nothing here can hold.
                whole = value.encode("utf-8", "replace").decode()
                values.setdefault(name, []).append(whole.replace("\r\n", "\n"))
        return cls(values)

    def get(self, name: str) -> str:
        """Give what was typed into a field, or an empty text."""
        values = self._values.get(name)
        return values[0] if values else ""

    def all(self, name: str) -> list[str]:
        """Give everything that was chosen or typed under a name."""
        return self._values.get(name, [])

    def set(self, name: str, *values: str) -> None:
        """Fill a field."""
        self._values[name] = list(values)

    def fail(self, name: str, message: str) -> None:
        """Put an error beside a field; the first one stays."""
        self.errors.setdefault(name, message)

    def overtaken(self, speaks: Speaks, etag: str, newest: str) -> None:
        """Say that somebody else changed it; what was typed stays, and the next save is meant to win.

        Args:
            speaks: The reader's language.
            etag: Of what is kept now.
            newest: Address that shows it.
        """
        self.fail(
            "", speaks.gettext("Somebody changed this in the meantime. Below is your version; save again to keep it.")
        )
        self.set("etag", etag)
        self.newest = newest

    def text(self, name: str) -> str:
        """Read a text without the spaces around it."""
        return self.get(name).strip()

    def integer(self, name: str, speaks: Speaks) -> int:
        """Read a whole number; an empty field is 0. Full-width digits are digits."""
        typed = self.text(name)
        if not typed:
            return 0
        try:
            number = int(typed)
        except ValueError:
            self.fail(name, speaks.gettext("Please write a whole number in digits, for example 8."))
            return 0
        # The contract's numbers have 32 bits; anything near that is refused by its rule with the bounds named.
        return max(-(2**31), min(2**31 - 1, number))

    def number(self, name: str, speaks: Speaks) -> float | None:
        """Read a number with or without a fraction; None for an empty field."""
        typed = self.text(name).replace("．", ".").replace("，", ".").replace(",", ".")
        if not typed:
            return None
        try:
            number = float(typed)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            self.fail(name, speaks.gettext("Please write a number in digits, for example 1.5."))
            return None
        return number

    def choice(self, name: str) -> int:
        """Read the value of a list or of radio buttons; anything else than a number counts as not stated."""
        typed = self.text(name)
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 0

    def choices(self, name: str) -> list[int]:
        """Read the values of the boxes that are ticked."""
        return sorted(
            {int(typed) for typed in self.all(name) if typed.isascii() and typed.isdigit() and len(typed) < 9}
        )

    def day(self, name: str, speaks: Speaks) -> types.Date | None:
        """Read a date as a browser sends it, or as people type it: 2026-11-30, 2026/11/30, 2026年11月30日."""
        typed = self.text(name)
        if not typed:
            return None
        plain = typed.replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").replace(".", "-")
        try:
            year, month, day = (int(part) for part in plain.split("-"))
            found = date(year, month, day)
        except ValueError:
            self.fail(name, speaks.gettext("Please write the day as year-month-day, for example 2026-11-30."))
            return None
        return types.Date(year=found.year, month=found.month, day=found.day)

    def words(self, name: str) -> list[str]:
        """Read short phrases separated by 、 comma, semicolon or a new line; repeated ones once."""
        typed = self.get(name)
        for separator in "、,，;；":
            typed = typed.replace(separator, "\n")
        return list(dict.fromkeys(word.strip() for word in typed.split("\n") if word.strip()))


def day_value(day: types.Date) -> str:
    """Write a date as a date field wants it."""
    return f"{day.year:04}-{day.month:02}-{day.day:02}"
