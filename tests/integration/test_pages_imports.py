"""Imports of rosters on the pages, before the real services."""

import asyncio
import io
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import timedelta

import openpyxl
import pytest

from yinling_common.identity import Role
from yinling_gateway.testing import PASSWORD, Harness
from yinling_gateway.testing.browsing import Browser

OFFICE = "攀钢集团"
HEADERS = ["工号", "姓名", "出生年份", "所在城市", "手机", "职称", "身份证号"]
WHY = "有人的资料已被彻底删除"
LIN = ["T002", "林测试", 1958, "成都", "", "大师级", ""]


@pytest.fixture
async def office(gateway: Harness) -> AsyncIterator[Browser]:
    """A coordinator's browser."""
    await gateway.account(Role.COORDINATOR, organisation=OFFICE)
    async with gateway.client() as client:
        browser = Browser(client)
        await browser.sign_in("coordinator", PASSWORD)
        yield browser


def workbook(rows: Iterable[Sequence[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in (HEADERS, *rows):
        book.worksheets[0].append(list(row))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


async def upload(browser: Browser, content: bytes, name: str = "名册.xlsx", **fields: str) -> str:
    """Import a file; returns the address of what became of it."""
    await browser.open("/imports")
    for field, value in fields.items():
        browser.forms[-1].fill(field, value)
    await browser.upload("", {"file": (name, content)})
    place = browser.path
    assert place != "/imports", browser.text
    async with asyncio.timeout(120):
        while 'http-equiv="refresh"' in browser.page.text:
            await asyncio.sleep(0.05)
            await browser.open(place)
    return place


def lines(browser: Browser) -> list[tuple[int, str]]:
    """Row and badge of each line of the list."""
    line = r'<tr>\s*<td data-label="行"><strong>(\d+)</strong>.*?<span class="state [^"]*">([^<]*)<'
    found = re.findall(line, browser.page.text, re.DOTALL)
    return [(int(row), badge) for row, badge in found]


async def test_every_line_of_a_row_says_whether_it_was_taken(office: Browser) -> None:
    bad = [
        ["T003", "孙测试", 1957, "不存在市", "12", "", ""],
        ["T004", "赵测试", 1956, "成都", "", "", ""],
        ["T004", "赵测试", 1956, "成都", "", "", ""],
    ]
    await upload(office, workbook([LIN, *bad]))
    assert lines(office) == [(1, "提示"), (2, "已导入，有提示"), (3, "未导入"), (3, "未导入"), (4, "未导入")]
    for words in ("不是可识别的城市", "电话号码无法识别", "工号 T004 在后面还有一行"):
        assert words in office.text, words


async def test_a_row_whose_lines_stand_on_two_pages_is_refused_on_both(office: Browser) -> None:
    taken = [[f"N{number:03}", f"测试{number:03}", 1950, "成都", "", "大师级", ""] for number in range(98)]
    split = ["N100", "孙测试", 1957, "不存在市", "12", "大师级", ""]
    place = await upload(office, workbook([*taken, split]))
    first = lines(office)
    (further,) = re.findall(r'rel="next" href="([^"]*)"', office.page.text)
    await office.open(further.replace("&amp;", "&"))
    second = lines(office)
    assert office.path == place
    assert first[1:99] == [(number, "已导入，有提示") for number in range(2, 100)]
    assert [*first[99:], *second] == [(100, "未导入")] * 3
    assert second


async def test_a_check_says_of_no_row_that_it_was_taken(office: Browser) -> None:
    await upload(office, workbook([LIN]), validate_only="1")
    assert "检查完成" in office.text
    assert lines(office) == [(1, "提示"), (2, "提示")]


async def test_past_imports_are_found_by_whom_rest_lists_them_for(gateway: Harness, office: Browser) -> None:
    await office.open("/imports")
    assert "还没有导入过名册" in office.text
    place = await upload(office, workbook([LIN, ["T003", "孙测试", 1957, "不存在市", "", "", ""]]), "春季名册.xlsx")
    await upload(office, workbook([LIN]), "只是检查.xlsx", validate_only="1")
    await office.open("/imports")
    for words in (
        "春季名册.xlsx",
        "已完成",
        "新增 1 · 更新 0 · 无变化 0 · 未导入 1",
        "只是检查.xlsx",
        "只检查，不保存",
    ):
        assert words in office.text, words
    assert f'<a href="{place}">春季名册.xlsx</a>' in office.page.text
    await office.open(place)
    assert "不是可识别的城市" in office.text

    for number in range(20):
        await upload(office, workbook([LIN]), f"又一份{number:02}.xlsx")
    await office.open("/imports")
    assert len(re.findall(r'<td><a href="/imports/', office.page.text)) == 20
    assert "春季名册.xlsx" not in office.text
    (further,) = re.findall(r'rel="next" href="([^"]*)"', office.page.text)
    await office.open(further.replace("&amp;", "&"))
    assert "春季名册.xlsx" in office.text

    # Another office's imports, and an administrator's, which may hold anybody, are not shown.
    await gateway.account(Role.COORDINATOR, username="other", organisation="宝武集团")
    await gateway.account(Role.ADMIN)
    async with gateway.client() as first, gateway.client() as second:
        other, admin = Browser(first), Browser(second)
        await other.sign_in("other", PASSWORD)
        await other.open("/imports")
        assert "还没有导入过名册" in other.text
        await admin.sign_in("admin", PASSWORD)
        await upload(admin, workbook([LIN]), "管理员的.xlsx", organisation="宝武集团")
        await admin.open("/imports")
        for words in ("管理员的.xlsx", "宝武集团", OFFICE, "又一份19.xlsx"):
            assert words in admin.text, words
        await other.open("/imports")
        assert "还没有导入过名册" in other.text


async def test_an_import_that_lost_its_list_says_why(gateway: Harness, office: Browser) -> None:
    place = await upload(office, workbook([LIN]))
    await upload(office, workbook([["T005", "周测试", 1957, "成都", "", "", ""]]), "无误.xlsx")
    await office.open(place)
    assert "下载批注副本" in office.text
    assert WHY not in office.text

    async with gateway.signed_in(Role.COORDINATOR, username="another", organisation=OFFICE) as client:
        people = (await client.get("/api/v1/profiles")).json()["profiles"]
        gone = next(one["id"] for one in people if one["name"] == "周测试")
        asked = await client.post(f"/api/v1/profiles/{gone}:erase", json={"confirm": "周测试"})
        assert asked.status_code == 202, asked.text
        async with asyncio.timeout(120):
            while (await client.get(asked.headers["location"])).json()["state"] != "done":  # noqa: ASYNC110 - only the answer tells
                await asyncio.sleep(0.05)
    await office.open(place)
    assert lines(office) == []
    assert WHY in office.text
    assert "下载批注副本" not in office.text
    assert "新增 1" in office.text

    # An import after that keeps its list, and age is another reason.
    place = await upload(office, workbook([LIN]))
    assert lines(office)
    assert WHY not in office.text
    imports = gateway.parts.imports
    async with imports._repository._database.connection() as connection:
        await connection.execute("UPDATE imports SET end_time = end_time - interval '31 days'")
    await imports._repository.purge(timedelta(days=30))
    await office.open(place)
    assert "这次导入时间较久" in office.text
    assert WHY not in office.text
