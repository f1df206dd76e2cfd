"""The form of a cohort: requests that are chosen, a list of mentees, and what is best."""

import asyncio
from dataclasses import dataclass, field

from starlette.datastructures import FormData, UploadFile
from yinling.matching.v1 import matching_pb2 as matching
from yinling.matching.v1 import matching_service_pb2 as service

from yinling_common.errors import UnreadableFile
from yinling_gateway.domain import CohortLine
from yinling_gateway.pages import mentees, tables
from yinling_gateway.pages.forms import Form
from yinling_gateway.pages.texts import Texts

DEFAULT_SCORE = 20
"""Percent below which nobody is assigned, as the contract has it."""


@dataclass
class Plan:
    """What is to be matched."""

    request: service.AssignCohortRequest
    lines: list[CohortLine] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def empty() -> Form:
    """A form to be filled in."""
    return Form({"objective": ["1"], "min_score": [str(DEFAULT_SCORE)]})


async def read(
    form: Form, data: FormData, requests: list[matching.MentoringRequest], organisation: str, texts: Texts
) -> Plan:
    """Turn the form into what matching is asked; what is wrong is in the form's errors.

    Args:
        form: What was typed.
        data: The same with the upload.
        requests: The open requests, of which some are chosen.
        organisation: Of the caller; empty for an administrator.
        texts: The reader's language.
    """
    objective = service.AssignCohortRequest.Objective.ValueType(2 if form.get("objective") == "2" else 1)
    plan = Plan(service.AssignCohortRequest(objective=objective))
    score = form.number("min_score", texts)
    if score is None or not 0 <= score <= 100:
        form.fail("min_score", texts.gettext("The lowest score is a number from 0 to 100."))
    else:
        plan.request.min_score = score / 100
    _take_requests(form, plan, requests, texts)
    await _take_mentees(form, plan, data, organisation, texts)
    if len(plan.lines) > mentees.MOST:
        form.fail("file", texts.gettext("A cohort has at most 2,000 requests and mentees; please split it."))
    elif not plan.lines and not form.errors:
        form.fail("requests", texts.gettext("Please choose requests, or give a list of mentees."))
    return plan


def _take_requests(form: Form, plan: Plan, requests: list[matching.MentoringRequest], texts: Texts) -> None:
    chosen = {item.id for item in requests} if form.get("all") else set(form.all("requests"))
    for item in requests:
        if item.id not in chosen:
            continue
        wanted = form.integer(f"mentors-{item.id}", texts) or 1
        if not 1 <= wanted <= 100:
            form.fail(f"mentors-{item.id}", texts.gettext("The number of mentors is from 1 to 100."))
        plan.request.requests.add(request_id=item.id, mentors=max(0, min(100, wanted)))
        asks = texts.listed(point.text for point in item.requirements)
        plan.lines.append(CohortLine(name=item.title, asks=asks, mentors=wanted, request_id=item.id))


async def _take_mentees(form: Form, plan: Plan, data: FormData, organisation: str, texts: Texts) -> None:
    file, pasted = data.get("file"), form.text("pasted")
    sources: list[tuple[str, tables.Rows]] = []
    try:
        if isinstance(file, UploadFile) and file.filename:
            content = await file.read(tables.MAX_BYTES + 1)
            sources.append(("file", await asyncio.to_thread(tables.from_file, content)))
    except UnreadableFile:
        form.fail("file", texts.gettext("This file cannot be read: please save it as .xlsx or .csv, at most 5 MB."))
    try:
        if pasted:
            sources.append(("pasted", tables.from_text(pasted)))
    except UnreadableFile:
        form.fail("pasted", texts.gettext("These rows cannot be read. Please upload them as a file."))
    for name, rows in sources:
        found = mentees.read(rows, organisation, texts, header_needed=name == "file")
        if not found.found:
            form.fail(name, texts.gettext("There is no column “想学什么” (learn). Please use the template."))
        elif not found.lines:
            reasons = " ".join(found.left_out[:5])
            form.fail(name, texts.gettext("No row could be taken.") + (f" {reasons}" if reasons else ""))
        plan.lines += found.lines
        plan.request.requests.extend(found.requests)
        plan.left_out += found.left_out
