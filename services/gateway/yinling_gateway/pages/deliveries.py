"""Mails and calls that did not arrive, for administrators."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from yinling_common.errors import NotFound
from yinling_gateway.notices.domain import Delivery
from yinling_gateway.notices.inbox import DELIVERY_STATES
from yinling_gateway.notices.words import short
from yinling_gateway.pages.labels import _
from yinling_gateway.pages.visit import AdminVisit, Visit, see

router = APIRouter(prefix="/admin/deliveries", include_in_schema=False)

PAGE_SIZE = 50
STATES = {
    "given_up": _("Given up"),
    "failing": _("Tried again"),
    "waiting": _("Waiting"),
    "sent": _("Sent"),
}
Id = Annotated[str, Path(max_length=64)]


@router.get("")
async def list_deliveries(
    visit: AdminVisit,
    state: Annotated[str, Query(max_length=20)] = "given_up",
    page_token: Annotated[str, Query(max_length=1000)] = "",
) -> Response:
    """List them by their state; those that were given up first."""
    state = state if state in DELIVERY_STATES else "given_up"
    deliveries, further = await visit.parts.notices.deliveries.page(state, PAGE_SIZE, page_token)
    english = visit.page.language == "en"
    names = {one.target: await _name(visit, one) for one in deliveries}
    return visit.page.render(
        "admin/deliveries.html",
        state=state,
        states=[(name, visit.gettext(words)) for name, words in STATES.items()],
        deliveries=[(one, short(one.kind, None, english=english), names[one.target]) for one in deliveries],
        mail_on=visit.parts.notices.mail_on,
        first_page=not page_token,
        first_page_address=f"/admin/deliveries?state={state}",
        next_page=f"/admin/deliveries?state={state}&page_token={further}" if further else "",
    )


@router.post("/{delivery_id}/retry")
async def retry(visit: AdminVisit, delivery_id: Id) -> Response:
    """Try one again."""
    await visit.parts.notices.deliveries.retry(delivery_id)
    return see("/admin/deliveries?state=waiting")


async def _name(visit: Visit, delivery: Delivery) -> str:
    """Whom it is for: an account by its name, a webhook by its host; a person without an account by nothing."""
    if delivery.channel == "webhook":
        return delivery.target
    try:
        return (await visit.parts.accounts.get(delivery.target)).username
    except NotFound:
        return visit.gettext("a person without an account")
