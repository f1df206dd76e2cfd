"""One's sessions in one's own calendar: an address to subscribe to, shown once."""

from fastapi import APIRouter
from starlette.responses import Response

from yinling_gateway.pages.visit import PartyVisit, Visit, see
from yinling_gateway.rest.auth import own_session
from yinling_gateway.rest.calendars import feed_url

router = APIRouter(prefix="/my-calendar", include_in_schema=False)


@router.get("")
async def show(visit: PartyVisit) -> Response:
    """Say whether there is an address, and what it is for."""
    return await _page(visit, "")


@router.post("")
async def make(visit: PartyVisit) -> Response:
    """Make an address and show it; one made before holds no more. Needs a session, as everywhere."""
    own_session(visit.account)
    _, token = await visit.parts.calendars.renew(visit.account.account)
    return await _page(visit, feed_url(visit.request, token))


@router.post("/revoke")
async def revoke(visit: PartyVisit) -> Response:
    """Take the address away. Needs a session."""
    own_session(visit.account)
    if await visit.parts.calendars.get(visit.account.account) is not None:
        await visit.parts.calendars.revoke(visit.account.account)
    return see("/my-calendar")


async def _page(visit: Visit, url: str) -> Response:
    return visit.page.render(
        "engaging/calendar_link.html", url=url, kept=await visit.parts.calendars.get(visit.account.account)
    )
