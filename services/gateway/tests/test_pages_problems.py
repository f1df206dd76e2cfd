"""What a person sees when something is wrong: a page, in their language, with a way home."""

from collections.abc import Awaitable, Callable

import httpx
import pytest

from yinling_common.errors import DatabaseUnavailable, ServiceUnavailable
from yinling_common.identity import Role
from yinling_gateway.pages import problem_page
from yinling_gateway.repository import CredentialRepository
from yinling_gateway.testing import Harness
from yinling_gateway.testing.browsing import Browser
from yinling_gateway.testing.harness import PASSWORD

Provoke = Callable[[Harness, Browser], Awaitable[None]]
NOWHERE = "/requests/3f0c0000-0000-4000-8000-000000000000"


async def _unknown(_: Harness, browser: Browser) -> None:
    await browser.open("/nowhere")


async def _unknown_to_programs(_: Harness, browser: Browser) -> None:
    await browser.open("/api/v1/nowhere")


async def _gone(_: Harness, browser: Browser) -> None:
    await browser.open(NOWHERE)


async def _wrong_method(_: Harness, browser: Browser) -> None:
    await browser.open("/sign-out")


async def _wrong_role(_: Harness, browser: Browser) -> None:
    await browser.open("/admin")


async def _old_form(_: Harness, browser: Browser) -> None:
    await browser.post("/requests/new", [("title", "x"), ("csrf_token", "old")])


async def _wrong_parameter(_: Harness, browser: Browser) -> None:
    await browser.open("/requests/x?limit=100000")


async def _too_large(gateway: Harness, browser: Browser) -> None:
    await browser.post("/requests/new", [("title", "x" * (gateway.parts.settings.max_body + 1))])


async def _too_much(gateway: Harness, browser: Browser) -> None:
    for _ in range(gateway.parts.settings.rate_burst + 1):
        await browser.open("/notices/preferences")
        if browser.page.status_code == 429:
            return


async def _fault(gateway: Harness, browser: Browser) -> None:
    gateway.services.matching.troubles.error = RuntimeError("no word of this is shown")
    await browser.open("/requests")


async def _away(gateway: Harness, browser: Browser) -> None:
    gateway.services.matching.troubles.error = ServiceUnavailable()
    await browser.open("/requests")


@pytest.fixture
def settings_changes(request: pytest.FixtureRequest) -> dict[str, object]:
    few = "too_much" in request.node.name
    return {"rate_burst": 8, "rate_per_minute": 1} if few else {}


PROBLEMS: dict[int, list[Provoke]] = {
    404: [_unknown, _unknown_to_programs, _gone],
    405: [_wrong_method],
    403: [_wrong_role, _old_form],
    422: [_wrong_parameter],
    413: [_too_large],
    429: [_too_much],
    500: [_fault],
    503: [_away],
}
CASES = [(status, provoke) for status, provokes in PROBLEMS.items() for provoke in provokes]


@pytest.mark.parametrize(("status", "provoke"), CASES, ids=[one.__name__.strip("_") for _, one in CASES])
@pytest.mark.parametrize("locale", ["zh", "en"])
async def test_a_problem_is_a_page_in_the_language_of_the_account(
    gateway: Harness, status: int, provoke: Provoke, locale: str
) -> None:
    """Whatever the browser's own language is."""
    account = await gateway.account(Role.HR)
    await gateway.parts.accounts.set_locale(account, locale)
    other = "en-GB,en;q=0.9" if locale == "zh" else "zh-CN,zh;q=0.9"
    async with gateway.client(headers={"Accept-Language": other}) as client:
        browser = Browser(client)
        await browser.sign_in("hr", PASSWORD)
        await provoke(gateway, browser)
        assert browser.page.status_code == status
        assert browser.page.headers["content-type"].startswith("text/html")
        assert f'<html lang="{"zh-Hans" if locale == "zh" else "en"}"' in browser.page.text
        home, ours = ("回到首页", "我们的需求") if locale == "zh" else ("To the start page", "Our requests")
        assert home in browser.text
        assert ours in browser.text  # the menu
        assert "no word of this" not in browser.page.text
        if locale == "zh":
            assert "must be" not in browser.page.text
            assert "number below" not in browser.page.text


@pytest.mark.parametrize(
    ("language", "words"), [("zh-CN", "没有找到这个页面"), ("", "没有找到这个页面"), ("en-GB", "There is nothing here")]
)
async def test_who_has_not_signed_in_reads_it_in_the_browsers_language(
    gateway: Harness, language: str, words: str
) -> None:
    async with gateway.client(headers={"Accept-Language": language}) as client:
        browser = Browser(client)
        for path in ("/nowhere", "/api/nowhere"):
            await browser.open(path)
            assert browser.page.status_code == 404
            assert words in browser.text
        client.cookies.set("yinling_session", "forged")
        await browser.open("/nowhere")
        assert words in browser.text


async def test_a_program_is_answered_as_one(gateway: Harness) -> None:
    async with gateway.client() as client:
        for accept in ("*/*", "application/json"):
            answer = await client.get("/api/v1/nowhere", headers={"Accept": accept})
            assert answer.headers["content-type"] == "application/problem+json"
        answer = await client.get("/api/v1/profiles", headers={"Accept": "text/html"})  # there is such an address
        assert answer.headers["content-type"] == "application/problem+json"


async def test_the_page_before_is_one_step_away(gateway: Harness) -> None:
    await gateway.account(Role.HR)
    async with gateway.client() as client:
        browser = Browser(client)
        await browser.sign_in("hr", PASSWORD)
        client.headers["Referer"] = f"{gateway.url}/requests?state=draft"
        await browser.open(NOWHERE)
        assert 'href="/requests?state=draft"' in browser.page.text
        for referer in ("https://evil.example/requests", f"{gateway.url}{NOWHERE}", "http://["):
            client.headers["Referer"] = referer
            await browser.open(NOWHERE)
            assert "回到上一页" not in browser.text


async def test_from_a_form_that_was_refused_one_gets_back_to_it(gateway: Harness) -> None:
    """Most forms are sent to the address at which they stand."""
    await gateway.account(Role.HR)
    async with gateway.client() as client:
        browser = Browser(client)
        await browser.sign_in("hr", PASSWORD)
        client.headers["Referer"] = f"{gateway.url}/requests/new"
        await _old_form(gateway, browser)
        assert browser.page.status_code == 403
        assert '<a class="button" href="/requests/new">回到上一页</a>' in browser.page.text


async def test_a_database_that_is_away_makes_no_second_problem(
    gateway: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: object) -> None:
        raise ServiceUnavailable

    monkeypatch.setattr(problem_page, "reader", away)
    async with gateway.client(headers={"Accept": "text/html"}) as client:
        answer: httpx.Response = await client.get("/nowhere")
    assert answer.status_code == 404
    assert "没有找到这个页面" in answer.text


async def test_of_what_was_sent_it_is_not_said_that_it_is_safe(gateway: Harness, browser: Browser) -> None:
    await browser.open("/requests/new")
    [token] = browser.form("/sign-out").values("csrf_token")
    gateway.services.matching.troubles.error = ServiceUnavailable()
    await browser.post(f"{NOWHERE}/edit", [("csrf_token", token), ("title", "转炉炼钢操作带教")])
    assert browser.page.status_code == 503
    assert "不能确定您发送的内容是否已保存" in browser.text
    assert "自动重试" not in browser.text


async def test_a_page_does_not_wait_twice_for_a_database_that_is_away(
    gateway: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0

    async def away(*_: object, **__: object) -> None:
        nonlocal asked
        asked += 1
        raise DatabaseUnavailable

    await gateway.account(Role.HR)
    async with gateway.client() as client:
        browser = Browser(client)
        await browser.sign_in("hr", PASSWORD)
        monkeypatch.setattr(CredentialRepository, "find_session", away)
        await browser.open("/requests")
        assert browser.page.status_code == 503
        assert "回到首页" in browser.text
    assert asked == 1
