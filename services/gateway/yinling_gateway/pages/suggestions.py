"""Who fits a request, with the reasons; also with one condition relaxed, to see what that would bring."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.responses import Response
from yinling.matching.v1 import matching_pb2 as matching
from yinling.matching.v1 import matching_service_pb2 as service

from yinling_common.errors import YinlingError
from yinling_gateway.pages import labels, weights
from yinling_gateway.pages.engaging.reading import between_or_nothing
from yinling_gateway.pages.texts import Texts
from yinling_gateway.pages.trial import Trial, of_key, of_rule, relaxed
from yinling_gateway.pages.visit import EnterpriseVisit, Visit

router = APIRouter(prefix="/requests", include_in_schema=False)

LIMITS = (10, 30, 100)
Id = Annotated[str, Path(max_length=64)]


@router.get("/{request_id}")
async def show_request(
    *,
    visit: EnterpriseVisit,
    request_id: Id,
    limit: Annotated[int, Query(ge=1, le=100)] = LIMITS[0],
    relax: Annotated[str, Query(max_length=200)] = "",
    person: Annotated[str, Query(max_length=64)] = "",
    leave_out: Annotated[bool, Query(alias="next")] = False,
    done: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Show a request and who fits, with the reasons."""
    item, around = await asyncio.gather(get_request(visit, request_id), between_or_nothing(visit, request_id))
    trial = of_key(relax) if item.state == matching.MentoringRequest.STATE_OPEN else None
    shown: dict[str, Any] = {"answer": None}
    if trial is not None:
        item = relaxed(item, trial)
        shown = await results(visit, item, service.SuggestMentorsRequest(mentoring_request=item, limit=limit))
        shown["more"] = 0
    elif item.state == matching.MentoringRequest.STATE_OPEN:
        shown = await results(
            visit, item, service.SuggestMentorsRequest(request_id=request_id, limit=limit, leave_out_asked=leave_out)
        )
    _thank(visit, done)
    return visit.page.render(
        "requests/show.html",
        item=item,
        trial=trial,
        tried=_tried(visit.texts, trial) if trial else "",
        may_edit=visit.page.role == "hr",
        around=around,
        leave_out=leave_out and trial is None,
        picking=visit.page.role == "hr" and trial is None and bool(shown["answer"] and shown["answer"].suggestions),
        address=f"/requests/{request_id}",
        chosen=person,
        **shown,
    )


async def results(
    visit: Visit, item: matching.MentoringRequest, asked: service.SuggestMentorsRequest
) -> dict[str, Any]:
    """What `requests/results.html` needs, except where it stands and who may edit."""
    answer, settings = await asyncio.gather(
        visit.backend.suggest_mentors(visit.identity, asked), settings_of(visit, item.organisation)
    )
    further = next((step for step in LIMITS if step > asked.limit), 0)
    return {
        "answer": answer,
        "relaxations": [(r, of_rule(r.rule, r.physical_demand, r.other_demand)) for r in answer.relaxations],
        "weights": weights.used(visit.texts, answer.weights, item.weights, settings),
        "more": further if len(answer.suggestions) >= asked.limit and answer.eligible > asked.limit else 0,
    }


async def get_request(visit: Visit, request_id: str) -> matching.MentoringRequest:
    """A request that is kept."""
    return await visit.backend.get_mentoring_request(visit.identity, service.GetMentoringRequestRequest(id=request_id))


async def settings_of(visit: Visit, organisation: str) -> matching.MatchingSettings | None:
    """An organisation's settings; None where they cannot be read: a page is worth showing without them."""
    if not organisation:
        return None
    try:
        return await visit.backend.get_matching_settings(
            visit.identity, service.GetMatchingSettingsRequest(organisation=organisation)
        )
    except YinlingError:
        return None


def _tried(texts: Texts, trial: Trial) -> str:
    """Say which condition a trial relaxes, and how."""
    rule = texts.gettext(labels.HARD_RULE[trial.rule])
    if trial.rule != matching.HARD_RULE_PHYSICAL:
        return texts.gettext("As a wish, not as a condition: %(rule)s") % {"rule": rule}
    demand = texts.gettext(labels.PHYSICAL_DEMAND.get(trial.demand, "")) or trial.other or rule
    return texts.gettext("Without the condition: %(rule)s") % {"rule": demand}


def _thank(visit: Visit, done: str) -> None:
    words = {
        "posted": visit.gettext("The request is posted. Here is who fits."),
        "drafted": visit.gettext("The draft is kept. Open it when it is ready."),
        "saved": visit.gettext("The changes are saved."),
        "opened": visit.gettext("The request is open."),
        "ended": visit.gettext("The request is no longer open; nobody is suggested for it any more."),
        "filled": visit.gettext("The request is filled. Whoever still waited is told with a kind word."),
    }.get(done)
    if words:
        visit.page.notices.append(("good", words))
    if done == "nobody":
        visit.page.notices.append(
            ("note", visit.gettext("Nobody is ticked yet. Tick the people whom you want to invite."))
        )
