"""What a text can be found by."""

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinling_matching.lexical import Term, TermClass, ask, prepare, terms
from yinling_matching.lexical.abbreviations import Abbreviation, abbreviations
from yinling_matching.lexical.normalise import normalised

MEANINGS = [meaning for meaning in abbreviations() if meaning.kind is not None]


def keys(text: str) -> set[str]:
    return {term.key for term in terms(text)}


def of_class(text: str, kind: TermClass) -> set[str]:
    return {term.key for term in terms(text) if term.kind is kind}


@pytest.mark.parametrize(
    "spellings",
    [
        (
            "GB/T 19001",
            "GB/T19001-2016",
            "GBT19001",
            "GBT 19001-2016",
            "gb/t19001",
            "GB 19001",
            "ＧＢ／Ｔ　１９００１—2016",
            "ISO 9001:2015",
            "iso9001",
        ),
        ("S7-1500", "S7 1500", "s71500", "S7–1500"),
        ("ISO/IEC 17025", "ISO17025", "iso 17025:2017"),
        ("35kV", "35 kV", "35KV", "35千伏", "35㎸"),
        ("1000MW", "1000 mw", "1000兆瓦"),
        ("15CrMoG", "15crmog", "15CrMog"),
        ("100t", "100吨"),
        ("20,000m3", "20000 m3", "20000立方米"),
        ("DB51/T 123-2019", "db51/t123"),
    ],
)
def test_a_code_is_found_by_all_its_spellings(spellings: tuple[str, ...]) -> None:
    shared = set.intersection(*(of_class(f"熟悉{spelling}，会用", TermClass.CODE) for spelling in spellings))
    assert shared


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("S7-1500", "S7-1200"),
        ("GB/T 19001", "GB/T 24001"),
        ("Q345", "Q345R"),
        ("35kV", "110kV"),
        ("GB 150.1", "GB 150.2"),
    ],
)
def test_different_codes_differ(one: str, other: str) -> None:
    assert of_class(one, TermClass.CODE) != of_class(other, TermClass.CODE)
    assert next(iter(ask(one).weights)) in of_class(one, TermClass.CODE)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("ISO9001/14001/45001三体系", {"iso9001", "9001", "14001", "45001"}),
        ("GB/T 150.1-2011", {"gb150", "gb150.1"}),
        ("用3D3S算过Q345R", {"3d3s", "q345r"}),
        ("S7-300/400", {"s7300", "s7"}),
        ("Q345钢", {"q345"}),
        ("Q/CSG 1203", {"qcsg1203", "1203"}),
        ("1990-2012年带1500人，2016年完成，产值3000万元", set()),
        ("主持2000年5月大修", set()),
        ("The 3rd of 20 plants", set()),
        ("年产300万吨，省电5000千瓦时", set()),
    ],
)
def test_what_is_a_code(text: str, codes: set[str]) -> None:
    assert of_class(text, TermClass.CODE) == codes


@pytest.mark.parametrize("meaning", MEANINGS, ids=lambda meaning: meaning.long)
def test_every_form_counts_as_the_long_one(meaning: Abbreviation) -> None:
    for form in meaning.forms:
        for sentence in ("{}", "从事{}，十年", "会({})的"):
            found = {term.key: term.kind for term in terms(sentence.format(form))}
            assert found.get(meaning.long) is meaning.kind, form


def test_the_table_is_large_and_every_form_is_normalised_and_longer_than_a_character() -> None:
    assert len(MEANINGS) >= 150
    assert all(form == normalised(form) and len(form) > 1 for meaning in MEANINGS for form in meaning.forms)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("高工", "高级工程师"),
        ("正高", "正高级"),
        ("教授级高工", "正高级工程师"),
        ("注安", "注册安全工程师"),
        ("注会", "CPA"),
        ("数控", "CNC"),
        ("六西格玛", "Six Sigma"),
        ("six-sigma", "6 Sigma"),
        ("失效模式与影响分析", "FMEA"),
        ("可编程控制器", "PLC"),
        ("PLCs", "programmable logic controllers"),
        ("焊工证", "焊工操作证"),
        ("特作", "特种作业"),
        ("一建", "一级建造师"),
        ("P&ID", "管道仪表流程图"),
        ("高級工程師", "高工"),
        ("工會", "工会"),
    ],
)
def test_short_and_long_have_the_same_first_term(one: str, other: str) -> None:
    assert terms(one)[0].key == terms(other)[0].key


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        ("提高工作效率", "高级工程师"),
        ("高工艺水平", "高级工程师"),
        ("四川一建公司", "一级建造师"),
        ("省一建集团", "一级建造师"),
        ("高级工", "高级工程师"),
        ("scam", "计算机辅助设计"),
        ("explain", "人工智能"),
        ("it is a process", "信息技术"),
        ("总工会主席", "总工程师"),
    ],
)
def test_what_only_looks_like_an_abbreviation_is_none(text: str, absent: str) -> None:
    assert absent not in keys(text)


def test_words_of_the_long_form_are_found_too() -> None:
    assert {"注册", "安全", "工程师"} <= keys("注安")
    assert {"welding", "engineer", "焊接工程师"} <= keys("Welding engineers")


@pytest.mark.parametrize(
    ("query", "facet"), [("反风", "反风演习"), ("悬料", "处理高炉悬料"), ("钒钛", "钒钛磁铁矿冶炼")]
)
def test_words_that_no_dictionary_has_are_found(query: str, facet: str) -> None:
    assert keys(query) <= keys(facet)
    assert keys(query)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("熟悉 SAP FICO 和 SolidWorks", {"sap", "fico", "solidwork"}),
        ("Configures SAP and SolidWorks for a plant", {"sap", "solidwork"}),
        ("SENIOR QUALITY MANAGER", set()),
        ("用 C++ 写过", {"c++"}),
    ],
)
def test_names(text: str, names: set[str]) -> None:
    assert of_class(text, TermClass.NAME) == names


def test_stop_words_are_left_out() -> None:
    assert terms("负责的工作，and the") == []


@given(st.text(max_size=300) | st.text("高工一建质检S7-1500 GB/T19001.;cnc六西格玛35千伏反风é", max_size=100))
def test_any_text_gives_terms_within_it(text: str) -> None:
    plain = normalised(text)
    for term in terms(text):
        assert isinstance(term, Term)
        assert term.key
        assert 0 <= term.start < term.end <= len(plain)
        assert 0 < term.weight <= 1
        assert not re.search(r"\s{2}", term.key)


@given(st.text("高级工程师注安数控S7-1500GB/T19001.35kVplc,; aAＢ", max_size=60))
def test_facets_and_queries_are_cut_into_the_same_terms(text: str) -> None:
    (facet,) = prepare([text])
    counted = Counter(term.key for term in terms(text))
    assert facet.counts.keys() == ask(text).weights.keys()
    assert {key: facet.counts[key] for key in counted if len(key) > 1} == {
        k: n for k, n in counted.items() if len(k) > 1
    }


@given(st.text("高级工程师注安数控cnc S7-1500GB/T19001.35kVplc,;师带徒", max_size=60))
def test_case_and_width_do_not_count(text: str) -> None:
    full = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
    assert [t.key for t in terms(full)] == [t.key for t in terms(text.upper())] == [t.key for t in terms(text)]


def test_very_long_text_takes_no_time() -> None:
    text = ("高级工程师，S7-1500，" * 2000)[:20_000]
    assert keys(text) >= {"高级工程师", "s71500"}
    assert keys("plc " * 5000) >= {"可编程逻辑控制器"}
    assert len(keys("高" * 20_000)) == 1
    assert len(keys("9" * 20_000 + "a" * 20_000)) <= 2
    began = process_time()
    terms("a B" + "高" * 40_000)
    assert process_time() - began < 5  # in proportion to its length, where its square takes half a minute


@pytest.mark.parametrize("text", ["", " ", "\x00\x01", "，。！", "\ud800", "的", "-/.", "🙂"])
def test_nothing_to_say(text: str) -> None:
    assert terms(text) == []
    assert ask(text).weights == {}


def test_threads_cut_the_same() -> None:
    texts = [f"高級工程师{n}，S7-{n}00，反风演习，数控" for n in range(200)]
    alone = [terms(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert all(result == alone for result in pool.map(lambda _: [terms(text) for text in texts], range(8)))
