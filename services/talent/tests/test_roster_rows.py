"""Whole rosters: a messy one as offices keep them, row by row, and the ways in which rows go wrong."""

# ruff: noqa: E501 - the rows of a roster are long; Chinese counts double

import datetime as dt
import io
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.styles import Font

from yinling_common.identity_numbers import contains_identity_number
from yinling_common.types import Gender, Mode, PhysicalDemand, TitleLevel, TravelRange
from yinling_talent import rules
from yinling_talent.domain import NESTED, SETTABLE, Credential
from yinling_talent.roster import Issue, RosterReader, RosterRow, Severity, read_roster
from yinling_talent.roster.rows import RowReader
from yinling_talent.roster.sheets import RESULT_SHEET, Sheet, Value
from yinling_talent.roster.tables import find_table
from yinling_talent.roster.template import _COLUMNS

TODAY = dt.date(2026, 6, 1)
ID_NUMBER = "510402195503121234"

Open = Callable[..., RosterReader]


@pytest.fixture
def read(tmp_path: Path) -> Open:
    """Writes rows into a workbook, the first one being the header, and opens it."""

    def _read(*rows: tuple[object, ...], organisation: str = "攀钢集团") -> RosterReader:
        book = Workbook()
        for row in rows:
            book.worksheets[0].append(row)
        path = tmp_path / "roster.xlsx"
        book.save(path)
        return read_roster(path, path.name, organisation, today=TODAY)

    return _read


def split(reader: RosterReader) -> tuple[list[RosterRow], list[Issue]]:
    found = list(reader)
    return [each for each in found if isinstance(each, RosterRow)], [each for each in found if isinstance(each, Issue)]


def messy() -> bytes:
    """A roster with everything that is seen in the wild."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "离退休专家"
    sheet["A1"] = "攀钢集团离退休专家花名册"
    sheet["A1"].font = Font(size=20)
    sheet.merge_cells("A1:V1")
    sheet["A2"] = "填报单位：离退休管理处"
    sheet["L2"] = "截至日期：2026年3月"
    sheet.append([])
    sheet.append((
        "序号", "所属单位", "姓 名", "性别", "出生\n年月", "＊居住地", "退休前\n工作单位", "退休前职务", "职称（技能等级）", "专业领域",
        "工龄（年）", "特长/技能", "主要业绩", "执业资格", "身份证号码", "不宜从事", "服务方式", "每周可用时间（小时）", "是否同意公开",
        "联系方式", "", "备注", "血型", "员工编号",
    ))  # fmt: skip
    sheet.append((*[None] * 19, "手机", "邮箱"))
    sheet.merge_cells("T4:U4")
    sheet.append((
        1, "攀钢集团", "王  强", "男", dt.datetime(1955, 3, 12), "四川省攀枝花市", "炼铁厂", "高炉工长", "高级工程师", "钢铁", "约38年",
        "高炉操作、炉况诊断\nGB/T 19001内审，CAD/CAM", "1985-1995 炼铁厂 工长\n1996-2015 炼铁厂 副总工", "注册安全工程师（2008）", ID_NUMBER,
        "井下、登高", "均可", "10小时", "√", 13800000001.0, "WANG@example.com", "脾气好", "A", 10001.0,
    ))  # fmt: skip
    sheet.append([])
    sheet.append((
        2, None, "李娜", "女", 1958.1, "昆山市", "焦化厂", None, "高级技师；高级工", "化工", 30, "炼焦；化验", None, None, None,
        "无", "远程", 8.0, "是", "0812-3300000 / 13800000002", None, None, None, 10002.0,
    ))  # fmt: skip
    sheet.append((
        3, None, "赵刚", "男", "56.7", "攀枝化", "轧钢厂", None, "技师", None, None, f"轧机调整（身份证{ID_NUMBER}）", None, None, None,
        None, "看情况", 400, "否", None, None, None, None, 10003.0,
    ))  # fmt: skip
    sheet.append((4, None, "钱进", None, 20160, "北京市海淀区", *[None] * 17, 10004.0))
    sheet.append((5, None, "孙悟", None, "1950年", "上海", *[None] * 17, 10005.0))
    sheet.append((6, None, "钱进", None, "1955-03", "北京", "设计院", *[None] * 16, 10004.0))
    sheet.append(("序号", "所属单位", "姓 名"))
    sheet.append((7, None, "周全", None, "1952", "西昌", "热电厂", *[None] * 16, ID_NUMBER))
    sheet.append((8,))
    sheet.append(("合计", None, "7人"))
    sheet.append(("填表人：张三", None, None, "审核人：李四"))
    other = book.create_sheet("说明")
    other.append(("请各单位按时填报",))
    second = book.create_sheet("第二批")
    second.append(("名单（续）",))
    second.append(("城市", "姓名", "出生年份"))
    second.append(("成都", "吴越", 1960))
    result = book.create_sheet(RESULT_SHEET)
    result.append(("姓名", "居住地"))
    result.append(("不读", "不读"))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@pytest.fixture
def golden(tmp_path: Path) -> RosterReader:
    path = tmp_path / "花名册.xlsx"
    path.write_bytes(messy())
    return read_roster(path, path.name, "默认单位", today=TODAY)


def test_a_messy_roster_is_read(golden: RosterReader) -> None:
    assert golden.total_rows == 8
    assert golden.ignored_columns == ["血型"]
    rows, issues = split(golden)
    assert (golden.rows_done, golden.failed, golden.duplicates) == (8, 1, 1)
    assert golden.issues == issues
    assert [(row.sheet, row.row, row.profile.name) for row in rows] == [
        ("离退休专家", 6, "王强"),
        ("离退休专家", 8, "李娜"),
        ("离退休专家", 11, "孙悟"),
        ("离退休专家", 12, "钱进"),
        ("离退休专家", 14, "周全"),
        ("第二批", 3, "吴越"),
    ]


def test_a_messy_row_becomes_a_whole_profile(golden: RosterReader) -> None:
    wang = split(golden)[0][0]
    profile = wang.profile
    assert wang.key == ("攀钢集团", "number", "10001")
    assert (profile.organisation, profile.employee_number, profile.name) == ("攀钢集团", "10001", "王强")
    assert (profile.gender, profile.birth_year, profile.city) == (Gender.MALE, 1955, "攀枝花")
    assert (profile.former_employer, profile.last_position) == ("炼铁厂", "高炉工长")
    assert (profile.title_level, profile.industry, profile.years) == (TitleLevel.SENIOR, "钢铁", 38)
    assert profile.skills == ("高炉操作", "炉况诊断", "GB/T 19001内审", "CAD/CAM")
    assert [(i.start_year, i.end_year, i.organisation, i.title) for i in profile.experience] == [
        (1985, 1995, "炼铁厂", "工长"),
        (1996, 2015, "炼铁厂", "副总工"),
    ]
    assert profile.credentials == (Credential(name="高级工程师"), Credential(name="注册安全工程师", year=2008))
    assert profile.limits == (PhysicalDemand.UNDERGROUND, PhysicalDemand.HEIGHTS)
    assert profile.modes == (Mode.ON_SITE, Mode.REMOTE)
    assert profile.hours_per_week == 10
    assert profile.consent.granted
    assert (profile.contact.phone, profile.contact.email) == ("13800000001", "WANG@example.com")
    assert profile.bio == ""  # what the office remarks is not about to be shown to anyone
    assert "bio" not in wang.stated_fields
    assert {"name", "limits", "consent.granted", "contact.phone"} <= wang.stated_fields


def test_what_a_row_does_not_say_is_not_stated(golden: RosterReader) -> None:
    li = split(golden)[0][1]
    assert li.profile.organisation == "默认单位"
    assert li.profile.city == "苏州"
    assert li.profile.title_level is TitleLevel.SENIOR
    assert li.profile.limits == ()
    assert "limits" in li.stated_fields  # "无" says something, an empty cell does not
    assert not {"last_position", "experience", "contact.email", "travel", "wishes"} & li.stated_fields


def test_everything_wrong_is_reported_at_once(golden: RosterReader) -> None:
    issues = split(golden)[1]
    found = {(issue.row, issue.rule): issue for issue in issues if issue.sheet == "离退休专家"}
    assert set(found) == {
        (4, "column.identity_number"),
        (8, "phone.several"),
        (9, "birth_year.two_digits"),
        (9, "city.unknown"),
        (9, "text.identity_number"),
        (9, "modes.unknown"),
        (9, "int32.gte_lte"),
        (10, "row.duplicate"),
        (14, "employee_number.identity_number"),
    }
    city = found[9, "city.unknown"]
    assert (city.severity, city.column, city.value, city.position) == (Severity.ERROR, "＊居住地", "攀枝化", 6)
    assert "攀枝花" in city.advice
    assert "攀枝花" in city.message_en
    hours = found[9, "int32.gte_lte"]
    assert (hours.column, hours.value) == ("每周可用时间（小时）", "400")
    assert "0 到 60" in hours.reason
    assert {issue.rule for issue in issues if issue.sheet == "说明"} == {"sheet.no_header"}


def test_identity_numbers_are_nowhere(golden: RosterReader) -> None:
    for item in golden:
        assert not contains_identity_number(repr(item)), item
        assert ID_NUMBER not in repr(item)


def test_an_identity_number_as_employee_number_leaves_the_person_key(golden: RosterReader) -> None:
    zhou = next(row for row in split(golden)[0] if row.profile.name == "周全")
    assert zhou.profile.employee_number == ""
    assert zhou.key[1] == "person"


def rules_of(reader: RosterReader) -> list[tuple[str, str]]:
    return [(issue.severity.name, issue.rule) for issue in split(reader)[1]]


@pytest.mark.parametrize(
    ("header", "value", "expected"),
    [
        ("出生年份", 2050, [("ERROR", "int32.gte_lte"), ("ERROR", "profile.birth_year_adult")]),
        ("出生年份", 2012, [("ERROR", "profile.birth_year_adult")]),
        ("出生年份", "三月", [("ERROR", "birth_year.unreadable")]),
        ("出生年份", "不详", []),
        ("居住地", "火星", [("ERROR", "city.unknown")]),
        ("居住地", "四川", [("ERROR", "city.unknown")]),
        ("工作年限", 200, [("ERROR", "int32.gte_lte")]),
        ("工作年限", -3, [("ERROR", "int32.gte_lte")]),
        ("工作年限", "-3年", [("ERROR", "number.negative")]),
        ("工作年限", "很久", [("WARNING", "number.unreadable")]),
        ("工作年限", "30-35", [("WARNING", "number.range")]),
        ("每周小时", 400, [("ERROR", "int32.gte_lte")]),
        ("每周小时", "每周2天", [("WARNING", "hours_per_week.days")]),
        ("每周小时", "周二、周四下午", [("WARNING", "number.unreadable")]),
        ("可带徒人数", 99, [("ERROR", "int32.gte_lte")]),
        ("可用起始日期", "2026-02-30", [("ERROR", "date.unreadable")]),
        ("可用起始日期", "长期", []),
        ("性别", "未知性别", [("WARNING", "gender.unknown")]),
        ("工作方式", "看情况", [("ERROR", "modes.unknown")]),
        ("出行范围", "看情况", [("WARNING", "travel.unknown")]),
        ("出行范围", "9000公里", [("ERROR", "int32.gte_lte")]),
        ("最远公里数", 7000, [("ERROR", "int32.gte_lte")]),
        ("最远公里数", -5, [("ERROR", "int32.gte_lte")]),
        ("最远公里数", "2小时车程", [("WARNING", "number.unreadable")]),
        ("最远公里数", "30里", [("WARNING", "number.unreadable")]),
        ("最远公里数", "不限", []),
        ("职称", "八级工", [("WARNING", "title.unknown")]),
        ("语言", "克林贡语", [("WARNING", "languages.unknown")]),
        ("身体限制", "可以下井", [("WARNING", "limits.allowed")]),
        ("身体限制", "x" * 51, [("ERROR", "string.max_len")]),
        ("是否同意公开", "考虑中", [("WARNING", "yes_no.unreadable")]),
        ("手机", "没装电话", [("WARNING", "phone.unreadable")]),
        ("邮箱", "wang@", [("WARNING", "email.unreadable")]),
        ("简介", "很" * 20001, [("ERROR", "string.max_len")]),
        ("专长", "、".join(f"技能{n}" for n in range(101)), [("ERROR", "repeated.max_items")]),
        ("专长", "长" * 201, [("ERROR", "string.max_len")]),
        ("简介", f"我的号码{ID_NUMBER}", [("WARNING", "text.identity_number")]),
        ("工号", ID_NUMBER, [("WARNING", "employee_number.identity_number")]),
        ("工号", f"工号-{ID_NUMBER}", [("WARNING", "employee_number.identity_number")]),
        ("工号", "A" * 33, [("ERROR", "string.max_len")]),
        ("暂停", "暂停", []),
    ],
)
def test_each_kind_of_bad_value(read: Open, header: str, value: object, expected: list[tuple[str, str]]) -> None:
    reader = read(("姓名", "行业", header), ("王建国", "钢铁", value))
    rows, issues = split(reader)
    assert [(issue.severity.name, issue.rule) for issue in issues] == expected
    assert len(rows) == (0 if any(severity == "ERROR" for severity, _ in expected) else 1)
    for issue in issues:
        assert (issue.row, issue.column, issue.position) == (2, header, 3)
        assert issue.reason
        assert issue.advice
        assert issue.message_en
        assert len(issue.value) <= 60


def test_a_row_without_a_name(read: Open) -> None:
    rows, issues = split(read(("姓名", "居住地"), ("", "攀枝花"), ("王建国", "攀枝花")))
    assert [row.profile.name for row in rows] == ["王建国"]
    (issue,) = issues
    assert (issue.rule, issue.row, issue.column) == ("name.required", 2, "姓名")


@pytest.mark.parametrize("header", ["姓名", "居住地", "简介", "专长", "语言", "身体限制", "工作经历"])
@pytest.mark.parametrize("filling", ["很", "(", "、焊", "1985-"])
def test_a_cell_of_megabytes_is_refused_at_once(tmp_path: Path, header: str, filling: str) -> None:
    path = tmp_path / "long.csv"
    headers = ["姓名", "行业", *([header] if header != "姓名" else [])]
    cell = filling * (2_000_000 // len(filling))
    cells = [cell if each == header else "王" for each in headers]
    path.write_text(",".join(headers) + "\n" + ",".join(f'"{each}"' for each in cells) + "\n", encoding="utf-8")
    started = time.process_time()
    rows, (issue,) = split(read_roster(path, path.name, "攀钢", today=TODAY))
    assert time.process_time() - started < 2
    assert (rows, issue.rule, issue.column) == ([], "cell.max_len", header)
    assert len(issue.value) <= 60


def test_order_of_two_days(read: Open) -> None:
    header = ("姓名", "可用起始日期", "可用截止日期")
    assert rules_of(read(header, ("王", "2026-05", "2026-03"))) == [("ERROR", "profile.available_order")]
    (row,), issues = split(read(header, ("王", "2026-03", "2026-03")))
    assert (row.profile.available_from, row.profile.available_to) == (dt.date(2026, 3, 1), dt.date(2026, 3, 31))
    assert issues == []
    (row,), _ = split(read(("姓名", "可用起止日期"), ("王", "2026-03至2026年12月")))
    assert (row.profile.available_from, row.profile.available_to) == (dt.date(2026, 3, 1), dt.date(2026, 12, 31))


def test_age_gives_the_year_of_birth_once_warned(read: Open) -> None:
    rows, issues = split(read(("姓名", "年龄"), ("王建国", 70), ("李娜", "68岁")))
    assert [row.profile.birth_year for row in rows] == [1956, 1958]
    assert [(issue.rule, issue.row) for issue in issues] == [("column.age", 1)]


def test_duplicates_by_person_where_there_is_no_number(read: Open) -> None:
    header = ("姓名", "出生年份", "原单位", "行业")
    reader = read(
        header, ("王 强", 1955, "炼铁厂", "旧"), ("王强", 1956, "炼铁厂", "另一人"), ("王强", "1955-03", "炼铁厂", "新")
    )
    rows, issues = split(reader)
    assert [row.profile.industry for row in rows] == ["另一人", "新"]
    assert [(issue.rule, issue.row, issue.severity) for issue in issues] == [("row.duplicate", 2, Severity.WARNING)]
    assert reader.duplicates == 1


NUMBERED = ("工号", "姓名", "出生年份", "行业")


def test_one_number_for_two_people_is_no_repeat(read: Open) -> None:
    both = (("T001", "张测试", 1960, "一"), ("Ｔ001", "王测试", 1955, "二"))
    for rows in (both, both[::-1]):
        taken, issues = split(reader := read(NUMBERED, *rows))
        assert [row.profile.name for row in taken] == [row[1] for row in rows]
        assert (issues, reader.duplicates) == ([], 0)


@pytest.mark.parametrize(
    ("first", "named"),
    [
        (("T001", "王 测试", 1960, "一"), False),  # another birth year, mended
        (("T001", "张测试", "", "一"), True),  # it may be the same person under another name
        (("T001", "张测试", 1955, "一"), True),
    ],
)
def test_a_repeated_number_is_named_as_the_fault(read: Open, first: tuple[object, ...], named: bool) -> None:
    taken, (issue,) = split(reader := read(NUMBERED, first, ("T001", "王测试", 1955, "二")))
    assert [row.profile.industry for row in taken] == ["二"]
    assert (reader.duplicates, issue.rule, issue.row) == (1, "row.duplicate", 2)
    assert "T001" in issue.reason
    assert "改正工号" in issue.advice
    assert "补填" not in issue.advice
    assert "mend the number" in issue.message_en
    assert ("王测试" in issue.reason) is ("王测试" in issue.message_en) is named


def test_somebody_between_two_people_of_one_number_repeats_one_of_them(read: Open) -> None:
    rows = [("T001", "甲", 1960, ""), ("T001", "乙", 1955, ""), ("T001", "丙", "", ""), ("T001", "甲", 1960, "")]
    taken, issues = split(read(NUMBERED, *rows))
    assert [(row.row, row.profile.name) for row in taken] == [(5, "甲")]
    assert [issue.row for issue in issues] == [2, 3, 4]


def test_nameless_rows_are_errors_and_no_duplicates(read: Open) -> None:
    reader = read(("姓名", "原单位"), ("", "炼铁厂"), ("", "炼铁厂"))
    assert rules_of(reader) == [("ERROR", "name.required")] * 2
    assert (reader.failed, reader.duplicates) == (2, 0)


def test_several_columns_of_one_field_come_together(read: Open) -> None:
    header = ("姓名", "专长", "技能", "工作经历", "项目经历", "手机", "电话")
    (row,), _ = split(
        read(header, ("王", "焊接", "钳工、焊接", "1980-1990 机修厂 钳工", "主持大修", "", "0812-3300000"))
    )
    assert row.profile.skills == ("焊接", "钳工")
    assert [item.title for item in row.profile.experience] == ["钳工", "主持大修"]
    assert row.profile.contact.phone == "0812-3300000"


def test_a_cell_merged_over_rows_counts_for_each(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for line in (
        ("单位", "姓名", "居住地"),
        ("炼铁厂", "王强", "攀枝花"),
        (None, "李娜", "成都"),
        ("焦化厂", "赵刚", "北京"),
    ):
        sheet.append(line)
    sheet.merge_cells("A2:A3")
    path = tmp_path / "merged.xlsx"
    book.save(path)
    rows, _ = split(read_roster(path, path.name, "攀钢"))
    assert [row.profile.organisation for row in rows] == ["炼铁厂", "炼铁厂", "焦化厂"]


def test_a_list_that_starts_far_from_the_corner(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet["D7"], sheet["E7"], sheet["D8"], sheet["E8"] = "姓名", "城市", "王强", "火星"
    path = tmp_path / "far.xlsx"
    book.save(path)
    _, (issue,) = split(read_roster(path, path.name, "攀钢"))
    assert (issue.row, issue.position, issue.column) == (8, 5, "城市")


def test_hidden_sheets_are_reported_and_not_read(tmp_path: Path) -> None:
    book = Workbook()
    for title in ("名单", "旧名单"):
        sheet = book.create_sheet(title)
        sheet.append(("姓名", "居住地"))
        sheet.append(("王强", "攀枝花"))
    book["旧名单"].sheet_state = "hidden"
    path = tmp_path / "hidden.xlsx"
    book.save(path)
    rows, (issue,) = split(read_roster(path, path.name, "攀钢"))
    assert len(rows) == 1
    assert (issue.rule, issue.sheet, issue.row) == ("sheet.hidden", "旧名单", 0)


def test_english_headers(read: Open) -> None:
    header = ("Employee No.", "Name", "City", "Skills", "Mode", "Hours per week", "Travel", "Consent", "Date of birth")
    (row,), issues = split(
        read(header, ("7", "John  Smith", "Beijing", "welding, PLC", "both", 10, "nationwide", "yes", "1955-03-12"))
    )
    assert issues == []
    profile = row.profile
    assert (profile.name, profile.city, profile.skills) == ("John Smith", "北京", ("welding", "PLC"))
    assert (profile.travel, profile.birth_year, profile.consent.granted) == (TravelRange.NATIONWIDE, 1955, True)


@pytest.mark.parametrize(
    ("travel", "kilometres", "expected"),
    [
        ("本省", 300, (TravelRange.PROVINCE, 300)),
        ("本省", "", (TravelRange.PROVINCE, 0)),
        ("", "约200公里", (TravelRange.UNSPECIFIED, 200)),
        ("100公里内", "", (TravelRange.UNSPECIFIED, 100)),
        ("本市50公里内", "", (TravelRange.CITY, 50)),
        ("本市50公里内", 80, (TravelRange.CITY, 80)),
    ],
)
def test_how_far_somebody_goes(
    read: Open, travel: str, kilometres: int | str, expected: tuple[TravelRange, int]
) -> None:
    (row,), issues = split(read(("姓名", "出行范围", "最远公里数"), ("王建国", travel, kilometres)))
    assert issues == []
    assert (row.profile.travel, row.profile.max_distance_km) == expected
    assert ("max_distance_km" in row.stated_fields, "travel" in row.stated_fields) == (
        bool(expected[1]),
        expected[0] > 0,
    )


HEADERS = [column.header for column in _COLUMNS]
ANY_CELL = st.one_of(
    st.none(),
    st.sampled_from(
        [
            "无",
            "是",
            "现场",
            "攀枝花",
            "高级工程师",
            "2026-03",
            "约30年",
            "1985-1990 炼铁厂 工长",
            ID_NUMBER,
            "\x00",
            "\ud800",
        ]
    ),
    st.text(max_size=30),
    st.integers(-10, 30_000),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.times(),
)


class _Rows(Sheet):
    def __init__(self, rows: list[list[Value]]) -> None:
        super().__init__("表")
        self._rows = rows

    def rows(self) -> Iterator[list[Value]]:
        yield from self._rows


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(ANY_CELL, min_size=len(HEADERS), max_size=len(HEADERS)), min_size=1, max_size=4))
def test_no_row_breaks_the_reader_and_what_is_taken_keeps_the_rules(rows: list[list[object]]) -> None:
    sheet = _Rows([list(HEADERS), *([("" if cell is None else cell) for cell in row] for row in rows)])  # type: ignore[misc]
    table = find_table(sheet)
    assert table is not None
    reader = RowReader(table, "攀钢", TODAY)
    for row in table.rows():
        taken, issues = reader.read(row)
        assert (taken is None) == any(issue.is_error for issue in issues)
        assert not contains_identity_number(repr(issues))
        if taken:
            assert reader.person(row).key == taken.key
            assert rules.normalise(taken.profile, today=TODAY) == taken.profile
            assert not contains_identity_number(repr(taken.profile))
            assert taken.stated_fields <= set(SETTABLE) | {f"{top}.{low}" for top in NESTED for low in NESTED[top]}
