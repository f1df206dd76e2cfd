"""Imports of rosters on the pages, before the real services."""

import asyncio
import io
import re
from collections.abc import AsyncIterator, Iterable, Sequence

import openpyxl
import pytest

from yinling_common.identity import Role
from yinling_gateway.testing import PASSWORD, Harness
from yinling_gateway.testing.browsing import Browser

OFFICE = "攀钢集团"
HEADERS = ["工号", "姓名", "出生年份", "所在城市", "手机", "职称", "身份证号"]
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
