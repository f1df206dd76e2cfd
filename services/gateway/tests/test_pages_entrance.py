"""Sign-in, sign-out, language, errors as pages, and what every page has."""

import re
from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest

from yinling_common.errors import ServiceUnavailable
from yinling_common.identity import Role
from yinling_gateway.testing import Harness
from yinling_gateway.testing.browsing import Browser
from yinling_gateway.testing.harness import PASSWORD


@pytest.fixture
def settings_changes() -> dict[str, object]:
    return {"sign_in_tries_account": 3}


@pytest.fixture
async def browser(gateway: Harness) -> AsyncIterator[Browser]:
    async with gateway.client() as client:
        yield Browser(client)


async def test_a_stranger_is_sent_to_sign_in_and_back(gateway: Harness, browser: Browser) -> None:
    await gateway.account(Role.HR)
    await browser.open("/requests?state=draft")
    assert browser.path == "/sign-in"
    await browser.submit("/sign-in", username="hr", password=PASSWORD)
    assert browser.page.status_code == 200
    assert str(browser.page.url).endswith("/requests?state=draft")


@pytest.mark.parametrize(
    ("role", "start"),
    [(Role.HR, "/requests"), (Role.RETIREE, "/me"), (Role.COORDINATOR, "/people"), (Role.ADMIN, "/admin")],
)
async def test_everybody_starts_on_their_own_page(gateway: Harness, browser: Browser, role: Role, start: str) -> None:
    await gateway.account(role)
    await browser.sign_in(role.value, PASSWORD)
    await browser.open("/")
    assert browser.page.status_code == 200
    assert browser.path == start
    await browser.submit("/sign-out")
    assert browser.path == "/sign-in"
    await browser.open(start)
    assert browser.path == "/sign-in"


async def test_a_wrong_password_keeps_the_name_and_says_what_is_wrong(gateway: Harness, browser: Browser) -> None:
    await gateway.account(Role.HR)
    await browser.sign_in("hr", "wrong")
    assert browser.page.status_code == 401
    assert "账号或密码不正确" in browser.text
    form = browser.form("/sign-in")
    assert form.values("username") == ["hr"]
    assert form.values("password") == [""]


async def test_too_many_tries_are_told_how_long_to_wait(gateway: Harness, browser: Browser) -> None:
    await gateway.account(Role.HR)
    for _ in range(4):
        await browser.sign_in("hr", "wrong")
    assert browser.page.status_code == 429
    assert re.search(r"请 \d+ 分钟后再试", browser.text)
    assert int(browser.page.headers["Retry-After"]) > 60


@pytest.mark.parametrize("target", ["//evil.example/x", "https://evil.example", "/\\evil.example", "/a\nb"])
async def test_nobody_is_sent_elsewhere_after_sign_in(gateway: Harness, browser: Browser, target: str) -> None:
    await gateway.account(Role.HR)
    await browser.open("/sign-in")
    await browser.submit("/sign-in", username="hr", password=PASSWORD, next=target)
    assert str(browser.page.url) == f"{gateway.url}/requests"


async def _end_session(gateway: Harness) -> None:
    """As the time does: the browser still sends its cookie."""
    account = await gateway.parts.accounts.find("hr")
    await gateway.parts.accounts.update(account.id, {"password": PASSWORD}, by=account)


async def _send_form(gateway: Harness, browser: Browser, referer: str) -> None:
    await browser.open("/requests/new")
    form = browser.form("")
    form.fill("title", "矿井通风传帮带")
    await _end_session(gateway)
    client = browser._client
    client.headers["Referer"] = referer
    await browser.post("/requests/new", form.fields)
    del client.headers["Referer"]


async def test_whoever_sends_a_form_too_late_is_told_and_comes_back_to_it(gateway: Harness, browser: Browser) -> None:
    await gateway.account(Role.HR)
    await browser.sign_in("hr", PASSWORD)
    await _send_form(gateway, browser, f"{gateway.url}/requests/new?from=a%20b&unsaved=1")
    assert browser.path == "/sign-in"
    assert "您的登录已经结束，刚才提交的内容没有保存" in browser.text
    assert "回到原来的页面" in browser.text
    await browser.submit("/sign-in", username="hr", password="wrong")
    assert browser.page.status_code == 401
    assert "您的登录已经结束" in browser.text
    await browser.submit("/sign-in", username="hr", password=PASSWORD)
    assert browser.page.status_code == 200
    assert str(browser.page.url) == f"{gateway.url}/requests/new?from=a+b&unsaved=1"
    assert "您登录前提交的内容没有保存，请重新填写" in browser.text
    assert not gateway.services.matching.requests.items
    await browser.open("/requests/new")
    assert "请重新填写" not in browser.text


@pytest.mark.parametrize(
    "referer",
    [
        "",
        "http://[",
        "https://evil.example/requests/new",
        "{url}//evil.example/x",
        "{url}/requests/123/none/such",
        "{url}/admin/accounts/1/active",  # takes forms alone
        "{url}/sign-in",
        "{url}/requests?q=" + "x" * 3000,
    ],
)
async def test_a_form_of_an_unknown_page_leads_to_the_start_page(
    gateway: Harness, browser: Browser, referer: str
) -> None:
    await gateway.account(Role.HR)
    await browser.sign_in("hr", PASSWORD)
    await _send_form(gateway, browser, referer.format(url=gateway.url))
    assert "您的登录已经结束" in browser.text
    assert "回到原来的页面" not in browser.text
    await browser.submit("/sign-in", username="hr", password=PASSWORD)
    assert str(browser.page.url) == f"{gateway.url}/requests"


async def test_who_reads_alone_is_told_of_nothing_lost(gateway: Harness, browser: Browser) -> None:
    await gateway.account(Role.HR)
    await browser.sign_in("hr", PASSWORD)
    await _end_session(gateway)
    await browser.open("/requests?state=draft")
    assert str(browser.page.url).endswith("/sign-in?next=/requests%3Fstate%3Ddraft")
    assert "登录已经结束" not in browser.text


@pytest.mark.parametrize("target", ["//evil.example/x", "https://evil.example", "/\\evil.example", "/a\nb"])
async def test_nobody_is_sent_elsewhere_with_a_lost_form(gateway: Harness, browser: Browser, target: str) -> None:
    await gateway.account(Role.HR)
    await browser.open("/sign-in?ended=1")
    await browser.submit("/sign-in", username="hr", password=PASSWORD, next=target)
    assert str(browser.page.url) == f"{gateway.url}/requests"
    await browser.open(f"/sign-in?ended=1&next={quote(target)}")
    assert str(browser.page.url) == f"{gateway.url}/requests"


@pytest.mark.parametrize("encoding", ["unicode_escape", "utf-7"])
async def test_a_form_in_an_odd_encoding_is_read_without_harm(gateway: Harness, encoding: str) -> None:
    form = '--x\r\nContent-Disposition: form-data; name="username"\r\n\r\n\\ud800 +2AA-\r\n--x--\r\n'
    headers = {"Content-Type": f"multipart/form-data; boundary=x; charset={encoding}"}
    async with gateway.client() as client:
        assert (await client.post("/sign-in", content=form, headers=headers)).status_code == 401


async def test_the_language_is_switched_and_stays_in_the_account(gateway: Harness, browser: Browser) -> None:
    account = await gateway.account(Role.HR)
    await browser.sign_in("hr", PASSWORD)
    assert "我们的需求" in browser.text
    await browser.submit("/language", button=("language", "en"))
    assert browser.path == "/requests"
    assert "Our requests" in browser.text
    assert 'lang="en"' in browser.page.text
    assert (await gateway.parts.accounts.get(account.id)).locale == "en"
    async with gateway.client() as other_client:
        other = Browser(other_client)
        await other.sign_in("hr", PASSWORD)
        assert "Our requests" in other.text


async def test_a_form_without_its_token_is_refused_with_a_page(gateway: Harness, browser: Browser) -> None:
    await gateway.account(Role.HR)
    await browser.sign_in("hr", PASSWORD)
    await browser.post("/requests/new", [("title", "x"), ("action", "save")])
    assert browser.page.status_code == 403
    assert "您不能进行这项操作" in browser.text
    assert not gateway.services.matching.requests.items


async def test_the_wrong_role_is_told_so(gateway: Harness, browser: Browser) -> None:
    await gateway.account(Role.HR)
    await browser.sign_in("hr", PASSWORD)
    for path in ("/people", "/me", "/admin", "/admin/accounts", "/imports"):
        await browser.open(path)
        assert browser.page.status_code == 403, path
        assert "您不能进行这项操作" in browser.text


async def test_a_page_that_is_not_there(gateway: Harness, browser: Browser) -> None:
    await gateway.account(Role.HR)
    await browser.sign_in("hr", PASSWORD)
    for path in ("/nowhere", "/requests/3f0c0000-0000-4000-8000-000000000000"):
        await browser.open(path)
        assert browser.page.status_code == 404, path
        assert "没有找到这个页面" in browser.text
        assert browser.page.headers["X-Request-ID"] in browser.text


async def test_a_service_that_is_away_is_a_page_that_tries_again(gateway: Harness, browser: Browser) -> None:
    await gateway.account(Role.HR)
    await browser.sign_in("hr", PASSWORD)
    gateway.services.matching.troubles.error = ServiceUnavailable()
    await browser.open("/requests")
    assert browser.page.status_code == 503
    assert "Retry-After" in browser.page.headers
    assert '<meta http-equiv="refresh"' in browser.page.text
    assert "暂时没有响应" in browser.text
    gateway.services.matching.troubles.error = None
    await browser.open("/requests")
    assert browser.page.status_code == 200


async def test_a_wrong_address_is_a_page_too(gateway: Harness, browser: Browser) -> None:
    await gateway.account(Role.HR)
    await browser.sign_in("hr", PASSWORD)
    for path in ("/requests?state=strange", "/requests?page_token=forged", "/requests/x?limit=100000"):
        await browser.open(path)
        assert 400 <= browser.page.status_code < 500, path
        assert "<main" in browser.page.text


async def test_programs_still_get_problem_json(gateway: Harness) -> None:
    async with gateway.client(headers={"Accept": "application/json"}) as client:
        answer = await client.get("/requests")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


async def test_pages_are_safe_and_can_be_used_by_everybody(gateway: Harness, browser: Browser) -> None:
    await gateway.account(Role.HR)
    await browser.open("/sign-in")
    policy = browser.page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    await browser.sign_in("hr", PASSWORD)
    for path in ("/requests", "/requests/new"):
        await browser.open(path)
        page = browser.page.text
        assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", page), "inline script or style"
        assert not re.findall(r"""(?:src|href)=["']https?://""", page), "something from elsewhere"
        for mark in ('<main id="main"', "<header", "<footer", '<a class="skip" href="#main"', 'lang="zh-Hans"'):
            assert mark in page
        labelled = set(re.findall(r'<label[^>]* for="([^"]+)"', page))
        named = set(re.findall(r'<(?:input|select|textarea)[^>]* id="([^"]+)"', page))
        assert named <= labelled, "a field without a label"
        for form in browser.forms:
            if form.method == "post":
                assert form.values("csrf_token")[0]


async def test_our_own_files_may_be_kept_for_ever(gateway: Harness, browser: Browser) -> None:
    await browser.open("/sign-in")
    addresses = re.findall(r'(?:src|href)="(/static/[^"]+)"', browser.page.text)
    assert len(addresses) >= 3
    async with gateway.client() as client:
        for address in addresses:
            answer = await client.get(address)
            assert answer.status_code == 200
            assert "immutable" in answer.headers["Cache-Control"]
        assert (await client.get("/static/../settings.py")).status_code == 404
