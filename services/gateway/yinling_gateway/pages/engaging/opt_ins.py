"""A person finds open requests and offers themselves; a coordinator does so for the people of the office."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response
from yinling.matching.v1 import engagement_pb2 as pb
from yinling.matching.v1 import engagement_service_pb2 as service
from yinling.matching.v1 import matching_pb2 as matching
from yinling.matching.v1 import matching_service_pb2 as matching_service
from yinling.talent.v1 import talent_pb2 as talent
from yinling.talent.v1 import talent_service_pb2 as talent_service

from yinling_common.identity import Role
from yinling_gateway.pages.engaging.acting import attempt
from yinling_gateway.pages.engaging.once import key_of
from yinling_gateway.pages.engaging.reading import Between, between, opt_ins
from yinling_gateway.pages.forms import Form
from yinling_gateway.pages.suggestions import get_request
from yinling_gateway.pages.visit import PersonVisit, Visit, see

router = APIRouter(include_in_schema=False)

Id = Annotated[str, Path(max_length=64)]
Token = Annotated[str, Query(max_length=1000)]
PersonId = Annotated[str, Query(max_length=64)]
PAGE_SIZE = 20
PEOPLE = 200
"""So many people of an office can be chosen from a list."""


@router.get("/open-requests")
async def list_open(visit: PersonVisit, page_token: Token = "") -> Response:
    """List what is looked for, the newest first."""
    answer = await visit.backend.list_mentoring_requests(
        visit.identity,
        matching_service.ListMentoringRequestsRequest(
            page_size=PAGE_SIZE, page_token=page_token, state=matching.MentoringRequest.STATE_OPEN
        ),
    )
    token = answer.next_page_token
    return visit.page.render(
        "engaging/open_requests.html",
        requests=answer.mentoring_requests,
        first_page=not page_token,
        first_page_address="/open-requests",
        next_page=f"/open-requests?page_token={token}" if token else "",
    )


@router.get("/open-requests/{request_id}")
async def show_open(visit: PersonVisit, request_id: Id, person: PersonId = "") -> Response:
    """Show an open request, and where to offer oneself or somebody of the office."""
    return await _offer(visit, request_id, Form({"person": [person]}))


@router.post("/open-requests/{request_id}")
async def offer(visit: PersonVisit, request_id: Id) -> Response:
    """Offer oneself, or somebody of the office."""
    form = Form.posted(await visit.request.form())
    profile_id = visit.identity.profile_id if visit.identity.role is Role.RETIREE else form.text("person")
    if not profile_id:
        form.status = 422
        form.fail("person", visit.gettext("Please choose for whom you write."))
    else:
        request = service.OfferMentoringRequest(
            mentoring_request_id=request_id,
            profile_id=profile_id,
            message=form.get("message").strip(),
            request_id=key_of(form),
        )
        made = await attempt(visit, form, visit.backend.engagements.offer_mentoring(visit.identity, request))
        if made is not None:
            return see("/opt-ins?done=offered")
    return await _offer(visit, request_id, form)


@router.get("/opt-ins")
async def list_opt_ins(visit: PersonVisit, done: Annotated[str, Query(max_length=20)] = "") -> Response:
    """List offers; those that wait come first."""
    return await _list(visit, Form(), done)


@router.post("/opt-ins/{opt_in_id}/withdraw")
async def withdraw(visit: PersonVisit, opt_in_id: Id) -> Response:
    """Take an offer back."""
    form = Form.posted(await visit.request.form())
    request = service.WithdrawOptInRequest(id=opt_in_id, request_id=key_of(form), etag=form.text("etag"))
    if await attempt(visit, form, visit.backend.engagements.withdraw_opt_in(visit.identity, request)) is None:
        return await _list(visit, form)
    return see("/opt-ins?done=withdrawn")


async def _list(visit: Visit, form: Form, done: str = "") -> Response:
    words = {
        "offered": visit.gettext("The offer is sent. The enterprise answers; you are told."),
        "withdrawn": visit.gettext("The offer is taken back."),
    }.get(done)
    if words:
        visit.page.notices.append(("good", words))
    found = await opt_ins(visit)
    waits = pb.OptIn.STATE_OFFERED
    return visit.page.render(
        "engaging/opt_ins.html",
        status=form.status,
        form=form,
        waiting=[one for one in found if one.state == waits],
        answered=[one for one in found if one.state != waits],
    )


async def _offer(visit: Visit, request_id: str, form: Form) -> Response:
    item, around, people = await asyncio.gather(
        get_request(visit, request_id), between(visit, request_id), _people(visit)
    )
    own = visit.identity.role is Role.RETIREE
    return visit.page.render(
        "engaging/open_request.html",
        status=form.status,
        item=item,
        form=form,
        people=[(person.id, _line(person)) for person in people],
        own=own,
        standing=_standing(around, visit.identity.profile_id) if own else [],
    )


async def _people(visit: Visit) -> list[talent.Profile]:
    """Whom a coordinator may write for: people of the office who agreed to be found."""
    if visit.identity.role is Role.RETIREE:
        return []
    answer = await visit.backend.list_profiles(visit.identity, talent_service.ListProfilesRequest(page_size=PEOPLE))
    return sorted((one for one in answer.profiles if one.consent.granted), key=lambda one: one.name)


def _line(person: talent.Profile) -> str:
    return " · ".join(word for word in (person.name, person.last_position, person.city) if word)


def _standing(around: Between, profile_id: str) -> "list[tuple[str, pb.Invitation | pb.OptIn | pb.Engagement]]":
    """What stands between the reader and the request and is not over."""
    known = around.by_person.get(profile_id)
    if known is None:
        return []
    kind, thing = known
    live = (1, 2) if kind == "engagement" else (1,)
    return [(kind, thing)] if thing.state in live else []
