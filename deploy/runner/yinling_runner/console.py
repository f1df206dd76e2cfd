"""What the command writes to the terminal: one stream of log lines, steps, tables."""

import time
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from yinling_runner.problems import Problem

STYLES = {"postgres": "yellow", "talent": "green", "matching": "magenta", "gateway": "cyan", "yinling": "bold blue"}
"""Colour of each program's name in the log."""

_RULES = {
    "availability": "时间",
    "capacity": "名额",
    "physical": "体力条件",
    "mode": "方式",
    "distance": "地点",
    "hours": "每周时数",
    "language": "语言",
    "blocked": "回避",
}


class Terminal:
    """Writes for people; results go to standard output and everything else to standard error."""

    def __init__(self) -> None:
        self.out = Console(highlight=False)
        self.err = Console(stderr=True, highlight=False)
        self._step: tuple[str, float] | None = None

    def log(self, name: str, line: str) -> None:
        """One line of a program's log, with the program's name in its colour."""
        text = Text.assemble((f"{name:<8} ", STYLES.get(name, "bold")), ("| ", "dim"))
        text.append_text(Text.from_ansi(line))
        self.err.print(text, soft_wrap=True)

    def step(self, name: str) -> None:
        """A step has begun; the one before it is done."""
        self.end_step()
        self._step = (name, time.monotonic())

    def end_step(self) -> None:
        """The last step is done."""
        if self._step:
            name, started = self._step
            self.err.print(Text.assemble(("✓ ", "green"), f"{name} ", (f"{time.monotonic() - started:.1f} s", "dim")))
            self._step = None

    def problem(self, problem: Problem) -> None:
        """Something that its reader can do something about."""
        self.err.print(Text.assemble(("错误 Error: ", "bold red"), problem.message), soft_wrap=True)
        if problem.advice:
            self.err.print(Text.assemble(("建议 Try: ", "bold"), problem.advice), soft_wrap=True)

    def table(self, columns: Iterable[str], rows: Iterable[Iterable[str]], title: str = "") -> None:
        """A table on standard output."""
        table = Table(title=title or None, title_justify="left", header_style="bold")
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        self.out.print(table)

    def suggestions(self, title: str, answer: Mapping[str, Any]) -> None:
        """A request with its mentors and why each of them was chosen."""
        passed = f"  {answer['people']} 人中 {answer['eligible']} 人符合硬性条件 pass every hard rule"
        self.out.print(Text(title, style="bold"))
        self.out.print(Text(passed, style="dim"))
        for number, mentor in enumerate(answer["suggestions"], start=1):
            self._mentor(number, mentor)
        if not answer["suggestions"]:
            self.out.print(f"  没有推荐 no suggestions: {answer['verdict']}")
            for exclusion in answer["exclusions"]:
                alone = f"仅因此 by this alone: {exclusion['only_this_rule']}"
                self.out.print(f"  {_rule(exclusion['rule'])}: 排除 keeps out {exclusion['people']} ({alone})")
        self.out.print()

    def _mentor(self, number: int, mentor: Mapping[str, Any]) -> None:
        where = " · ".join(filter(None, (mentor["city"], mentor["former_employer"], mentor["last_position"])))
        score = (f"{100 * mentor['score']:3.0f} % ", "green")
        self.out.print(Text.assemble((f"  {number}. ", "dim"), score, f"{mentor['name']}  ", (where, "dim")))
        for evidence in mentor["evidence"]:
            if evidence["found"]:
                quote = " ".join(evidence["facet_text"].split())
                line = Text.assemble("       ✓ ", evidence["requirement"], (" ← ", "dim"), (f"“{quote}”", "italic"))
            else:
                line = Text(f"       – {evidence['requirement']}（档案未提及 not mentioned）", style="dim")
            line.truncate(max(60, self.out.width), overflow="ellipsis")
            self.out.print(line)
        unknown = [_rule(check["rule"]) for check in mentor["checks"] if check["outcome"] == "not_stated"]
        if unknown:
            self.out.print(Text(f"       ? 需当面确认 to be asked: {'、'.join(unknown)}", style="yellow"))


def _rule(name: str | None) -> str:
    return f"{_RULES.get(name or '', '')} {name}".strip()
