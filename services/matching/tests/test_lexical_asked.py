"""One person's words against very many queries: the sums are those of the index."""

import numpy as np
import pytest

from yinling_matching.lexical import LexicalIndex, Query, ask, prepare
from yinling_matching.lexical.asked import Asked

FACETS = [
    "矿井通风 矿井通风系统设计",
    "瓦斯治理，GB/T 3836.1 防爆",
    "ПЛК 编程 S7-1500",
    "焊接工艺评定，氩弧焊",
    "通风机检修",
    "mine ventilation",
    "",
]
QUERIES = ["矿井通风", "GB/T3836.1", "S7-1500 编程", "ventilation of mines", "工", "通", "没有人会", "、"]


def index_of(texts: list[str], first: int = 0) -> LexicalIndex:
    index = LexicalIndex()
    index.add(np.arange(first, first + len(texts)), prepare(texts))
    return index


def check(index: LexicalIndex, asked: Asked, queries: list[Query], slots: list[int]) -> None:
    few = index.few(np.array(slots), np.zeros(1, np.int64))
    best, together = few.people([index.weighted(query) for query in queries])
    assert asked.answers(asked.weighed(index), few) == pytest.approx((best + together)[:, 0], abs=1e-6)


@pytest.mark.parametrize("slots", [[0], [1, 2], [0, 1, 2, 3, 4, 5, 6], [6]])
def test_the_sums_are_those_of_the_index(slots: list[int]) -> None:
    queries = [ask(text) for text in QUERIES]
    check(index_of(FACETS), Asked(queries), queries, slots)


def test_a_character_that_stands_everywhere_tells_nothing() -> None:
    queries = [ask(text) for text in QUERIES]
    index = index_of([*FACETS, *(f"第{number}次做工" for number in range(60))])
    seldom = index_of([*FACETS, *(f"第{number}次" for number in range(60))])
    assert asked_weight(index, "工") == 0 < asked_weight(seldom, "工")
    check(index, Asked(queries), queries, [0, 3, 40])


def test_every_change_of_the_index_counts() -> None:
    queries = [ask(text) for text in QUERIES]
    index, asked = index_of(FACETS), Asked(queries)
    check(index, asked, queries, [0, 1, 2])
    assert asked.weighed(index) is asked.weighed(index)
    index.add(np.array([9]), prepare(["矿井通风与瓦斯治理"]))
    check(index, asked, queries, [0, 1, 9])
    index.remove(np.array([1, 3]))
    check(index, asked, queries, [0, 2])
    check(index_of(FACETS), asked, queries, [0, 2])


def test_nothing_is_asked() -> None:
    index, asked = index_of(FACETS), Asked([])
    assert asked.answers(asked.weighed(index), index.few(np.array([0]), np.zeros(1, np.int64))).shape == (0,)


def asked_weight(index: LexicalIndex, text: str) -> float:
    # Beside a longer text, as a character that is asked for by itself counts as a word.
    return float(Asked([ask(f"{text}艺")]).weighed(index).weights.min())
