"""The table of fault points and the code name the same ones, and a point that is armed ends the process."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from yinling_common.faults import POINTS, VARIABLE, point

SERVICES = Path(__file__).parents[2]


def run(armed: str, code: str) -> subprocess.CompletedProcess[str]:
    program = f"from yinling_common.faults import point\n{code}\nprint('alive')"
    environment = os.environ | {VARIABLE: armed}
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_each_point_is_in_the_table_and_in_the_code_once() -> None:
    used = [
        name
        for path in SERVICES.glob("*/yinling_*/**/*.py")
        if path.name != "faults.py"
        for name in re.findall(r'\bpoint\("([a-z_.]+)"\)', path.read_text())
    ]
    assert sorted(used) == sorted(POINTS)


def test_without_the_variable_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    point("accept.written")


@pytest.mark.parametrize(
    ("armed", "passes", "dies"),
    [
        ("", 5, False),
        ("accept.written", 1, True),
        ("accept.written:3", 2, False),
        ("accept.written:3", 3, True),
        ("accept.locked", 5, False),
    ],
)
def test_the_process_dies_where_it_is_told_to(armed: str, passes: int, dies: bool) -> None:
    done = run(armed, f"for _ in range({passes}): point('accept.written')")
    assert done.returncode == (-signal.SIGKILL if dies else 0), done.stderr
    assert ("alive" in done.stdout) == (not dies)


def test_a_running_process_is_told_by_a_file(tmp_path: Path) -> None:
    file = tmp_path / "fault"
    write = f"from pathlib import Path; Path({str(file)!r}).write_text('accept.written')"
    done = run(f"@{file}", f"point('accept.written'); print('not yet'); {write}; point('accept.written')")
    assert done.returncode == -signal.SIGKILL, done.stderr


def test_a_point_that_does_not_exist_is_named() -> None:
    done = run("accept.writen", "point('accept.written')")
    assert done.returncode == 1
    assert 'no fault point "accept.writen"' in done.stderr
