"""Fields of a row that are more than text: years, numbers, days, choices.

A value that would be wrong to guess fails the row; one that can be left out without harm is left out with a warning.
"""

import datetime as dt
import re
import unicodedata

from yinling_common import cities
from yinling_common.identity_numbers import contains_identity_number, is_identity_number
from yinling_common.types import Gender, Mode, PhysicalDemand, TravelRange
from yinling_talent.roster import cells, dates, words
from yinling_talent.roster.fields import Cell, Fields

_OPEN_END = re.compile(r"长期|不限|随时|至今|无限期|任意|一直|永久|立即|现在|即日")
_PERIOD_BREAK = re.compile(r"\s*(?:至|到|~|～|—+|–|\s-\s|(?<=[日月年])-)\s*")
_WEEKDAY = re.compile(r"(?:周|星期|礼拜)[一二三四五六日天]")
_OTHER_UNIT = re.compile(r"小时|分钟|(?<!公)里|(?<![千k])米|mile|(?<!k)m$")
"""Of a distance: not kilometres."""
_HOURS_A_DAY = 8
_WORKDAYS = 5
_PAUSED = {"暂停": True, "已暂停": True, "暂停中": True, "未暂停": False, "不暂停": False, "正常": False}
_CENTURY_REASON = "年份只有两位"


def employee_number(row: Fields) -> str:
    """The employee number; never an identity card number."""
    cell = row.first("employee_number")
    if cell is None:
        return ""
    value = cells.fold(cell.text).upper()
    if is_identity_number(value) or contains_identity_number(value):
        row.warn(
            cell, "employee_number.identity_number", "工号是身份证号，已删除，不会保存",
            "请改填单位内部的工号；没有工号可留空（将按姓名、出生年份、原单位识别）",
            "the employee number is an identity card number, which is never kept; give the number inside the "
            "organisation, or leave it empty",
        )  # fmt: skip
        return ""
    row.stated.add("employee_number")
    return cell.text.replace(" ", "")


def birth_year(row: Fields, today: dt.date) -> int:
    """The year of birth, out of a date or a year, else out of the age; 0 where none is given."""
    cell = row.first("birth")
    if cell is not None:
        day = dates.parse(cell.value)
        if day is None:
            row.fail(
                cell, "birth_year.unreadable", "出生年月无法识别", "请写成 1955 或 1955-03",
                "the date of birth cannot be read; write 1955 or 1955-03",
            )  # fmt: skip
            return 0
        if day.century_guessed:
            row.warn(
                cell, "birth_year.two_digits", f"{_CENTURY_REASON}，按 {day.year} 年理解", "请写四位年份，如 1955-03",
                f"the year has two digits and was taken as {day.year}; write four",
            )  # fmt: skip
        row.stated.add("birth_year")
        return day.year
    cell = row.first("age")
    age = cells.whole_number(cell.value) if cell else None
    if cell is None or age is None:
        return 0
    row.stated.add("birth_year")
    return today.year - age


def city(row: Fields) -> str:
    """The city of residence in its canonical form."""
    cell = row.first("city")
    if cell is None:
        return ""
    value = cell.text
    found = cities.resolve(value)
    if found is None:
        near = cities.closest(value)
        hint = f"，是否为：{'、'.join(near)}？" if near else ""
        hint_en = f"; did you mean {', '.join(near)}?" if near else ""
        row.fail(
            cell, "city.unknown", "不是可识别的城市", f"请填地级市名称，如“攀枝花”{hint}",
            f'is no known city; write a prefecture-level city such as "攀枝花"{hint_en}',
        )  # fmt: skip
        return value[:50]
    row.stated.add("city")
    return found.name


def gender(row: Fields) -> Gender:
    """The gender as stated."""
    cell = row.first("gender")
    if cell is None:
        return Gender.UNSPECIFIED
    found = words.gender(cell.text)
    if found is None:
        row.warn(
            cell,
            "gender.unknown",
            "性别无法识别，已留空",
            "请填 男 或 女",
            'is no gender and was left out; write "男" or "女"',
        )
        return Gender.UNSPECIFIED
    row.stated.add("gender")
    return found


def number(row: Fields, path: str, example: str) -> int | None:
    """A whole number, with or without words around it; of a range the lower end."""
    cell = row.first(path)
    if cell is None:
        return None
    found = cells.whole_number(cell.value)
    if found is None:
        if re.match(r"\s*[-−负]", cell.text) and re.search(r"\d", cell.text):
            row.fail(
                cell, "number.negative", "不能是负数", f"请填不小于 0 的数字，如 {example}",
                f"must not be negative; write a number such as {example}",
            )  # fmt: skip
        else:
            row.warn(
                cell, "number.unreadable", "没有可识别的数字，已留空", f"请填数字，如 {example}",
                f"holds no number and was left out; write a number such as {example}",
            )  # fmt: skip
        return None
    row.stated.add(path)
    _tell_range(row, cell, found)
    return found


def hours_per_week(row: Fields) -> int:
    """Hours a week; days count as eight hours."""
    cell = row.first("hours_per_week")
    if cell is None or isinstance(cell.value, int | float):
        return number(row, "hours_per_week", "10") or 0
    written = unicodedata.normalize("NFKC", cell.text)
    hours = _hours_of_days(written)
    if hours is not None:
        row.stated.add("hours_per_week")
        row.warn(
            cell, "hours_per_week.days", f"按每周 {hours} 小时理解", "如不对，请改填每周小时数",
            f"was taken as {hours} hours a week; if that is wrong, write the hours",
        )  # fmt: skip
        return hours
    if _WEEKDAY.search(written) or "天" in written:
        row.warn(
            cell, "number.unreadable", "没有可识别的小时数，已留空", "请填每周小时数，如 10",
            "holds no number of hours and was left out; write hours a week such as 10",
        )  # fmt: skip
        return 0
    return number(row, "hours_per_week", "10") or 0


def _hours_of_days(written: str) -> int | None:
    found = cells.numbers(written)
    if "每天" in written and "小时" in written and found:
        return round(found[0] * _WORKDAYS)
    days = re.search(r"(?<!每)(半|[\d.]+|[一二两三四五六七])\s*个?(?:工作)?[天日]", _WEEKDAY.sub("", written))
    if days is None:
        return None
    return round((0.5 if days[1] == "半" else (cells.numbers(days[1]) or [0.0])[0]) * _HOURS_A_DAY)


def _tell_range(row: Fields, cell: Cell, found: int) -> None:
    value = unicodedata.normalize("NFKC", cell.text)
    if isinstance(cell.value, str) and re.search(r"\d\s*[-~—–至到]+\s*\d", value):
        row.warn(
            cell, "number.range", f"是一个范围，按 {found} 理解", "请填一个数字",
            f"is a range and was taken as {found}; write one number",
        )  # fmt: skip


def modes(row: Fields) -> tuple[Mode, ...]:
    """The ways of working that the person accepts."""
    cell = row.first("modes")
    if cell is None:
        return ()
    found = words.modes(cell.text)
    if found is None:
        row.fail(
            cell, "modes.unknown", "工作方式无法识别", "请填 现场、远程 或 均可",
            'is no way of working; write "现场" (on site), "远程" (remote) or "均可" (both)',
        )  # fmt: skip
        return ()
    row.stated.add("modes")
    return found


def travel(row: Fields) -> tuple[TravelRange, int]:
    """How far the person goes: the range, and kilometres, 0 where not stated. "100公里内" states kilometres alone."""
    cell = row.first("travel")
    kilometres = _kilometres(row)
    if cell is None:
        return TravelRange.UNSPECIFIED, kilometres
    found, beside = words.travel(cell.text), words.kilometres(cell.text)
    if beside is not None:
        row.stated.add("max_distance_km")
        kilometres = kilometres or beside
    if found is None:
        if beside is None:
            row.warn(
                cell, "travel.unknown", "出行范围无法识别，已留空（按本市处理）", "请填 本市、本省、全国 或 100公里",
                'is no range and was left out, which counts as the own city; write "本市", "本省", "全国" or "100公里"',
            )  # fmt: skip
        return TravelRange.UNSPECIFIED, kilometres
    row.stated.add("travel")
    return found, kilometres


def _kilometres(row: Fields) -> int:
    cell = row.first("max_distance_km")
    if cell is None or _OPEN_END.search(cell.text):
        return 0
    if _OTHER_UNIT.search(cells.fold(cell.text)):
        row.warn(
            cell, "number.unreadable", "不是公里数，已留空", "请填公里数，如 100",
            "is no number of kilometres and was left out; write one such as 100",
        )  # fmt: skip
        return 0
    return number(row, "max_distance_km", "100") or 0


def limits(row: Fields) -> tuple[tuple[PhysicalDemand, ...], tuple[str, ...]]:
    """What the body does not allow. "无" states that there is nothing."""
    known: dict[PhysicalDemand, None] = {}
    others: dict[str, None] = {}
    for cell in row.all("limits"):
        value = row.safe(cell)
        if value.strip() in {"/", "-", "—", "?", "？", "不详", "未知", ""}:
            continue
        found, rest, passed = words.limits(value)
        known.update(dict.fromkeys(found))
        others.update(dict.fromkeys(rest))
        row.stated.update(("limits", "other_limits"))
        if passed:
            row.warn(
                cell, "limits.allowed", f"“{'、'.join(passed)[:40]}”是可以从事的内容，未作为限制",
                "此栏只填不宜从事的内容",
                "says what the person can do, which is no limit; name only what the body does not allow",
            )  # fmt: skip
    return tuple(sorted(known)), tuple(others)


def languages(row: Fields) -> tuple[str, ...]:
    """The languages as tags."""
    cell = row.first("languages")
    if cell is None:
        return ()
    tags, unknown = words.languages(row.safe(cell))
    if unknown:
        row.warn(
            cell, "languages.unknown", f"“{'、'.join(unknown)[:40]}”无法识别，已略去",
            "请填语言名称，如 普通话、英语、粤语",
            'names an unknown language, which was left out; write "普通话", "英语", "粤语" or a tag such as "en"',
        )  # fmt: skip
    if tags:
        row.stated.add("languages")
    return tags


def day(row: Fields, path: str, *, last: bool = False) -> dt.date | None:
    """The first or the last day of being available. "长期" sets no day."""
    cell = row.first(path)
    if cell is None or _OPEN_END.search(cell.text):
        return None
    return _day(row, cell, cell.value, path, last=last)


def period(row: Fields) -> tuple[dt.date | None, dt.date | None]:
    """Both days out of one cell: "2026-03至2026-12"."""
    cell = row.first("available")
    if cell is None:
        return None, None
    first, *rest = _PERIOD_BREAK.split(cell.text, maxsplit=1)
    found: list[dt.date | None] = []
    for path, part, last in (("available_from", first, False), ("available_to", rest[0] if rest else "", True)):
        open_end = not part or _OPEN_END.search(part)
        found.append(None if open_end else _day(row, cell, part, path, last=last))
    return found[0], found[1]


def _day(row: Fields, cell: Cell, value: object, path: str, *, last: bool) -> dt.date | None:
    found = dates.parse(value)  # type: ignore[arg-type]  # a cell's value, or a part of its text
    if found is None or found.century_guessed or found.year < 1900:
        row.fail(
            cell, "date.unreadable", "日期无法识别或不存在", "请写成 2026-03-01",
            "the day cannot be read or does not exist; write 2026-03-01",
        )  # fmt: skip
        return None
    row.stated.add(path)
    return found.last() if last else found.first()


def yes_no(row: Fields, path: str) -> bool | None:
    """Yes or no; None where nothing is said."""
    cell = row.first_of_all(path)
    if cell is None:
        return None
    found = _PAUSED.get(cells.fold(cell.text)) if path == "paused" else None
    found = cells.yes_or_no(cell.value) if found is None else found
    if found is None:
        if not cells.is_nothing(cell.text):
            row.warn(
                cell, "yes_no.unreadable", "看不出是或否，已留空", "请填 是 或 否",
                'is neither yes nor no and was left out; write "是" or "否"',
            )  # fmt: skip
        return None
    row.stated.add(path)
    return found
