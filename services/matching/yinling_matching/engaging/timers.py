"""Does what falls due, once, however many replicas run, and whenever they are started again.

Every replica looks, now and then. What it finds it decides like any other step: in a transaction of its own that locks
the request first. A request that somebody else has locked, a caller or another replica, is passed over until the next
look; and under the lock it is asked again whether it is due, so that what another replica did a moment ago is not done
twice.
"""

import asyncio
from functools import partial

from prometheus_client import Counter, Gauge

from yinling_common import logs
from yinling_common.errors import DatabaseUnavailable, NotFound
from yinling_common.faults import point
from yinling_common.repeating import repeat
from yinling_matching.engaging.due import NotYet, Timer, timers
from yinling_matching.engaging.once import forget_old
from yinling_matching.engaging.putting_off import PutOff
from yinling_matching.engaging.times import Times
from yinling_matching.engaging.unit import Decisions, Unit

DONE = Counter("yinling_matching_timers_done", "What fell due and was done", ["timer"])
FAILED = Counter("yinling_matching_timers_failed", "What fell due and failed; it is tried again", ["timer"])
WAITING = Gauge("yinling_matching_notices_waiting", "Notices that nobody has acknowledged yet")
OLDEST = Gauge("yinling_matching_notices_oldest_seconds", "Age of the oldest of them")

_BATCH = 200
_PURGE_EVERY = 3600.0


class Timers:
    """See the module.

    Args:
        decisions: Where it is done, and the clock.
        times: When things fall due.
        every: Seconds between two looks.
    """

    def __init__(self, decisions: Decisions, times: Times, *, every: float = 30.0) -> None:
        self._decisions = decisions
        self._timers = timers(times)
        self._put_off = {timer.name: PutOff() for timer in self._timers}
        self._every = every
        self._next_purge = 0.0
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look at once."""
        self._woken.set()

    async def run(self) -> None:
        """Look for ever; cancel it to end."""
        await repeat("timers", self._look, self._woken)

    async def do_due(self) -> int:
        """Do everything that is due now; returns how much was done here. Raises DatabaseUnavailable."""
        return sum([await self._do_all(timer) for timer in self._timers])

    async def purge(self) -> None:
        """Delete what is too old to matter: keys of calls, reminders of sessions long past, marks of the erased."""
        now = self._decisions.now()
        await forget_old(self._decisions.database, now)
        async with self._decisions.database.transaction() as conn:
            await conn.execute(
                "DELETE FROM reminders WHERE name = 'session' AND about < %s::timestamptz - interval '30 days'", [now]
            )
            await conn.execute("DELETE FROM erased_people WHERE time < %s::timestamptz - interval '30 days'", [now])

    async def _look(self) -> float:
        await self.do_due()
        clock = asyncio.get_running_loop().time
        if clock() >= self._next_purge:
            await self.purge()
            self._next_purge = clock() + _PURGE_EVERY
        await self._count_notices()
        return self._every

    async def _do_all(self, timer: Timer) -> int:
        """One kind, a batch after the other, until nothing of it is left that can be done now."""
        done, passed = 0, self._put_off[timer.name].at(self._decisions.now())
        while True:
            async with self._decisions.database.connection() as conn:
                due = await timer.due(conn, self._decisions.now(), _BATCH, passed=passed)
            if not due:
                return done
            for request_id, id_ in due:
                passed.add(id_)
                done += await self._do(timer, request_id, id_)

    async def _do(self, timer: Timer, request_id: str, id_: str) -> int:
        try:
            done = await self._decisions.ourselves(partial(_decide, timer, request_id, id_))
        except DatabaseUnavailable:
            raise
        except NotFound:  # it was erased meanwhile
            return 0
        except NotYet:
            self._put_off[timer.name].add(id_, self._decisions.now())
            return 0
        except Exception:
            # What is wrong with one thing must not keep all others waiting.
            self._put_off[timer.name].add(id_, self._decisions.now())
            logs.get().exception("timer.failed", timer=timer.name, id=id_)
            FAILED.labels(timer.name).inc()
            return 0
        self._put_off[timer.name].done(id_)
        if done:
            point("timer.committed")
            DONE.labels(timer.name).inc()
            logs.get().info("timer.done", timer=timer.name, id=id_)
        return done

    async def _count_notices(self) -> None:
        async with self._decisions.database.connection() as conn:
            query = "SELECT count(*) AS count, extract(epoch FROM now() - min(create_time)) AS age FROM notices"
            row = await (await conn.execute(query)).fetchone()
        if row is not None:
            WAITING.set(row["count"])
            OLDEST.set(max(0.0, float(row["age"] or 0)))


async def _decide(timer: Timer, request_id: str, id_: str, unit: Unit) -> int:
    query = "SELECT FROM mentoring_requests WHERE id = %s FOR UPDATE SKIP LOCKED"
    if not (await unit.conn.execute(query, [request_id])).rowcount:
        return 0  # somebody is at it, or it was deleted meanwhile
    if not await timer.due(unit.conn, unit.now, 1, id_):
        return 0  # another replica was quicker
    await timer.act(unit, await unit.request(request_id), id_)
    point("timer.done")
    return 1
