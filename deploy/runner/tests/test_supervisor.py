import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from yinling_runner.problems import Problem
from yinling_runner.supervisor import Program, Supervisor

Lines = list[tuple[str, str]]


@pytest.fixture
def lines() -> Lines:
    return []


@pytest.fixture
async def supervisor(lines: Lines) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(lambda name, line: lines.append((name, line)))
    yield supervisor
    await supervisor.stop()


def program(name: str, script: str, ready: Path | None = None, **more: float) -> Program:
    async def is_ready() -> bool:
        return ready is None or ready.exists()  # noqa: ASYNC240 - a test

    return Program(name, ["/bin/sh", "-c", script], {"PATH": os.environ["PATH"]}, is_ready, **more)  # type: ignore[arg-type] # numbers only


async def until(condition: object, seconds: float = 60) -> None:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_what_a_program_writes_comes_out_under_its_name(supervisor: Supervisor, lines: Lines) -> None:
    await supervisor.start(program("talker", "echo one; echo two >&2; printf three; sleep 600"))
    await until(lambda: len(lines) >= 2)
    assert lines[:2] == [("talker", "one"), ("talker", "two")]


async def test_a_line_longer_than_any_buffer_does_not_stop_the_log(supervisor: Supervisor, lines: Lines) -> None:
    await supervisor.start(program("talker", "head -c 300000 /dev/zero | tr '\\0' x; echo; echo after; sleep 600"))
    await until(lambda: ("talker", "after") in lines)
    assert sum(len(line) for _, line in lines) == 300_000 + len("after")


async def test_a_crashed_program_is_started_again(supervisor: Supervisor, lines: Lines) -> None:
    await supervisor.start(program("worker", "sleep 600"))
    await until(supervisor.pids)
    first = supervisor.pids()["worker"]
    os.kill(first, signal.SIGKILL)
    await until(lambda: supervisor.pids().get("worker", first) != first)
    assert ("yinling", "worker ended (signal SIGKILL); starting it again in 0.5 s") in lines


async def test_a_restart_that_fails_is_tried_again(
    supervisor: Supervisor, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    await supervisor.start(program("worker", "sleep 600"))
    await until(supervisor.pids)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/nonexistent")  # what starts the program cannot be started itself
        os.kill(supervisor.pids()["worker"], signal.SIGKILL)
        await until(lambda: any("worker ended (not started: " in line for _, line in lines))
        assert not supervisor.pids()
    await until(supervisor.pids)


async def test_a_program_that_cannot_start_is_given_up_with_its_last_words(supervisor: Supervisor) -> None:
    with pytest.raises(Problem, match="setting PORT: not a number"):
        await supervisor.start(program("worker", "echo setting PORT: not a number; exit 2", ready=Path("/nonexistent")))


async def test_a_program_that_is_missing_is_named(supervisor: Supervisor) -> None:
    missing = replace(program("worker", "", ready=Path("/nonexistent")), argv=["/nonexistent/worker"])
    with pytest.raises(Problem, match="worker cannot be run: there is no program /nonexistent/worker"):
        await supervisor.start(missing)


async def test_a_program_that_is_never_ready_is_given_up(supervisor: Supervisor) -> None:
    with pytest.raises(Problem, match="was not ready after 0 s"):
        await supervisor.start(program("worker", "sleep 600", ready=Path("/nonexistent"), ready_within=0.3))


async def test_programs_stop_in_reverse_order(supervisor: Supervisor, lines: Lines) -> None:
    script = "trap 'echo stopped; exit 0' TERM; echo up; while :; do sleep 0.05; done"
    for name in ("first", "second", "third"):
        await supervisor.start(program(name, script))
    await until(lambda: [line for _, line in lines].count("up") == 3)
    await supervisor.stop()
    assert [name for name, line in lines if line == "stopped"] == ["third", "second", "first"]


async def test_a_program_that_does_not_stop_is_killed(supervisor: Supervisor, lines: Lines) -> None:
    await supervisor.start(program("stubborn", "trap '' TERM; echo up; while :; do sleep 0.05; done", stop_within=0.3))
    await until(lambda: ("stubborn", "up") in lines)
    pid = supervisor.pids()["stubborn"]
    await supervisor.stop()
    assert not alive(pid)
    assert ("yinling", "stubborn does not stop: killing it") in lines


async def test_what_a_program_started_ends_with_it(supervisor: Supervisor, lines: Lines) -> None:
    await supervisor.start(program("parent", "sleep 61 & echo $!; wait"))
    await until(lambda: lines)
    grandchild = int(lines[0][1])
    await supervisor.stop()
    await until(lambda: not alive(grandchild))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_nothing_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    code = f"""
import asyncio
from dataclasses import replace
from pathlib import Path
from yinling_runner.supervisor import Program, Supervisor

async def main():
    async def ready():
        return True
    supervisor = Supervisor(lambda name, line: None)
    await supervisor.start(Program("worker", ["/bin/sleep", "60"], {{}}, ready))
    while not supervisor.pids():
        await asyncio.sleep(0.01)
    Path({str(tmp_path / "pid")!r}).write_text(str(supervisor.pids()["worker"]))
    await asyncio.sleep(60)

asyncio.run(main())
"""
    process = subprocess.Popen([sys.executable, "-c", code])
    try:
        deadline = time.monotonic() + 120
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        worker = int((tmp_path / "pid").read_text())
        assert alive(worker)
    finally:
        process.kill()
        process.wait()
    while alive(worker):
        assert time.monotonic() < deadline
        time.sleep(0.05)
