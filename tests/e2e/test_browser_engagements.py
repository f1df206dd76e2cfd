"""From an invitation to the certificate in a real browser: HR on a screen, the retiree on a phone."""

import base64
import contextlib
import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from pypdf import PdfReader
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

from yinling_gateway.testing.chromium import DESKTOP, PHONE, BrowserMissing, open_chromium, resize, sign_in
from yinling_gateway.testing.looks import PALE_TEXTS, SMALL_THINGS
from yinling_runner.testing import Installation

TITLE = "井巷支护传帮带（浏览器试用）"
# As much as an agreement can be asked to hold.
GOALS = [
    f"第{n}项：两名技术员能独立完成支护设计、验收和记录，" + "并能说明理由、举出实例、指出风险，" * 6 for n in range(6)
]
# Papers must hold what stands on them: a sheet that runs over is cut.
RUNS_OVER = """
const sheet = document.querySelector('.sheet'), edge = sheet.getBoundingClientRect().bottom;
return sheet.scrollHeight > sheet.clientHeight + 1
  || [...sheet.querySelectorAll('p, li, h1')].some((n) => n.getBoundingClientRect().bottom > edge);
"""


def today() -> date:
    """The day in China."""
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chrome]:
    with contextlib.ExitStack() as stack:
        try:
            driver = stack.enter_context(open_chromium())
        except BrowserMissing as error:
            pytest.fail(str(error))
        yield driver


class Person:
    """Somebody with a browser and an account."""

    def __init__(self, driver: Chrome, yinling: Installation, role: str, size: tuple[int, int]) -> None:
        self._driver, self._yinling, self._role, self._size = driver, yinling, role, size

    def come(self) -> None:
        """Sign in."""
        account = self._yinling.sign_in(self._role)
        resize(self._driver, self._size)
        sign_in(self._driver, self._yinling.url, account.username, account.password)
        self._driver.get_log("browser")

    def open(self, path: str) -> None:
        """Go to a page, and look at it."""
        self._driver.get(self._yinling.url + path)
        self.look()

    def look(self) -> None:
        """Whatever this person is shown fits the screen and can be read."""
        path = self._driver.current_url
        assert self._driver.execute_script("return document.documentElement.scrollWidth") <= self._size[0], path
        assert self._driver.execute_script(PALE_TEXTS) == [], path
        if self._role == "retiree":
            assert self._driver.execute_script(SMALL_THINGS) == [], path

    def click(self, words: str) -> None:
        """Press a button or a link of the page by its words, and wait for the next page."""
        said = f"[normalize-space()='{words}' and not(@aria-hidden)]"
        found = self._driver.find_element(By.XPATH, f"//main//a{said} | //main//button{said}")
        self._driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
        before = self._driver.find_element(By.TAG_NAME, "html")
        found.click()
        WebDriverWait(self._driver, 120).until(lambda driver: driver.find_element(By.TAG_NAME, "html") != before)
        self.look()

    def write(self, name: str, words: str) -> None:
        """Type into a field."""
        field = self._driver.find_element(By.NAME, name)
        if field.get_attribute("type") in {"date", "time"}:  # what is typed there depends on the browser's language
            self._driver.execute_script("arguments[0].value = arguments[1]", field, words)
        else:
            field.clear()
            field.send_keys(words)

    def choose(self, name: str, value: str) -> None:
        """Choose one of several."""
        field = self._driver.find_elements(By.CSS_SELECTOR, f"input[name={name}][value='{value}']")
        if field:
            self._driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", field[0])
            field[0].click()
        else:
            Select(self._driver.find_element(By.NAME, name)).select_by_value(value)

    def reads(self, *words: str) -> None:
        """The page says so."""
        shown = self._driver.execute_script("return document.body.innerText")
        for word in words:
            assert word in shown, f"{word!r} is not on {self._driver.current_url}:\n{shown}"


def pages_of(driver: Chrome) -> list[tuple[int, int]]:
    """Width and height in millimetres of each page that the printer would give."""
    printed = driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})
    reader = PdfReader(io.BytesIO(base64.b64decode(printed["data"])))
    sizes = [page.mediabox for page in reader.pages]
    return [(round(float(box.width) / 72 * 25.4), round(float(box.height) / 72 * 25.4)) for box in sizes]


def profile_of(yinling: Installation, role: str) -> str:
    account = yinling.sign_in(role)
    sent = {"username": account.username, "password": account.password}
    answer = httpx.post(f"{yinling.url}/api/v1/auth/sign-in", json=sent, trust_env=False)
    return str(answer.json()["account"]["profile_id"])


def test_from_an_invitation_to_the_certificate(chromium: Chrome, yinling: Installation) -> None:
    hr, retiree = Person(chromium, yinling, "hr", DESKTOP), Person(chromium, yinling, "retiree", PHONE)
    person = profile_of(yinling, "retiree")

    hr.come()
    hr.open("/requests/new")
    hr.write("title", TITLE)
    hr.write("hours_per_week", "2")
    hr.click("发布并查看人选")
    request = chromium.current_url.partition("?")[0].removeprefix(yinling.url)
    hr.open(f"{request}/invite?person={person}")
    hr.write("message", "老师您好，想请您带两名年轻人。")
    hr.click("发出邀请")
    hr.reads("已发出 1 份邀请", "等待答复")

    retiree.come()
    retiree.open("/me")
    retiree.reads("等您答复", TITLE)
    retiree.open("/invitations")
    card = chromium.find_element(By.XPATH, f"//li[contains(., '{TITLE}')]//a[contains(., '查看并答复')]")
    retiree.open(str(card.get_attribute("href")).removeprefix(yinling.url))
    retiree.reads("想请您带两名年轻人", "每周时数")
    retiree.click("婉拒")
    retiree.click("返回")
    retiree.click("我接受")
    retiree.click("确定接受")
    retiree.reads("结对成功", "进行中")
    place = chromium.current_url.partition("?")[0].removeprefix(yinling.url)
    retiree.click("登记一次辅导")
    retiree.write("summary", "到现场看了支护情况。")
    retiree.choose("minutes", "60")
    retiree.click("保存")
    retiree.reads("辅导已登记", "1 次辅导")

    hr.come()
    hr.open(place)
    hr.click("写下目标")
    for n, goal in enumerate(GOALS):
        if n >= len(chromium.find_elements(By.NAME, "goal_text")):
            hr.click("再加一项目标")
        chromium.find_elements(By.NAME, "goal_text")[n].send_keys(goal)
    hr.write("planned_end_date", (today() + timedelta(days=60)).isoformat())
    hr.click("保存")
    hr.reads("第0项", "计划到")
    hr.click("登记一次辅导")
    hr.write("day", (today() - timedelta(days=1)).isoformat())
    hr.write("clock", "12:00")  # so long before now that the other session is not at the same time
    hr.write("summary", "一起看了图纸。")
    hr.choose("minutes", "60")
    hr.click("保存")
    hr.reads("2 次辅导", "2 小时")
    for language in ("zh_Hans", "en"):
        chromium.get(f"{yinling.url}{place}/agreement?language={language}")
        assert not chromium.execute_script(RUNS_OVER), language
        assert pages_of(chromium) == [(210, 297)]
    hr.open(place)
    hr.click("完成…")
    hr.click("确认完成")
    hr.reads("结对已完成")
    hr.click("写评价")
    for question in ("goals", "cooperation", "again"):
        hr.choose(question, "5")
    hr.click("提交")
    hr.reads("一方已写")

    retiree.come()
    retiree.open("/me")
    retiree.reads("这次结对怎么样")
    retiree.open(f"{place}/feedback/end")
    for question in ("goals", "cooperation", "again"):
        retiree.choose(question, "4")
    retiree.write("words", "年轻人肯学。")
    retiree.click("提交")
    retiree.reads("双方都已写")
    for language, title in (("zh_Hans", "感谢证书"), ("en", "Certificate of thanks")):
        chromium.get(f"{yinling.url}{place}/certificate?language={language}")
        assert title in chromium.page_source
        assert TITLE in chromium.page_source
        assert not chromium.execute_script(RUNS_OVER), language
        assert pages_of(chromium) == [(297, 210)]
    severe = [entry["message"] for entry in chromium.get_log("browser") if entry["level"] in {"SEVERE", "WARNING"}]
    assert severe == []
