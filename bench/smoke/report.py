"""The figures as a table, printed and kept in docs/benchmarks.md."""

from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

BEGIN, END = "<!-- bench-smoke: begin -->", "<!-- bench-smoke: end -->"
_INTRODUCTION = """# Benchmarks
"""
_SECTION = """
## Speed of the whole suite

Written by `make bench-smoke ARGS=--write`; the table below is replaced each time.

"""


@dataclass
class Report:
    """Rows of what was measured, in the order of measuring."""

    machine: str
    rows: list[tuple[str, str]] = field(default_factory=list)

    def add(self, what: str, figure: str) -> None:
        """One more row; printed at once, so that a long run says how far it is."""
        self.rows.append((what, figure))
        print(f"{what}: {figure}", flush=True)

    def markdown(self) -> str:
        """The table, with the machine above it."""
        lines = [f"Machine: {self.machine}.", "", "| what | figure |", "| --- | --- |"]
        return "\n".join(lines + [f"| {what} | {figure} |" for what, figure in self.rows]) + "\n"

    def write(self, path: Path) -> None:
        """Put the table between its markers; a section is added where the file has none."""
        text = path.read_text(encoding="utf-8") if path.exists() else _INTRODUCTION
        if BEGIN not in text:
            text = f"{text.rstrip()}\n{_SECTION}{BEGIN}\n{END}\n"
        before, _, rest = text.partition(BEGIN)
        _, _, after = rest.partition(END)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{before}{BEGIN}\n{self.markdown()}{END}{after}", encoding="utf-8")


def spread(seconds: list[float]) -> str:
    """Median, 95th percentile and the longest, in milliseconds."""
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]
    figures = f"p50 {1000 * median(ordered):.0f} ms, p95 {1000 * p95:.0f} ms, longest {1000 * ordered[-1]:.0f} ms"
    return f"{figures} ({len(ordered)} calls)"
