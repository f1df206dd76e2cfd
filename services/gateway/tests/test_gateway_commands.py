"""The commands, as an operator runs them."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep
from uuid import uuid4

import httpx
import psycopg
import pytest

from yinling_common.ports import free_port
from yinling_common.testing import Keys, PostgresServer

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment(postgres: PostgresServer, keys: Keys) -> Iterator[dict[str, str]]:
    name = f"commands_{uuid4().hex[:8]}"
    with psycopg.connect(postgres.admin_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        yield {
            **os.environ,
            "YINLING_GATEWAY_DATABASE_URL": postgres.url(name),
            "YINLING_GATEWAY_IDENTITY_KEY_FILE": str(keys.directory / "gateway.key"),
            "YINLING_GATEWAY_HASH_MEMORY_KIB": "64",
            "YINLING_GATEWAY_HASH_TIME_COST": "1",
            "YINLING_GATEWAY_LOG_LEVEL": "WARNING",
            "YINLING_GATEWAY_READ_TIMEOUT": "1",
        }
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    def run(*arguments: str, stdin: str = "", **changes: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "yinling_gateway", *arguments]
        return subprocess.run(  # noqa: S603 - our own command
            command, input=stdin, capture_output=True, text=True, timeout=300, check=False, env=environment | changes
        )

    return run


def test_from_nothing_to_an_api_key(run: Run, tmp_path: Path) -> None:
    assert "0001_accounts.sql" in run("migrate").stdout
    assert run("migrate").stdout == ""
    made = run("create-account", "--username", "Admin", "--role", "admin", stdin="a good password\n")
    assert made.returncode == 0, made.stderr
    assert "created admin (admin)" in made.stdout
    again = run("create-account", "--username", "admin", "--role", "admin", stdin="a good password\n")
    assert again.returncode == 1
    assert "already" in again.stderr
    missing = ["create-account", "--username", "admin", "--role", "admin", "--if-missing"]
    assert run(*missing, stdin="a good password\n").returncode == 0
    spaced = run(
        "create-account", "--username", "li", "--role", "hr", "--organisation", " \u3000", stdin="long enough\n"
    )
    assert spaced.returncode == 1
    assert "organisation" in spaced.stderr
    password = tmp_path / "password"
    password.write_text("too\n")
    refused = run(
        "create-account", "--username", "hr", "--role", "hr", "--organisation", "攀钢", "--password-file", str(password)
    )
    assert refused.returncode == 1
    assert "password" in refused.stderr
    key = run("create-api-key", "--username", "admin", "--name", "HRIS", "--days", "30")
    assert key.returncode == 0, key.stderr
    assert key.stdout.startswith("ylk_")
    assert len(key.stdout.splitlines()) == 1
    assert run("create-api-key", "--username", "nobody", "--name", "x").returncode == 1


def test_wrong_settings_are_told_in_a_line(run: Run) -> None:
    nowhere = run("migrate", YINLING_GATEWAY_DATABASE_URL="")
    assert nowhere.returncode == 2
    assert "database_url" in nowhere.stderr
    number = run("migrate", YINLING_GATEWAY_MAX_BODY="many")
    assert number.returncode == 2
    assert "YINLING_GATEWAY_MAX_BODY" in number.stderr
    key = run("serve", YINLING_GATEWAY_IDENTITY_KEY_FILE="/nowhere/gateway.key")
    assert key.returncode != 0
    assert "/nowhere/gateway.key" in key.stderr
    assert "Traceback" not in nowhere.stderr + number.stderr + key.stderr


def test_it_serves_and_stops_on_sigterm(run: Run, environment: dict[str, str]) -> None:
    assert run("migrate").returncode == 0
    address = f"127.0.0.1:{free_port()}"
    process = subprocess.Popen(
        [sys.executable, "-m", "yinling_gateway", "serve"], env=environment | {"YINLING_GATEWAY_LISTEN": address}
    )
    try:
        with httpx.Client(base_url=f"http://{address}", trust_env=False, timeout=60) as client:
            assert _alive(client)
            ready = client.get("/readyz")
            assert ready.status_code == 503
            assert "talent" in client.get("/readyz", headers={"Accept-Language": "en"}).json()["detail"]
        process.send_signal(signal.SIGTERM)
        process.wait(120)
        assert process.returncode in {0, -signal.SIGTERM}
    finally:
        process.kill()


def _alive(client: httpx.Client) -> bool:
    until = monotonic() + 120
    while monotonic() < until:
        try:
            return client.get("/healthz").status_code == 200
        except httpx.TransportError:
            sleep(0.1)
    return False
