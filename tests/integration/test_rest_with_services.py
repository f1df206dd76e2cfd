"""The REST API before the real talent and matching: what a client sees is what the services say."""

import asyncio
from time import monotonic
from typing import Any

import httpx
import pytest

from yinling_common.identity import Role
from yinling_gateway.testing import Harness

ORGANISATION = "攀钢集团"
PROFILE = {
    "organisation": ORGANISATION,
    "employee_number": "PG-1",
    "name": "王建国",
    "city": "攀枝花市",
    "skills": ["矿井通风", "瓦斯治理"],
    "limits": ["underground"],
    "travel": "nationwide",
    "consent": {"granted": True},
    "contact": {"phone": "0812-3391234"},
}
REQUEST = {
    "organisation": "云南铜业",
    "title": "矿井通风传帮带",
    "requirements": [{"text": "矿井通风", "importance": "must"}],
    "city": "昆明",
}
ROSTER = "姓名,工号,居住城市,专长\n李敏,2,成都,高炉操作、炼铁\n张三,3,亚特兰蒂斯,焊接\n,4,成都,焊接\n"


async def test_from_a_roster_to_a_mentor_and_back(gateway: Harness) -> None:
    async with (
        gateway.signed_in(Role.COORDINATOR, organisation=ORGANISATION) as office,
        gateway.signed_in(Role.HR, organisation="云南铜业") as hr,
    ):
        made = await office.post("/api/v1/profiles", json=PROFILE)
        assert made.status_code == 201, made.text
        profile = made.json()
        assert profile["city"] == "攀枝花"

        posted = await hr.post("/api/v1/mentoring-requests", json=REQUEST)
        assert posted.status_code == 201, posted.text
        address = f"/api/v1/mentoring-requests/{posted.json()['id']}/suggestions"
        found = await hr.get(address, params={"min_revision": profile["revision"]})
        assert found.status_code == 200, found.text
        suggestion = found.json()["suggestions"][0]
        assert suggestion["name"] == "王建国"
        assert suggestion["evidence"]
        assert {check["rule"] for check in suggestion["checks"]} >= {"mode", "distance", "physical"}
        seen = (await hr.get(f"/api/v1/profiles/{profile['id']}")).json()
        assert seen["contact"] is None
        assert seen["limits"] == []

        for_person = await office.get(f"/api/v1/profiles/{profile['id']}/request-suggestions")
        assert [s["request"]["title"] for s in for_person.json()["suggestions"]] == [REQUEST["title"]]

        withdrawn = await office.patch(
            f"/api/v1/profiles/{profile['id']}",
            json={"consent": {"granted": False}},
            headers={"If-Match": made.headers["etag"]},
        )
        assert withdrawn.status_code == 200, withdrawn.text
        after = await hr.get(address, params={"min_revision": withdrawn.json()["revision"]})
        assert after.json()["suggestions"] == []
        assert (await hr.get(f"/api/v1/profiles/{profile['id']}")).status_code == 404


async def test_a_roster_is_taken_row_by_row(gateway: Harness) -> None:
    async with gateway.signed_in(Role.COORDINATOR, organisation=ORGANISATION) as office:
        job = await office.post("/api/v1/imports", files={"file": ("名册.csv", ROSTER.encode())})
        assert job.status_code == 202, job.text
        done = await _ended(office, job.headers["location"])
        assert done["state"] == "done", done
        assert (done["summary"]["created"], done["summary"]["failed"]) == (1, 2)
        issues = [(i["row"], i["rule"]) for i in done["issue_page"] if i["severity"] == "error"]
        assert (3, "city.unknown") in issues
        assert all(i["reason"] and i["advice"] and i["message_en"] for i in done["issue_page"])
        copy = await office.get(done["annotated_url"])
        assert copy.content.startswith(b"PK")
        template = await office.get("/api/v1/roster-template")
        assert template.content.startswith(b"PK")


async def test_bad_input_is_4xx_names_field_and_rule_and_leaves_nothing(
    gateway: Harness, subtests: pytest.Subtests
) -> None:
    mistakes: list[tuple[dict[str, Any], str, str]] = [
        ({"city": "亚特兰蒂斯"}, "city", "city.unknown"),
        ({"birth_year": 2050}, "birth_year", "int32.gte_lte"),
        ({"hours_per_week": 400}, "hours_per_week", "int32.gte_lte"),
        ({"bio": "长" * 1_700_000}, "bio", "string.max_len"),
        ({"name": "王\0建国"}, "name", "string.no_nul"),
        ({"title_level": "grand"}, "title_level", "enum.defined_only"),
        ({"available_from": "2026-02-30"}, "available_from", "date.exists"),
        ({"name": ""}, "name", "string.min_len"),
    ]
    async with gateway.signed_in(Role.COORDINATOR, organisation=ORGANISATION) as office:
        for change, field, rule in mistakes:
            with subtests.test(field=field, rule=rule):
                refused = await office.post("/api/v1/profiles", json=PROFILE | change)
                assert refused.status_code == 422, refused.text[:500]
                assert (field, rule) in {(e["field"], e["rule"]) for e in refused.json()["errors"]}
        files = [
            ("名册.xlsx", b"%PDF-1.7\n1 0 obj", "file.type"),
            ("名册.xlsx", b"", "file.empty"),
            ("名册.csv", b"\x00\x01\x02", "file.type"),
        ]
        for name, content, rule in files:
            with subtests.test(file=name, rule=rule):
                refused = await office.post("/api/v1/imports", files={"file": (name, content)})
                assert refused.status_code == 422, refused.text
                assert [(e["field"], e["rule"]) for e in refused.json()["errors"]] == [("file", rule)]
        for token in ("rubbish", "x" * 1001):
            refused = await office.get("/api/v1/profiles", params={"page_token": token})
            assert refused.status_code == 422
            assert refused.json()["errors"][0]["field"] == "page_token"
        assert (await office.get("/api/v1/profiles")).json()["profiles"] == []
        assert (await office.get("/api/v1/imports")).json()["imports"] == []


async def test_a_token_of_one_list_opens_no_other(gateway: Harness) -> None:
    async with gateway.signed_in(Role.ADMIN) as admin:
        for number in range(2):
            await admin.post("/api/v1/profiles", json=PROFILE | {"employee_number": str(number)})
        token = (await admin.get("/api/v1/profiles", params={"page_size": 1})).json()["next_page_token"]
        assert token
        for path, parameters in (
            ("/api/v1/mentoring-requests", {}),
            ("/api/v1/profiles", {"organisation": ORGANISATION}),
            ("/api/v1/profiles", {"query": "通风"}),
        ):
            refused = await admin.get(path, params=parameters | {"page_token": token})
            assert refused.status_code == 422, path
            assert refused.json()["reason"] == "INVALID_PAGE_TOKEN"


async def test_a_stale_etag_and_a_wrong_state(gateway: Harness) -> None:
    async with gateway.signed_in(Role.HR, organisation="云南铜业") as hr:
        posted = await hr.post("/api/v1/mentoring-requests", json=REQUEST)
        address, etag = posted.headers["location"], posted.headers["etag"]
        assert (await hr.patch(address, json={"title": "新"}, headers={"If-Match": etag})).status_code == 200
        assert (await hr.patch(address, json={"title": "旧"}, headers={"If-Match": etag})).status_code == 412
        wrong = await hr.patch(address, json={"state": "filled"})
        assert wrong.status_code == 409, wrong.text
        assert wrong.json()["reason"] == "WRONG_STATE"


async def _ended(client: httpx.AsyncClient, address: str) -> dict[str, Any]:
    until = monotonic() + 120
    while True:
        state: dict[str, Any] = (await client.get(address)).json()
        if state["state"] != "running" or monotonic() > until:
            return state
        await asyncio.sleep(0.1)


async def test_who_is_shown_is_reported(gateway: Harness) -> None:
    async with (
        gateway.signed_in(Role.COORDINATOR, organisation=ORGANISATION) as office,
        gateway.signed_in(Role.HR, organisation="云南铜业") as hr,
        gateway.signed_in(Role.ADMIN) as admin,
    ):
        for number in range(12):
            person = PROFILE | {
                "employee_number": f"PG-{number}",
                "name": f"王工{number}",
                "gender": "female" if number < 6 else "male",
                "birth_year": 1958,
                "limits": [],
            }
            revision = (await office.post("/api/v1/profiles", json=person)).json()["revision"]
        posted = (await hr.post("/api/v1/mentoring-requests", json=REQUEST)).json()
        address = f"/api/v1/mentoring-requests/{posted['id']}/suggestions"
        found = (await hr.get(address, params={"min_revision": revision, "limit": 5})).json()
        shown = {one["profile_id"] for one in found["suggestions"]}
        assert len(shown) == 5
        for reader in (office, admin):
            answer = await reader.get("/api/v1/reports/exposure")
            assert answer.status_code == 200, answer.text
            report = answer.json()
            assert (report["everybody"]["people"], report["everybody"]["exposures"]) == (12, 5)
            assert report["everybody"]["first_three"] == 3
            assert [(group["group"], group["people"]) for group in report["by_gender"]] == [("female", 6), ("male", 6)]
            assert sum(group["exposures"] for group in report["by_gender"]) == 5
            assert [group["group"] for group in report["by_organisation"]] == [ORGANISATION]
        assert (await hr.get("/api/v1/reports/exposure")).status_code == 403

        # Another enterprise with the same need is shown the others first.
        second = (await hr.post("/api/v1/mentoring-requests", json=REQUEST)).json()
        again = (await hr.get(f"/api/v1/mentoring-requests/{second['id']}/suggestions", params={"limit": 5})).json()
        assert not shown & {one["profile_id"] for one in again["suggestions"]}


async def test_weights_wishes_and_a_cohort_reach_matching(gateway: Harness) -> None:
    settings = "/api/v1/settings/matching"
    async with (
        gateway.signed_in(Role.COORDINATOR, organisation=ORGANISATION) as office,
        gateway.signed_in(Role.HR, organisation="云南铜业") as hr,
    ):
        revision = (await office.post("/api/v1/profiles", json=PROFILE)).json()["revision"]
        assert (await hr.put(settings, json={"weights": {"words": 0.5}})).status_code == 200
        assert (await hr.get(settings)).json()["effective"]["words"] == 0.5
        far = {"city": "哈尔滨", "mode": "on_site", "max_distance_km": 10}
        wishes = REQUEST | far | {"wishes": ["distance"], "weights": {"must": 2}}
        posted = (await hr.post("/api/v1/mentoring-requests", json=wishes)).json()
        address = f"/api/v1/mentoring-requests/{posted['id']}/suggestions"
        found = (await hr.get(address, params={"min_revision": revision})).json()
        assert (found["weights"]["must"], found["weights"]["words"]) == (2, 0.5)
        (suggestion,) = found["suggestions"]
        assert "distance" in [moved["rule"] for moved in suggestion["adjustments"]]
        assert suggestion["distance_km"] > 2000
        requests = [{"request_id": posted["id"], "mentors": 2}, {"mentoring_request": {"title": "连铸"}}]
        cohort = await hr.post("/api/v1/cohorts:assign", json={"requests": requests, "min_score": 0})
        assert cohort.status_code == 200, cohort.text
        assert len(cohort.json()["assignments"]) == 1
        assert cohort.json()["unassigned"]
