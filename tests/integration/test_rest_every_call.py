"""Every call between a request and a person: refused with an old etag, and done once where it is sent twice."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.integration.two_sides import TwoSides, made, two_sides
from tests.stack import Stack
from yinling_common.database import Database
from yinling_gateway.testing import Harness

KINDS = ("mentoring-requests", "invitations", "opt-ins", "engagements", "mentoring-sessions")
SOON = (datetime.now(UTC) + timedelta(days=3)).isoformat()


@pytest.fixture
async def sides(gateway: Harness) -> AsyncIterator[TwoSides]:
    async with two_sides(gateway) as sides:
        yield sides


def documented(gateway: Harness, header: str) -> set[str]:
    """The calls about these things that know a header, as "POST invitations:accept"."""
    found = set()
    for path, operations in gateway.app.openapi()["paths"].items():
        call = path.removeprefix("/api/v1/").replace("/{id}", "")
        if call.partition(":")[0].partition("/")[0] in KINDS:
            for method, operation in operations.items():
                if header in {one["name"] for one in operation.get("parameters", [])}:
                    found.add(f"{method.upper()} {call}")
    return found


async def test_an_old_etag_is_refused_by_every_call(gateway: Harness, sides: TwoSides) -> None:
    request = await sides.request()
    (invitation,) = await sides.invite(request)
    engagement = await sides.engagement()
    offers = f"/api/v1/mentoring-requests/{request['id']}/opt-ins"
    opt_in = made(await sides.office.post(offers, json={"profile_id": sides.people[1]}))
    sessions = f"/api/v1/engagements/{engagement['id']}/sessions"
    session = made(await sides.hr.post(sessions, json={"start_time": SOON, "minutes": 60}))["session"]
    ids = dict(zip(KINDS, (one["id"] for one in (request, invitation, opt_in, engagement, session)), strict=True))
    bodies: dict[str, Any] = {
        "PATCH mentoring-requests": {"title": "二"},
        "PATCH engagements": {"goals": []},
        "PATCH mentoring-sessions": {"minutes": 30},
        "POST invitations:decline": {"reason": "no_time"},
        "POST opt-ins:turn-down": {"reason": "somebody_else"},
        "POST engagements:end": {"reason": "no_fit"},
        "POST mentoring-sessions:hold": {},
    }
    persons = {"POST invitations:accept", "POST invitations:decline", "POST opt-ins:withdraw"}
    calls = documented(gateway, "If-Match")
    assert bodies.keys() | persons <= calls
    for call in sorted(calls):
        method, _, what = call.partition(" ")
        kind, colon, move = what.partition(":")
        client = sides.office if call in persons else sides.hr
        answer = await client.request(
            method,
            f"/api/v1/{kind}/{ids[kind]}{colon}{move}",
            headers={"If-Match": '"0000000000000000"'},
            json=bodies.get(call),
        )
        assert (answer.status_code, answer.json().get("reason")) == (412, "STALE_ETAG"), call


@dataclass
class Twice:
    """Makes each call two times under one key, and expects the same answer.

    Attributes:
        made: The calls, as `documented` names them.
    """

    made: set[str] = field(default_factory=set)

    async def post(self, client: httpx.AsyncClient, path: str, body: Any = None) -> dict[str, Any]:
        return await self.call("POST", client, path, body)

    async def call(self, method: str, client: httpx.AsyncClient, path: str, body: Any = None) -> dict[str, Any]:
        headers = {"Idempotency-Key": str(uuid4())}
        first, again = [await client.request(method, f"/api/v1/{path}", headers=headers, json=body) for _ in range(2)]
        assert first.is_success, (path, first.text)
        assert (again.status_code, again.json()) == (first.status_code, first.json()), path
        parts = path.replace(":", "/:").split("/")
        self.made.add(f"{method} {'/'.join(one for n, one in enumerate(parts) if n != 1)}".replace("/:", ":"))
        result: dict[str, Any] = first.json()
        return result


async def test_every_call_sent_twice_is_done_once(gateway: Harness, sides: TwoSides, stack: Stack) -> None:
    twice, hr, office, mentor = Twice(), sides.hr, sides.office, sides.mentor
    request = await twice.post(hr, "mentoring-requests", {"organisation": "云南铜业", "title": "一", "state": "draft"})
    about = f"mentoring-requests/{request['id']}"
    for move in ("publish", "close", "reopen", "fill", "duplicate"):
        await twice.post(hr, f"{about}:{move}")
    await twice.call("PATCH", hr, about, {"mentors_wanted": 5, "title": "二"})
    await twice.post(hr, f"{about}:reopen")

    async def invited() -> str:
        asked = {"profile_ids": sides.people[:1]}
        return f"invitations/{(await twice.post(hr, f'{about}/invitations', asked))['invitations'][0]['id']}"

    async def offered() -> str:
        return f"opt-ins/{(await twice.post(office, f'{about}/opt-ins', {'profile_id': sides.people[1]}))['id']}"

    await twice.post(hr, f"{await invited()}:withdraw")
    await twice.post(mentor, f"{await invited()}:decline", {"reason": "no_time"})
    engaged = f"engagements/{(await twice.post(mentor, f'{await invited()}:accept'))['id']}"
    await twice.post(office, f"{await offered()}:withdraw")
    await twice.post(hr, f"{await offered()}:turn-down", {"reason": "somebody_else"})
    other = f"engagements/{(await twice.post(hr, f'{await offered()}:confirm'))['id']}"

    await twice.call("PATCH", hr, engaged, {"goals": [{"text": "甲"}]})
    for move in ("pause", "resume"):
        await twice.post(mentor, f"{engaged}:{move}")
    logged = await twice.post(hr, f"{engaged}/sessions", {"start_time": SOON, "minutes": 60})
    session = f"mentoring-sessions/{logged['session']['id']}"
    key = {"Idempotency-Key": str(uuid4())}
    first = await hr.patch(f"/api/v1/{session}", json={"minutes": 90}, headers=key)
    await twice.call("PATCH", hr, session, {"minutes": 30})
    assert (await hr.patch(f"/api/v1/{session}", json={"minutes": 90}, headers=key)).json() == first.json()
    assert (await hr.get(f"/api/v1/{session}")).json()["minutes"] == 30
    async with Database(stack.matching_url, schema="matching") as database, database.transaction() as conn:
        await conn.execute("UPDATE mentoring_sessions SET start_time = now() - interval '1 hour'")
    await twice.post(hr, f"{session}:hold", {})
    await twice.post(hr, f"{session}:cancel")
    await twice.post(hr, f"{engaged}/feedback", {"phase": "halfway", "cooperation": 4})
    await twice.post(hr, f"{engaged}:complete")
    await twice.post(mentor, f"{engaged}/feedback", {"phase": "end", "goals": 5, "cooperation": 4, "again": 5})
    await twice.post(hr, f"{other}:end", {"reason": "no_fit"})
    assert twice.made == documented(gateway, "Idempotency-Key")
