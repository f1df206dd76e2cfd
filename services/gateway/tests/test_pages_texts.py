"""The catalogs, the labels, and the words made of values."""

import re

import pytest
from yinling.common.v1 import types_pb2 as types
from yinling.matching.v1 import engagement_pb2 as pb
from yinling.matching.v1 import matching_pb2 as matching
from yinling.talent.v1 import talent_pb2 as talent

from yinling_common.errors import Violation
from yinling_gateway.pages import extract, i18n, labels, profile_form, request_form
from yinling_gateway.pages.engaging import labels as engaging
from yinling_gateway.pages.engaging.spoken import Spoken
from yinling_gateway.pages.forms import Form
from yinling_gateway.pages.texts import chance, percent, texts_for
from yinling_gateway.pages.violations import ADVICE, place

CHINESE = texts_for("zh_Hans")
ENGLISH = texts_for("en")
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_the_catalog_has_exactly_the_texts_of_the_pages(language: str) -> None:
    wanted = {message.id for message in extract.messages() if message.id}
    kept = {message.id for message in i18n.read_catalog(language) if message.id}
    assert kept == wanted, "run: python -m yinling_gateway.pages.extract, then translate what is new"


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_text_is_translated_with_its_placeholders(language: str) -> None:
    for message in i18n.read_catalog(language):
        if not message.id:
            continue
        originals = [message.id] if isinstance(message.id, str) else list(message.id)
        translated = [message.string] if isinstance(message.string, str) else list(message.string)
        wanted = set(_PLACEHOLDER.findall(originals[-1]))
        for text in translated:
            assert text.strip(), f"{language}: {message.id} is not translated"
            assert set(_PLACEHOLDER.findall(text)) <= wanted, f"{language}: {message.id} has a strange placeholder"
        assert set(_PLACEHOLDER.findall(translated[-1])) == wanted, f"{language}: {message.id} lost a placeholder"


def test_chinese_is_chinese() -> None:
    plain = [
        message.id
        for message in i18n.read_catalog("zh_Hans")
        if message.id and not re.search(r"[\u4e00-\u9fff]", "".join(message.string))
    ]
    assert plain == []


@pytest.mark.parametrize(
    ("enum", "words"),
    [
        (types.Mode, labels.MODE),
        (types.PhysicalDemand, labels.PHYSICAL_DEMAND),
        (types.TitleLevel, labels.TITLE_LEVEL),
        (types.Gender, labels.GENDER),
        (types.TravelRange, labels.TRAVEL),
        (matching.MentoringRequest.State, labels.STATE),
        (matching.FacetKind, labels.FACET),
        (matching.HardRule, labels.HARD_RULE),
        (matching.HardRule, labels.EXCLUSION),
        (matching.HardRule, labels.LEFT_OUT),
        (types.PhysicalDemand, labels.LEFT_OUT_PHYSICAL),
        (matching.Label, labels.STRENGTH),
        (matching.Unassigned.Reason, labels.UNASSIGNED),
        (pb.Invitation.State, engaging.INVITATION_STATE),
        (pb.OptIn.State, engaging.OPT_IN_STATE),
        (pb.Engagement.State, engaging.ENGAGEMENT_STATE),
        (pb.MentoringSession.State, engaging.SESSION_STATE),
        (pb.DeclineReason, engaging.DECLINE_REASON),
        (pb.DeclineReason, engaging.DECLINED_BECAUSE),
        (pb.TurnDownReason, engaging.TURN_DOWN_REASON),
        (pb.EndReason, engaging.END_REASON),
        (pb.ClosedBecause, engaging.CLOSED_BECAUSE),
        (pb.Side, engaging.SIDE),
        (pb.FeedbackPhase, engaging.PHASE),
        (pb.MentoringRequestChange.Action, engaging.ACTION),
    ],
)
def test_every_value_of_the_contract_has_words(enum: type[types.Mode], words: dict[int, str]) -> None:
    assert set(words) == set(enum.values()) - {0}  # type: ignore[attr-defined]  # every generated enum has values()


def test_every_field_of_the_forms_has_advice() -> None:
    for path in (*request_form.UPDATED, *profile_form.OFFICE_FIELDS):
        assert path in ADVICE or path == "paused", path


@pytest.mark.parametrize(
    ("cookie", "account", "header", "language"),
    [
        (None, None, "", "zh_Hans"),
        (None, None, "en-GB,en;q=0.9", "en"),
        (None, None, "fr,zh-CN;q=0.8,en;q=0.5", "zh_Hans"),
        (None, "en", "zh-CN", "en"),
        ("zh_Hans", "en", "en", "zh_Hans"),
        ("nonsense", None, "q;q=x,;;", "zh_Hans"),
    ],
)
def test_the_language_is_the_readers(cookie: str | None, account: str | None, header: str, language: str) -> None:
    assert i18n.choose(cookie, account, header) == language


def test_scores_have_words_and_stay_in_their_bounds() -> None:
    assert [CHINESE.gettext(labels.FIT[label]) for label in range(5)] == [
        "信息不足",
        "很合适",
        "合适",
        "可考虑",
        "关联较弱",
    ]
    assert [labels.fit_class(label) for label in range(5)] == ["fit-0", "fit-4", "fit-3", "fit-2", "fit-1"]
    assert [percent(score) for score in (-1, 0.005, 0.456, 2)] == [0, 0, 46, 100]
    # Nothing is certain, and what is no strong fit yet is not written as one.
    assert [chance(score) for score in (0.001, 0.456, 0.698, 0.7, 0.9999)] == [1, 45, 69, 70, 99]


def test_an_exclusion_names_what_was_asked_and_nobody() -> None:
    request = matching.MentoringRequest(physical_demands=[types.PHYSICAL_DEMAND_UNDERGROUND], city="大同")
    exclusion = matching.Exclusion(rule=matching.HARD_RULE_PHYSICAL, people=12)
    assert CHINESE.exclusion(exclusion, request) == "身体条件不适合（本需求：井下作业）"
    assert "Work underground" in ENGLISH.exclusion(exclusion, request)


def test_an_empty_profile_says_not_stated() -> None:
    details = dict(CHINESE.profile_details(talent.Profile(name="张三")))
    assert details["专长"] == "未填写"
    assert details["同时结对"] == "1 项"


def test_kilometres_come_before_the_range() -> None:
    profile = talent.Profile(travel=types.TRAVEL_RANGE_PROVINCE)
    assert ENGLISH.travel(profile) == "Inside my own province"
    profile.max_distance_km = 300
    assert CHINESE.travel(profile) == "离家不超过 300 公里"


def test_what_a_service_refuses_stands_beside_its_field() -> None:
    form = Form({"city": ["攀枝化"]})
    violations = [
        Violation("mentoring_request.city", "city.unknown", "no"),
        Violation("mentoring_request.requirements[2].text", "string.max_len", "too long"),
        Violation("mentoring_request.description", "string.no_nul", "NUL"),
        Violation("mentoring_request.something_new", "int32.lte", "is too much"),
    ]
    place(form, violations, CHINESE, request_form.NAMES)
    assert "攀枝花" in form.errors["city"]
    assert form.errors["requirements-2"] == "每条要求为 1 到 500 个字。"
    assert "无法保存的字符" in form.errors["description"]
    assert "is too much" in form.errors["something_new"]


def test_days_and_numbers_are_read_as_people_write_them() -> None:
    form = Form({"a": ["2026年11月30日"], "b": ["2026/2/30"], "c": ["１２"], "d": ["十二"], "e": ["99999999999999"]})
    day = form.day("a", CHINESE)
    assert day is not None
    assert (day.year, day.month, day.day) == (2026, 11, 30)
    assert form.day("b", CHINESE) is None
    assert form.integer("c", CHINESE) == 12
    assert form.integer("d", CHINESE) == 0
    assert form.integer("e", CHINESE) == 2**31 - 1
    assert set(form.errors) == {"b", "d"}


def test_a_profile_survives_its_form() -> None:
    profile = talent.Profile(
        name="周立群",
        gender=types.GENDER_MALE,
        birth_year=1958,
        city="攀枝花",
        skills=["连铸", "带徒"],
        experience=[talent.ExperienceItem(title="漏钢预报", start_year=2009, end_year=2011, description="一\n二")],
        credentials=[
            talent.Credential(name="特级技师", issuer="人社厅", year=2013),
            talent.Credential(name="甲", year=2001),
        ],
        modes=[types.MODE_ON_SITE],
        travel=types.TRAVEL_RANGE_PROVINCE,
        max_distance_km=300,
        limits=[types.PHYSICAL_DEMAND_HEIGHTS],
        languages=["zh", "yue"],
        capacity=0,
        available_to=types.Date(year=2027, month=6, day=30),
        contact=talent.Contact(phone="138 0000 0000"),
        etag="e7",
    )
    form = profile_form.filled(profile)
    for part in ("title", "organisation", "start", "end", "description"):
        form.set(f"experience_{part}", *(row[part] for row in form.rows))
    again = profile_form.read(form, CHINESE)
    again.consent.Clear()
    again.ClearField("consent")
    assert not form.errors
    assert again == profile


def test_a_request_survives_its_form() -> None:
    request = matching.MentoringRequest(
        title="带教",
        description="第一段\n第二段",
        requirements=[
            matching.Requirement(text="甲", importance=matching.Requirement.IMPORTANCE_MUST),
            matching.Requirement(text="乙", importance=matching.Requirement.IMPORTANCE_NICE),
        ],
        mode=types.MODE_REMOTE,
        hours_per_week=8,
        physical_demands=[types.PHYSICAL_DEMAND_STANDING],
        other_demands=["登船"],
        language="en",
        start_date=types.Date(year=2027, month=1, day=5),
        wishes=[matching.HARD_RULE_AVAILABILITY, matching.HARD_RULE_HOURS],
        min_years=20,
        min_title_level=types.TITLE_LEVEL_SENIOR,
        max_distance_km=300,
        weights=matching.Weights(must=1.5, feedback=0),
        etag="e1",
    )
    form = request_form.filled(request)
    form.set("requirement_text", *(row["text"] for row in form.rows))
    form.set("requirement_importance", *(row["importance"] for row in form.rows))
    assert request_form.read(form, CHINESE) == request


@pytest.mark.parametrize(
    ("minutes", "chinese", "english"),
    [
        (30, "30 分钟", "30 minutes"),
        (60, "1 小时", "1 hour"),
        (90, "1.5 小时", "1.5 hours"),
        (135, "2 小时 15 分钟", "2 h 15 min"),
    ],
)
def test_minutes_are_told_as_people_say_them(minutes: int, chinese: str, english: str) -> None:
    assert Spoken(CHINESE).hours(minutes) == chinese
    assert Spoken(ENGLISH).hours(minutes) == english
