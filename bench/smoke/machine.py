"""What the figures were taken on, and the memory of processes. Linux."""

import os
import platform
import time
from pathlib import Path


def describe() -> str:
    """One line: processor, cores that we may use, memory, Python, and how busy others kept it just before."""
    cpu = _first(Path("/proc/cpuinfo"), "model name") or platform.machine()
    memory = int(_first(Path("/proc/meminfo"), "MemTotal").split()[0]) / 1024**2
    cores = len(os.sched_getaffinity(0))
    return (
        f"{time.strftime('%Y-%m-%d')}; {cores} cores of {cpu}; {memory:.0f} GiB; Python {platform.python_version()}; "
        f"load {os.getloadavg()[0]:.1f} from other work before the start"
    )


def memory(pid: int) -> float:
    """Resident memory of a process and its children in MiB; memory that they share is counted once."""
    return sum(_proportional(each) for each in (pid, *children(pid))) / 1024


def children(pid: int) -> list[int]:
    """Process ids of all descendants."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:  # it has ended
            continue
    found, new = [], [pid]
    while new:
        new = [child for child, parent in parents.items() if parent in new]
        found += new
    return found


def _proportional(pid: int) -> int:
    """Proportional set size in KiB, which divides shared pages among those who share them; else the resident size."""
    try:
        return int(_first(Path(f"/proc/{pid}/smaps_rollup"), "Pss").split()[0])
    except (OSError, IndexError):
        return int(_first(Path(f"/proc/{pid}/status"), "VmRSS").split()[0])


def _first(path: Path, name: str) -> str:
    for line in path.read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return ""
