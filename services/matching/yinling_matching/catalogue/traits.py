"""Years of experience and level of title of everybody, in memory: what a score reads beside the evidence."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yinling_common.titles import level_named_in
from yinling_common.types import TitleLevel
from yinling_matching.catalogue.growing import grow_all
from yinling_matching.domain import ExperienceItem, Person

Mask = NDArray[np.bool_]
Rows = NDArray[np.int64]

_FIRST_SIZE = 1024
_MOST_YEARS = 80


@dataclass(frozen=True, slots=True)
class TraitsOf:
    """Traits of some people.

    Attributes:
        years: Of experience; 0 where not known. Shape (people,), as all.
        at_least: Whether they may have more years than that: it is what their experience items cover.
        title_level: 0 where not known.
    """

    years: NDArray[np.int16]
    at_least: Mask
    title_level: NDArray[np.int8]


class Traits:
    """The traits of each person, a row a person. Rows are given by the caller, small and reused.

    It does not lock: many may read at once, but nobody while somebody writes.
    """

    def __init__(self) -> None:
        self._years = np.zeros(_FIRST_SIZE, np.int16)
        self._at_least = np.zeros(_FIRST_SIZE, np.bool_)
        self._title_level = np.zeros(_FIRST_SIZE, np.int8)

    def set(self, row: int, person: Person) -> None:
        """Fill a row, new or not."""
        grow_all(self, row + 1)
        self._years[row], self._at_least[row] = years_of(person)
        self._title_level[row] = title_level_of(person)

    def clear(self, row: int, person_id: str) -> None:
        """Take a person out."""
        del person_id  # one signature with `eligibility.Columns`
        self._years[row] = self._title_level[row] = 0
        self._at_least[row] = False

    def at(self, rows: Rows) -> TraitsOf:
        """The traits of the people in some rows."""
        return TraitsOf(self._years[rows], self._at_least[rows], self._title_level[rows])


def years_of(person: Person) -> tuple[int, bool]:
    """Years of experience as stated, or as the experience items cover them; and whether there may be more.

    Of two items at the same time the years count once, and an item without both years says nothing of how long it was.
    Few people list all that they ever did: what the items cover is the least that it can be. 0 where nothing is known.
    """
    if person.years:
        return person.years, False
    covered = _covered([item for item in person.experience if 0 < item.start_year <= item.end_year])
    return covered, covered > 0


def title_level_of(person: Person) -> TitleLevel:
    """Level of title as stated, or the highest that the certificates or the last position name."""
    if person.title_level is not TitleLevel.UNSPECIFIED:
        return person.title_level
    words = [credential.name for credential in person.credentials] + [person.last_position]
    named = [level for text in words if text and (level := level_named_in(text)) is not None]
    return max(named, default=TitleLevel.UNSPECIFIED)


def _covered(dated: Sequence[ExperienceItem]) -> int:
    """Length of the union. Something within one year counts as one."""
    total = reached = 0
    for start, end in sorted((item.start_year, max(item.end_year, item.start_year + 1)) for item in dated):
        total += max(0, end - max(start, reached))
        reached = max(reached, end)
    return min(total, _MOST_YEARS)
