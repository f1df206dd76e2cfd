"""The page of who is shown to enterprises, for retiree offices and administrators."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response
from yinling.common.v1 import types_pb2 as types

from yinling_common.errors import InvalidField
from yinling_gateway.pages import figures
from yinling_gateway.pages.forms import Form
from yinling_gateway.pages.labels import _
from yinling_gateway.pages.visit import OfficeVisit, Visit
from yinling_gateway.reports.exposure import NOT_STATED, OTHERS, ExposureReport, Group
from yinling_gateway.reports.reading import read_exposure_report, today

router = APIRouter(prefix="/reports", include_in_schema=False)
router.include_router(figures.router)

GENDER = {"female": _("Women"), "male": _("Men")}
AGE = {
    "under_60": _("Under 60"),
    "60_64": _("60 to 64"),
    "65_69": _("65 to 69"),
    "70_74": _("70 to 74"),
    "75_up": _("75 and older"),
}
_PLAIN: dict[str | None, str] = {NOT_STATED: _("Not stated"), OTHERS: _("Smaller groups together")}

Rows = list[tuple[str, Group]]


@router.get("/exposure")
async def exposure(
    visit: OfficeVisit,
    start_date: Annotated[str, Query(max_length=20)] = "",
    end_date: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Show the report of a period."""
    form = Form({"start_date": [start_date], "end_date": [end_date]})
    first, last = _day(form, "start_date", visit), _day(form, "end_date", visit) or today()
    found = None
    if not form.errors:
        try:
            found = await read_exposure_report(visit.backend, visit.identity, first, last, "")
        except InvalidField:  # the days themselves are right
            form.fail("start_date", visit.gettext("The first day must not be after the last."))
    if found:
        form.set("start_date", str(found.start_date))
        form.set("end_date", str(found.end_date))
    return visit.page.render(
        "reports/exposure.html",
        form=form,
        report=found,
        sections=_sections(visit, found) if found else [],
        status=422 if form.errors else 200,
    )


def _sections(visit: Visit, found: ExposureReport) -> Sequence[tuple[str, str, Rows]]:
    """Key, heading and rows of each table."""
    return [
        ("gender", visit.gettext("By gender"), _rows(visit, found.by_gender, GENDER)),
        ("age", visit.gettext("By age"), _rows(visit, found.by_age, AGE)),
        ("organisation", visit.gettext("By unit"), _rows(visit, found.by_organisation, {})),
    ]


def _rows(visit: Visit, groups: Sequence[Group], names: dict[str, str]) -> Rows:
    words = dict[str | None, str](_PLAIN) | dict[str | None, str](names.items())
    return [(visit.gettext(words[group.name]) if group.name in words else group.name or "", group) for group in groups]


def _day(form: Form, name: str, visit: Visit) -> date | None:
    found: types.Date | None = form.day(name, visit.texts)
    return date(found.year, found.month, found.day) if found else None
