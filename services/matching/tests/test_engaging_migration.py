"""What was there before sessions and feedback of both sides is there afterwards."""

from pathlib import Path
from uuid import uuid4

from yinling_common import migrations
from yinling_common.database import Database
from yinling_common.testing import CloneDatabase
from yinling_matching import bootstrap
from yinling_matching.engaging.tables import ENGAGEMENTS, INVITATIONS
from yinling_matching.settings import SCHEMA

_REQUEST = """
    INSERT INTO mentoring_requests (id, organisation, title, description, requirements, industry, city, mode,
        hours_per_week, physical_demands, other_demands, mentees, months, language, blocked_profile_ids, state,
        create_time, update_time, etag)
    VALUES (%s, '攀钢集团', '矿井通风', '', '[]', '', '', 0, 0, '{}', '{}', 0, 6, '', '{}', 3, now(), now(), 'e')
"""
_INVITATION = """
    INSERT INTO invitations (id, mentoring_request_id, organisation, profile_id, office, message, state, decline_reason,
        decline_words, closed_because, engagement_id, expire_time, create_time, update_time)
    VALUES (%s, %s, '攀钢集团', %s, '矿务局', '', 2, 0, '', 0, %s, now(), now(), now())
"""
_ENGAGEMENT = """
    INSERT INTO engagements (id, mentoring_request_id, organisation, profile_id, office, state, invitation_id,
        end_reason, end_words, create_time, update_time)
    VALUES (%s, %s, '攀钢集团', %s, '矿务局', 1, %s, 0, '', now(), now())
"""
_FEEDBACK = """
    INSERT INTO feedback (request_id, profile_id, rating, organisation, create_time, update_time, revision)
    VALUES (%s, %s, 4, '攀钢集团', now(), now(), 1)
"""


async def test_older_rows_are_read_and_have_etags(clone_database: CloneDatabase, tmp_path: Path) -> None:
    before = tmp_path / "before"
    before.mkdir()
    for file in bootstrap.migration_files().iterdir():
        if file.name < "0005":
            (before / file.name).write_bytes(file.read_bytes())
    url = await clone_database({SCHEMA: before})
    request, person = str(uuid4()), str(uuid4())
    pairs = [(str(uuid4()), str(uuid4())) for _ in range(2)]
    async with Database(url, schema=SCHEMA) as database:
        async with database.transaction() as conn:
            await conn.execute(_REQUEST, [request])
            for (invitation, engagement), mentor in zip(pairs, [person, str(uuid4())], strict=True):
                await conn.execute(_INVITATION, [invitation, request, mentor, engagement])
                await conn.execute(_ENGAGEMENT, [engagement, request, mentor, invitation])
            await conn.execute(_FEEDBACK, [request, person])
        assert "0005_sessions_and_feedback.sql" in await migrations.migrate(url, SCHEMA, bootstrap.migration_files())
        async with database.connection() as conn:
            kept = [await ENGAGEMENTS.get(conn, engagement) for _, engagement in pairs]
            sent = [await INVITATIONS.get(conn, invitation) for invitation, _ in pairs]
            offices = await (await conn.execute("SELECT office, revision FROM people_offices")).fetchall()
            rating = await (await conn.execute("SELECT rating FROM feedback")).fetchone()
    assert all(one is not None and not one.goals and one.planned_end_date is None for one in kept)
    assert len({one.etag for one in (*kept, *sent) if one is not None}) == 4
    assert rating == {"rating": 4.0}
    assert offices == [{"office": "矿务局", "revision": 0}] * 2
