"""The three services as processes of their own, which die where a test wants, and real PostgreSQL, mail and HTTP.

Only the model is a fake: it has nothing to do with what is tested here, and takes most of a start.
"""

import asyncio
import os
import secrets
import sys
import threading
from collections.abc import Callable, Iterator
from uuid import uuid4

import httpx
import psycopg
import pytest

import yinling_matching.bootstrap
import yinling_talent.bootstrap
from tests.faults.machine import COMPANY, OFFICE, PATIENCE, Machine, Receiver, Service
from yinling_common.faults import VARIABLE
from yinling_common.identity import Role
from yinling_common.migrations import migrate
from yinling_common.ports import free_port
from yinling_common.testing import Keys, PostgresServer
from yinling_gateway.__main__ import migrations
from yinling_gateway.bootstrap import make_accounts, open_database
from yinling_gateway.domain import NewAccount
from yinling_gateway.testing import gateway_settings
from yinling_gateway.testing.mail import Post
from yinling_runner.testing import until

PASSWORD = "a-password-of-the-tests"
ADDRESSES = {"hr": "hr@example.cn", "office-2": "office@example.cn"}
"""Who gets mails. The coordinator "office-1" says yes for people, so it is the other one who is told."""

_MATCHING = """
import sys
from yinling_matching import bootstrap
from yinling_matching.__main__ import main
from yinling_matching.embedding.fake import FakeEmbedder
bootstrap.load_embedder = lambda *_: FakeEmbedder()
sys.argv = ["yinling_matching", "serve"]
main()
"""


@pytest.fixture(scope="module")
def machine(postgres: PostgresServer, keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """All of it, with an account of HR and two of an office."""
    directory = tmp_path_factory.mktemp("machine")
    name = f"faults_{secrets.token_hex(4)}"
    with psycopg.connect(postgres.admin_url, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name}".encode())
    url = postgres.url(name)
    ports = {service: free_port() for service in ("talent", "matching", "gateway")}
    addresses = {service: f"127.0.0.1:{port}" for service, port in ports.items()}
    post, receiver = _post(), Receiver()
    trusted = ",".join(f"{issuer}={keys.directory / issuer}.pub" for issuer in ("gateway", "matching"))
    environment = {key: value for key, value in os.environ.items() if not key.startswith("YINLING_")} | {
        "PYTHONUNBUFFERED": "1",
        "OMP_NUM_THREADS": "1",
        "YINLING_TALENT_IDENTITY_TRUSTED": trusted,
        "YINLING_MATCHING_TALENT_TARGET": addresses["talent"],
        "YINLING_MATCHING_SNAPSHOT_DIR": str(directory / "snapshots"),
        "YINLING_MATCHING_IDENTITY_TRUSTED": trusted,
        "YINLING_MATCHING_IDENTITY_KEY_FILE": str(keys.directory / "matching.key"),
        "YINLING_MATCHING_TIMER_SECONDS": "0.3",
        "YINLING_GATEWAY_TALENT_TARGET": addresses["talent"],
        "YINLING_GATEWAY_MATCHING_TARGET": addresses["matching"],
        "YINLING_GATEWAY_IDENTITY_KEY_FILE": str(keys.directory / "gateway.key"),
        "YINLING_GATEWAY_PUBLIC_URL": "http://yinling.example.cn",
        "YINLING_GATEWAY_RATE_PER_MINUTE": "0",
        "YINLING_GATEWAY_SMTP_HOST": "127.0.0.1",
        "YINLING_GATEWAY_SMTP_PORT": str(post.port),
        "YINLING_GATEWAY_SMTP_TLS": "none",
        "YINLING_GATEWAY_NOTICES_POLL": "0.2",
        "YINLING_GATEWAY_NOTICES_LEASE": "5",
        "YINLING_GATEWAY_NOTICES_SETTLE": "0",
        "YINLING_GATEWAY_NOTICES_FLOOD": "100000",
        "YINLING_GATEWAY_NOTICES_QUIET": "00:00-00:00",
        "YINLING_GATEWAY_WEBHOOKS_PRIVATE": "true",
    }
    services = {}
    for service, address in addresses.items():
        prefix = f"YINLING_{service.upper()}_"
        environment |= {f"{prefix}LISTEN": address, f"{prefix}DATABASE_URL": url, f"{prefix}LOG_LEVEL": "INFO"}
    for service, address in addresses.items():
        fault = directory / f"{service}.fault"
        program = ["-c", _MATCHING] if service == "matching" else ["-m", f"yinling_{service}", "serve"]
        services[service] = Service(
            service,
            [sys.executable, *program],
            environment | {VARIABLE: f"@{fault}"},
            address,
            directory / f"{service}.log",
            fault,
        )
    machine = Machine(url, keys, **services, post=post, receiver=receiver)
    machine.api_keys = asyncio.run(_prepare(url, keys))
    try:
        for one in services.values():
            one.launch()
        for one in services.values():
            one.listens()
        until(lambda: httpx.get(f"http://{addresses['gateway']}/readyz", trust_env=False).status_code == 200, PATIENCE)
        for who, address in ADDRESSES.items():
            machine.insist("PUT", "/me/notice-preferences", who, json={"address": address})
        webhook = {"url": f"http://127.0.0.1:{receiver.server_port}/"}
        machine.insist("POST", "/webhooks", "hr", json=webhook)
        yield machine
    finally:
        for one in services.values():
            one.kill()
        receiver.shutdown()


def _post() -> Post:
    """A mail server in a thread of its own."""
    post, loop, started = Post(), asyncio.new_event_loop(), threading.Event()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(post.start())
        started.set()
        loop.run_forever()

    threading.Thread(target=run, daemon=True).start()
    assert started.wait(60)
    return post


async def _prepare(url: str, keys: Keys) -> dict[str, str]:
    """Migrate every schema, and make accounts; their API keys, by name."""
    directories = {
        "talent": yinling_talent.bootstrap.migration_files(),
        "matching": yinling_matching.bootstrap.migration_files(),
        "gateway": migrations(),
    }
    for schema, directory in directories.items():
        await migrate(url, schema, directory)
    settings = gateway_settings(url, keys.directory / "gateway.key")
    made = {}
    async with open_database(settings) as database:
        accounts = make_accounts(settings, database)
        for name, role, organisation in (
            ("hr", Role.HR, COMPANY),
            ("office-1", Role.COORDINATOR, OFFICE),
            ("office-2", Role.COORDINATOR, OFFICE),
        ):
            account = await accounts.create(NewAccount(name, role, organisation, "", name, "zh"), PASSWORD)
            _, made[name] = await accounts.create_key(account, "tests", None)
    return made


@pytest.fixture(scope="session")
def new_key() -> Callable[[], str]:
    """Makes Idempotency-Keys."""
    return lambda: str(uuid4())
