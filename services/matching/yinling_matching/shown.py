"""Use cases about who was shown: what enterprises say of them afterwards, and how often each was shown."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from heapq import nsmallest

from yinling_common import paging
from yinling_common.errors import InvalidField, NotFound, Violation, WrongState
from yinling_common.identity import Role, require
from yinling_matching.catalogue import Catalogue
from yinling_matching.days import today as today_in_china
from yinling_matching.domain import RequestState
from yinling_matching.handlers import Requests
from yinling_matching.ledger import DAYS, Ledger
from yinling_matching.ledger_repository import Exposure, Feedback, LedgerRepository

_LIST = "exposures"
_MOST_SHOWN = 200
_RATED_IN = {RequestState.FILLED, RequestState.CLOSED}


@dataclass(frozen=True, slots=True)
class Page:
    """Some exposures, and the token of the next ones."""

    exposures: list[Exposure]
    next_page_token: str


@dataclass(frozen=True, slots=True)
class ShownPerson:
    """A person who was shown for a request. Name and position are empty where they are no longer in the index."""

    profile_id: str
    name: str
    last_position: str
    rating: int


class ShownPeople:
    """Reads and writes the ledger for the caller.

    Args:
        requests: For requests by id, as far as the caller may see them.
        catalogue: Who there is.
        ledger: What this process shows goes through it.
        repository: Where it is kept.
        today: The day it is.
    """

    def __init__(
        self,
        *,
        requests: Requests,
        catalogue: Catalogue,
        ledger: Ledger,
        repository: LedgerRepository,
        today: Callable[[], date] = today_in_china,
    ) -> None:
        self._requests = requests
        self._catalogue = catalogue
        self._ledger = ledger
        self._repository = repository
        self._today = today

    async def rate(self, given: Feedback) -> Feedback:
        """Keep what an enterprise says of a person; said again it replaces what was said before."""
        require(Role.HR)
        request = await self._requests.get(given.request_id)  # HR sees their own organisation's alone
        names = await asyncio.to_thread(self._named, [given.profile_id])
        if given.profile_id not in names:
            raise NotFound("profile", given.profile_id)
        if request.state not in _RATED_IN:
            raise WrongState(request.state.name.lower(), "the request to be closed or filled")
        await self._ledger.write()  # they may have been shown a moment ago
        if not await self._repository.was_shown(request.id, given.profile_id):
            raise WrongState("somebody who was never shown for this request", "a person who was")
        return await self._ledger.rate(replace(given, organisation=request.organisation))

    async def of_request(self, request_id: str) -> list[ShownPerson]:
        """Who was shown for a request, the best place first."""
        require(Role.HR, Role.ADMIN)
        request = await self._requests.get(request_id)
        await self._ledger.write()
        shown = await self._repository.shown_for(request.id, _MOST_SHOWN)
        names = await asyncio.to_thread(self._named, [one.profile_id for one in shown])
        return [ShownPerson(one.profile_id, *names.get(one.profile_id, ("", "")), one.rating) for one in shown]

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
        first = first or last - timedelta(days=DAYS)
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

    def _named(self, profile_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Name and last position of those who are here."""
        with self._catalogue.reading() as view:
            entries = [entry for profile_id in profile_ids if (entry := view.entry(profile_id))]
            people = [entry.indexed.person for entry in entries]
            return {person.id: (person.name, person.last_position) for person in people}
