"""Whatever breaks off, at whichever step, and however many gateways work: each notice arrives, once."""

import asyncio
from contextlib import AsyncExitStack, suppress
from typing import Any

import pytest
from yinling.matching.v1 import notice_service_pb2 as pb

from yinling_common.database import Database
from yinling_common.errors import DatabaseUnavailable
from yinling_common.identity import Role
from yinling_common.testing import Clock
from yinling_gateway.domain import Account
from yinling_gateway.notices import calling, collecting, mailing
from yinling_gateway.notices.domain import Audience, Preferences
from yinling_gateway.notices.parts import Notices, make_notices
from yinling_gateway.notices.webhooks import WantedWebhook
from yinling_gateway.settings import GatewaySettings
from yinling_gateway.testing import ORGANISATION, Harness, running_gateway
from yinling_gateway.testing.harness import FakeServices
from yinling_gateway.testing.mail import Post
from yinling_gateway.testing.receiving import Receiver

ENTERPRISE = pb.Notice.AUDIENCE_ENTERPRISE
ACCEPTED = pb.NOTICE_KIND_INVITATION_ACCEPTED
STEPS = [
    "collect.claimed",
    "collect.kept",
    "collect.before_acknowledge",
    "collect.acknowledged",
    "mail.claimed",
    "mail.sent",
    "mail.finished",
    "webhook.claimed",
    "webhook.called",
]


class Killed(BaseException):
    """No `except Exception` survives it, as none survives the end of a process."""


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


async def _webhook(gateway: Harness, receiver: Receiver) -> None:
    admin = await gateway.account(Role.ADMIN)
    wanted = WantedWebhook(receiver.url, [], ORGANISATION, Audience.ENTERPRISE)
    _, receiver.secret = await gateway.parts.notices.webhooks.create(admin, wanted)


async def _told(gateway: Harness, account: Account) -> list[str]:
    page, _ = await gateway.parts.notices.inbox.page(account.id, 200, "")
    return [notice.event.id for notice in page]


async def _deliveries(gateway: Harness) -> dict[str, int]:
    async with gateway.parts.database.connection() as conn:
        rows = await (await conn.execute("SELECT state, count(*) AS count FROM deliveries GROUP BY 1")).fetchall()
    return {row["state"]: row["count"] for row in rows}


async def _work(notices: Notices) -> None:
    await notices.collector.collect()
    while await notices.mailer.send_due() == 0:
        pass
    while await notices.caller.call_due() == 0:
        pass


@pytest.mark.parametrize("death", [(step, time) for step in STEPS for time in (1, 2)], ids=str)
async def test_a_gateway_dies_at_a_step(
    gateway: Harness, post: Post, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, death: tuple[str, int]
) -> None:
    step, time = death
    clock = Clock()
    hr = await gateway.account(Role.HR)
    await _webhook(gateway, receiver)
    await gateway.parts.notices.preferences.put(hr.id, Preferences(address="hr@example.com"))
    told = [gateway.services.notices.tell(ACCEPTED, ENTERPRISE, organisation=ORGANISATION).id for _ in range(3)]
    passed = 0

    def point(name: str) -> None:
        nonlocal passed
        passed += name == step
        if name == step and passed == time:
            raise Killed(step)

    for module in (collecting, mailing, calling):
        monkeypatch.setattr(module, "point", point)
    parts = gateway.parts
    died = 0
    for _ in range(3):
        try:
            await _work(make_notices(parts.database, parts.backend, parts.settings, now=clock))
        except Killed:
            died += 1
        # Another one takes over when the leases have ended.
        gateway.services.notices.release()
        clock.move(seconds=parts.settings.notices_lease + 1)
    assert died == (1 if time == 1 or passed > 1 else 0)
    assert sorted(await _told(gateway, hr)) == sorted(told)
    assert gateway.services.notices.waiting == {}
    ids = [mail["Message-ID"] for _, mail in post.mails]
    assert len(set(ids)) == 3
    assert len(ids) == (4 if step == "mail.sent" else 3), "a mail is repeated only where nobody knows whether it went"
    assert set(receiver.events) == set(told)
    # Calls go out side by side; of those that were on their way nobody knows either.
    assert len(receiver.events) <= (6 if step.startswith("webhook") else 3)
    assert receiver.forged == 0


async def test_two_gateways_at_once_tell_each_once(
    settings: GatewaySettings, services: FakeServices, post: Post, receiver: Receiver
) -> None:
    settings = settings.model_copy(update={"notices_deliver": True, "notices_poll": 0.02, "notices_flood": 1000})
    async with AsyncExitStack() as stack:
        gateways = [await stack.enter_async_context(running_gateway(settings, services)) for _ in range(2)]
        accounts = [await gateways[0].account(Role.HR, f"hr{number}") for number in range(3)]
        for number, account in enumerate(accounts):
            chosen = Preferences(address=f"hr{number}@example.com")
            await gateways[0].parts.notices.preferences.put(account.id, chosen)
        await _webhook(gateways[0], receiver)
        told = []
        # What one has taken the other takes too, and each comes at least twice.
        services.notices.lease, services.notices.acknowledgements = 0.0, 2
        for _ in range(40):
            told.append(services.notices.tell(ACCEPTED, ENTERPRISE, organisation=ORGANISATION).id)
            await asyncio.sleep(0.005)
        async with asyncio.timeout(60):
            # Then all is acknowledged, and nothing is left that could be sent a second time.
            while services.notices.waiting or await _deliveries(gateways[0]) != {"sent": 160}:  # noqa: ASYNC110 - the state of servers, not of this test
                await asyncio.sleep(0.05)
        assert min(services.notices.claims.values()) > 1
        for account in accounts:
            assert sorted(await _told(gateways[0], account)) == sorted(told)
    assert len(post.mails) == len({mail["Message-ID"] for _, mail in post.mails}) == 120
    assert sorted(receiver.events) == sorted(told)


async def test_the_database_goes_away_in_between(
    gateway: Harness, monkeypatch: pytest.MonkeyPatch, post: Post, clock: Clock
) -> None:
    hr = await gateway.account(Role.HR)
    await gateway.parts.notices.preferences.put(hr.id, Preferences(address="hr@example.com"))
    told = [gateway.services.notices.tell(ACCEPTED, ENTERPRISE, organisation=ORGANISATION).id for _ in range(4)]
    parts, statements = gateway.parts, 0
    transaction = Database.transaction

    def sometimes(database: Database) -> Any:
        nonlocal statements
        statements += 1
        if statements % 3 == 2:
            raise DatabaseUnavailable
        return transaction(database)

    monkeypatch.setattr(Database, "transaction", sometimes)
    for _ in range(12):
        with suppress(DatabaseUnavailable):
            await _work(make_notices(parts.database, parts.backend, parts.settings, now=clock))
        gateway.services.notices.release()
        clock.move(seconds=parts.settings.notices_lease + 1)
    assert sorted(await _told(gateway, hr)) == sorted(told)
    assert len({mail["Message-ID"] for _, mail in post.mails}) == 4
