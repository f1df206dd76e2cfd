"""The empty roster: headers, an example, drop-down lists, and notes. The same bytes every time."""

# ruff: noqa: E501 - a table reads better with one column of the roster on one line

import datetime as dt
import functools
import io
import re
import zipfile
from typing import NamedTuple

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from yinling_talent.roster.sheets import NOTES_SHEET

FILENAME = "银龄花名册模板.xlsx"

_ROWS = 2000
"""Rows that have drop-down lists."""
_TEXT_ROWS = 500
"""Rows whose numbers keep their leading zeros."""
_WHEN = dt.datetime(2026, 1, 1)


class _Column(NamedTuple):
    header: str
    example: str | int
    note: str
    note_en: str
    width: int = 14
    choices: tuple[str, ...] = ()
    strict: bool = True
    as_text: bool = False


_COLUMNS = [
    _Column("姓名*", "示例：王建国", "必填。", "Name. Required.", 16),
    _Column("工号", "A10234", "单位内部编号，再次导入时据此认人。不要填身份证号。", "Employee number; tells people apart when you import again. Never an identity card number.", as_text=True),
    _Column("单位", "", "管理该人员的单位；留空即为导入时所选单位。", "Organisation that keeps the profile; empty: the one chosen at import.", 20),
    _Column("性别", "男", "男 或 女。", "Gender, 男 or 女. For the record only.", 8, ("男", "女")),
    _Column("出生年份", 1955, "如 1955，也可写 1955-03。", "Year of birth, 1955 or 1955-03.", 12),
    _Column("居住地", "攀枝花", "地级市名称，如 攀枝花、延边、北京。", "City of residence: a prefecture-level city.", 12),
    _Column("原工作单位", "攀钢集团炼铁厂", "退休前的单位。", "Former employer.", 22),
    _Column("退休前职务", "高炉工长", "退休前的职务或岗位。", "Position before retirement.", 18),
    _Column("职称", "高级工程师", "职称或技能等级全称，如 高级工程师、高级技师。也可只填级别。", "Professional or craft title.", 16,
            ("员级", "助理级", "中级", "副高级", "正高级", "工程师", "高级工程师", "正高级工程师", "技师", "高级技师"), strict=False),
    _Column("行业", "钢铁", "所在行业或专业领域。", "Industry.", 12),
    _Column("工作年限", 38, "从事专业工作的年数，0–80。", "Years of experience, 0–80.", 10),
    _Column("专长", "高炉炼铁操作、炉况诊断、耐火材料砌筑", "多项用顿号或换行分开，每项一个短语。", "Skills, separated by 、 or new lines.", 36),
    _Column("工作经历", "1985-1995 攀钢炼铁厂 高炉工长\n1996-2015 攀钢炼铁厂 副总工程师，主持2号高炉大修", "一行一项；可在前面写起止年份。", "Experience, one item a line, years first.", 44),
    _Column("证书", "注册安全工程师（2008）、高级技师", "多项用顿号或换行分开，可注明年份。", "Certificates, with years where known.", 28),
    _Column("简介", "从事炼铁38年，愿意带徒弟。", "用自己的话介绍。", "About the person, in their own words.", 36),
    _Column("工作方式", "均可", "现场、远程 或 均可。", "On site (现场), remote (远程) or both (均可).", 10, ("现场", "远程", "均可")),
    _Column("每周小时数", 10, "每周愿意投入的小时数，0–60。", "Hours a week, 0–60.", 12),
    _Column("出行范围", "本省", "现场工作最远可到：本市、本省、全国。", "How far for work on site: own city, own province, nationwide.", 10, ("本市", "本省", "全国")),
    _Column("最远公里数", 300, "现场工作离家最远多少公里（直线）；填了就以此为准，不再看出行范围。可留空。", "For work on site at most so many kilometres from home, as the crow flies; takes the place of the range before. May stay empty.", 12),
    _Column("身体限制", "井下、夜班", "不宜从事的：井下、高处、夜班、长途、久站、重体力、粉尘噪声；其他请写明。没有请填 无。", "What the body does not allow; 无 for nothing.", 22,
            ("无", "井下", "高处", "夜班", "长途", "久站", "重体力", "粉尘噪声"), strict=False),
    _Column("语言", "普通话", "如 普通话、英语、粤语。留空即普通话。", "Languages. Empty: Mandarin.", 12),
    _Column("服务意愿", "愿意到现场带徒弟，不愿长期出差", "想做什么、不想做什么。", "What the person would like to do, or not.", 28),
    _Column("同时指导人数", 2, "同时最多承担几项，0–20；留空为 1。", "How many engagements at once; empty: 1.", 14),
    _Column("可用开始日期", "2026-03-01", "留空即现在起。", "First day available; empty: now.", 14),
    _Column("可用结束日期", "", "留空即长期。", "Last day available; empty: no end.", 14),
    _Column("暂停", "否", "填 是 则暂不推荐给任何单位。", "是: not suggested to anyone for now.", 8, ("是", "否")),
    _Column("同意公开", "是", "本人同意被企业检索到才填 是；没有同意不会出现在任何结果里。", "Consent to be found. Without it the person is in no result.", 10, ("是", "否")),
    _Column("手机", "13800000000", "仅本人和本单位老干部工作人员可见。", "Telephone; seen by the person and their coordinator alone.", 16, as_text=True),
    _Column("邮箱", "", "同上。", "E-mail; likewise.", 22),
    _Column("微信", "", "同上。", "WeChat; likewise.", 14),
    _Column("通讯地址", "", "同上。", "Postal address; likewise.", 28),
]  # fmt: skip


@functools.cache
def template() -> tuple[str, bytes]:
    """Gives the file name and the bytes of the empty roster, an .xlsx workbook."""
    workbook = Workbook()
    workbook.properties.creator = "银龄 Yinling"
    workbook.properties.created = workbook.properties.modified = _WHEN
    sheet = workbook.worksheets[0]
    sheet.title = "花名册"
    _fill(sheet)
    _notes(workbook.create_sheet(NOTES_SHEET))
    buffer = io.BytesIO()
    workbook.save(buffer)
    return FILENAME, _fixed_times(buffer.getvalue())


def _fill(sheet: Worksheet) -> None:
    header_fill = PatternFill("solid", start_color="FFDDEBF7", end_color="FFDDEBF7")
    example_font = Font(italic=True, color="FF7F7F7F")
    for number, column in enumerate(_COLUMNS, start=1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = column.width
        header = sheet.cell(1, number, column.header)
        header.font, header.fill = Font(bold=True), header_fill
        header.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        example = sheet.cell(2, number, column.example or None)
        example.font, example.alignment = example_font, Alignment(wrap_text=True, vertical="top")
        if column.as_text:
            for row in range(2, _TEXT_ROWS):
                sheet.cell(row, number).number_format = "@"
        if column.choices:
            _choose(sheet, letter, column)
    sheet.row_dimensions[1].height = 28
    sheet.row_dimensions[2].height = 48
    sheet.freeze_panes = "B2"


def _choose(sheet: Worksheet, letter: str, column: _Column) -> None:
    """Gives a column its drop-down list."""
    validation = DataValidation(
        type="list",
        formula1=f'"{",".join(column.choices)}"',
        allow_blank=True,
        showErrorMessage=column.strict,
        errorTitle=column.header,
        error=f"请选择：{'、'.join(column.choices)}",
        showInputMessage=True,
        promptTitle=column.header,
        prompt=column.note[:200],
    )
    validation.add(f"{letter}2:{letter}{_ROWS}")
    sheet.add_data_validation(validation)


def _notes(sheet: Worksheet) -> None:
    lines = [
        ("填表前请看", "Read this first"),
        ("一人一行，从第 2 行填起；第 2 行是示例，可以删去，留着也不会导入。", "One person a row. Row 2 is an example and is never imported."),
        ("列的顺序可以调换，不用的列可以删去，但请保留“姓名”列。", 'Columns may be moved or deleted, but keep "姓名".'),
        ("空着的格子不会改动系统里已有的内容。", "An empty cell changes nothing that is kept already."),
        ("请不要填身份证号：系统不读取、不保存。", "No identity card numbers: they are neither read nor kept."),
        ("再次导入时按工号认人；没有工号按姓名、出生年份、原工作单位认人。", "People are told apart by employee number, else by name, year of birth and former employer."),
    ]  # fmt: skip
    for number, line in enumerate(lines, start=1):
        for column, value in enumerate(line, start=1):
            sheet.cell(number, 1 if column == 1 else 3, value).font = Font(bold=number == 1)
    start = len(lines) + 2
    for column, header in enumerate(("列名", "说明", "English"), start=1):
        sheet.cell(start, column, header).font = Font(bold=True)
    for row, each in enumerate(_COLUMNS, start=start + 1):
        for column, value in enumerate((each.header, each.note, each.note_en), start=1):
            sheet.cell(row, column, value).alignment = Alignment(wrap_text=True, vertical="top")
    for letter, width in (("A", 18), ("B", 70), ("C", 70)):
        sheet.column_dimensions[letter].width = width


def _fixed_times(data: bytes) -> bytes:
    """Packs the workbook anew with one time everywhere, so that the bytes are the same every time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            content = old.read(name)
            if name == "docProps/core.xml":
                stamp = _WHEN.isoformat().encode() + b"Z"
                content = re.sub(rb">\d{4}-\d\d-\d\dT[\d:.]+Z?<", b">" + stamp + b"<", content)
            part = zipfile.ZipInfo(name, _WHEN.timetuple()[:6])
            part.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(part, content)
    return buffer.getvalue()
