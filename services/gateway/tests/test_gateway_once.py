"""Creates of the gateway's own under a key: sent twice they are done once, and no secret is told twice."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from yinling_common.identity import Role
from yinling_gateway.domain import hash_secret
from yinling_gateway.repository import CalendarRepository
from yinling_gateway.repository.erasures import Erasure, ErasureRepository, ErasureStep
from yinling_gateway.repository.once import KEPT, MadeBefore, call_of, take
from yinling_gateway.testing import Harness, sign_in

ACCOUNT = {"username": "li.hr", "password": "correct horse", "role": "hr", "organisation": "云南铜业"}
ROSTER = "姓名,工号,城市\n王建国,1,攀枝花\n".encode()

SECRETS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("/api/v1/api-keys", {"name": "夜间同步", "expires_in_days": 30}, {"name": "夜间同步"}),
    (
        "/api/v1/webhooks",
        {"url": "https://b.example.cn/"},
        {"url": "https://b.example.cn/", "kinds": ["feedback_ready"]},
    ),
]


def _key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}


def _reused(answer: httpx.Response) -> bool:
    return answer.status_code == 422 and answer.json()["errors"][0]["rule"] == "request_id.reused"


async def test_an_account_is_made_once(gateway: Harness) -> None:
    key = _key()
    async with gateway.signed_in(Role.ADMIN) as admin:
        answers = await asyncio.gather(*(admin.post("/api/v1/accounts", json=ACCOUNT, headers=key) for _ in range(4)))
        assert [answer.status_code for answer in answers] == [201] * 4
        assert len({answer.text for answer in answers}) == 1
        assert len({answer.headers["Location"] for answer in answers}) == 1
        for other in ({"username": "other"}, {"password": "another horse"}, {"display_name": "李敏"}):
            assert _reused(await admin.post("/api/v1/accounts", json=ACCOUNT | other, headers=key)), other
        assert (await admin.post("/api/v1/accounts", json=ACCOUNT, headers=_key())).status_code == 409
        await admin.delete(answers[0].headers["Location"])
        assert _reused(await admin.post("/api/v1/accounts", json=ACCOUNT, headers=key))
        assert len((await admin.get("/api/v1/accounts")).json()["accounts"]) == 1


async def test_what_was_refused_takes_no_key(gateway: Harness) -> None:
    key = _key()
    async with gateway.signed_in(Role.ADMIN) as admin:
        assert (
            await admin.post("/api/v1/accounts", json=ACCOUNT | {"username": "admin"}, headers=key)
        ).status_code == 409
        assert (await admin.post("/api/v1/accounts", json=ACCOUNT, headers=key)).status_code == 201


async def test_a_key_is_its_accounts_and_of_one_operation(gateway: Harness) -> None:
    key = _key()
    async with gateway.signed_in(Role.ADMIN) as admin, gateway.signed_in(Role.HR) as hr:
        made = [await client.post("/api/v1/api-keys", json={"name": "x"}, headers=key) for client in (admin, hr)]
        assert [answer.status_code for answer in made] == [201, 201]
        assert made[0].json()["id"] != made[1].json()["id"]
        assert _reused(await hr.post("/api/v1/webhooks", json={"url": "https://b.example.cn/"}, headers=key))
        assert (
            await hr.post("/api/v1/api-keys", json={"name": "x"}, headers={"Idempotency-Key": "1"})
        ).status_code == 400


@pytest.mark.parametrize(("path", "body", "other"), SECRETS)
async def test_a_secret_is_told_once(gateway: Harness, path: str, body: dict[str, Any], other: dict[str, Any]) -> None:
    key = _key()
    async with gateway.signed_in(Role.HR) as hr:
        answers = await asyncio.gather(*(hr.post(path, json=body, headers=key) for _ in range(4)))
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
        made = next(answer.json() for answer in answers if answer.status_code == 201)
        secret = made.get("key") or made["secret"]
        for answer in answers:
            if answer.status_code == 409:
                assert answer.json()["errors"][0]["rule"] == "once.secret_told"
                assert made["id"] in answer.json()["detail"]
                assert secret not in answer.text
        assert _reused(await hr.post(path, json=other, headers=key))
        (there,) = next(iter((await hr.get(path)).json().values()))
        assert there["id"] == made["id"]


async def test_a_webhook_is_given_one_new_secret(gateway: Harness) -> None:
    key = _key()
    async with gateway.signed_in(Role.HR) as hr:
        made = await hr.post("/api/v1/webhooks", json={"url": "https://b.example.cn/"})
        path = f"/api/v1/webhooks/{made.json()['id']}:new-secret"
        answers = await asyncio.gather(*(hr.post(path, headers=key) for _ in range(3)))
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
        stale = await hr.post(path, headers=_key() | {"If-Match": made.headers["ETag"]})
        assert stale.status_code == 412
        assert (await hr.delete(path.removesuffix(":new-secret"), headers={"If-Match": '"x"'})).status_code == 412


async def test_a_calendar_is_given_one_address(gateway: Harness) -> None:
    key = _key()
    async with gateway.signed_in(Role.HR) as hr:
        answers = await asyncio.gather(*(hr.post("/api/v1/me/calendar", headers=key) for _ in range(3)))
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
        token = next(a.json()["url"] for a in answers if a.status_code == 201).split("/")[-1].removesuffix(".ics")
        assert await CalendarRepository(gateway.parts.database).owner(hash_secret(token))
        assert (await hr.post("/api/v1/me/calendar", headers=_key())).status_code == 201


async def test_a_roster_is_imported_once(gateway: Harness) -> None:
    key = _key()
    async with gateway.signed_in(Role.COORDINATOR) as office:

        async def upload(content: bytes = ROSTER, name: str = "名册.csv", **fields: str) -> httpx.Response:
            return await office.post("/api/v1/imports", files={"file": (name, content)}, data=fields, headers=key)

        answers = await asyncio.gather(*(upload() for _ in range(3)))
        assert [answer.status_code for answer in answers] == [202] * 3
        assert len({answer.json()["id"] for answer in answers}) == 1
        for other in (upload(ROSTER + b"x"), upload(name="2.csv"), upload(validate_only="true")):
            assert _reused(await other)
        assert len((await office.get("/api/v1/imports")).json()["imports"]) == 1


async def test_a_file_that_was_refused_can_be_mended_under_its_key(gateway: Harness) -> None:
    key = _key()
    async with gateway.signed_in(Role.COORDINATOR) as office:
        statuses = [
            (await office.post("/api/v1/imports", files={"file": ("a.csv", content)}, headers=key)).status_code
            for content in (b"%PDF-1.7 renamed", b"%PDF-1.7 renamed", ROSTER)
        ]
    assert statuses == [422, 422, 202]


async def test_a_file_that_was_refused_is_refused_to_everybody_who_sent_it_under_one_key(gateway: Harness) -> None:
    """Who sends it again, because the first answer is late, is not told of an import that is gone a moment later."""
    key = _key()
    async with gateway.signed_in(Role.COORDINATOR) as office:

        async def upload() -> int:
            answer = await office.post("/api/v1/imports", files={"file": ("a.csv", b"%PDF-1.7 renamed")}, headers=key)
            return answer.status_code

        assert await asyncio.gather(*(upload() for _ in range(5))) == [422] * 5


async def test_a_key_that_is_given_back_while_it_is_looked_up_is_taken(
    gateway: Harness, gateway_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await gateway.account(Role.HR)
    call = call_of(account, str(uuid4()), "imports.start", ["a.csv"])
    async with gateway.parts.database.transaction() as first:
        await take(first, call, str(uuid4()))
    async with gateway.parts.database.transaction() as second, await _connect(gateway_database) as other:
        execute = second.execute

        async def after_the_other_gave_it_back(query: Any, values: Any) -> Any:
            if query.startswith("SELECT"):
                await other.execute("DELETE FROM gateway.idempotency_keys")
            return await execute(query, values)

        monkeypatch.setattr(second, "execute", after_the_other_gave_it_back)
        await take(second, call, made := str(uuid4()))
    with pytest.raises(MadeBefore, match=made):
        async with gateway.parts.database.transaction() as third:
            await take(third, call, str(uuid4()))


async def test_keys_are_kept_for_a_week(gateway: Harness, gateway_database: str) -> None:
    key = _key()
    async with gateway.signed_in(Role.HR) as hr, await _connect(gateway_database) as connection:
        made = (await hr.post("/api/v1/api-keys", json={"name": "x"}, headers=key)).json()["id"]
        for age, status in ((KEPT * 0.9, 409), (KEPT * 0.2, 201)):
            await connection.execute("UPDATE gateway.idempotency_keys SET create_time = create_time - %s", [age])
            await gateway.parts.accounts.purge()
            again = await hr.post("/api/v1/api-keys", json={"name": "x"}, headers=key)
            assert again.status_code == status
        assert again.json()["id"] != made


async def test_no_secret_is_kept_with_a_key(gateway: Harness, gateway_database: str) -> None:
    """Not even a digest of the password: it could be guessed from one."""
    async with gateway.signed_in(Role.ADMIN) as admin, await _connect(gateway_database) as connection:
        for password in ("correct horse", "another horse"):
            body = ACCOUNT | {"username": password[:7], "password": password, "display_name": "x"}
            await admin.post("/api/v1/accounts", json=body | {"username": "same"}, headers=_key())
            await connection.execute("DELETE FROM gateway.accounts WHERE username = 'same'")
        rows = await (await connection.execute("SELECT body FROM gateway.idempotency_keys")).fetchall()
    assert len(rows) == 2
    assert rows[0] == rows[1]


async def test_the_keys_of_somebody_who_is_erased_go_with_them(gateway: Harness, gateway_database: str) -> None:
    """Those that they chose, and those under which their account was made."""
    profile = gateway.services.talent.add(organisation="攀钢集团")
    async with gateway.signed_in(Role.ADMIN) as admin, await _connect(gateway_database) as connection:
        person = {"username": "wang", "password": "correct horse", "role": "retiree", "profile_id": profile.id}
        account = (await admin.post("/api/v1/accounts", json=person, headers=_key())).json()
        await admin.post("/api/v1/api-keys", json={"name": "stays"}, headers=_key())
        async with gateway.client() as theirs:
            await sign_in(theirs, "wang", "correct horse")
            await theirs.post("/api/v1/me/calendar", headers=_key())
        query = "SELECT count(*) FROM gateway.idempotency_keys"
        assert await (await connection.execute(query)).fetchone() == (3,)
        await ErasureRepository(gateway.parts.database).forget(_erasure(profile.id), lambda *cohort: cohort[:2])
        assert await (await connection.execute(query)).fetchone() == (1,)
        assert (await admin.get(f"/api/v1/accounts/{account['id']}")).status_code == 404


def _erasure(profile_id: str) -> Erasure:
    return Erasure(str(uuid4()), ErasureStep.GATEWAY, Role.ADMIN, profile_id, "攀钢集团", [], 0, datetime.now(UTC))


async def _connect(url: str) -> psycopg.AsyncConnection[Any]:
    return await psycopg.AsyncConnection.connect(url, autocommit=True)
