"""Profiles over REST."""

from uuid import uuid4

from yinling_common.identity import Role
from yinling_gateway.testing import Harness

BODY = {
    "organisation": "攀钢集团",
    "employee_number": "PG-1",
    "name": "王建国",
    "birth_year": 1956,
    "city": "攀枝花",
    "title_level": "senior",
    "skills": ["矿井通风", "瓦斯治理"],
    "experience": [{"title": "主持通风系统改造", "start_year": 2003}],
    "modes": ["on_site", "remote"],
    "limits": ["underground"],
    "capacity": 0,
    "available_from": "2026-09-01",
    "consent": {"granted": True},
    "contact": {"phone": "0812-3391234"},
}


async def test_a_profile_is_made_read_changed_and_deleted(gateway: Harness) -> None:
    async with gateway.signed_in(Role.COORDINATOR) as client:
        made = await client.post("/api/v1/profiles", json=BODY)
        assert made.status_code == 201, made.text
        profile = made.json()
        assert made.headers["location"] == f"/api/v1/profiles/{profile['id']}"
        assert made.headers["etag"] == f'"{profile["etag"]}"'
        assert {name: profile[name] for name in BODY if name not in {"experience", "consent", "contact"}} == {
            name: value for name, value in BODY.items() if name not in {"experience", "consent", "contact"}
        }
        assert profile["experience"] == [
            {
                "title": "主持通风系统改造",
                "organisation": "",
                "start_year": 2003,
                "end_year": None,
                "description": "",
            }
        ]
        assert profile["contact"]["phone"] == "0812-3391234"
        assert profile["available_to"] is None
        assert profile["gender"] is None

        address = f"/api/v1/profiles/{profile['id']}"
        changed = await client.patch(
            address,
            json={"city": "成都", "limits": None, "capacity": None, "contact": {"email": "wang@example.com"}},
            headers={"Content-Type": "application/merge-patch+json"},
        )
        assert changed.status_code == 200, changed.text
        after = changed.json()
        assert after["city"] == "成都"
        assert after["limits"] == []
        assert after["capacity"] is None
        assert after["contact"] == {"phone": "0812-3391234", "email": "wang@example.com", "wechat": "", "address": ""}
        assert after["name"] == "王建国"

        assert (await client.delete(address)).status_code == 204
        assert (await client.get(address)).status_code == 404


async def test_a_stale_etag_is_412_and_a_known_one_304(gateway: Harness) -> None:
    profile = gateway.services.talent.add()
    address = f"/api/v1/profiles/{profile.id}"
    async with gateway.signed_in(Role.COORDINATOR) as client:
        read = await client.get(address)
        etag = read.headers["etag"]
        assert (await client.get(address, headers={"If-None-Match": etag})).status_code == 304
        first = await client.patch(address, json={"bio": "一"}, headers={"If-Match": etag})
        assert first.status_code == 200
        for stale in (etag, f"W/{first.headers['etag']}", '"x", "y"'):
            refused = await client.patch(address, json={"bio": "二"}, headers={"If-Match": stale})
            assert refused.status_code == 412, stale
            assert refused.json()["reason"] == "STALE_ETAG"
        assert (await client.delete(address, headers={"If-Match": etag})).status_code == 412
        several = f'"x", {first.headers["etag"]}'
        assert (await client.patch(address, json={"bio": "二"}, headers={"If-Match": several})).status_code == 200
        assert (await client.delete(address, headers={"If-Match": "*"})).status_code == 204


async def test_lists_and_searches_come_in_pages_bound_to_their_conditions(gateway: Harness) -> None:
    for number in range(5):
        gateway.services.talent.add(name=f"第{number}人", city="攀枝花" if number % 2 else "成都")
    async with gateway.signed_in(Role.COORDINATOR) as client:
        names, token = [], ""
        while True:
            page = (await client.get("/api/v1/profiles", params={"page_size": 2, "page_token": token})).json()
            names += [profile["name"] for profile in page["profiles"]]
            token = page["next_page_token"]
            if not token:
                break
        assert names == ["第4人", "第3人", "第2人", "第1人", "第0人"]
        found = await client.get("/api/v1/profiles", params={"city": "攀枝花", "mode": "remote", "page_size": 1})
        assert found.status_code == 200, found.text
        body = found.json()
        assert [profile["name"] for profile in body["profiles"]] == ["第3人"]
        wrong = await client.get("/api/v1/profiles", params={"city": "成都", "page_token": body["next_page_token"]})
        assert wrong.status_code == 422
        assert wrong.json()["errors"][0]["field"] == "page_token"
        assert wrong.json()["errors"][0]["rule"] == "page_token.valid"


async def test_hr_sees_no_contact_details_and_no_health_limits(gateway: Harness) -> None:
    profile = gateway.services.talent.add(contact={"phone": "1"}, limits=[1], birth_year=1950)
    async with gateway.signed_in(Role.HR, organisation="鞍钢集团") as client:
        seen = (await client.get(f"/api/v1/profiles/{profile.id}")).json()
    assert seen["contact"] is None
    assert seen["limits"] == []
    assert seen["birth_year"] is None
    assert seen["name"] == "王建国"


async def test_a_retiree_has_their_own_profile_alone(gateway: Harness) -> None:
    other = gateway.services.talent.add()
    async with gateway.signed_in(Role.RETIREE) as client:
        me = (await client.get("/api/v1/auth/me")).json()["account"]
        mine = f"/api/v1/profiles/{me['profile_id']}"
        assert (await client.get(mine)).status_code == 200
        assert (await client.patch(mine, json={"paused": True})).json()["paused"] is True
        assert (await client.get(f"/api/v1/profiles/{other.id}")).status_code == 404
        assert (await client.delete(mine)).status_code == 403


async def test_an_unknown_id_is_404_and_a_malformed_one_422(gateway: Harness) -> None:
    async with gateway.signed_in(Role.ADMIN) as client:
        assert (await client.get(f"/api/v1/profiles/{uuid4()}")).status_code == 404
        malformed = await client.get("/api/v1/profiles/abc")
        assert malformed.status_code == 422
        assert malformed.json()["errors"][0] | {"message": ""} == {"field": "id", "rule": "string.uuid", "message": ""}


async def test_a_second_profile_with_the_employee_number_is_409(gateway: Harness) -> None:
    async with gateway.signed_in(Role.COORDINATOR) as client:
        assert (await client.post("/api/v1/profiles", json=BODY)).status_code == 201
        again = await client.post("/api/v1/profiles", json=BODY)
    assert again.status_code == 409
    assert again.json()["reason"] == "ALREADY_EXISTS"


async def test_requests_for_a_person(gateway: Harness) -> None:
    async with gateway.signed_in(Role.HR) as hr:
        posted = await hr.post(
            "/api/v1/mentoring-requests",
            json={"organisation": "攀钢集团", "title": "矿井通风", "requirements": [{"text": "矿井通风"}]},
        )
        assert posted.status_code == 201, posted.text
    profile = gateway.services.talent.add(skills=["矿井通风"])
    async with gateway.signed_in(Role.COORDINATOR) as client:
        answer = await client.get(f"/api/v1/profiles/{profile.id}/request-suggestions", params={"limit": 3})
        assert answer.status_code == 200, answer.text
        suggestion = answer.json()["suggestions"][0]
        assert suggestion["request"]["title"] == "矿井通风"
        assert suggestion["score"] == 1.0
        unknown = await client.get(f"/api/v1/profiles/{uuid4()}/request-suggestions")
        assert unknown.status_code == 404
