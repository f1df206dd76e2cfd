"""The figures as a table, printed and kept in docs/benchmarks.md."""

from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

RESULTS = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- home: begin -->", "<!-- home: end -->"
_SECTION = """
## The requests that suit a person

Written by `make bench-home ARGS=--write`; the table below is replaced each time.

"""


@dataclass
class Times:
    """Milliseconds of calls: CPU time of the process, which other work changes least, and on the clock."""

    own: list[float] = field(default_factory=list)
    clock: list[float] = field(default_factory=list)

    def add(self, took: tuple[float, float]) -> None:
        """One call."""
        self.own.append(took[0])
        self.clock.append(took[1])

    def cells(self) -> str:
        """Its cells of the table."""
        late = sorted(self.clock)[int(0.95 * (len(self.clock) - 1))]
        return f"{median(self.own):.1f} | {median(self.clock):.1f} | {late:.1f}"


@dataclass
class Report:
    """Rows of what was measured."""

    machine: str
    people: int
    requests: int
    suggestions: int = 0
    rows: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def first(self, took: tuple[float, float]) -> None:
        """The call that finds nothing ready."""
        self.notes.append(
            f"The first call of all, which embeds what the requests that suit ask, took {took[1] / 1e3:.0f} s"
        )

    def both(self, at_once: Times, one_by_one: Times) -> None:
        """The two ways, in turn for the same people."""
        self.add("one by one, as before", one_by_one)
        self.add("ours", at_once)
        ratios = [slow / quick for slow, quick in zip(one_by_one.clock, at_once.clock, strict=True)]
        self.notes.append(
            f"Median of the {len(ratios)} ratios on the clock: {median(ratios):.1f}. "
            f"All {self.suggestions:,} suggestions are the same both ways"
        )

    def add(self, what: str, times: Times) -> None:
        """One more row."""
        self.rows.append(f"| {what} | {times.cells()} |")
        print(self.rows[-1], flush=True)

    def markdown(self) -> str:
        """The table, with the machine above it."""
        head = f"Machine: {self.machine}. {self.people:,} people, {self.requests:,} open requests; milliseconds."
        lines = [head, "", "| what | CPU time, median | clock, median | clock, p95 |", "| --- | --- | --- | --- |"]
        return "\n".join([*lines, *self.rows, "", ". ".join(self.notes) + "."])

    def write(self) -> None:
        """Put the table between its markers; a section is added where the file has none."""
        text = RESULTS.read_text(encoding="utf-8")
        if BEGIN not in text:
            text = f"{text.rstrip()}\n{_SECTION}{BEGIN}\n{END}\n"
        before, _, rest = text.partition(BEGIN)
        _, _, after = rest.partition(END)
        RESULTS.write_text(f"{before}{BEGIN}\n{self.markdown()}\n{END}{after}", encoding="utf-8")
