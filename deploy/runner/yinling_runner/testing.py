"""For tests and benchmarks: one installation, run as processes by the `yinling` command, and looks at it."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import httpx

from yinling_runner import credentials
from yinling_runner.client import Client
from yinling_runner.credentials import SignIn
from yinling_runner.layout import DataDirectory

START_WITHIN = 420.0
"""Seconds; a busy machine of two cores needs about 40."""


class Installation:
    """One installation in a directory of its own, run by the `yinling` command."""

    def __init__(self, data_dir: Path, port: int) -> None:
        self.data = DataDirectory(data_dir)
        self.url = f"http://127.0.0.1:{port}"
        self.output: list[str] = []
        self._port = port
        self._process: subprocess.Popen[str] | None = None

    @property
    def process(self) -> subprocess.Popen[str]:
        """The supervisor."""
        if self._process is None:
            raise AssertionError("it was not started")
        return self._process

    @property
    def pids(self) -> dict[str, int]:
        """Of what it runs."""
        running = self.data.running()
        return running.pids if running else {}

    def start(self, command: str = "up") -> None:
        """Start it and wait until it can be used."""
        argv = [sys.executable, "-m", "yinling_runner", command, "--data-dir", str(self.data.path)]
        argv += ["--port", str(self._port), "--log-level", "INFO"]
        self.output = []
        self._process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1)
        threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True).start()
        said = f"网址 Open {self.url}" if command == "demo" else f"ready at {self.url}"
        until(lambda: self._process_said(said), START_WITHIN)

    def stop(self, number: int = signal.SIGINT, within: float = 120) -> int:
        """End it by a signal and return its exit status."""
        self.process.send_signal(number)
        return self.process.wait(within)

    def running(self) -> bool:
        """Whether the supervisor is there."""
        return self._process is not None and self._process.poll() is None

    def client(self, timeout: float = 30) -> Client:
        """As the administrator."""
        return Client(self.url, credentials.load(self.data).api_key, timeout=timeout)

    def sign_in(self, role: str) -> SignIn:
        """Username and password of the demonstration's account of a role."""
        return next(sign_in for sign_in in credentials.load(self.data).sign_ins if sign_in.role == role)

    def ready(self) -> bool:
        """Whether it says that it can be used, and still says so anew."""
        return says_ready(self.url)

    def until_ready(self, seconds: float = 300) -> None:
        """Wait until it can be used; where that does not come, say what it wrote last."""
        try:
            until(self.ready, seconds)
        except AssertionError as error:
            raise AssertionError(f"not ready within {seconds:g} s:\n{''.join(self.output[-80:])}") from error

    def index(self) -> dict[str, Any]:
        """State of the index."""
        with self.client() as client:
            return client.get("/api/v1/index-status")

    def _read(self, stream: IO[str]) -> None:
        output = self.output
        output.extend(re.sub(r"\x1b\[[0-9;]*m", "", line) for line in iter(stream.readline, ""))

    def _process_said(self, what: str) -> bool:
        said = "".join(self.output)
        if not self.running():
            raise AssertionError(f"it ended:\n{said}")
        return what in said


def until(condition: Callable[[], bool], seconds: float = 120) -> None:
    """Wait for something to come true."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"it did not happen within {seconds} s")
        time.sleep(0.1)


def says_ready(url: str) -> bool:
    """Whether the gateway says twice that everything works: an answer is given again for a second."""
    for wait in (1.2, 0.0):
        try:
            if httpx.get(f"{url}/readyz", timeout=10, trust_env=False).status_code != httpx.codes.OK:
                return False
        except httpx.TransportError:
            return False
        time.sleep(wait)
    return True


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def processes_of(directory: Path) -> list[str]:
    """Command lines of the processes that were told of a directory, in arguments or environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:  # it has ended, or is not ours
            continue
        if os.fsencode(directory) in told:
            found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return found
