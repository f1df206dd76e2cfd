"""Who is put under whom, and how long that takes. What the threshold means is tested with the sample roster."""

from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from yinling_matching.catalogue.facets import Facet, FacetKind
from yinling_matching.ranking.duplicates import grouped

Profiles = list[list[Facet]]


def turned(vector: NDArray[np.float32], cosine: float, random: np.random.Generator) -> NDArray[np.float32]:
    """A vector of length 1 that has this cosine with another one."""
    other = random.normal(size=len(vector))
    other -= (other @ vector) * vector
    found: NDArray[np.float32] = (cosine * vector + np.sqrt(1 - cosine**2) * other / np.linalg.norm(other)).astype(
        np.float32
    )
    return found


def people(count: int, facets: int, seed: int = 3) -> tuple[Profiles, NDArray[np.float32]]:
    """Different people of one trade: every text is somewhat like those of all others."""
    random = np.random.default_rng(seed)
    trade = random.normal(size=384)
    trade /= np.linalg.norm(trade)
    vectors = np.array([turned(trade, 0.6, random) for _ in range(count * facets)], dtype=np.float32)
    profiles = [[Facet(FacetKind.SKILL, "字" * (5 + 9 * n)) for n in range(facets)] for _ in range(count)]
    return profiles, vectors


def test_different_people_stay_as_they_are() -> None:
    profiles, vectors = people(30, 12)
    assert grouped(profiles, vectors, 99) == [[n] for n in range(30)]
    assert grouped(profiles, vectors, 10) == [[n] for n in range(10)]
    assert grouped([], vectors[:0], 10) == []


def test_who_says_nearly_the_same_comes_under_the_first() -> None:
    profiles, vectors = people(6, 5)
    random = np.random.default_rng(4)
    for copy, original in ((2, 0), (4, 0), (5, 3)):
        for n in range(5):
            vectors[copy * 5 + n] = turned(vectors[original * 5 + (n + 2) % 5], 0.97, random)
        profiles[copy] = [profiles[original][(n + 2) % 5] for n in range(5)]
    assert grouped(profiles, vectors, 99) == [[0, 2, 4], [1], [3, 5]]
    # Those behind the limit still come under who is within it.
    assert grouped(profiles, vectors, 1) == [[0, 2, 4]]


def test_it_must_hold_both_ways() -> None:
    """All that the one says the other says too, and much more: they are not the same."""
    profiles, vectors = people(1, 8)
    assert grouped([profiles[0], profiles[0][:4]], np.concatenate([vectors, vectors[:4]]), 9) == [[0], [1]]


def test_a_list_of_skills_that_a_trade_shares_makes_nobody_the_same() -> None:
    profiles, vectors = people(2, 7)
    vectors[7:13] = vectors[:6]
    for profile in profiles:
        profile[:6] = [Facet(FacetKind.SKILL, "焊接工艺")] * 6
        profile[6] = Facet(FacetKind.EXPERIENCE, "经历" * 80)
    assert grouped(profiles, vectors, 9) == [[0], [1]]


def test_who_says_next_to_nothing_is_never_grouped() -> None:
    profiles, vectors = people(4, 2)
    vectors[2:] = np.tile(vectors[:2], (3, 1))
    assert grouped(profiles, vectors, 9) == [[0], [1], [2], [3]]
    assert grouped([[], *profiles, []], vectors, 9) == [[n] for n in range(6)]


def test_it_takes_no_time() -> None:
    for count, limit, seconds in ((30, 10, 0.001), (300, 100, 0.02)):
        profiles, vectors = people(count, 12)
        vectors[12:24] = vectors[:12]
        took = []
        for _ in range(20):
            started = perf_counter()
            assert grouped(profiles, vectors, limit)[0] == [0, 1]
            took.append(perf_counter() - started)
        assert min(took) < seconds  # others may keep the processor busy; they cannot make it quicker
