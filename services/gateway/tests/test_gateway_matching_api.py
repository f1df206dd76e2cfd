"""Wishes and weights of a request, an organisation's settings, and cohorts over REST."""

from uuid import uuid4

import pytest
from yinling.common.v1 import types_pb2 as types
from yinling.matching.v1.matching_pb2 import MentoringRequest

from yinling_common.identity import Role
from yinling_gateway.testing import Harness
from yinling_gateway.testing.harness import ORGANISATION

BODY = {
    "organisation": ORGANISATION,
    "title": "矿井通风",
    "mode": "on_site",
    "wishes": ["mode", "hours"],
    "min_years": 30,
    "min_title_level": "senior",
    "max_distance_km": 400,
    "weights": {"must": 1.5, "words": 2},
}
SETTINGS = "/api/v1/settings/matching"


async def test_a_request_keeps_its_wishes_and_weights_and_suggestions_tell_of_them(gateway: Harness) -> None:
    gateway.services.talent.add(name="甲", skills=["矿井通风"], modes=[types.MODE_REMOTE], years=12)
    async with gateway.signed_in(Role.HR) as client:
        posted = await client.post("/api/v1/mentoring-requests", json=BODY)
        assert posted.status_code == 201, posted.text
        made = posted.json()
        assert {name: made[name] for name in BODY if name != "weights"} == {k: BODY[k] for k in BODY if k != "weights"}
        assert (made["weights"]["must"], made["weights"]["nice"]) == (1.5, None)
        answer = (await client.get(f"/api/v1/mentoring-requests/{made['id']}/suggestions")).json()
        (found,) = answer["suggestions"]
        assert found["label"] == "strong"
        assert found["adjustments"] == [
            {"kind": "broken_wish", "effect": -0.1, "rule": "mode", "not_stated": False},
            {"kind": "years", "effect": -0.06, "rule": None, "not_stated": False},
        ]
        assert found["distance_km"] is None
        assert answer["weights"]["must"] == 1.5
        cleared = await client.patch(f"/api/v1/mentoring-requests/{made['id']}", json={"weights": None, "wishes": []})
        assert cleared.json()["weights"] is None or cleared.json()["weights"]["must"] is None
        answer = (await client.get(f"/api/v1/mentoring-requests/{made['id']}/suggestions")).json()
        assert answer["exclusions"] == [{"rule": "mode", "people": 1, "only_this_rule": 1}]
        assert answer["relaxations"][0] | {"best_score": 0} == {
            "rule": "mode",
            "physical_demand": None,
            "other_demand": "",
            "strong": 1,
            "good": 0,
            "best_score": 0,
        }


@pytest.mark.parametrize(
    ("change", "field", "rule"),
    [
        ({"wishes": ["physical"]}, "wishes[0]", "enum.in"),
        ({"wishes": ["mode", "mode"]}, "wishes", "repeated.unique"),
        ({"wishes": ["taste"]}, "wishes[0]", "enum.defined_only"),
        ({"weights": {"must": 0}}, "weights.must", "double.gte_lte"),
        ({"weights": {"must": "1"}}, "weights.must", "type.number"),
        ({"weights": {"age": 1}}, "weights.age", "field.unknown"),
        ({"max_distance_km": 9999}, "max_distance_km", "int32.gte_lte"),
    ],
)
async def test_a_wrong_wish_or_weight_is_named(
    gateway: Harness, change: dict[str, object], field: str, rule: str
) -> None:
    async with gateway.signed_in(Role.HR) as client:
        refused = await client.post("/api/v1/mentoring-requests", json=BODY | change)
    assert refused.status_code == 422, refused.text
    (error,) = refused.json()["errors"]
    assert (error["field"], error["rule"]) == (field, rule)
    assert error["message"]


async def test_the_bounds_of_a_weight_are_told_with_their_fraction(gateway: Harness) -> None:
    async with gateway.signed_in(Role.HR) as client:
        refused = await client.post("/api/v1/mentoring-requests", json=BODY | {"weights": {"must": 0}})
    assert refused.json()["errors"][0]["message"] == "应在 0.1 到 5 之间。"


async def test_settings_are_read_written_and_guarded_by_an_etag(gateway: Harness) -> None:
    async with gateway.signed_in(Role.HR) as client:
        first = await client.get(SETTINGS)
        assert first.status_code == 200, first.text
        assert (first.json()["organisation"], first.json()["update_time"]) == (ORGANISATION, None)
        assert first.json()["effective"]["about"] == 2
        assert "etag" not in first.headers
        written = await client.put(SETTINGS, json={"weights": {"about": 3}})
        assert written.status_code == 200, written.text
        assert (written.json()["weights"]["about"], written.json()["effective"]["nice"]) == (3, 0.4)
        etag = written.headers["etag"]
        second = await client.put(SETTINGS, json={"weights": {"must": 2}}, headers={"If-Match": etag})
        assert second.json()["weights"]["about"] is None
        stale = await client.put(SETTINGS, json={}, headers={"If-Match": etag})
        assert stale.status_code == 412
        wrong = await client.put(SETTINGS, json={"weights": {"about": 9}})
        assert wrong.status_code == 422
        assert wrong.json()["errors"][0]["field"] == "weights.about"
        foreign = await client.get(SETTINGS, params={"organisation": "鞍钢集团"})
        assert foreign.status_code == 403


async def test_an_administrator_names_the_organisation(gateway: Harness) -> None:
    async with gateway.signed_in(Role.ADMIN) as client:
        nameless = await client.get(SETTINGS)
        assert nameless.status_code == 422
        assert nameless.json()["errors"][0]["field"] == "organisation"
        written = await client.put(SETTINGS, params={"organisation": "鞍钢集团"}, json={"weights": {"years": 0}})
        assert written.json()["effective"]["years"] == 0


async def test_a_cohort_is_assigned(gateway: Harness) -> None:
    for name in ("甲", "乙"):
        gateway.services.talent.add(name=name, skills=["矿井通风"])
    kept = gateway.services.matching.add(MentoringRequest(organisation=ORGANISATION, title="矿井通风"))
    async with gateway.signed_in(Role.HR) as client:
        answer = await client.post(
            "/api/v1/cohorts:assign",
            json={
                "requests": [
                    {"request_id": kept.id, "mentors": 2},
                    {"mentoring_request": {"title": "学徒", "requirements": [{"text": "通风"}]}},
                ],
                "objective": "stable",
                "min_score": 0.5,
            },
        )
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert [(each["request"], each["name"], each["label"]) for each in body["assignments"]] == [
            (0, "甲", "strong"),
            (0, "乙", "strong"),
        ]
        (left,) = body["unassigned"]
        assert (left["request"], left["missing"], left["reason"]) == (1, 1, "all_taken")
        assert left["taken"][0]["request"] == 0
        empty = await client.post("/api/v1/cohorts:assign", json={"requests": []})
        assert empty.json()["errors"][0]["field"] == "requests"
        nothing = await client.post("/api/v1/cohorts:assign", json={"requests": [{"mentors": 1}]})
        assert nothing.status_code == 422
        gone = await client.post("/api/v1/cohorts:assign", json={"requests": [{"request_id": str(uuid4())}]})
        assert gone.status_code == 404
