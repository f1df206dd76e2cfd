"""Matching a cohort: what is to be matched, how far it is, and what came of it."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response
from yinling.matching.v1 import matching_pb2 as matching
from yinling.matching.v1 import matching_service_pb2 as service

from yinling_common.errors import ErrorReason, NotFound, YinlingError
from yinling_gateway import messages
from yinling_gateway.domain import Cohort, CohortState
from yinling_gateway.pages import cohort_form, cohort_result
from yinling_gateway.pages.forms import Form
from yinling_gateway.pages.roster import download
from yinling_gateway.pages.suggestions import results
from yinling_gateway.pages.visit import EnterpriseVisit, Visit, see

router = APIRouter(prefix="/cohorts", include_in_schema=False)

MOST_REQUESTS = 400
"""Open requests to choose from, the newest: each is two fields of a form, and a form has at most 1,000."""

Id = Annotated[str, Path(max_length=64)]


@router.get("")
async def new_cohort(visit: EnterpriseVisit) -> Response:
    """Show the form, and the latest results."""
    return await _form(visit, cohort_form.empty(), await _open_requests(visit))


@router.post("")
async def start_cohort(visit: EnterpriseVisit) -> Response:
    """Begin, and go to the page of the progress; or show the form again with what is wrong."""
    data = await visit.request.form()
    form = Form.posted(data)
    requests = await _open_requests(visit)
    plan = await cohort_form.read(form, data, requests, visit.identity.organisation, visit.texts)
    if form.errors:
        return await _form(visit, form, requests, status=422)
    cohort_id = await visit.parts.cohorts.start(visit.account.account, plan.request, plan.lines, plan.left_out)
    return see(f"/cohorts/{cohort_id}")


@router.get("/template")
async def template(visit: EnterpriseVisit) -> Response:
    """Download the empty list of mentees."""
    return download(cohort_result.TEMPLATE_NAME, await asyncio.to_thread(cohort_result.template))


@router.get("/{cohort_id}")
async def show_cohort(visit: EnterpriseVisit, cohort_id: Id) -> Response:
    """Show how far it is, or what came of it."""
    cohort = await visit.parts.cohorts.get(visit.account.account, cohort_id)
    result = cohort_result.result_of(cohort) if cohort.state == CohortState.DONE else None
    return visit.page.render(
        "cohorts/show.html",
        cohort=cohort,
        result=result,
        problem=_problem(visit, cohort),
        figures=cohort_result.figures(result, visit.texts) if result else [],
        lacking=lambda unassigned: cohort_result.lacking(unassigned, result, visit.texts) if result else "",
    )


@router.get("/{cohort_id}/workbook")
async def workbook(visit: EnterpriseVisit, cohort_id: Id) -> Response:
    """Download the result."""
    cohort = await visit.parts.cohorts.get(visit.account.account, cohort_id)
    if cohort.state != CohortState.DONE:
        raise NotFound("result of cohort", cohort_id)
    result = cohort_result.result_of(cohort)
    content = await asyncio.to_thread(cohort_result.workbook_of, result, visit.texts)
    return download(f"{visit.gettext('Match a cohort')}.xlsx", content)


@router.get("/{cohort_id}/{number}")
async def show_line(
    visit: EnterpriseVisit,
    cohort_id: Id,
    number: Annotated[int, Path(ge=0, le=2000)],
    person: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """Show who fits one mentee of a cohort, with the reasons."""
    cohort = await visit.parts.cohorts.get(visit.account.account, cohort_id)
    item = _request(cohort, number)
    asked = service.SuggestMentorsRequest(mentoring_request=item, limit=30)
    shown = await results(visit, item, asked)
    shown |= {"more": 0, "address": "", "may_edit": False, "chosen": person}
    return visit.page.render("cohorts/line.html", cohort=cohort, line=cohort.lines[number], item=item, **shown)


def _problem(visit: Visit, cohort: Cohort) -> str:
    """Why it failed, in the reader's language."""
    if not cohort.problem:
        return ""
    error = YinlingError(cohort.problem["message"])
    error.reason = ErrorReason(cohort.problem["reason"])  # type: ignore[misc] # this one error stands for any kind
    return messages.detail(error, english=visit.page.language == "en")


def _request(cohort: Cohort, number: int) -> matching.MentoringRequest:
    requests = service.AssignCohortRequest.FromString(cohort.request).requests
    if number >= len(requests) or not requests[number].HasField("mentoring_request"):
        raise NotFound("line of cohort", str(number))
    return requests[number].mentoring_request


async def _open_requests(visit: Visit) -> list[matching.MentoringRequest]:
    """The newest open requests of the enterprise."""
    found: list[matching.MentoringRequest] = []
    token = ""
    while len(found) < MOST_REQUESTS:
        page = await visit.backend.list_mentoring_requests(
            visit.identity,
            service.ListMentoringRequestsRequest(
                page_size=200, page_token=token, state=matching.MentoringRequest.STATE_OPEN
            ),
        )
        found += page.mentoring_requests
        token = page.next_page_token
        if not token:
            break
    return found[:MOST_REQUESTS]


async def _form(visit: Visit, form: Form, requests: list[matching.MentoringRequest], *, status: int = 200) -> Response:
    objectives = [
        (1, visit.gettext("Best for all together: most places filled, then the highest sum of scores")),
        (2, visit.gettext("Stable: no request and person would both rather have each other")),
    ]
    return visit.page.render(
        "cohorts/new.html",
        status=status,
        form=form,
        requests=requests,
        objectives=objectives,
        cohorts=await visit.parts.cohorts.latest(visit.account.account, 10),
    )
