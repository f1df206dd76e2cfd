"""What the quality benchmark makes of figures: verdicts, the table in the docs, and the fitted scale."""

from pathlib import Path

import numpy as np

from bench.quality import table
from bench.quality.calibrate import logistic

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


def test_the_scale_is_found_again() -> None:
    random = np.random.default_rng(1)
    values = random.normal(0.3, 0.2, 40_000)
    fits = random.random(len(values)) < 1 / (1 + np.exp(-12 * (values - 0.3)))
    slope, middle = logistic([(values[fits], values[~fits])])
    assert abs(slope - 12) < 0.5
    assert abs(middle - 0.3) < 0.01
