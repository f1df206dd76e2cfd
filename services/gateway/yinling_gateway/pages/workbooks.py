"""Workbooks that people download: sheets with a head, whose texts are never formulas."""

import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

Cell = str | int | float | None

_HEAD = PatternFill("solid", start_color="FFDDEBF7", end_color="FFDDEBF7")


def put_head(sheet: Worksheet, widths: dict[str, int]) -> None:
    """Begin a sheet with its columns and their widths; the head stays where the rows move."""
    put(sheet, list(widths))
    for number, (cell, width) in enumerate(zip(sheet[1], widths.values(), strict=True), start=1):
        cell.font, cell.fill = Font(bold=True), _HEAD
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A2"


def put(sheet: Worksheet, values: Sequence[Cell]) -> None:
    """Add a row. A text that begins with = stays a text: it comes from people, and is no formula."""
    sheet.append([ILLEGAL_CHARACTERS_RE.sub("", each) if isinstance(each, str) else each for each in values])
    for cell in sheet[sheet.max_row]:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        if isinstance(cell.value, str):
            cell.data_type = "s"


def content_of(workbook: Workbook) -> bytes:
    """The file."""
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()
