"""Matching a cohort: many requests at once."""

from fastapi import APIRouter
from yinling.matching.v1 import matching_service_pb2 as service

from yinling_gateway.auth import Enterprise
from yinling_gateway.converters.messages import answer, fill
from yinling_gateway.dependencies import BackendDep
from yinling_gateway.models.cohorts import CohortInput, CohortResult
from yinling_gateway.models.problems import documented

router = APIRouter(tags=["cohorts"])


@router.post("/cohorts:assign", summary="Assign people to many requests", responses=documented(400, 404, 409, 413))
async def assign(body: CohortInput, caller: Enterprise, backend: BackendDep) -> CohortResult:
    """The best for all together, within the places that each person has. It may take minutes; nothing is kept."""
    request = fill(service.AssignCohortRequest(), body)
    return answer(CohortResult, await backend.assign_cohort(caller.identity, request))
