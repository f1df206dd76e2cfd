"""One way, once, in a process of its own: `python -m bench.cohort.once WAY REQUESTS PEOPLE SEED` prints JSON."""

import json
import sys
from pathlib import Path
from time import perf_counter

from bench.cohort.market import LOWEST, Market, market
from bench.cohort.ways import WAYS, Assigned

_STATUS = Path("/proc/self/status")


def main() -> None:
    """Measure."""
    way, requests, people, seed = sys.argv[1], *map(int, sys.argv[2:5])
    given = market(requests, people, seed)
    Path("/proc/self/clear_refs").write_text("5")  # the peak of memory counts from here
    before = _mebibytes("VmRSS")
    started = perf_counter()
    pairs = WAYS[way][1](given)
    seconds = perf_counter() - started
    memory = _mebibytes("VmHWM") - before
    _check(given, pairs)
    total = float(sum(given.scores[pair] for pair in pairs))
    print(json.dumps({"seconds": seconds, "memory": memory, "assigned": len(pairs), "total": total}))


def _check(given: Market, pairs: Assigned) -> None:
    """Whatever the way, what it gives must be allowed."""
    has = [0] * len(given.places)
    for request, person in pairs:
        has[person] += 1
        if has[person] > given.places[person] or given.scores[request, person] < LOWEST:
            raise ValueError(f"request {request} must not have person {person}")
    if len({request for request, _ in pairs}) != len(pairs):
        raise ValueError("a request has more than one person")


def _mebibytes(name: str) -> float:
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
