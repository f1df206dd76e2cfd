"""Experience and certificates out of free text."""

import re
import unicodedata

from yinling_talent.domain import Credential, ExperienceItem
from yinling_talent.roster.cells import is_nothing, items

_YEAR = r"(?:19|20)\d{2}"
_MONTH = r"(?:0?[1-9]|1[0-2])(?!\d)"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?!\d)"
_DATE = rf"{_YEAR}(?:\s*[年./\-]\s*{_MONTH}(?:\s*[月./\-]\s*{_DAY}\s*日?)?\s*月?|\s*年)?"
_END = rf"{_DATE}|今|现在|至今|退休(?:前)?|present"
_PERIOD = re.compile(
    rf"^\s*(?P<start>{_DATE})\s*(?:(?P<range>[-—–~～]+|[至到](?={_END}))\s*[至到]?\s*(?P<end>{_END})?)?\s*[:：,，、;；|]?\s*"
)
_NUMBERING = re.compile(r"^\s*(?:\d{1,2}\s*[.．、)）](?!\d)|[（(]\d{1,2}[)）]|[①-⑳]|[•·●■◆*\-–—])\s*")
_ORGANISATION = re.compile(
    r"^(?P<where>\S{2,60}?(?:公司|集团|厂|局|院|所|矿|站|处|中心|大学|学院|学校|医院|银行|总队|部|社|段|车间))"
    r"(?:[\s,，、]+(?:历?任|担任|从事)?|历?任|担任)(?P<what>\S.*)$",
    re.DOTALL,
)
_CREDENTIAL_YEAR = re.compile(
    rf"[（(]\s*({_YEAR})\s*年?(?:[^（）()]{{0,6}})[)）]|^({_YEAR})\s*年?\s*(?:取得|获得?|考取)?|[,，\s]({_YEAR})\s*年?$"
)
_MOST_TITLE = 120
_CLAUSE = re.compile(r"[。；;，,：:\n]")


def experience(value: str) -> list[ExperienceItem]:
    """The positions and projects that a cell lists, one a line or one a numbered point.

    Where lines begin with years, a line without them goes on with the item before it.
    """
    lines = [line for line in value.split("\n") if not is_nothing(line.strip())]
    if len(lines) == 1:
        lines = [part for part in _points(lines[0]) if not is_nothing(part.strip())]
    stripped = [_NUMBERING.sub("", line).strip() for line in lines]
    dated = any(_PERIOD.match(line) for line in stripped)
    blocks: list[str] = []
    for line in stripped:
        if dated and blocks and not _PERIOD.match(line):
            blocks[-1] += "\n" + line
        elif line:
            blocks.append(line)
    return [_item(block) for block in blocks]


def _points(line: str) -> list[str]:
    points = re.split(r"(?:^|(?<=[\s。；;]))(?=(?:\d{1,2}[.．、](?!\d)|[（(]\d{1,2}[)）]|[①-⑳]))", line)
    if sum(1 for point in points if point.strip()) > 1:
        return points
    return re.split(r"[；;]", line)


def _item(block: str) -> ExperienceItem:
    start = end = 0
    rest = block
    if period := _PERIOD.match(block):
        start = int(period["start"][:4])
        end = int(period["end"][:4]) if period["end"] and period["end"][:2] in {"19", "20"} else 0
        # "1986年到厂从学徒做起" is a sentence: it keeps its year.
        cut = period["range"] or block[period.end() - 1] in " :：,，、;；|"
        if cut and period.end() < len(block):
            rest = block[period.end() :].strip()
        if end and end < start:
            start, end, rest = 0, 0, block  # not a period after all; nothing is lost
    where = ""
    head, _, tail = rest.partition("\n")
    if found := _ORGANISATION.match(head):
        where, head = found["where"], found["what"].strip()
    if len(head) > _MOST_TITLE:
        clause = _CLAUSE.split(head, maxsplit=1)[0].strip()
        title = clause if 2 <= len(clause) <= _MOST_TITLE else head[: _MOST_TITLE - 1].strip() + "…"
        return ExperienceItem(title=title, organisation=where, start_year=start, end_year=end, description=rest)
    return ExperienceItem(
        title=head.rstrip("。；; ") or rest[:_MOST_TITLE],
        organisation=where,
        start_year=start,
        end_year=end,
        description=tail.strip(),
    )


def credentials(value: str) -> list[Credential]:
    """The certificates that a cell lists, each with its year where one stands beside it: "注册安全工程师（2008年）"."""
    found = []
    for part in items(value):
        name, year = part, 0
        if match := _CREDENTIAL_YEAR.search(unicodedata.normalize("NFKC", part)):
            year = int(next(filter(None, match.groups())))
            name = _CREDENTIAL_YEAR.sub("", unicodedata.normalize("NFKC", part)).strip(" ,，:：")
        found.append(Credential(name=name or part, year=year))
    return found
