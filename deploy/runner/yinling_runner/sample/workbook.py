"""Writes the people as a roster workbook, the way a retiree office keeps one.

A merged title, a remark, headers in the office's own order and words; dates, numbers and yes-or-no in whatever form
the clerk of the day liked; empty rows where sections were cut out. All of it is decided by a person's place in the
list, so the same source gives the same file.
"""

import datetime
import io
import re
import zipfile
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from yinling_runner.sample.source import ORGANISATIONS, Person, people

Cell = str | int | datetime.date | None

TITLE = "离退休专家人才花名册（虚构样例）"
REMARK = (
    "说明：表中人物、单位、经历、电话、邮箱、微信、地址全部为虚构，仅供试用。"
    "All people, organisations and contact details in this workbook are fictional."
)
COLUMNS = {  # header in the workbook: column of the source
    "序号": "",
    "单位": "所属单位",
    "姓 名": "姓名",
    "工号": "工号",
    "性别": "性别",
    "出生日期": "出生年月",
    "居住城市": "现居城市",
    "原工作单位": "原工作单位",
    "退休前岗位": "退休前职务",
    "职称（技能等级）": "职称",
    "所属行业": "行业",
    "工龄": "工作年限",
    "专业特长": "专长",
    "工作经历/主要业绩": "工作经历",
    "证书": "资格证书",
    "个人简介": "个人简介",
    "服务方式": "服务方式",
    "每周可用小时": "每周可用小时",
    "出行范围": "出行范围",
    "身体限制": "身体限制",
    "语言": "语言",
    "服务意愿": "服务意愿",
    "同时指导人数": "同时指导人数",
    "可用起始日期": "可用起始日期",
    "可用截止日期": "可用截止日期",
    "是否暂停": "暂停",
    "是否同意公开": "同意公开",
    "手机号码": "手机",
    "电子邮箱": "邮箱",
    "微信号": "微信",
    "住址": "地址",
}
_WIDE = {"专业特长": 36, "工作经历/主要业绩": 60, "个人简介": 40, "服务意愿": 24, "原工作单位": 24}
_EMPTY_ROWS_AFTER = {37, 38, 104, 171, 229}
_FIRST_MOMENT = (2026, 1, 1, 0, 0, 0)


def build(path: Path) -> int:
    """Write the workbook; returns the number of people."""
    book = Workbook()
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        raise TypeError("a new workbook has no sheet")
    sheet.title = "花名册"
    everybody = sorted(people(), key=lambda person: list(ORGANISATIONS.values()).index(person["所属单位"]))
    _heading(sheet)
    for number, person in enumerate(everybody, start=1):
        sheet.append(row(number, person))
        for _ in range(number in _EMPTY_ROWS_AFTER):
            sheet.append([" "])  # a cell with a space in it keeps the row
    sheet.freeze_panes = "D4"
    book.properties.creator = "Yinling"
    book.properties.created = datetime.datetime(*_FIRST_MOMENT)
    content = io.BytesIO()
    book.save(content)
    path.write_bytes(_without_times(content.getvalue()))
    return len(everybody)


def row(number: int, person: Person) -> list[Cell]:
    """The cells of one person, in the order of `COLUMNS`."""
    values: dict[str, Cell] = {column: person[column] or None for column in COLUMNS.values() if column}
    values["工号"] = _employee_number(number, person)
    values["出生年月"] = _month(number, person["出生年月"])
    values["工作年限"] = _count(number, person["工作年限"], "年")
    values["每周可用小时"] = _count(number + 1, person["每周可用小时"], "小时")
    values["同时指导人数"] = _count(number + 2, person["同时指导人数"], "人")
    values["可用起始日期"] = _day(number, person["可用起始日期"])
    values["可用截止日期"] = _day(number + 1, person["可用截止日期"])
    values["专长"] = _skills(number, person["专长"])
    values["暂停"] = person["暂停"] or ("否" if number % 3 else None)
    values["同意公开"] = person["同意公开"] or ("是", "同意", "√", "是")[number % 4]
    values |= _contact(number, person)
    return [values[column] if column else number for column in COLUMNS.values()]


def _employee_number(number: int, person: Person) -> Cell:
    if not person["原工作单位"] and number % 2:
        return None  # offices have lost the number of some
    place = list(ORGANISATIONS.values()).index(person["所属单位"]) + 1
    return f"{place:02}{number:05}" if number % 5 else place * 100000 + number


def _month(number: int, text: str) -> Cell:
    """A month of birth: 1957-03, or a year alone."""
    if "-" not in text:
        return int(text) if text and number % 2 else (text or None)
    year, month = (int(part) for part in text.split("-"))
    forms: list[Cell] = [
        text,
        f"{year}.{month:02}",
        f"{year}年{month}月",
        datetime.date(year, month, 1 + number % 28),
        year * 100 + month,
        f"{year}/{month}",
        f"{year}-{month:02}-{1 + number % 28:02}",
    ]
    return forms[number % len(forms)]


def _day(number: int, text: str) -> Cell:
    if not text:
        return None
    day = datetime.date.fromisoformat(text)
    forms: list[Cell] = [day, text, f"{day.year}年{day.month}月{day.day}日", f"{day.year}.{day.month}.{day.day}"]
    return forms[number % len(forms)]


def _count(number: int, text: str, unit: str) -> Cell:
    if not text:
        return None
    return (int(text), text, int(text), f"{text}{unit}")[number % 4]


def _skills(number: int, text: str) -> Cell:
    if "、" not in text:
        return text or None
    return text.replace("、", ("、", "；", "\n", "，", "、", ";")[number % 6])


def _contact(number: int, person: Person) -> dict[str, Cell]:
    phone = 13_900_000_000 + number
    city = person["现居城市"]
    return {
        "手机": (phone, str(phone), f"139 0000 {number:04}")[number % 3],
        "邮箱": f"person{number:03}@example.com" if number % 4 else None,
        "微信": f"demo_wx_{number:03}" if number % 3 == 0 else None,
        "地址": f"{city}市样例路{number}号" if number % 2 else None,
    }


def _heading(sheet: Worksheet) -> None:
    last = get_column_letter(len(COLUMNS))
    sheet.append([TITLE])
    sheet.append([REMARK])
    sheet.append(list(COLUMNS))
    for line in (1, 2):
        sheet.merge_cells(f"A{line}:{last}{line}")
    sheet["A1"].font = Font(size=16, bold=True)
    sheet["A1"].alignment = Alignment(horizontal="center")
    for place, header in enumerate(COLUMNS, start=1):
        cell = sheet.cell(3, place)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="FFDDEBF7")
        sheet.column_dimensions[get_column_letter(place)].width = _WIDE.get(header, 13)


def _without_times(content: bytes) -> bytes:
    """The same workbook without the moment of its making, so that building it again changes nothing."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2026-01-01T00:00:00Z", data)
            entry = zipfile.ZipInfo(name, _FIRST_MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, data)
    return result.getvalue()
