"""What the command writes to the terminal: one stream of log lines, steps, tables."""

import time
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from yinling_runner import suggestions
from yinling_runner.problems import Problem

STYLES = {"postgres": "yellow", "talent": "green", "matching": "magenta", "gateway": "cyan", "yinling": "bold blue"}
"""Colour of each program's name in the log."""


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
        for line in suggestions.lines(title, answer, self.out.width):
            self.out.print(line, soft_wrap=True)
        self.out.print()
