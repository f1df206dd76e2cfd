"""Notices from the outbox to people's pages and mailboxes: each once, whatever breaks off in between."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from yinling.matching.v1 import notice_service_pb2 as pb

from yinling_common.errors import DatabaseUnavailable
from yinling_common.identity import Role
from yinling_gateway.domain import Account
from yinling_gateway.notices.domain import CHINA, Preferences, QuietHours
from yinling_gateway.notices.parts import Notices, make_notices
from yinling_gateway.repository.notices import forget_account, forget_person
from yinling_gateway.settings import GatewaySettings
from yinling_gateway.testing import ORGANISATION, Harness, running_gateway
from yinling_gateway.testing.harness import FakeServices
from yinling_gateway.testing.mail import Post

PERSON, ENTERPRISE = pb.Notice.AUDIENCE_PERSON, pb.Notice.AUDIENCE_ENTERPRISE
INVITED, ACCEPTED = pb.NOTICE_KIND_INVITATION_RECEIVED, pb.NOTICE_KIND_INVITATION_ACCEPTED


class Clock:
    def __init__(self) -> None:
        self.time = datetime(2026, 11, 23, 10, 0, tzinfo=CHINA)

    def __call__(self) -> datetime:
        return self.time

    def move(self, **by: float) -> None:
        self.time += timedelta(**by)


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    server = Post()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def settings_changes(post: Post) -> dict[str, object]:
    return {
        "smtp_host": "127.0.0.1",
        "smtp_port": post.port,
        "smtp_tls": "none",
        "smtp_timeout": 5.0,
        "smtp_from": "银龄 <yinling@example.cn>",
        "public_url": "https://yinling.example.cn",
        "webhooks_private": True,
        # Only the tests let them work, step by step, with a clock of their own.
        "notices_poll": 3600.0,
    }


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def notices(gateway: Harness, clock: Clock) -> Notices:
    await asyncio.sleep(0.2)  # the gateway's own loops have looked once, and sleep
    return make_notices(gateway.parts.database, gateway.parts.backend, gateway.parts.settings, now=clock)


@pytest.fixture
def told(gateway: Harness) -> Callable[[Account], Awaitable[list[str]]]:
    async def of(account: Account) -> list[str]:
        page, _ = await gateway.parts.notices.inbox.page(account.id, 0, "")
        return [notice.event.id for notice in page]

    return of


async def _mailed(notices: Notices, account: Account, address: str, **changes: Any) -> None:
    await notices.preferences.put(account.id, replace(Preferences(address=address), **changes))


async def _invite(gateway: Harness, profile_id: str, **fields: Any) -> pb.Notice:
    given = {"organisation": "云南铜业", "office": ORGANISATION, "profile_id": profile_id, "resource": "invitation"}
    return gateway.services.notices.tell(INVITED, PERSON, **given | fields)


async def test_an_invitation_is_on_the_page_and_in_the_mailbox(
    gateway: Harness, notices: Notices, post: Post, told: Callable[[Account], Awaitable[list[str]]]
) -> None:
    person = await gateway.account(Role.RETIREE)
    await _mailed(notices, person, "zhou@example.com")
    notice = await _invite(gateway, person.profile_id, facts={"expire_time": "2026-11-30T02:00:00+00:00"})
    await notices.collector.collect()
    await notices.mailer.send_due()
    assert await told(person) == [notice.id]
    assert gateway.services.notices.waiting == {}
    [mail] = post.to("zhou@example.com")
    assert mail["Subject"] == "云南铜业邀请您：转炉炼钢操作带教"
    assert mail["From"].addresses[0].display_name == "银龄"
    assert mail["List-Unsubscribe"] == "<https://yinling.example.cn/notices/preferences>"
    plain, rich = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert rich is not None
    assert "请在11月30日（星期一）之前答复。" in plain.get_content()
    page, _ = await notices.inbox.page(person.id, 0, "")
    assert f"https://yinling.example.cn/notices/{page[0].id}" in plain.get_content()
    assert f'href="https://yinling.example.cn/notices/{page[0].id}"' in rich.get_content()
