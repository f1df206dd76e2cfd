"""What runs in these tests: processes that die where they are told to, and what receives their mails and calls."""

import asyncio
import json
import signal
import socket
import subprocess
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import httpx
import psycopg
from psycopg.rows import dict_row
from yinling.matching.v1 import engagement_service_pb2 as engagement_pb
from yinling.matching.v1 import engagement_service_pb2_grpc as engagement_rpc
from yinling.talent.v1 import talent_pb2
from yinling.talent.v1 import talent_service_pb2 as talent_pb
from yinling.talent.v1 import talent_service_pb2_grpc as talent_rpc

from yinling_common.client import call_metadata
from yinling_common.database import Database
from yinling_common.identity import Identity, Role
from yinling_common.testing import Keys
from yinling_gateway.repository.notices import EVENT_COLUMNS, to_event
from yinling_gateway.repository.settling import is_settled
from yinling_gateway.testing.mail import Post
from yinling_matching.engaging.testing import check_invariants
from yinling_runner.testing import until

COMPANY, OFFICE = "攀钢集团", "矿务局"

PATIENCE = 300.0
"""Seconds. Everything takes one or two, and a start five; but others may be working on this machine."""


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
        until(self._listens, PATIENCE)

    def arm(self, point: str) -> None:
        """Let it die at a step."""
        self.fault.write_text(point)

    def kill(self) -> None:
        """Pull the plug."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(PATIENCE)

    def died(self, within: float = PATIENCE) -> None:
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

_TRY_AGAIN = """
    UPDATE gateway.deliveries SET due_time = now() WHERE state = 'waiting' AND last_error <> '' RETURNING id
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
        with httpx.Client(base_url=f"http://{self.gateway.address}", timeout=PATIENCE, trust_env=False) as client:
            return client.request(method, f"/api/v1{path}", headers=headers, **more)

    def insist(self, method: str, path: str, who: str, **more: Any) -> Any:
        """The same, again and again until it is answered, as a client with an Idempotency-Key may; the answer."""
        deadline = time.monotonic() + PATIENCE
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
        caller = Identity("office-1", Role.COORDINATOR, organisation=OFFICE)
        with grpc.insecure_channel(self.talent.address) as channel:
            stub, deadline = talent_rpc.TalentServiceStub(channel), time.monotonic() + PATIENCE
            while True:
                metadata = call_metadata(self.keys.signer(), caller, "talent")
                asked = talent_pb.CreateProfileRequest(profile=profile)
                try:
                    made = stub.CreateProfile(asked, metadata=metadata, timeout=PATIENCE, wait_for_ready=True)
                    break
                except grpc.RpcError as error:
                    # It was started a moment ago, and so was the pool of its database.
                    if error.code() is not grpc.StatusCode.UNAVAILABLE or time.monotonic() > deadline:
                        raise
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
        deadline = time.monotonic() + PATIENCE
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
                timeout=PATIENCE,
            )

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds."""
        until(holds, PATIENCE)

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """What a query finds, in any schema."""
        with psycopg.connect(self.url, autocommit=True, row_factory=dict_row) as conn:
            return conn.execute(query.encode(), values).fetchall()

    def settled(self) -> None:
        """Wait until every notice was delivered, then check that all is as it must be. See `check`."""
        deadline = time.monotonic() + PATIENCE
        while waiting := self.rows(_WAITING):
            assert time.monotonic() < deadline, waiting
            # What was not answered in time, because everything here was busy, is tried again after minutes: they pass.
            self.rows(_TRY_AGAIN)
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
        unsent = self.rows(
            "SELECT id, channel, state, last_error FROM gateway.deliveries WHERE state NOT IN ('sent', 'dropped')"
        )
        assert unsent == []
        asyncio.run(self._check_dropped())
        self._check_mails()
        called = self.rows("SELECT event_id FROM gateway.deliveries WHERE channel = 'webhook'")
        assert set(self.receiver.calls) == {str(row["event_id"]) for row in called}

    async def _check_dropped(self) -> None:
        """Only a mail that asks for what was done meanwhile is not sent."""
        dropped = self.rows(
            f"SELECT d.channel, d.event_id, {EVENT_COLUMNS} FROM gateway.deliveries d"  # noqa: S608 - a constant
            " JOIN gateway.notice_events e ON e.id = d.event_id WHERE d.state = 'dropped'"
        )
        async with Database(self.url, schema="gateway", max_size=2) as database, database.connection() as connection:
            for row in dropped:
                assert row["channel"] == "email", row
                assert await is_settled(connection, to_event(row)), row

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
            " WHERE d.channel = 'email' AND d.state = 'sent'"
        )
        for line in lines:
            ids = mails.pop(f"{line['address']} {line['id']}", set())
            assert len(ids) == 1, (line, ids)
        assert {link.split(" ")[1][:11] for link in mails} <= {"preferences"}
