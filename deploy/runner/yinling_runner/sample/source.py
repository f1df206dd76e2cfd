"""The hand-written people, as text blocks.

A person is a line `== 姓名 | 性别 | 出生年月 | 现居城市 | 单位` and lines with a key of one character:

- 职: 退休前职务 | 职称 | 行业 | 工作年限 | 原工作单位
- 长: 专长; 历: 工作经历 (may go on over several lines); 证: 资格证书; 介: 个人简介; 愿: 服务意愿
- 务: 服务方式 | 每周可用小时 | 出行范围 | 身体限制 | 语言 | 同时指导人数
- 期: 可用起始日期 | 可用截止日期
- 标: 暂停 or 不同意 (no consent to be found)

Whatever is left out is an empty cell. 单位 is the first character of one of `ORGANISATIONS`' keys.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import resources

ORGANISATIONS = {
    "矿": "远山矿业集团",
    "钢": "临江钢铁集团",
    "电": "北岭能源集团",
    "铁": "华序轨道交通集团",
    "石": "东澜石化集团",
    "机": "启衡重工集团",
    "建": "安筑建设集团",
    "文": "明湖文教集团",
    "航": "海岳航运集团",
    "农": "禾泽农垦集团",
}
"""Ten group companies that do not exist; each has a retiree office that keeps its people."""

_HEAD = ("姓名", "性别", "出生年月", "现居城市", "所属单位")
_LINES = {
    "职": ("退休前职务", "职称", "行业", "工作年限", "原工作单位"),
    "长": ("专长",),
    "历": ("工作经历",),
    "证": ("资格证书",),
    "介": ("个人简介",),
    "务": ("服务方式", "每周可用小时", "出行范围", "身体限制", "语言", "同时指导人数"),
    "愿": ("服务意愿",),
    "期": ("可用起始日期", "可用截止日期"),
}
_MARKS = {"暂停": ("暂停", "是"), "不同意": ("同意公开", "否")}


@dataclass
class Person:
    """One person; `cells` holds the values by column, as written, without the empty ones."""

    cells: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


def people() -> list[Person]:
    """Everybody, by the order of the source files."""
    directory = resources.files("yinling_runner.sample") / "people"
    files = sorted((file for file in directory.iterdir() if file.name.endswith(".txt")), key=lambda file: file.name)
    return [person for file in files for person in parse(file.read_text(encoding="utf-8"))]


def parse(text: str) -> Iterator[Person]:
    """People from the text of one file. Raises ValueError, naming the line, where it is not understood."""
    person: Person | None = None
    last = ""
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("# "):
            continue
        key, colon, rest = line.partition(":")
        if line.startswith("== "):
            if person:
                yield person
            person, last = Person(_split(_HEAD, line[3:], number)), ""
            person.cells["所属单位"] = ORGANISATIONS[person["所属单位"]]
        elif person is None:
            raise ValueError(f"line {number}: nobody has begun: {line}")
        elif key == "标" and colon:
            person.cells.update(_MARKS[mark.strip()] for mark in rest.split("、"))
        elif key in _LINES and colon:
            person.cells.update(_split(_LINES[key], rest, number))
            last = _LINES[key][-1]
        elif last:
            person.cells[last] += "\n" + line
        else:
            raise ValueError(f"line {number}: not understood: {line}")
    if person:
        yield person


def _split(columns: tuple[str, ...], text: str, number: int) -> dict[str, str]:
    """Values by column. A line of one column may hold the separator."""
    parts = [text] if len(columns) == 1 else text.split("|")
    if len(parts) > len(columns):
        raise ValueError(f"line {number}: {len(parts)} values for {len(columns)} columns: {text}")
    return {column: part.strip() for column, part in zip(columns, parts, strict=False) if part.strip()}
