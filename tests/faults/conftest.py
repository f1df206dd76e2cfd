"""The three services as processes of their own, which die where a test wants, and real PostgreSQL, mail and HTTP.

Only the model is a fake: it has nothing to do with what is tested here, and takes most of a start.
"""

import asyncio
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import httpx
import psycopg
import pytest
from psycopg.rows import dict_row
from yinling.matching.v1 import engagement_service_pb2 as engagement_pb
from yinling.matching.v1 import engagement_service_pb2_grpc as engagement_rpc
from yinling.talent.v1 import talent_pb2
from yinling.talent.v1 import talent_service_pb2 as talent_pb
from yinling.talent.v1 import talent_service_pb2_grpc as talent_rpc

import yinling_matching.bootstrap
import yinling_talent.bootstrap
from yinling_common.client import call_metadata
from yinling_common.database import Database
from yinling_common.faults import VARIABLE
from yinling_common.identity import Identity, Role
from yinling_common.migrations import migrate
from yinling_common.testing import Keys, PostgresServer
from yinling_gateway.__main__ import migrations
from yinling_gateway.bootstrap import make_accounts, open_database
from yinling_gateway.domain import NewAccount
from yinling_gateway.testing import gateway_settings
from yinling_gateway.testing.mail import Post
from yinling_matching.engaging.testing import check_invariants
from yinling_runner.testing import free_port, until

COMPANY, OFFICE = "攀钢集团", "矿务局"
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


@dataclass
class Service:
    """One process, started again and again.

    Attributes:
        fault: The file that names the step at which it dies.
    """

    name: str
    argv: list[str]
    environment: Mapping[str, str]
    address: str
    log: Path
    fault: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it dies nowhere. Returns when it listens."""
        self.launch()
        self.listens()

    def launch(self) -> None:
        """Start it, and do not wait."""
        self.fault.unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.argv, env=dict(self.environment), stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )

    def listens(self) -> None:
        """Wait until it listens."""
        until(self._listens, 60)

    def arm(self, point: str) -> None:
        """Let it die at a step."""
        self.fault.write_text(point)

    def kill(self) -> None:
        """Pull the plug."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)

    def died(self, within: float = 20) -> None:
        """Wait until it has died at its step."""
        assert self.process is not None
        try:
            assert self.process.wait(within) == -signal.SIGKILL
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"{self.name} did not come to {self.fault.read_text()}") from error

    def signal(self, number: int) -> None:
        """Send it a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def _listens(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()[-3000:]
        host, port = self.address.rsplit(":", 1)
        with socket.socket() as probe:
            return probe.connect_ex((host, int(port))) == 0


class Receiver(ThreadingHTTPServer):
    """Takes calls of webhooks, and counts them by event."""

    request_queue_size = 100

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        super().__init__(("127.0.0.1", 0), _Taker)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Taker(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert body["id"] == self.headers["X-Yinling-Event"]
        self.server.calls[body["id"]] += 1
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


_WAITING = """
    SELECT 'outbox' AS what, lease_until, '' AS error FROM matching.notices
    UNION ALL SELECT channel, greatest(due_time, lease_until), last_error FROM gateway.deliveries
    WHERE state = 'waiting'
"""


@dataclass
class Machine:
    """Everything that runs.

    Attributes:
        url: Of all databases: each service has a schema of its own.
        people: Every person made so far, by id: places that they give.
    """

    url: str
    keys: Keys
    talent: Service
    matching: Service
    gateway: Service
    post: Post
    receiver: Receiver
    api_keys: dict[str, str] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)

    def rest(self, method: str, path: str, who: str, **more: Any) -> httpx.Response:
        """A call of the REST API. Raises httpx.TransportError where nobody listens."""
        headers = {"X-API-Key": self.api_keys[who]} | more.pop("headers", {})
        with httpx.Client(base_url=f"http://{self.gateway.address}", timeout=20, trust_env=False) as client:
            return client.request(method, f"/api/v1{path}", headers=headers, **more)

    def insist(self, method: str, path: str, who: str, **more: Any) -> Any:
        """The same, again and again until it is answered, as a client with an Idempotency-Key may; the answer."""
        deadline = time.monotonic() + 40
        while True:
            try:
                response = self.rest(method, path, who, **more)
            except httpx.TransportError as error:
                said = repr(error)
            else:
                if response.status_code < 500:
                    assert response.status_code < 300, response.text
                    return response.json() if response.content else None
                said = response.text
            assert time.monotonic() < deadline, said
            time.sleep(0.1)

    def person(self) -> str:
        """A person who goes not online; their id. Matching knows them when it returns."""
        profile = talent_pb2.Profile(
            organisation=OFFICE, name="老张", skills=["矿井通风"], consent=talent_pb2.Consent(granted=True)
        )
        with grpc.insecure_channel(self.talent.address) as channel:
            caller = Identity("office-1", Role.COORDINATOR, organisation=OFFICE)
            made = talent_rpc.TalentServiceStub(channel).CreateProfile(
                talent_pb.CreateProfileRequest(profile=profile),
                metadata=call_metadata(self.keys.signer(), caller, "talent"),
                timeout=10,
            )
        self.people[made.id] = 1
        return str(made.id)

    def asked(self) -> tuple[str, list[str], list[str]]:
        """A request for one mentor, and invitations to two people: the ids of the request, invitations and people."""
        people = [self.person() for _ in range(2)]
        request = self.insist(
            "POST",
            "/mentoring-requests",
            "hr",
            json={"organisation": COMPANY, "title": "矿井通风", "mentors_wanted": 1},
            headers={"Idempotency-Key": str(uuid4())},
        )
        key = str(uuid4())
        path = f"/mentoring-requests/{request['id']}/invitations"
        deadline = time.monotonic() + 20
        while True:  # matching may not have read them yet
            answer = self.rest(
                "POST",
                path,
                "hr",
                json={"profile_ids": people, "message": "请您出山"},
                headers={"Idempotency-Key": key},
            )
            if answer.status_code == 201:
                return request["id"], [one["id"] for one in answer.json()["invitations"]], people
            assert time.monotonic() < deadline, answer.text
            time.sleep(0.05)

    def accept(self, invitation: str, key: str) -> Callable[[], Any]:
        """Says yes through the gateway until that is answered, when it is called; the engagement."""
        return lambda: self.insist(
            "POST", f"/invitations/{invitation}:accept", "office-1", headers={"Idempotency-Key": key}
        )

    def accept_directly(self, invitation: str, key: str) -> Any:
        """Says yes to matching itself, while the gateway stands still."""
        caller = Identity("office-1", Role.COORDINATOR, organisation=OFFICE)
        with grpc.insecure_channel(self.matching.address) as channel:
            return engagement_rpc.EngagementServiceStub(channel).AcceptInvitation(
                engagement_pb.AcceptInvitationRequest(id=invitation, request_id=key),
                metadata=call_metadata(self.keys.signer(), caller, "matching"),
                timeout=10,
            )

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds."""
        until(holds, 30)

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """What a query finds, in any schema."""
        with psycopg.connect(self.url, autocommit=True, row_factory=dict_row) as conn:
            return conn.execute(query.encode(), values).fetchall()

    def settled(self) -> None:
        """Wait until every notice was delivered, then check that all is as it must be. See `check`."""
        deadline = time.monotonic() + 60
        while waiting := self.rows(_WAITING):
            assert time.monotonic() < deadline, waiting
            time.sleep(0.2)
        self.check()

    def check(self) -> None:
        """Everything holds: what stands in matching, and what was told of it, once, by each way.

        A mail server answers when it has taken a mail; who dies before hearing that must send it again. So a mail may
        arrive twice. But both are the same mail, with one Message-ID, and mailboxes show one. Likewise a webhook may be
        called twice with one event id. Nothing else is ever told twice.
        """
        events = self.rows("SELECT * FROM gateway.notice_events")

        async def invariants() -> None:
            async with Database(self.url, schema="matching", max_size=2) as database:
                await check_invariants(database, self.people, events)

        asyncio.run(invariants())
        doubles = self.rows(
            "SELECT event_id, account_id FROM gateway.notices GROUP BY event_id, account_id HAVING count(*) > 1"
        )
        assert doubles == []
        lost = self.rows(
            "SELECT e.id FROM gateway.notice_events e LEFT JOIN gateway.notices n ON n.event_id = e.id"
            " WHERE n.id IS NULL"
        )
        assert lost == [], "nobody was told"
        unsent = self.rows("SELECT id, channel, state, last_error FROM gateway.deliveries WHERE state <> 'sent'")
        assert unsent == []
        self._check_mails()
        called = self.rows("SELECT event_id FROM gateway.deliveries WHERE channel = 'webhook'")
        assert set(self.receiver.calls) == {str(row["event_id"]) for row in called}

    def _check_mails(self) -> None:
        """Each line on the page of somebody with an address went out in one mail, by its Message-ID."""
        mails: dict[str, set[str]] = defaultdict(set)  # by address and link
        for address, mail in list(self.post.mails):
            body = mail.get_body(("plain",))
            assert body is not None
            for word in body.get_content().split("/notices/")[1:]:
                mails[f"{address} {word[:36]}"].add(str(mail["Message-ID"]))
        lines = self.rows(
            "SELECT d.address, n.id FROM gateway.deliveries d JOIN gateway.notices n ON n.id = d.notice_id"
            " WHERE d.channel = 'email'"
        )
        for line in lines:
            ids = mails.pop(f"{line['address']} {line['id']}", set())
            assert len(ids) == 1, (line, ids)
        assert {link.split(" ")[1][:11] for link in mails} <= {"preferences"}


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
        until(lambda: httpx.get(f"http://{addresses['gateway']}/readyz", trust_env=False).status_code == 200, 60)
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
    assert started.wait(10)
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
