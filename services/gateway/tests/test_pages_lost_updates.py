"""Forms of profiles, weights and notices: one that is older than somebody's change overwrites nothing unseen."""

import html
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
from yinling.talent.v1.talent_pb2 import Profile

from yinling_common.identity import Role
from yinling_gateway.notices.domain import Preferences
from yinling_gateway.testing import ORGANISATION, PASSWORD, Harness
from yinling_gateway.testing.browsing import Browser

SAVE = ("action", "save")


@dataclass
class Sheet:
    """A form, and what it is about.

    Attributes:
        page: Where it is.
        action: Where it is sent; "" for the page itself.
        field: One of its fields.
        right: What can stand there; the other is refused.
        change: Somebody else changes the same thing.
        kept: What the field holds now.
    """

    browser: Browser
    page: str
    action: str
    field: str
    right: str
    wrong: str
    change: Callable[[], Awaitable[None]]
    kept: Callable[[], Awaitable[str]]

    async def submit(self, value: str) -> None:
        button = SAVE if SAVE in self.browser.form(self.action).buttons else None
        await self.browser.submit(self.action, button=button, **{self.field: value})


Open = Callable[[str], Awaitable[Sheet]]


@pytest.fixture
async def sheet(gateway: Harness) -> AsyncIterator[Open]:
    """Opens the form of a name, as who may fill it in."""
    async with AsyncExitStack() as stack:

        async def enter(role: Role, **fields: str) -> Browser:
            await gateway.account(role, **fields)
            browser = Browser(await stack.enter_async_context(gateway.client()))
            await browser.sign_in(role.value, PASSWORD)
            return browser

        async def profile(*, own: bool) -> Sheet:
            talent = gateway.services.talent.profiles
            made = gateway.services.talent.add(name="周立群", birth_year=1956)

            async def change() -> None:
                other = Profile()
                other.CopyFrom(talent.items[made.id])
                other.birth_year = 1957
                talent.put(other)

            async def kept() -> str:
                return str(talent.items[made.id].birth_year)

            browser = await (enter(Role.RETIREE, profile_id=made.id) if own else enter(Role.COORDINATOR))
            page = "/me/edit" if own else f"/people/{made.id}/edit"
            return Sheet(browser, page, "", "birth_year", "1958", "五八年", change, kept)

        async def weights() -> Sheet:
            settings = gateway.services.matching.settings

            async def change() -> None:
                settings[ORGANISATION].weights.about = 4
                settings[ORGANISATION].etag += "of somebody else"

            async def kept() -> str:
                return f"{settings[ORGANISATION].weights.about:g}"

            browser = await enter(Role.HR)
            await browser.open("/settings/matching")
            await browser.submit("", button=SAVE, **{"weights.about": "1"})
            return Sheet(browser, "/settings/matching", "", "weights.about", "3", "9", change, kept)

        async def notices(*, own: bool) -> Sheet:
            preferences = gateway.parts.notices.preferences
            browser = await enter(Role.ADMIN)
            account = await (gateway.parts.accounts.find("admin") if own else gateway.account(Role.HR))

            async def change() -> None:
                await preferences.put(account.id, Preferences(address="other@example.com"))

            async def kept() -> str:
                return (await preferences.get(account.id)).address

            page = "/notices/preferences" if own else f"/admin/accounts/{account.id}/notices"
            return Sheet(browser, page, page, "address", "mine@example.com", "mine", change, kept)

        async def open_(name: str) -> Sheet:
            opening: dict[str, Callable[[], Awaitable[Sheet]]] = {
                "own profile": lambda: profile(own=True),
                "profile": lambda: profile(own=False),
                "weights": weights,
                "own notices": lambda: notices(own=True),
                "notices": lambda: notices(own=False),
            }
            opened = await opening[name]()
            await opened.browser.open(opened.page)
            return opened

        yield open_


NAMES = pytest.mark.parametrize("name", ["own profile", "profile", "weights", "own notices", "notices"])


@NAMES
async def test_it_says_so_keeps_what_was_typed_and_saves_it_when_asked_again(sheet: Open, name: str) -> None:
    one = await sheet(name)
    for _ in range(2):  # and once more, while the reader looks at it
        await one.change()
        theirs = await one.kept()
        await one.submit(one.right)
        assert one.browser.page.status_code == 409
        assert "有人修改了这份内容" in one.browser.text
        newest = re.search(r'<a href="([^"]+)" target="_blank" rel="noopener">看看现在的内容', one.browser.page.text)
        assert newest, one.browser.text
        beside = Browser(one.browser._client)
        await beside.open(html.unescape(newest[1]))
        assert beside.form(one.action).values(one.field) == [theirs]
        assert await one.kept() == theirs != one.right
        assert one.browser.form(one.action).values(one.field) == [one.right]
    await one.submit(one.right)
    assert one.browser.page.status_code == 200, one.browser.text
    assert await one.kept() == one.right


@NAMES
async def test_a_mistake_of_ones_own_hides_no_change_of_others(sheet: Open, name: str) -> None:
    one = await sheet(name)
    await one.change()
    theirs = await one.kept()
    await one.submit(one.wrong)
    assert one.browser.page.status_code == 422
    assert one.browser.form(one.action).values(one.field) == [one.wrong]
    await one.submit(one.right)
    assert one.browser.page.status_code == 409
    assert await one.kept() == theirs


@NAMES
async def test_what_nobody_else_changed_is_saved_again_and_again(sheet: Open, name: str) -> None:
    one = await sheet(name)
    for value in (one.right, one.right):
        await one.browser.open(one.page)
        await one.submit(value)
        assert one.browser.page.status_code == 200, one.browser.text
        assert await one.kept() == value
