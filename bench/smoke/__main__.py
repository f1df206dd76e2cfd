"""Speed of the whole suite on this machine: `make bench-smoke`, or `python -m bench.smoke --profiles 1000`.

Starts everything as `yinling up` does, in a directory of its own, with the real model, and measures through the
gateway. It judges nothing: figures are for reading.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

from bench.smoke import machine, measure, people
from bench.smoke.report import Report
from yinling_common.ports import free_port
from yinling_runner.testing import Installation

RESULTS = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m bench.smoke", description=__doc__.splitlines()[0])
    parser.add_argument("--profiles", type=int, default=10_000, help="how many people (default 10000)")
    parser.add_argument("--calls", type=int, default=200, help="suggestions to time of each sort (default 200)")
    parser.add_argument("--rounds", type=int, default=20, help="profile changes to time of each sort (default 20)")
    parser.add_argument("--write", action="store_true", help=f"keep the table in {RESULTS.parent.name}/{RESULTS.name}")
    arguments = parser.parse_args()
    # One client makes all the calls, faster than any person may.
    os.environ["YINLING_GATEWAY_RATE_PER_MINUTE"] = "0"
    report = Report(machine.describe())
    print(report.machine, flush=True)
    with tempfile.TemporaryDirectory(prefix="yinling-bench-") as directory:
        Path(directory).chmod(0o755)  # where we are root, PostgreSQL runs as another user
        roster = Path(directory) / "roster.csv"
        people.write_roster(roster, arguments.profiles)
        installation = Installation(Path(directory) / "data", free_port())
        try:
            started = time.perf_counter()
            installation.start()
            report.add("Start of all services, empty", f"{time.perf_counter() - started:.0f} s")
            _measure(installation, report, roster, arguments)
        finally:
            if installation.running():
                installation.stop()
    print(f"\n{report.markdown()}")
    if arguments.write:
        report.write(RESULTS)
        print(f"written to {RESULTS}")


def _measure(installation: Installation, report: Report, roster: Path, arguments: argparse.Namespace) -> None:
    with installation.client(timeout=600) as api:
        revision = measure.load(api, report, roster, arguments.profiles)
        measure.suggest(api, report, arguments.calls)
        measure.freshness(api, report, arguments.rounds)
        measure.memory(installation, report, "while serving")
        measure.restart(installation, api, report, revision)
        measure.memory(installation, report, "after the restart")


if __name__ == "__main__":
    main()
