"""Reports."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query

from yinling_gateway.auth import RetireeOffice
from yinling_gateway.dependencies import BackendDep
from yinling_gateway.models.problems import documented
from yinling_gateway.models.reports import ExposureGroup, ExposureQuery, ExposureReport
from yinling_gateway.reports.exposure import Group
from yinling_gateway.reports.reading import read_exposure_report, today

router = APIRouter(prefix="/reports", tags=["reports"])


@router.get("/exposure", summary="Who is shown to enterprises, by gender, age and organisation", responses=documented())
async def exposure(
    query: Annotated[ExposureQuery, Query()], caller: RetireeOffice, backend: BackendDep
) -> ExposureReport:
    """Gender and age take no part in any ranking; this tells whether it comes out evenly all the same."""
    found = await read_exposure_report(
        backend, caller.identity, query.start_date, query.end_date or today(), query.organisation
    )
    return ExposureReport(
        start_date=found.start_date,
        end_date=found.end_date,
        everybody=_group(found.everybody),
        by_gender=[_group(group) for group in found.by_gender],
        by_age=[_group(group) for group in found.by_age],
        by_organisation=[_group(group) for group in found.by_organisation],
    )


def _group(group: Group) -> ExposureGroup:
    values = asdict(group)
    return ExposureGroup(
        group=values.pop("name"),
        **values,
        shown_share=round(group.shown_share, 4),
        exposures_a_head=round(group.exposures_a_head, 4),
        first_three_share=round(group.first_three_share, 4),
    )
