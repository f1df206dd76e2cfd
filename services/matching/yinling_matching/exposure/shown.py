"""Use cases about who was shown: how often each was."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from heapq import nsmallest

from yinling_common import paging
from yinling_common.errors import InvalidField, Violation
from yinling_common.identity import Role, require
from yinling_matching.catalogue.catalogue import Catalogue
from yinling_matching.days import today as today_in_china
from yinling_matching.exposure.ledger import DAYS, Ledger
from yinling_matching.exposure.repository import Exposure, LedgerRepository

_LIST = "exposures"


@dataclass(frozen=True, slots=True)
class Page:
    """Some exposures, and the token of the next ones."""

    exposures: list[Exposure]
    next_page_token: str


class ShownPeople:
    """Reads the ledger for the caller.

    Args:
        catalogue: Who there is.
        ledger: What this process shows goes through it.
        repository: Where it is kept.
        today: The day it is.
    """

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        ledger: Ledger,
        repository: LedgerRepository,
        today: Callable[[], date] = today_in_china,
    ) -> None:
        self._catalogue = catalogue
        self._ledger = ledger
        self._repository = repository
        self._today = today

    async def exposures(
        self, first: date | None, last: date | None, organisation: str, page_size: int, page_token: str
    ) -> Page:
        """How often people were shown in a period, those who never were included, in the order of their ids.

        Args:
            first: None for 90 days before the last.
            last: None for today.
            organisation: Only people kept by it; empty for all that the caller may see.
            page_size: 0 for 200.
            page_token: Of the page before.
        """
        caller = require(Role.ADMIN, Role.COORDINATOR)
        filters = {
            "first": str(first),
            "last": str(last),
            "organisation": organisation,
            "caller": [caller.role, caller.organisation],
        }
        after = paging.decode(page_token, _LIST, filters)
        last = last or self._today()
        first = first or date.fromordinal(max(1, last.toordinal() - DAYS))
        if first > last:
            message = f"{first} is after the last day, {last}; give a day that is not"
            raise InvalidField([Violation("start_date", "date.order", message)])
        if caller.role is Role.COORDINATOR:
            if not caller.organisation or organisation not in {"", caller.organisation}:
                return Page([], "")
            organisation = caller.organisation
        size = paging.page_size(page_size, 200, 1000)
        ids = await asyncio.to_thread(self._ids, organisation, str(after[0]) if after else "", size + 1)
        token = paging.encode(_LIST, filters, [ids[size - 1]]) if len(ids) > size else ""
        await self._ledger.write()
        shown = {one.profile_id: one for one in await self._repository.exposures(ids[:size], first, last)}
        return Page([shown.get(id_, Exposure(id_)) for id_ in ids[:size]], token)

    def _ids(self, organisation: str, after: str, count: int) -> list[str]:
        """The first ids behind one, of the people of an organisation or of everybody."""
        with self._catalogue.reading() as view:
            people = (entry.indexed.person for entry in view.entries())
            return nsmallest(
                count, (one.id for one in people if one.id > after and organisation in {"", one.organisation})
            )
