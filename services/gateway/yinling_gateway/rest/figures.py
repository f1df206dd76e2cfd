"""Figures for the people who run it: as JSON, as a text table, as a workbook."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from yinling_common.identity import Role
from yinling_gateway.auth import SignedIn, require_role
from yinling_gateway.converters.figures import asked_figures, figures_model
from yinling_gateway.dependencies import BackendDep
from yinling_gateway.models.figures import Figures, FiguresFileQuery, FiguresQuery
from yinling_gateway.models.problems import documented
from yinling_gateway.pages.figure_files import as_csv, as_workbook, filename
from yinling_gateway.pages.visit import page_of
from yinling_gateway.reports.figures import Compared, compare_figures, read_figures
from yinling_gateway.reports.reading import DAYS, today
from yinling_gateway.rest.imports import BINARY, XLSX, download

router = APIRouter(prefix="/reports", tags=["reports"])

Overseer = Annotated[SignedIn, Depends(require_role(Role.HR, Role.COORDINATOR, Role.ADMIN))]

_CSV = "text/csv"
_CSV_EXAMPLE = "部分,名称,城市,数值,单位,上一期\r\n概览,开放的需求,,12,项,9\r\n"


@router.get("/figures", summary="Figures of a period", responses=documented())
async def figures(query: Annotated[FiguresQuery, Query()], caller: Overseer, backend: BackendDep) -> Figures:
    """HR gets those of its own requests, a coordinator those of the own people, an administrator everything.

    What stands under `time_to_…` happened in the period; what stands under `requests`, `invitations`, `opt_ins` and
    `engagements` began in it.
    """
    found = await read_figures(backend, caller.identity, asked_figures(query), without_skills=query.without_skills)
    return figures_model(found)


@router.get(
    "/figures.csv",
    summary="Figures of a period as a text table",
    responses=documented() | {200: {"content": {_CSV: {"schema": {"type": "string"}, "example": _CSV_EXAMPLE}}}},
    response_class=Response,
)
async def figures_csv(
    query: Annotated[FiguresFileQuery, Query()], caller: Overseer, backend: BackendDep, request: Request
) -> Response:
    """One row a figure, beside that of as many days before; UTF-8, in the language of the reader."""
    found = await _compared(query, caller, backend)
    texts = page_of(request, caller).texts
    return download(filename(found.now, texts, "csv"), as_csv(found, texts))


@router.get(
    "/figures.xlsx",
    summary="Figures of a period as a workbook",
    responses=documented() | {200: {"content": {XLSX: BINARY}}},
    response_class=Response,
)
async def figures_xlsx(
    query: Annotated[FiguresFileQuery, Query()], caller: Overseer, backend: BackendDep, request: Request
) -> Response:
    """Four sheets: overview, states and reasons, unmet demand, idle supply."""
    found = await _compared(query, caller, backend)
    texts = page_of(request, caller).texts
    return download(filename(found.now, texts, "xlsx"), as_workbook(found, texts))


async def _compared(query: FiguresFileQuery, caller: SignedIn, backend: BackendDep) -> Compared:
    return await compare_figures(backend, caller.identity, asked_figures(query), DAYS, today())
