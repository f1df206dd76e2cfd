"""What the benchmark is fed with, and how it keeps its table."""

import os
from pathlib import Path

from bench.smoke import machine, people
from bench.smoke.report import BEGIN, END, Report, spread
from yinling_talent.roster import Issue, RosterRow, Severity, read_roster


def test_the_same_seed_gives_the_same_people() -> None:
    assert list(people.rows(50)) == list(people.rows(50))
    assert list(people.rows(50)) != list(people.rows(50, seed=2))
    assert people.requests(5, seed=3) == people.requests(5, seed=3)


def test_the_texts_are_varied() -> None:
    rows = list(people.rows(2000))
    column = people.HEADERS.index
    assert len({row[column("工作经历")] for row in rows}) == 2000
    assert len({skill for row in rows for skill in row[column("专长")].split("、")}) > 2000
    titles = {point["text"] for request in people.requests(200, seed=1) for point in request["requirements"]}
    assert len(titles) > 580


def test_every_row_can_be_imported(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    people.write_roster(path, 300)
    found = list(read_roster(path, path.name, people.ORGANISATION))
    assert [issue for issue in found if isinstance(issue, Issue) and issue.severity is Severity.ERROR] == []
    rows = [row for row in found if isinstance(row, RosterRow)]
    assert len(rows) == 300
    assert all(row.profile.consent.granted and row.profile.skills and row.profile.experience for row in rows)


def test_a_table_replaces_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "docs" / "benchmarks.md"
    path.parent.mkdir()
    path.write_text("# Benchmarks\n\nAbout quality.\n", encoding="utf-8")
    for figure in ("first", "second"):
        report = Report("a machine")
        report.add("Speed", figure)
        report.write(path)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# Benchmarks\n\nAbout quality.\n")
    assert text.count(BEGIN) == text.count(END) == text.count("## Speed") == 1
    assert "second" in text
    assert "first" not in text


def test_percentiles() -> None:
    assert spread([n / 1000 for n in range(1, 101)]) == "p50 50 ms, p95 95 ms, longest 100 ms (100 calls)"


def test_the_machine_and_memory_can_be_told() -> None:
    assert "cores" in machine.describe()
    assert machine.memory(os.getpid()) > 5
