"""What another gateway has locked is passed over, and the next is taken, without a wait."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from yinling.matching.v1 import notice_service_pb2 as pb

from yinling_common.database import Database
from yinling_common.identity import Role
from yinling_gateway.bootstrap import SCHEMA
from yinling_gateway.notices.domain import Preferences
from yinling_gateway.notices.parts import Notices
from yinling_gateway.notices.webhooks import WantedWebhook
from yinling_gateway.repository.erasures import ErasureRepository
from yinling_gateway.testing import ORGANISATION, Harness
from yinling_gateway.testing.mail import Post
from yinling_gateway.testing.receiving import Receiver

ENTERPRISE, ACCEPTED = pb.Notice.AUDIENCE_ENTERPRISE, pb.NOTICE_KIND_INVITATION_ACCEPTED
LEASE = timedelta(minutes=1)


@pytest.fixture
def settings_changes(post: Post) -> dict[str, object]:
    return {
        "smtp_host": "127.0.0.1",
        "smtp_port": post.port,
        "smtp_tls": "none",
        "smtp_from": "银龄 <yinling@example.cn>",
        "webhooks_private": True,
        "notices_deliver": False,
    }


async def hold(conn: Any, condition: str, *values: object) -> None:
    """Lock deliveries, as whoever is at them does."""
    held = await conn.execute(f"SELECT FROM deliveries WHERE {condition} FOR UPDATE".encode(), values)
    assert held.rowcount


async def test_an_erasure(gateway_database: str) -> None:
    async with Database(gateway_database, schema=SCHEMA) as database:
        repository = ErasureRepository(database)
        first, second = [await repository.ask(Role.ADMIN, str(uuid4()), ORGANISATION, []) for _ in range(2)]
        async with database.transaction() as conn, asyncio.timeout(60):
            earlier = "UPDATE erasures SET due_time = due_time - interval '1 hour' WHERE id = %s"
            await conn.execute(earlier, [first.id])
            taken = await repository.claim(LEASE)
            assert taken is not None
            assert taken.id == second.id
            assert await repository.claim(LEASE) is None
        taken = await repository.claim(LEASE)
        assert taken is not None
        assert taken.id == first.id


async def test_a_call(gateway: Harness, notices: Notices, receiver: Receiver) -> None:
    hr = await gateway.account(Role.HR)
    _, receiver.secret = await notices.webhooks.create(hr, WantedWebhook(receiver.url, []))
    told = [gateway.services.notices.tell(ACCEPTED, ENTERPRISE, organisation=ORGANISATION).id for _ in range(3)]
    await notices.collector.collect()
    async with gateway.parts.database.transaction() as conn, asyncio.timeout(60):
        await hold(conn, "event_id = %s", told[0])
        await notices.caller.call_due()
        assert sorted(receiver.events) == sorted(told[1:])
    await notices.caller.call_due()
    assert sorted(receiver.events) == sorted(told)


async def test_a_mail(gateway: Harness, notices: Notices, post: Post) -> None:
    for name in ("first", "second"):
        account = await gateway.account(Role.HR, name)
        await notices.preferences.put(account.id, Preferences(address=f"{name}@example.com"))
    gateway.services.notices.tell(ACCEPTED, ENTERPRISE, organisation=ORGANISATION)
    await notices.collector.collect()
    async with gateway.parts.database.transaction() as conn, asyncio.timeout(60):
        await hold(conn, "address = %s", "first@example.com")
        await notices.mailer.send_due()
        assert not post.to("first@example.com")
        assert len(post.to("second@example.com")) == 1
    await notices.mailer.send_due()
    assert len(post.to("first@example.com")) == 1


async def test_a_mail_that_was_begun_before(gateway: Harness, notices: Notices, post: Post) -> None:
    """Whoever began it is gone; somebody else is at it already."""
    hr = await gateway.account(Role.HR)
    await notices.preferences.put(hr.id, Preferences(address="hr@example.com"))
    gateway.services.notices.tell(ACCEPTED, ENTERPRISE, organisation=ORGANISATION)
    await notices.collector.collect()
    async with gateway.parts.database.connection() as conn:
        await conn.execute("UPDATE deliveries SET batch = %s", [uuid4()])
    async with gateway.parts.database.transaction() as conn, asyncio.timeout(60):
        await hold(conn, "batch IS NOT NULL")
        await notices.mailer.send_due()
        assert not post.to("hr@example.com")
    await notices.mailer.send_due()
    assert len(post.to("hr@example.com")) == 1
