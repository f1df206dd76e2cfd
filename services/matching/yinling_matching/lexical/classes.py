"""What kinds of terms there are."""

from enum import IntEnum
from typing import NamedTuple


class TermClass(IntEnum):
    """How much a shared term says by its letters alone."""

    WORD = 0
    """An ordinary word, in Chinese or English."""

    NAME = 1
    """A certificate, title, method, system or company of the table of abbreviations; a Latin word within Chinese text;
    an English word that is written in capitals (SAP) or with one inside (SolidWorks)."""

    CODE = 2
    """Letters with digits: a standard, a model, a grade of steel, a rating (GB/T 19001, S7-1500, Q345R, 35kV)."""


class Term(NamedTuple):
    """One term of a text.

    Attributes:
        key: What is compared.
        kind: Its class where it stands. The same key may be a NAME here and a WORD there.
        start: Where it begins in the normalised text.
        end: Where it ends.
        weight: How much it counts in a query. A word within a word, or a word of an abbreviation's long form, counts
            less than 1, so that long words do not outweigh short ones.
    """

    key: str
    kind: TermClass
    start: int
    end: int
    weight: float = 1.0
