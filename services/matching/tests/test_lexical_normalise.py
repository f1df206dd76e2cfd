"""Texts that a reader takes for the same become the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinling_matching.lexical.normalise import normalised, with_origins

ASCII_PRINTABLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=60)
COMMON = "高级工程师電工機數控炉ＡｂＣ１２３GB/T 19001-2016　（，。）—–−\t\néß①Ⅱ㎏㈱"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("ＣＮＣ　數控", "cnc 数控"),
        ("高級工程師", "高级工程师"),
        ("註冊安全工程師", "注册安全工程师"),
        ("機器學習與乾燥設備", "机器学习与干燥设备"),
        ("S7—1500", "s7-1500"),
        ("S7\u20111500", "s7-1500"),
        ("S7\u22121500", "s7-1500"),
        ("  a \t\n b\u3000\u00a0c ", "a b c"),
        ("高\u200b工", "高工"),
        ("高\ufe00工", "高工"),
        ("so\u00adft", "soft"),
        ("\x00高\x07工\x1f", "高 工"),
        ("高\ud800工", "高 工"),
        ("Ⅱ型 ３５㎸", "ii型 35kv"),
        ("STRASSE straße", "strasse strasse"),
        ("cafe\u0301", "café"),
        ("6Σ", "6σ"),
        ("", ""),
        (" \n", ""),
    ],
)
def test_same_form(text: str, plain: str) -> None:
    assert normalised(text) == plain


@given(st.text(max_size=200))
def test_any_text_is_taken_and_encodable(text: str) -> None:
    normalised(text).encode()


@given(st.text(alphabet=COMMON, max_size=80))
def test_again_changes_nothing(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)


@given(ASCII_PRINTABLE)
def test_width_and_case_do_not_count(text: str) -> None:
    full = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else "\u3000" if c == " " else c for c in text)
    assert normalised(full) == normalised(text) == normalised(text.upper())


@given(st.text(alphabet=COMMON, max_size=80))
def test_origins_point_into_the_original(text: str) -> None:
    plain, origins = with_origins(text)
    assert plain.strip() == normalised(text)
    assert len(origins) == len(plain) + 1
    assert origins == sorted(origins)
    assert origins[-1] == len(text)
