"""Webhooks in a browser: what went wrong with a call is told in words, and each side has its own notices."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from yinling_common.identity import Role
from yinling_gateway.notices.calling import KINDS
from yinling_gateway.notices.domain import Audience, Failure
from yinling_gateway.notices.outside import why
from yinling_gateway.notices.words import TABLES
from yinling_gateway.testing import ORGANISATION, Harness
from yinling_gateway.testing.browsing import Browser
from yinling_gateway.testing.harness import PASSWORD
from yinling_gateway.testing.receiving import Receiver


@pytest.fixture
def settings_changes(request: pytest.FixtureRequest) -> dict[str, object]:
    return {"webhooks_private": True, "notices_deliver": False} | getattr(request, "param", {})


@pytest.fixture
async def admin(gateway: Harness) -> AsyncIterator[Browser]:
    await gateway.account(Role.ADMIN)
    async with gateway.client() as client:
        browser = Browser(client)
        await browser.sign_in("admin", PASSWORD)
        yield browser


@pytest.fixture
def closed_port() -> Iterator[int]:
    """One that is taken and at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@asynccontextmanager
async def _answering(content: bytes) -> AsyncIterator[int]:
    """The port of a server that says the same to everybody, and hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(content)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def _try(browser: Browser, url: str) -> None:
    """Make a webhook and call it."""
    await browser.open("/webhooks")
    await browser.submit("/webhooks", url=url)
    assert browser.page.status_code == 200, browser.text
    await browser.submit(next(form.action for form in browser.forms if form.action.endswith("/test")))
    assert browser.page.status_code == 200


async def test_a_refused_connection_is_told_in_both_languages(browser: Browser, closed_port: int) -> None:
    await _try(browser, f"http://127.0.0.1:{closed_port}/")
    assert "调用没有成功。 对方拒绝连接。请检查程序有没有运行、端口是否正确。" in browser.text
    await browser.submit("/language", button=("language", "en"))
    await browser.open("/webhooks")
    await browser.submit(next(form.action for form in browser.forms if form.action.endswith("/test")))
    assert "The webhook was called in vain. Nothing answers at that address" in browser.text
    for technical in ("Error", "Errno", "attempts"):
        assert technical not in browser.text


async def test_a_name_that_is_not_found_is_told(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    resolve = loop.getaddrinfo

    async def unknown(host: Any, *rest: Any, **more: Any) -> Any:
        if host == "hooks.example.cn":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return await resolve(host, *rest, **more)

    monkeypatch.setattr(loop, "getaddrinfo", unknown)
    await _try(browser, "https://hooks.example.cn/")
    assert "找不到地址里的这个域名" in browser.text
    assert "gaierror" not in browser.text
    await _try(browser, f"https://{'a' * 70}.example.cn/")  # no name has so long a part
    assert "找不到地址里的这个域名" in browser.text


async def test_no_secure_connection_is_told(browser: Browser) -> None:
    async with _answering(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n") as port:
        await _try(browser, f"https://127.0.0.1:{port}/")
    assert "无法建立安全连接" in browser.text


async def test_a_connection_that_breaks_off_is_told(browser: Browser) -> None:
    async with _answering(b"") as port:
        await _try(browser, f"http://127.0.0.1:{port}/")
    assert "连接在对方应答前中断了" in browser.text


@pytest.mark.parametrize("settings_changes", [{"webhook_timeout": 0.2}], indirect=True)
async def test_silence_is_told(browser: Browser, receiver: Receiver) -> None:
    receiver.silent = True
    await _try(browser, receiver.url)
    assert "对方没有及时应答" in browser.text


@pytest.mark.parametrize("settings_changes", [{"webhooks_private": False}], indirect=True)
async def test_a_private_address_is_told(browser: Browser) -> None:
    await _try(browser, "https://127.0.0.1/")
    assert "这个地址不对外开放" in browser.text


def test_what_lies_beneath_an_error_counts() -> None:
    said = OSError("All connection attempts failed")
    said.__cause__ = ConnectionRefusedError(111, "Connection refused")
    assert why(said) is Failure.REFUSED
    assert why(TimeoutError()) is Failure.TIMEOUT
    assert why(OSError("Network is unreachable")) is Failure.BROKEN


async def test_each_side_has_its_own_notices(gateway: Harness, admin: Browser) -> None:
    await admin.open("/webhooks")
    page = admin.page.text
    for audience, heading in ((Audience.ENTERPRISE, "给企业人事的通知"), (Audience.PERSON, "给老干部部门的通知")):
        name = f"kinds_{audience.name.lower()}"
        start = page.index(f'<fieldset id="{name}"')
        group = page[start : page.index("</fieldset>", start)]
        assert f"<legend>{heading}</legend>" in group
        values = [kind for kind in KINDS if f'name="{name}" value="{kind}"' in group]
        assert values == [kind for kind in KINDS if KINDS[kind] in TABLES[audience]]
        assert group.count('type="checkbox"') == len(values)
    asked = {"url": "https://hooks.example.cn/", "organisation": ORGANISATION, "audience": "person"}
    await admin.submit("/webhooks", **asked, kinds_person=["session_planned"], kinds_enterprise=["request_filled"])
    assert admin.page.status_code == 422
    assert "上面选的是另一方" in admin.text
    form = admin.form("/webhooks")
    assert (form.values("kinds_person"), form.values("kinds_enterprise")) == (["session_planned"], ["request_filled"])
    await admin.submit("/webhooks", kinds_enterprise=[])
    assert admin.page.status_code == 200, admin.text
    account = await gateway.parts.accounts.find("admin")
    ((webhook,), _) = await gateway.parts.notices.webhooks.page(account, 0, "")
    assert (webhook.audience, webhook.kinds) == (Audience.PERSON, [KINDS["session_planned"]])


@pytest.mark.parametrize("role", [Role.HR, Role.COORDINATOR])
async def test_who_is_on_one_side_sees_one_list(gateway: Harness, role: Role) -> None:
    await gateway.account(role)
    async with gateway.client() as client:
        keeper = Browser(client)
        await keeper.sign_in(role.value, PASSWORD)
        await keeper.open("/webhooks")
        assert "<legend>哪些通知</legend>" in keeper.page.text
        assert "kinds_" not in keeper.page.text
