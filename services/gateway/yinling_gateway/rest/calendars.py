"""Calendar files of sessions, and the calendar that can be subscribed to."""

from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from yinling.matching.v1 import engagement_service_pb2 as service

from yinling_gateway.auth import Anyone, address
from yinling_gateway.calendars.feeds import reader
from yinling_gateway.calendars.files import MEDIA_TYPE, calendar
from yinling_gateway.dependencies import BackendDep, CalendarsDep, parts
from yinling_gateway.models.calendars import CalendarAddress, NewCalendarAddress
from yinling_gateway.models.problems import documented
from yinling_gateway.rest.auth import own_session
from yinling_gateway.rest.bodies import Id
from yinling_gateway.rest.etags import IfNoneMatch, unchanged
from yinling_gateway.rest.moves import SecretKey

router = APIRouter(tags=["calendars"])
feed = APIRouter(tags=["calendars"])

_EXAMPLE = "\r\n".join(
    (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Yinling//Yinling 1//ZH",
        "BEGIN:VEVENT",
        "UID:9b1d7f0e-5c2a-4b8e-8f63-2a7d0c4e1b55@yinling",
        "DTSTAMP:20261123T020000Z",
        "DTSTART:20261208T013000Z",
        "DTEND:20261208T033000Z",
        "SUMMARY:辅导：青年技术员井下通风与瓦斯治理传帮带",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    )
)

_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "An iCalendar file.",
        "content": {"text/calendar": {"schema": {"type": "string"}, "example": _EXAMPLE}},
    }
}


@router.get(
    "/mentoring-sessions/{id:id}.ics",
    summary="A session as a calendar file",
    responses=documented(404) | _FILE,
    response_class=Response,
)
async def of_session(id_: Id, caller: Anyone, backend: BackendDep, request: Request) -> Response:
    """To be loaded once. It has the same UID as in the calendar that is subscribed to."""
    read = service.GetMentoringSessionRequest(id=id_)
    found = await backend.engagements.get_mentoring_session(caller.identity, read)
    return _file(calendar([found], reader(caller.account, base_url(request))), f"session-{found.id}.ics")


@router.get(
    "/engagements/{id:id}.ics",
    summary="The sessions of an engagement as a calendar file",
    responses=documented(404) | _FILE,
    response_class=Response,
)
async def of_engagement(
    id_: Id, caller: Anyone, backend: BackendDep, calendars: CalendarsDep, request: Request
) -> Response:
    """Planned, held and cancelled ones."""
    await backend.engagements.get_engagement(caller.identity, service.GetEngagementRequest(id=id_))
    found = await calendars.sessions(caller.account, engagement_id=id_)
    return _file(calendar(found, reader(caller.account, base_url(request))), f"engagement-{id_}.ics")


@router.get("/me/calendar", summary="Can one's sessions be subscribed to?", responses=documented())
async def get(caller: Anyone, calendars: CalendarsDep) -> CalendarAddress:
    """Whether there is an address, and whether it is used."""
    found = await calendars.get(caller.account)
    if found is None:
        return CalendarAddress(active=False, create_time=None, fetch_time=None)
    return CalendarAddress(active=True, create_time=found.create_time, fetch_time=found.fetch_time)


@router.post("/me/calendar", status_code=201, summary="Make an address to subscribe to", responses=documented(400, 409))
async def renew(caller: Anyone, calendars: CalendarsDep, request: Request, key: SecretKey) -> NewCalendarAddress:
    """Shown once. One made before holds no more. Needs a session: a key that leaked must not make itself at home."""
    own_session(caller)
    made, token = await calendars.renew(caller.account, key)
    return NewCalendarAddress(url=feed_url(request, token), create_time=made.create_time)


@router.delete("/me/calendar", status_code=204, summary="Take the address away", responses=documented(404))
async def revoke(caller: Anyone, calendars: CalendarsDep) -> None:
    """At once. Needs a session."""
    own_session(caller)
    await calendars.revoke(caller.account)


@feed.get(
    "/calendars/{token:id}.ics",
    summary="A calendar to subscribe to",
    responses={status: said for status, said in documented(404).items() if status not in {401, 403}}
    | _FILE
    | {304: {"description": "It is as it was."}},
    response_class=Response,
)
async def subscribed(
    token: Annotated[str, Path(max_length=200, description="From the address; it stands for its owner.")],
    calendars: CalendarsDep,
    request: Request,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """What its owner may see: sessions of the last 90 and the next 400 days, without anybody's contact details."""
    content = await calendars.fetch(token, base_url(request), address(request))
    tag = sha256(content).hexdigest()[:32]
    headers = {"ETag": f'"{tag}"', "Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex"}
    if unchanged(if_none_match, tag):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=MEDIA_TYPE, headers=headers)


def base_url(request: Request) -> str:
    """Address of the pages, without a slash at the end."""
    return (parts(request).settings.public_url or str(request.base_url)).rstrip("/")


def feed_url(request: Request, token: str) -> str:
    """The address of a calendar."""
    return f"{base_url(request)}/calendars/{token}.ics"


def _file(content: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(content, media_type=MEDIA_TYPE, headers=headers)
