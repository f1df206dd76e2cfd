"""What REST refuses between a request and a person: lost updates, wrong states, wrong people; and calls sent twice."""

from uuid import uuid4

import httpx
import pytest

from tests.integration.two_sides import ENTERPRISE, OFFICE, TwoSides, done, made, two_sides
from yinling_common.identity import Role
from yinling_gateway.testing import Harness


def problem(answer: httpx.Response) -> tuple[int, str, str]:
    body = answer.json()
    return answer.status_code, body["reason"], body["detail"]


async def test_a_lost_update_is_412(gateway: Harness) -> None:
    async with two_sides(gateway) as sides:
        request = await sides.request(state="draft")
        opened = await sides.hr.post(
            f"/api/v1/mentoring-requests/{request['id']}:publish", headers={"If-Match": f'"{request["etag"]}"'}
        )
        stale = {"If-Match": f'"{request["etag"]}"'}
        closed = await sides.hr.post(f"/api/v1/mentoring-requests/{request['id']}:close", headers=stale)
        assert problem(closed)[:2] == (412, "STALE_ETAG")
        assert opened.headers["etag"] == f'"{done(opened)["etag"]}"'

        (invitation,) = await sides.invite(opened.json())
        wrong = {"If-Match": '"0000000000000000"'}
        for move in ("accept", "decline"):
            refused = await sides.mentor.post(
                f"/api/v1/invitations/{invitation['id']}:{move}",
                headers=wrong,
                json={"reason": "no_time"} if move == "decline" else None,
            )
            assert problem(refused)[:2] == (412, "STALE_ETAG")
        read = await sides.mentor.get(f"/api/v1/invitations/{invitation['id']}")
        accept = f"/api/v1/invitations/{invitation['id']}:accept"
        engagement = made(await sides.mentor.post(accept, headers={"If-Match": read.headers["etag"]}))

        address = f"/api/v1/engagements/{engagement['id']}"
        present = (await sides.hr.get(address)).headers["etag"]
        changed = await sides.hr.patch(address, json={"goals": [{"text": "甲"}]}, headers={"If-Match": present})
        assert done(changed)["etag"] != engagement["etag"]
        lost = await sides.mentor.patch(address, json={"goals": [{"text": "乙"}]}, headers={"If-Match": present})
        assert problem(lost)[:2] == (412, "STALE_ETAG")
        assert problem(await sides.mentor.post(f"{address}:pause", headers={"If-Match": present}))[0] == 412
        either = {"If-Match": f"{present}, {changed.headers['etag']}"}
        assert done(await sides.mentor.post(f"{address}:pause", headers=either))["state"] == "paused"


async def test_what_is_sent_twice_is_done_once(gateway: Harness) -> None:
    async with two_sides(gateway) as sides:
        key = {"Idempotency-Key": str(uuid4())}
        body = {"organisation": ENTERPRISE, "title": "一"}
        posted = [await sides.hr.post("/api/v1/mentoring-requests", json=body, headers=key) for _ in range(2)]
        assert [answer.status_code for answer in posted] == [201, 201]
        assert posted[0].json() == posted[1].json()
        other = await sides.hr.post("/api/v1/mentoring-requests", json=body | {"title": "二"}, headers=key)
        assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
        assert other.json()["errors"][0]["rule"] == "request_id.reused"

        key = {"Idempotency-Key": str(uuid4())}
        person = {"organisation": OFFICE, "name": "李敏"}
        twice = [made(await sides.office.post("/api/v1/profiles", json=person, headers=key)) for _ in range(2)]
        assert twice[0] == twice[1]
        other = await sides.office.post("/api/v1/profiles", json=person | {"name": "李明"}, headers=key)
        assert (other.status_code, other.json()["errors"][0]["rule"]) == (422, "request_id.reused")

        key = {"Idempotency-Key": str(uuid4())}
        first = await sides.invite(posted[0].json(), **key)
        assert await sides.invite(posted[0].json(), **key) == first
        assert len(done(await sides.hr.get("/api/v1/invitations"))["invitations"]) == 1

        key = {"Idempotency-Key": str(uuid4())}
        accept = f"/api/v1/invitations/{first[0]['id']}:accept"
        yes = [await sides.mentor.post(accept, headers=key) for _ in range(2)]
        assert [answer.status_code for answer in yes] == [201, 201]
        assert yes[0].json() == yes[1].json()
        assert yes[0].headers["location"] == yes[1].headers["location"]
        assert problem(await sides.mentor.post(accept))[0] == 409
        copies = [
            made(await sides.hr.post(f"/api/v1/mentoring-requests/{posted[0].json()['id']}:duplicate", headers=key))
            for _ in range(2)
        ]
        assert copies[0]["id"] == copies[1]["id"]


@pytest.mark.parametrize(
    "key", ["", "1", "not-a-uuid", "{3f2b8c1e-6f0a-4f6e-9a53-0c6a2d1b7e44}", "3f2b8c1e6f0a4f6e9a530c6a2d1b7e44"]
)
async def test_a_key_that_is_no_uuid_is_400(gateway: Harness, key: str) -> None:
    async with gateway.signed_in(Role.HR, organisation=ENTERPRISE) as hr:
        body = {"organisation": ENTERPRISE, "title": "一"}
        refused = await hr.post("/api/v1/mentoring-requests", json=body, headers={"Idempotency-Key": key})
        assert refused.status_code == 400
        assert refused.json()["errors"][0]["field"] == "Idempotency-Key"
        assert (await hr.get("/api/v1/mentoring-requests")).json()["mentoring_requests"] == []


async def test_a_wrong_state_is_409_and_named(gateway: Harness) -> None:
    async with two_sides(gateway) as sides:
        request = await sides.request(mentors_wanted=1)
        invitation, other = await sides.invite(request, *sides.people)
        engagement = made(await sides.mentor.post(f"/api/v1/invitations/{invitation['id']}:accept"))
        closed = done(await sides.hr.get(f"/api/v1/invitations/{other['id']}"))
        assert (closed["state"], closed["closed_because"]) == ("withdrawn", "filled")
        for client, path, body, state in (
            (sides.mentor, f"invitations/{invitation['id']}:accept", None, "已接受"),
            (sides.mentor, f"invitations/{invitation['id']}:decline", {"reason": "no_time"}, "已接受"),
            (sides.hr, f"invitations/{invitation['id']}:withdraw", None, "已接受"),
            (sides.office, f"invitations/{other['id']}:accept", None, "已撤回"),
            (sides.hr, f"mentoring-requests/{request['id']}:publish", None, "已满"),
            (sides.hr, f"mentoring-requests/{request['id']}:fill", None, "已满"),
            (sides.hr, f"mentoring-requests/{request['id']}:reopen", None, "已满"),
            (sides.hr, f"mentoring-requests/{request['id']}/invitations", {"profile_ids": sides.people}, "已满"),
            (sides.office, f"mentoring-requests/{request['id']}/opt-ins", {"profile_id": sides.people[1]}, "已满"),
            (sides.hr, f"engagements/{engagement['id']}:resume", None, "进行中"),
        ):
            status, reason, detail = problem(await client.post(f"/api/v1/{path}", json=body))
            assert (status, reason) == (409, "WRONG_STATE"), path
            assert f"“{state}”" in detail, (path, detail)
        done(await sides.hr.post(f"/api/v1/engagements/{engagement['id']}:complete"))
        for path, body in (("pause", None), ("end", {"reason": "no_fit"}), ("complete", None)):
            refused = await sides.hr.post(f"/api/v1/engagements/{engagement['id']}:{path}", json=body)
            assert "“已完成”" in problem(refused)[2]
        english = await sides.hr.post(
            f"/api/v1/engagements/{engagement['id']}:pause", headers={"Accept-Language": "en"}
        )
        assert "completed" in problem(english)[2]


async def test_wrong_people_are_403_or_see_nothing(gateway: Harness) -> None:
    async with (
        two_sides(gateway) as sides,
        gateway.signed_in(Role.HR, "hr2", organisation="鞍钢集团") as other_hr,
        gateway.signed_in(Role.RETIREE, "mentor2", profile_id=sides.people[1]) as other_person,
        gateway.signed_in(Role.COORDINATOR, "office2", organisation="鞍钢集团") as other_office,
        gateway.signed_in(Role.ADMIN) as admin,
        gateway.client() as nobody,
    ):
        (invitation,) = await sides.invite(await sides.request())
        address = f"/api/v1/invitations/{invitation['id']}"
        for client, move, status in (
            (sides.hr, "accept", 403),
            (admin, "accept", 403),
            (sides.mentor, "withdraw", 403),
            (sides.office, "withdraw", 403),
            (other_person, "accept", 404),
            (other_office, "accept", 404),
            (other_hr, "withdraw", 404),
            (nobody, "accept", 401),
        ):
            assert (await client.post(f"{address}:{move}")).status_code == status, move
        for client in (other_hr, other_person, other_office):
            assert (await client.get(address)).status_code == 404
            assert done(await client.get("/api/v1/invitations"))["invitations"] == []
        assert (await admin.get(address)).status_code == 200

        engagement = made(await sides.mentor.post(f"{address}:accept"))
        address = f"/api/v1/engagements/{engagement['id']}"
        for client in (other_hr, other_person, other_office):
            assert (await client.get(address)).status_code == 404
            assert (await client.post(f"{address}:pause")).status_code == 404
            assert (await client.patch(address, json={"goals": []})).status_code == 404
            assert (await client.get(f"{address}/feedback")).status_code == 404
        assert (await other_hr.get(f"{address}/mentor-contact")).status_code == 404
        assert (await admin.get(f"{address}/mentor-contact")).status_code == 403
        assert (await sides.mentor.post(f"{address}:complete")).status_code == 403


async def test_whoever_cannot_be_invited_is_named(gateway: Harness) -> None:
    async with two_sides(gateway) as sides:
        request = await sides.request(blocked_profile_ids=[sides.people[1]])
        await sides.invite(request)
        address = f"/api/v1/mentoring-requests/{request['id']}/invitations"
        refused = await sides.hr.post(address, json={"profile_ids": [*sides.people, str(uuid4())]})
        assert refused.status_code == 422
        errors = refused.json()["errors"]
        assert [(error["field"], error["rule"]) for error in errors] == [
            ("profile_ids[0]", "invitation.exists"),
            ("profile_ids[1]", "profile.blocked"),
            ("profile_ids[2]", "profile.unknown"),
        ]
        assert all("请去掉" in error["message"] for error in errors)
        await _too_few_wanted(sides)


async def _too_few_wanted(sides: TwoSides) -> None:
    request = await sides.request(mentors_wanted=3)
    for invitation, client in zip(
        await sides.invite(request, *sides.people), (sides.mentor, sides.office), strict=True
    ):
        made(await client.post(f"/api/v1/invitations/{invitation['id']}:accept"))
    refused = await sides.hr.patch(f"/api/v1/mentoring-requests/{request['id']}", json={"mentors_wanted": 1})
    assert refused.json()["errors"] == [
        {"field": "mentors_wanted", "rule": "mentors_wanted.engaged", "message": "已结对 2 人，人数不能少于此。"}
    ]
