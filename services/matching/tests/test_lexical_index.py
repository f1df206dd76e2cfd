"""The lexical index against one built anew, and against bm25s."""

import random
from collections import Counter
from collections.abc import Sequence

import bm25s
import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bench.smoke.people import rows
from yinling_matching.lexical import LexicalIndex, LexicalScores, ask, prepare
from yinling_matching.lexical import index as index_module
from yinling_matching.lexical.postings import Postings

WORDS = [
    *("高级工程师", "数控", "CNC", "焊接", "S7-1500", "GB/T19001", "反风演习", "高炉悬料", "PLC编程", "质检", "的"),
    *("welding", "engineers", "质量管理", "质量检验"),
]
QUERIES = [
    "数控焊接",
    "S7 1500 编程",
    "ISO 9001 质量管理体系",
    "welding engineer",
    "没有人会的东西",
    "",
    "高炉 高炉 高炉",
]
texts = st.lists(st.sampled_from(WORDS), max_size=6).map("，".join)
slot_lists = st.lists(st.integers(0, 30), max_size=8, unique=True)


def as_slots(values: Sequence[int]) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def same(one: LexicalScores, other: LexicalScores) -> None:
    for name in LexicalScores.__dataclass_fields__:
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-5, atol=1e-6, err_msg=name)


class FollowsEveryChange(RuleBasedStateMachine):
    """After whatever changes, it is as one that is made of what is there now."""

    def __init__(self) -> None:
        super().__init__()
        self.index = LexicalIndex()
        self.held: dict[int, str] = {}

    @rule(slots=slot_lists, data=st.data(), prepared=st.booleans())
    def add_or_overwrite(self, slots: list[int], data: st.DataObject, prepared: bool) -> None:
        new = data.draw(st.lists(texts, min_size=len(slots), max_size=len(slots)))
        self.index.add(as_slots(slots), prepare(new) if prepared else new)
        self.held |= dict(zip(slots, new, strict=True))

    @rule(slots=slot_lists)
    def remove(self, slots: list[int]) -> None:
        self.index.remove(as_slots(slots))
        for slot in slots:
            self.held.pop(slot, None)

    @rule(slots=slot_lists, data=st.data())
    def load(self, slots: list[int], data: st.DataObject) -> None:
        new = data.draw(st.lists(texts, min_size=len(slots), max_size=len(slots)))
        self.index.load(as_slots(slots), new)
        self.held = dict(zip(slots, new, strict=True))

    @invariant()
    def as_new(self) -> None:
        new = LexicalIndex()
        new.load(as_slots(list(self.held)), list(self.held.values()))
        assert len(self.index) == len(new) == len(self.held)
        everywhere = as_slots(range(33))  # also where nothing is, and beyond the end
        same(self.index.similarities(QUERIES, everywhere), new.similarities(QUERIES, everywhere))


TestFollowsEveryChange = FollowsEveryChange.TestCase
TestFollowsEveryChange.settings = settings(max_examples=25, stateful_step_count=12, deadline=None)


@pytest.fixture(scope="module")
def facets() -> list[str]:
    people = list(rows(250))
    return [
        text for row in people for text in (row[7], *row[11].split("、"), row[12], row[13], row[14]) if text
    ] + WORDS


def changed_index(facets: list[str], chance: random.Random) -> tuple[LexicalIndex, dict[int, str]]:
    """An index after many adds and removals in no order, and what it holds."""
    index, held = LexicalIndex(), {}
    for _ in range(60):
        slots = chance.sample(range(900), 40)
        if chance.random() < 0.4:
            index.remove(as_slots(slots))
            for slot in slots:
                held.pop(slot, None)
        else:
            new = chance.choices(facets, k=len(slots))
            index.add(as_slots(slots), new)
            held |= dict(zip(slots, new, strict=True))
    return index, held


@pytest.mark.parametrize("seed", range(3))
def test_the_same_as_bm25s(facets: list[str], seed: int) -> None:
    chance = random.Random(seed)
    index, held = changed_index(facets, chance)
    peer = bm25s.BM25(method="lucene", k1=index_module.K1, b=index_module.B)
    peer.index([list(Counter(one.counts).elements()) for one in prepare(held.values())], show_progress=False)
    for text in chance.sample(facets, 20):
        keys = list(ask(text).weights)
        if not any(key in peer.vocab_dict for key in keys):
            continue
        theirs = peer.get_scores([key for key in keys if key in peer.vocab_dict])
        np.testing.assert_allclose(index.bm25(keys, as_slots(list(held))), theirs, atol=1e-4)


def test_few_and_many_are_the_same(facets: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    index, held = changed_index(facets, random.Random(9))
    slots = as_slots([*held, 5000, 0])
    queries = [ask(text) for text in [*facets[:40], *QUERIES]]
    many = index.similarities(queries, slots)
    monkeypatch.setattr(index_module, "FEW", 10_000)
    same(index.similarities(queries, slots), many)
    assert many.coverage[:, -2].max() == 0


def scores(query: str, *texts: str) -> LexicalScores:
    index = LexicalIndex()
    index.add(np.arange(len(texts)), texts)
    return index.similarities([query], np.arange(len(texts)))


def test_coverage_says_how_much_of_the_query_is_there() -> None:
    found = scores("S7-1500 编程", "S7-1500 编程", "编程 S7-1500 三十年，在攀钢", "编程", "焊接", "")
    assert found.coverage[0, 0] == pytest.approx(1, abs=1e-5)
    assert found.coverage[0, 0] > found.coverage[0, 1] > found.coverage[0, 2] > 0
    assert found.coverage[0, 3] == found.coverage[0, 4] == 0


def test_codes_and_names_are_told_apart() -> None:
    found = scores("SAP 和 S7-1500 编程", "SAP", "S7-1500", "编程", "SAP S7-1500")
    assert found.names[0, [0, 1, 3]].min() > 0
    assert found.names[0, 2] == found.codes[0, 0] == found.codes[0, 2] == 0
    assert found.names[0, 3] == pytest.approx(1, abs=0.05)
    assert 0 < found.code_share[0] < found.name_share[0] < 1


def test_what_a_query_has_to_say() -> None:
    many = ["管理"] * 300 + ["管理 悬料"]
    rare, common, unknown, empty = (scores(query, *many) for query in ("悬料", "管理", "无此词汇", "的"))
    assert rare.rare[0] == rare.terms[0] >= 1
    assert common.rare[0] == 0
    assert rare.mean_idf[0] == rare.max_idf[0] > common.mean_idf[0] > 0
    assert rare.known_share[0] == 1
    assert unknown.known[0] == unknown.known_share[0] == unknown.mean_idf[0] == 0
    assert unknown.terms[0] > 0
    assert empty.terms[0] == empty.coverage.max() == 0


def test_match_finds_exactly_those_that_share_a_term() -> None:
    index = LexicalIndex()
    index.add(as_slots([4, 2, 9]), ["数控编程", "焊接", "CNC 机床"])
    found = index.match("CNC")
    assert found.slots.tolist() == [4, 9]
    assert (found.scores.coverage > 0).all()
    assert index.match("没有").slots.tolist() == []
    assert LexicalIndex().match("数控").slots.tolist() == []


def test_nothing_asked_and_nobody_there() -> None:
    index = LexicalIndex()
    assert index.similarities([], as_slots([1, 2])).coverage.shape == (0, 2)
    assert index.similarities(["数控"], as_slots([])).coverage.shape == (1, 0)
    assert index.similarities(["数控"], np.arange(1000)).coverage.max() == 0
    index.remove(as_slots([7]))
    assert len(index) == 0


def test_a_number_of_repetitions_beyond_all_reason() -> None:
    index = LexicalIndex()
    index.add(as_slots([0, 1]), ["数控 " * 70_000, "数控"])
    assert index.similarities(["数控"], as_slots([0, 1])).coverage[0, 0] == 1
    index.remove(as_slots([0]))
    assert index.similarities(["数控"], as_slots([0, 1])).coverage[0].tolist() == [0, pytest.approx(1)]


def test_a_view_that_is_still_held_does_not_hinder_a_change() -> None:
    postings = Postings()
    for slot in (1, 2):
        postings.add(slot, {"数控": 1})
    posting = postings.of("数控")
    assert posting is not None
    slots, counts = np.frombuffer(posting.slots, np.int32), np.frombuffer(posting.counts, np.uint16)
    postings.add(3, {"数控": 2})
    postings.remove(1)
    assert (slots.tolist(), counts.tolist()) == ([1, 2], [1, 1])
    assert (posting.slots.tolist(), posting.counts.tolist()) == ([2, 3], [1, 2])
