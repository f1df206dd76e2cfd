"""Assigning a cohort, ways side by side: `make bench-cohort`, or `python -m bench.cohort`.

Every way gets the same scores, in a process of its own, on one core; the ways take turns, and medians are shown. The
package mentor-match is installed beside for it, with the two versions of its solver: the one that its release was made
with, in plain Python, and the one that `pip install mentor-match` brings today, which has a part in C.
"""

import argparse
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.cohort.ways import WAYS
from bench.smoke import machine

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- cohort: begin -->", "<!-- cohort: end -->"
_SECTION = """
## A cohort at once

Written by `make bench-cohort ARGS=--write`; the tables below are replaced each time. Scores are made up, with fixed
seeds: crafts, noise, and a few people whom everybody wants. Each request wants one person, each person has one to three
places, and nobody is assigned below 0.3. Everything after scoring counts: picking the candidates from the matrix of all
scores, solving, and for ours the proof that no pair left out could improve the result. Memory is what a way needs
beside the scores. munkres 1.1.4, the solver that mentor-match was released with, is plain Python, its time grows with
the cube of the people, and 5,000 would take it hours; 3.0.0, which pip brings today, has a part in C.

"""
_SOLVERS = {"munkres 3.0.0": "3.0.0", "munkres 1.1.4": "1.1.4"}
_OURS = ("optimal", "stable", "greedy", "dense", "sparse", "linear")


@dataclass(frozen=True)
class Contest:
    """One size, and who takes part: ways, with the solver of mentor-match in brackets."""

    requests: int
    people: int
    ways: tuple[tuple[str, str], ...]


CONTESTS = (
    Contest(1000, 5000, (*((way, "") for way in _OURS), ("mentor-match", "munkres 3.0.0"))),
    Contest(1000, 500, (*((way, "") for way in _OURS), ("mentor-match", "munkres 3.0.0"))),
    Contest(100, 500, (("optimal", ""), ("dense", ""), *(("mentor-match", solver) for solver in _SOLVERS))),
)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m bench.cohort", description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5, help="runs of each way (default 5)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--without-peers", action="store_true", help="install nothing; ours and SciPy alone")
    parser.add_argument("--write", action="store_true", help=f"keep the tables in docs/{RESULTS.name}")
    arguments = parser.parse_args()
    described = machine.describe()
    folders = {} if arguments.without_peers else {solver: _installed(solver) for solver in _SOLVERS}
    parts = [f"Machine: {described}. One core each; medians of {arguments.repeats} runs in turn."]
    for contest in CONTESTS:
        parts.append(_table(contest, folders, arguments.repeats, arguments.seed))
        print(f"\n{parts[-1]}", flush=True)
    if arguments.write:
        _write("\n\n".join(parts))
        print(f"written to {RESULTS}")


def _installed(solver: str) -> Path:
    """A folder with mentor-match and one version of its solver."""
    folder = ROOT / "build" / "bench-cohort" / solver.replace(" ", "-")
    if not folder.exists():
        packages = ["-r", str(Path(__file__).with_name("requirements.txt")), f"munkres=={_SOLVERS[solver]}"]
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--target", str(folder), *packages], check=True)
    return folder


def _table(contest: Contest, folders: dict[str, Path], repeats: int, seed: int) -> str:
    ways = [(way, solver) for way, solver in contest.ways if not solver or solver in folders]
    runs: dict[tuple[str, str], list[dict[str, float]]] = {one: [] for one in ways}
    for turn in range(repeats):
        for way, solver in ways:
            if turn and runs[way, solver][0]["seconds"] > 30:
                continue  # once is enough
            found = _once(contest, way, folders.get(solver), seed)
            runs[way, solver].append(found)
            print(f"  {way} {solver}: {found}", flush=True)
    lines = [
        f"{contest.requests:,} requests, {contest.people:,} people:",
        "",
        "| way | assigned | sum of scores | seconds | memory |",
        "| --- | --- | --- | --- | --- |",
    ]
    for (way, solver), results in runs.items():
        name = WAYS[way][0] + (f" ({solver})" if solver else "")
        seconds, memory = (median(one[what] for one in results) for what in ("seconds", "memory"))
        once = " (once)" if len(results) < repeats else ""
        assigned, total = results[0]["assigned"], results[0]["total"]
        lines.append(f"| {name} | {assigned:.0f} | {total:.3f} | {seconds:.3f}{once} | {memory:.0f} MiB |")
    return "\n".join(lines)


def _once(contest: Contest, way: str, folder: Path | None, seed: int) -> dict[str, float]:
    path = os.pathsep.join(str(one) for one in (ROOT, folder, os.environ.get("PYTHONPATH")) if one)
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    command = [sys.executable, "-m", "bench.cohort.once", way, str(contest.requests), str(contest.people), str(seed)]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, cwd=ROOT, env=os.environ | threads | {"PYTHONPATH": path}
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _write(tables: str) -> None:
    text = RESULTS.read_text(encoding="utf-8")
    if BEGIN not in text:
        text = f"{text.rstrip()}\n{_SECTION}{BEGIN}\n{END}\n"
    before, _, rest = text.partition(BEGIN)
    RESULTS.write_text(f"{before}{BEGIN}\n{tables}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
