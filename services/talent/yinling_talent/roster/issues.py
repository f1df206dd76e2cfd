"""What is said about a roster: one issue for each thing wrong with a cell, a row, a column or a sheet."""

import enum
from dataclasses import dataclass

from yinling_common.identity_numbers import is_identity_number, mask_identity_numbers

SHOWN = 60
"""Most characters of a value that an issue repeats."""


class Severity(enum.IntEnum):
    """How bad it is; the numbers are those of the contract."""

    WARNING = 1
    ERROR = 2


@dataclass(frozen=True, slots=True)
class Issue:
    """Something wrong in a roster.

    Attributes:
        severity: ERROR where the row is not taken.
        sheet: Name of the sheet; empty for CSV.
        row: Row as a spreadsheet numbers it, from 1; 0 where the whole sheet is meant.
        column: Header as the file has it; empty where the whole row is meant.
        value: What was found, shortened and masked.
        rule: Machine-readable, for example "city.unknown".
        reason: What is wrong, in Chinese.
        advice: What to do, in Chinese.
        message_en: Both in English.
        position: Column of the cell, from 1; 0 where the whole row is meant or it is not known.
    """

    severity: Severity
    sheet: str
    row: int
    column: str
    value: str
    rule: str
    reason: str
    advice: str
    message_en: str
    position: int = 0

    @property
    def is_error(self) -> bool:
        """Whether the row could not be taken."""
        return self.severity is Severity.ERROR


def shown(value: str) -> str:
    """A value as an issue may repeat it: short, and without identity card numbers."""
    flat = " ".join(value[: SHOWN * 20].split())
    if is_identity_number(flat):
        return flat[:2] + "*" * (len(flat) - 2)
    masked = mask_identity_numbers(flat)
    return masked if len(masked) <= SHOWN else masked[: SHOWN - 1] + "…"
