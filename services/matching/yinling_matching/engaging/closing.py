"""Closes what waits for people who are gone: who took their consent back, or whose profile was deleted."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta
from functools import partial

from yinling_common.errors import NotFound
from yinling_common.repeating import repeat
from yinling_matching.engaging.audit import OURSELVES
from yinling_matching.engaging.changing import Waiting, close
from yinling_matching.engaging.states import ClosedBecause
from yinling_matching.engaging.tables import INVITATIONS, OPT_INS
from yinling_matching.engaging.unit import Decisions, Unit

_SETTLED = timedelta(minutes=10)
"""What waits for somebody who is not here is left alone until it is so old: another replica may know them already."""

_WAITING = """
    SELECT profile_id, min(create_time) AS since FROM (
        SELECT profile_id, create_time FROM invitations WHERE state = 1
        UNION ALL SELECT profile_id, create_time FROM opt_ins WHERE state = 1
    ) AS waiting GROUP BY profile_id
"""


class Closing:
    """See the module.

    Args:
        decisions: Where it is done.
        complete: Whether the catalogue holds everybody whom the feed knows. Before that nobody is missed.
        every: Seconds between two looks at everything that waits.
    """

    def __init__(self, decisions: Decisions, complete: Callable[[], bool], *, every: float = 60.0) -> None:
        self._decisions = decisions
        self._complete = complete
        self._every = every
        self._next_look = 0.0
        self._gone: set[str] = set()
        self._woken = asyncio.Event()

    def gone(self, profile_ids: Collection[str]) -> None:
        """People took their consent back, or were deleted. Does not wait: `run` closes what waits, until it is done."""
        self._gone.update(profile_ids)
        self._woken.set()

    async def close_pending(self, profile_id: str) -> int:
        """Close every invitation and opt-in that waits for a person; returns how many. Engagements are left alone."""
        closed = 0
        async with self._decisions.database.connection() as conn:
            found = await conn.execute(
                "SELECT DISTINCT mentoring_request_id FROM ("
                "SELECT mentoring_request_id FROM invitations WHERE profile_id = %(id)s AND state = 1"
                " UNION ALL SELECT mentoring_request_id FROM opt_ins WHERE profile_id = %(id)s AND state = 1"
                ") AS waiting",
                {"id": profile_id},
            )
            requests = [str(row["mentoring_request_id"]) for row in await found.fetchall()]
        for request_id in requests:
            closed += await self._decide(partial(_close, request_id=request_id, profile_id=profile_id))
        return closed

    async def run(self) -> None:
        """Close for ever; cancel it to end."""
        await repeat("closing", self._look, self._woken)

    async def _look(self) -> float:
        """Close what waits for people who are gone; seconds until the next look."""
        if self._gone:
            await self._close_gone()
        clock = asyncio.get_running_loop().time
        if clock() >= self._next_look:
            await self._close_missing()
            self._next_look = clock() + self._every
        return max(0.0, self._next_look - clock())

    async def _close_gone(self) -> None:
        gone = list(self._gone)
        async with self._decisions.database.connection() as conn:
            found = await conn.execute(f"{_WAITING} HAVING profile_id = ANY(%s)".encode(), [gone])
            waiting = [str(row["profile_id"]) for row in await found.fetchall()]
        for profile_id in waiting:
            await self.close_pending(profile_id)
        self._gone.difference_update(gone)

    async def _close_missing(self) -> None:
        """Whom the removals did not tell of: they went while no replica ran, or just before one ended."""
        if not self._complete():
            return
        async with self._decisions.database.connection() as conn:
            rows = await (await conn.execute(_WAITING.encode())).fetchall()
        limit = self._decisions.now() - _SETTLED
        old = [str(row["profile_id"]) for row in rows if row["since"] < limit]
        here = await self._decisions.people.find(old)
        if self._complete():  # still: nobody was missing because the catalogue began anew
            for profile_id in old:
                if profile_id not in here:
                    await self.close_pending(profile_id)

    async def _decide(self, decide: Callable[[Unit], Awaitable[int]]) -> int:
        try:
            return await self._decisions.ourselves(decide)
        except NotFound:  # the request was deleted meanwhile
            return 0


async def _close(unit: Unit, request_id: str, profile_id: str) -> int:
    request = await unit.request(request_id)
    waiting: list[Waiting] = [
        *await INVITATIONS.live(unit.conn, request_id, [profile_id]),
        *await OPT_INS.live(unit.conn, request_id, [profile_id]),
    ]
    for thing in waiting:
        await close(unit.conn, request, thing, ClosedBecause.PERSON_GONE, by=OURSELVES, now=unit.now)
    return len(waiting)
