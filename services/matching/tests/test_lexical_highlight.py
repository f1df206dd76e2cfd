"""The letters that a facet shares with a query, as the person wrote them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinling_matching.lexical import TermClass, shared, shared_terms

SIGNS = st.text("高級工程师工注安数控cncＣＮＣ S7-1500Ｓ７　１５００GB/T19001-，。é\u0301", max_size=60)


@pytest.mark.parametrize(
    ("query", "facet", "found"),
    [
        ("熟悉S7-1500", "西门子Ｓ７－１５００编程", ["Ｓ７－１５００"]),
        ("GB/T 19001 内审员", "通过 ISO9001:2015 认证", ["ISO9001:2015"]),
        ("高級工程師", "高工，带徒多年", ["高工"]),
        ("CNC 编程", "數控編程", ["數控編程"]),
        ("综采工作面管理", "综采工作面顶板管理", ["综采工作面", "管理"]),
        ("焊接, SAP, Q345R", "焊接过Q345R，会用sap", ["Q345R", "sap", "焊接"]),
        ("welding engineer", "Worked as Welding Engineers", ["Welding Engineers"]),
        ("管理 管理", "管理，管理", ["管理"]),
        ("钒", "钒", []),
        ("焊接", "财务", []),
        ("", "焊接", []),
        ("焊接", "", []),
    ],
)
def test_as_written(query: str, facet: str, found: list[str]) -> None:
    assert shared_terms(query, facet) == found


def test_place_and_class() -> None:
    found = shared("懂S7 1500的焊接", "焊接，用 S7-1500")
    assert [(one.text, one.start, one.end, one.kind) for one in found] == [
        ("焊接", 0, 2, TermClass.WORD),
        ("S7-1500", 5, 12, TermClass.CODE),
    ]


@given(SIGNS, SIGNS)
def test_what_is_shared_stands_in_the_facet(query: str, facet: str) -> None:
    ends = 0
    for one in shared(query, facet):
        assert facet[one.start : one.end] == one.text
        assert one.start >= ends
        assert one.text.strip()
        ends = one.end
