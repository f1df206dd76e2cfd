"""Notices are handed out to the deliverer alone, once at a time, until they are acknowledged."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from yinling.matching.v1 import notice_service_pb2 as pb

from yinling_common.database import Database
from yinling_common.errors import Forbidden, InvalidField
from yinling_common.identity import NOTICE_DELIVERER, Identity, Role
from yinling_common.testing import Keys
from yinling_matching.engaging.testing import ADMIN, COORDINATOR, HR, SERVICE
from yinling_matching.notices.domain import Audience, NewNotice, NoticeKind
from yinling_matching.notices.outbox import acknowledge, claim, tell

DELIVERER = Identity(NOTICE_DELIVERER, Role.ADMIN)

NOTICE = NewNotice(
    kind=NoticeKind.INVITATION_RECEIVED,
    audience=Audience.PERSON,
    organisation="攀钢集团",
    mentoring_request_id=str(uuid4()),
    resource="invitation",
    resource_id=str(uuid4()),
    subject="hr-1",
    now=datetime(2026, 5, 1, tzinfo=UTC),
    profile_id=str(uuid4()),
    office="矿务局",
    facts={"title": "矿井通风"},
)


async def write(database: Database, *notices: NewNotice) -> None:
    async with database.transaction() as conn:
        for notice in notices:
            await tell(conn, notice)


async def taken(database: Database, limit: int = 100, lease_seconds: int = 60) -> list[str]:
    async with database.transaction() as conn:
        return [notice.resource_id for notice in await claim(conn, limit, lease_seconds)]


async def test_the_deliverer_takes_what_was_written_and_acknowledges_it(matching: Any, database: Database) -> None:
    await write(database, NOTICE)
    (notice,) = (await matching.call("ClaimNotices", pb.ClaimNoticesRequest(), DELIVERER)).notices
    assert (notice.kind, notice.audience) == (pb.NOTICE_KIND_INVITATION_RECEIVED, pb.Notice.AUDIENCE_PERSON)
    assert (notice.organisation, notice.office, notice.subject) == ("攀钢集团", "矿务局", "hr-1")
    assert (notice.resource, notice.resource_id, notice.profile_id) == (
        "invitation",
        NOTICE.resource_id,
        NOTICE.profile_id,
    )
    assert dict(notice.facts) == {"title": "矿井通风"}
    assert notice.create_time.ToDatetime(UTC) == NOTICE.now
    assert not (await matching.call("ClaimNotices", pb.ClaimNoticesRequest(), SERVICE)).notices
    for _ in range(2):  # said twice, it is the same
        await matching.call("AcknowledgeNotices", pb.AcknowledgeNoticesRequest(ids=[notice.id]), DELIVERER)
    async with database.connection() as conn:
        assert await (await conn.execute("SELECT id FROM notices")).fetchall() == []


async def test_what_a_newer_replica_tells_of_holds_nothing_up(matching: Any, database: Database) -> None:
    await write(database, NOTICE, replace(NOTICE, resource_id=str(uuid4())))
    async with database.connection() as conn:
        await conn.execute("UPDATE notices SET kind = 99 WHERE resource_id = %s", [NOTICE.resource_id])
    handed_out = (await matching.call("ClaimNotices", pb.ClaimNoticesRequest(), DELIVERER)).notices
    assert [notice.kind for notice in handed_out] == [99, pb.NOTICE_KIND_INVITATION_RECEIVED]


@pytest.mark.parametrize(
    "caller", [HR, COORDINATOR, ADMIN, Identity("r-1", Role.RETIREE, profile_id=NOTICE.profile_id)]
)
async def test_nobody_else_is_handed_notices(matching: Any, database: Database, caller: Identity) -> None:
    await write(database, NOTICE)
    for method, request in (
        ("ClaimNotices", pb.ClaimNoticesRequest()),
        ("AcknowledgeNotices", pb.AcknowledgeNoticesRequest(ids=[str(uuid4())])),
    ):
        assert isinstance(await matching.refusal(matching.call(method, request, caller)), Forbidden)
    assert await taken(database) == [NOTICE.resource_id]


async def test_the_name_of_the_deliverer_signed_by_another_service_makes_no_deliverer(keys: Keys) -> None:
    """A service speaks as a service: with the role of a person its token is not taken at all."""
    with pytest.raises(Exception, match="cannot be verified"):
        keys.verifier("matching").verify(keys.signer("matching").token(DELIVERER, "matching"))


@pytest.mark.parametrize(
    "request_",
    [pb.ClaimNoticesRequest(limit=501), pb.ClaimNoticesRequest(limit=-1), pb.ClaimNoticesRequest(lease_seconds=601)],
)
async def test_limits_are_checked(matching: Any, request_: pb.ClaimNoticesRequest) -> None:
    assert isinstance(await matching.refusal(matching.call("ClaimNotices", request_, DELIVERER)), InvalidField)
    many = pb.AcknowledgeNoticesRequest(ids=[str(uuid4())] * 501)
    assert isinstance(await matching.refusal(matching.call("AcknowledgeNotices", many, DELIVERER)), InvalidField)


async def test_the_oldest_come_first_and_as_many_as_asked_for(database: Database) -> None:
    ids = [str(uuid4()) for _ in range(5)]
    await write(database, *(replace(NOTICE, resource_id=id_) for id_ in ids))
    assert await taken(database, limit=2) == ids[:2]
    assert await taken(database) == ids[2:]


async def test_who_does_not_acknowledge_in_time_loses_them_to_the_next(database: Database) -> None:
    await write(database, NOTICE)
    assert await taken(database, lease_seconds=60) == [NOTICE.resource_id]
    assert await taken(database) == []
    async with database.connection() as conn:
        await conn.execute("UPDATE notices SET lease_until = %s", [datetime.now(UTC) - timedelta(seconds=1)])
    assert await taken(database) == [NOTICE.resource_id]


async def test_many_who_claim_at_once_share_them_and_none_waits(database: Database) -> None:
    ids = {str(uuid4()) for _ in range(200)}
    await write(database, *(replace(NOTICE, resource_id=id_) for id_ in ids))
    async with database.transaction() as conn, asyncio.timeout(60):
        held = [notice.resource_id for notice in await claim(conn, 20, 60)]  # not committed yet
        parts = await asyncio.gather(*(taken(database, limit=30) for _ in range(8)))
    together = held + [id_ for part in parts for id_ in part]
    assert len(together) == len(set(together)) == 200
    assert set(together) == ids


async def test_a_claim_that_fails_takes_nothing(database: Database) -> None:
    await write(database, NOTICE)
    with pytest.raises(RuntimeError):
        async with database.transaction() as conn:
            await claim(conn, 10, 60)
            raise RuntimeError
    assert await taken(database) == [NOTICE.resource_id]
    async with database.transaction() as conn:
        assert await acknowledge(conn, [str(uuid4())]) == 0
