"""What the quality benchmark makes of figures: verdicts, the tables in the docs, and the fitted scale."""

from pathlib import Path

import numpy as np
import pytest

from bench.quality import table
from bench.quality.scales import isotonic, platt

GOOD = {"expertise_en": {"loss": 0.277, "easy": 0.82, "hard": 0.61}, "abstracts": {"P@10": 0.3}}


def test_a_set_may_be_behind_by_the_tolerance() -> None:
    assert table.below(GOOD) == []
    assert table.below(GOOD | {"expertise_en": {"loss": 0.2781, "easy": 0.9, "hard": 0.9}}) == ["expertise_en"]
    assert table.below(GOOD | {"abstracts": {"P@10": 0.22}}) == ["abstracts"]


def test_every_figure_stands_beside_the_dense_one() -> None:
    text = table.markdown(GOOD, "model-1")
    assert "`model-1`" in text
    assert "| expertise_en | loss ↓ | 0.277 | 0.267 | +0.010 |" in text
    assert "| abstracts | P@10 | 0.300 | 0.231 | +0.069 |" in text


def test_the_table_is_replaced_and_the_rest_stays(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text("# Benchmarks\n\n## Speed\n\nfast\n", "utf-8")
    table.write(page, "first\n")
    page.write_text(page.read_text("utf-8") + "\n## After\n", "utf-8")
    table.write(page, "second\n")
    text = page.read_text("utf-8")
    assert "first" not in text
    assert text.count(table.BEGIN) == text.count("second") == 1
    assert "fast" in text
    assert text.endswith("## After\n")


def test_a_scorer_is_read(tmp_path: Path) -> None:
    scorer = tmp_path / "scorer.py"
    scorer.write_text("import sys; print(sys.argv[1], 'MAP 0.4411 P@5 0.5922 queries 51')", "utf-8")
    assert table.score(scorer, "titles_zh", tmp_path) == {"MAP": 0.4411, "P@5": 0.5922, "queries": 51}


def test_tables_with_markers_of_their_own_do_not_disturb_each_other(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    table.write(page, "quality\n")
    table.write(page, "errors\n", "<!-- a -->", "<!-- b -->")
    table.write(page, "other errors\n", "<!-- a -->", "<!-- b -->")
    text = page.read_text("utf-8")
    assert "quality\n" in text
    assert text.endswith("<!-- a -->\nother errors\n<!-- b -->\n")


def test_the_scale_is_found_again() -> None:
    random = np.random.default_rng(1)
    values = random.normal(0.3, 0.2, 40_000)
    fits = random.random(len(values)) < 1 / (1 + np.exp(-12 * (values - 0.3)))
    found = platt(values, fits.astype(float), np.ones(len(values)))
    assert abs(found.slope - 12) < 0.5
    assert abs(found.middle - 0.3) < 0.01
    assert found(np.array([found.middle])).tolist() == [0.5]


def test_a_pair_that_weighs_twice_counts_as_two() -> None:
    fits, good = np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.0, 1.0, 0.0, 1.0])
    twice = platt(fits, good, np.array([1.0, 2.0, 1.0, 1.0]))
    written_out = platt(np.append(fits, 0.2), np.append(good, 1.0), np.ones(5))
    assert twice.slope == pytest.approx(written_out.slope)
    assert twice.middle == pytest.approx(written_out.middle)


def test_an_isotonic_map_puts_together_what_falls() -> None:
    found = isotonic(np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.0, 1.0, 0.0, 1.0]), np.ones(4))
    np.testing.assert_allclose(found(np.array([0.0, 0.1, 0.25, 0.4, 0.9])), [0, 0, 0.5, 1, 1])
