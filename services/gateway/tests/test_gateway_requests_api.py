"""Requests, suggestions and the index over REST."""

from uuid import uuid4

from yinling.matching.v1.matching_pb2 import MentoringRequest

from yinling_common.identity import Role
from yinling_gateway.testing import Harness

BODY = {
    "organisation": "攀钢集团",
    "title": "青年技术员井下通风传帮带",
    "requirements": [{"text": "矿井通风", "importance": "must"}, {"text": "讲课", "importance": "nice"}],
    "mode": "on_site",
    "city": "昆明",
    "physical_demands": ["underground"],
    "start_date": "2026-12-01",
    "mentees": 8,
}


async def test_a_request_is_posted_read_changed_and_deleted(gateway: Harness) -> None:
    async with gateway.signed_in(Role.HR) as client:
        posted = await client.post("/api/v1/mentoring-requests", json=BODY)
        assert posted.status_code == 201, posted.text
        request = posted.json()
        assert {name: request[name] for name in BODY} == BODY
        assert request["state"] == "open"
        assert request["months"] is None
        address = posted.headers["location"]
        changed = await client.patch(
            address, json={"state": "closed", "mode": None}, headers={"If-Match": posted.headers["etag"]}
        )
        assert changed.status_code == 200, changed.text
        assert changed.json()["state"] == "closed"
        assert changed.json()["mode"] is None
        stale = await client.patch(address, json={"title": "x"}, headers={"If-Match": posted.headers["etag"]})
        assert stale.status_code == 412
        listed = (await client.get("/api/v1/mentoring-requests", params={"state": "closed"})).json()
        assert [r["id"] for r in listed["mentoring_requests"]] == [request["id"]]
        assert (await client.delete(address)).status_code == 204
        assert (await client.get(address)).status_code == 404


async def test_an_empty_change_is_refused(gateway: Harness) -> None:
    async with gateway.signed_in(Role.HR) as client:
        address = (await client.post("/api/v1/mentoring-requests", json=BODY)).headers["location"]
        refused = await client.patch(address, json={})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["rule"] == "patch.empty"


async def test_suggestions_come_with_their_reasons(gateway: Harness) -> None:
    talent = gateway.services.talent
    fits = talent.add(name="甲", skills=["矿井通风"])
    talent.add(name="乙", skills=["财务"])
    talent.add(name="丙", skills=["矿井通风"], limits=[1])
    async with gateway.signed_in(Role.HR) as client:
        request = (await client.post("/api/v1/mentoring-requests", json=BODY)).json()
        answer = await client.get(f"/api/v1/mentoring-requests/{request['id']}/suggestions", params={"limit": 5})
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert body["verdict"] == "ranked"
        assert [s["name"] for s in body["suggestions"]] == ["甲", "乙"]
        best = body["suggestions"][0]
        assert best["profile_id"] == fits.id
        assert best["evidence"][0] == {
            "requirement": "矿井通风",
            "importance": "must",
            "found": True,
            "facet_kind": "skill",
            "facet_text": "矿井通风",
            "strength": 1.0,
            "label": "strong",
            "shared_words": ["矿井通风"],
        }
        assert {"rule": "mode", "outcome": "not_stated"} in best["checks"]
        assert body["exclusions"] == [{"rule": "physical", "people": 1, "only_this_rule": 1}]

        inline = await client.post(
            "/api/v1/suggestions", json={"mentoring_request": BODY, "limit": 1, "view": "scores"}
        )
        assert inline.status_code == 200, inline.text
        assert [s["profile_id"] for s in inline.json()["suggestions"]] == [fits.id]
        assert inline.json()["suggestions"][0]["evidence"] == []
        nobody = await client.get(
            f"/api/v1/mentoring-requests/{request['id']}/suggestions", params={"organisations": ["甲厂", "乙厂"]}
        )
        assert nobody.json()["verdict"] == "nobody_eligible"


async def test_an_index_that_is_behind_is_503_with_retry_after(gateway: Harness) -> None:
    async with gateway.signed_in(Role.HR) as client:
        request = (await client.post("/api/v1/mentoring-requests", json=BODY)).json()
        behind = await client.get(
            f"/api/v1/mentoring-requests/{request['id']}/suggestions", params={"min_revision": 999}
        )
    assert behind.status_code == 503
    assert behind.json()["reason"] == "INDEX_BEHIND"
    assert int(behind.headers["retry-after"]) >= 1


async def test_hr_has_the_requests_of_its_own_organisation_alone(gateway: Harness) -> None:
    other = gateway.services.matching.add(MentoringRequest(organisation="鞍钢集团", title="高炉"))
    async with gateway.signed_in(Role.HR) as client:
        assert (await client.get(f"/api/v1/mentoring-requests/{other.id}")).status_code == 404
        assert (await client.get(f"/api/v1/mentoring-requests/{other.id}/suggestions")).status_code == 404
        foreign = await client.post("/api/v1/mentoring-requests", json=BODY | {"organisation": "鞍钢集团"})
        assert foreign.status_code == 403


async def test_a_request_that_is_not_there(gateway: Harness) -> None:
    async with gateway.signed_in(Role.HR) as client:
        assert (await client.get(f"/api/v1/mentoring-requests/{uuid4()}/suggestions")).status_code == 404
        malformed = await client.get("/api/v1/mentoring-requests/abc/suggestions")
        assert malformed.status_code == 422
        assert malformed.json()["errors"][0] | {"message": ""} == {"field": "id", "rule": "string.uuid", "message": ""}


async def test_the_index_tells_its_state(gateway: Harness) -> None:
    gateway.services.talent.add(skills=["一", "二"])
    async with gateway.signed_in(Role.HR) as client:
        status = (await client.get("/api/v1/index-status")).json()
    assert status["caught_up"] is True
    assert status["people"] == 1
    assert status["snapshot_time"] is None
