"""The copy of a roster that goes back to its office: problem cells coloured, with comments, and a sheet of results.

What else is in the workbook stays, but for identity card numbers, which are taken out. Mended, the copy can be
imported: the sheet of results and the comments are not read.
"""

import io
import itertools
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from yinling_common.identity_numbers import mask_identity_numbers
from yinling_talent.roster.cells import redacted, text
from yinling_talent.roster.headers import IDENTITY, field_of
from yinling_talent.roster.issues import Issue, Severity
from yinling_talent.roster.sheets import RESULT_SHEET, Value, open_sheets, shown_titles

AUTHOR = "银龄"
MAX_CELLS = 1_200_000
"""A larger workbook comes back with its headers and the problem rows alone."""
MAX_LISTED = 20_000
"""Most issues on the sheet of results."""

_FILLS = {
    Severity.ERROR: PatternFill("solid", start_color="FFFFC7CE", end_color="FFFFC7CE"),
    Severity.WARNING: PatternFill("solid", start_color="FFFFEB9C", end_color="FFFFEB9C"),
}
_COLOURS = {str(fill.start_color.rgb) for fill in _FILLS.values()}
_NO_FILL = PatternFill()
_SEVERITY = {Severity.ERROR: "错误（未导入）", Severity.WARNING: "提醒"}
_RESULT_HEADERS = ("工作表", "行", "列", "原值", "程度", "原因", "怎么改", "English", "规则")
_RESULT_WIDTHS = (14, 7, 16, 28, 14, 36, 44, 50, 24)
_FORMULA = re.compile(r"^[=+\-@\t]")
_LEADING_ROWS = 40


def annotate(path: Path, filename: str, issues: Iterable[Issue]) -> bytes:
    """Makes the annotated copy, an .xlsx workbook whatever the roster was.

    Args:
        path: The roster as it was uploaded.
        filename: The name under which it was uploaded.
        issues: What is wrong with it.

    Raises:
        UnreadableFile: The roster cannot be read.
    """
    listed = list(issues)
    workbook = _open(path) or _rebuild(path, filename, listed)
    by_sheet: dict[str, list[Issue]] = defaultdict(list)
    for issue in listed:
        by_sheet[issue.sheet].append(issue)
    _remove_result(workbook)
    titles = shown_titles(worksheet.title for worksheet in workbook.worksheets)
    for worksheet, title in zip(workbook.worksheets, titles, strict=True):
        if worksheet.title != title:
            worksheet.title = title
        _clean(worksheet)
        _mark(worksheet, by_sheet.get(worksheet.title, by_sheet.get("", []) if worksheet.title == _ONLY else []))
    _add_result(workbook, listed)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


_ONLY = "花名册"
"""Name of the sheet that a CSV file becomes."""


def _open(path: Path) -> Workbook | None:
    """The workbook with everything in it; None where it has to be built anew."""
    if not zipfile.is_zipfile(path):
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(part.file_size for part in archive.infolist() if part.filename.startswith("xl/worksheets/"))
        # About forty bytes of XML a cell; openpyxl needs far more than that in memory.
        return None if size > MAX_CELLS * 40 else load_workbook(path)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError):
        return None  # what the reader could read, openpyxl need not: values are kept, the look is not


def _rebuild(path: Path, filename: str, issues: list[Issue]) -> Workbook:
    """A workbook with the values of a roster alone; of a very large one, the headers and the problem rows."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    problems: dict[str, set[int]] = defaultdict(set)
    for issue in issues:
        problems[issue.sheet].add(issue.row)
    for sheet in open_sheets(path, filename):
        worksheet = workbook.create_sheet(sheet.name or _ONLY)
        size = 0
        for row_number, row in enumerate(sheet.rows(), start=1):
            size += len(row)
            if size > MAX_CELLS and row_number > _LEADING_ROWS and row_number not in problems[sheet.name]:
                continue
            for column, value in enumerate(row, start=1):
                if value != "":
                    _put(worksheet, row_number, column, value)
    return workbook


def _put(worksheet: Worksheet, row: int, column: int, value: Value) -> Cell:
    """Writes a value as a value, never as a formula."""
    cell = worksheet.cell(row, column)
    assert isinstance(cell, Cell)  # noqa: S101 - the sheet is ours: nothing is merged
    if isinstance(value, str):
        _set(cell, value)
    else:
        cell.value = value
    return cell


def _set(cell: Cell, value: str) -> None:
    kept = ILLEGAL_CHARACTERS_RE.sub("", value)[:32_000]
    cell.value = kept
    if _FORMULA.match(kept):
        cell.data_type, cell.quotePrefix = "s", True


def _remove_result(workbook: Workbook) -> None:
    if RESULT_SHEET in workbook.sheetnames:
        workbook.remove(workbook[RESULT_SHEET])


def _clean(worksheet: Worksheet) -> None:
    """Takes away the marks of an earlier copy, and identity card numbers."""
    identity: set[int] = set()
    for row in worksheet.iter_rows():
        for cell in row:
            if not isinstance(cell, Cell):
                continue
            if cell.has_style and str(cell.fill.start_color.rgb) in _COLOURS:
                cell.fill = _NO_FILL
            if cell.comment:
                cell.comment = _clean_comment(cell.comment)
            value = cell.value
            if value is None or isinstance(value, bool):
                continue
            if isinstance(value, str) and cell.row <= _LEADING_ROWS and field_of(value) == IDENTITY:
                identity.add(cell.column)
            elif cell.column in identity:
                cell.value = None
            elif isinstance(value, str | int | float):
                written = text(value)
                kept = redacted(written)
                if kept != written:
                    cell.value = None
                    if kept:
                        _set(cell, kept)  # a formula with a hole in it would be none any more


def _clean_comment(comment: Comment) -> Comment | None:
    if comment.author == AUTHOR:
        return None
    comment.text = mask_identity_numbers(comment.text or "")
    comment.author = mask_identity_numbers(comment.author or "")
    return comment


def _mark(worksheet: Worksheet, issues: list[Issue]) -> None:
    columns = _columns(worksheet) if any(not issue.position for issue in issues) else {}
    marks: dict[tuple[int, int], list[Issue]] = defaultdict(list)
    for issue in issues:
        if issue.row > 0:
            marks[issue.row, issue.position or columns.get(issue.column, 1)].append(issue)
    for (row, column), found in marks.items():
        cell = worksheet.cell(row, column)
        if isinstance(cell, MergedCell):
            continue
        cell.fill = _FILLS[max(issue.severity for issue in found)]
        said = "\n".join(f"{issue.reason}。{issue.advice}。" for issue in found)
        if cell.comment and cell.comment.author != AUTHOR:
            said = f"{cell.comment.text}\n——\n{said}"
        comment = Comment(said[:2000], AUTHOR)
        comment.width, comment.height = 320, 60 + 18 * (len(said) // 20 + said.count("\n"))
        cell.comment = comment


def _columns(worksheet: Worksheet) -> dict[str, int]:
    """Headers and their columns, for issues that name a column only."""
    found: dict[str, int] = {}
    for row in itertools.islice(worksheet.iter_rows(values_only=True), _LEADING_ROWS):
        for column, value in enumerate(row, start=1):
            if isinstance(value, str) and field_of(value):
                found.setdefault(text(value), column)
    return found


def _add_result(workbook: Workbook, issues: list[Issue]) -> None:
    sheet = workbook.create_sheet(RESULT_SHEET)
    errors = sum(1 for issue in issues if issue.is_error)
    _put(
        sheet,
        1,
        1,
        f"错误 {errors} 处（所在行未导入），提醒 {len(issues) - errors} 处。"
        "改好后整份重新上传即可，已导入的行不会重复。",
    )
    sheet.cell(1, 1).font = Font(bold=True)
    for column, (header, width) in enumerate(zip(_RESULT_HEADERS, _RESULT_WIDTHS, strict=True), start=1):
        _put(sheet, 2, column, header).font = Font(bold=True)
        sheet.column_dimensions[sheet.cell(2, column).column_letter].width = width
    ordered = sorted(issues, key=lambda issue: not issue.is_error)[:MAX_LISTED]
    for row, issue in enumerate(ordered, start=3):
        values: tuple[Value, ...] = (
            issue.sheet, issue.row or "", issue.column, issue.value, _SEVERITY[issue.severity], issue.reason,
            issue.advice, issue.message_en, issue.rule,
        )  # fmt: skip
        for column, value in enumerate(values, start=1):
            if value != "":
                _put(sheet, row, column, value).alignment = Alignment(wrap_text=True, vertical="top")
        sheet.cell(row, 4).fill = _FILLS[issue.severity]
    if len(issues) > MAX_LISTED:
        _put(sheet, MAX_LISTED + 3, 1, f"另有 {len(issues) - MAX_LISTED} 处未列出，请先改好以上问题。")
    sheet.freeze_panes = "A3"
