"""From a draft to the feedback of both sides over REST, as each of those who have a part in it."""

from datetime import UTC, datetime, timedelta

from tests.integration.two_sides import OFFICE, TwoSides, done, made, two_sides
from yinling_common.identity import Role
from yinling_gateway.testing import Harness


async def test_from_an_invitation_to_the_feedback_of_both_sides(gateway: Harness) -> None:
    async with two_sides(gateway) as sides:
        draft = await sides.request(state="draft")
        opened = done(await sides.hr.post(f"/api/v1/mentoring-requests/{draft['id']}:publish"))
        assert opened["state"] == "open"
        invitations = await sides.invite(opened, *sides.people)
        assert [one["state"] for one in invitations] == ["sent", "sent"]
        assert [one["profile_name"] for one in invitations] == ["王建国0", "王建国1"]
        first, second = invitations

        mine = done(await sides.mentor.get("/api/v1/invitations", params={"state": "sent"}))["invitations"]
        assert [one["id"] for one in mine] == [first["id"]]
        accepted = await sides.mentor.post(f"/api/v1/invitations/{first['id']}:accept")
        engagement = made(accepted)
        assert accepted.headers["location"] == f"/api/v1/engagements/{engagement['id']}"
        assert engagement["invitation_id"] == first["id"]
        declined = await sides.office.post(
            f"/api/v1/invitations/{second['id']}:decline", json={"reason": "other", "words": "家中有事"}
        )
        assert (done(declined)["decline_reason"], declined.json()["decline_words"]) == ("other", "家中有事")

        await _work(sides, engagement["id"])
        finished = done(await sides.hr.post(f"/api/v1/engagements/{engagement['id']}:complete"))
        assert (finished["state"], finished["held_sessions"], finished["held_minutes"]) == ("completed", 1, 90)
        await _say(sides, engagement["id"])


async def _work(sides: TwoSides, engagement: str) -> None:
    """Goals and the contact, a session held and one cancelled, a break, and how to reach the mentor."""
    address = f"/api/v1/engagements/{engagement}"
    end = (datetime.now(UTC) + timedelta(days=200)).date().isoformat()
    change = {"goals": [{"text": "核定通风系统", "progress": 10}], "planned_end_date": end}
    goal = done(await sides.mentor.patch(address, json=change))["goals"][0]
    change = {
        "goals": [{"id": goal["id"], "text": goal["text"], "progress": 60}],
        "enterprise_contact": {"name": "周敏"},
    }
    changed = done(await sides.hr.patch(address, json=change))
    assert [(one["id"], one["progress"]) for one in changed["goals"]] == [(goal["id"], 60)]
    assert (changed["planned_end_date"], changed["enterprise_contact"]["name"]) == (end, "周敏")
    assert done(await sides.hr.patch(address, json={"planned_end_date": None}))["planned_end_date"] is None

    contact = done(await sides.hr.get(f"{address}/mentor-contact"))
    assert contact["phone"] == "0812-3391234"
    assert (await sides.mentor.get(f"{address}/mentor-contact")).status_code == 403

    started = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    held = made(await sides.mentor.post(f"{address}/sessions", json={"start_time": started, "minutes": 60}))
    assert (held["session"]["state"], held["session"]["logged_by"]) == ("held", "mentor")
    assert held["hours"]["allowed_minutes"] == 480
    longer = done(await sides.hr.patch(f"/api/v1/mentoring-sessions/{held['session']['id']}", json={"minutes": 90}))
    assert (longer["session"]["minutes"], longer["session"]["logged_by"]) == (90, "enterprise")
    today = datetime.now(UTC).replace(hour=2, minute=0)
    soon = today + timedelta(days=9 - today.weekday())  # Wednesday of the next week, at ten in China
    planned = made(await sides.hr.post(f"{address}/sessions", json={"start_time": soon.isoformat(), "minutes": 60}))[
        "session"
    ]
    later = (soon + timedelta(hours=2)).isoformat()
    too_long = await sides.hr.post(f"{address}/sessions", json={"start_time": later, "minutes": 480})
    assert (too_long.status_code, too_long.json()["reason"]) == (409, "HOURS_EXCEEDED")
    early = await sides.hr.post(f"/api/v1/mentoring-sessions/{planned['id']}:hold", json={})
    assert early.status_code in {409, 422}
    assert done(await sides.mentor.post(f"/api/v1/mentoring-sessions/{planned['id']}:cancel"))["state"] == "cancelled"
    query = {"engagement_id": engagement, "state": "held", "end_time": datetime.now(UTC).isoformat()}
    listed = done(await sides.mentor.get("/api/v1/mentoring-sessions", params=query))["sessions"]
    assert [one["id"] for one in listed] == [held["session"]["id"]]

    assert done(await sides.mentor.post(f"{address}:pause"))["state"] == "paused"
    assert done(await sides.hr.post(f"{address}:resume"))["state"] == "active"


async def _say(sides: TwoSides, engagement: str) -> None:
    address = f"/api/v1/engagements/{engagement}/feedback"
    answers = {"phase": "end", "goals": 5, "cooperation": 4, "again": 5}
    done(await sides.hr.post(address, json=answers | {"words": "师傅很尽心。"}))
    seen = done(await sides.mentor.get(address))
    assert seen["feedback"] == []
    assert {"phase": "end", "side": "enterprise", "written": True} in seen["standings"]
    done(await sides.mentor.post(address, json=answers | {"words": "徒弟肯学。"}))
    for client in (sides.hr, sides.mentor):
        said = done(await client.get(address))["feedback"]
        assert sorted(one["words"] for one in said) == ["师傅很尽心。", "徒弟肯学。"]
    late = await sides.hr.post(address, json=answers | {"words": "改主意了。"})
    assert late.status_code == 409


async def test_from_an_opt_in_to_an_end(gateway: Harness) -> None:
    async with two_sides(gateway) as sides:
        request = await sides.request()
        offers = f"/api/v1/mentoring-requests/{request['id']}/opt-ins"
        offered = await sides.mentor.post(offers, json={"message": "我愿意带徒弟。"})
        opt_in = made(offered)
        assert opt_in["profile_id"] == sides.people[0]
        assert offered.headers["location"] == f"/api/v1/opt-ins/{opt_in['id']}"
        assert (await sides.mentor.post(offers, json={})).status_code == 409
        back = made(await sides.office.post(offers, json={"profile_id": sides.people[1]}))
        assert done(await sides.office.post(f"/api/v1/opt-ins/{back['id']}:withdraw"))["state"] == "withdrawn"
        again = made(await sides.office.post(offers, json={"profile_id": sides.people[1]}))
        refused = await sides.hr.post(f"/api/v1/opt-ins/{again['id']}:turn-down", json={"reason": "time_or_place"})
        assert (done(refused)["state"], refused.json()["turn_down_reason"]) == ("turned_down", "time_or_place")

        engagement = made(await sides.hr.post(f"/api/v1/opt-ins/{opt_in['id']}:confirm"))
        address = f"/api/v1/engagements/{engagement['id']}:end"
        wordless = await sides.mentor.post(address, json={"reason": "other"})
        assert wordless.json()["errors"] == [
            {"field": "words", "rule": "words.required", "message": "请用文字说明原因，或选择其他原因。"}
        ]
        ended = done(await sides.mentor.post(address, json={"reason": "mentor_plans", "words": "要照看孙子。"}))
        assert (ended["state"], ended["end_reason"], ended["end_words"]) == (
            "ended_early",
            "mentor_plans",
            "要照看孙子。",
        )
        assert ended["end_time"] is not None


async def test_a_requests_life_and_its_history(gateway: Harness) -> None:
    async with two_sides(gateway) as sides:
        request = await sides.request(state="draft", expire_date="2030-01-01")
        address = f"/api/v1/mentoring-requests/{request['id']}"
        for move, state in (("publish", "open"), ("fill", "filled"), ("reopen", "open"), ("close", "closed")):
            assert done(await sides.hr.post(f"{address}:{move}"))["state"] == state
        done(await sides.hr.patch(address, json={"mentors_wanted": 3, "title": "通风与瓦斯"}))
        copied = await sides.hr.post(f"{address}:duplicate")
        draft = made(copied)
        assert (draft["state"], draft["title"], draft["expire_date"]) == ("draft", "通风与瓦斯", None)
        assert copied.headers["location"] == f"/api/v1/mentoring-requests/{draft['id']}"

        first = done(await sides.hr.get(f"{address}/changes", params={"page_size": 4}))
        rest = done(await sides.hr.get(f"{address}/changes", params={"page_token": first["next_page_token"]}))
        told = first["changes"] + rest["changes"]
        assert [one["action"] for one in told] == ["update", "close", "reopen", "fill", "publish", "create"]
        assert told[0]["role"] == "hr"
        assert told[0]["fields"] == [
            {"name": "mentors_wanted", "before": 2, "after": 3},
            {"name": "title", "before": "矿井通风传帮带", "after": "通风与瓦斯"},
        ]
        async with gateway.signed_in(Role.HR, "other", organisation=OFFICE) as stranger:
            assert (await stranger.get(f"{address}/changes")).status_code == 404
