"""What goes back to the office: the annotated copy, which imports once it is mended, and the template."""

import datetime as dt
import io
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from yinling_common.identity_numbers import contains_identity_number
from yinling_common.types import Mode, TitleLevel
from yinling_talent.roster import Issue, RosterRow, Severity, annotate, read_roster, template
from yinling_talent.roster import annotate as _annotate_function
from yinling_talent.roster.headers import IGNORED, field_of
from yinling_talent.roster.sheets import NOTES_SHEET, RESULT_SHEET

TODAY = dt.date(2026, 6, 1)
ID_NUMBER = "510402195503121234"
RED, YELLOW = "FFFFC7CE", "FFFFEB9C"


def read(path: Path) -> tuple[list[RosterRow], list[Issue]]:
    found = list(read_roster(path, path.name, "攀钢", today=TODAY))
    return [each for each in found if isinstance(each, RosterRow)], [each for each in found if isinstance(each, Issue)]


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "名单"
    sheet.append(("专家花名册",))
    sheet.merge_cells("A1:E1")
    sheet.append(("姓名", "居住地", "每周小时", "身份证号", "简介"))
    sheet.append(("王强", "攀枝化", 400, ID_NUMBER, f"号码{ID_NUMBER}"))
    sheet.append(("李娜", "成都", 8, None, "=1+1"))
    sheet["B4"].comment = Comment("办公室批注", "张三")
    sheet["A4"].font = Font(bold=True)
    sheet["A4"].fill = PatternFill("solid", start_color="FF00FF00", end_color="FF00FF00")
    sheet.column_dimensions["B"].width = 33
    other = book.create_sheet("别的")
    other["A1"] = "保留"
    path = tmp_path / "名单.xlsx"
    book.save(path)
    return path


def test_the_copy_shows_each_problem_in_its_cell(faulty: Path) -> None:
    _, issues = read(faulty)
    copy = load_workbook(io.BytesIO(annotate(faulty, "名单.xlsx", issues)))
    sheet = copy["名单"]
    assert sheet["B3"].fill.start_color.rgb == sheet["C3"].fill.start_color.rgb == RED
    assert sheet["E3"].fill.start_color.rgb == YELLOW
    assert "攀枝花" in sheet["B3"].comment.text
    assert "0 到 60" in sheet["C3"].comment.text
    result = copy[RESULT_SHEET]
    listed = [[cell.value for cell in row] for row in result.iter_rows(min_row=3)]
    assert len(listed) == len(issues)
    assert listed[0][:5] == ["名单", 3, "居住地", "攀枝化", "错误（未导入）"]
    assert "错误 2 处" in result["A1"].value


def test_the_copy_keeps_everything_else_but_identity_numbers(faulty: Path) -> None:
    _, issues = read(faulty)
    data = annotate(faulty, "名单.xlsx", issues)
    copy = load_workbook(io.BytesIO(data))
    sheet = copy["名单"]
    assert sheet["B4"].comment.text == "办公室批注"
    assert sheet["A4"].font.bold
    assert sheet["A4"].fill.start_color.rgb == "FF00FF00"
    assert sheet.column_dimensions["B"].width == 33
    assert "A1:E1" in [str(each) for each in sheet.merged_cells.ranges]
    assert copy["别的"]["A1"].value == "保留"
    assert sheet["D3"].value is None
    assert sheet["E3"].value == "号码"
    for each in copy.worksheets:
        for row in each.iter_rows(values_only=True):
            assert not any(contains_identity_number(str(value)) for value in row)


def test_identity_numbers_are_nowhere_in_the_copy(tmp_path: Path) -> None:
    book = Workbook()
    for title in (f"甲{ID_NUMBER}", "甲510402195503129999"):
        sheet = book.create_sheet(title)
        sheet.append(("姓名", "居住地", f"ID{ID_NUMBER}"))
        sheet.append(("王强", "成都", f"='{title}'!A1"))
        sheet["A2"].comment = Comment(f"本人{ID_NUMBER}", f"张三{ID_NUMBER}")
    book.worksheets[-1]["B2"] = "攀枝化"
    path = tmp_path / "名单.xlsx"
    book.save(path)
    reader = read_roster(path, path.name, "攀钢", today=TODAY)
    issues = [each for each in reader if isinstance(each, Issue)]
    assert not contains_identity_number(repr((issues, reader.ignored_columns)))
    data = annotate(path, path.name, issues)
    copy = load_workbook(io.BytesIO(data))
    marked = copy.worksheets[2]
    assert [issue.sheet for issue in issues if issue.rule == "city.unknown"] == [marked.title]
    assert marked["B2"].fill.start_color.rgb == RED
    assert copy.worksheets[1]["B2"].fill.start_color.rgb != RED
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for part in archive.namelist():
            assert not contains_identity_number(archive.read(part).decode("utf-8", "replace")), part


def test_the_mended_copy_imports_without_an_issue(faulty: Path, tmp_path: Path) -> None:
    _, issues = read(faulty)
    copy = load_workbook(io.BytesIO(annotate(faulty, "名单.xlsx", issues)))
    copy["名单"]["B3"], copy["名单"]["C3"] = "攀枝花", 10
    copy["名单"].delete_cols(4)
    copy.remove(copy["别的"])
    mended = tmp_path / "mended.xlsx"
    copy.save(mended)
    rows, issues = read(mended)
    assert issues == []
    assert [(row.profile.name, row.profile.city, row.profile.hours_per_week) for row in rows] == [
        ("王强", "攀枝花", 10),
        ("李娜", "成都", 8),
    ]
    again = load_workbook(io.BytesIO(annotate(mended, "mended.xlsx", [])))["名单"]
    assert again["B3"].comment is None
    assert again["B3"].fill.start_color.rgb != RED
    assert again["B4"].comment is not None


def test_a_formula_behind_a_character_that_is_dropped_stays_text(tmp_path: Path) -> None:
    path = tmp_path / "名单.csv"
    path.write_bytes("姓名,居住地,简介\n王强,火星,\x01=HYPERLINK(1)\n".encode())
    _, issues = read(path)
    cell = load_workbook(io.BytesIO(annotate(path, "名单.csv", issues))).worksheets[0]["C2"]
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")


def test_a_csv_comes_back_as_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "名单.csv"
    path.write_bytes("姓名,居住地,简介\n王强,火星,=HYPERLINK(1)\n\n李娜,成都,好\n".encode("gbk"))
    rows, issues = read(path)
    assert [row.row for row in rows] == [4]
    data = annotate(path, "名单.csv", issues)
    copy = load_workbook(io.BytesIO(data))
    sheet = copy.worksheets[0]
    assert sheet["B2"].fill.start_color.rgb == RED
    assert (sheet["C2"].value, sheet["C2"].data_type) == ("=HYPERLINK(1)", "s")  # text, not a formula
    sheet["B2"] = "北京"
    copy.save(tmp_path / "mended.xlsx")
    rows, issues = read(tmp_path / "mended.xlsx")
    assert (len(rows), issues) == (2, [])


def test_a_column_named_by_its_header_alone_is_found(faulty: Path) -> None:
    issue = Issue(Severity.ERROR, "名单", 4, "简介", "x", "r", "原因", "办法", "en")
    whole = Issue(Severity.WARNING, "名单", 3, "", "", "r", "原因", "办法", "en")
    sheet = load_workbook(io.BytesIO(annotate(faulty, "名单.xlsx", [issue, whole])))["名单"]
    assert sheet["E4"].fill.start_color.rgb == RED
    assert sheet["A3"].fill.start_color.rgb == YELLOW


def test_a_very_large_roster_comes_back_with_its_problem_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = __import__(_annotate_function.__module__, fromlist=["MAX_CELLS"])
    monkeypatch.setattr(module, "MAX_CELLS", 100)
    book = Workbook()
    book.worksheets[0].append(("姓名", "居住地"))
    for number in range(300):
        book.worksheets[0].append((f"王{chr(0x4E00 + number)}", "火星" if number == 200 else "成都"))
    path = tmp_path / "big.xlsx"
    book.save(path)
    _, issues = read(path)
    sheet = load_workbook(io.BytesIO(annotate(path, "big.xlsx", issues))).worksheets[0]
    names = [row[0].value for row in sheet.iter_rows() if row[0].value]
    assert len(names) < 60
    assert names[0] == "姓名"
    assert sheet["B202"].value == "火星"
    assert sheet["B202"].fill.start_color.rgb == RED


def test_the_template_is_the_same_every_time() -> None:
    name, data = template()
    template.cache_clear()
    assert template() == (name, data)
    assert name.endswith(".xlsx")
    assert 5_000 < len(data) < 60_000


def test_the_template_has_lists_notes_and_an_example() -> None:
    book = load_workbook(io.BytesIO(template()[1]))
    sheet = book.worksheets[0]
    headers = [cell.value for cell in sheet[1]]
    fields = [field_of(str(header)) for header in headers]
    assert None not in fields
    assert IGNORED not in fields
    assert len(set(fields)) == len(fields)
    assert sheet.freeze_panes == "B2"
    lists = {
        str(each.sqref).split(":")[0].rstrip("0123456789"): each.formula1
        for each in sheet.data_validations.dataValidation
    }
    assert '"男,女"' in lists.values()
    assert len(lists) >= 7
    assert NOTES_SHEET in book.sheetnames
    assert all(len(formula) <= 255 for formula in lists.values())


def test_a_filled_template_is_read_without_an_issue(tmp_path: Path) -> None:
    book = load_workbook(io.BytesIO(template()[1]))
    sheet = book.worksheets[0]
    example = [cell.value for cell in sheet[2]]
    for row, name in ((3, "王建国"), (4, "李娜")):
        for column, value in enumerate(example, start=1):
            sheet.cell(row, column, name if column == 1 else f"B{row}" if column == 2 else value)
    path = tmp_path / "filled.xlsx"
    book.save(path)
    rows, issues = read(path)
    assert issues == []
    assert [row.profile.name for row in rows] == ["王建国", "李娜"]  # the example stays and is not imported
    profile = rows[0].profile
    assert (profile.title_level, profile.modes) == (TitleLevel.SENIOR, (Mode.ON_SITE, Mode.REMOTE))
    assert (profile.capacity, profile.available_from) == (2, dt.date(2026, 3, 1))
    assert profile.consent.granted
    assert profile.experience[1].start_year == 1996


def test_every_choice_of_the_template_is_understood(tmp_path: Path) -> None:
    book = load_workbook(io.BytesIO(template()[1]))
    sheet = book.worksheets[0]
    for validation in sheet.data_validations.dataValidation:
        column = sheet[str(validation.sqref).split(":")[0]].column
        for number, choice in enumerate(validation.formula1.strip('"').split(",")):
            sheet.cell(3 + number, column, choice)
            sheet.cell(3 + number, 1, f"王{chr(0x4E00 + number)}")
    path = tmp_path / "choices.xlsx"
    book.save(path)
    _, issues = read(path)
    assert issues == []
