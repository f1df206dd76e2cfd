"""Figures as files: a text table for other programs, and a workbook with a sheet for each part."""

import csv
import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from yinling.matching.v1 import figures_service_pb2 as service

from yinling_gateway.pages.figure_tables import REASONS, STATES, overview, tables
from yinling_gateway.pages.labels import _
from yinling_gateway.pages.texts import Texts
from yinling_gateway.reports.figures import Compared

Cell = str | int | float | None

DEMAND, SUPPLY = _("Asked for, and nobody offers it"), _("Offered, and nobody asks for it")
OVERVIEW, REASONS_SHEET = _("Overview"), _("States and reasons")
_DEMAND_SHEET, _SUPPLY_SHEET = _("Unmet demand"), _("Idle supply")
_HEAD = PatternFill("solid", start_color="FFDDEBF7", end_color="FFDDEBF7")
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"""With these a spreadsheet takes a text for a formula."""


def as_csv(compared: Compared, texts: Texts) -> bytes:
    """One table of all figures, in UTF-8 with the mark by which Excel knows it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    head = (_("Part"), _("What"), _("City"), _("Amount"), _("Unit"), _("Period before"))
    writer.writerow([texts.gettext(words) for words in head])
    for row in _rows(compared, texts):
        writer.writerow([_harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue().encode("utf-8-sig")


def as_workbook(compared: Compared, texts: Texts) -> bytes:
    """A workbook of four sheets."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = texts.gettext(OVERVIEW)
    say = texts.gettext
    _head(
        sheet,
        {
            say(_("What")): 36,
            say(_("Amount")): 12,
            say(_("Unit")): 10,
            say(_("Period before")): 14,
            say(_("Remark")): 44,
        },
    )
    for figure in overview(compared, texts):
        _put(sheet, [figure.words, figure.value, figure.unit, figure.before, figure.note])
    for number, words in enumerate((period(compared.now, texts), period(compared.before, texts))):
        _put(sheet, [say(_("Period before") if number else _("Period")), None, "", None, words])
    reasons = workbook.create_sheet(say(REASONS_SHEET))
    _head(reasons, {say(_("Part")): 30, say(_("What")): 44, say(_("Number")): 10})
    for table in tables(compared, STATES + REASONS, texts):
        for line in table.lines:
            _put(reasons, [table.title, line.words, line.count])
    for title, counted, gaps in (
        (_DEMAND_SHEET, _("Requests"), compared.now.unmet_demand),
        (_SUPPLY_SHEET, _("People"), compared.now.idle_supply),
    ):
        of_skills = workbook.create_sheet(say(title))
        _head(of_skills, {say(_("Skill")): 50, say(_("City")): 14, say(counted): 10})
        for gap in gaps:
            _put(of_skills, [gap.skill, gap.city, gap.count])
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def period(found: service.Figures, texts: Texts) -> str:
    """Write the days."""
    return f"{texts.day(found.start_date)} – {texts.day(found.end_date)}"


def filename(found: service.Figures, texts: Texts, ending: str) -> str:
    """What a file of figures is called."""
    first, last = (f"{day.year:04}-{day.month:02}-{day.day:02}" for day in (found.start_date, found.end_date))
    return f"{texts.gettext(_('Figures'))} {first} {last}.{ending}"


def _rows(compared: Compared, texts: Texts) -> Iterable[Sequence[Cell]]:
    part = texts.gettext(OVERVIEW)
    for figure in overview(compared, texts):
        yield part, figure.words, "", figure.value, figure.unit, figure.before
    for table in tables(compared, STATES + REASONS, texts):
        for line in table.lines:
            yield table.title, line.words, "", line.count, "", None
    for title, gaps in ((DEMAND, compared.now.unmet_demand), (SUPPLY, compared.now.idle_supply)):
        for gap in gaps:
            yield texts.gettext(title), gap.skill, gap.city, gap.count, "", None


def _harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula: it comes from people."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _head(sheet: Worksheet, widths: dict[str, int]) -> None:
    _put(sheet, list(widths))
    for number, (cell, width) in enumerate(zip(sheet[1], widths.values(), strict=True), start=1):
        cell.font, cell.fill = Font(bold=True), _HEAD
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A2"


def _put(sheet: Worksheet, values: Sequence[Cell]) -> None:
    """Add a row. Texts stay texts, whatever they begin with."""
    sheet.append([ILLEGAL_CHARACTERS_RE.sub("", each) if isinstance(each, str) else each for each in values])
    for cell in sheet[sheet.max_row]:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        if isinstance(cell.value, str):
            cell.data_type = "s"
