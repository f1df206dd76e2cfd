"""How many places of each person are taken: decided in the database, told to the catalogue of every replica."""

import asyncio
from collections.abc import Mapping

from yinling_common.database import Connection, Database
from yinling_common.repeating import repeat
from yinling_matching.catalogue.catalogue import Catalogue


async def lock_places(conn: Connection, profile_id: str) -> int:
    """How many places of a person are taken; nobody else takes or frees one until the transaction ends.

    Lock the request first, always: two who each hold what the other wants would wait for ever.
    """
    await conn.execute("INSERT INTO people_places (profile_id) VALUES (%s) ON CONFLICT DO NOTHING", [profile_id])
    query = "SELECT taken FROM people_places WHERE profile_id = %s FOR UPDATE"
    row = await (await conn.execute(query, [profile_id])).fetchone()
    if row is None:
        raise RuntimeError("a row of people_places vanished")
    return int(row["taken"])


async def count_places(conn: Connection, profile_id: str) -> None:
    """Count a person's places anew; they are locked. Do it last: all who do it wait for each other until the commit."""
    position = await conn.execute("UPDATE places_position SET revision = revision + 1 RETURNING revision")
    row = await position.fetchone()
    if row is None:
        raise RuntimeError("places_position has lost its row")
    await conn.execute(
        "UPDATE people_places SET revision = %(revision)s, taken ="
        " (SELECT count(*) FROM engagements WHERE profile_id = %(id)s AND state <= 2) WHERE profile_id = %(id)s",
        {"revision": row["revision"], "id": profile_id},
    )


class Places:
    """Reads what changed, now and then and when it is woken, and tells the catalogue.

    Args:
        database: Where it is written.
        catalogue: Who is told.
        every: Seconds between two looks at what other replicas wrote.
    """

    def __init__(self, database: Database, catalogue: Catalogue, *, every: float = 1.0) -> None:
        self._database = database
        self._catalogue = catalogue
        self._every = every
        self._read_to = -1
        self._reading = asyncio.Lock()
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Something was written here a moment ago."""
        self._woken.set()

    async def read(self) -> None:
        """Take in what was written since the last time. Raises DatabaseUnavailable."""
        async with self._reading:
            head, taken = await self._changed(self._read_to)
            if head < self._read_to:  # the database was restored to an older state
                head, taken = await self._changed(-1)
                await asyncio.to_thread(self._catalogue.set_taken, taken, anew=True)
            elif taken:
                await asyncio.to_thread(self._catalogue.set_taken, taken)
            self._read_to = head

    async def run(self) -> None:
        """Read for ever; cancel it to end."""
        await repeat("places", self._read_again, self._woken)

    async def _read_again(self) -> float:
        await self.read()
        return self._every

    async def _changed(self, after: int) -> tuple[int, Mapping[str, int]]:
        """The last revision, and the places taken of those who changed after another."""
        async with self._database.connection() as conn:
            found = await conn.execute(
                "SELECT head.revision AS head, people.profile_id, people.taken FROM places_position AS head"
                " LEFT JOIN people_places AS people ON people.revision > %s",
                [after],
            )
            rows = await found.fetchall()
        taken = {str(row["profile_id"]): int(row["taken"]) for row in rows if row["profile_id"] is not None}
        return max((int(row["head"]) for row in rows), default=0), taken
