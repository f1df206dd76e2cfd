"""The whole of docker-compose.yml, built and started once under a project name and secrets of its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from yinling_common.ports import free_port
from yinling_runner.client import Client
from yinling_runner.testing import says_ready

ROOT = Path(__file__).resolve().parents[2]


class Compose:
    """One project of Docker Compose."""

    def __init__(self, secrets: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.admin_key = ""
        self._environment = {**os.environ, "SECRETS_DIR": str(secrets), "YINLING_PORT": str(self.port)}

    def __call__(self, *arguments: str, stdin: str = "", timeout: float = 300, check: bool = True) -> str:
        """Run docker compose with some arguments; returns what it printed."""
        return self._run(
            "docker", "compose", "-p", "yinling-test", *arguments, stdin=stdin, timeout=timeout, check=check
        )

    def docker(self, *arguments: str, check: bool = True) -> str:
        """Run docker with some arguments; returns what it printed."""
        return self._run("docker", *arguments, check=check)

    def containers(self, service: str, *, all_states: bool = False) -> list[str]:
        """Ids of a service's containers."""
        return self("ps", "-q", *(["-a"] if all_states else []), service).split()

    def inspect(self, container: str) -> dict[str, Any]:
        """Everything about a container."""
        found: list[dict[str, Any]] = json.loads(self.docker("inspect", container))
        return found[0]

    def client(self, key: str = "") -> Client:
        """Through the published port; as the administrator unless another key is given."""
        return Client(self.url, key or self.admin_key, timeout=60)

    def ready(self) -> bool:
        """Whether everything works."""
        return says_ready(self.url)

    def _run(self, *argv: str, stdin: str = "", timeout: float = 300, check: bool = True) -> str:
        done = subprocess.run(
            argv,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            cwd=ROOT,
            env=self._environment,
        )
        if check and done.returncode:
            raise AssertionError(f"{' '.join(argv)}: {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-8000:]}")
        return done.stdout


@pytest.fixture(scope="session")
def compose(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compose]:
    """Built, started and healthy, with an administrator; taken down with its volumes."""

    def report(text: str) -> None:
        with request.config.pluginmanager.get_plugin("capturemanager").global_and_fixture_disabled():
            sys.stdout.write(f"{text}\n")

    secrets = tmp_path_factory.mktemp("secrets")
    compose = Compose(secrets)
    subprocess.run([ROOT / "deploy/scripts/secrets.sh"], check=True, env={**os.environ, "SECRETS_DIR": str(secrets)})
    compose("down", "-v", "--remove-orphans", check=False)  # what a run that was broken off left
    try:
        started = time.monotonic()
        compose("build", timeout=1800)
        built = time.monotonic()
        try:
            compose("up", "-d", "--wait", timeout=600)
        except AssertionError:
            report(compose("logs", "--no-color", "--tail", "60", check=False))
            raise
        report(f"compose: built in {built - started:.0f} s, healthy {time.monotonic() - built:.0f} s later")
        gateway = ("exec", "-T", "gateway", "python", "-m", "yinling_gateway")
        compose(
            *gateway, "create-account", "--username", "admin", "--role", "admin", stdin="an administrator's password\n"
        )
        compose.admin_key = compose(*gateway, "create-api-key", "--username", "admin", "--name", "test").split()[-1]
        yield compose
    finally:
        compose("down", "-v", "--remove-orphans", timeout=180)
        left = compose.docker("ps", "-aq", "--filter", "label=com.docker.compose.project=yinling-test")
        left += compose.docker("volume", "ls", "-q", "--filter", "label=com.docker.compose.project=yinling-test")
        assert not left.split(), f"left behind: {left}"
