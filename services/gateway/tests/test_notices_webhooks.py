"""Webhooks: tried again under the same id, never to where they must not go."""

import asyncio
import json
import re
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from yinling.matching.v1 import notice_service_pb2 as pb

from yinling_common.errors import InvalidField
from yinling_common.identity import Role
from yinling_common.testing import Clock
from yinling_gateway.domain import Account
from yinling_gateway.notices import outside
from yinling_gateway.notices.calling import body, sign
from yinling_gateway.notices.domain import Audience, Event
from yinling_gateway.notices.parts import Notices, make_notices
from yinling_gateway.notices.webhooks import WantedWebhook
from yinling_gateway.testing import ORGANISATION, Harness
from yinling_gateway.testing.receiving import Receiver

PERSON, ENTERPRISE = pb.Notice.AUDIENCE_PERSON, pb.Notice.AUDIENCE_ENTERPRISE
ACCEPTED, INVITED = pb.NOTICE_KIND_INVITATION_ACCEPTED, pb.NOTICE_KIND_INVITATION_RECEIVED


@pytest.fixture
def settings_changes() -> dict[str, object]:
    return {"webhooks_private": True, "notices_deliver": False}


@pytest.fixture
async def hr(gateway: Harness) -> Account:
    return await gateway.account(Role.HR)


async def _states(gateway: Harness) -> dict[str, str]:
    """Of each event whose call was to be made."""
    async with gateway.parts.database.connection() as conn:
        rows = await (await conn.execute("SELECT event_id, state FROM deliveries")).fetchall()
    return {str(row["event_id"]): row["state"] for row in rows}


async def test_a_call_is_repeated_under_its_id_until_it_is_answered(
    gateway: Harness, notices: Notices, hr: Account, receiver: Receiver, clock: Clock
) -> None:
    _, receiver.secret = await notices.webhooks.create(hr, WantedWebhook(receiver.url, []))
    notice = gateway.services.notices.tell(ACCEPTED, ENTERPRISE, organisation=ORGANISATION)
    await notices.collector.collect()
    receiver.answers = [500, 404, 302]
    for pause in (1, 2, 4):
        await notices.caller.call_due()
        clock.move(minutes=pause, seconds=-1)
        await notices.caller.call_due()  # not before its time
        clock.move(seconds=1)
    assert receiver.events == [notice.id] * 3
    receiver.silent = True
    await _impatient(gateway, clock).caller.call_due()
    [failing], _ = await notices.deliveries.page("failing", 0, "")
    assert (failing.attempts, failing.last_error) == (4, "no answer within 0.2 s")
    assert failing.target == f"127.0.0.1:{receiver.port}"
    receiver.silent = False
    clock.move(minutes=8)
    await notices.caller.call_due()
    assert set(receiver.events) == {notice.id}
    assert await _states(gateway) == {notice.id: "sent"}


def _impatient(gateway: Harness, clock: Clock) -> Notices:
    parts = gateway.parts
    settings = parts.settings.model_copy(update={"webhook_timeout": 0.2})
    return make_notices(parts.database, parts.backend, settings, now=clock)


async def test_what_is_gone_or_switched_off_is_not_called_again(
    gateway: Harness, notices: Notices, hr: Account, receiver: Receiver
) -> None:
    webhook, _ = await notices.webhooks.create(hr, WantedWebhook(receiver.url, []))
    gone = gateway.services.notices.tell(ACCEPTED, ENTERPRISE, organisation=ORGANISATION)
    await notices.collector.collect()
    receiver.answers = [410]
    await notices.caller.call_due()
    assert await _states(gateway) == {gone.id: "given_up"}
    waiting = gateway.services.notices.tell(ACCEPTED, ENTERPRISE, organisation=ORGANISATION)
    await notices.collector.collect()
    await notices.webhooks.update(hr, webhook.id, active=False)
    gateway.services.notices.tell(ACCEPTED, ENTERPRISE, organisation=ORGANISATION)
    await notices.collector.collect()
    await notices.caller.call_due()
    assert len(receiver.calls) == 1
    assert await _states(gateway) == {gone.id: "given_up", waiting.id: "dropped"}


async def test_each_side_is_told_its_own(gateway: Harness, notices: Notices, hr: Account, receiver: Receiver) -> None:
    office = await gateway.account(Role.COORDINATOR)
    await notices.webhooks.create(hr, WantedWebhook(receiver.url, [int(ACCEPTED)]))
    await notices.webhooks.create(office, WantedWebhook(receiver.url, []))
    to_person = gateway.services.notices.tell(
        INVITED,
        PERSON,
        organisation="云南铜业",
        office=ORGANISATION,
        profile_id=gateway.services.talent.add(organisation=ORGANISATION, name="吴桂兰").id,
    )
    to_hr = gateway.services.notices.tell(ACCEPTED, ENTERPRISE, organisation=ORGANISATION)
    gateway.services.notices.tell(pb.NOTICE_KIND_REQUEST_FILLED, ENTERPRISE, organisation=ORGANISATION)
    await notices.collector.collect()
    await notices.caller.call_due()
    assert {(said["audience"], said["id"]) for _, said in receiver.calls} == {
        ("person", to_person.id),
        ("enterprise", to_hr.id),
    }
    assert "吴桂兰" not in str(receiver.calls)


@pytest.mark.parametrize(
    "url",
    [
        "http://bridge.example.cn/",
        "https://user:secret@bridge.example.cn/",
        "https://bridge.example.cn/#x",
        "https:///path",
        "https://bridge.example.cn:99999/",
        "https://bridge.example.cn:0/",
        "https://桥.cn/",
        "https://bridge.example.cn/a b",
        "ftp://bridge.example.cn/",
        "file:///etc/passwd",
        "",
    ],
)
def test_an_address_that_cannot_be_right_is_refused(url: str) -> None:
    with pytest.raises(outside.Refused):
        outside.check_url(url, private=False)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - an address that must be refused
        "224.0.0.1",
        "::1",
        "fe80::1",
        "fc00::1",
        "fec0::1",
        "::ffff:127.0.0.1",
        "2002:7f00:1::",
    ],
)
async def test_private_addresses_are_not_called(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET

    async def resolve(*_: Any, **__: Any) -> list[Any]:
        public = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("1.1.1.1", 443))
        return [public, (family, socket.SOCK_STREAM, 6, "", (address, 443))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
    with pytest.raises(outside.Refused, match="private"):
        await outside.post("https://bridge.example.cn/", b"{}", {}, seconds=1, private=False)


async def test_a_name_is_resolved_once_and_sent_along(monkeypatch: pytest.MonkeyPatch, receiver: Receiver) -> None:
    asked = 0

    async def resolve(*_: Any, **__: Any) -> list[Any]:
        nonlocal asked
        asked += 1
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", receiver.port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
    headers = {"X-Yinling-Event": "e", "X-Yinling-Signature": "t=0,v1=x"}
    url = f"http://bridge.example.cn:{receiver.port}/a?b=c"
    answer = await outside.post(url, b"{}", headers, seconds=5, private=True)
    assert answer.status == 204
    assert receiver.calls[0][0]["host"] == f"bridge.example.cn:{receiver.port}"
    assert asked == 1


async def test_an_organisation_needs_a_good_address_and_known_kinds(notices: Notices, hr: Account) -> None:
    with pytest.raises(InvalidField) as caught:
        await notices.webhooks.create(hr, WantedWebhook("gopher://x", [999]))
    assert [violation.field for violation in caught.value.violations] == ["url", "kinds[0]"]


async def test_an_administrator_keeps_webhooks_of_all(gateway: Harness, notices: Notices, hr: Account) -> None:
    admin = await gateway.account(Role.ADMIN)
    webhook, secret = await notices.webhooks.create(hr, WantedWebhook("https://b.example.cn/", []))
    assert webhook.audience is Audience.ENTERPRISE
    renewed, other = await notices.webhooks.new_secret(admin, webhook.id)
    assert (renewed.id, renewed.etag != webhook.etag, other != secret) == (webhook.id, True, True)


def test_the_documentation_checks_calls_as_they_are_signed() -> None:
    text = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    documented: dict[str, Any] = {}
    for block in blocks:
        exec(block, documented)  # noqa: S102 - what our own documentation says
    content = json.dumps({"id": "e", "subject": {"zh": "邀请被接受"}}).encode()
    signature = sign("whs_secret", content, datetime.now(UTC))
    assert documented["genuine"]("whs_secret", signature, content)
    assert not documented["genuine"]("whs_other", signature, content)
    assert not documented["genuine"]("whs_secret", signature, content + b" ")
    old = sign("whs_secret", content, datetime.now(UTC) - timedelta(minutes=6))
    assert not documented["genuine"]("whs_secret", old, content)
    assert documented["message"](json.loads(content))["text"]["content"] == "邀请被接受"
    [example] = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    event = Event("i", int(ACCEPTED), Audience.ENTERPRISE, "o", "p", "f", "r", "engagement", "e", {}, datetime.now(UTC))
    assert set(json.loads(example)) == set(json.loads(body(event)))
