"""The fake of the ledger's tables. It ships with the package and passes the same tests as the real one."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date, datetime

from typing_extensions import override

from yinling_common.errors import DatabaseUnavailable
from yinling_matching.ledger_repository import (
    FIRST_PLACES,
    Exposure,
    Feedback,
    Head,
    LedgerRepository,
    Showing,
    Shown,
)


class MemoryLedgerRepository(LedgerRepository):
    """Exposures and feedback in dicts.

    Attributes:
        away: Whether it answers like a database that does not.
        writes: How often showings were written.
    """

    def __init__(self) -> None:
        self.away = False
        self.writes = 0
        self._head = Head()
        self._showings: dict[tuple[str, str], tuple[int, Showing]] = {}
        self._feedback: dict[tuple[str, str], tuple[int, Feedback]] = {}

    @override
    async def head(self) -> Head:
        self._check()
        return self._head

    @override
    async def show(self, showings: Sequence[Showing]) -> list[Showing]:
        self._check()
        self.writes += 1
        self._head = replace(self._head, revision=self._head.revision + 1)
        kept = []
        for one in showings:
            pair = (one.request_id, one.profile_id)
            _, old = self._showings.get(pair, (0, one))
            kept.append(Showing(*pair, min(one.day, old.day), min(one.place, old.place)))
            self._showings[pair] = self._head.revision, kept[-1]
        return kept

    @override
    async def showings(self, after: int, until: int, since: date) -> AsyncIterator[list[Showing]]:
        self._check()
        yield [one for revision, one in self._showings.values() if after < revision <= until and one.day >= since]

    @override
    async def shown_before(self, day: date) -> list[str]:
        self._check()
        return list({one.profile_id for _, one in self._showings.values() if one.day < day})

    @override
    async def shown_for(self, request_id: str, limit: int) -> list[Shown]:
        self._check()
        of_request = [one for _, one in self._showings.values() if one.request_id == request_id]
        of_request.sort(key=lambda one: (one.place, one.profile_id))
        unrated = (0, Feedback(request_id, "", 0))
        return [
            Shown(one.profile_id, self._feedback.get((request_id, one.profile_id), unrated)[1].rating)
            for one in of_request[:limit]
        ]

    @override
    async def was_shown(self, request_id: str, profile_id: str) -> bool:
        self._check()
        return (request_id, profile_id) in self._showings

    @override
    async def rate(self, feedback: Feedback, now: datetime) -> Feedback:
        self._check()
        self._head = replace(self._head, revision=self._head.revision + 1)
        kept = replace(feedback, update_time=now)
        self._feedback[feedback.request_id, feedback.profile_id] = self._head.revision, kept
        return kept

    @override
    async def feedback(self, after: int, until: int) -> list[Feedback]:
        self._check()
        return [one for revision, one in self._feedback.values() if after < revision <= until]

    @override
    async def exposures(self, profile_ids: Sequence[str], first: date, last: date) -> list[Exposure]:
        self._check()
        found = []
        for profile_id in profile_ids:
            theirs = [one for _, one in self._showings.values() if one.profile_id == profile_id]
            places = [one.place for one in theirs if first <= one.day <= last]
            if places:
                found.append(Exposure(profile_id, len(places), sum(place <= FIRST_PLACES for place in places)))
        return found

    @override
    async def forget(self, profile_id: str) -> None:
        self._check()
        self._head = Head(self._head.revision + 1, self._head.erasures + 1)
        self._showings = {pair: kept for pair, kept in self._showings.items() if pair[1] != profile_id}
        self._feedback = {pair: kept for pair, kept in self._feedback.items() if pair[1] != profile_id}

    def _check(self) -> None:
        if self.away:
            raise DatabaseUnavailable
