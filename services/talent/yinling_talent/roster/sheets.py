"""The sheets of a roster file as rows of plain values, whatever the file is."""

import csv
import datetime as dt
import io
import itertools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import python_calamine as calamine

from yinling_common.identity_numbers import mask_identity_numbers
from yinling_talent.roster.container import check_workbook, is_workbook, unreadable

Value = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta

RESULT_SHEET = "导入结果"
NOTES_SHEET = "填写说明"
OWN_SHEETS = frozenset({RESULT_SHEET, NOTES_SHEET})
"""Sheets that we write ourselves and never read."""

_DELIMITERS = (",", "\t", ";", "，", "|")
_LONGEST_CELL = 8 * 1024 * 1024
_MOST_LINES = 500
"""More lines than this in one cell of a CSV file are an open quotation mark."""


def shown_titles(titles: Iterable[str]) -> list[str]:
    """Names of sheets as they may be told and kept: without identity card numbers, and still no two alike."""
    given = list(titles)
    used = set(given)
    found: list[str] = []
    for title in given:
        masked = mask_identity_numbers(title)
        if masked != title:
            masked = masked.replace("*", "_")  # a sheet's name may hold no star
            masked = next(name for name in _numbered(masked) if name not in used)
            used.add(masked)
        found.append(masked)
    return found


def _numbered(title: str) -> Iterator[str]:
    yield title
    for number in itertools.count(2):
        yield f"{title[:25]}({number})"


class Sheet:
    """One sheet. It can be gone through more than once."""

    def __init__(self, name: str, *, hidden: bool = False) -> None:
        self.name = name
        self.hidden = hidden

    def rows(self) -> Iterator[list[Value]]:
        """Gives every row from the first, empty ones too, each as long as it happens to be."""
        raise NotImplementedError


class _WorkbookSheet(Sheet):
    def __init__(self, sheet: calamine.CalamineSheet, name: str, *, hidden: bool) -> None:
        super().__init__(name, hidden=hidden)
        self._sheet = sheet
        self._left = sheet.start[1] if sheet.start else 0
        # A cell merged over several rows holds its value in the first one; it is meant for all of them.
        self._merged = {
            (row, column): first[0]
            for first, last in sheet.merged_cell_ranges or []
            if last[0] - first[0] < sheet.total_height
            for row in range(first[0] + 1, last[0] + 1)
            for column in (first[1],)
        }

    def rows(self) -> Iterator[list[Value]]:
        padding: list[Value] = [""] * self._left
        if not self._merged:
            for row in self._sheet.iter_rows():
                yield padding + row
            return
        above: dict[tuple[int, int], Value] = {}
        starts = {(first, column) for (_, column), first in self._merged.items()}
        by_row: dict[int, list[int]] = {}
        for row_number, column in self._merged:
            by_row.setdefault(row_number, []).append(column)
        for number, row in enumerate(self._sheet.iter_rows()):
            full = padding + row
            for column in by_row.get(number, ()):
                if column < len(full) and full[column] == "":
                    full[column] = above.get((self._merged[number, column], column), "")
            for column in range(len(full)):
                if (number, column) in starts:
                    above[number, column] = full[column]
            yield full


class _TextSheet(Sheet):
    def __init__(self, text: str, delimiter: str) -> None:
        super().__init__("")
        self._text = text
        self._delimiter = delimiter

    def rows(self) -> Iterator[list[Value]]:
        yield from _split(self._text, self._delimiter)


def open_sheets(path: Path, filename: str) -> list[Sheet]:
    """Opens a roster file.

    Raises:
        UnreadableFile: It is neither a workbook nor a text table, or cannot be read.
    """
    return _open_workbook(path) if is_workbook(path, filename) else [_open_text(path)]


def _open_workbook(path: Path) -> list[Sheet]:
    check_workbook(path)
    sheets: list[Sheet] = []
    try:
        workbook = calamine.CalamineWorkbook.from_path(path)
        found = [each for each in workbook.sheets_metadata if each.typ is calamine.SheetTypeEnum.WorkSheet]
        for metadata, name in zip(found, shown_titles(each.name for each in found), strict=True):
            if metadata.name.strip() not in OWN_SHEETS:
                hidden = metadata.visible is not calamine.SheetVisibleEnum.Visible
                sheets.append(_WorkbookSheet(workbook.get_sheet_by_name(metadata.name), name, hidden=hidden))
    except calamine.CalamineError as error:
        raise unreadable(
            "file.damaged",
            "工作簿已损坏或格式不完整，请用 Excel 或 WPS 重新保存为 .xlsx 后上传",
            "the workbook is damaged; open it in Excel or WPS, save it as .xlsx again and upload that",
        ) from error
    return sheets


def _open_text(path: Path) -> Sheet:
    text = _decode(path.read_bytes())
    lines = text[:200_000]
    # The right delimiter is the one that splits the first rows into the most cells.
    delimiter = max(_DELIMITERS, key=lambda each: _width(lines, each))
    return _TextSheet(text, delimiter)


def _width(text: str, delimiter: str) -> int:
    return max((sum(1 for cell in row if cell) for row in itertools.islice(_split(text, delimiter), 30)), default=0)


def _decode(data: bytes) -> str:
    encodings = ["utf-16"] if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "gb18030"]
    if b"\x00" in data[:4000]:
        encodings += ["utf-16-le", "utf-16-be"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        # Nearly all bytes are some UTF-16 text: without its mark, it must hold the header that every roster has.
        named = encoding not in {"utf-16-le", "utf-16-be"} or re.search("名|name", text[:4000], re.IGNORECASE)
        if named and "\x00" not in text:
            return text
    raise unreadable(
        "file.type",
        "这不是文本表格，或含有二进制内容，或编码无法识别。请另存为 .xlsx 后上传",
        "this is no text table, or it holds binary data, or its encoding is unknown; save it as .xlsx and upload that",
    )


def _split(text: str, delimiter: str) -> Iterator[list[Value]]:
    csv.field_size_limit(_LONGEST_CELL)
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1):
            if any(cell.count("\n") > _MOST_LINES for cell in row):
                raise unreadable(
                    "csv.quotes",
                    f"第 {number} 行起引号不成对，请检查引号，或另存为 .xlsx 后上传",
                    f"from row {number} on a quotation mark is never closed; mend it, or save the file as .xlsx",
                )
            yield list(row)
    except csv.Error as error:
        raise unreadable(
            "csv.malformed",
            "CSV 文件格式错误，请另存为 .xlsx 后上传",
            "the CSV file is malformed; save it as .xlsx and upload that",
        ) from error
