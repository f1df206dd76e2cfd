"""HR invites people, and answers those who offered themselves."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response
from yinling.matching.v1 import engagement_pb2 as pb
from yinling.matching.v1 import engagement_service_pb2 as service
from yinling.matching.v1 import matching_pb2 as matching
from yinling.talent.v1 import talent_pb2 as talent
from yinling.talent.v1 import talent_service_pb2 as talent_service

from yinling_common.errors import InvalidField, YinlingError
from yinling_gateway.pages.engaging import labels
from yinling_gateway.pages.engaging.acting import attempt
from yinling_gateway.pages.engaging.once import key_of
from yinling_gateway.pages.engaging.reading import between
from yinling_gateway.pages.forms import Form
from yinling_gateway.pages.labels import _
from yinling_gateway.pages.suggestions import get_request
from yinling_gateway.pages.texts import pairs
from yinling_gateway.pages.visit import EnterpriseVisit, HrVisit, Visit, see

router = APIRouter(include_in_schema=False)

Id = Annotated[str, Path(max_length=64)]
MOST = 50
"""So many people can be invited at once."""

# Why one of the people can't be invited, by the rule of the contract.
NOT_INVITED = {
    "profile.unknown": _("This person has taken their consent back, or is no longer here."),
    "profile.blocked": _("Your request says that this person is not to be suggested."),
    "profile.repeated": _("This person is named twice."),
    "invitation.exists": _("This person is invited already and has not answered yet."),
    "opt_in.exists": _("This person has offered themselves: confirm the offer instead."),
    "engagement.exists": _("This person is engaged for this request already."),
}


@router.get("/requests/{request_id}/invite")
async def write_invitation(
    visit: HrVisit, request_id: Id, person: Annotated[list[str] | None, Query(max_length=MOST)] = None
) -> Response:
    """Show who is to be invited, and where to write to them."""
    chosen = list(dict.fromkeys(person or []))
    if not chosen:
        return see(f"/requests/{request_id}?done=nobody#results")
    return await _letter(visit, request_id, Form({"person": chosen}))


@router.post("/requests/{request_id}/invite")
async def invite(visit: HrVisit, request_id: Id) -> Response:
    """Invite the people, all or none; where one can't be invited, say who and why."""
    form = Form.posted(await visit.request.form())
    chosen = list(dict.fromkeys(form.all("person")))
    if not chosen:
        form.status = 422
        form.fail("", visit.gettext("Please tick at least one person."))
        return await _letter(visit, request_id, form)
    asked = service.InviteMentorsRequest(
        mentoring_request_id=request_id,
        profile_ids=chosen,
        message=form.get("message").strip(),
        request_id=key_of(form),
    )
    sent = await attempt(visit, form, _invite(visit, form, asked))
    if sent is None or form.errors:
        return await _letter(visit, request_id, form)
    return see(f"/requests/{request_id}/people?done=invited&count={len(sent.invitations)}")


@router.get("/requests/{request_id}/people")
async def show_people(
    visit: EnterpriseVisit,
    request_id: Id,
    done: Annotated[str, Query(max_length=20)] = "",
    count: Annotated[int, Query(ge=0, le=MOST)] = 0,
) -> Response:
    """Show everybody who was invited for a request or offered themselves, and what came of it."""
    _thank(visit, done, count)
    return await _people(visit, request_id, Form())


@router.post("/invitations/{invitation_id}/withdraw")
async def withdraw_invitation(visit: EnterpriseVisit, invitation_id: Id) -> Response:
    """Take an invitation back."""
    form = Form.posted(await visit.request.form())
    request = service.WithdrawInvitationRequest(id=invitation_id, request_id=key_of(form), etag=form.text("etag"))
    done = await attempt(visit, form, visit.backend.engagements.withdraw_invitation(visit.identity, request))
    if done is not None:
        return see(f"/requests/{done.mentoring_request_id}/people?done=withdrawn")
    kept = await visit.backend.engagements.get_invitation(
        visit.identity, service.GetInvitationRequest(id=invitation_id)
    )
    return await _people(visit, kept.mentoring_request_id, form)


@router.get("/opt-ins/{opt_in_id}/confirm")
async def ask_confirm(visit: HrVisit, opt_in_id: Id) -> Response:
    """Say what follows from confirming an offer."""
    return await _answer(visit, "engaging/confirm_offer.html", await _opt_in(visit, opt_in_id), Form())


@router.post("/opt-ins/{opt_in_id}/confirm")
async def confirm(visit: HrVisit, opt_in_id: Id) -> Response:
    """Say yes to somebody who offered themselves."""
    form = Form.posted(await visit.request.form())
    request = service.ConfirmOptInRequest(id=opt_in_id, request_id=key_of(form), etag=form.text("etag"))
    made = await attempt(visit, form, visit.backend.engagements.confirm_opt_in(visit.identity, request))
    if made is not None:
        return see(f"/engagements/{made.id}?done=engaged")
    return await _answer(visit, "engaging/confirm_offer.html", await _opt_in(visit, opt_in_id), form)


@router.get("/opt-ins/{opt_in_id}/turn-down")
async def ask_turn_down(visit: HrVisit, opt_in_id: Id) -> Response:
    """Show the reasons to choose from."""
    return await _answer(visit, "engaging/turn_down.html", await _opt_in(visit, opt_in_id), Form())


@router.post("/opt-ins/{opt_in_id}/turn-down")
async def turn_down(visit: HrVisit, opt_in_id: Id) -> Response:
    """Say no to somebody who offered themselves, with a reason."""
    form = Form.posted(await visit.request.form())
    reason = form.choice("reason")
    if reason not in labels.TURN_DOWN_REASON:
        form.status = 422
        form.fail("reason", visit.gettext("Please choose a reason; the person reads it."))
    else:
        request = service.TurnDownOptInRequest(
            id=opt_in_id,
            reason=pb.TurnDownReason.ValueType(reason),
            words=form.get("words").strip(),
            request_id=key_of(form),
            etag=form.text("etag"),
        )
        done = await attempt(visit, form, visit.backend.engagements.turn_down_opt_in(visit.identity, request))
        if done is not None:
            return see(f"/requests/{done.mentoring_request_id}/people?done=turned_down")
    return await _answer(visit, "engaging/turn_down.html", await _opt_in(visit, opt_in_id), form)


async def _invite(
    visit: Visit, form: Form, asked: service.InviteMentorsRequest
) -> service.InviteMentorsResponse | None:
    """Invite; what is wrong with single people is put beside them."""
    try:
        return await visit.backend.engagements.invite_mentors(visit.identity, asked)
    except InvalidField as error:
        beside = [violation for violation in error.violations if violation.rule in NOT_INVITED]
        if len(beside) < len(error.violations):
            raise
        form.status = 422
        for violation in beside:
            number = int("".join(sign for sign in violation.field if sign.isdigit()) or 0)
            form.fail(f"person-{asked.profile_ids[number]}", visit.gettext(NOT_INVITED[violation.rule]))
        return None


async def _letter(visit: Visit, request_id: str, form: Form) -> Response:
    item = await get_request(visit, request_id)
    chosen = list(dict.fromkeys(form.all("person") + form.all("listed")))[:MOST]
    found = await asyncio.gather(*(_person(visit, profile_id) for profile_id in chosen))
    people = [(profile_id, person) for profile_id, person in zip(chosen, found, strict=True)]
    return visit.page.render("engaging/invite.html", status=form.status, item=item, people=people, form=form)


async def _person(visit: Visit, profile_id: str) -> talent.Profile | None:
    try:
        return await visit.backend.get_profile(visit.identity, talent_service.GetProfileRequest(id=profile_id))
    except YinlingError:
        return None  # gone, or no id at all: the page says so


async def _people(visit: Visit, request_id: str, form: Form) -> Response:
    item, around = await asyncio.gather(get_request(visit, request_id), between(visit, request_id))
    may = visit.page.role == "hr"
    return visit.page.render(
        "engaging/people.html",
        status=form.status,
        item=item,
        around=around,
        form=form,
        may_answer=may,
        engaged={one.id: one for one in around.engagements},
        is_open=item.state == matching.MentoringRequest.STATE_OPEN,
    )


async def _opt_in(visit: Visit, opt_in_id: str) -> pb.OptIn:
    return await visit.backend.engagements.get_opt_in(visit.identity, service.GetOptInRequest(id=opt_in_id))


async def _answer(visit: Visit, template: str, offer: pb.OptIn, form: Form) -> Response:
    item, person, around = await asyncio.gather(
        get_request(visit, offer.mentoring_request_id),
        _person(visit, offer.profile_id),
        between(visit, offer.mentoring_request_id),
    )
    return visit.page.render(
        template,
        status=form.status,
        item=item,
        offer=offer,
        person=person,
        around=around,
        form=form,
        reasons=pairs(labels.TURN_DOWN_REASON, visit.texts),
    )


def _thank(visit: Visit, done: str, count: int) -> None:
    words = {
        "invited": visit.texts.ngettext(
            "%(num)d invitation is sent. Below you see until when it can be answered.",
            "%(num)d invitations are sent. Below you see until when they can be answered.",
            count,
        ),
        "withdrawn": visit.gettext("The invitation is taken back; the person is told."),
        "turned_down": visit.gettext("The offer is turned down; the person reads the reason that you gave."),
    }.get(done)
    if words:
        visit.page.notices.append(("good", words))
