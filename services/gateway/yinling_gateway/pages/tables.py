"""Rows of plain texts from what HR uploads or pastes: a workbook, a CSV file, cells copied from a spreadsheet."""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from yinling_common.errors import UnreadableFile

NOTES_SHEET = "填写说明"
MOST_ROWS = 2100
"""Rows that are read; a list holds at most 2,000 people."""
MOST_COLUMNS = 40
MAX_BYTES = 5 * 1024 * 1024
MAX_UNPACKED = 64 * 1024 * 1024

_ZIP = b"PK\x03\x04"
_DELIMITERS = ("\t", ",", "，", ";", "|")
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, ParseError, InvalidFileException, EOFError, OSError, KeyError, ValueError,
    TypeError, AttributeError, IndexError, NotImplementedError, RuntimeError,
)  # fmt: skip
"""What reading a damaged workbook ends with, by where the damage is."""

Rows = list[list[str]]


def from_file(data: bytes) -> Rows:
    """The rows of the first sheet of a workbook, or of a text table. Raises UnreadableFile."""
    if len(data) > MAX_BYTES:
        raise UnreadableFile("the file is larger than 5 MB; split it")
    if data.startswith(_ZIP):
        try:
            return list(_workbook(data))
        except _DAMAGED as error:
            raise UnreadableFile("the workbook is damaged; save it again as .xlsx") from error
    for encoding in ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return from_text(text)
    raise UnreadableFile("this is neither a workbook nor a text table; save it as .xlsx or .csv")


def from_text(text: str) -> Rows:
    """The rows of a text table, whatever separates its cells. Raises UnreadableFile."""
    try:
        delimiter = max(_DELIMITERS, key=lambda each: _width(text, each))
        return [[cell.strip() for cell in row[:MOST_COLUMNS]] for row in islice(_split(text, delimiter), MOST_ROWS)]
    except csv.Error as error:
        raise UnreadableFile("the table is malformed; save it as .xlsx") from error


def _workbook(data: bytes) -> Iterator[list[str]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        left = MAX_UNPACKED
        for part in archive.infolist():
            with archive.open(part) as stream:
                # Sizes in the header may lie: what counts is what comes out.
                while block := stream.read(1 << 20):
                    left -= len(block)
                    if left < 0:
                        raise UnreadableFile(
                            "the workbook is too large when unpacked; delete pictures and other sheets"
                        )
    workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    try:
        sheet = next(each for each in workbook.worksheets if each.title != NOTES_SHEET)
        sheet.reset_dimensions()  # some programs write wrong ones
        for row in sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS, values_only=True):
            yield [_text(value) for value in row]
    except StopIteration:
        raise UnreadableFile("the workbook has no sheet with a list") from None
    finally:
        workbook.close()


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _width(text: str, delimiter: str) -> int:
    return max((sum(1 for cell in row if cell) for row in islice(_split(text, delimiter), 30)), default=0)


def _split(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
