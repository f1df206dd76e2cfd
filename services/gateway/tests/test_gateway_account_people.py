"""A retiree's account is a person's: the number of the profile is looked up before it is kept."""

from collections.abc import AsyncIterator

import httpx
import pytest
from yinling.talent.v1.talent_pb2 import Profile

from yinling_common.identity import Role
from yinling_gateway.testing import Harness
from yinling_gateway.testing.browsing import Browser
from yinling_gateway.testing.harness import ORGANISATION, PASSWORD, sign_in

NEW = {"username": "lu", "password": PASSWORD, "role": "retiree", "organisation": ORGANISATION}
NOBODY = "5b4df3e6-7f5e-4a58-9c64-3d1c7a0f2e11"


@pytest.fixture
def person(gateway: Harness) -> Profile:
    return gateway.services.talent.add(organisation=ORGANISATION, name="卢长贵")


@pytest.fixture
def stranger(gateway: Harness) -> Profile:
    return gateway.services.talent.add(organisation="金川集团", name="金志强")


@pytest.fixture
async def admin(gateway: Harness) -> AsyncIterator[httpx.AsyncClient]:
    async with gateway.signed_in(Role.ADMIN) as client:
        yield client


@pytest.fixture
async def browser(gateway: Harness) -> AsyncIterator[Browser]:
    await gateway.account(Role.ADMIN)
    async with gateway.client() as client:
        browser = Browser(client)
        await browser.sign_in("admin", PASSWORD)
        yield browser


@pytest.mark.parametrize("given", ["卢长贵", "12345", f"urn:uuid:{NOBODY}", NOBODY.replace("-", "")])
async def test_what_is_no_number_is_refused_in_both_languages(admin: httpx.AsyncClient, given: str) -> None:
    for language, words in (("zh", "这不是档案编号"), ("en", "This is no profile's id")):
        answer = await admin.post(
            "/api/v1/accounts", json=NEW | {"profile_id": given}, headers={"Accept-Language": language}
        )
        (error,) = _refused(answer)
        assert (error["field"], error["rule"]) == ("profile_id", "account.profile_uuid")
        assert error["message"].startswith(words)
        assert ("。" in error["message"]) == (language == "zh")


async def test_a_number_of_nobody_or_of_another_unit_is_refused(admin: httpx.AsyncClient, stranger: Profile) -> None:
    (error,) = _refused(await admin.post("/api/v1/accounts", json=NEW | {"profile_id": NOBODY}))
    assert (error["field"], error["rule"]) == ("profile_id", "account.profile_unknown")
    (error,) = _refused(await admin.post("/api/v1/accounts", json=NEW | {"profile_id": stranger.id}))
    assert (error["field"], error["rule"]) == ("profile_id", "account.profile_organisation")
    assert "“金川集团”" in error["message"]
    assert f"“{ORGANISATION}”" in error["message"]
    everything = _refused(await admin.post("/api/v1/accounts", json=NEW | {"profile_id": "x", "username": ""}))
    assert {error["field"] for error in everything} == {"profile_id", "username"}
    assert len((await admin.get("/api/v1/accounts")).json()["accounts"]) == 1


async def test_whoever_is_given_their_own_number_sees_their_page(
    gateway: Harness, admin: httpx.AsyncClient, person: Profile, stranger: Profile
) -> None:
    made = await admin.post("/api/v1/accounts", json=NEW | {"profile_id": f" {person.id.upper()} "})
    assert made.status_code == 201, made.text
    assert made.json()["profile_id"] == person.id
    without = {"username": "jin", "organisation": "", "profile_id": stranger.id}
    assert (await admin.post("/api/v1/accounts", json=NEW | without)).status_code == 201
    async with gateway.client() as client:
        await sign_in(client, "lu")
        assert (await client.get(f"/api/v1/profiles/{person.id}")).json()["name"] == "卢长贵"


async def test_a_number_that_is_changed_is_looked_up(
    admin: httpx.AsyncClient, person: Profile, stranger: Profile
) -> None:
    address = (await admin.post("/api/v1/accounts", json=NEW | {"profile_id": person.id})).headers["location"]
    for given, rule in (("x", "uuid"), (NOBODY, "unknown"), (stranger.id, "organisation")):
        (error,) = _refused(await admin.patch(address, json={"profile_id": given}))
        assert (error["field"], error["rule"]) == ("profile_id", f"account.profile_{rule}")
    assert (await admin.get(address)).json()["profile_id"] == person.id
    both = {"profile_id": stranger.id.upper(), "organisation": "金川集团"}
    assert (await admin.patch(address, json=both)).json()["profile_id"] == stranger.id


async def test_who_becomes_a_retiree_needs_a_number_that_is_somebodys(admin: httpx.AsyncClient) -> None:
    hr = NEW | {"role": "hr", "profile_id": "anything"}
    address = (await admin.post("/api/v1/accounts", json=hr)).headers["location"]
    (error,) = _refused(await admin.patch(address, json={"role": "retiree"}))
    assert error["rule"] == "account.profile_uuid"


async def test_an_account_with_a_wrong_number_from_before_can_be_kept(
    gateway: Harness, admin: httpx.AsyncClient
) -> None:
    account = await gateway.account(Role.RETIREE, "old", profile_id="卢长贵")
    for change in ({"display_name": "卢"}, {"profile_id": "卢长贵"}, {"active": False}, {"active": True}):
        assert (await admin.patch(f"/api/v1/accounts/{account.id}", json=change)).status_code == 200


async def test_nobody_is_given_a_number_while_talent_is_away(
    gateway: Harness, admin: httpx.AsyncClient, person: Profile
) -> None:
    await gateway.services.talent_server.stop()
    away = await admin.post("/api/v1/accounts", json=NEW | {"profile_id": person.id})
    assert (away.status_code, away.json()["reason"]) == (503, "SERVICE_UNAVAILABLE")
    assert (await admin.post("/api/v1/accounts", json=NEW | {"role": "hr"})).status_code == 201
    await gateway.services.talent_server.start()


async def test_an_account_is_made_from_the_persons_page(gateway: Harness, browser: Browser, person: Profile) -> None:
    await browser.open(f"/people/{person.id}/edit")
    assert "为此人开通账号" in browser.text
    assert f'href="/admin/accounts?person={person.id}"' in browser.page.text
    await browser.open(f"/admin/accounts?person={person.id}")
    form = browser.form("/admin/accounts")
    filled = {name: form.values(name) for name in ("role", "organisation", "display_name", "profile_id", "username")}
    assert filled == {
        "role": ["retiree"],
        "organisation": [ORGANISATION],
        "display_name": ["卢长贵"],
        "profile_id": [person.id],
        "username": [""],
    }
    await browser.submit("/admin/accounts", username="lu", password=PASSWORD)
    assert browser.page.status_code == 200, browser.text
    async with gateway.client() as client:
        theirs = Browser(client)
        await theirs.sign_in("lu", PASSWORD)
        assert "卢长贵，您好" in theirs.text
    await browser.open(f"/admin/accounts?person={NOBODY}")
    assert browser.page.status_code == 404


async def test_a_wrong_number_is_told_beside_the_field(
    gateway: Harness, browser: Browser, person: Profile, stranger: Profile
) -> None:
    await browser.open("/admin/accounts")
    for given, words in (
        ("卢长贵", "姓名和工号都不行"),
        (NOBODY, "没有这个编号的人"),
        (stranger.id, "此人属于“金川集团”"),
    ):
        await browser.submit(
            "/admin/accounts", username="lu", role="retiree", organisation=ORGANISATION, profile_id=given
        )
        assert browser.page.status_code == 422
        assert words in browser.text
        assert browser.form("/admin/accounts").values("profile_id") == [given]
    await browser.submit("/language", button=("language", "en"))
    await browser.open("/admin/accounts")
    await browser.submit("/admin/accounts", username="lu", role="retiree", profile_id=person.name)
    assert "neither is a name or an employee number" in browser.text


async def test_an_office_makes_no_accounts(gateway: Harness, person: Profile) -> None:
    await gateway.account(Role.COORDINATOR)
    async with gateway.client() as client:
        office = Browser(client)
        await office.sign_in("coordinator", PASSWORD)
        await office.open(f"/people/{person.id}/edit")
        assert office.page.status_code == 200
        assert "为此人开通账号" not in office.text


def _refused(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 422, answer.text
    errors: list[dict[str, str]] = answer.json()["errors"]
    return errors
