"""Notices, preferences, webhooks and deliveries in a browser without JavaScript."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from yinling.matching.v1 import notice_service_pb2 as pb

from yinling_common.identity import Role
from yinling_gateway.notices.domain import Preferences
from yinling_gateway.testing import ORGANISATION, Harness
from yinling_gateway.testing.browsing import Browser
from yinling_gateway.testing.harness import PASSWORD
from yinling_gateway.testing.receiving import Receiver

Enter = Callable[..., Awaitable[Browser]]

PERSON, ENTERPRISE = pb.Notice.AUDIENCE_PERSON, pb.Notice.AUDIENCE_ENTERPRISE


@pytest.fixture
def settings_changes() -> dict[str, object]:
    return {"webhooks_private": True, "smtp_host": "127.0.0.1", "smtp_port": 1, "smtp_tls": "none"}


@pytest.fixture
async def enter(gateway: Harness) -> AsyncIterator[Enter]:
    async with AsyncExitStack() as stack:

        async def sign_in(role: Role, **fields: str) -> Browser:
            await gateway.account(role, **fields)
            browser = Browser(await stack.enter_async_context(gateway.client()))
            await browser.sign_in(role.value, PASSWORD)
            return browser

        yield sign_in


async def _until(browser: Browser, path: str, words: str) -> None:
    async with asyncio.timeout(60):
        await browser.open(path)
        while words not in browser.text:
            await asyncio.sleep(0.05)
            await browser.open(path)


async def test_hr_sees_the_number_opens_one_and_reads_the_rest(gateway: Harness, enter: Enter) -> None:
    browser = await enter(Role.HR)
    await browser.open("/notices")
    assert "还没有通知" in browser.text
    filled = gateway.services.notices.tell(
        pb.NOTICE_KIND_REQUEST_FILLED, ENTERPRISE, organisation=ORGANISATION, resource="mentoring_request"
    )
    for _ in range(2):
        gateway.services.notices.tell(pb.NOTICE_KIND_INVITATION_ACCEPTED, ENTERPRISE, organisation=ORGANISATION)
    await _until(browser, "/settings/matching", "未读： 3")
    await browser.open("/notices")
    assert "需求已满：转炉炼钢操作带教" in browser.text
    notices, _ = await gateway.parts.notices.inbox.page((await gateway.parts.accounts.find("hr")).id, 0, "")
    await browser.open(f"/notices/{notices[2].id}")
    assert browser.path == f"/requests/{filled.mentoring_request_id}"
    await browser.open("/notices")
    assert "未读： 2" in browser.text
    await browser.submit(f"/notices/{notices[0].id}/read")
    assert "未读： 1" in browser.text
    await browser.open("/notices?unread=1")
    assert "需求已满" not in browser.text
    await browser.submit("/notices/read-all")
    assert "未读" not in browser.text.replace("全部 未读", "")
    await browser.open("/notices?unread=1")
    assert "全部看过了" in browser.text
    await browser.open("/notices/0b6f7a52-2a3f-4c5e-9d0a-3f0a5b1c2d3e")
    assert browser.page.status_code == 404


async def test_a_person_chooses_how_to_be_told(gateway: Harness, enter: Enter) -> None:
    browser = await enter(Role.RETIREE)
    await browser.open("/notices/preferences")
    assert "通知设置" in browser.text
    address = "/notices/preferences"
    await browser.submit(address, address="周", channels="email")
    assert browser.page.status_code == 422
    assert "这不是邮箱地址" in browser.text
    await browser.submit(address, address="zhou@example.com", quiet_from="21:00", quiet_to="08:00", when="daily")
    assert "设置已保存" in browser.text
    account = await gateway.parts.accounts.find("retiree")
    kept = await gateway.parts.notices.preferences.get(account.id)
    assert (kept.in_app, kept.email, kept.address, kept.digest_hour) == (False, True, "zhou@example.com", 18)
    assert kept.quiet is not None
    assert (f"{kept.quiet.start:%H:%M}", f"{kept.quiet.end:%H:%M}") == ("21:00", "08:00")
    await gateway.parts.notices.preferences.put(account.id, Preferences())
    await browser.submit(address, address="other@example.com")
    assert browser.page.status_code == 409
    await browser.submit(address)
    assert (await gateway.parts.notices.preferences.get(account.id)).address == "other@example.com"


async def test_an_administrator_chooses_for_somebody(gateway: Harness, enter: Enter) -> None:
    person = await gateway.account(Role.RETIREE, display_name="周立群")
    browser = await enter(Role.ADMIN)
    address = f"/admin/accounts/{person.id}/notices"
    await browser.open(address)
    assert "怎样通知周立群" in browser.text
    await browser.submit(address, address="zhou@example.com")
    assert (await gateway.parts.notices.preferences.get(person.id)).address == "zhou@example.com"
    stranger = await enter(Role.HR)
    await stranger.open(address)
    assert stranger.page.status_code == 403


async def test_hr_adds_tries_and_removes_a_webhook(gateway: Harness, enter: Enter, receiver: Receiver) -> None:
    browser = await enter(Role.HR)
    await browser.open("/webhooks")
    await browser.submit("/webhooks", url="ftp://x")
    assert browser.page.status_code == 422
    await browser.submit("/webhooks", url=receiver.url, kinds="invitation_accepted")
    assert "密钥只显示这一次" in browser.text
    assert "邀请被接受" in browser.text
    receiver.secret = browser.page.text.split('class="mono password">')[1].split("<")[0]
    [webhook] = (await gateway.parts.notices.webhooks.page((await gateway.parts.accounts.find("hr")), 0, ""))[0]
    await browser.submit(f"/webhooks/{webhook.id}/test")
    assert "对方已正常应答" in browser.text
    assert receiver.forged == 0
    receiver.answers = [500]
    await browser.submit(f"/webhooks/{webhook.id}/test")
    assert "应答是 500，不是成功" in browser.text
    await browser.submit(f"/webhooks/{webhook.id}/active", button=("active", "0"))
    assert "已停用" in browser.text
    await browser.submit(f"/webhooks/{webhook.id}/secret")
    assert receiver.secret not in browser.page.text
    await browser.submit(f"/webhooks/{webhook.id}/delete")
    assert receiver.url not in browser.page.text


async def test_an_administrator_sees_what_fails_and_tries_again(gateway: Harness, enter: Enter) -> None:
    person = await gateway.account(Role.RETIREE)
    await gateway.parts.notices.preferences.put(person.id, Preferences(address="zhou@example.com"))
    gateway.services.notices.tell(pb.NOTICE_KIND_INVITATION_RECEIVED, PERSON, profile_id=person.profile_id)
    browser = await enter(Role.ADMIN)
    await browser.open("/admin/deliveries")
    assert "没有。" in browser.text
    await _until(browser, "/admin/deliveries?state=failing", "SMTPConnect")
    assert "retiree" in browser.text
    assert "zhou@example.com" not in browser.text
    [form] = [form for form in browser.forms if form.action.endswith("/retry")]
    await browser.submit(form.action)
    assert browser.page.status_code == 200


async def test_coordinators_are_told_whom_to_call(gateway: Harness, enter: Enter) -> None:
    profile = gateway.services.talent.add(organisation=ORGANISATION, name="吴桂兰")
    browser = await enter(Role.COORDINATOR)
    gateway.services.notices.tell(
        pb.NOTICE_KIND_INVITATION_RECEIVED,
        PERSON,
        profile_id=profile.id,
        office=ORGANISATION,
        organisation="云南铜业",
        resource="invitation",
    )
    await _until(browser, "/notices", "请转告吴桂兰：云南铜业邀请您")
    assert "请打个电话告诉本人" in browser.text
