"""Scores the runs with the scorer that lies beside the data, and sets them against a plain dense ranking."""

import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

BEGIN, END = "<!-- quality: begin -->", "<!-- quality: end -->"
_INTRODUCTION = "# Benchmarks\n"
_SECTION = """
## Quality on labelled sets

Written by `make quality ARGS='--write docs/benchmarks.md'`; the table below is replaced each time. The sets are loaded
through the gRPC API as profiles and every query is a `SuggestMentors` call that ranks the whole set; see
`bench/quality/sets.py` for what becomes of what. "dense" is the same model with one vector a text and plain cosine.

"""
TOLERANCE = 0.01
"""How far a figure may be below the dense one."""


@dataclass(frozen=True)
class Measure:
    """A figure that a set is judged by, and what plain dense ranking reaches."""

    name: str
    dense: float
    lower_is_better: bool = False

    def holds(self, value: float) -> bool:
        """Whether it is no worse than dense by more than the tolerance."""
        worse = value - self.dense if self.lower_is_better else self.dense - value
        return round(worse, 6) <= TOLERANCE


MEASURES: Mapping[str, tuple[Measure, ...]] = {
    "expertise_en": (Measure("loss", 0.267, lower_is_better=True), Measure("easy", 0.824), Measure("hard", 0.612)),
    "titles_zh": (Measure("MAP", 0.440), Measure("P@5", 0.592)),
    "titles_en": (Measure("MAP", 0.480), Measure("P@5", 0.612)),
    "titles_zh_en": (Measure("MAP", 0.395),),
    "titles_en_zh": (Measure("MAP", 0.386),),
    "occupations": (Measure("acc@1", 0.372), Measure("MRR", 0.498)),
    "abstracts": (Measure("P@10", 0.231),),
}


def score(scorer: Path, name: str, run: Path) -> dict[str, float]:
    """What the scorer says of a run, by measure."""
    command = [sys.executable, str(scorer), name, str(run)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {key: float(value) for key, value in re.findall(r"(\S+) (-?[\d.]+(?:e-?\d+)?)", said.partition(" ")[2])}


def markdown(scores: Mapping[str, Mapping[str, float]], model: str) -> str:
    """The table."""
    lines = [f"Model: `{model}`.", "", "| set | measure | Yinling | dense | |", "| --- | --- | --- | --- | --- |"]
    for name, found in scores.items():
        for measure in MEASURES[name]:
            value = found[measure.name]
            arrow = " ↓" if measure.lower_is_better else ""
            verdict = f"{value - measure.dense:+.3f}" + ("" if measure.holds(value) else " **below**")
            lines.append(f"| {name} | {measure.name}{arrow} | {value:.3f} | {measure.dense:.3f} | {verdict} |")
    return "\n".join(lines) + "\n"


def below(scores: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Sets whose leading measure falls behind dense."""
    return [name for name, found in scores.items() if not MEASURES[name][0].holds(found[MEASURES[name][0].name])]


def write(path: Path, table: str, begin: str = BEGIN, end: str = END) -> None:
    """Put a table between its markers; a section is added where the file has none."""
    text = path.read_text(encoding="utf-8") if path.exists() else _INTRODUCTION
    if begin not in text:
        text = f"{text.rstrip()}\n{_SECTION if begin == BEGIN else ''}\n{begin}\n{end}\n"
    before, _, rest = text.partition(begin)
    after = rest.partition(end)[2]
    path.write_text(f"{before}{begin}\n{table}{end}{after}", encoding="utf-8")
