"""Titles, 职称 and craft levels: which level a title has, and which one a text names."""

# ruff: noqa: E501 - word lists read better on long lines; Chinese counts double

import re

from yinling_common.text import fold
from yinling_common.types import TitleLevel

# The first pattern that is found decides, so the longer names stand before those that they contain.
_ARTS = r"(律师|公证员|演员|演奏员|编剧|导演|指挥|作曲|作词|美术师|文学创作|舞美设计师|舞台技术|录音师|剪辑师)"
_TITLE_LEVELS = [
    (TitleLevel.CHIEF, re.compile(r"^(国家)?一级" + _ARTS)),
    (TitleLevel.SENIOR, re.compile(r"^(国家)?二级" + _ARTS + r"|高级(船长|轮机长|引航员)")),
    (TitleLevel.INTERMEDIATE, re.compile(r"^(国家)?三级" + _ARTS + r"|船长|轮机长|引航员")),
    (TitleLevel.ASSISTANT, re.compile(r"高级技工")),
    (TitleLevel.SENIOR, re.compile(r"副高|副教授|副研究员|副主任(中?医|中?药|护|技)师|副研究馆员|副编审|副译审|副主任|主任(记者|编辑)")),
    (TitleLevel.INTERMEDIATE, re.compile(r"助理研究员|助理研究馆员")),
    (TitleLevel.ASSISTANT, re.compile(r"^助理|助理(工程|会计|经济|统计|政工|审计|农艺|馆员|讲师)|助工|助教|助级|二级教师")),
    (TitleLevel.CHIEF, re.compile(r"正高|教授级|研究员级|特级技师|首席技师|首席专家|教授|研究员|主任(中?医|中?药|护|技)师|研究馆员|高级(记者|编辑)|编审|译审|chief|professor")),
    (TitleLevel.SENIOR, re.compile(r"高级技师|高级(?!工(?!程))\S{0,6}(师|员)|高工|高级$|senior|特级教师|一级/")),
    (TitleLevel.ASSISTANT, re.compile(r"高级工(?!程)|assistant|^助理级?$")),
    (TitleLevel.JUNIOR, re.compile(r"中级工(?!程)|初级|技术员|员级|医士|护士|药士|会计员|统计员|经济员|三级教师|junior")),
    (TitleLevel.INTERMEDIATE, re.compile(r"中级|技师|工程师|经济师|会计师|统计师|审计师|政工师|农艺师|讲师|主治医师|主管(医|药|护|技)师"
                                         r"|医师|建筑师|设计师|馆员|一级教师|编辑|记者|翻译|intermediate|engineer")),
]  # fmt: skip
_BARE_LEVEL = re.compile(
    r"(员级|初级|助理级?|中级|副高级?|高级|正高级?|副高级职称|正高级职称|中级职称|初级职称|高级职称|"
    r"junior|assistant|intermediate|senior|chief)(\(.*\))?"
)


# What names a title inside other words. "主任工程师", "总会计师" and "副主任" are positions, "注册…师" is a licence, and a
# "客座教授" a guest: none of them says what level the person has.
_PROFESSIONS = r"(工程师|经济师|会计师|审计师|统计师|政工师|农艺师|畜牧师|兽医师|工艺美术师|实验师|讲师|教师|船长|轮机长|引航员|翻译|记者|编辑)"
_ENGLISH = r"(engineer|accountant|economist|auditor|statistician|agronomist|lecturer|technician|teacher)"
_NAMED = re.compile(
    r"正高级?|副高级?|教授级|研究员级|(?<!客座)(?<!兼职)(?<!特聘)(?<!荣誉)(?<!名誉)副?教授|(副|助理)?研究(馆员|员)"
    r"|副?主任(中?医|中?药|护|技)师|主治(中?医)?师|主管(中?药|护|技)师|(?<!国际焊接)(特级|首席|高级)?技师|高级技工"
    rf"|高级[^副总主]{{0,6}}?{_PROFESSIONS}|高工(?!艺)|助理{_PROFESSIONS}|助工|(?<=职称)[高中初]级|(?<=职称:)[高中初]级|[高中初]级(?=职称)|(?<=软考)[高中初]级"
    rf"|(associate|assistant|deputychief)?(professor(?!ate)|physician)|professor(ate|-?level)|senior[a-z]{{0,20}}?{_ENGLISH}|assistant{_ENGLISH}"
)
_CRAFT = re.compile(r"(高级|中级|初级)(?!技)[^、,;师员]{0,5}工(?![程艺业作])")
_CRAFT_LEVELS = {"高级": TitleLevel.ASSISTANT, "中级": TitleLevel.JUNIOR, "初级": TitleLevel.JUNIOR}
_ENGLISH_LEVELS = {"associateprofessor": TitleLevel.SENIOR, "assistantprofessor": TitleLevel.INTERMEDIATE,
                   "deputychiefphysician": TitleLevel.SENIOR, "physician": None, "associatephysician": None,
                   "assistantphysician": None}  # fmt: skip


def title_level(value: str) -> TitleLevel | None:
    """The level of a title ("高级工程师" → SENIOR), None where it is not known."""
    folded = fold(value)
    return next((level for level, pattern in _TITLE_LEVELS if pattern.search(folded)), None)


def is_bare_level(value: str) -> bool:
    """Whether a title names its level alone ("副高级"), and so no certificate."""
    return _BARE_LEVEL.fullmatch(fold(value)) is not None


def level_named_in(text: str) -> TitleLevel | None:
    """The highest level that words about something else name: a certificate, a position. None where none is named.

    Unlike `title_level` it does not take every word for a title: "总工程师" and "注册安全工程师" name no level.
    """
    folded = fold(text)
    found = [_CRAFT_LEVELS[match[1]] for match in _CRAFT.finditer(folded)]
    for match in _NAMED.finditer(folded):
        name = match[0]
        level = _ENGLISH_LEVELS[name] if name in _ENGLISH_LEVELS else title_level(name)
        if level is not None:
            found.append(level)
    return max(found, default=None)
