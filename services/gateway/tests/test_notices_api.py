"""Notices, preferences and webhooks over REST."""

import asyncio
from typing import Any

import httpx
import pytest
from yinling.matching.v1 import notice_service_pb2 as pb

from yinling_common.identity import Role
from yinling_gateway.models.notices import NoticeKind
from yinling_gateway.notices.calling import KINDS
from yinling_gateway.testing import ORGANISATION, Harness
from yinling_gateway.testing.harness import sign_in
from yinling_gateway.testing.receiving import Receiver

ENTERPRISE = pb.Notice.AUDIENCE_ENTERPRISE
ACCEPTED, FILLED = pb.NOTICE_KIND_INVITATION_ACCEPTED, pb.NOTICE_KIND_REQUEST_FILLED
PREFERENCES: dict[str, Any] = {
    "in_app": True,
    "email": True,
    "address": "li@example.com",
    "quiet_hours": {"start": "21:30", "end": "08:00"},
    "digest_hour": 18,
}


@pytest.fixture
def settings_changes() -> dict[str, object]:
    return {"webhooks_private": True}


async def _until(client: httpx.AsyncClient, count: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(60):
        while True:
            notices: list[dict[str, Any]] = (await client.get("/api/v1/notices")).json()["notices"]
            if len(notices) >= count:
                return notices
            await asyncio.sleep(0.05)


def test_the_kinds_are_those_of_the_contract() -> None:
    assert {kind.value for kind in NoticeKind} == set(KINDS)


async def test_notices_are_listed_counted_and_read(gateway: Harness) -> None:
    async with gateway.signed_in(Role.HR) as client:
        for kind in (ACCEPTED, FILLED, ACCEPTED):
            gateway.services.notices.tell(kind, ENTERPRISE, organisation=ORGANISATION)
        gateway.services.notices.tell(ACCEPTED, ENTERPRISE, organisation="鞍钢集团")
        notices = await _until(client, 3)
        assert len(notices) == 3
        assert notices[1]["kind"] == "request_filled"
        assert notices[1]["subject"] == "需求已满：转炉炼钢操作带教"
        assert notices[2]["page"] == f"/engagements/{notices[2]['resource_id']}"
        first = (await client.get("/api/v1/notices", params={"page_size": 2})).json()
        assert first["unread"] == 3
        rest = await client.get("/api/v1/notices", params={"page_size": 2, "page_token": first["next_page_token"]})
        assert [n["id"] for n in first["notices"] + rest.json()["notices"]] == [n["id"] for n in notices]
        read = await client.post(f"/api/v1/notices/{notices[0]['id']}:read")
        assert read.status_code == 200
        again = await client.post(f"/api/v1/notices/{notices[0]['id']}:read")
        assert read.json()["read_time"] is not None
        assert again.json()["read_time"] == read.json()["read_time"]
        unread = (await client.get("/api/v1/notices", params={"unread": True})).json()
        assert [n["id"] for n in unread["notices"]] == [n["id"] for n in notices[1:]]
        assert (await client.post("/api/v1/notices:read-all")).json() == {"read": 2}
        assert (await client.get("/api/v1/notices")).json()["unread"] == 0
        assert (await client.get("/api/v1/notices", params={"page_size": -1})).status_code == 422
        token = first["next_page_token"]
        assert (await client.get("/api/v1/notices", params={"unread": True, "page_token": token})).status_code == 422
    async with gateway.signed_in(Role.ADMIN) as other:
        assert (await other.post(f"/api/v1/notices/{notices[0]['id']}:read")).status_code == 404
        assert (await other.get("/api/v1/notices")).json()["notices"] == []


async def test_preferences_are_guarded_by_their_etag(gateway: Harness) -> None:
    async with gateway.signed_in(Role.RETIREE) as client:
        address = "/api/v1/me/notice-preferences"
        before = await client.get(address)
        assert before.json()["address"] == ""
        assert before.json()["email_works"] is False
        kept = await client.put(address, json=PREFERENCES, headers={"If-Match": before.headers["etag"]})
        assert kept.status_code == 200, kept.text
        assert {name: kept.json()[name] for name in PREFERENCES} == PREFERENCES
        assert (await client.get(address)).json() == kept.json()
        stale = await client.put(address, json=PREFERENCES, headers={"If-Match": before.headers["etag"]})
        assert stale.status_code == 412
        assert (await client.put(address, json={})).json()["quiet_hours"] is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"address": "zhou"}, "address"),
        ({"address": "zhou@\nexample.com"}, "address"),
        ({"address": f"{'a' * 60}@{'b' * 250}.com"}, "address"),
        ({"address": "周@example.com"}, "address"),
        ({"digest_hour": 24}, "digest_hour"),
        ({"digest_hour": -1}, "digest_hour"),
        ({"quiet_hours": {"start": "25:00", "end": "07:00"}}, "quiet_hours.start"),
        ({"quiet_hours": {"start": "22:00", "end": "７"}}, "quiet_hours.end"),
        ({"quiet_hours": {"start": "22:00"}}, "quiet_hours.end"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_wrong_preferences_are_refused_by_field(gateway: Harness, change: dict[str, Any], field: str) -> None:
    async with gateway.signed_in(Role.HR) as client:
        refused = await client.put("/api/v1/me/notice-preferences", json=PREFERENCES | change)
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == [field]


async def test_an_administrator_sets_the_address_of_somebody(gateway: Harness) -> None:
    person = await gateway.account(Role.RETIREE)
    async with gateway.signed_in(Role.ADMIN) as admin:
        address = f"/api/v1/accounts/{person.id}/notice-preferences"
        assert (await admin.put(address, json=PREFERENCES)).status_code == 200
        missing = f"/api/v1/accounts/{person.profile_id}/notice-preferences"
        assert (await admin.get(missing)).status_code == 404
    async with gateway.client() as client:
        await sign_in(client, "retiree")
        assert (await client.get("/api/v1/me/notice-preferences")).json()["address"] == "li@example.com"
        assert (await client.get(address)).status_code == 403


async def test_a_webhook_is_made_called_changed_and_deleted(
    gateway: Harness, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with gateway.signed_in(Role.HR) as client:
        made = await client.post("/api/v1/webhooks", json={"url": receiver.url, "kinds": ["invitation_accepted"]})
        assert made.status_code == 201, made.text
        receiver.secret = made.json()["secret"]
        address = made.headers["location"]
        assert "secret" not in (await client.get(address)).json()
        assert [w["id"] for w in (await client.get("/api/v1/webhooks")).json()["webhooks"]] == [made.json()["id"]]
        assert (await client.post(f"{address}:test")).json() == {"delivered": True, "error": ""}
        assert receiver.calls[0][1]["test"] is True

        gateway.services.notices.tell(FILLED, ENTERPRISE, organisation=ORGANISATION)
        notice = gateway.services.notices.tell(ACCEPTED, ENTERPRISE, organisation=ORGANISATION)
        async with asyncio.timeout(60):
            while len(receiver.calls) < 2:  # noqa: ASYNC110 - the state of a server, not of this test
                await asyncio.sleep(0.05)
        headers, body = receiver.calls[1]
        assert headers["x-yinling-event"] == body["id"] == notice.id
        assert body["facts"] == {"title": "转炉炼钢操作带教"}
        assert body["subject"]["en"] == "An invitation was accepted: 转炉炼钢操作带教"

        receiver.answers = [302]
        assert (await client.post(f"{address}:test")).json() == {"delivered": False, "error": "answered 302"}
        receiver.silent = True
        with monkeypatch.context() as impatient:
            impatient.setattr(gateway.parts.settings, "webhook_timeout", 0.2)
            assert "no answer" in (await client.post(f"{address}:test")).json()["error"]
        receiver.silent = False
        await receiver.stop()
        assert (await client.post(f"{address}:test")).json()["delivered"] is False
        await receiver.start()

        changed = await client.patch(address, json={"kinds": []}, headers={"If-Match": made.headers["etag"]})
        assert changed.json()["kinds"] == []
        assert (
            await client.patch(address, json={"active": False}, headers={"If-Match": made.headers["etag"]})
        ).status_code == 412
        renewed = await client.post(f"{address}:new-secret")
        assert renewed.json()["secret"] != receiver.secret
        receiver.secret = renewed.json()["secret"]
        assert (await client.post(f"{address}:test")).json()["delivered"] is True
        assert receiver.forged == 0
        assert (await client.delete(address)).status_code == 204
        assert (await client.get(address)).status_code == 404


async def test_a_webhook_is_kept_by_its_own_side_alone(gateway: Harness) -> None:
    url = {"url": "https://bridge.example.cn/"}
    async with gateway.signed_in(Role.HR) as hr, gateway.signed_in(Role.COORDINATOR) as office:
        made = (await hr.post("/api/v1/webhooks", json=url)).json()
        assert made["audience"] == "enterprise"
        assert (await office.post("/api/v1/webhooks", json=url)).json()["audience"] == "person"
        assert (await office.get(f"/api/v1/webhooks/{made['id']}")).status_code == 404
        assert (await hr.post("/api/v1/webhooks", json=url | {"audience": "person"})).status_code == 403
        assert (await hr.post("/api/v1/webhooks", json=url | {"organisation": "鞍钢集团"})).status_code == 403
    async with gateway.signed_in(Role.RETIREE) as person:
        assert (await person.get("/api/v1/webhooks")).status_code == 403
    async with gateway.signed_in(Role.ADMIN) as admin:
        missing = await admin.post("/api/v1/webhooks", json=url)
        assert [error["field"] for error in missing.json()["errors"]] == ["organisation", "audience"]
        theirs = url | {"organisation": "鞍钢集团", "audience": "person"}
        assert (await admin.post("/api/v1/webhooks", json=theirs)).status_code == 201
        assert len((await admin.get("/api/v1/webhooks")).json()["webhooks"]) == 3
        page = (await admin.get("/api/v1/webhooks", params={"page_size": 2})).json()
        rest = await admin.get("/api/v1/webhooks", params={"page_size": 2, "page_token": page["next_page_token"]})
        assert len(rest.json()["webhooks"]) == 1


async def test_an_organisation_has_only_so_many_webhooks(gateway: Harness) -> None:
    async with gateway.signed_in(Role.HR) as client:
        url = {"url": "https://b.example.cn/"}
        answers = [await client.post("/api/v1/webhooks", json=url) for _ in range(18)]
        answers += await asyncio.gather(*(client.post("/api/v1/webhooks", json=url) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201] * 20 + [409] * 2


async def test_deliveries_are_for_administrators(gateway: Harness) -> None:
    async with gateway.signed_in(Role.HR) as client:
        assert (await client.get("/api/v1/deliveries")).status_code == 403
    async with gateway.signed_in(Role.ADMIN) as client:
        assert (await client.get("/api/v1/deliveries")).json() == {"deliveries": [], "next_page_token": ""}
        missing = await client.post("/api/v1/deliveries/0b6f7a52-2a3f-4c5e-9d0a-3f0a5b1c2d3e:retry")
        assert missing.status_code == 404
