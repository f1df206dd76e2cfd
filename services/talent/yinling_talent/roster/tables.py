"""Finds the list in a sheet: its header row below titles, its columns, and its rows without footers."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from yinling_common.identity_numbers import mask_identity_numbers
from yinling_talent.roster.cells import fold, is_nothing, text
from yinling_talent.roster.headers import IDENTITY, IGNORED, field_of
from yinling_talent.roster.sheets import Sheet, Value

_LOOK_AT = 40
"""The header row is among the first rows of a sheet."""

_FOOTER = re.compile(
    r"(合计|总计|小计|总人数|共计|共\d+人|填表人?|填报|制表|制单|审核|审批|负责人|经办人|联系人|填表日期|制表日期|单位盖章|盖章|"
    r"单位\(?公?章|备注[:：]|说明[:：]|注[:：]|注意|截至|截止|打印日期|日期[:：]|第\d+页|以下空白|total\b|subtotal\b)"
)
_EXAMPLE = re.compile(r"^[(（【\[]?\s*(示例|样例|范例|举例|填写示例|example)\s*[)）】\]：:，,]?")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its place from 0, its header (identity card numbers masked), and its field (None: not understood)."""

    index: int
    header: str
    field: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """One row with a person: its number as a spreadsheet shows it, and its cells."""

    number: int
    cells: list[Value]


class Table:
    """The list in one sheet."""

    def __init__(self, sheet: Sheet, header_row: int, columns: list[Column], first: int) -> None:
        self.sheet = sheet
        self.header_row = header_row
        """Number of the header row, from 1."""
        self.columns = columns
        self._first = first
        self._read = [column.index for column in columns if column.field not in {None, IGNORED, IDENTITY}]
        self._name = next((column.index for column in columns if column.field == "name"), 0)
        self._name_header = fold(next((column.header for column in columns if column.field == "name"), ""))

    @property
    def name(self) -> str:
        """Name of the sheet."""
        return self.sheet.name

    def rows(self) -> Iterator[Row]:
        """Gives the rows that hold a person: no empty rows, repeated headers, footers and examples."""
        for number, cells in enumerate(self.sheet.rows(), start=1):
            if number > self._first and self._holds_person(cells):
                yield Row(number, cells)

    def _holds_person(self, cells: list[Value]) -> bool:
        if not any(cells[index] != "" and not _empty(cells[index]) for index in self._read if index < len(cells)):
            return False
        name = text(cells[self._name]) if self._name < len(cells) else ""
        if fold(name) == self._name_header or _EXAMPLE.match(name):
            return False
        first = fold(text(next((cell for cell in cells if not _empty(cell)), "")))
        if _FOOTER.match(fold(name)):
            return False
        if _FOOTER.match(first) is None:
            return True
        filled = sum(1 for cell in cells if not _empty(cell))
        return _looks_like_name(name) or filled > max(6, len(cells) // 2)


def find_table(sheet: Sheet) -> Table | None:
    """Finds the header row of a sheet: the one among the first with a name and the most known headers."""
    top = list(itertools.islice(sheet.rows(), _LOOK_AT + 1))
    best, best_score = -1, 1
    for number, cells in enumerate(top[:_LOOK_AT]):
        fields = {field_of(text(cell)) for cell in cells if isinstance(cell, str)} - {None, IGNORED}
        if "name" in fields and len(fields) > best_score:
            best, best_score = number, len(fields)
    if best < 0:
        return None
    headers = [text(cell) for cell in top[best]]
    first = best + 1
    below = [text(cell) for cell in top[best + 1]] if best + 1 < len(top) else []
    if _is_second_header(headers, below):
        headers = [
            below[i] if i < len(below) and below[i] else (headers[i] if i < len(headers) else "")
            for i in range(max(len(headers), len(below)))
        ]
        first += 1
    columns = [Column(i, mask_identity_numbers(header), field_of(header)) for i, header in enumerate(headers) if header]
    return Table(sheet, best + 1, columns, first)


def _is_second_header(headers: list[str], below: list[str]) -> bool:
    """Whether the row below the header row splits some of its columns: "联系方式" over "手机" and "邮箱"."""
    new = [(i, cell) for i, cell in enumerate(below) if cell and (i >= len(headers) or fold(headers[i]) != fold(cell))]
    if not new or any(field_of(cell) is None for _, cell in new):
        return False
    return all(i >= len(headers) or field_of(headers[i]) != "name" for i, _ in new)


def _empty(cell: Value) -> bool:
    return cell == "" or (isinstance(cell, str) and is_nothing(cell.strip()))


def _looks_like_name(value: str) -> bool:
    return 2 <= len(value) <= 20 and not re.search(r"\d", value) and not is_nothing(value)
