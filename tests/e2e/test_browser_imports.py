"""The page of an import in a real browser."""

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from yinling_gateway.testing.chromium import DESKTOP, PHONE, BrowserMissing, open_chromium, resize, sign_in
from yinling_runner.testing import Installation

LINES = """
    return [...document.querySelectorAll("table.issues td:first-child .hint")].map(name => {
        const range = document.createRange();
        range.selectNodeContents(name);
        return range.getClientRects().length;
    });
"""
"""On how many lines the name of the sheet stands, for each line of the list."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chrome]:
    with contextlib.ExitStack() as stack:
        try:
            driver = stack.enter_context(open_chromium())
        except BrowserMissing as error:
            pytest.fail(str(error))
        yield driver


def test_the_name_of_the_sheet_is_not_broken(chromium: Chrome, yinling: Installation, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["姓名", "城市", "专长"], ["试用甲", "不存在市", ""], ["试用乙", "成都", "采煤" * 200]):
        book.worksheets[0].append(row)
    assert book.worksheets[0].title == "Sheet"
    buffer = io.BytesIO()
    book.save(buffer)
    roster = tmp_path / "名册.xlsx"
    roster.write_bytes(buffer.getvalue())
    account = yinling.sign_in("coordinator")
    sign_in(chromium, yinling.url, account.username, account.password)
    chromium.get(f"{yinling.url}/imports")
    chromium.find_element(By.ID, "file").send_keys(str(roster))
    chromium.find_element(By.NAME, "validate_only").click()
    chromium.find_element(By.CSS_SELECTOR, "form.upload button.main").click()
    WebDriverWait(chromium, 120).until(lambda driver: driver.find_elements(By.CSS_SELECTOR, "table.issues"))
    for size in (DESKTOP, PHONE):
        resize(chromium, size)
        assert chromium.execute_script(LINES) == [1, 1]
        assert chromium.execute_script("return document.documentElement.scrollWidth") <= size[0]
