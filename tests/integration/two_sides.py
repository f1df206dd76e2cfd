"""People on both sides who speak REST to all three services."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from yinling_common.identity import Role
from yinling_gateway.testing import Harness

ENTERPRISE, OFFICE = "云南铜业", "攀钢集团"


@dataclass
class TwoSides:
    """An enterprise's HR, and an office with its people; the first of them has an account."""

    hr: httpx.AsyncClient
    office: httpx.AsyncClient
    mentor: httpx.AsyncClient
    people: list[str]

    async def request(self, **changes: Any) -> dict[str, Any]:
        """An open request, unless changed."""
        body = {"organisation": ENTERPRISE, "title": "矿井通风传帮带", "city": "昆明", "mentors_wanted": 2} | changes
        return made(await self.hr.post("/api/v1/mentoring-requests", json=body))

    async def invite(self, request: dict[str, Any], *people: str, **headers: str) -> list[dict[str, Any]]:
        """Invite people, or else the first."""
        body = {"profile_ids": list(people) or self.people[:1], "message": "恳请指导。"}
        address = f"/api/v1/mentoring-requests/{request['id']}/invitations"
        invitations: list[dict[str, Any]] = made(await self.hr.post(address, json=body, headers=headers))["invitations"]
        return invitations

    async def engagement(self) -> dict[str, Any]:
        """One that the mentor has just agreed to."""
        (invitation,) = await self.invite(await self.request())
        return made(await self.mentor.post(f"/api/v1/invitations/{invitation['id']}:accept"))


@asynccontextmanager
async def two_sides(gateway: Harness, people: int = 2) -> AsyncIterator[TwoSides]:
    """Everybody signed in."""
    async with (
        gateway.signed_in(Role.HR, organisation=ENTERPRISE) as hr,
        gateway.signed_in(Role.COORDINATOR, organisation=OFFICE) as office,
    ):
        ids = []
        for number in range(people):
            profile = {
                "organisation": OFFICE,
                "name": f"王建国{number}",
                "city": "昆明",
                "skills": ["矿井通风"],
                "capacity": 2,
                "hours_per_week": 8,
                "consent": {"granted": True},
                "contact": {"phone": "0812-3391234"},
            }
            ids.append(made(await office.post("/api/v1/profiles", json=profile))["id"])
        async with gateway.signed_in(Role.RETIREE, organisation=OFFICE, profile_id=ids[0]) as mentor:
            yield TwoSides(hr, office, mentor, ids)


def made(answer: httpx.Response) -> dict[str, Any]:
    """What was made, as JSON."""
    assert answer.status_code == 201, answer.text
    result: dict[str, Any] = answer.json()
    return result


def done(answer: httpx.Response) -> dict[str, Any]:
    """What was changed or read, as JSON."""
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result
