"""Sessions, CSRF, throttling, passwords, API keys, accounts."""

import asyncio
from datetime import timedelta

import httpx
import psycopg
import pytest

from yinling_common.identity import Role
from yinling_gateway import domain
from yinling_gateway.testing import PASSWORD, Harness, running_gateway, sign_in
from yinling_gateway.testing.harness import FakeServices, gateway_settings

REQUEST = {"organisation": "攀钢集团", "title": "高炉操作"}


@pytest.fixture
def settings_changes() -> dict[str, object]:
    return {"sign_in_tries_account": 3, "sign_in_tries_address": 8}


async def test_a_session_is_a_cookie_that_scripts_cannot_read(gateway: Harness) -> None:
    await gateway.account(Role.HR)
    async with gateway.client() as client:
        answer = await client.post("/api/v1/auth/sign-in", json={"username": " HR ", "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert "path=/" in cookie
        assert answer.json()["account"]["role"] == "hr"
        assert PASSWORD not in answer.text
        assert (await client.get("/api/v1/auth/me")).status_code == 200
        client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        kept = dict(client.cookies)
        assert (await client.post("/api/v1/auth/sign-out")).status_code == 204
        assert not client.cookies
        async with gateway.client(cookies=kept) as thief:
            assert (await thief.get("/api/v1/auth/me")).status_code == 401


async def test_over_https_the_cookie_is_bound_to_the_host(
    gateway_database: str, keys: object, services: FakeServices
) -> None:
    key_file = keys.directory / "gateway.key"  # type: ignore[attr-defined] # the fixture's own class
    settings = gateway_settings(gateway_database, key_file, services, cookie_secure=True)
    async with running_gateway(settings, services) as gateway, gateway.client() as client:
        await gateway.account(Role.HR)
        answer = await client.post("/api/v1/auth/sign-in", json={"username": "hr", "password": PASSWORD})
        assert answer.headers["set-cookie"].startswith("__Host-yinling=")
        assert "Secure" in answer.headers["set-cookie"]
        assert answer.headers["strict-transport-security"].startswith("max-age=")


async def test_a_session_that_somebody_planted_does_not_survive_the_sign_in(gateway: Harness) -> None:
    await gateway.account(Role.HR)
    async with gateway.client() as client:
        await sign_in(client, "hr")
        planted = dict(client.cookies)
        await sign_in(client, "hr")
        assert dict(client.cookies) != planted
        async with gateway.client(cookies=planted) as attacker:
            assert (await attacker.get("/api/v1/auth/me")).status_code == 401


async def test_the_database_holds_no_token_and_no_password(gateway: Harness, gateway_database: str) -> None:
    async with gateway.signed_in(Role.HR) as client:
        token = next(iter(dict(client.cookies).values()))
        key = (await client.post("/api/v1/api-keys", json={"name": "HRIS"})).json()["key"]
    async with await psycopg.AsyncConnection.connect(gateway_database) as connection:
        kept = ""
        for table in ("accounts", "sessions", "api_keys"):
            cursor = await connection.execute(f"SELECT t::text FROM gateway.{table} t")  # noqa: S608 - names above
            kept += str(await cursor.fetchall())
    assert token not in kept
    assert key.rpartition("_")[2] not in kept
    assert PASSWORD not in kept
    assert "$argon2id$" in kept


async def test_a_session_slides_and_ends(gateway: Harness, gateway_database: str) -> None:
    async with (
        gateway.signed_in(Role.HR) as client,
        await psycopg.AsyncConnection.connect(gateway_database, autocommit=True) as connection,
    ):
        await connection.execute(
            "UPDATE gateway.sessions SET seen_time = seen_time - interval '2 minutes',"
            " idle_end = now() + interval '1 minute'"
        )
        assert (await client.get("/api/v1/auth/me")).status_code == 200
        row = await (await connection.execute("SELECT idle_end - now() FROM gateway.sessions")).fetchone()
        assert row is not None
        assert row[0] > timedelta(hours=11)
        await connection.execute("UPDATE gateway.sessions SET idle_end = now() - interval '1 second'")
        assert (await client.get("/api/v1/auth/me")).status_code == 401
        await connection.execute(
            "UPDATE gateway.sessions SET idle_end = now() + interval '1 day', final_end = now() - interval '1 second'"
        )
        assert (await client.get("/api/v1/auth/me")).status_code == 401
        await gateway.parts.accounts.purge()
        row = await (await connection.execute("SELECT count(*) FROM gateway.sessions")).fetchone()
        assert row == (0,)


async def test_a_change_without_the_csrf_token_is_refused(gateway: Harness) -> None:
    async with gateway.signed_in(Role.HR) as client:
        good = client.headers.pop("X-CSRF-Token")
        for headers in ({}, {"X-CSRF-Token": "wrong"}, {"X-CSRF-Token": domain.new_secret()}):
            refused = await client.post("/api/v1/mentoring-requests", json=REQUEST, headers=headers)
            assert refused.status_code == 403
            assert "页面" in refused.json()["detail"]
        accepted = await client.post("/api/v1/mentoring-requests", json=REQUEST, headers={"X-CSRF-Token": good})
        assert accepted.status_code == 201


async def test_another_site_cannot_sign_somebody_in(gateway: Harness) -> None:
    await gateway.account(Role.HR)
    foreign = [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ]
    async with gateway.client() as client:
        body = {"username": "hr", "password": PASSWORD}
        for headers in foreign:
            refused = await client.post("/api/v1/auth/sign-in", json=body, headers=headers)
            assert refused.status_code == 403, headers
        own = {"Origin": gateway.url, "Sec-Fetch-Site": "same-origin"}
        assert (await client.post("/api/v1/auth/sign-in", json=body, headers=own)).status_code == 200


async def test_wrong_passwords_are_throttled_for_the_account_and_not_told_from_wrong_names(gateway: Harness) -> None:
    await gateway.account(Role.HR)
    async with gateway.client() as client:
        answers = [await _try(client, "hr", "wrong") for _ in range(3)]
        assert [a.status_code for a in answers] == [401, 401, 401]
        nobody = await _try(client, "nobody", "wrong")
        assert nobody.status_code == 401
        assert nobody.json()["detail"] == answers[0].json()["detail"] == "用户名或密码不正确。"
        for password in ("wrong", PASSWORD):
            closed = await _try(client, "HR", password)
            assert closed.status_code == 429
            assert int(closed.headers["retry-after"]) > 60


async def test_many_tries_at_once_are_all_counted(gateway: Harness) -> None:
    await gateway.account(Role.HR)
    async with gateway.client() as client:
        answers = await asyncio.gather(*(_try(client, "hr", "wrong") for _ in range(8)))
    assert sorted(a.status_code for a in answers) == [401] * 3 + [429] * 5


async def test_an_address_is_throttled_whatever_the_name(gateway: Harness) -> None:
    await gateway.account(Role.HR)
    async with gateway.client() as client:
        for number in range(8):
            assert (await _try(client, f"name{number}", "wrong")).status_code == 401
        assert (await _try(client, "hr", PASSWORD)).status_code == 429


async def test_an_address_that_is_closed_closes_no_accounts(gateway: Harness, gateway_database: str) -> None:
    await gateway.account(Role.HR)
    async with gateway.client() as client:
        for number in range(8):
            await _try(client, f"name{number}", "wrong")
        for _ in range(4):
            assert (await _try(client, "hr", "wrong")).status_code == 429
    async with await psycopg.AsyncConnection.connect(gateway_database) as connection:
        cursor = await connection.execute("SELECT count(*) FROM gateway.sign_in_failures WHERE key = 'account:hr'")
        assert await cursor.fetchone() == (0,)


async def test_a_success_forgives_earlier_failures(gateway: Harness) -> None:
    await gateway.account(Role.HR)
    async with gateway.client() as client:
        for _ in range(3):
            assert (await _try(client, "hr", "wrong")).status_code == 401
            assert (await _try(client, "hr", PASSWORD)).status_code == 200


async def test_a_window_that_is_over_opens_the_account_again(gateway: Harness, gateway_database: str) -> None:
    await gateway.account(Role.HR)
    async with gateway.client() as client:
        for _ in range(4):
            answer = await _try(client, "hr", "wrong")
        assert answer.status_code == 429
        async with await psycopg.AsyncConnection.connect(gateway_database, autocommit=True) as connection:
            await connection.execute(
                "UPDATE gateway.sign_in_failures SET window_start = window_start - interval '16 minutes'"
            )
        assert (await _try(client, "hr", PASSWORD)).status_code == 200


async def test_odd_names_and_passwords_are_just_wrong(gateway: Harness) -> None:
    async with gateway.client() as client:
        for username, password in (("a\0b", "x"), ("x" * 5000, "x\0"), ("", ""), ("\ufdfa" * 500_000, "x")):
            assert (await _try(client, username, password)).status_code == 401


async def test_a_new_password_ends_the_other_sessions(gateway: Harness) -> None:
    async with gateway.signed_in(Role.HR) as client, gateway.client() as other:
        await sign_in(other, "hr")
        change = "/api/v1/auth/password"
        wrong = await client.post(change, json={"old_password": "x", "new_password": "long enough"})
        assert wrong.json()["errors"][0]["rule"] == "password.wrong"
        short = await client.post(change, json={"old_password": PASSWORD, "new_password": "short"})
        assert short.json()["errors"][0]["rule"] == "password.length"
        done = await client.post(change, json={"old_password": PASSWORD, "new_password": "another 8 horses"})
        assert done.status_code == 204, done.text
        assert (await client.get("/api/v1/auth/me")).status_code == 200
        assert (await other.get("/api/v1/auth/me")).status_code == 401
        assert (await _try(other, "hr", "another 8 horses")).status_code == 200


async def test_an_api_key_acts_for_its_account_until_it_is_revoked(gateway: Harness) -> None:
    async with gateway.signed_in(Role.HR) as client, gateway.client() as machine:
        made = await client.post("/api/v1/api-keys", json={"name": "HRIS", "expires_in_days": 30})
        assert made.status_code == 201, made.text
        key = made.json()["key"]
        assert key.startswith(f"ylk_{made.json()['prefix']}_")
        for headers in ({"Authorization": f"Bearer {key}"}, {"X-API-Key": key}):
            posted = await machine.post("/api/v1/mentoring-requests", json=REQUEST, headers=headers)
            assert posted.status_code == 201, posted.text
        machine.headers["Authorization"] = f"Bearer {key}"
        assert (await machine.post("/api/v1/api-keys", json={"name": "child"})).status_code == 403
        listed = (await client.get("/api/v1/api-keys")).json()["api_keys"]
        assert (await machine.delete(f"/api/v1/api-keys/{listed[0]['id']}")).status_code == 403
        assert [k["name"] for k in listed] == ["HRIS"]
        assert listed[0]["used_time"] is not None
        assert "key" not in listed[0]
        assert (await client.delete(f"/api/v1/api-keys/{listed[0]['id']}")).status_code == 204
        assert (await machine.get("/api/v1/auth/me")).status_code == 401
        assert (await client.delete(f"/api/v1/api-keys/{listed[0]['id']}")).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"password": "another one"},
        {"role": "coordinator"},
        {"organisation": "鞍钢集团"},
        {"profile_id": "5b4df3e6-7f5e-4a58-9c64-3d1c7a0f2e11"},
        {"active": False},
    ],
)
async def test_a_reset_account_keeps_no_session_and_no_key(gateway: Harness, change: dict[str, object]) -> None:
    async with gateway.signed_in(Role.HR) as hr, gateway.signed_in(Role.ADMIN) as admin:
        account = (await hr.get("/api/v1/auth/me")).json()["account"]["id"]
        key = {"X-API-Key": (await hr.post("/api/v1/api-keys", json={"name": "HRIS"})).json()["key"]}
        async with gateway.client() as machine:
            renamed = await admin.patch(f"/api/v1/accounts/{account}", json={"display_name": "李敏", "role": "hr"})
            assert renamed.status_code == 200
            assert (await machine.get("/api/v1/auth/me", headers=key)).status_code == 200
            for each in (change, {"active": True}):
                assert (await admin.patch(f"/api/v1/accounts/{account}", json=each)).status_code == 200
                assert (await machine.get("/api/v1/auth/me", headers=key)).status_code == 401
                assert (await hr.get("/api/v1/auth/me")).status_code == 401


async def test_an_api_key_that_is_over_or_wrong_opens_nothing(gateway: Harness, gateway_database: str) -> None:
    async with gateway.signed_in(Role.HR) as client, gateway.client() as machine:
        key = (await client.post("/api/v1/api-keys", json={"name": "HRIS", "expires_in_days": 1})).json()["key"]
        wrong = [key[:-1] + ("A" if key[-1] != "A" else "B"), "ylk_", "ylk_x_y", "Basic", key[:10]]
        for given in wrong:
            answer = await machine.get("/api/v1/auth/me", headers={"X-API-Key": given})
            assert answer.status_code == 401, given
            assert answer.headers["www-authenticate"] == "Bearer"
        basic = await client.get("/api/v1/auth/me", headers={"Authorization": "Basic aHI6eA=="})
        assert basic.status_code == 401
        async with await psycopg.AsyncConnection.connect(gateway_database, autocommit=True) as connection:
            await connection.execute("UPDATE gateway.api_keys SET expire_time = now() - interval '1 second'")
        assert (await machine.get("/api/v1/auth/me", headers={"X-API-Key": key})).status_code == 401


async def test_retirees_have_no_api_keys(gateway: Harness) -> None:
    async with gateway.signed_in(Role.RETIREE) as client:
        assert (await client.post("/api/v1/api-keys", json={"name": "x"})).status_code == 403


async def test_an_administrator_keeps_the_accounts(gateway: Harness) -> None:
    new = {"username": "Li.HR", "password": "long enough", "role": "hr", "organisation": "云南铜业"}
    async with gateway.signed_in(Role.ADMIN) as admin, gateway.client() as hr:
        made = await admin.post("/api/v1/accounts", json=new)
        assert made.status_code == 201, made.text
        account = made.json()
        assert account["username"] == "li.hr"
        assert "password" not in made.text
        assert (await admin.post("/api/v1/accounts", json=new | {"username": "ＬＩ.hr"})).status_code == 409
        await sign_in(hr, "li.hr", "long enough")
        address = made.headers["location"]
        renamed = await admin.patch(address, json={"display_name": "李敏", "locale": "en"})
        assert renamed.json()["display_name"] == "李敏"
        assert (await hr.get("/api/v1/auth/me")).status_code == 200
        assert (await admin.patch(address, json={"active": False})).status_code == 200
        assert (await hr.get("/api/v1/auth/me")).status_code == 401
        assert (await _try(hr, "li.hr", "long enough")).status_code == 401
        page = (await admin.get("/api/v1/accounts", params={"page_size": 1})).json()
        rest = (await admin.get("/api/v1/accounts", params={"page_token": page["next_page_token"]})).json()
        assert [a["username"] for a in page["accounts"] + rest["accounts"]] == ["admin", "li.hr"]
        assert (await admin.delete(address)).status_code == 204
        assert (await admin.get(address)).status_code == 404


async def test_an_account_is_not_changed_by_whoever_has_not_seen_it(gateway: Harness) -> None:
    await gateway.account(Role.HR, "li.hr")
    async with gateway.signed_in(Role.ADMIN) as admin:
        listed = (await admin.get("/api/v1/accounts")).json()["accounts"]
        address = f"/api/v1/accounts/{listed[0]['id']}"
        seen = {"If-Match": (await admin.get(address)).headers["etag"]}
        changed = await admin.patch(address, json={"display_name": "李敏"}, headers=seen)
        assert changed.status_code == 200
        assert changed.headers["etag"] != seen["If-Match"]
        for refused in (
            await admin.patch(address, json={"display_name": "李明"}, headers=seen),
            await admin.delete(address, headers=seen),
        ):
            assert (refused.status_code, refused.json()["reason"]) == (412, "STALE_ETAG")
        assert (await admin.get(address)).json()["display_name"] == "李敏"
        assert (await admin.delete(address, headers={"If-Match": changed.headers["etag"]})).status_code == 204


async def test_an_administrator_cannot_lock_themselves_out(gateway: Harness) -> None:
    async with gateway.signed_in(Role.ADMIN) as admin:
        me = (await admin.get("/api/v1/auth/me")).json()["account"]["id"]
        for change in ({"active": False}, {"role": "hr", "organisation": "x"}):
            assert (await admin.patch(f"/api/v1/accounts/{me}", json=change)).status_code == 403
        assert (await admin.delete(f"/api/v1/accounts/{me}")).status_code == 403
        for other_form in (me.upper(), f"urn:uuid:{me}", f"{{{me}}}", f"{me[:3]}-{me[3:].replace('-', '')}"):
            assert (await admin.delete(f"/api/v1/accounts/{other_form}")).status_code in {404, 422}
            assert (await admin.delete(f"/api/v1/api-keys/{other_form}")).status_code in {404, 422}


ACCOUNT_MISTAKES = [
    ({"password": "short"}, "password", "password.length"),
    ({"role": "hr", "organisation": ""}, "organisation", "account.organisation"),
    ({"role": "retiree"}, "profile_id", "account.profile"),
    ({"role": "service"}, "role", "enum.defined_only"),
    ({"username": ""}, "username", "string.length"),
    ({"username": "x" * 200}, "username", "string.length"),
    ({"display_name": "a\0b"}, "display_name", "string.no_nul"),
    ({"locale": "fr"}, "locale", "enum.defined_only"),
    ({"colour": "red"}, "colour", "field.unknown"),
]


async def test_an_account_belongs_to_its_organisation_however_it_was_typed(gateway: Harness) -> None:
    person = gateway.services.talent.add(organisation="云南铜业", name="李敏")
    new = {"username": "li", "password": "long enough", "role": "coordinator", "organisation": " 云南铜业\u3000"}
    async with gateway.signed_in(Role.ADMIN) as admin, gateway.client() as client:
        made = await admin.post("/api/v1/accounts", json=new | {"display_name": "李敏 "})
        assert (made.json()["organisation"], made.json()["display_name"]) == ("云南铜业", "李敏")
        moved = await admin.patch(made.headers["location"], json={"organisation": "云南铜业 \x07"})
        assert moved.json()["organisation"] == "云南铜业", moved.text
        blank = await admin.patch(made.headers["location"], json={"organisation": " \x07 "})
        assert blank.json()["errors"][0]["rule"] == "account.organisation"
        await sign_in(client, "li", "long enough")
        assert [p["id"] for p in (await client.get("/api/v1/profiles")).json()["profiles"]] == [person.id]


async def test_what_is_wrong_with_an_account_is_named(gateway: Harness, subtests: pytest.Subtests) -> None:
    new = {"username": "new", "password": "long enough", "role": "hr", "organisation": "云南铜业"}
    async with gateway.signed_in(Role.ADMIN) as admin:
        for change, field, rule in ACCOUNT_MISTAKES:
            with subtests.test(field=field, rule=rule):
                refused = await admin.post("/api/v1/accounts", json=new | change)
                assert refused.status_code == 422, refused.text
                assert (field, rule) in {(e["field"], e["rule"]) for e in refused.json()["errors"]}


async def _try(client: httpx.AsyncClient, username: str, password: str) -> httpx.Response:
    return await client.post("/api/v1/auth/sign-in", json={"username": username, "password": password})
