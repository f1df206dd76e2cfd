"""Measures of the quality benchmark, by cases that can be worked out by hand."""

from xml.etree import ElementTree

import numpy as np
import pytest

from bench.quality import judged, judged_table
from bench.quality.calibrate import half_of
from bench.quality.diagram import reliability_svg
from bench.quality.metrics import Bin, bins, calibration_error, mean_of, ndcg, precision, quadratic_kappa
from bench.quality.sample.pool import HERE


def array(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)


def test_ndcg_by_hand() -> None:
    grades = array(3, 0, 1)
    assert ndcg(array(0.9, 0.1, 0.5), grades) == pytest.approx(1.0)
    got = 1 + 7 / np.log2(3)  # the grade 1 first, the grade 3 second
    assert ndcg(array(0.5, 0.1, 0.9), grades) == pytest.approx(got / (7 + 1 / np.log2(3)))
    assert ndcg(array(0.1, 0.8, 0.9), grades, depth=2) == pytest.approx(1 / (7 + 1 / np.log2(3)))


def test_ndcg_takes_the_mean_of_two_readings() -> None:
    gains = 2**2.5 - 1, 2**1.0 - 1
    assert ndcg(array(1, 2), array(2.5, 1)) == pytest.approx(
        (gains[1] + gains[0] / np.log2(3)) / (gains[0] + gains[1] / np.log2(3))
    )


def test_without_anybody_suitable_there_is_no_ndcg_and_the_mean_passes_it_over() -> None:
    assert np.isnan(ndcg(array(1, 2), array(0, 0)))
    assert mean_of(array(float("nan"), 0.4, 0.6)).value == pytest.approx(0.5)


def test_ties_count_against_a_ranking() -> None:
    assert ndcg(array(1, 1), array(3, 0), depth=1) == 0
    assert precision(array(1, 1, 0), array(1, 0, 0), depth=1) == 0


def test_precision_counts_places_that_nobody_takes() -> None:
    assert precision(array(0.9, 0.8, 0.7), array(1, 0, 1)) == pytest.approx(2 / 5)


def test_an_interval_holds_the_mean_and_narrows_with_more_requests() -> None:
    few, many = mean_of(array(0, 1).repeat(5)), mean_of(array(0, 1).repeat(500))
    assert few.low < few.value == 0.5 < few.high
    assert many.high - many.low < few.high - few.low
    assert many.high - many.low == pytest.approx(2 * 1.96 * 0.5 / np.sqrt(1000), rel=0.1)
    assert mean_of(array(0.7, 0.7)).low == pytest.approx(0.7)
    assert str(mean_of(array(0.5))) == "0.500 (0.500 to 0.500)"


def test_kappa_by_hand() -> None:
    assert quadratic_kappa(array(0, 1, 2, 3), array(0, 1, 2, 3), 3) == 1
    assert quadratic_kappa(array(0, 0, 1, 1), array(0, 1, 0, 1), 1) == pytest.approx(0)
    assert quadratic_kappa(array(0, 1), array(1, 0), 1) == pytest.approx(-1)
    # Three of four agree: 1/4 seen apart, and by chance 3/4 * 1/2 + 1/4 * 1/2 = 1/2.
    assert quadratic_kappa(array(0, 0, 0, 1), array(0, 0, 1, 1), 1) == pytest.approx(0.5)
    near, far = (quadratic_kappa(array(0, 3, 0, 3), array(0, 3, other, 3), 3) for other in (1, 3))
    assert far < near < 1


def test_calibration_error_by_hand() -> None:
    scores, good = array(0.15, 0.15, 0.85, 0.85), array(0, 0, 1, 0)
    error = (0.15 + 0.35) / 2
    assert calibration_error(scores, good, np.ones(4), equal_mass=False) == pytest.approx(error)
    assert calibration_error(scores, good, np.ones(4), equal_mass=True) == pytest.approx(error)
    assert calibration_error(scores, good, array(1, 1, 3, 3), equal_mass=False) == pytest.approx(
        (0.15 * 2 + 0.35 * 6) / 8
    )


def test_bins_hold_equal_mass_or_are_equally_wide() -> None:
    scores, good = np.linspace(0, 0.199, 100), np.zeros(100)
    assert [one.share for one in bins(scores, good, np.ones(100), equal_mass=True)] == pytest.approx([0.1] * 10)
    assert len(bins(scores, good, np.ones(100), equal_mass=False)) == 2
    assert bins(array(1.0), array(1.0), array(1.0), equal_mass=False) == [Bin(1.0, 1.0, 1.0)]
    alike = bins(np.full(50, 0.5), np.repeat([0.0, 1.0], 25), np.ones(50), equal_mass=True)
    assert alike == [Bin(1.0, 0.5, 0.5)]


def test_scores_that_are_true_have_no_error() -> None:
    random = np.random.default_rng(2)
    scores = random.random(50_000)
    good = (random.random(len(scores)) < scores).astype(float)
    assert calibration_error(scores, good, np.ones(len(scores)), equal_mass=True) < 0.01
    assert calibration_error(scores**3, good, np.ones(len(scores)), equal_mass=True) > 0.15


def test_halves_are_always_the_same_and_alike() -> None:
    halves = [half_of("set", str(query)) for query in range(1000)]
    assert halves == [half_of("set", str(query)) for query in range(1000)]
    assert 450 < sum(halves) < 550


def test_the_diagram_is_an_image_with_a_point_for_each_bin() -> None:
    picture = ElementTree.fromstring(reliability_svg({"one": [Bin(0.5, 0.2, 0.3), Bin(0.5, 0.8, 0.9)], "two": []}))  # noqa: S314  # our own
    assert len(picture.findall(".//{*}circle")) == 2


def test_the_readings_grade_the_pool_and_agree() -> None:
    grades = judged.grades()
    pool = [tuple(line.split("\t")) for line in (HERE / "pool.tsv").read_text("utf-8").splitlines()]
    assert list(grades) == pool
    assert {grade for both in grades.values() for grade in both} == {0, 1, 2, 3}
    said = judged_table.agreement(grades)
    assert "926 pairs" in said
    assert "kappa 0.98" in said


def test_people_are_put_to_the_judged_requests_without_what_readers_did_not_go_by() -> None:
    one = judged.judged_set()
    assert len(one.queries) == 30
    assert all(query.requirements for query in one.queries)
    for profile in one.corpus.profiles:
        assert profile.name == profile.employee_number
        assert profile.consent.granted
        assert not any([profile.wishes, profile.birth_year, profile.HasField("capacity"), list(profile.limits)])
    names = [profile.name for profile in one.corpus.profiles]
    assert {name for _, name in judged.grades()} <= set(names)
    ideal = judged.by_request(judged.grades(), [query.id for query in one.queries], names)
    said = judged_table.measures(one, {"ideal": ideal})
    assert "| ideal | 1.000 (1.000 to 1.000) |" in said
