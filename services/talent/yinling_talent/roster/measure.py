"""How much memory a workbook would take, seen from its XML as it streams by."""

import re
from collections import Counter

_R = rb"(?:[^<>]*?\s)?r\s*=\s*[\"']"
_CELL = re.compile(rb"<(?:\w+:)?c\s" + _R + rb"([A-Z]{1,3})(\d{1,7})[\"'](?:[^<>]*[^<>/])?>\s*<")
_BARE_ROW = re.compile(
    rb"<(?:\w+:)?row\s" + _R + rb"(\d{1,7})[\"'](?:[^<>]*[^<>/])?>\s*<(?:\w+:)?c(?=[\s>])(?![^<>]*\sr\s*=)[^<>]*>"
)
_SHARED = re.compile(rb"<(?:\w+:)?c\s[^<>]*?\bt\s*=\s*[\"']s[\"'][^<>]*>\s*<(?:\w+:)?v>\s*(\d{1,9})\s*<")
_END = re.compile(rb"</(?:\w+:)?si>")
_OVERLAP = 300
"""Bytes of an opening tag that may lie across two blocks."""
_BARE_COLUMNS = 64
"""Columns to expect where cells do not say where they stand."""


class SheetSize:
    """Follows the last used row and column of a sheet."""

    def __init__(self) -> None:
        self.rows = self.columns = 0
        self._rest = b""

    @property
    def area(self) -> int:
        """Cells of the rectangle from the corner."""
        return self.rows * self.columns

    def add(self, block: bytes) -> None:
        """Looks at the next block of the sheet's XML."""
        data = self._rest + block
        self._rest = data[-_OVERLAP:]
        found = _CELL.findall(data)
        if found:
            self.columns = max(self.columns, *(_number(letters) for letters in {letters for letters, _ in found}))
            self.rows = max(self.rows, *(int(row) for row in {row for _, row in found}))
        bare = _BARE_ROW.findall(data)
        if bare:
            self.columns = max(self.columns, _BARE_COLUMNS)
            self.rows = max(self.rows, *map(int, bare))


class TextSize:
    """Adds up the texts of all cells: each shared text as often as cells use it."""

    def __init__(self) -> None:
        self._uses: Counter[int] = Counter()
        self._lengths: list[int] = []
        self._offset = self._last_end = 0
        self._rest = b""

    @property
    def total(self) -> int:
        """Bytes, with what marks them up."""
        known = len(self._lengths)
        return sum(self._lengths[index] * uses for index, uses in self._uses.items() if index < known)

    def add_sheet(self, block: bytes) -> None:
        """Looks at the next block of a sheet's XML."""
        data = self._rest + block
        last = 0
        for found in _SHARED.finditer(data):
            self._uses[int(found[1])] += 1
            last = found.end()
        self._rest = data[max(last, len(data) - _OVERLAP, 0) :]

    def add_strings(self, block: bytes) -> None:
        """Looks at the next block of the shared texts."""
        data = self._rest + block
        base = self._offset - len(self._rest)
        self._offset += len(block)
        for found in _END.finditer(data):
            self._lengths.append(base + found.end() - self._last_end)
            self._last_end = base + found.end()
        self._rest = data[max(self._last_end - base, len(data) - 20, 0) :]

    def end_of_part(self) -> None:
        """Forgets what the next part does not go on with."""
        self._rest = b""
        self._offset = self._last_end = 0


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
