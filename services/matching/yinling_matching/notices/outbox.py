"""The table of notices: written in the transaction of what they tell of, taken under a lease, deleted when kept."""

from collections.abc import Sequence
from uuid import uuid4

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from yinling_common.database import Connection
from yinling_matching.notices.domain import Audience, NewNotice, Notice


async def tell(conn: Connection, notice: NewNotice) -> None:
    """Write a notice, within a transaction."""
    await conn.execute(
        "INSERT INTO notices (id, kind, audience, organisation, profile_id, office, mentoring_request_id, resource,"
        " resource_id, facts, subject, create_time) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            uuid4(),
            notice.kind.value,
            notice.audience.value,
            notice.organisation,
            notice.profile_id or None,
            notice.office,
            notice.mentoring_request_id,
            notice.resource,
            notice.resource_id,
            Jsonb(dict(notice.facts)),
            notice.subject,
            notice.now,
        ],
    )


async def claim(conn: Connection, limit: int, lease_seconds: int) -> list[Notice]:
    """Take notices that nobody has taken, the oldest first; for a while they are nobody else's.

    The database's clock counts, so that replicas whose clocks differ agree.
    """
    found = await conn.execute(
        "WITH free AS (SELECT number FROM notices WHERE lease_until <= clock_timestamp()"
        " ORDER BY number LIMIT %s FOR UPDATE SKIP LOCKED)"
        " UPDATE notices SET lease_until = clock_timestamp() + make_interval(secs => %s)"
        " FROM free WHERE notices.number = free.number RETURNING notices.*",
        [limit, lease_seconds],
    )
    rows = sorted(await found.fetchall(), key=lambda row: int(row["number"]))
    return [_notice(row) for row in rows]


async def acknowledge(conn: Connection, ids: Sequence[str]) -> int:
    """Delete notices that are kept elsewhere; returns how many were there."""
    return (await conn.execute("DELETE FROM notices WHERE id = ANY(%s::uuid[])", [list(ids)])).rowcount


def _notice(row: DictRow) -> Notice:
    return Notice(
        id=str(row["id"]),
        kind=int(row["kind"]),
        audience=Audience(row["audience"]),
        organisation=row["organisation"],
        profile_id=str(row["profile_id"] or ""),
        office=row["office"],
        mentoring_request_id=str(row["mentoring_request_id"]),
        resource=row["resource"],
        resource_id=str(row["resource_id"]),
        facts=row["facts"],
        subject=row["subject"],
        create_time=row["create_time"],
    )
