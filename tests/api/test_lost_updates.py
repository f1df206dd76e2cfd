"""Whoever changes what somebody else has changed meanwhile is told so (412), in every operation that takes If-Match."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.api.conftest import ENTERPRISE, Api
from yinling_common.identity import Role

pytestmark = pytest.mark.api

BODIES: dict[str, dict[str, Any]] = {
    "profiles_update": {"bio": "讲过安全课"},
    "requests_update": {"months": 6},
    "invitations_decline": {"reason": "too_far"},
    "opt_ins_turn_down": {"reason": "somebody_else"},
    "engagements_update": {"goals": [{"text": "独立核定通风系统"}]},
    "engagements_end": {"reason": "need_changed"},
    "sessions_update": {"summary": "测风"},
    "sessions_hold": {"summary": "测风"},
    "matching_settings_put": {"weights": {"must": 1.5}},
    "accounts_update": {"display_name": "李敏"},
    "notices_put_preferences": {"digest_hour": 8},
    "notices_put_own_preferences": {"digest_hour": 8},
    "webhooks_update": {"active": False},
    "privacy_erase": {"confirm": "王建国"},
}

PREPARED = {"request_life_reopen": "request_life_close", "engagements_resume": "engagements_pause"}
"""What must be done before the operation can be asked for at all."""


async def test_no_update_is_lost(api: Api, subtests: pytest.Subtests) -> None:
    async with api.client(Role.ADMIN) as admin:
        paths = (await admin.get("/openapi.json")).json()["paths"]
    guarded = {
        said["operationId"]: (method, path, said["x-roles"])
        for path, methods in paths.items()
        for method, said in methods.items()
        if any(parameter["name"] == "If-Match" for parameter in said.get("parameters", []))
    }
    assert len(guarded) >= 30
    things = await _things(api)
    for name, (method, path, roles) in guarded.items():
        with subtests.test(operation=name):
            role = next(role for role in (Role.HR, Role.COORDINATOR, Role.ADMIN) if role in roles)
            async with api.client(role) as client:
                where = path.replace("{id}", things[name] or things[path.split("/")[3]])
                if before := PREPARED.get(name):
                    done = await client.post(guarded[before][1].replace("{id}", things[path.split("/")[3]]))
                    assert done.status_code == 200, done.text
                lost = await client.request(method, where, json=BODIES.get(name), headers={"If-Match": '"0"'})
                assert lost.status_code == 412, lost.text
                assert lost.json()["reason"] == "STALE_ETAG"


async def _things(api: Api) -> defaultdict[str, str]:
    """Ids by the collection that they are in, or by the operation where it needs another one."""
    found: defaultdict[str, str] = defaultdict(str)
    async with api.client(Role.HR) as hr, api.client(Role.ADMIN) as admin:
        for request in (await hr.get("/api/v1/mentoring-requests")).json()["mentoring_requests"]:
            found["request_life_publish" if request["state"] == "draft" else "mentoring-requests"] = request["id"]
        found["invitations"] = await _first(hr, "/api/v1/invitations?state=sent", "invitations")
        found["opt-ins"] = await _first(hr, "/api/v1/opt-ins?state=offered", "opt_ins")
        found["engagements"] = await _first(hr, "/api/v1/engagements?state=active", "engagements")
        planned = {"start_time": (datetime.now(UTC) + timedelta(days=3)).isoformat(), "minutes": 60}
        logged = await hr.post(f"/api/v1/engagements/{found['engagements']}/sessions", json=planned)
        found["mentoring-sessions"] = logged.json()["session"]["id"]
        found["profiles"] = api.people[-1]
        found["privacy_erase"] = api.people[0]
        body = {"username": "other", "password": "correct horse", "role": "hr", "organisation": ENTERPRISE}
        found["accounts"] = (await admin.post("/api/v1/accounts", json=body)).json()["id"]
        hook = await hr.post("/api/v1/webhooks", json={"url": "https://bridge.invalid/"})
        found["webhooks"] = hook.json()["id"]
        for path in ("/api/v1/settings/matching", "/api/v1/me/notice-preferences"):
            assert (await hr.put(path, json={})).status_code == 200
    return found


async def _first(client: httpx.AsyncClient, path: str, name: str) -> str:
    first: str = (await client.get(path)).json()[name][0]["id"]
    return first
