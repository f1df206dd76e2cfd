"""A person reads the invitations to them and answers; a coordinator answers for the people of the office."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response
from yinling.matching.v1 import engagement_pb2 as pb
from yinling.matching.v1 import engagement_service_pb2 as service

from yinling_gateway.pages.engaging import labels
from yinling_gateway.pages.engaging.acting import attempt
from yinling_gateway.pages.engaging.once import key_of
from yinling_gateway.pages.engaging.reading import invitations, request_or_none
from yinling_gateway.pages.forms import Form
from yinling_gateway.pages.texts import pairs
from yinling_gateway.pages.visit import PersonVisit, Visit, see

router = APIRouter(prefix="/invitations", include_in_schema=False)

Id = Annotated[str, Path(max_length=64)]


@router.get("")
async def list_invitations(visit: PersonVisit, done: Annotated[str, Query(max_length=20)] = "") -> Response:
    """List invitations; those that wait for an answer come first."""
    if done == "declined":
        words = visit.gettext("The enterprise is told that the answer is no, with the reason. Thank you for answering.")
        visit.page.notices.append(("good", words))
    found = await invitations(visit)
    waiting = [one for one in found if one.state == pb.Invitation.STATE_SENT]
    return visit.page.render(
        "engaging/invitations.html",
        waiting=sorted(waiting, key=lambda one: one.expire_time.ToNanoseconds()),
        answered=[one for one in found if one.state != pb.Invitation.STATE_SENT],
    )


@router.get("/{invitation_id}")
async def show_invitation(visit: PersonVisit, invitation_id: Id) -> Response:
    """Show who asks, for what, and until when it can be answered."""
    return await _show(visit, invitation_id, "engaging/invitation.html", Form())


@router.get("/{invitation_id}/accept")
async def ask_accept(visit: PersonVisit, invitation_id: Id) -> Response:
    """Say what follows from a yes."""
    return await _show(visit, invitation_id, "engaging/accept.html", Form())


@router.post("/{invitation_id}/accept")
async def accept(visit: PersonVisit, invitation_id: Id) -> Response:
    """Say yes."""
    form = Form.posted(await visit.request.form())
    request = service.AcceptInvitationRequest(id=invitation_id, request_id=key_of(form), etag=form.text("etag"))
    made = await attempt(visit, form, visit.backend.engagements.accept_invitation(visit.identity, request))
    if made is not None:
        return see(f"/engagements/{made.id}?done=engaged")
    return await _show(visit, invitation_id, "engaging/invitation.html", form)


@router.get("/{invitation_id}/decline")
async def ask_decline(visit: PersonVisit, invitation_id: Id) -> Response:
    """Show the reasons to choose from."""
    return await _show(visit, invitation_id, "engaging/decline.html", Form())


@router.post("/{invitation_id}/decline")
async def decline(visit: PersonVisit, invitation_id: Id) -> Response:
    """Say no, with a reason."""
    form = Form.posted(await visit.request.form())
    reason = form.choice("reason")
    if reason not in labels.DECLINE_REASON:
        form.status = 422
        form.fail("reason", visit.gettext("Please choose one of these reasons. “Personal reasons” is enough."))
    else:
        request = service.DeclineInvitationRequest(
            id=invitation_id,
            reason=pb.DeclineReason.ValueType(reason),
            words=form.get("words").strip(),
            request_id=key_of(form),
            etag=form.text("etag"),
        )
        done = await attempt(visit, form, visit.backend.engagements.decline_invitation(visit.identity, request))
        if done is not None:
            return see("/invitations?done=declined")
    template = "engaging/decline.html" if form.status == 422 else "engaging/invitation.html"
    return await _show(visit, invitation_id, template, form)


async def _show(visit: Visit, invitation_id: str, template: str, form: Form) -> Response:
    one = await visit.backend.engagements.get_invitation(visit.identity, service.GetInvitationRequest(id=invitation_id))
    item = await request_or_none(visit, one.mentoring_request_id)
    if one.state != pb.Invitation.STATE_SENT:
        template = "engaging/invitation.html"
    return visit.page.render(
        template,
        status=form.status,
        one=one,
        item=item,
        form=form,
        reasons=pairs(labels.DECLINE_REASON, visit.texts),
    )
