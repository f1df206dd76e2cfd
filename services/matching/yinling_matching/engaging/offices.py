"""Whose office a person is of: the organisation that keeps their profile, as all rows about them have it.

The rows themselves name it, so that a coordinator's lists are read along an index. What they are to name stands in a
table of its own, with the revision of the feed that it is from: a replica that is behind does not know better. Whoever
writes the first row about somebody puts it there, and holds it until the commit; so does `moving`, which changes it.
"""

from collections.abc import Mapping
from dataclasses import replace

from yinling_common.database import Connection
from yinling_matching.engaging.people import Known

OF_PERSON = ("invitations", "opt_ins", "engagements", "mentoring_sessions")
"""Tables whose rows name it."""

# In the order of the ids, so that no two wait for each other.
_HOLD = """
    INSERT INTO people_offices AS kept (profile_id, office, revision)
    SELECT * FROM unnest(%s::uuid[], %s::text[], %s::bigint[]) AS given (id, office, revision) ORDER BY id
    ON CONFLICT (profile_id) DO UPDATE SET office = kept.office RETURNING profile_id, office
"""


async def hold(conn: Connection, people: Mapping[str, Known]) -> dict[str, Known]:
    """Some people with the office that rows about them are to have; it stays theirs until the transaction ends."""
    if not people:
        return {}
    values = [list(people), [one.office for one in people.values()], [one.revision for one in people.values()]]
    rows = await (await conn.execute(_HOLD, values)).fetchall()
    offices = {str(row["profile_id"]): str(row["office"]) for row in rows}
    return {id_: replace(one, office=offices[id_]) for id_, one in people.items()}
