"""A list of mentees: which columns hold what, and each row as a request that is not kept."""

import re
from dataclasses import dataclass, field

from yinling.common.v1 import types_pb2 as types
from yinling.matching.v1 import matching_pb2 as matching

from yinling_common import cities
from yinling_common.errors import InvalidField
from yinling_common.identity_numbers import mask_identity_numbers
from yinling_common.text import clean, fold
from yinling_common.validation import check
from yinling_gateway.domain import CohortLine
from yinling_gateway.pages.forms import Speaks
from yinling_gateway.pages.tables import Rows

MOST = 2000
"""Requests that a cohort may have."""

COLUMNS = ("name", "job", "learn", "city", "mode", "hours", "mentors")
"""The columns of the template, in their order."""

_HEADERS = {
    "name": "姓名 名字 学员 学员姓名 徒弟 徒弟姓名 员工姓名 员工 name mentee",
    "job": "岗位 职务 职位 工种 岗位职务 现岗位 job title position",
    "learn": "想学什么 想学 学习内容 学习需求 学习方向 培养方向 培养需求 带教内容 需求 希望学习 "
    "learn wantstolearn wants topic goal",
    "city": "城市 所在城市 工作城市 工作地点 地点 所在地 city",
    "mode": "方式 工作方式 带教方式 mode",
    "hours": "每周小时数 每周时数 每周小时 小时数 hours hoursperweek hoursaweek",
    "mentors": "导师人数 需要导师人数 需要几位导师 导师数 mentors mentorswanted",
}
_FIELD = {header: name for name, headers in _HEADERS.items() for header in headers.split()}
_MARKS = re.compile(r"[\s*：:（(].*$|[\s*]+")
_MODES = {
    **dict.fromkeys(("现场", "线下", "到场", "onsite", "on-site"), types.MODE_ON_SITE),
    **dict.fromkeys(("远程", "线上", "remote", "online"), types.MODE_REMOTE),
    **dict.fromkeys(("", "均可", "都可以", "不限", "either", "both", "any"), types.MODE_UNSPECIFIED),
}
_EXAMPLE = re.compile(r"^(示例|样例|example)", re.IGNORECASE)
_POINTS = re.compile(r"[、；;\n]+")
_LOOK_AT = 10


@dataclass
class Mentees:
    """What a list holds.

    Attributes:
        found: Whether the column that says what is to be learnt was found.
        left_out: Rows that could not be taken, each with the reason.
    """

    found: bool = True
    lines: list[CohortLine] = field(default_factory=list)
    requests: list[matching.CohortRequest] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def read(rows: Rows, organisation: str, speaks: Speaks, *, header_needed: bool) -> Mentees:
    """Read a list.

    Args:
        rows: As `tables` gives them.
        organisation: Whose mentees they are.
        speaks: The reader's language, for the reasons.
        header_needed: Without one the columns are not those of the template.
    """
    start, columns = _columns(rows)
    if start == 0 and header_needed:
        return Mentees(found=False)
    result = Mentees()
    for number, row in enumerate(rows[start:], start=start + 1):
        cells = {name: mask_identity_numbers(clean(row[i])) for name, i in columns.items() if i < len(row)}
        if not any(cells.values()) or _EXAMPLE.match(cells.get("name", "")):
            continue
        asked, wrong = _request(cells, organisation, speaks)
        if wrong:
            who = cells.get("name") or cells.get("job") or cells.get("learn", "")[:20]
            words = speaks.gettext("Row %(row)d (%(who)s): %(reason)s")
            result.left_out.append(words % {"row": number, "who": who, "reason": wrong})
            continue
        result.requests.append(asked)
        points = asked.mentoring_request
        asks = "、".join(point.text for point in points.requirements) or points.title
        name = cells.get("name") or points.title or asks[:30]
        result.lines.append(CohortLine(name=name, asks=asks, mentors=asked.mentors))
    return result


def _columns(rows: Rows) -> tuple[int, dict[str, int]]:
    """Number of the first row below the header, 0 where there is none; and where each column stands."""
    for number, row in enumerate(rows[:_LOOK_AT]):
        found: dict[str, int] = {}
        for i, cell in enumerate(row):
            name = _FIELD.get(fold(_MARKS.sub("", cell.strip()))) or _FIELD.get(fold(cell))
            if name:
                found.setdefault(name, i)
        if "learn" in found:
            return number + 1, found
    width = max((sum(1 for cell in row if cell) for row in rows), default=0)
    names = {1: ("learn",), 2: ("name", "learn")}.get(width, COLUMNS)
    return 0, {name: i for i, name in enumerate(names)}


def _request(cells: dict[str, str], organisation: str, speaks: Speaks) -> tuple[matching.CohortRequest, str]:
    """One row as a request; and what is wrong with it, nothing where it is right."""
    learn = [point.strip() for point in _POINTS.split(cells.get("learn", "")) if point.strip()]
    hours, mentors = _number(cells.get("hours", "")), _number(cells.get("mentors", "") or "1")
    mode = fold(cells.get("mode", ""))
    city = cells.get("city", "")
    wrong = ""
    if not learn and not cells.get("job"):
        wrong = speaks.gettext("It does not say what is to be learnt.")
    elif city and cities.resolve(city) is None:
        near = " / ".join(cities.closest(city)[:3])
        wrong = speaks.gettext("The city “%(city)s” is not known.") % {"city": city}
        wrong += speaks.gettext(" Did you mean %(cities)s?") % {"cities": near} if near else ""
    elif mode not in _MODES:
        wrong = speaks.gettext("The way of working is 现场, 远程 or 均可.")
    elif not 0 <= hours <= 60:
        wrong = speaks.gettext("Hours a week are a whole number from 0 to 60.")
    elif not 1 <= mentors <= 100:
        wrong = speaks.gettext("The number of mentors is from 1 to 100.")
    if wrong:
        return matching.CohortRequest(), wrong
    asked = matching.CohortRequest(
        mentoring_request=matching.MentoringRequest(
            organisation=organisation,
            title=cells.get("job", ""),
            requirements=[
                matching.Requirement(text=point, importance=matching.Requirement.IMPORTANCE_MUST) for point in learn
            ],
            city=city,
            mode=_MODES[mode],
            hours_per_week=hours,
        ),
        mentors=mentors,
    )
    try:
        check(asked)
    except InvalidField:
        return asked, speaks.gettext(
            "A text is too long: a point has at most 500 characters, and there are at most 30."
        )
    return asked, ""


def _number(typed: str) -> int:
    """A whole number; -1 for what is none."""
    try:
        return int(typed or "0")
    except ValueError:
        return -1
