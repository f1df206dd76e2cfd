"""What is done needs no notice any more: through all three services, whoever did it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.two_sides import ENTERPRISE, TwoSides, done, made, two_sides
from tests.stack import Stack, running_stack
from yinling_common.identity import Role
from yinling_common.testing import CloneDatabase, Keys


@pytest.fixture
async def stack(clone_database: CloneDatabase, keys: Keys, tmp_path: Path) -> AsyncIterator[Stack]:
    async with running_stack(clone_database, keys, tmp_path) as running:
        yield running


@pytest.fixture
async def sides(stack: Stack) -> AsyncIterator[TwoSides]:
    async with two_sides(stack.gateway) as given:
        yield given


async def _until(client: httpx.AsyncClient, new: set[str], *also: str) -> None:
    """Wait until exactly these kinds are new; `also` stand on the page, read or not."""
    async with asyncio.timeout(60):
        while True:
            page: dict[str, Any] = done(await client.get("/api/v1/notices"))
            found = {notice["kind"] for notice in page["notices"] if notice["read_time"] is None}
            if found == new and {notice["kind"] for notice in page["notices"]} >= {*also, *new}:
                assert page["unread"] == sum(notice["read_time"] is None for notice in page["notices"])
                return
            await asyncio.sleep(0.05)


async def test_from_an_invitation_to_the_feedback_nothing_done_stays_new(sides: TwoSides, stack: Stack) -> None:
    async with stack.gateway.signed_in(Role.HR, organisation=ENTERPRISE, username="colleague") as colleague:
        request = await sides.request(mentors_wanted=2)
        invitation, other = await sides.invite(request, *sides.people)
        await _until(sides.mentor, {"invitation_received"})
        await _until(sides.office, {"invitation_received"})  # for who has no account
        done(await sides.office.post(f"/api/v1/invitations/{other['id']}:decline", json={"reason": "no_time"}))
        await _until(colleague, {"invitation_declined"})
        await _until(sides.office, set(), "invitation_received")
        engagement = made(await sides.mentor.post(f"/api/v1/invitations/{invitation['id']}:accept"))
        await _until(sides.mentor, set(), "invitation_received")
        await _until(sides.hr, {"invitation_declined", "invitation_accepted"})

        sessions = f"/api/v1/engagements/{engagement['id']}/sessions"
        start = (datetime.now(UTC) + timedelta(days=3)).replace(microsecond=0).isoformat()
        planned = made(await sides.hr.post(sessions, json={"start_time": start, "minutes": 90}))["session"]
        await _until(sides.mentor, {"session_planned"})
        done(await sides.mentor.post(f"/api/v1/mentoring-sessions/{planned['id']}:cancel"))
        await _until(sides.mentor, set(), "session_planned")
        await _until(colleague, {"invitation_declined", "invitation_accepted", "session_cancelled"})
        earlier = (datetime.now(UTC) - timedelta(hours=2)).replace(microsecond=0).isoformat()
        made(await sides.mentor.post(sessions, json={"start_time": earlier, "minutes": 60, "summary": "不外传"}))
        await _until(colleague, {"invitation_declined", "invitation_accepted", "session_cancelled", "session_logged"})
        said = [n for n in done(await colleague.get("/api/v1/notices"))["notices"] if n["kind"] == "session_logged"]
        assert "用时1小时" in said[0]["body"]
        assert "不外传" not in str(said)

        done(await colleague.post("/api/v1/notices:read-all"))
        done(await sides.hr.post(f"/api/v1/engagements/{engagement['id']}:complete"))
        await _until(colleague, {"feedback_asked"})
        await _until(sides.mentor, {"feedback_asked", "engagement_completed"})
        feedback = {"phase": "end", "goals": 5, "cooperation": 5, "again": 4}
        address = f"/api/v1/engagements/{engagement['id']}/feedback"
        answer = await sides.hr.post(address, json=feedback)
        assert answer.is_success, answer.text
        await _until(colleague, set(), "feedback_asked")  # one of the enterprise did it for all
        await _until(sides.mentor, {"feedback_asked", "engagement_completed"})
        answer = await sides.mentor.post(address, json=feedback)
        assert answer.is_success, answer.text
        await _until(sides.mentor, {"engagement_completed"}, "feedback_asked")
        await _until(colleague, {"feedback_ready"})


async def test_an_offer_that_was_answered_and_a_request_that_is_filled(sides: TwoSides, stack: Stack) -> None:
    async with stack.gateway.signed_in(Role.HR, organisation=ENTERPRISE, username="colleague") as colleague:
        request = await sides.request(mentors_wanted=1)
        (invitation,) = await sides.invite(request, sides.people[1])
        done(await sides.office.post(f"/api/v1/invitations/{invitation['id']}:decline", json={"reason": "no_time"}))
        answer = await sides.mentor.post(f"/api/v1/mentoring-requests/{request['id']}/opt-ins", json={})
        opt_in = made(answer)
        await _until(colleague, {"opt_in_received", "invitation_declined"})
        made(await sides.hr.post(f"/api/v1/opt-ins/{opt_in['id']}:confirm"))
        await _until(colleague, {"request_filled"}, "opt_in_received", "invitation_declined")
