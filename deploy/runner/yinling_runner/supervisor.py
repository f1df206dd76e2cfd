"""Keeps programs running as child processes: starts them in order, restarts what crashes, stops all in reverse.

Nothing outlives the supervisor: on Linux the kernel ends each child when the supervisor dies, however it dies.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from yinling_runner import launch
from yinling_runner.problems import Problem

LogSink = Callable[[str, str], None]
"""Takes a program's name and one line that it wrote."""

FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0
"""Seconds before a restart: doubled each time, back to the first after a minute of calm."""
CALM = 60.0
STARTS = 4
"""Times that a program may end before it was ever ready; then starting has failed."""


@dataclass(frozen=True)
class Program:
    """One program to keep running.

    Attributes:
        name: Shown before each line that it writes.
        argv: The command.
        env: Its whole environment.
        ready: Tells whether it can be used. It may raise, which means no.
        ready_within: Seconds that it may take to be ready after a start.
        stop_signal: Asks it to stop in good order.
        stop_within: Seconds before it is killed.
        user: User and group id to run as; None for the supervisor's own.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    ready: Callable[[], Awaitable[bool]]
    ready_within: float = 60.0
    stop_signal: signal.Signals = signal.SIGTERM
    stop_within: float = 30.0
    user: tuple[int, int] | None = None


@dataclass
class _Child:
    program: Program
    task: asyncio.Task[None] | None = None
    process: asyncio.subprocess.Process | None = None
    ends: int = 0
    was_ready: bool = False
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    last_lines: deque[str] = field(default_factory=lambda: deque(maxlen=12))


class Supervisor:
    """Runs programs. Use one in one event loop; call `stop` whatever happens."""

    def __init__(self, log: LogSink, changed: Callable[[], None] = lambda: None) -> None:
        """`changed` is told when a program was started or has ended."""
        self._log = log
        self._changed = changed
        self._children: list[_Child] = []

    def pids(self) -> dict[str, int]:
        """Process ids of what runs now, by name."""
        running = ((child.program.name, child.process) for child in self._children)
        return {name: process.pid for name, process in running if process and process.returncode is None}

    async def start(self, program: Program) -> None:
        """Start a program and wait until it is ready. Raises Problem, with its last words, where it fails."""
        if shutil.which(program.argv[0], path=program.env.get("PATH")) is None:
            raise Problem(f"{program.name} cannot be run: there is no program {program.argv[0]}")
        child = _Child(program)
        self._children.append(child)
        child.task = asyncio.create_task(self._keep_running(child), name=program.name)
        deadline = time.monotonic() + program.ready_within
        while time.monotonic() < deadline and not child.task.done():
            with contextlib.suppress(Exception):
                if await program.ready():
                    child.was_ready = True
                    return
            await asyncio.sleep(0.1)
        if child.task.done() and (error := child.task.exception()):
            raise Problem(f"{program.name} cannot be run: {error}") from error
        ended = child.ends >= STARTS
        what = f"ended {child.ends} times" if ended else f"was not ready after {program.ready_within:.0f} s"
        said = "\n".join(f"  {line}" for line in child.last_lines)
        raise Problem(f"{program.name} {what}. Its last words:\n{said}")

    async def stop(self) -> None:
        """Stop everything, the last one started first."""
        while self._children:
            child = self._children[-1]
            child.stop.set()
            if child.task:
                await asyncio.gather(child.task, return_exceptions=True)
            self._children.pop()

    def kill(self) -> None:
        """End everything at once, without good order."""
        for child in self._children:
            child.stop.set()
            _signal_group(child.process, signal.SIGKILL)

    async def _keep_running(self, child: _Child) -> None:
        delay = FIRST_DELAY
        while not child.stop.is_set():
            started = time.monotonic()
            try:
                end = _describe(await self._run_once(child))
            except OSError as error:  # no memory for another process, say
                if not child.was_ready:
                    raise
                end = f"not started: {error}"
            if child.stop.is_set():
                return
            child.ends += 1
            if not child.was_ready and child.ends >= STARTS:
                return
            if time.monotonic() - started > CALM:
                delay = FIRST_DELAY
            self._log("yinling", f"{child.program.name} ended ({end}); starting it again in {delay:g} s")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(child.stop.wait(), delay)
            delay = min(delay * 2, LONGEST_DELAY)

    async def _run_once(self, child: _Child) -> int:
        program = child.program
        # A pipe of our own: asyncio's would make `wait` wait for all who hold it, also for what outlives the program.
        reading, writing = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *launch.command(program.argv, program.stop_signal, program.user),
                env=dict(program.env),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=writing,
                stderr=writing,
                start_new_session=True,  # Ctrl-C reaches the supervisor alone, which stops the others in order
                cwd="/",
            )
        except BaseException:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        child.process = process
        pump = asyncio.create_task(self._pump(child, reading))
        self._changed()
        code = await self._wait(child, process)
        _signal_group(process, signal.SIGKILL)  # whatever it started itself
        await asyncio.wait([pump], timeout=5)
        pump.cancel()
        return code

    async def _wait(self, child: _Child, process: asyncio.subprocess.Process) -> int:
        """Wait for the end, which comes by itself or is asked for."""
        ended = asyncio.create_task(process.wait())
        asked = asyncio.create_task(child.stop.wait())
        await asyncio.wait({ended, asked}, return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        if not ended.done():
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(child.program.stop_signal)
            await asyncio.wait({ended}, timeout=child.program.stop_within)
        if not ended.done():
            self._log("yinling", f"{child.program.name} does not stop: killing it")
            _signal_group(process, signal.SIGKILL)
        return await ended

    async def _pump(self, child: _Child, descriptor: int) -> None:
        reader = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            partial(asyncio.StreamReaderProtocol, reader), os.fdopen(descriptor, "rb", buffering=0)
        )
        try:
            while line := await _read_line(reader):
                text = line.decode(errors="replace").rstrip()
                child.last_lines.append(text)
                self._log(child.program.name, text)
        finally:
            transport.close()


async def _read_line(stream: asyncio.StreamReader) -> bytes:
    try:
        return await stream.readuntil(b"\n")
    except asyncio.IncompleteReadError as end:
        return end.partial
    except asyncio.LimitOverrunError as long:
        return await stream.readexactly(long.consumed)


def _signal_group(process: asyncio.subprocess.Process | None, number: signal.Signals) -> None:
    if process:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)


def _describe(code: int) -> str:
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"signal {signal.Signals(-code).name}"
    return f"exit status {code}"
