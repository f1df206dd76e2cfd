"""The page of figures: HR sees those of its requests, a coordinator those of the own people, an administrator all."""

from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response
from yinling.matching.v1 import figures_service_pb2 as service

from yinling_common.errors import InvalidField
from yinling_common.identity import Role
from yinling_gateway.pages.figure_files import DEMAND, SUPPLY, period
from yinling_gateway.pages.figure_tables import REASONS, STATES, overview, tables, written
from yinling_gateway.pages.forms import Form, day_value
from yinling_gateway.pages.labels import _
from yinling_gateway.pages.texts import pairs
from yinling_gateway.pages.visit import Visit, require
from yinling_gateway.reports.figures import Asked, Compared, compare_figures
from yinling_gateway.reports.reading import DAYS, today

router = APIRouter(include_in_schema=False)

OverseerVisit = Annotated[Visit, Depends(require(Role.HR, Role.COORDINATOR, Role.ADMIN))]

_BY = {
    service.GetFiguresRequest.BY_ENTERPRISE: _("the enterprise that asks"),
    service.GetFiguresRequest.BY_OFFICE: _("the office that keeps the people"),
}
_BY_NAMES = {
    service.GetFiguresRequest.BY_ENTERPRISE: "enterprise",
    service.GetFiguresRequest.BY_OFFICE: "office",
}


@router.get("/figures")
async def figures(
    visit: OverseerVisit,
    start_date: Annotated[str, Query(max_length=20)] = "",
    end_date: Annotated[str, Query(max_length=20)] = "",
    organisation: Annotated[str, Query(max_length=100)] = "",
    by: Annotated[str, Query(max_length=8)] = "",
) -> Response:
    """Show the figures of a period beside those of the period before."""
    form = Form({"start_date": [start_date], "end_date": [end_date], "organisation": [organisation], "by": [by]})
    everything = visit.account.account.role is Role.ADMIN
    chosen = form.choice("by") if form.choice("by") in _BY else 0
    first, last = _day(form, "start_date", visit), _day(form, "end_date", visit)
    asked = Asked(first, last, form.text("organisation") if everything else "", chosen if everything else 0)
    found = None
    if not form.errors:
        try:
            found = await compare_figures(visit.backend, visit.identity, asked, DAYS, today())
        except InvalidField as error:
            _explain(form, error, visit)
    if found:
        form.set("start_date", day_value(found.now.start_date))
        form.set("end_date", day_value(found.now.end_date))
    return visit.page.render(
        "reports/figures.html",
        form=form,
        everything=everything,
        kinds=pairs({int(number): words for number, words in _BY.items()}, visit.texts),
        found=found,
        address=_address(asked, found) if found else "",
        status=422 if form.errors else 200,
        **(_told(visit, found) if found else {}),
    )


def _told(visit: Visit, found: Compared) -> dict[str, Any]:
    texts = visit.texts
    return {
        "period": period(found.now, texts),
        "before": period(found.before, texts),
        "overview": [
            (one, written(one, one.value, texts), written(one, one.before, texts)) for one in overview(found, texts)
        ],
        "states": tables(found, STATES, texts),
        "reasons": [table for table in tables(found, REASONS, texts) if table.lines],
        "gaps": [
            ("demand", texts.gettext(DEMAND), texts.gettext(_("Requests")), found.now.unmet_demand),
            ("supply", texts.gettext(SUPPLY), texts.gettext(_("People")), found.now.idle_supply),
        ],
    }


def _address(asked: Asked, found: Compared) -> str:
    """The parameters of the files that hold the same."""
    given = {"start_date": day_value(found.now.start_date), "end_date": day_value(found.now.end_date)}
    if asked.organisation:
        given["organisation"] = asked.organisation
    if asked.by:
        given["by"] = _BY_NAMES[service.GetFiguresRequest.By.ValueType(asked.by)]
    return urlencode(given)


def _explain(form: Form, error: InvalidField, visit: Visit) -> None:
    """Say beside its field what is wrong with a period."""
    for violation in error.violations:
        if violation.rule == "date.period":
            form.fail("start_date", visit.gettext(_("A period of more than ten years is too long.")))
        elif violation.field.startswith(("start_date", "end_date")) and violation.rule != "date.order":
            form.fail(violation.field.partition(".")[0], visit.gettext(_("This day is not possible.")))
        else:
            form.fail("start_date", visit.gettext(_("The first day must not be after the last.")))


def _day(form: Form, name: str, visit: Visit) -> date | None:
    found = form.day(name, visit.texts)
    return date(found.year, found.month, found.day) if found else None
