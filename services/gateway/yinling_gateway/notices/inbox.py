"""Somebody's notices on their page."""

from collections.abc import Callable, Mapping
from datetime import datetime

from yinling_common import paging
from yinling_common.errors import InvalidField, NotFound, Violation
from yinling_gateway.accounts import time_and_id
from yinling_gateway.notices.domain import Delivery, DeliveryState, Notice
from yinling_gateway.repository import DeliveryRepository, NoticeRepository

FAILING = "failing"
"""Deliveries that were tried in vain and will be tried again."""

_ROWS_MAX = 200


class Inbox:
    """Use cases of an account with its notices."""

    def __init__(self, repository: NoticeRepository) -> None:
        self._repository = repository

    async def page(
        self, account_id: str, page_size: int, page_token: str, *, unread: bool = False
    ) -> tuple[list[Notice], str]:
        """One page of an account's notices, the latest first, and the token of the next page."""
        filters = {"account": account_id, "unread": unread}
        after = _after(page_token, "notices", filters)
        size = rows(page_size)
        notices = await self._repository.page(account_id, after, size + 1, unread=unread)
        if len(notices) <= size:
            return notices, ""
        last = notices[size - 1]
        return notices[:size], paging.encode("notices", filters, [last.event.event_time.isoformat(), last.id])

    async def unread(self, account_id: str) -> int:
        """How many an account has not read."""
        return await self._repository.count_unread(account_id)

    async def read(self, account_id: str, notice_id: str) -> Notice:
        """Mark one as read; again changes nothing. Raises NotFound where it is not the account's."""
        notice = await self._repository.read(account_id, notice_id)
        if notice is None:
            raise NotFound("notice", notice_id)
        return notice

    async def read_all(self, account_id: str) -> int:
        """Mark all as read; answers how many were not."""
        return await self._repository.read_all(account_id)


class Deliveries:
    """What administrators see of mails and calls."""

    def __init__(self, repository: DeliveryRepository, *, now: Callable[[], datetime]) -> None:
        self._repository = repository
        self._now = now

    async def page(self, state: str, page_size: int, page_token: str) -> tuple[list[Delivery], str]:
        """One page of the deliveries in a state, or of those that are FAILING, the latest first."""
        filters = {"state": state}
        after = _after(page_token, "deliveries", filters)
        size = rows(page_size)
        deliveries = await self._repository.page(state, after, size + 1)
        if len(deliveries) <= size:
            return deliveries, ""
        last = deliveries[size - 1]
        return deliveries[:size], paging.encode("deliveries", filters, [last.create_time.isoformat(), last.id])

    async def retry(self, delivery_id: str) -> None:
        """Try one again. Raises NotFound where there is none that was tried in vain."""
        if not await self._repository.retry(delivery_id, self._now()):
            raise NotFound("delivery", delivery_id)


DELIVERY_STATES = (FAILING, DeliveryState.GIVEN_UP.value, DeliveryState.WAITING.value, DeliveryState.SENT.value)


def rows(page_size: int) -> int:
    """How many rows a page has. Raises InvalidField for what no page can have."""
    if not 0 <= page_size <= _ROWS_MAX:
        raise InvalidField([Violation("page_size", "int32.gte_lte", f"must be 0 to {_ROWS_MAX}")])
    return paging.page_size(page_size)


def _after(page_token: str, scope: str, filters: Mapping[str, object]) -> tuple[datetime, str] | None:
    key = paging.decode(page_token, scope, filters)
    return time_and_id(key) if key else None
