"""HR has a cohort matched: chosen requests and a list of mentees, the result, and the workbook."""

import asyncio
import io
import re
import zipfile

import pytest
from openpyxl import Workbook, load_workbook
from yinling.common.v1 import types_pb2 as types
from yinling.matching.v1 import matching_pb2 as matching
from yinling.matching.v1 import matching_service_pb2 as service
from yinling.matching.v1.matching_pb2 import MentoringRequest

from yinling_common.errors import ServiceUnavailable, UnreadableFile
from yinling_common.identity import Role
from yinling_gateway.pages import cohort_result, mentees, tables
from yinling_gateway.pages.texts import texts_for
from yinling_gateway.testing import Harness
from yinling_gateway.testing.browsing import Browser
from yinling_gateway.testing.harness import ORGANISATION, PASSWORD

CHINESE = texts_for("zh_Hans")


async def finished(browser: Browser) -> None:
    """Look at the page until the matching is over, as a browser does."""
    assert re.fullmatch(r"/cohorts/[0-9a-f-]{36}", browser.path), browser.text
    for _ in range(1200):
        if "data-progress" not in browser.page.text:
            return
        await asyncio.sleep(0.05)
        await browser.open(browser.path)
    raise AssertionError(browser.text)


def workbook(rows: list[list[object]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
        for cell in book.worksheets[0][book.worksheets[0].max_row]:
            cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type  # no formulas
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


async def test_chosen_requests_and_uploaded_mentees_are_matched_and_explained(
    gateway: Harness, browser: Browser
) -> None:
    for name in ("甲师傅", "乙师傅"):
        gateway.services.talent.add(name=name, skills=["板坯连铸"])
    kept = gateway.services.matching.add(
        MentoringRequest(
            organisation=ORGANISATION, title="带教连铸", requirements=[matching.Requirement(text="板坯连铸")]
        )
    )
    gateway.services.matching.add(MentoringRequest(organisation=ORGANISATION, title="没有选的需求"))
    await browser.open("/cohorts")
    assert "没有选的需求" in browser.text
    form = browser.form("")
    form.fill("requests", kept.id)
    form.fill(f"mentors-{kept.id}", "1")
    rows = [
        ["姓名", "岗位", "想学什么", "城市", "方式", "导师人数"],
        ["示例：李明", "", "不读", "", "", ""],
        ["=cmd()", "操作工", "板坯连铸", "攀枝花", "均可", 1],
        ["小王", "", "连铸", "攀枝化", "", 1],
        ["小张", "", "", "", "", ""],
        ["小赵", "", "财务报表", "", "飞", ""],
        ["小孙", "", "板坯连铸；结晶器", "", "远程", 2],
    ]
    await browser.upload("", {"file": ("名单.xlsx", workbook(rows))})
    await finished(browser)
    for words in (
        "带教连铸 板坯连铸 甲师傅 很合适 99%",
        "=cmd() 板坯连铸 乙师傅",
        "小孙",
        "还缺 2 位。 合适的人在别处更需要",
        "甲师傅（已分给：带教连铸）、乙师傅（已分给：=cmd()）",
        "比逐个挑选多",
        "+0.2",
        "有 3 行没有参加匹配",
        "第 4 行（小王）：找不到城市“攀枝化”。是不是想写：攀枝花",
        "第 5 行（小张）：没有写想学什么。",
        "第 6 行（小赵）：工作方式应为 现场、远程 或 均可。",
    ):
        assert words in browser.text, words
    assert "示例" not in browser.text
    assert f"/requests/{kept.id}?limit=30&amp;person=" in browser.page.text
    place = browser.path
    await browser.open(f"{place}/workbook")
    sheet = load_workbook(io.BytesIO(browser.page.content)).worksheets[0]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert cells[1] == ["带教连铸", "板坯连铸", "甲师傅", 99, "很合适", None]
    assert sheet.cell(3, 1).data_type == "s"
    await browser.open(f"{place}/1")
    for words in ("=cmd()", "板坯连铸", "为什么：1 项要求中 1 项"):
        assert words in browser.text
    await browser.open(f"{place}/0")  # a request that is kept has a page of its own
    assert browser.page.status_code == 404
    await browser.open("/cohorts")
    assert "最近的结果" in browser.text


async def test_an_administrators_cohort_is_for_administrators_alone(gateway: Harness, browser: Browser) -> None:
    """It may hold requests of any enterprise, whatever organisation their account names."""
    gateway.services.talent.add(name="甲师傅", skills=["连铸"])
    gateway.services.matching.add(
        MentoringRequest(organisation="云南铜业", title="别家的需求", requirements=[matching.Requirement(text="连铸")])
    )
    await gateway.account(Role.ADMIN, organisation=ORGANISATION)
    async with gateway.client() as client:
        admin = Browser(client)
        await admin.sign_in("admin", PASSWORD)
        await admin.open("/cohorts")
        await admin.submit("", all="1")
        await finished(admin)
        place = admin.path
        assert "别家的需求" in admin.text
        await admin.open("/cohorts")
        assert place in admin.page.text
    await browser.open("/cohorts")
    assert place not in browser.page.text
    for address in (place, f"{place}/workbook"):
        await browser.open(address)
        assert browser.page.status_code == 404
        assert "别家的需求" not in browser.text


async def test_pasted_rows_need_no_header(gateway: Harness, browser: Browser) -> None:
    gateway.services.talent.add(name="甲师傅", skills=["连铸"])
    await browser.open("/cohorts")
    await browser.submit("", pasted="小王\t连铸\n小李\t财务", objective="2", min_score="50")
    await finished(browser)
    assert "小王 连铸 甲师傅" in browser.text
    assert "小李 财务 还缺 1 位。 满足条件的人都没有达到最低分。" in browser.text


async def test_what_is_wrong_with_the_form_is_told(gateway: Harness, browser: Browser) -> None:
    kept = gateway.services.matching.add(MentoringRequest(organisation=ORGANISATION, title="带教"))
    await browser.open("/cohorts")
    await browser.submit("")
    assert "请选择需求，或提供学员名单。" in browser.text
    await browser.submit("", min_score="120", all="1", **{f"mentors-{kept.id}": "0.5"})
    assert "最低分为 0 到 100 的数。" in browser.text
    assert "请用数字填写整数" in browser.text
    for name, content, words in (
        ("a.xlsx", b"PK\x03\x04broken", "文件无法读取"),
        ("a.csv", b"\x00\x01\x02", "文件无法读取"),
        ("a.csv", "姓名,年龄\n王,3\n".encode(), "找不到“想学什么”一列"),
        ("a.csv", "姓名,想学什么\n王,\n".encode(), "没有一行可用。 第 2 行（王）"),
    ):
        await browser.open("/cohorts")
        await browser.upload("", {"file": (name, content)})
        assert browser.page.status_code == 422
        assert words in browser.text, (name, browser.text)


async def test_it_goes_on_beside_the_requests_and_failing_is_told(
    gateway: Harness, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = asyncio.Event()

    async def slow(identity: object, request: object) -> service.AssignCohortResponse:
        await gate.wait()
        raise ServiceUnavailable("matching does not answer")

    monkeypatch.setattr(gateway.parts.backend, "assign_cohort", slow)
    await browser.open("/cohorts")
    await browser.submit("", pasted="连铸")
    assert "正在为 1 项需求或学员匹配" in browser.text
    assert '<meta http-equiv="refresh"' in browser.page.text
    await browser.open(f"{browser.path}/workbook")
    assert browser.page.status_code == 404
    await browser.open(browser.path.removesuffix("/workbook"))
    gate.set()
    await finished(browser)
    assert "匹配失败 后台服务暂时没有响应" in browser.text


async def test_nobody_reads_the_cohort_of_another_organisation(gateway: Harness, browser: Browser) -> None:
    gateway.services.talent.add(name="甲师傅", skills=["连铸"])
    await browser.open("/cohorts")
    await browser.submit("", pasted="连铸")
    place = browser.path
    await gateway.account(Role.HR, "other", organisation="鞍钢集团")
    async with gateway.client() as client:
        other = Browser(client)
        await other.sign_in("other", PASSWORD)
        for path in (place, f"{place}/workbook", f"{place}/0", "/cohorts/nonsense"):
            await other.open(path)
            assert other.page.status_code == 404
        await other.open("/cohorts")
        assert "最近的结果" not in other.text


def test_the_template_can_be_read_back() -> None:
    rows = tables.from_file(cohort_result.template())
    found = mentees.read(rows, ORGANISATION, CHINESE, header_needed=True)
    assert found.found
    assert not found.lines
    assert not found.left_out
    rows[1][0] = "李明"
    found = mentees.read(rows, ORGANISATION, CHINESE, header_needed=True)
    asked = found.requests[0].mentoring_request
    assert (asked.title, asked.city, asked.mode, asked.hours_per_week) == ("连铸操作工", "攀枝花", 0, 4)
    assert [point.text for point in asked.requirements] == ["板坯连铸漏钢预报", "结晶器维护"]
    assert "李明" not in str(asked), "names are shown and never matched"


@pytest.mark.parametrize(
    "text",
    [
        "姓名,想学什么,方式\n王,连铸,线上\n",
        "姓名\t想学什么（必填）\t方式\n王\t连铸\t远程\n",
        "name;learn;mode\n王;连铸;Remote\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_lists_are_read_whatever_separates_and_encodes_them(text: str, encoding: str) -> None:
    found = mentees.read(tables.from_file(text.encode(encoding)), "", CHINESE, header_needed=True)
    (line,) = found.lines
    assert (line.name, line.asks) == ("王", "连铸")
    assert found.requests[0].mentoring_request.mode == types.MODE_REMOTE


def test_identity_card_numbers_are_not_kept() -> None:
    rows = tables.from_text("姓名,想学什么\n王11010519491231002X,连铸\n")
    found = mentees.read(rows, "", CHINESE, header_needed=True)
    assert "19491231" not in found.lines[0].name


def test_a_workbook_that_unpacks_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_UNPACKED", 1 << 20)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (4 << 20))
    with pytest.raises(UnreadableFile):
        tables.from_file(buffer.getvalue())


def test_a_cell_far_away_costs_nothing() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["姓名", "想学什么"])
    sheet.append(["王", "连铸"])
    sheet.cell(1_048_576, 16_384, "远")
    buffer = io.BytesIO()
    book.save(buffer)
    rows = tables.from_file(buffer.getvalue())
    assert len(rows) <= tables.MOST_ROWS
    assert len(mentees.read(rows, "", CHINESE, header_needed=True).lines) == 1
