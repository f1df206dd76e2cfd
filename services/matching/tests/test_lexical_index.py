"""The lexical index against one built anew, against itself by its other way, and against bm25s."""

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
from yinling_matching.lexical import LexicalIndex, Query, TermClass, ask, prepare
from yinling_matching.lexical.index import K1, B
from yinling_matching.lexical.postings import MOST, Postings

WORDS = [
    *("高级工程师", "数控", "CNC", "焊接", "S7-1500", "GB/T19001", "反风演习", "高炉悬料", "PLC编程", "质检", "的"),
    *("welding", "engineers", "质量管理", "质量检验"),
]
QUERIES = [
    ask(text)
    for text in (
        "数控焊接",
        "S7 1500 编程",
        "ISO 9001 质量管理体系",
        "welding engineer",
        "没有人会的东西",
        "",
        "高炉 高炉 高炉",
    )
]
SLOTS = 40
texts = st.lists(st.sampled_from(WORDS), max_size=6).map("，".join)
slot_lists = st.lists(st.integers(0, 30), max_size=8, unique=True)


def as_slots(values: Sequence[int]) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def by_person(owner: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of the people, their slots and where each person's begin."""
    order = np.argsort(owner, kind="stable")
    order = order[owner[order] >= 0]
    people, starts = np.unique(owner[order], return_index=True)
    return people.astype(np.int64), order, starts


def answers(index: LexicalIndex, owner: np.ndarray, *, few: bool) -> np.ndarray:
    """Best and together of everybody for all queries."""
    people, slots, starts = by_person(owner)
    asked = [index.weighted(query) for query in QUERIES]
    if not len(people):
        return np.zeros((2, len(asked), 0))
    found = index.few(slots, starts).people(asked) if few else index.many(owner).people(asked, people)
    return np.stack(found)


class FollowsEveryChange(RuleBasedStateMachine):
    """After whatever changes, it is as one that is made of what is there now, whatever it worked out before."""

    def __init__(self) -> None:
        super().__init__()
        self.index = LexicalIndex()
        self.held: dict[int, str] = {}
        self.owner = np.full(SLOTS, -1, np.int32)

    @rule(slots=slot_lists, data=st.data())
    def add_or_overwrite(self, slots: list[int], data: st.DataObject) -> None:
        new = data.draw(st.lists(texts, min_size=len(slots), max_size=len(slots)))
        self.owner[slots] = data.draw(st.lists(st.integers(0, 9), min_size=len(slots), max_size=len(slots)))
        self.index.add(as_slots(slots), prepare(new))
        self.held |= dict(zip(slots, new, strict=True))

    @rule(slots=slot_lists)
    def remove(self, slots: list[int]) -> None:
        self.index.remove(as_slots(slots))
        self.owner[slots] = -1
        for slot in slots:
            self.held.pop(slot, None)

    @invariant()
    def as_new(self) -> None:
        new = LexicalIndex()
        new.add(as_slots(list(self.held)), prepare(self.held.values()))
        assert len(self.index) == len(new) == len(self.held)
        expected = answers(new, self.owner, few=True)
        for few in (True, False):
            np.testing.assert_allclose(answers(self.index, self.owner, few=few), expected, rtol=1e-5, atol=1e-6)


TestFollowsEveryChange = FollowsEveryChange.TestCase
TestFollowsEveryChange.settings = settings(max_examples=25, stateful_step_count=12, deadline=None)


@pytest.fixture(scope="module")
def facets() -> list[str]:
    people = list(rows(250))
    return [
        text for row in people for text in (row[7], *row[11].split("、"), row[12], row[13], row[14]) if text
    ] + WORDS


@pytest.mark.parametrize("seed", range(3))
def test_the_same_as_bm25s(facets: list[str], seed: int) -> None:
    """After many adds and removals in no order, where everybody has one facet and every term its full weight."""
    chance = random.Random(seed)
    index, held = LexicalIndex(), {}
    for _ in range(60):
        slots = chance.sample(range(900), 40)
        if chance.random() < 0.4:
            index.remove(as_slots(slots))
            for slot in slots:
                held.pop(slot, None)
        else:
            new = chance.choices(facets, k=len(slots))
            index.add(as_slots(slots), prepare(new))
            held |= dict(zip(slots, new, strict=True))
    slots = as_slots(list(held))
    peer = bm25s.BM25(method="lucene", k1=K1, b=B)
    peer.index([list(Counter(one.counts).elements()) for one in prepare(held.values())], show_progress=False)
    for text in chance.sample(facets, 20):
        keys = [key for key in ask(text).weights if key in peer.vocab_dict]
        if not keys:
            continue
        expected = peer.get_scores(keys)
        query = index.weighted(Query(dict.fromkeys(keys, 1.0), dict.fromkeys(keys, TermClass.WORD)))
        few = index.few(slots, np.arange(len(slots)))
        of_many = index.many(np.arange(900, dtype=np.int32)).people([query], slots)
        for found in (few.facets([query]), *few.people([query]), *of_many):
            np.testing.assert_allclose(found[0] * query.measure, expected, atol=1e-4)


def found(query: str, *texts: str) -> list[float]:
    """How the facets answer."""
    index = LexicalIndex()
    index.add(np.arange(len(texts)), prepare(texts))
    one = index.few(np.arange(len(texts)), np.arange(len(texts)))
    return one.facets([index.weighted(ask(query))])[0].tolist()


def test_who_has_more_of_it_in_fewer_words_comes_first() -> None:
    whole, longer, part, other, empty = found(
        "S7-1500 编程", "S7-1500 编程", "编程 S7-1500 三十年，在攀钢", "编程", "焊接", ""
    )
    assert whole > longer > part > other == empty == 0


def test_best_is_of_one_facet_and_together_of_all() -> None:
    index = LexicalIndex()
    index.add(np.arange(4), prepare(["数控", "焊接", "数控 焊接", "财务"]))
    slots, starts = np.arange(4), as_slots([0, 2, 3])
    best, together = index.few(slots, starts).people([index.weighted(ask("数控焊接"))])
    assert 0 < best[0, 0] < best[0, 1]
    assert together[0, 0] >= together[0, 1] > 0
    assert best[0, 2] == together[0, 2] == 0


def test_a_query_is_weighed_anew_after_a_change() -> None:
    index, query = LexicalIndex(), ask("数控")
    index.add(np.arange(3), prepare(["数控", "焊接", "财务"]))
    before = index.weighted(query)
    assert index.weighted(query) is before
    index.add(as_slots([3]), prepare(["数控 数控"]))
    assert index.weighted(query).weights["数控"] < before.weights["数控"]


def test_a_character_that_stands_everywhere_says_nothing() -> None:
    index = LexicalIndex()
    index.add(np.arange(20), prepare(["钢"] * 20))
    index.add(np.arange(20, 40), prepare(["钒"] + ["煤"] * 19))
    weights = index.weighted(ask("炼钢炼钒")).weights
    assert "钒" in weights
    assert "钢" not in weights


def test_nothing_asked_and_nobody_there() -> None:
    index = LexicalIndex()
    nowhere = np.full(1000, -1, np.int32)
    asked = [index.weighted(ask("数控")), index.weighted(ask(""))]
    assert index.few(as_slots([3, 999]), as_slots([0, 1])).facets([]).shape == (0, 2)
    assert index.few(as_slots([3, 999]), as_slots([0, 1])).facets(asked).tolist() == [[0, 0], [0, 0]]
    best, together = index.many(nowhere).people(asked, as_slots([5]))
    assert best.tolist() == together.tolist() == [[0], [0]]
    index.remove(as_slots([7]))
    assert len(index) == 0


def test_a_number_of_repetitions_beyond_all_reason() -> None:
    index = LexicalIndex()
    owner = np.arange(2, dtype=np.int32)
    index.add(as_slots([0, 1]), prepare(["数控 " * (MOST + 5000), "数控"]))
    for few in (True, False):
        best = answers(index, owner, few=few)[0, 0]
        assert np.isfinite(best).all()
        assert best[0] > best[1] > 0
    index.remove(as_slots([0]))
    assert answers(index, owner, few=True)[0, 0, 0] == 0


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


def test_terms_are_in_memory_once() -> None:
    postings = Postings()
    for slot in range(2):
        postings.add(slot, {"".join(["数", "控"]): 1})
    assert postings.terms_at(0)[0] is postings.terms_at(1)[0]
