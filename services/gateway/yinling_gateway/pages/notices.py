"""What the reader is told: the list, and the way from a notice to what it is about."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response
from yinling.matching.v1 import engagement_service_pb2 as engagement_service

from yinling_common.errors import YinlingError
from yinling_common.identity import Role
from yinling_gateway.notices.domain import Notice
from yinling_gateway.notices.links import page as page_of
from yinling_gateway.notices.words import moment, say
from yinling_gateway.pages.visit import AnyVisit, Visit, see

router = APIRouter(prefix="/notices", include_in_schema=False)

PAGE_SIZE = 30
Id = Annotated[str, Path(max_length=64)]
Token = Annotated[str, Query(max_length=1000)]


@router.get("")
async def list_notices(visit: AnyVisit, page_token: Token = "", unread: bool = False) -> Response:
    """List what the reader is told, the latest first."""
    account = visit.account.account
    notices, further = await visit.parts.notices.inbox.page(account.id, PAGE_SIZE, page_token, unread=unread)
    only = "unread=1&" if unread else ""
    return visit.page.render(
        "notices/list.html",
        notices=[(notice, _said(visit, notice)) for notice in notices],
        unread_only=unread,
        keeps_webhooks=account.role in {Role.HR, Role.COORDINATOR, Role.ADMIN},
        first_page=not page_token,
        first_page_address=f"/notices?{only}".rstrip("?&"),
        next_page=f"/notices?{only}page_token={further}" if further else "",
    )


@router.post("/read-all")
async def read_all(visit: AnyVisit) -> Response:
    """Mark everything as read."""
    await visit.parts.notices.inbox.read_all(visit.account.account.id)
    return see("/notices")


@router.post("/{notice_id}/read")
async def read(visit: AnyVisit, notice_id: Id) -> Response:
    """Mark one as read."""
    await visit.parts.notices.inbox.read(visit.account.account.id, notice_id)
    return see("/notices")


@router.get("/{notice_id}")
async def open_notice(visit: AnyVisit, notice_id: Id) -> Response:
    """Mark one as read and go to what it is about. Mails lead here."""
    notice = await visit.parts.notices.inbox.read(visit.account.account.id, notice_id)
    return see(await _target(visit, notice))


async def _target(visit: Visit, notice: Notice) -> str:
    event, role = notice.event, visit.account.account.role
    if event.resource != "mentoring_session" or "engagement_id" in event.facts:
        return page_of(event, role)
    try:
        request = engagement_service.GetMentoringSessionRequest(id=event.resource_id)
        session = await visit.backend.engagements.get_mentoring_session(visit.identity, request)
    except YinlingError:
        return "/engagements"  # gone, or away: the list says so
    return f"/engagements/{session.engagement_id}"


def _said(visit: Visit, notice: Notice) -> tuple[str, str, str]:
    english = visit.page.language == "en"
    said = say(notice.event, english=english, on_behalf_of=notice.on_behalf_of)
    return said.subject, said.body, moment(notice.event.event_time.isoformat(), english=english)
