"""The fake of the ledger's tables, which passes the same tests as the real one, and what those tests need of both."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

from typing_extensions import override

from yinling_common.database import Database
from yinling_common.errors import DatabaseUnavailable
from yinling_matching.exposure.repository import (
    FIRST_PLACES,
    Exposure,
    Feedback,
    Head,
    LedgerRepository,
    Showing,
    keep_rating,
)

RateIn = Callable[[Feedback, datetime], Awaitable[Feedback]]
"""Keeps feedback said at a time."""


def rate_in(database: Database) -> RateIn:
    """Keeps it in a database, each in a transaction of its own."""

    async def rate(feedback: Feedback, now: datetime) -> Feedback:
        async with database.transaction() as conn:
            return await keep_rating(conn, feedback, now)

    return rate


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

    async def rate(self, feedback: Feedback, now: datetime) -> Feedback:
        """Keep feedback as `keep_rating` does."""
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
