"""The method that ranks, against a plain one that takes people one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinling_matching.ranking.weights import Effective
from yinling_matching.scoring import (
    GOOD,
    POSSIBLE,
    STRONG,
    Compared,
    Label,
    PointKind,
    SharedWords,
    answers_of,
    best_facets,
    calibrated,
    fits_of,
    label_of,
    points_of,
)
from yinling_matching.scoring.answers import BEST_FACETS, COMMON, WHOLE, WORDS

DEFAULT = Effective()
ABOUT, MUST, NICE = PointKind.ABOUT, PointKind.MUST, PointKind.NICE


def similarity(*rows: list[float]) -> np.ndarray:
    return np.array(rows, dtype=np.float32)


def starts(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def answers(
    kinds: list[PointKind],
    cosines: np.ndarray,
    begins: np.ndarray,
    *,
    whole: np.ndarray | None = None,
    words: SharedWords | None = None,
    weights: Effective = DEFAULT,
) -> np.ndarray:
    nothing = np.zeros((len(kinds), len(begins)), np.float32)
    return answers_of(kinds, Compared(cosines, begins, nothing if whole is None else whole, words), weights)


def fit(kinds: list[PointKind], cosines: np.ndarray, begins: np.ndarray) -> np.ndarray:
    return fits_of(kinds, answers(kinds, cosines, begins), DEFAULT)


def test_points_are_what_it_is_about_and_each_requirement() -> None:
    points = points_of(" 高炉长寿 ", "炉缸监测", [("懂喷煤", MUST), ("会英语", NICE)])
    assert [(p.kind, p.text) for p in points] == [(ABOUT, "高炉长寿\n炉缸监测"), (MUST, "懂喷煤"), (NICE, "会英语")]
    assert points_of("", " ", []) == []


def test_the_best_facet_answers_a_requirement() -> None:
    scores = fit([MUST], similarity([0.1, 0.8, 0.3, 0.4]), starts(0, 2))
    np.testing.assert_allclose(scores, [0.8, 0.4])


def test_needed_weighs_more_than_welcome() -> None:
    has_needed, has_welcome = fit([MUST, NICE], similarity([0.8, 0.1], [0.1, 0.8]), starts(0, 1))
    assert has_needed > has_welcome


def test_three_good_facets_are_better_than_one_for_what_it_is_about() -> None:
    one, three = fit([ABOUT], similarity([0.7, 0.3, 0.3, 0.6, 0.6, 0.6]), starts(0, 3))
    assert three > one


def test_a_short_profile_is_neither_punished_nor_preferred() -> None:
    weak, short, strong = fit([ABOUT], similarity([0.7, 0.2, 0.2, 0.7, 0.7, 0.65, 0.65]), starts(0, 3, 4))
    assert weak < short < strong


def test_equal_facets_count_one_by_one() -> None:
    assert answers([ABOUT], similarity([0.5, 0.5, 0.5]), starts(0))[0] == pytest.approx(0.5 * (1 - WHOLE))


def test_the_profile_as_a_whole_counts_for_what_it_is_about_alone() -> None:
    cosines, whole = similarity([0.5, 0.5], [0.5, 0.5]), similarity([0.2, 0.6], [0.9, 0.9])
    found = answers([ABOUT, MUST], cosines, starts(0, 1), whole=whole)
    assert found[0, 1] - found[0, 0] == pytest.approx(WHOLE * 0.4)
    assert found[1].tolist() == [0.5, 0.5]


def test_shared_words_lift_an_answer_by_their_weight() -> None:
    cosines = similarity([0.5, 0.5])
    words = SharedWords(best=similarity([0.0, 0.4]), together=similarity([0.0, 0.6]))
    for weight in (0.0, 1.0, 3.0):
        found = answers([MUST], cosines, starts(0, 1), words=words, weights=Effective(words=weight))
        np.testing.assert_allclose(found, [[0.5, 0.5 + WORDS * weight * 1.0]], rtol=1e-6)


def test_weights_are_shares_of_the_whole() -> None:
    found = similarity([0.9, 0.1], [0.1, 0.9], [0.4, 0.4])
    fits = fits_of([ABOUT, MUST, NICE], found, Effective(about=3.0, must=1.0, nice=0.0))
    np.testing.assert_allclose(fits, [(3 * 0.9 + 0.1) / 4, (3 * 0.1 + 0.9) / 4], rtol=1e-6)
    alone = fits_of([NICE, NICE], found[:2], Effective(nice=0.0))
    np.testing.assert_allclose(alone, [0.5, 0.5], rtol=1e-6)


def test_the_best_facet_of_each_person_is_named() -> None:
    found = best_facets(similarity([0.1, 0.9, 0.3, -0.4], [0.9, 0.2, 0.1, 0.2]), starts(0, 2), starts(1, 0))
    assert found.tolist() == [[2, 3], [1, 0]]


def test_labels_go_by_the_score() -> None:
    assert [label_of(score) for score in (1.0, STRONG, GOOD, POSSIBLE, 0.0)] == [
        Label.STRONG,
        Label.STRONG,
        Label.GOOD,
        Label.POSSIBLE,
        Label.WEAK,
    ]
    assert label_of(np.nextafter(GOOD, 0)) is Label.POSSIBLE


def test_scores_lie_between_0_and_1_and_keep_the_order() -> None:
    scores = calibrated(np.linspace(-1, 2, 501, dtype=np.float32))  # shared words lift fits above 1
    assert (np.diff(scores) >= 0).all()
    assert 0 <= scores[0] < 0.01
    assert 0.99 < scores[-1] <= 1


@given(data=st.data())
def test_agrees_with_the_plain_method(data: st.DataObject) -> None:
    kinds = data.draw(st.lists(st.sampled_from(PointKind), min_size=1, max_size=4))
    counts = data.draw(st.lists(st.integers(1, 6), min_size=1, max_size=8))
    cosines = st.floats(-1, 1, width=32).map(lambda value: round(value, 1))
    facets = sum(counts)
    rows = data.draw(
        st.lists(st.lists(cosines, min_size=facets, max_size=facets), min_size=len(kinds), max_size=len(kinds))
    )
    first = np.cumsum([0, *counts[:-1]])
    expected = [_plain(kinds, [row[f : f + n] for row in rows]) for f, n in zip(first, counts, strict=True)]
    np.testing.assert_allclose(fit(kinds, similarity(*rows), first), expected, atol=1e-5)


def _plain(kinds: list[PointKind], rows: list[list[float]]) -> float:
    weights = {ABOUT: DEFAULT.about, MUST: DEFAULT.must, NICE: DEFAULT.nice}
    total = 0.0
    for kind, row in zip(kinds, rows, strict=True):
        best = sorted(row, reverse=True)
        if kind is ABOUT:
            untold = min(best[0], (best[0] + COMMON) / 2)
            best = (best + [untold] * BEST_FACETS)[:BEST_FACETS]
            total += weights[kind] * (1 - WHOLE) * sum(best) / BEST_FACETS
        else:
            total += weights[kind] * best[0]
    return total / sum(weights[kind] for kind in kinds)
