"""What HR sees of scores: warnings, what relaxing a condition would bring, trials, weights; and the form's wishes."""

import pytest
from yinling.common.v1 import types_pb2 as types
from yinling.matching.v1 import matching_pb2 as matching
from yinling.matching.v1 import matching_service_pb2 as service
from yinling.matching.v1.matching_pb2 import Adjustment, MentoringRequest

from yinling_gateway.pages.reasons import Reasons
from yinling_gateway.pages.texts import effect, marked, texts_for
from yinling_gateway.pages.trial import of_key, of_rule, relaxed
from yinling_gateway.testing import Harness
from yinling_gateway.testing.browsing import Browser
from yinling_gateway.testing.harness import ORGANISATION

SAVE = ("action", "save")
REQUEST = MentoringRequest(
    organisation=ORGANISATION,
    title="带教连铸",
    requirements=[matching.Requirement(text="板坯连铸", importance=1)],
    mode=types.MODE_ON_SITE,
    city="攀枝花",
    hours_per_week=8,
    physical_demands=[types.PHYSICAL_DEMAND_UNDERGROUND],
    other_demands=["登船"],
    min_years=30,
    min_title_level=types.TITLE_LEVEL_SENIOR,
)


@pytest.fixture
def request_id(gateway: Harness) -> str:
    return gateway.services.matching.add(REQUEST).id


async def test_who_is_left_out_by_one_condition_is_told_and_can_be_tried(
    gateway: Harness, browser: Browser, request_id: str
) -> None:
    gateway.services.talent.add(name="留下的人", skills=["连铸"], years=40)
    gateway.services.talent.add(
        name="下不了井", skills=["板坯连铸"], years=40, limits=[types.PHYSICAL_DEMAND_UNDERGROUND]
    )
    gateway.services.talent.add(name="只做远程", skills=["板坯连铸"], years=40, modes=[types.MODE_REMOTE])
    await browser.open(f"/requests/{request_id}")
    assert "有 1 位很合适的人，只因工作在井下而没有列入。" in browser.text
    assert "有 1 位很合适的人，只因工作方式是现场而没有列入。" in browser.text
    assert "只做远程" not in browser.text
    assert f'href="/requests/{request_id}/edit#mode"' in browser.page.text
    await browser.open(f"/requests/{request_id}?relax=mode")
    for words in ("这是试看", "只做远程", "您希望到现场，但此人只接受远程。", "−10"):
        assert words in browser.text, words
    assert not gateway.services.matching.requests.items[request_id].wishes
    await browser.open(f"/requests/{request_id}/edit?relax=mode")
    assert browser.form("").values("wishes") == ["4"]
    await browser.submit("", button=SAVE)
    assert list(gateway.services.matching.requests.items[request_id].wishes) == [matching.HARD_RULE_MODE]
    await browser.open(f"/requests/{request_id}?relax=physical:1")
    assert "下不了井" in browser.text
    await browser.open(f"/requests/{request_id}?relax=nonsense")
    assert "这是试看" not in browser.text


async def test_a_trial_of_what_the_page_does_not_know_is_no_trial(browser: Browser, request_id: str) -> None:
    for key in ("", "capacity", "physical:99999999999999", "<script>", "mode:x"):
        await browser.open(f"/requests/{request_id}?relax={key}")
        assert browser.page.status_code == 200
        assert "<script>" not in browser.page.text


async def test_warnings_similar_people_distance_and_missing_information(
    gateway: Harness, browser: Browser, request_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = [
        matching.Suggestion(
            profile_id="p1",
            name="周立群",
            score=0.71,
            label=matching.LABEL_GOOD,
            years=28,
            title_level=types.TITLE_LEVEL_INTERMEDIATE,
            city="成都",
            distance_km=651.7,
            adjustments=[
                Adjustment(kind=Adjustment.KIND_WISHES, effect=0.02),
                Adjustment(kind=Adjustment.KIND_YEARS, effect=-0.06),
                Adjustment(kind=Adjustment.KIND_TITLE_LEVEL, effect=-0.03),
                Adjustment(kind=Adjustment.KIND_BROKEN_WISH, effect=-0.1, rule=matching.HARD_RULE_HOURS),
            ],
            similar=[
                matching.SimilarPerson(name="周立众", score=0.7),
                matching.SimilarPerson(name="周立人", score=0.69),
            ],
        ),
        matching.Suggestion(profile_id="p2", name="没写档案", score=0.45),
    ]
    answer = service.SuggestMentorsResponse(
        verdict=service.SuggestMentorsResponse.VERDICT_RANKED,
        people=9,
        eligible=2,
        suggestions=shown,
        weights=matching.Weights(about=2, must=1.5, nice=0.4),
    )

    async def suggest(identity: object, request: object) -> service.SuggestMentorsResponse:
        return answer

    monkeypatch.setattr(gateway.parts.backend, "suggest_mentors", suggest)
    gateway.services.matching.settings[ORGANISATION] = matching.MatchingSettings(
        organisation=ORGANISATION, weights=matching.Weights(must=1.5)
    )
    await browser.open(f"/requests/{request_id}")
    for words in (
        "合适",
        "相距约 652 公里",
        "年限不足：28 年，要求 30 年。 −6",
        "职称低于要求（副高级职称）。 −3",
        "您希望每周 8 小时，但此人能给的时间少一些。 −10",
        "正是本人想做的事。 +2",
        "另有 2 位经历几乎相同",
        "周立众 70%",
        "信息不足",
        "每条“必须”的要求 1.5 本单位设为",
        "每条“加分”的要求 0.4 默认",
    ):
        assert words in browser.text, words
    assert browser.text.index("−10") < browser.text.index("−6") < browser.text.index("+2")
    assert "45%" not in browser.text


async def test_the_page_is_english_for_english_readers(gateway: Harness, browser: Browser, request_id: str) -> None:
    gateway.services.talent.add(name="Zhou", skills=["连铸"])
    await browser.open(f"/requests/{request_id}")
    await browser.submit("/language", button=("language", "en"))
    assert browser.path == f"/requests/{request_id}"
    for words in ("Who fits", "from the skills", "What is asked"):
        assert words in browser.text


async def test_wishes_and_weights_of_the_form(gateway: Harness, browser: Browser) -> None:
    await browser.open("/requests/new")
    for words in ("作为愿望，不作为硬性条件", "分数怎么算", "0.1–5 · 默认 1", "0–3 · 默认 1"):
        assert words in browser.text, words
    await browser.submit(
        "",
        button=SAVE,
        title="带教",
        min_years="七十",
        max_distance_km="9000",
        **{"weights.must": "0", "weights.words": "许多", "weights.years": "４"},
    )
    assert browser.page.status_code == 422
    assert "请用数字填写整数" in browser.text
    assert "请用数字填写，例如 1.5" in browser.text
    assert '<details class="card" id="weights" open>' in browser.page.text
    await browser.submit(
        "", button=SAVE, min_years="70", **{"weights.must": "0", "weights.words": "", "weights.years": "４"}
    )
    for words in (
        "年限要求为 0 到 60 的整数。",
        "距离为 0 到 6,000 的整数（公里）。",
        "这项权重请填写 0.1 到 5 之间的数。",
        "这项权重请填写 0 到 3 之间的数。",
    ):
        assert words in browser.text, words
    assert 'id="weights.must-error"' in browser.page.text
    await browser.submit(
        "",
        button=SAVE,
        min_years="20",
        max_distance_km="300",
        min_title_level="4",
        wishes=["1", "5", "3"],
        **{"weights.must": "1.5", "weights.years": ""},
    )
    assert browser.page.status_code == 200, browser.text
    (made,) = gateway.services.matching.requests.items.values()
    assert list(made.wishes) == [matching.HARD_RULE_AVAILABILITY, matching.HARD_RULE_DISTANCE]
    assert (made.min_years, made.min_title_level, made.max_distance_km) == (20, types.TITLE_LEVEL_SENIOR, 300)
    assert made.weights == matching.Weights(must=1.5)


def test_one_rating_among_few_is_not_called_low() -> None:
    reasons = Reasons(texts_for("zh_Hans"))
    rated = [Adjustment(kind=Adjustment.KIND_FEEDBACK, effect=value) for value in (-0.03, -8e-17, 0.004, 0.02)]
    assert [reasons.adjustment(one, MentoringRequest()) for one in rated] == [
        "以往合作评价偏低。",
        "",
        "",
        "以往合作评价较好。",
    ]


def test_sentences_read_well_in_both_languages() -> None:
    chinese, english = Reasons(texts_for("zh_Hans")), Reasons(texts_for("en"))
    relaxation = matching.Relaxation(rule=matching.HARD_RULE_DISTANCE, strong=3, good=2)
    assert chinese.relaxation(relaxation, REQUEST) == "有 3 位很合适、2 位合适的人，只因离攀枝花太远而没有列入。"
    assert english.relaxation(relaxation, REQUEST) == (
        "3 very good fits, 2 good fits left out only because 攀枝花 is too far away."
    )
    other = matching.Relaxation(rule=matching.HARD_RULE_PHYSICAL, other_demand="登船", good=1)
    assert chinese.relaxation(other, REQUEST) == "有 1 位合适的人，只因工作要求“登船”而没有列入。"
    many = matching.Relaxation(rule=matching.HARD_RULE_PHYSICAL, strong=1)
    assert "多项体力要求" in chinese.relaxation(many, REQUEST)
    broken = Adjustment(kind=Adjustment.KIND_BROKEN_WISH, effect=-0.1, rule=matching.HARD_RULE_MODE)
    assert chinese.adjustment(broken, REQUEST) == "对方希望到现场，您只接受远程。"
    assert english.adjustment(broken, REQUEST, matching.Suggestion()) == (
        "You wish for work on site; the person works remotely only."
    )


@pytest.mark.parametrize("rule", matching.HardRule.values()[1:])
@pytest.mark.parametrize("language", ["zh_Hans", "en"])
def test_every_rule_has_its_sentences(rule: matching.HardRule.ValueType, language: str) -> None:
    reasons = Reasons(texts_for(language))
    for request in (REQUEST, MentoringRequest()):
        assert "%(" not in reasons.relaxation(matching.Relaxation(rule=rule, strong=1), request)
        for kind in Adjustment.Kind.values()[1:]:
            for value in (-0.1, 0.1):
                adjustment = Adjustment(kind=kind, effect=value, rule=rule)
                for person in (None, matching.Suggestion(), matching.Suggestion(years=3, title_level=2)):
                    sentence = reasons.adjustment(adjustment, request, person)
                    assert sentence
                    assert "%(" not in sentence


def test_a_trial_relaxes_one_condition_alone() -> None:
    underground = of_rule(matching.HARD_RULE_PHYSICAL, types.PHYSICAL_DEMAND_UNDERGROUND)
    assert underground is not None
    assert of_key(underground.key) == underground
    assert not relaxed(REQUEST, underground).physical_demands
    assert list(relaxed(REQUEST, underground).other_demands) == ["登船"]
    boat = of_rule(matching.HARD_RULE_PHYSICAL, 0, "登船")
    assert boat is not None
    assert of_key(boat.key) == boat
    assert not relaxed(REQUEST, boat).other_demands
    assert of_rule(matching.HARD_RULE_CAPACITY) is None
    distance = of_key("distance")
    assert distance is not None
    assert list(relaxed(relaxed(REQUEST, distance), distance).wishes) == [matching.HARD_RULE_DISTANCE]
    assert REQUEST.physical_demands


def test_shared_words_are_marked_and_nothing_else_is_html() -> None:
    assert marked("S7-1500 <b>与</b> s7-1500", ["S7-1500"]) == (
        "<mark>S7-1500</mark> &lt;b&gt;与&lt;/b&gt; <mark>s7-1500</mark>"
    )
    assert marked("<i>", []) == "&lt;i&gt;"
    assert marked("a.b", ["."]) == "a<mark>.</mark>b"
    assert [effect(value) for value in (-0.061, 0.02, -0.001, 0.0)] == ["−6", "+2", "", ""]


async def test_a_place_that_was_given_by_turn_says_so(gateway: Harness, browser: Browser) -> None:
    add, matching_fake = gateway.services.talent.add, gateway.services.matching
    add(name="分数略高", skills=["板坯连铸"], years=40)
    turn = add(name="轮到的人", skills=["板坯连轧"], years=40)
    asked = MentoringRequest(
        organisation=ORGANISATION, title="带教", requirements=[matching.Requirement(text="板坯连铸")]
    )
    asked.requirements[0].text = "板坯连铸连铸机结晶器振动台"
    request_id = matching_fake.add(asked).id
    await browser.open(f"/requests/{request_id}")
    assert browser.text.index("分数略高") < browser.text.index("轮到的人")
    assert "轮到靠前" not in browser.text
    assert "分数不一定从高到低" not in browser.text
    matching_fake.turns.add(turn.id)
    await browser.open(f"/requests/{request_id}")
    assert browser.text.index("轮到的人") < browser.text.index("分数略高")
    assert browser.page.text.count("轮到靠前") == 1
    assert browser.text.count("分数不一定从高到低") == 1


async def test_a_draft_is_begun_and_a_request_posted(gateway: Harness, browser: Browser) -> None:
    draft = MentoringRequest(organisation=ORGANISATION, title="草稿", state=MentoringRequest.STATE_DRAFT)
    kept = gateway.services.matching.add(draft)
    kept.create_time.FromJsonString("2026-03-02T01:00:00Z")
    for path in ("/requests", f"/requests/{kept.id}"):
        await browser.open(path)
        assert "2026年3月2日起草" in browser.text
        assert "日发布" not in browser.text
    await browser.open(f"/requests/{kept.id}")
    await browser.submit(f"/requests/{kept.id}/step/publish")
    for path in ("/requests", f"/requests/{kept.id}"):
        await browser.open(path)
        assert "2026年3月2日起草，2" in browser.text
        assert "日发布" in browser.text
    posted = gateway.services.matching.add(MentoringRequest(organisation=ORGANISATION, title="开放"))
    await browser.open(f"/requests/{posted.id}")
    assert "起草" not in browser.text
