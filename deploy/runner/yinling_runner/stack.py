"""All of Yinling from one data directory: what is prepared, what is started, in which order."""

import asyncio
import os
import signal
import socket
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import httpx

from yinling_common.identity import generate_keys
from yinling_common.ports import free_port
from yinling_runner import launch
from yinling_runner.layout import DataDirectory, Running
from yinling_runner.postgres import Postgres
from yinling_runner.problems import Problem
from yinling_runner.supervisor import LogSink, Program, Supervisor

DEFAULT_PORT = 8080
Step = Callable[[str], None]
"""Told what is being done now."""


@dataclass(frozen=True)
class Options:
    """How to run.

    Attributes:
        host: Address that the pages and the REST API are served on.
        port: Their port; None takes 8080, or a free one where that is taken.
        database_url: PostgreSQL; empty starts one in the data directory.
        log_level: Of the services.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    database_url: str = ""
    log_level: str = "INFO"


@dataclass
class Stack:
    """The services of one data directory. `start` once, `stop` whatever happens."""

    data: DataDirectory
    options: Options
    log: LogSink
    url: str = ""
    supervisor: Supervisor = field(init=False)
    _environment: dict[str, str] = field(default_factory=dict)
    _started: bool = False

    def __post_init__(self) -> None:
        self.supervisor = Supervisor(self.log, self._write_running)

    async def start(self, step: Step = lambda text: None) -> None:
        """Prepare what is missing and start everything; returns when it can be used. Raises Problem."""
        self.data.create()
        self.data.acquire()
        port = _web_port(self.options)
        self.url = f"http://{_reachable(self.options.host)}:{port}"
        database_url = self.options.database_url
        if not database_url:
            step("PostgreSQL")
            postgres = Postgres(self.data)
            await asyncio.to_thread(postgres.prepare)
            await self.supervisor.start(postgres.program(quiet=self.options.log_level in {"WARNING", "ERROR"}))
            await postgres.create_database()
            database_url = postgres.url()
        for issuer in ("gateway", "matching"):
            generate_keys(self.data.keys, issuer)
        self._environment = self._settings(database_url, port)
        if not os.environ.get("YINLING_MODEL"):
            step("Embedding model")
            await self._run_once("model", "yinling_matching.embedding", "import")
        step("Database schemas")
        for service in ("talent", "matching", "gateway"):
            await self._run_once(service, f"yinling_{service}", "migrate")
        for service in ("talent", "matching", "gateway"):
            step(f"Service {service}")
            await self.supervisor.start(self._service(service))
        self._started = True
        self._write_running()

    async def stop(self) -> None:
        """Stop everything in order. The data directory is free for another when this process ends."""
        started, self._started = self._started, False
        await self.supervisor.stop()
        if started:
            self.data.clear_running()

    async def run_gateway_command(self, *arguments: str, stdin: str = "") -> str:
        """Run a command of the gateway beside the running one, and return what it printed."""
        return await self._run_once("gateway", "yinling_gateway", *arguments, stdin=stdin)

    def _write_running(self) -> None:
        """Write down what runs, for the other commands."""
        if self._started:
            database_url = self._environment["YINLING_GATEWAY_DATABASE_URL"]
            self.data.write_running(Running(os.getpid(), self.url, self.supervisor.pids(), database_url))

    async def _run_once(self, name: str, module: str, *arguments: str, stdin: str = "") -> str:
        return await run_once(
            name, [sys.executable, "-m", module, *arguments], self._environment, log=self.log, stdin=stdin
        )

    def _settings(self, database_url: str, port: int) -> dict[str, str]:
        """The services' environment: the user's own settings first, then what must be as it is here."""
        talent, matching = (f"127.0.0.1:{free_port()}" for _ in range(2))
        trusted = {issuer: f"{issuer}={self.data.keys / issuer}.pub" for issuer in ("gateway", "matching")}
        settings = {
            "YINLING_TALENT_LISTEN": talent,
            "YINLING_TALENT_IDENTITY_TRUSTED": ",".join(trusted.values()),
            "YINLING_MATCHING_LISTEN": matching,
            "YINLING_MATCHING_TALENT_TARGET": talent,
            "YINLING_MATCHING_SNAPSHOT_DIR": str(self.data.snapshots_of(self.options.database_url)),
            "YINLING_MATCHING_IDENTITY_TRUSTED": trusted["gateway"],
            "YINLING_MATCHING_IDENTITY_KEY_FILE": str(self.data.keys / "matching.key"),
            "YINLING_GATEWAY_LISTEN": f"{self.options.host}:{port}",
            "YINLING_GATEWAY_TALENT_TARGET": talent,
            "YINLING_GATEWAY_MATCHING_TARGET": matching,
            "YINLING_GATEWAY_IDENTITY_KEY_FILE": str(self.data.keys / "gateway.key"),
        }
        for service in ("TALENT", "MATCHING", "GATEWAY"):
            settings[f"YINLING_{service}_DATABASE_URL"] = database_url
            settings[f"YINLING_{service}_LOG_LEVEL"] = self.options.log_level
        return {**os.environ, "PYTHONUNBUFFERED": "1", "TQDM_DISABLE": "1", **settings}

    def _service(self, name: str) -> Program:
        address = self._environment[f"YINLING_{name.upper()}_LISTEN"]
        return Program(
            name=name,
            argv=[sys.executable, "-m", f"yinling_{name}", "serve"],
            env=self._environment,
            ready=self._gateway_ready if name == "gateway" else lambda: _listens(address),
            # Matching loads its model; the gateway is ready when matching has read everybody, anew without a snapshot.
            ready_within={"talent": 60, "matching": 300, "gateway": 600}[name],
        )

    async def _gateway_ready(self) -> bool:
        async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
            return (await client.get(f"{self.url}/readyz")).status_code == httpx.codes.OK


async def run_once(name: str, argv: Sequence[str], env: Mapping[str, str], *, log: LogSink, stdin: str = "") -> str:
    """Run a command to its end and return its standard output. Raises Problem, with its last words, where it fails."""
    process = await asyncio.create_subprocess_exec(
        *launch.command(argv, signal.SIGTERM),
        env=dict(env),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        cwd="/",
    )
    last: deque[str] = deque(maxlen=12)
    try:
        output, errors = await process.communicate(stdin.encode())
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    for line in errors.decode(errors="replace").splitlines():
        last.append(line)
        log(name, line)
    if process.returncode:
        said = "\n".join(f"  {line}" for line in last)
        raise Problem(f"{' '.join(argv[2:])} failed with exit status {process.returncode}:\n{said}")
    return output.decode(errors="replace")


async def _listens(address: str) -> bool:
    """Whether a service has got as far as listening; whether it works is what the gateway's readiness tells.

    A gRPC client in this process would be in the way of starting children: it has threads, which do not survive a fork.
    """
    host, _, port = address.rpartition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.close()
    return True


def _web_port(options: Options) -> int:
    """The port asked for, or else 8080 or a free one. Raises Problem where one that was asked for is taken."""
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((options.host, options.port if options.port is not None else DEFAULT_PORT))
            return int(probe.getsockname()[1])
    except OSError as error:
        if options.port is None:
            return free_port(options.host)
        advice = "name another with --port, or leave it out to have a free one chosen"
        raise Problem(f"cannot listen on {options.host}:{options.port}: {error.strerror}", advice) from error


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host  # noqa: S104 - compared with, not listened on
