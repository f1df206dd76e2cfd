"""What people may know and decide of their own data, over REST, before the real services."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from tests.stack import Stack
from yinling_common.database import connect_options
from yinling_common.errors import DatabaseUnavailable, ServiceUnavailable, YinlingError
from yinling_common.identity import Role
from yinling_gateway.repository.erasures import Erasure, ErasureStep
from yinling_gateway.testing import sign_in

OFFICE, COMPANY = "攀钢集团", "云南铜业"
PROFILE = {
    "organisation": OFFICE,
    "name": "王建国",
    "skills": ["矿井通风"],
    "travel": "nationwide",
    "consent": {"granted": True},
    "contact": {"phone": "13877886655"},
}
REQUEST = {"organisation": COMPANY, "title": "矿井通风传帮带", "requirements": [{"text": "矿井通风"}]}


async def post(client: httpx.AsyncClient, path: str, body: Any = None, code: int = 0) -> dict[str, Any]:
    answer = await client.post(f"/api/v1{path}", json=body)
    assert answer.status_code == code or (not code and answer.status_code < 300), answer.text
    found: dict[str, Any] = answer.json()
    return found


async def everything(client: httpx.AsyncClient, profile_id: str, size: int) -> list[dict[str, Any]]:
    """The whole log, page by page."""
    entries: list[dict[str, Any]] = []
    token = ""
    while True:
        query: dict[str, str | int] = {"page_size": size, "page_token": token}
        answer = await client.get(f"/api/v1/profiles/{profile_id}/audit", params=query)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        entries += page["entries"]
        token = page["next_page_token"]
        if not token:
            return entries


async def ended(client: httpx.AsyncClient, erasure_id: str, state: str = "done") -> dict[str, Any]:
    for _ in range(2400):
        found: dict[str, Any] = (await client.get(f"/api/v1/erasures/{erasure_id}")).json()
        if found["state"] == state:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(found)


async def test_the_logs_of_all_services_are_read_as_one(stack: Stack) -> None:
    gateway = stack.gateway
    async with (
        gateway.signed_in(Role.COORDINATOR, organisation=OFFICE) as office,
        gateway.signed_in(Role.HR, organisation=COMPANY) as hr,
        gateway.signed_in(Role.COORDINATOR, "other", organisation="宝武集团") as other_office,
        gateway.client() as mine,
    ):
        person = await post(office, "/profiles", PROFILE)
        await gateway.account(Role.RETIREE, "wang", organisation=OFFICE, profile_id=person["id"])
        await sign_in(mine, "wang")
        assert await stack.matching.progress.reached(person["revision"], 10)
        for number in range(4):
            request = (await post(hr, "/mentoring-requests", REQUEST))["id"]
            await hr.get(f"/api/v1/mentoring-requests/{request}/suggestions")
            asked = await post(hr, f"/mentoring-requests/{request}/invitations", {"profile_ids": [person["id"]]})
            await mine.patch(f"/api/v1/profiles/{person['id']}", json={"bio": f"第{number}版"})
            await post(mine, f"/invitations/{asked['invitations'][0]['id']}:decline", {"reason": "no_time"})
        await hr.get(f"/api/v1/profiles/{person['id']}")
        await stack.matching.ledger.write()
        whole = await everything(mine, person["id"], 200)
        for size in (1, 2, 3, 7):
            assert await everything(mine, person["id"], size) == whole
        times = [one["time"] for one in whole]
        assert times == sorted(times, reverse=True)
        actions = [one["action"] for one in whole]
        for action, count in (("create", 1), ("update", 4), ("suggest", 4), ("invite", 4), ("decline", 4)):
            assert actions.count(action) == count, actions
        assert {one["organisation"] for one in whole if one["action"] == "read"} >= {COMPANY}
        assert [one["fields"] for one in whole if one["action"] == "update"] == [["bio"]] * 4
        address = f"/api/v1/profiles/{person['id']}/audit"
        assert (await hr.get(address)).status_code == 403
        assert (await other_office.get(address)).status_code == 404
        assert (await mine.get(f"/api/v1/profiles/{uuid4()}/audit")).status_code == 404
        assert (await mine.get(address, params={"page_token": "x"})).status_code == 422


async def test_everything_is_handed_out_in_one_document(stack: Stack) -> None:
    gateway = stack.gateway
    async with (
        gateway.signed_in(Role.COORDINATOR, organisation=OFFICE) as office,
        gateway.signed_in(Role.HR, organisation=COMPANY) as hr,
        gateway.client() as mine,
    ):
        person = await post(office, "/profiles", PROFILE)
        await gateway.account(Role.RETIREE, "wang", organisation=OFFICE, profile_id=person["id"])
        await sign_in(mine, "wang")
        assert await stack.matching.progress.reached(person["revision"], 10)
        request = (await post(hr, "/mentoring-requests", REQUEST))["id"]
        asked = await post(
            hr, f"/mentoring-requests/{request}/invitations", {"profile_ids": [person["id"]], "message": "请您出山"}
        )
        await post(mine, f"/invitations/{asked['invitations'][0]['id']}:accept")
        answer = await mine.get(f"/api/v1/profiles/{person['id']}/export")
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-disposition"] == f'attachment; filename="yinling-{person["id"]}.json"'
        document = answer.json()
        assert document["profile"]["contact"]["phone"] == "13877886655"
        assert document["profile"]["consent"]["wording_version"] == "2026-11"
        assert [one["username"] for one in document["accounts"]] == ["wang"]
        assert document["matching"]["invitations"][0]["message"] == "请您出山"
        assert document["matching"]["engagements"][0]["organisation"] == COMPANY
        assert {one["action"] for one in document["audit"]} >= {"create", "invite", "accept", "engage"}
        assert "password" not in answer.text
        whole = await office.get(f"/api/v1/profiles/{person['id']}/export")
        assert whole.json()["matching"] == document["matching"]
        read = (await everything(mine, person["id"], 200))[0:3]
        assert {(one["action"], one["organisation"]) for one in read} >= {("export", OFFICE)}
        assert (await hr.get(f"/api/v1/profiles/{person['id']}/export")).status_code == 403


async def test_the_wordings_of_the_consent(stack: Stack) -> None:
    async with stack.gateway.signed_in(Role.HR, organisation=COMPANY) as hr, stack.gateway.client() as nobody:
        wordings = (await hr.get("/api/v1/consent-wordings")).json()["wordings"]
        assert wordings[0]["version"] == "2026-11"
        assert all(wordings[0][name] for name in ("purpose_zh", "purpose_en", "text_zh", "text_en"))
        assert (await nobody.get("/api/v1/consent-wordings")).status_code == 401
    async with stack.gateway.signed_in(Role.COORDINATOR, organisation=OFFICE) as office:
        unknown = PROFILE | {"consent": {"granted": True, "wording_version": "1999-01"}}
        problem = await post(office, "/profiles", unknown, 422)
        assert [(one["field"], one["rule"]) for one in problem["errors"]] == [
            ("consent.wording_version", "consent.wording")
        ]


async def test_nobody_is_erased_by_mistake_or_by_somebody_else(stack: Stack) -> None:
    gateway = stack.gateway
    async with (
        gateway.signed_in(Role.COORDINATOR, organisation=OFFICE) as office,
        gateway.signed_in(Role.HR, organisation=COMPANY) as hr,
        gateway.signed_in(Role.COORDINATOR, "other", organisation="宝武集团") as other_office,
        gateway.client() as stranger,
    ):
        person, other = [await post(office, "/profiles", PROFILE | {"name": name}) for name in ("王建国", "李敏")]
        await gateway.account(Role.RETIREE, "li", organisation=OFFICE, profile_id=other["id"])
        await sign_in(stranger, "li")
        address, confirmed = f"/profiles/{person['id']}:erase", {"confirm": "王建国"}
        for wrong in ({}, {"confirm": ""}, {"confirm": "王"}, {"confirm": other["id"]}):
            problem = await post(office, address, wrong, 422)
            assert [(one["field"], one["rule"]) for one in problem["errors"]] == [("confirm", "erasure.confirm")]
        await post(office, address, {"confirmed": True}, 422)
        await post(hr, address, confirmed, 403)
        await post(other_office, address, confirmed, 404)
        await post(stranger, address, confirmed, 404)
        await post(office, f"/profiles/{uuid4()}:erase", confirmed, 404)
        await post(office, "/profiles/x:erase", confirmed, 422)
        stale = await office.post(f"/api/v1{address}", json=confirmed, headers={"If-Match": '"v0"'})
        assert stale.status_code == 412, stale.text
        assert (await office.get(f"/api/v1/profiles/{person['id']}")).status_code == 200
        erasure = await post(office, address, {"confirm": person["id"]}, 202)
        assert erasure["state"] == "erasing"
        assert set(erasure) == {"id", "state", "create_time"}
        assert (await hr.get(f"/api/v1/erasures/{uuid4()}")).status_code == 404
        await ended(office, erasure["id"])
        await post(office, address, confirmed, 404)


async def test_who_was_deleted_before_is_erased_by_the_id(stack: Stack) -> None:
    gateway = stack.gateway
    async with (
        gateway.signed_in(Role.COORDINATOR, organisation=OFFICE) as office,
        gateway.signed_in(Role.ADMIN) as admin,
        gateway.signed_in(Role.HR, organisation=COMPANY) as hr,
    ):
        person = await post(office, "/profiles", PROFILE)
        assert await stack.matching.progress.reached(person["revision"], 10)
        request = (await post(hr, "/mentoring-requests", REQUEST))["id"]
        asked = await post(hr, f"/mentoring-requests/{request}/invitations", {"profile_ids": [person["id"]]})
        assert (await office.delete(f"/api/v1/profiles/{person['id']}")).status_code == 204
        address = f"/profiles/{person['id']}:erase"
        await post(office, address, {"confirm": person["id"]}, 404)
        await post(admin, address, {"confirm": ""}, 422)
        await post(admin, address, {"confirm": "王建国"}, 422)
        erasure = await post(admin, address, {"confirm": person["id"]}, 202)
        await ended(admin, erasure["id"])
        invitation = await hr.get(f"/api/v1/invitations/{asked['invitations'][0]['id']}")
        assert invitation.json()["profile_id"] != person["id"]
        await post(admin, address, {"confirm": person["id"]}, 404)


async def rows(stack: Stack) -> list[dict[str, Any]]:
    async with await psycopg.AsyncConnection.connect(stack.gateway_url, **connect_options("gateway")) as conn:
        return list(
            await (
                await conn.execute("SELECT profile_id, organisation, words, asked_by, create_time FROM erasures")
            ).fetchall()
        )


async def test_asked_for_twice_it_is_one_and_in_the_end_it_says_nothing_of_whom(stack: Stack) -> None:
    async with stack.gateway.signed_in(Role.COORDINATOR, organisation=OFFICE) as office:
        person = await post(office, "/profiles", PROFILE)
        address = f"/profiles/{person['id']}:erase"
        asked = await asyncio.gather(*(post(office, address, {"confirm": "王建国"}) for _ in range(2)))
        assert asked[0]["id"] == asked[1]["id"]
        await ended(office, asked[0]["id"])
        (row,) = await rows(stack)
        assert (row["profile_id"], row["organisation"], row["words"], row["asked_by"]) == (None, "", [], "coordinator")
        assert (row["create_time"].hour, row["create_time"].minute) == (0, 0)


@pytest.mark.parametrize(
    ("part", "method", "error", "before"),
    [
        ("backend", "erase_profile", ServiceUnavailable, True),
        ("backend", "erase_profile", ServiceUnavailable, False),  # it was done, and nobody heard of it
        ("backend", "erase_person", ServiceUnavailable, True),
        ("backend", "erase_person", ServiceUnavailable, False),
        ("repository", "advance", DatabaseUnavailable, True),
        ("repository", "advance", DatabaseUnavailable, False),
        ("repository", "forget", DatabaseUnavailable, True),
        ("repository", "forget", DatabaseUnavailable, False),
        ("repository", "finish", DatabaseUnavailable, True),
        ("repository", "put_off", DatabaseUnavailable, True),
    ],
)
async def test_whatever_breaks_off_goes_on_to_the_end(  # noqa: PLR0917 - pytest gives them by name
    stack: Stack, monkeypatch: pytest.MonkeyPatch, part: str, method: str, error: type[YinlingError], before: bool
) -> None:
    erasures = stack.gateway.parts.erasures
    owner = stack.gateway.parts.backend.privacy if part == "backend" else erasures._repository
    real, failed = getattr(owner, method), []

    async def once(*given: Any, **named: Any) -> Any:
        if len(failed) < 2 and before:
            failed.append(method)
            raise error
        answer = await real(*given, **named)
        if len(failed) < 2:
            failed.append(method)
            raise error
        return answer

    monkeypatch.setattr(owner, method, once)
    if method == "put_off":  # it fails where a step has failed
        real_erase, tried = erasures._backend.privacy.erase_profile, []

        async def failing(profile_id: str) -> None:
            tried.append(profile_id)
            if len(tried) < 3:
                raise ServiceUnavailable
            await real_erase(profile_id)

        monkeypatch.setattr(erasures._backend.privacy, "erase_profile", failing)
        monkeypatch.setattr("yinling_gateway.erasures._LEASE", timedelta(seconds=0.2))
    async with stack.gateway.signed_in(Role.COORDINATOR, organisation=OFFICE) as office:
        person = await post(office, "/profiles", PROFILE)
        erasure = await post(office, f"/profiles/{person['id']}:erase", {"confirm": "王建国"})
        await ended(office, erasure["id"])
        assert len(failed) == 2
        assert (await office.get(f"/api/v1/profiles/{person['id']}")).status_code == 404


async def test_two_gateways_work_off_each_erasure_once_at_a_time(stack: Stack) -> None:
    repository = stack.gateway.parts.erasures._repository
    async with stack.gateway.signed_in(Role.COORDINATOR, organisation=OFFICE) as office:
        people = [await post(office, "/profiles", PROFILE | {"name": f"人{n}"}) for n in range(4)]
        stack.gateway.parts.erasures._do = _refuse  # type: ignore[method-assign] # ours alone takes them here
        for n, person in enumerate(people):
            await repository.ask(Role.COORDINATOR, person["id"], OFFICE, [f"人{n}"])
        taken: list[Erasure | None] = list(
            await asyncio.gather(*(repository.claim(timedelta(seconds=60)) for _ in range(8)))
        )
        busy = [one.id for one in taken if one]
        assert len(busy) == len(set(busy)) == 4
        assert {one.step for one in taken if one} == {ErasureStep.TALENT}


async def _refuse(_: Erasure) -> None:
    raise ServiceUnavailable
