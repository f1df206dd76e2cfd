"""What stands between requests and people, as the pages need it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from yinling.common.v1.types_pb2 import Date
from yinling.matching.v1 import engagement_pb2 as pb
from yinling.matching.v1 import engagement_service_pb2 as service
from yinling.matching.v1 import matching_pb2 as matching
from yinling.matching.v1 import matching_service_pb2 as matching_service

from yinling_common.errors import NotFound, YinlingError
from yinling_common.identity import Identity
from yinling_gateway.pages.engaging.spoken import as_date, local
from yinling_gateway.pages.visit import Visit

T = TypeVar("T")
AskedT = TypeVar(
    "AskedT",
    service.ListInvitationsRequest,
    service.ListOptInsRequest,
    service.ListEngagementsRequest,
    service.ListMentoringSessionsRequest,
)
PageT = TypeVar(
    "PageT",
    service.ListInvitationsResponse,
    service.ListOptInsResponse,
    service.ListEngagementsResponse,
    service.ListMentoringSessionsResponse,
)

_PAGE, _PAGES = 200, 10  # nobody reads two thousand; a list that is longer ends there


async def _all(
    visit: Visit,
    call: Callable[[Identity, AskedT], Awaitable[PageT]],
    asked: AskedT,
    items_of: Callable[[PageT], Iterable[T]],
) -> list[T]:
    """Every item of a list, page by page."""
    found: list[T] = []
    asked.page_size = _PAGE
    for _ in range(_PAGES):
        page = await call(visit.identity, asked)
        found.extend(items_of(page))
        if not page.next_page_token:
            break
        asked.page_token = page.next_page_token
    return found


async def invitations(
    visit: Visit,
    *,
    request_id: str = "",
    profile_id: str = "",
    state: pb.Invitation.State.ValueType = pb.Invitation.STATE_UNSPECIFIED,
) -> list[pb.Invitation]:
    """Invitations that the reader has a part in, the newest first."""
    asked = service.ListInvitationsRequest(mentoring_request_id=request_id, profile_id=profile_id, state=state)
    return await _all(visit, visit.backend.engagements.list_invitations, asked, lambda page: page.invitations)


async def opt_ins(
    visit: Visit,
    *,
    request_id: str = "",
    profile_id: str = "",
    state: pb.OptIn.State.ValueType = pb.OptIn.STATE_UNSPECIFIED,
) -> list[pb.OptIn]:
    """Offers that the reader has a part in, the newest first."""
    asked = service.ListOptInsRequest(mentoring_request_id=request_id, profile_id=profile_id, state=state)
    return await _all(visit, visit.backend.engagements.list_opt_ins, asked, lambda page: page.opt_ins)


async def engagements(
    visit: Visit,
    *,
    request_id: str = "",
    profile_id: str = "",
    state: pb.Engagement.State.ValueType = pb.Engagement.STATE_UNSPECIFIED,
) -> list[pb.Engagement]:
    """Engagements that the reader has a part in, the newest first."""
    asked = service.ListEngagementsRequest(mentoring_request_id=request_id, profile_id=profile_id, state=state)
    return await _all(visit, visit.backend.engagements.list_engagements, asked, lambda page: page.engagements)


async def sessions(visit: Visit, asked: service.ListMentoringSessionsRequest) -> list[pb.MentoringSession]:
    """Sessions that the reader has a part in, the latest start first."""
    return await _all(visit, visit.backend.engagements.list_mentoring_sessions, asked, lambda page: page.sessions)


async def request_or_none(visit: Visit, request_id: str) -> matching.MentoringRequest | None:
    """A request; None where the reader may no longer read it."""
    try:
        return await visit.backend.get_mentoring_request(
            visit.identity, matching_service.GetMentoringRequestRequest(id=request_id)
        )
    except NotFound:
        return None


def first_day(one: pb.Engagement, item: matching.MentoringRequest | None) -> Date:
    """The first day of an engagement: that of both people's yes, or the later one that the request names."""
    begun = local(one.create_time).date()
    wanted = as_date(item.start_date) if item is not None and item.HasField("start_date") else begun
    first = max(begun, wanted)
    return Date(year=first.year, month=first.month, day=first.day)


@dataclass
class Between:
    """What stands between one request and people."""

    invitations: Sequence[pb.Invitation] = field(default_factory=list)
    opt_ins: Sequence[pb.OptIn] = field(default_factory=list)
    engagements: Sequence[pb.Engagement] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """How many places are taken: one that ended early gives its place back."""
        return sum(1 for one in self.engagements if one.state != pb.Engagement.STATE_ENDED_EARLY)

    @property
    def asked(self) -> list[pb.Invitation]:
        """Invitations that wait."""
        return [one for one in self.invitations if one.state == pb.Invitation.STATE_SENT]

    @property
    def offered(self) -> list[pb.OptIn]:
        """Offers that wait."""
        return [one for one in self.opt_ins if one.state == pb.OptIn.STATE_OFFERED]

    @property
    def declined(self) -> list[pb.Invitation]:
        """Invitations that brought nobody."""
        lost = {pb.Invitation.STATE_DECLINED, pb.Invitation.STATE_EXPIRED}
        return [one for one in self.invitations if one.state in lost]

    @property
    def people(self) -> int:
        """How many things there are to look at."""
        return len(self.invitations) + len(self.opt_ins)

    @property
    def by_person(self) -> dict[str, tuple[str, "pb.Invitation | pb.OptIn | pb.Engagement"]]:
        """The latest that matters of each person, with the name of its kind: what lives comes first."""
        found: dict[str, tuple[str, pb.Invitation | pb.OptIn | pb.Engagement]] = {}
        live = {pb.Engagement.STATE_ACTIVE, pb.Engagement.STATE_PAUSED}
        ordered: list[tuple[str, Sequence[pb.Invitation | pb.OptIn | pb.Engagement]]] = [
            ("engagement", [one for one in self.engagements if one.state in live]),
            ("invitation", self.asked),
            ("opt_in", self.offered),
            ("engagement", self.engagements),
            ("invitation", self.invitations),
            ("opt_in", self.opt_ins),
        ]
        for kind, things in ordered:
            for thing in things:
                found.setdefault(thing.profile_id, (kind, thing))
        return found


async def between(visit: Visit, request_id: str) -> Between:
    """What stands between a request and people."""
    asked, offered, engaged = await asyncio.gather(
        invitations(visit, request_id=request_id),
        opt_ins(visit, request_id=request_id),
        engagements(visit, request_id=request_id),
    )
    return Between(asked, offered, engaged)


async def between_or_nothing(visit: Visit, request_id: str) -> Between:
    """The same for a page that is worth showing without; it says so where it can't be read."""
    try:
        return await between(visit, request_id)
    except YinlingError:
        words = visit.gettext("Invitations and engagements can’t be shown just now. Load the page again in a while.")
        visit.page.notices.append(("bad", words))
        return Between()


async def or_nothing(visit: Visit, reading: Awaitable[T], nothing: T) -> T:
    """What is read, or nothing where it can't be: for parts that a page is worth showing without."""
    try:
        return await reading
    except YinlingError:
        words = visit.gettext("A part of this page can’t be shown just now. Load it again in a while.")
        if ("bad", words) not in visit.page.notices:
            visit.page.notices.append(("bad", words))
        return nothing
