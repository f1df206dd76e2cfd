"""HR in a browser without JavaScript: posts a request and reads who fits, with reasons."""

import re

import pytest
from yinling.common.v1 import types_pb2 as types
from yinling.matching.v1 import matching_pb2 as matching
from yinling.matching.v1 import matching_service_pb2 as service
from yinling.matching.v1.matching_pb2 import MentoringRequest

from yinling_gateway.testing import Harness
from yinling_gateway.testing.browsing import Browser
from yinling_gateway.testing.harness import ORGANISATION

HOSTILE = "<script>alert(1)</script>"
SAVE = ("action", "save")


@pytest.fixture
def request_id(gateway: Harness) -> str:
    return gateway.services.matching.add(MentoringRequest(organisation=ORGANISATION, title="带教连铸")).id


def answer_with(gateway: Harness, monkeypatch: pytest.MonkeyPatch, answer: service.SuggestMentorsResponse) -> None:
    async def suggest(identity: object, request: object) -> service.SuggestMentorsResponse:
        return answer

    monkeypatch.setattr(gateway.parts.backend, "suggest_mentors", suggest)


async def test_a_request_is_posted_and_answered_with_reasons(gateway: Harness, browser: Browser) -> None:
    gateway.services.talent.add(name="周立群", skills=["板坯连铸漏钢预报"], city="攀枝花", last_position="首席技师")
    await browser.open("/requests/new")
    await browser.submit(
        "",
        button=SAVE,
        title="带教青年技师掌握连铸",
        requirement_text=["板坯连铸漏钢预报", "", "能编写作业指导书"],
        requirement_importance=["1", "1", "2"],
        city="攀枝花",
        mode="1",
        hours_per_week="8",
        physical_demands=["3"],
        start_date="2027-01-05",
    )
    assert browser.page.status_code == 200, browser.text
    assert re.fullmatch(r"/requests/[0-9a-f-]{36}", browser.path)
    for words in ("需求已发布", "合适的专家", "周立群", "首席技师", "板坯连铸漏钢预报", "摘自专长", "攀枝花"):
        assert words in browser.text
    (made,) = gateway.services.matching.requests.items.values()
    assert (made.organisation, made.state) == (ORGANISATION, MentoringRequest.STATE_OPEN)
    assert [(r.text, r.importance) for r in made.requirements] == [("板坯连铸漏钢预报", 1), ("能编写作业指导书", 2)]
    assert (made.hours_per_week, list(made.physical_demands), made.start_date.year) == (8, [3], 2027)


async def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(
    gateway: Harness, browser: Browser
) -> None:
    await browser.open("/requests/new")
    await browser.submit(
        "",
        button=SAVE,
        title="带教 <b>连铸</b>",
        description="第一行\n第二行",
        requirement_text=["第一条", "长" * 501],
        requirement_importance=["2", "1"],
        hours_per_week="400",
        city="攀枝化",
        mode="2",
        physical_demands=["1", "7"],
        language="en",
    )
    assert browser.page.status_code == 422
    assert "每周时数请填写 0 到 60 的整数。" in browser.text
    assert "是不是想写：" in browser.text
    page = browser.page.text
    assert re.search(r'id="hours_per_week-error"', page)
    assert re.search(r'name="hours_per_week"[^>]*aria-describedby="[^"]*hours_per_week-error"[^>]*aria-invalid', page)
    assert 'id="requirements-1-error"' in page
    form = browser.form("")
    assert form.values("title") == ["带教 <b>连铸</b>"]
    assert form.values("description") == ["第一行\n第二行"]
    assert form.values("requirement_text")[:2] == ["第一条", "长" * 501]
    assert form.values("requirement_importance")[:2] == ["2", "1"]
    assert form.values("hours_per_week") == ["400"]
    assert form.values("mode") == ["2"]
    assert form.values("physical_demands") == ["1", "7"]
    assert form.values("language") == ["en"]
    assert not gateway.services.matching.requests.items


async def test_an_unknown_city_a_missing_title_and_odd_numbers(gateway: Harness, browser: Browser) -> None:
    await browser.open("/requests/new")
    await browser.submit("", button=SAVE, months="半年", start_date="2026-02-30")
    assert "请填写需求标题" in browser.text
    assert "请用数字填写整数" in browser.text
    assert "请按“年-月-日”填写日期" in browser.text
    await browser.submit("", button=SAVE, title="带教", city="亚特兰蒂斯", months="", start_date="")
    assert browser.page.status_code == 422
    assert "找不到这个城市" in browser.text
    await browser.submit("", button=SAVE, title="带教", city="", description="a\0b")
    assert browser.page.status_code == 422
    assert "无法保存的字符" in browser.text
    assert not gateway.services.matching.requests.items


async def test_rows_are_added_without_javascript(browser: Browser) -> None:
    await browser.open("/requests/new")
    before = len(browser.form("").values("requirement_text"))
    texts = [f"第 {number} 条" for number in range(before)]
    await browser.submit("", button=("action", "add_row"), title="带教", requirement_text=texts)
    form = browser.form("")
    assert browser.page.status_code == 200
    assert form.values("requirement_text") == [*texts, "", ""]
    assert form.values("title") == ["带教"]


async def test_a_draft_is_kept_opened_edited_and_closed(gateway: Harness, browser: Browser) -> None:
    await browser.open("/requests/new")
    await browser.submit("", button=("action", "draft"), title="还没想好", requirement_text=["甲"])
    assert "草稿已保存" in browser.text
    assert "这项需求没有开放" in browser.text
    place = browser.path
    await browser.submit(f"{place}/step/publish")
    assert "征集中" in browser.text
    await browser.open(f"{place}/edit")
    await browser.submit(
        "", button=SAVE, title="想好了", requirement_text=["甲", "乙"], requirement_importance=["1", "2"]
    )
    assert browser.path == place
    assert "想好了" in browser.text
    await browser.open(f"{place}/step/close")
    assert "接下来会怎样" in browser.text
    await browser.submit(f"{place}/step/close")
    assert "已关闭" in browser.text
    (kept,) = gateway.services.matching.requests.items.values()
    assert kept.state == MentoringRequest.STATE_CLOSED
    assert [r.text for r in kept.requirements] == ["甲", "乙"]


async def test_a_change_in_the_meantime_is_not_overwritten_unseen(
    gateway: Harness, browser: Browser, request_id: str
) -> None:
    await browser.open(f"/requests/{request_id}/edit")
    requests = gateway.services.matching.requests
    requests.put(requests.items[request_id])
    await browser.submit("", button=SAVE, title="我的版本")
    assert browser.page.status_code == 409
    assert "有人修改了这份内容" in browser.text
    assert requests.items[request_id].title == "带教连铸"
    await browser.submit("", button=SAVE)
    assert requests.items[request_id].title == "我的版本"


async def test_the_list_shows_the_own_enterprises_requests_page_by_page(gateway: Harness, browser: Browser) -> None:
    for number in range(25):
        gateway.services.matching.add(MentoringRequest(organisation=ORGANISATION, title=f"需求第{number:02}号"))
    gateway.services.matching.add(MentoringRequest(organisation="别的企业", title="别人的需求"))
    await browser.open("/requests")
    assert "需求第24号" in browser.text
    assert "需求第04号" not in browser.text
    assert "别人的需求" not in browser.text
    further = re.search(r'rel="next" href="([^"]+)"', browser.page.text)
    assert further
    await browser.open(further[1].replace("&amp;", "&"))
    assert "需求第04号" in browser.text
    assert "第一页" in browser.text
    await browser.open("/requests?state=draft")
    assert "还没有需求" in browser.text


async def test_hostile_words_are_only_words(gateway: Harness, browser: Browser) -> None:
    gateway.services.talent.add(name=HOSTILE, skills=['"><img src=x onerror=alert(1)>'], last_position="'; alert(1)")
    made = gateway.services.matching.add(
        MentoringRequest(
            organisation=ORGANISATION,
            title=HOSTILE,
            description=f"{HOSTILE}\n{{{{ 7919 * 7907 }}}}",
            requirements=[matching.Requirement(text="</li><script>x</script>", importance=1)],
            other_demands=["<b>"],
        )
    )
    for path in ("/requests", f"/requests/{made.id}", f"/requests/{made.id}/edit"):
        await browser.open(path)
        assert browser.page.status_code == 200
        assert HOSTILE in browser.text or HOSTILE in browser.form("").values("title")
        assert "<script>" not in browser.page.text
        assert "<img src=x" not in browser.page.text
        assert str(7919 * 7907) not in browser.page.text


async def test_no_contact_details_or_health_reach_hr(gateway: Harness, browser: Browser, request_id: str) -> None:
    secrets = {"phone": "13912345678", "email": "zhou@example.com", "wechat": "zhou-wx", "address": "西岭路 7 号"}
    gateway.services.talent.add(
        name="周立群",
        contact=secrets,
        employee_number="GH-778",
        birth_year=1951,
        limits=[types.PHYSICAL_DEMAND_HEIGHTS],
        skills=["连铸"],
    )
    await browser.open(f"/requests/{request_id}")
    assert "周立群" in browser.text
    for secret in (*secrets.values(), "GH-778", "1951", "高处作业"):
        assert secret not in browser.page.text


async def test_evidence_that_is_missing_checks_and_exclusions_are_told(
    gateway: Harness, browser: Browser, request_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = gateway.services.matching.requests.items[request_id]
    kept.physical_demands.append(types.PHYSICAL_DEMAND_UNDERGROUND)
    answer_with(
        gateway,
        monkeypatch,
        service.SuggestMentorsResponse(
            verdict=service.SuggestMentorsResponse.VERDICT_RANKED,
            people=216,
            eligible=98,
            without_information=4,
            suggestions=[
                matching.Suggestion(
                    name="周立群",
                    score=0.91,
                    label=matching.LABEL_STRONG,
                    title_level=types.TITLE_LEVEL_CHIEF,
                    years=34,
                    evidence=[
                        matching.Evidence(requirement="漏钢预报", importance=1, found=True, facet_kind=3,
                                          facet_text="主持漏钢预报改造", strength=0.9,
                                          label=matching.LABEL_STRONG, shared_words=["漏钢预报"]),
                        matching.Evidence(requirement="铜板镀层", importance=2, found=False),
                    ],
                    checks=[
                        matching.Check(rule=matching.HARD_RULE_DISTANCE, outcome=matching.Check.OUTCOME_PASSED),
                        matching.Check(rule=matching.HARD_RULE_HOURS, outcome=matching.Check.OUTCOME_NOT_STATED),
                    ],
                )
            ],
            exclusions=[matching.Exclusion(rule=matching.HARD_RULE_PHYSICAL, people=12, only_this_rule=5)],
        ),
    )  # fmt: skip
    await browser.open(f"/requests/{request_id}")
    for words in (
        "216 人中有 98 人符合条件",
        "很合适",
        "正高级职称",
        "从业 34 年",
        "主持 漏钢预报 改造",
        "字面相符： 漏钢预报",
        "2 项要求中 1 项有依据",
        "吻合度高",
        "未找到 档案中没有写到",
        "已核对，符合 距离",
        "未写明，建议询问 每周时数",
        "12 人 身体条件不适合（本需求：井下作业）",
        "其中 5 人只因这一条未列出",
        "4 人 信息不足",
    ):
        assert words in browser.text, words
    assert 'aria-label="百分之 91"' in browser.page.text


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (service.SuggestMentorsResponse.VERDICT_NOT_ENOUGH_INFORMATION, ("信息不足", "补充两三条", "补充说明")),
        (service.SuggestMentorsResponse.VERDICT_NOBODY_ELIGIBLE, ("没有人满足全部条件", "共查看了 30 人", "改为远程")),
    ],
)
async def test_a_list_without_people_says_why_and_what_to_do(
    *,
    gateway: Harness,
    browser: Browser,
    request_id: str,
    monkeypatch: pytest.MonkeyPatch,
    verdict: service.SuggestMentorsResponse.Verdict,
    words: tuple[str, ...],
) -> None:
    exclusion = matching.Exclusion(rule=matching.HARD_RULE_DISTANCE, people=30, only_this_rule=30)
    answer = service.SuggestMentorsResponse(verdict=verdict, people=30, exclusions=[exclusion])
    answer_with(gateway, monkeypatch, answer)
    await browser.open(f"/requests/{request_id}")
    for word in words:
        assert word in browser.text
