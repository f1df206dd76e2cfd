"""Figures as files: a text table for other programs, and a workbook with a sheet for each part."""

import csv
import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from yinling.matching.v1 import figures_service_pb2 as service

from yinling_gateway.pages.figure_tables import REASONS, STATES, overview, tables
from yinling_gateway.pages.labels import _
from yinling_gateway.pages.texts import Texts
from yinling_gateway.pages.workbooks import Cell, content_of, put, put_head
from yinling_gateway.reports.figures import Compared

DEMAND, SUPPLY = _("Asked for, and nobody offers it"), _("Offered, and nobody asks for it")
OVERVIEW, REASONS_SHEET = _("Overview"), _("States and reasons")
_DEMAND_SHEET, _SUPPLY_SHEET = _("Unmet demand"), _("Idle supply")
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
    put_head(
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
        put(sheet, [figure.words, figure.value, figure.unit, figure.before, figure.note])
    for number, words in enumerate((period(compared.now, texts), period(compared.before, texts))):
        put(sheet, [say(_("Period before") if number else _("Period")), None, "", None, words])
    reasons = workbook.create_sheet(say(REASONS_SHEET))
    put_head(reasons, {say(_("Part")): 30, say(_("What")): 44, say(_("Number")): 10})
    for table in tables(compared, STATES + REASONS, texts):
        for line in table.lines:
            put(reasons, [table.title, line.words, line.count])
    for title, counted, gaps in (
        (_DEMAND_SHEET, _("Requests"), compared.now.unmet_demand),
        (_SUPPLY_SHEET, _("People"), compared.now.idle_supply),
    ):
        of_skills = workbook.create_sheet(say(title))
        put_head(of_skills, {say(_("Skill")): 50, say(_("City")): 14, say(counted): 10})
        for gap in gaps:
            put(of_skills, [gap.skill, gap.city, gap.count])
    return content_of(workbook)


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
