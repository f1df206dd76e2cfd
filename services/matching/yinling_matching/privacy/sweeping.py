"""Deletes the vectors of texts that nobody has any more: of people who are gone, and of requests that are over.

Vectors are kept under a digest of their text, so what is to go cannot be looked up by person. What is to stay can: the
texts of everybody in the catalogue, and those of the requests that may still be looked at. All other rows are deleted,
in portions. Only rows that were there before the sweep began: what others embed meanwhile is for texts that come in
just now. A row that goes too early costs nothing but embedding its text again.
"""

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime

from prometheus_client import Counter

from yinling_common import logs
from yinling_common.database import Database
from yinling_common.repeating import repeat
from yinling_matching.catalogue.catalogue import Catalogue
from yinling_matching.domain import RequestState
from yinling_matching.ranking.points import texts_to_embed
from yinling_matching.repository import Position, RequestFilter, RequestRepository, position_of
from yinling_matching.vectors import query_key

SWEPT = Counter("yinling_matching_embeddings_swept", "Vectors deleted because nobody has their text any more")

_PORTION = 5000
_REQUESTS = 500
_LOOK_EVERY = 600.0
_ALIVE = RequestFilter(states=frozenset({RequestState.DRAFT, RequestState.OPEN}))

_READ = """
    SELECT model, key FROM embeddings
    WHERE (model, key) > (%s, %s) AND create_time < %s ORDER BY model, key LIMIT %s
"""
# Replicas that sweep at once take turns: they would wait for each other's rows.
_TURN = "SELECT pg_advisory_xact_lock(hashtextextended('matching.sweep', 0))"
_DELETE = """
    DELETE FROM embeddings AS kept USING unnest(%s::text[], %b::bytea[]) AS dead (model, key)
    WHERE kept.model = dead.model AND kept.key = dead.key AND kept.create_time < %s
"""
_CLAIM = """
    UPDATE daily_work SET time = now() WHERE name = 'sweep_embeddings' AND time < now() - interval '1 day'
"""


class Sweeping:
    """See the module.

    Args:
        database: Where the vectors are.
        catalogue: Whose texts stay.
        requests: Likewise.
        complete: Whether the catalogue holds everybody whom the feed knows. Before that nothing is swept.
    """

    def __init__(
        self, *, database: Database, catalogue: Catalogue, requests: RequestRepository, complete: Callable[[], bool]
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._requests = requests
        self._complete = complete

    async def run(self) -> None:
        """Sweep once a day, for ever; cancel it to end."""
        await repeat("sweep", self._daily, asyncio.Event())

    async def sweep(self) -> int:
        """Sweep now; returns how many were deleted."""
        async with self._database.connection() as conn:
            row = await (await conn.execute("SELECT clock_timestamp() AS now")).fetchone()
        started: datetime = row["now"] if row else datetime.max
        alive = await self._alive()
        swept, model, key = 0, "", b""
        while True:
            async with self._database.connection() as conn:
                rows = await (await conn.execute(_READ, [model, key, started, _PORTION])).fetchall()
            if not rows:
                break
            model, key = rows[-1]["model"], bytes(rows[-1]["key"])
            dead = [(row["model"], row["key"]) for row in rows if bytes(row["key"]) not in alive]
            if dead:
                async with self._database.transaction() as conn:
                    await conn.execute(_TURN)
                    gone = await conn.execute(_DELETE, [[m for m, _ in dead], [k for _, k in dead], started])
                    swept += gone.rowcount
        SWEPT.inc(swept)
        return swept

    async def _daily(self) -> float:
        if self._complete():
            async with self._database.transaction() as conn:
                ours = (await conn.execute(_CLAIM)).rowcount
            if ours:
                logs.get().info("sweep.done", vectors=await self.sweep())
        return _LOOK_EVERY

    async def _alive(self) -> Collection[bytes]:
        keys = await asyncio.to_thread(self._of_people)
        after: Position | None = None
        while portion := await self._requests.list(_ALIVE, after, _REQUESTS):
            keys.update(query_key(text) for request in portion for text in texts_to_embed(request))
            after = position_of(portion[-1])
        return keys

    def _of_people(self) -> set[bytes]:
        with self._catalogue.reading() as view:
            entries = list(view.entries())
        return {key for entry in entries for key in entry.indexed.keys}
