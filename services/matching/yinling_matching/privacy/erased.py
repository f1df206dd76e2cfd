"""Who was erased: asked by whoever writes about people, in the transaction that writes.

A replica may not have heard yet that somebody is gone. So whoever is to be erased is marked first, in a transaction of
its own, while nobody writes: it waits for all who write about anybody, and those who come later see the mark. It holds
nothing else meanwhile. Whoever writes asks when they hold the request, and waits then for nothing that somebody holds
who has not asked yet. So no two wait for each other. When the mark is there, no row about the person can come any more,
and those that are there can be erased.
"""

from collections.abc import Collection

from yinling_common.database import Connection, Database

# The function record_reads holds the same lock.
_TOGETHER = "SELECT pg_advisory_xact_lock_shared(hashtextextended('matching.people', 0))"
_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('matching.people', 0))"
_ERASED = """
    SELECT one.id FROM unnest(%s::uuid[]) AS one (id)
    WHERE EXISTS (SELECT FROM erased_people AS e WHERE e.digest = sha256(uuid_send(one.id)))
"""
_MARK = "INSERT INTO erased_people (digest) VALUES (sha256(uuid_send(%s::uuid))) ON CONFLICT DO NOTHING"
# A tombstone stays for ever, and that somebody looks at it is written into no log.
_MARK_TOMBSTONE = "INSERT INTO erased_people (digest, time) VALUES (sha256(uuid_send(%s::uuid)), 'infinity')"


async def erased(conn: Connection, profile_ids: Collection[str]) -> set[str]:
    """Those of some people who were erased. Until the transaction ends nobody else is."""
    if not profile_ids:
        return set()
    await nobody_is_erased_now(conn)
    rows = await (await conn.execute(_ERASED, [list(profile_ids)])).fetchall()
    return {str(row["id"]) for row in rows}


async def nobody_is_erased_now(conn: Connection) -> None:
    """Until the transaction ends nobody is marked; the marks that there are can be read."""
    await conn.execute(_TOGETHER)


async def mark_erased(database: Database, profile_id: str) -> None:
    """From now on nobody writes about somebody."""
    async with database.transaction() as conn:
        await conn.execute(_ALONE)
        await conn.execute(_MARK, [profile_id])


async def mark_tombstone(conn: Connection, tombstone: str) -> None:
    """An id stands for somebody who was erased."""
    await conn.execute(_MARK_TOMBSTONE, [tombstone])
