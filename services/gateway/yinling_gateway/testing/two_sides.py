"""Both sides before a gateway with real services: an office with people, an enterprise, and their browsers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from yinling_common.identity import Role
from yinling_gateway.testing.browsing import Browser
from yinling_gateway.testing.harness import PASSWORD, Harness

OFFICE, ENTERPRISE = "攀钢集团离退休管理处", "云南铜业"

# Who is nearly the same as another is folded under them in a list.
_DIFFERENT: tuple[dict[str, Any], ...] = (
    {},
    {"last_position": "安全监察处处长", "skills": ["矿井通风", "安全评价"], "city": "昆明市"},
    {"last_position": "选矿车间主任", "skills": ["矿井通风", "浮选", "磨矿"], "city": "大同市"},
)


@dataclass
class TwoSides:
    """An enterprise with an open request, and an office with people who fit it.

    Attributes:
        people: Profile ids by name.
        request_id: Of the open request.
        hr: HR's browser; likewise the others. `retiree` is the first person.
    """

    gateway: Harness
    office_client: httpx.AsyncClient
    hr_client: httpx.AsyncClient
    people: dict[str, str]
    request_id: str
    hr: Browser
    office: Browser
    retiree: Browser

    @property
    def person(self) -> str:
        """Profile id of the first person."""
        return next(iter(self.people.values()))

    async def post_request(self, **changes: Any) -> str:  # noqa: ANN401 - fields of a request
        """Post another request; returns its id."""
        return await post_request(self.hr_client, **changes)


async def make_person(office: httpx.AsyncClient, name: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of a profile
    """Make a profile through REST."""
    profile: dict[str, Any] = {
        "organisation": OFFICE,
        "employee_number": name,
        "name": name,
        "last_position": "通风副总工程师",
        "city": "攀枝花市",
        "skills": ["矿井通风", "瓦斯治理"],
        "travel": "nationwide",
        "hours_per_week": 8,
        "capacity": 2,
        "consent": {"granted": True},
        "contact": {"phone": "0812-3391234", "email": "mentor@example.com"},
    }
    answer = await office.post("/api/v1/profiles", json=profile | changes)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


async def post_request(hr: httpx.AsyncClient, **changes: Any) -> str:  # noqa: ANN401 - fields of a request
    """Post a request through REST; returns its id."""
    request: dict[str, Any] = {
        "organisation": ENTERPRISE,
        "title": "矿井通风传帮带",
        "description": "通风阻力大，局部风量不足，请老专家带两名年轻技术员。",
        "requirements": [{"text": "矿井通风", "importance": "must"}],
        "city": "昆明",
        "hours_per_week": 6,
        "months": 3,
    }
    answer = await hr.post("/api/v1/mentoring-requests", json=request | changes)
    answer.raise_for_status()
    return str(answer.json()["id"])


@asynccontextmanager
async def two_sides(
    gateway: Harness, names: tuple[str, ...] = ("王建国", "李淑珍", "赵铁山")
) -> AsyncIterator[TwoSides]:
    """Make both sides, and wait until the people are found."""
    async with AsyncExitStack() as opened:
        office = await opened.enter_async_context(gateway.signed_in(Role.COORDINATOR, organisation=OFFICE))
        hr = await opened.enter_async_context(
            gateway.signed_in(Role.HR, organisation=ENTERPRISE, display_name="铜业人事小周")
        )
        people = {name: await make_person(office, name, **_DIFFERENT[n % 3]) for n, name in enumerate(names)}
        revision = max(person["revision"] for person in people.values())
        request_id = await post_request(hr)
        await known(hr, request_id, revision)
        first = next(iter(people.values()))["id"]
        await gateway.account(Role.RETIREE, "retiree", profile_id=first)
        browsers = []
        for username in ("hr", "coordinator", "retiree"):
            browser = Browser(await opened.enter_async_context(gateway.client()))
            await browser.sign_in(username, PASSWORD)
            browsers.append(browser)
        ids = {name: str(person["id"]) for name, person in people.items()}
        yield TwoSides(gateway, office, hr, ids, request_id, *browsers)


async def known(hr: httpx.AsyncClient, request_id: str, revision: int) -> None:
    """Wait until the index knows the people."""
    async with asyncio.timeout(120):
        while True:
            address = f"/api/v1/mentoring-requests/{request_id}/suggestions"
            if (await hr.get(address, params={"min_revision": revision})).status_code == httpx.codes.OK:
                return
            await asyncio.sleep(0.1)
