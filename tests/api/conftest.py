"""All three services, people and requests in them, and an API key for each role."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.stack import Stack, running_stack
from yinling_common.identity import Role
from yinling_common.testing import CloneDatabase, Keys
from yinling_gateway.testing import sign_in

ENTERPRISE, OFFICE = "云南铜业", "攀钢集团"
PEOPLE = [("王建国", "矿井通风"), ("李敏", "高炉操作"), ("赵云", "焊接"), ("钱进", "财务审计")]
ROLES = (Role.HR, Role.COORDINATOR, Role.ADMIN, Role.RETIREE)


@dataclass
class Api:
    """A gateway with something behind it.

    Attributes:
        headers: What a role sends with every request: an API key, or, for a retiree, a session and its token.
        people: Ids of profiles.
        kept: Ids of accounts and API keys without which nothing can be asked.
    """

    stack: Stack
    headers: dict[Role, dict[str, str]] = field(default_factory=dict)
    people: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it listens."""
        return self.stack.gateway.url

    def client(self, role: Role) -> httpx.AsyncClient:
        """A client with a role's key."""
        return self.stack.gateway.client(headers=self.headers[role])


@pytest.fixture
async def api(clone_database: CloneDatabase, keys: Keys, tmp_path: Path) -> AsyncIterator[Api]:
    """Ready to be asked anything, as often as one likes."""
    async with running_stack(clone_database, keys, tmp_path, rate_per_minute=0) as stack:
        found = Api(stack)
        await _sign_up(found, Role.COORDINATOR, organisation=OFFICE)
        await _sign_up(found, Role.HR, organisation=ENTERPRISE)
        await _sign_up(found, Role.ADMIN)
        found.people = people = [await _person(found, name, skill) for name, skill in PEOPLE]
        await _sign_up(found, Role.RETIREE, organisation=OFFICE, profile_id=people[0])
        await _requests(found, people)
        yield found


async def _sign_up(api: Api, role: Role, **fields: str) -> None:
    gateway = api.stack.gateway
    account = await gateway.account(role, **fields)
    api.kept.append(account.id)
    if role is Role.RETIREE:  # they have no API keys
        async with gateway.client() as client:
            await sign_in(client, account.username)
            cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
            api.headers[role] = {"Cookie": cookies, "X-CSRF-Token": client.headers["X-CSRF-Token"]}
        return
    made, key = await gateway.parts.accounts.create_key(account, "tests", None)
    api.kept.append(made.id)
    api.headers[role] = {"Authorization": f"Bearer {key}"}


async def _person(api: Api, name: str, skill: str) -> str:
    profile = {
        "organisation": OFFICE,
        "name": name,
        "city": "昆明",
        "skills": [skill],
        "capacity": 20,
        "hours_per_week": 40,
        "consent": {"granted": True},
        "contact": {"phone": "0812-3391234"},
    }
    async with api.client(Role.COORDINATOR) as client:
        made = await client.post("/api/v1/profiles", json=profile)
        assert made.status_code == 201, made.text
        id_: str = made.json()["id"]
        return id_


async def _requests(api: Api, people: list[str]) -> None:
    """Two open requests: for one everybody is invited, and the first has said yes; a draft and one opt-in more."""
    async with api.client(Role.HR) as hr, api.client(Role.COORDINATOR) as office:
        for title, state, wanted in (
            ("矿井通风传帮带", "open", 9),
            ("高炉炼铁降本", "open", 9),
            ("焊接培训", "draft", 1),
        ):
            body = {
                "organisation": ENTERPRISE,
                "title": title,
                "city": "昆明",
                "state": state,
                "mentors_wanted": wanted,
            }
            made = await hr.post("/api/v1/mentoring-requests", json=body)
            assert made.status_code == 201, made.text
            request = made.json()["id"]
            if title.startswith("矿井"):
                asked = await hr.post(f"/api/v1/mentoring-requests/{request}/invitations", json={"profile_ids": people})
                assert asked.status_code == 201, asked.text
                first = asked.json()["invitations"][0]["id"]
                accepted = await office.post(f"/api/v1/invitations/{first}:accept")
                assert accepted.status_code == 201, accepted.text
            elif state == "open":
                offered = await office.post(
                    f"/api/v1/mentoring-requests/{request}/opt-ins", json={"profile_id": people[0]}
                )
                assert offered.status_code == 201, offered.text
