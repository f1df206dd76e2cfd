"""What single cells say: lists, numbers, days, words, histories, headers."""

# ruff: noqa: E501 - tables of cases read better on long lines; Chinese counts double

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinling_common.identity_numbers import contains_identity_number
from yinling_common.types import Gender, Mode, PhysicalDemand, TravelRange
from yinling_talent.domain import Credential, ExperienceItem
from yinling_talent.roster import cells, dates, history, words
from yinling_talent.roster.headers import IDENTITY, IGNORED, field_of

U, H, N, L, S, W, D = (
    PhysicalDemand.UNDERGROUND, PhysicalDemand.HEIGHTS, PhysicalDemand.NIGHT_SHIFT, PhysicalDemand.LONG_JOURNEYS,
    PhysicalDemand.STANDING, PhysicalDemand.HEAVY_WORK, PhysicalDemand.DUST_AND_NOISE,
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("焊接、钳工，起重,铆工；电工;管工", ["焊接", "钳工", "起重", "铆工", "电工", "管工"]),
        ("焊接\n钳工\r\n起重", ["焊接", "钳工", "起重"]),
        ("锅炉/汽轮机", ["锅炉", "汽轮机"]),
        ("GB/T 19001、ISO 9001", ["GB/T 19001", "ISO 9001"]),
        ("TCP/IP，CAD/CAM", ["TCP/IP", "CAD/CAM"]),
        ("PLC/DCS", ["PLC/DCS"]),
        ("S7-1500、1.5MW风机", ["S7-1500", "1.5MW风机"]),
        ("PLC编程（西门子S7-1500、三菱FX）、组态", ["PLC编程（西门子S7-1500、三菱FX）", "组态"]),
        ("1.焊接 2.钳工 3.起重", ["焊接", "钳工", "起重"]),
        ("1、焊接；2、钳工", ["焊接", "钳工"]),
        ("①焊接②钳工", ["焊接②钳工"]),
        ("①焊接 ②钳工", ["焊接", "钳工"]),
        ("焊接 钳工 起重", ["焊接", "钳工", "起重"]),
        ("高炉 炼铁 2号", ["高炉 炼铁 2号"]),
        ("1,000 t/h 锅炉运行", ["1,000 t/h 锅炉运行"]),
        ("焊接、焊接、 焊接 ", ["焊接"]),
        ("焊接。", ["焊接"]),
        ("无", []),
        ("/", []),
        ("—、无、", []),
        ("", []),
        ("· 焊接\n· 钳工", ["焊接", "钳工"]),
    ],
)
def test_several_values_in_one_cell(text: str, expected: list[str]) -> None:
    assert cells.items(text) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (30, 30), (30.0, 30), ("30", 30), ("３０", 30), ("约30年", 30), ("三十年", 30), ("三十五年", 35), ("十二", 12),
        ("二十", 20), ("几十年", None), ("一直在岗", None), ("约三十来年", 30), ("30余年", 30), ("30年6个月", 30), ("30+", 30), ("30.5", 30), ("20-30", 20), ("一百零五", 105),
        ("", None), ("很多年", None), ("-5", None), ("－5", None), (True, None), (1e300, None), ("9" * 400, 999999999999),
    ],
)  # fmt: skip
def test_whole_numbers(value: cells.Value, expected: int | None) -> None:
    assert cells.whole_number(value) == expected


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ("1955", (1955, 1, 1), (1955, 12, 31)),
        ("1955年", (1955, 1, 1), (1955, 12, 31)),
        ("1955-03", (1955, 3, 1), (1955, 3, 31)),
        ("1955.3", (1955, 3, 1), (1955, 3, 31)),
        ("1955/03/12", (1955, 3, 12), (1955, 3, 12)),
        ("1955年3月", (1955, 3, 1), (1955, 3, 31)),
        ("1955年3月12日", (1955, 3, 12), (1955, 3, 12)),
        ("１９５５年３月", (1955, 3, 1), (1955, 3, 31)),
        ("一九五五年三月", (1955, 3, 1), (1955, 3, 31)),
        ("一九五五年十二月二十一日", (1955, 12, 21), (1955, 12, 21)),
        ("195503", (1955, 3, 1), (1955, 3, 31)),
        ("19550312", (1955, 3, 12), (1955, 3, 12)),
        ("1955-03-12 00:00:00", (1955, 3, 12), (1955, 3, 12)),
        ("55-03", (1955, 3, 1), (1955, 3, 31)),
        ("55.03", (1955, 3, 1), (1955, 3, 31)),
        ("1955年3月生", (1955, 3, 1), (1955, 3, 31)),
        (1955, (1955, 1, 1), (1955, 12, 31)),
        (1955.0, (1955, 1, 1), (1955, 12, 31)),
        (1955.03, (1955, 3, 1), (1955, 3, 31)),
        (1955.12, (1955, 12, 1), (1955, 12, 31)),
        (195503.0, (1955, 3, 1), (1955, 3, 31)),
        (19550312.0, (1955, 3, 12), (1955, 3, 12)),
        (20160.0, (1955, 3, 12), (1955, 3, 12)),
        (dt.date(1955, 3, 12), (1955, 3, 12), (1955, 3, 12)),
        (dt.datetime(1955, 3, 12, 8), (1955, 3, 12), (1955, 3, 12)),
        ("2026-02", (2026, 2, 1), (2026, 2, 28)),
    ],
)
def test_days(value: cells.Value, first: tuple[int, int, int], last: tuple[int, int, int]) -> None:
    day = dates.parse(value)
    assert day is not None
    assert day.first() == dt.date(*first)
    assert day.last() == dt.date(*last)


@pytest.mark.parametrize(
    "value",
    ["", "不详", "1955-13", "1955-02-30", "三月", "19551301", "3/12/1955", -5, 0, 1e12, True, dt.time(3), "5103211", "1955-03-12-01"],
)  # fmt: skip
def test_what_is_no_day(value: cells.Value) -> None:
    assert dates.parse(value) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("现场", (Mode.ON_SITE,)), ("远程", (Mode.REMOTE,)), ("均可", (Mode.ON_SITE, Mode.REMOTE)),
        ("现场/远程", (Mode.ON_SITE, Mode.REMOTE)), ("线上", (Mode.REMOTE,)), ("驻厂", (Mode.ON_SITE,)),
        ("电话、视频", (Mode.REMOTE,)), ("On-site", (Mode.ON_SITE,)), ("both", (Mode.ON_SITE, Mode.REMOTE)),
        ("线下线上都可以", (Mode.ON_SITE, Mode.REMOTE)), ("不限", (Mode.ON_SITE, Mode.REMOTE)),
        ("不去现场", None), ("看情况", None), ("除现场外", None),
    ],
)  # fmt: skip
def test_modes(text: str, expected: tuple[Mode, ...] | None) -> None:
    assert words.modes(text) == expected


@pytest.mark.parametrize(
    ("text", "known", "others"),
    [
        ("井下、高处、夜班、长途、久站、重体力、粉尘噪声", (U, H, N, L, S, W, D), ()),
        ("不能下井，不宜登高；怕粉尘", (U, H, D), ()),
        ("不宜从事井下和夜班作业", (U, N), ()),
        ("不能长时间站立及负重", (S, W), ()),
        ("因腰椎间盘突出不能搬运重物", (W,), ()),
        ("无", (), ()), ("良好", (), ()), ("身体健康", (), ()), ("健康状况良好", (), ()), ("一般", (), ()),
        ("不能驾车、夜班", (N,), ("驾车",)),
        ("可以下井", (), ()),
        ("高处（三米以上）", (H,), ()),
        ("no night shift", (N,), ()),
    ],
)  # fmt: skip
def test_limits(text: str, known: tuple[PhysicalDemand, ...], others: tuple[str, ...]) -> None:
    assert words.limits(text)[:2] == (known, others)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("本市", 1), ("不出差", 1), ("市内", 1), ("本省", 2), ("省内", 2), ("全国", 3), ("不限", 3), ("是", 3), ("否", 1), ("火星", None),
     ("nationwide", 3), ("可跨省", 3)],
)  # fmt: skip
def test_travel(text: str, expected: int | None) -> None:
    assert words.travel(text) == (None if expected is None else TravelRange(expected))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("100公里以内", 100), ("本市 ５０ km", 50), ("50-100千米", 50), ("80.5公里", 80), ("本省", None), ("1234567公里", None),
     ("2小时车程", None), ("几公里", None)],
)  # fmt: skip
def test_kilometres(text: str, expected: int | None) -> None:
    assert words.kilometres(text) == expected


def test_languages() -> None:
    assert words.languages("普通话、英语（熟练）、四川话") == (("zh", "en"), ())
    assert words.languages("英语六级，俄语") == (("en", "ru"), ())
    assert words.languages("zh-CN、EN、粤语") == (("zh-CN", "en", "yue"), ())
    assert words.languages("唐山话、海南话") == (("zh", "nan"), ())
    assert words.languages("土家语、瑶语") == (("tji", "ium"), ())
    assert words.languages("克林贡语") == ((), ("克林贡语",))
    assert words.languages("无") == ((), ())


def test_yes_no_and_gender() -> None:
    assert [cells.yes_or_no(v) for v in ("是", "√", "同意", True, 1.0, "Y")] == [True] * 6
    assert [cells.yes_or_no(v) for v in ("否", "×", "不同意", False, 0, "no", "无")] == [False] * 7
    assert cells.yes_or_no("考虑中") is None
    assert (words.gender("男"), words.gender("Ｆ"), words.gender("?")) == (Gender.MALE, Gender.FEMALE, None)


def test_experience_with_periods() -> None:
    assert history.experience(
        "1985-1995 攀钢炼铁厂 高炉工长\n1996.03—2015.12 攀钢炼铁厂 副总工程师\n主持2号高炉大修\n2016年至今 返聘专家"
    ) == [
        ExperienceItem(title="高炉工长", organisation="攀钢炼铁厂", start_year=1985, end_year=1995),
        ExperienceItem(
            title="副总工程师", organisation="攀钢炼铁厂", start_year=1996, end_year=2015, description="主持2号高炉大修"
        ),
        ExperienceItem(title="返聘专家", start_year=2016),
    ]


def test_experience_without_periods() -> None:
    assert [i.title for i in history.experience("1.主持大修；2.编写规程")] == ["主持大修", "编写规程"]
    assert [i.title for i in history.experience("主持大修\n\n编写规程")] == ["主持大修", "编写规程"]
    assert history.experience("无") == []
    long = "负责全厂电气设备的检修与改造，" + "主持多项技改项目" * 40
    (item,) = history.experience(long)
    assert item.title == "负责全厂电气设备的检修与改造"
    assert item.description == long


def test_a_sentence_keeps_its_year() -> None:
    first, second = history.experience("1986年到厂从采样工做起\n1996年起，主持选矿")
    assert (first.start_year, first.title) == (1986, "1986年到厂从采样工做起")
    assert (second.start_year, second.title) == (1996, "1996年起，主持选矿")
    (third,) = history.experience("1985年3月至今 炼铁厂 工长")
    assert (third.start_year, third.end_year, third.title) == (1985, 0, "工长")


def test_a_reversed_period_is_kept_as_text() -> None:
    (item,) = history.experience("1995-1985 高炉工长")
    assert (item.start_year, item.end_year, item.title) == (0, 0, "1995-1985 高炉工长")


def test_credentials() -> None:
    assert history.credentials("注册安全工程师（2008）、高级技师\n2010年取得一级建造师") == [
        Credential(name="注册安全工程师", year=2008),
        Credential(name="高级技师"),
        Credential(name="一级建造师", year=2010),
    ]
    assert history.credentials("ISO 9001:2015内审员") == [Credential(name="ISO 9001:2015内审员")]


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("姓名", "name"), ("姓 名", "name"), ("姓\n名", "name"), ("＊姓名", "name"), ("姓名（必填）", "name"), ("Name", "name"),
        ("工号", "employee_number"), ("员工编号", "employee_number"), ("Employee No.", "employee_number"),
        ("工龄（年）", "years"), ("工作年限(年)", "years"), ("出生年月", "birth"), ("年龄", "age"), ("居住地", "city"),
        ("现居城市", "city"), ("单位", "organisation"), ("原单位", "former_employer"), ("退休前单位", "former_employer"),
        ("退休前职务", "last_position"), ("职称/技能等级", "title"), ("职称（技能等级）", "title"), ("行业", "industry"),
        ("专业领域", "industry"), ("专长", "skills"), ("特长/技能", "skills"), ("主要业绩", "experience"), ("证书", "credentials"),
        ("执业资格", "credentials"), ("个人简介", "bio"), ("服务方式", "modes"), ("每周可用时间（小时）", "hours_per_week"),
        ("出行范围", "travel"), ("最远距离（公里）", "max_distance_km"), ("身体限制", "limits"), ("健康状况说明", "limits"), ("不宜从事的工作", "limits"), ("语言", "languages"),
        ("服务意愿", "wishes"), ("可带徒人数", "capacity"), ("可用起始日期", "available_from"), ("可用截止日期", "available_to"),
        ("暂停", "paused"), ("是否同意公开", "consent.granted"), ("本人是否同意公开个人信息", "consent.granted"), ("手机", "contact.phone"),
        ("联系方式（手机）", "contact.phone"), ("邮箱", "contact.email"), ("E-mail", "contact.email"), ("微信号", "contact.wechat"),
        ("通讯地址", "contact.address"), ("身份证号", IDENTITY), ("居民身份证号码（18位）", IDENTITY), ("工号（身份证号）", IDENTITY),
        ("序号", IGNORED), ("备注", IGNORED), ("No.", IGNORED), ("民族", None), ("血型", None), ("", None), ("x" * 500, None),
    ],
)  # fmt: skip
def test_headers(header: str, field: str | None) -> None:
    assert field_of(header) == field


def test_identity_numbers_are_taken_out_of_text() -> None:
    assert cells.redacted("身份证510402195503121234，电话123") == "身份证，电话123"
    assert cells.redacted("510402195503121234") == ""
    assert cells.redacted(cells.text(510402195503121234.0)) == ""
    assert cells.redacted("合同号 12345") == "合同号 12345"


ANY_VALUE = st.one_of(
    st.text(max_size=80), st.integers(), st.floats(), st.booleans(), st.dates(), st.datetimes(), st.times(),
    st.timedeltas(), st.text("0123456789年月日.-/约三十百、，; \n①(（）)", max_size=30),
)  # fmt: skip


@given(ANY_VALUE)
def test_no_cell_breaks_a_reader(value: cells.Value) -> None:
    text = cells.text(value)
    for item in cells.items(text):
        assert item == item.strip()
        assert item
    dates.parse(value)
    cells.whole_number(value)
    cells.yes_or_no(value)
    assert not contains_identity_number(cells.redacted(text))
    history.credentials(text)
    for item in history.experience(text):
        assert item.title
    words.limits(text)
    words.languages(text)
    words.modes(text)
    words.travel(text)
    field_of(text)


@given(st.lists(st.text("焊接钳工起重ABC GB-", min_size=2, max_size=8).map(lambda s: s.strip(" -")), max_size=6))
def test_lists_come_back_as_they_were_joined(values: list[str]) -> None:
    wanted = list(dict.fromkeys(" ".join(v.split()) for v in values if not cells.is_nothing(v)))
    if len(wanted) > 1:
        assert cells.items("、".join(wanted)) == wanted


@given(
    st.dates(dt.date(1900, 1, 1), dt.date(2200, 12, 31)),
    st.sampled_from(
        [
            "{y}-{m:02}-{d:02}",
            "{y}.{m}.{d}",
            "{y}年{m}月{d}日",
            "{y}{m:02}{d:02}",
            "{y}/{m}/{d}",
        ]
    ),
)
def test_every_day_is_read_in_every_form(day: dt.date, form: str) -> None:
    parsed = dates.parse(form.format(y=day.year, m=day.month, d=day.day))
    assert parsed is not None
    assert parsed.first() == parsed.last() == day
