"""The pages in a real browser, Chromium, on everything running with the sample data."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from yinling_gateway.testing.chromium import DESKTOP, PHONE, BrowserMissing, open_chromium, resize, sign_in
from yinling_gateway.testing.looks import PALE_TEXTS, SMALL_THINGS
from yinling_runner.testing import Installation

PAGES = {
    "hr": ("/requests", "/requests/new", "/engagements", "/waiting", "/cohorts", "/settings/matching"),
    "retiree": ("/me", "/me/edit", "/invitations", "/opt-ins", "/engagements", "/open-requests", "/my-calendar"),
    "coordinator": ("/people", "/people/new", "/imports", "/waiting", "/invitations", "/opt-ins", "/engagements"),
    "admin": ("/admin", "/admin/accounts", "/people", "/requests"),
}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chrome]:
    with contextlib.ExitStack() as stack:
        try:
            driver = stack.enter_context(open_chromium())
        except BrowserMissing as error:
            pytest.fail(str(error))
        yield driver


def text(driver: Chrome) -> str:
    # In one call: a page that reloads itself takes the element away between finding and reading it.
    found: str = driver.execute_script("return document.body ? document.body.innerText : ''")
    return found


def enter(driver: Chrome, yinling: Installation, role: str) -> None:
    account = yinling.sign_in(role)
    sign_in(driver, yinling.url, account.username, account.password)


def choose_language(driver: Chrome, name: str) -> None:
    button = driver.find_element(By.XPATH, f"//form[@action='/language']//button[.='{name}']")
    button.click()
    WebDriverWait(driver, 60).until(lambda _: gone(button))


def gone(element: WebElement) -> bool:
    """Whether another page has come in place of an element's."""
    try:
        element.is_enabled()
    except StaleElementReferenceException:
        return True
    return False


FIRST_LINES = """
    const bottom = cell => {
        const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            if (!walker.currentNode.textContent.trim()) continue;
            const range = document.createRange();
            range.selectNodeContents(walker.currentNode);
            return range.getClientRects()[0].bottom;
        }
    };
    const rows = [...document.querySelectorAll("table.stack tbody tr")];
    return rows.map(row => [...row.cells].map(bottom).filter(level => level !== undefined));
"""
"""Of each row of a table: where the first line of each of its cells ends, in pixels."""


def complaints(driver: Chrome) -> list[str]:
    """What the browser says on its console: a blocked script or style, a fault in ours, a file that is not there."""
    return [entry["message"] for entry in driver.get_log("browser") if entry["level"] in {"SEVERE", "WARNING"}]


def test_hr_posts_a_request_and_reads_who_fits_with_reasons(chromium: Chrome, yinling: Installation) -> None:
    resize(chromium, DESKTOP)
    enter(chromium, yinling, "hr")
    chromium.find_element(By.LINK_TEXT, "发布需求").click()
    chromium.find_element(By.ID, "title").send_keys("矿井通风系统改造的技术顾问")
    chromium.find_element(By.ID, "description").send_keys("老矿井通风阻力大，局部风量不足，请老专家指导改造。")
    rows = chromium.find_elements(By.CSS_SELECTOR, "[name=requirement_text]")
    for row, words in zip(rows, ("主持过矿井通风系统改造", "熟悉瓦斯防治", "带过徒弟"), strict=True):
        row.send_keys(words)
    chromium.find_element(By.CSS_SELECTOR, "[data-add]").click()  # ours, in place: no round trip
    added = chromium.switch_to.active_element
    assert added.get_attribute("id") == "requirements-3"
    added.send_keys("能看英文设备手册")
    Select(chromium.find_element(By.ID, "importance-3")).select_by_visible_text("加分")
    chromium.find_element(By.CSS_SELECTOR, "button.main[value=save]").click()
    WebDriverWait(chromium, 120).until(lambda driver: driver.find_elements(By.ID, "results"))
    request_id = chromium.current_url.rsplit("/", 1)[1].partition("?")[0]
    try:
        assert "需求已发布" in text(chromium)
        cards = chromium.find_elements(By.CSS_SELECTOR, ".suggestion")
        assert cards, text(chromium)
        scores = [int(card.find_element(By.CSS_SELECTOR, ".ring text").text.rstrip("%")) for card in cards]
        # Among people who fit nearly the same, those who were shown less come first.
        assert all(earlier > later - 10 for i, earlier in enumerate(scores) for later in scores[i:])
        assert all(0 <= score <= 100 for score in scores)
        first = cards[0]
        assert first.find_element(By.CSS_SELECTOR, "h3").text
        assert first.find_element(By.CSS_SELECTOR, "blockquote").text
        for words in ("主持过矿井通风系统改造", "熟悉瓦斯防治", "吻合度", "已核对，符合"):
            assert words in first.text
        for size in (PHONE, DESKTOP):
            resize(chromium, size)
            assert chromium.execute_script("return document.documentElement.scrollWidth") <= size[0]
            assert chromium.execute_script(PALE_TEXTS) == []
        assert complaints(chromium) == []
    finally:
        with yinling.client() as api:
            api.call("DELETE", f"/api/v1/mentoring-requests/{request_id}")


def test_hr_has_a_list_of_mentees_matched(chromium: Chrome, yinling: Installation) -> None:
    resize(chromium, DESKTOP)
    enter(chromium, yinling, "hr")
    chromium.get(f"{yinling.url}/cohorts")
    rows = "小王，矿井通风系统改造；瓦斯防治\n小李，板坯连铸漏钢预报\n小赵，"
    chromium.find_element(By.ID, "pasted").send_keys(rows)
    chromium.find_element(By.CSS_SELECTOR, "main button.main").click()
    WebDriverWait(chromium, 120).until(lambda driver: driver.find_elements(By.CSS_SELECTOR, ".assignments"))
    for words in ("小王", "小李", "比逐个挑选多", "第 3 行（小赵）：没有写想学什么"):
        assert words in text(chromium), words
    for size in (PHONE, DESKTOP):
        resize(chromium, size)
        assert chromium.execute_script("return document.documentElement.scrollWidth") <= size[0]
        assert chromium.execute_script(PALE_TEXTS) == []
    chromium.find_element(By.CSS_SELECTOR, ".assigned a").click()
    WebDriverWait(chromium, 120).until(lambda driver: driver.find_elements(By.ID, "results"))
    assert chromium.find_elements(By.CSS_SELECTOR, ".suggestion details[open]")
    assert complaints(chromium) == []


def test_a_wrong_field_gets_its_error_and_the_reader_is_taken_there(chromium: Chrome, yinling: Installation) -> None:
    resize(chromium, DESKTOP)
    enter(chromium, yinling, "hr")
    chromium.get(f"{yinling.url}/requests/new")
    chromium.find_element(By.ID, "title").send_keys("带教")
    city = chromium.find_element(By.ID, "city")
    city.send_keys("攀枝化", Keys.ENTER)
    WebDriverWait(chromium, 120).until(lambda driver: driver.find_elements(By.ID, "errors"))
    assert chromium.switch_to.active_element.get_attribute("id") == "errors"
    assert "攀枝花" in chromium.find_element(By.ID, "city-error").text
    assert chromium.find_element(By.ID, "city").get_attribute("value") == "攀枝化"
    chromium.find_element(By.CSS_SELECTOR, "#errors a").click()
    assert chromium.switch_to.active_element.get_attribute("id") in {"city", "errors"}


@pytest.mark.parametrize("role", PAGES)
def test_pages_fit_every_screen_and_can_be_read(chromium: Chrome, yinling: Installation, role: str) -> None:
    enter(chromium, yinling, role)
    chromium.get_log("browser")
    for path in PAGES[role]:
        for size in (PHONE, DESKTOP):
            resize(chromium, size)
            chromium.get(yinling.url + path)
            wide = chromium.execute_script("return document.documentElement.scrollWidth")
            assert wide <= size[0], f"{path} is {wide} px wide on a screen of {size[0]}"
            assert chromium.execute_script(PALE_TEXTS) == [], path
            if role == "retiree":
                assert chromium.execute_script(SMALL_THINGS) == [], path
    assert complaints(chromium) == []


def test_the_head_is_one_line_in_english_too(chromium: Chrome, yinling: Installation) -> None:
    resize(chromium, DESKTOP)
    for role in ("hr", "coordinator", "admin"):
        enter(chromium, yinling, role)
        choose_language(chromium, "English")
        try:
            for path in PAGES[role]:
                chromium.get(f"{yinling.url}{path}")
                heights = "return ['.menu', '.top-in'].map(one => document.querySelector(one).offsetHeight)"
                menu, head = chromium.execute_script(heights)
                assert head < 1.5 * menu, f"{role} at {path}: {head} against {menu}"
        finally:
            choose_language(chromium, "中文")


@pytest.mark.parametrize(("role", "path"), [("coordinator", "/people"), ("admin", "/admin/accounts")])
def test_the_words_of_a_row_stand_on_one_level(chromium: Chrome, yinling: Installation, role: str, path: str) -> None:
    resize(chromium, DESKTOP)
    enter(chromium, yinling, role)
    chromium.get(f"{yinling.url}{path}")
    rows = chromium.execute_script(FIRST_LINES)
    assert rows
    for levels in rows:
        assert max(levels) - min(levels) < 4, levels  # smaller letters end a little higher


def test_an_office_has_a_roster_checked(chromium: Chrome, yinling: Installation, tmp_path: Path) -> None:
    roster = tmp_path / "花名册.csv"
    roster.write_text("姓名,出生年份,城市\n试用甲,1958,大同\n试用乙,2050,大同\n", encoding="utf-8")
    resize(chromium, DESKTOP)
    enter(chromium, yinling, "coordinator")
    chromium.get(f"{yinling.url}/imports")
    chromium.find_element(By.ID, "file").send_keys(str(roster))
    chromium.find_element(By.NAME, "validate_only").click()
    chromium.find_element(By.CSS_SELECTOR, "form.upload button.main").click()
    WebDriverWait(chromium, 120).until(lambda driver: "检查完成" in text(driver))
    for words in ("未导入", "出生年份", "2050", "怎么改", "下载批注副本"):
        assert words in text(chromium), words
    chromium.get_log("browser")


def test_the_looks_at_contrast_and_size_find_what_is_wrong(chromium: Chrome, yinling: Installation) -> None:
    enter(chromium, yinling, "retiree")
    chromium.execute_script(
        "const h = document.querySelector('h1'); h.style.color = '#bbb'; h.style.fontSize = '17px';"
        "document.querySelector('main button').style.minHeight = '20px';"
        "document.querySelector('main button').style.height = '20px';"
    )
    assert len(chromium.execute_script(PALE_TEXTS)) == 1
    assert len(chromium.execute_script(SMALL_THINGS)) == 2


def test_the_keyboard_reaches_the_content_first(chromium: Chrome, yinling: Installation) -> None:
    resize(chromium, DESKTOP)
    enter(chromium, yinling, "hr")
    chromium.get(f"{yinling.url}/requests")
    chromium.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    skip = chromium.switch_to.active_element
    assert skip.text == "跳到正文"
    skip.send_keys(Keys.ENTER)
    assert chromium.switch_to.active_element.get_attribute("id") == "main"


def test_a_reader_switches_to_english_and_back(chromium: Chrome, yinling: Installation) -> None:
    resize(chromium, DESKTOP)
    enter(chromium, yinling, "hr")
    chromium.find_element(By.CSS_SELECTOR, "button[value=en]").click()
    WebDriverWait(chromium, 120).until(lambda driver: "Our requests" in text(driver))
    chromium.find_element(By.CSS_SELECTOR, "button[value=zh_Hans]").click()
    WebDriverWait(chromium, 120).until(lambda driver: "我们的需求" in text(driver))
