"""Calendars to subscribe to, at addresses that nobody can guess: for calendar programs, which cannot sign in."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from yinling.matching.v1 import engagement_service_pb2 as service
from yinling.matching.v1.engagement_pb2 import MentoringSession

from yinling_common.errors import NotFound
from yinling_common.identity import Role
from yinling_gateway import domain
from yinling_gateway.backend import Backend
from yinling_gateway.calendars.files import Reader, calendar
from yinling_gateway.domain import Account, CalendarFeed
from yinling_gateway.errors import SecretTold
from yinling_gateway.rate_limit import RateLimit
from yinling_gateway.repository import CalendarRepository
from yinling_gateway.repository.once import MadeBefore, call_of

PAST, FUTURE = timedelta(days=90), timedelta(days=400)
"""What a subscribed calendar shows."""

REFRESH = timedelta(hours=1)

_PAGE, _MOST = 200, 2000


class Calendars:
    """Addresses, and what is found there.

    Args:
        repository: Keeps the hashes of the addresses' tokens.
        backend: Reads the sessions in the name of the owner.
        rate_limit: For each calendar; programs ask every few minutes at most.
    """

    def __init__(self, repository: CalendarRepository, backend: Backend, rate_limit: RateLimit) -> None:
        self._repository = repository
        self._backend = backend
        self._rate_limit = rate_limit

    async def get(self, account: Account) -> CalendarFeed | None:
        """Since when an account's calendar has an address; None where it has none."""
        return await self._repository.get(account.id)

    async def renew(self, account: Account, key: str = "") -> tuple[CalendarFeed, str]:
        """A new address for an account's calendar; the second value is its token, which is not kept.

        Args:
            account: Whose.
            key: Under which one is made once; empty for none.

        Raises:
            SecretTold: One was made under the key.
        """
        token = domain.new_secret()
        call = call_of(account, key, "calendars.renew", None)
        try:
            return await self._repository.put(account.id, domain.hash_secret(token), call), token
        except MadeBefore as before:
            raise SecretTold("calendar address", before.made_id) from None

    async def revoke(self, account: Account) -> None:
        """Take the address away. Raises NotFound where there is none."""
        if not await self._repository.delete(account.id):
            raise NotFound("calendar", account.id)

    async def fetch(self, token: str, base_url: str, asker: str) -> bytes:
        """What is found at an address.

        Args:
            token: From the address.
            base_url: Of the pages.
            asker: Where the request comes from: who guesses is slowed down too.

        Raises:
            NotFound: There is no such calendar, or its owner's account is closed.
            TooManyRequests: It was asked for too often.
        """
        self._rate_limit.take(f"address:{asker}")
        hashed = domain.hash_secret(token)
        account = await self._repository.owner(hashed)
        if account is None:
            raise NotFound("calendar", "")
        self._rate_limit.take(f"calendar:{account.id}")
        now = datetime.now(UTC)
        sessions = await self.sessions(account, start=now - PAST, end=now + FUTURE)
        return calendar(sessions, reader(account, base_url), refresh=REFRESH)

    async def sessions(
        self, account: Account, *, engagement_id: str = "", start: datetime | None = None, end: datetime | None = None
    ) -> Sequence[MentoringSession]:
        """The sessions of an account, the latest first: at most 2,000 of them."""
        request = service.ListMentoringSessionsRequest(page_size=_PAGE, engagement_id=engagement_id)
        if start is not None:
            request.start_time.FromDatetime(start)
        if end is not None:
            request.end_time.FromDatetime(end)
        found: list[MentoringSession] = []
        while len(found) < _MOST:
            page = await self._backend.engagements.list_mentoring_sessions(account.identity, request)
            found += page.sessions
            if not page.next_page_token:
                break
            request.page_token = page.next_page_token
        return found[:_MOST]


def reader(account: Account, base_url: str) -> Reader:
    """For whom an account's calendar is written."""
    return Reader(account.locale, base_url, account.role is Role.RETIREE)
