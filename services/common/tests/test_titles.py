"""What level a title has."""

# ruff: noqa: E501 - tables of cases read better on long lines; Chinese counts double

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinling_common import titles
from yinling_common.types import TitleLevel


@pytest.mark.parametrize(
    ("title", "level"),
    [
        ("技术员", 1), ("中级工", 1), ("初级", 1), ("员级", 1), ("护士", 1), ("四级/中级工", 1),
        ("助理工程师", 2), ("高级工", 2), ("高级工（三级）", 2), ("助工", 2), ("助理级", 2), ("助理会计师", 2), ("三级/高级工", 2),
        ("工程师", 3), ("技师", 3), ("会计师", 3), ("主治医师", 3), ("讲师", 3), ("中级", 3), ("助理研究员", 3), ("二级/技师", 3),
        ("高级工程师", 4), ("高工", 4), ("高级技师", 4), ("副教授", 4), ("副高级", 4), ("高级会计师", 4), ("副主任医师", 4),
        ("高级政工师", 4), ("高级经济师", 4), ("一级/高级技师", 4), ("副研究员", 4), ("高级讲师", 4),
        ("正高级工程师", 5), ("教授级高级工程师", 5), ("教授级高工", 5), ("教授", 5), ("研究员", 5), ("主任医师", 5),
        ("特级技师", 5), ("首席技师", 5), ("正高级", 5), ("正高级会计师", 5), ("研究员级高级工程师", 5),
        ("一级演员", 5), ("国家二级导演", 4), ("三级律师", 3), ("高级船长", 4), ("甲类轮机长", 3), ("高级技工", 2),
        ("主任中医师", 5), ("副主任中医师", 4), ("主任记者", 4), ("高级记者", 5),
        ("一级建造师", None), ("八级工", None), ("书记", None),
    ],
)  # fmt: skip
def test_title_levels(title: str, level: int | None) -> None:
    assert titles.title_level(title) == (None if level is None else TitleLevel(level))


def test_bare_levels_are_no_certificates() -> None:
    assert titles.is_bare_level("副高级")
    assert titles.is_bare_level("正高（级）")
    assert not titles.is_bare_level("高级工程师")


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("煤矿通风高级工程师", 4), ("注册安全工程师、煤矿通风高级工程师", 4), ("高级技师（继电保护工）、高级工程师", 4),
        ("油气田开发专业正高级职称", 5), ("国家卫生高级职称", 4), ("系统架构设计师（软考高级）", 4), ("教授级高级工程师", 5),
        ("数控车间主任、首席技师", 5), ("电力机车检修高级技师", 4), ("焊接技师", 3), ("国际焊接技师（IWS）", None), ("煤质化验高级工", 2), ("高级电焊工", 2),
        ("中级钳工", 1), ("妇产科副主任医师", 4), ("主任护师", 5), ("骨科主治医师", 3), ("农业技术推广研究员", 5),
        ("省级工艺美术大师、中学高级教师", 4), ("助理工程师", 2), ("职称：高级", 4),
        ("Senior Engineer, blast furnace", 4), ("Senior Electrical Engineer", 4), ("Associate Professor", 4),
        ("Professor of mining", 5), ("Assistant engineer", 2), ("Professor-level senior engineer", 5),
        # Positions, licences and honours
        ("总工程师", None), ("矿山主任工程师", None), ("副总会计师", None), ("输电工区副主任", None), ("办公室主任", None),
        ("注册安全工程师", None), ("一级建造师（市政）", None), ("某大学客座教授", None), ("高级技工学校校长", 2), ("高工艺要求", None),
        ("热处理工程师", None), ("Chief engineer", None), ("Senior Vice President", None), ("Physician", None), ("", None),
        ("实验室内审员", None), ("高级工艺师", None),
    ],
)  # fmt: skip
def test_levels_that_other_words_name(text: str, level: int | None) -> None:
    assert titles.level_named_in(text) == (None if level is None else TitleLevel(level))


@given(st.text())
def test_no_text_breaks_a_reader(text: str) -> None:
    titles.title_level(text)
    titles.is_bare_level(text)
    titles.level_named_in(text)
