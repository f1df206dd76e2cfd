"""The demonstration's second half: an invitation that waits for its answer, and an engagement that is under way."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from yinling_runner.client import Client, Json
from yinling_runner.credentials import Credentials
from yinling_runner.problems import Problem

INVITED_FOR = "矿井通风技术员传帮带"
ENGAGED_FOR = "承压水上采煤防治水方案把关"

_GOALS = [
    {"text": "完成 3 个工作面的水文地质条件复核", "progress": 35},
    {"text": "带出 2 名能独立编制防治水方案的青年工程师", "progress": 10},
]
_HELD_MINUTES = 90
_AT_TWO = 6
"""Of UTC: two in the afternoon in China."""
_CONTACT = {"name": "人力资源部 周敏", "phone": "0870-5550137", "email": "hr@yuanshan.example"}


@contextmanager
def signed_in(url: str, credentials: Credentials, username: str) -> Iterator[Client]:
    """A client that speaks for one of the demonstration's accounts."""
    account = credentials.find(username)
    if account is None:
        raise Problem(f"the demonstration has no sign-in {username!r}")
    with Client(url) as client:
        client.sign_in(account.username, account.password)
        yield client


def bring_together(url: str, credentials: Credentials, requests: list[Json], organisation: str, retiree: str) -> bool:
    """HR invites the retiree and somebody for whom the coordinator says yes, and they begin.

    Done again it does nothing, but for a retiree who is new. Returns whether the retiree's invitation waits.
    """
    by_title = {request["title"]: request for request in requests if request["organisation"] == organisation}
    with signed_in(url, credentials, "hr") as hr, signed_in(url, credentials, "coordinator") as office:
        waiting = _invite(hr, by_title[INVITED_FOR], profile_id=retiree)
        waits = waiting is not None and waiting["state"] == "sent"
        invitation = _invite(hr, by_title[ENGAGED_FOR], organisation=organisation)
        if invitation is None or invitation["state"] != "sent":
            return waits
        engagement = office.post(f"/api/v1/invitations/{invitation['id']}:accept", {}, key=_key(invitation["id"]))
        path = f"/api/v1/engagements/{engagement['id']}"
        hr.call("PATCH", path, json={"goals": _GOALS, "enterprise_contact": _CONTACT})
        now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        held = {"start_time": (now - timedelta(hours=2)).isoformat(), "minutes": _HELD_MINUTES, "place": "腾讯会议"}
        held |= {"summary": "看过 2301 工作面的物探资料，圈出两处富水异常区。", "next_step": "补两个钻孔后再议。"}
        office.post(f"{path}/sessions", held, key=_key(f"{engagement['id']} held"))
        planned = {
            "start_time": (now + timedelta(days=7)).replace(hour=_AT_TWO).isoformat(),
            "minutes": 60,
            "place": "腾讯会议",
        }
        planned |= {"summary": "讨论疏放水设计。"}
        hr.post(f"{path}/sessions", planned, key=_key(f"{engagement['id']} planned"))
    return waits


def check(url: str, credentials: Credentials) -> str:
    """See that both sides find what the demonstration made; returns a line about it. Raises Problem where not."""
    with signed_in(url, credentials, "hr") as hr, signed_in(url, credentials, "retiree") as person:
        *_, engagement = hr.get("/api/v1/engagements")["engagements"]
        sessions = hr.get("/api/v1/mentoring-sessions", engagement_id=engagement["id"])["sessions"]
        states = sorted(session["state"] for session in sessions)
        invited = person.get("/api/v1/invitations")["invitations"]
        told = _until_told(person)
    if not {"held", "planned"} <= set(states) or engagement["held_minutes"] < _HELD_MINUTES:
        raise Problem(f"the engagement has sessions {states} with {engagement['held_minutes']} minutes held")
    if not invited:
        raise Problem("the retiree has no invitation")
    return f"{len(invited)} invitation and {told} notice for the retiree, 1 engagement with {len(states)} sessions"


def _invite(hr: Client, request: Json, *, profile_id: str = "", organisation: str = "") -> Json | None:
    """The first invitation of a person, or of anybody; where there is none, the best such mentor is invited.

    None where nobody can be invited any more, for somebody went on with the demonstration.
    """
    kept = hr.get("/api/v1/invitations", mentoring_request_id=request["id"])["invitations"]
    theirs = [one for one in kept if profile_id in {"", one["profile_id"]}]
    if theirs:
        first: Json = theirs[-1]
        return first
    path = f"/api/v1/mentoring-requests/{request['id']}"
    mentors = hr.get(f"{path}/suggestions", limit=20)["suggestions"]
    fit = [
        one for one in mentors if profile_id in {"", one["profile_id"]} and organisation in {"", one["organisation"]}
    ]
    if kept and (request["state"] != "open" or not fit):
        return None
    if not fit:
        raise Problem(f"nobody to invite for {request['title']}")
    body = {"profile_ids": [fit[0]["profile_id"]], "message": f"{fit[0]['name']}老师，久闻您的经验，恳请指导。"}
    key = _key(f"{request['id']} {fit[0]['profile_id']}")
    made: Json = hr.post(f"{path}/invitations", body, key=key)["invitations"][0]
    return made


def _until_told(person: Client) -> int:
    """How many notices the person has; waits for the first one."""
    until = time.monotonic() + 20
    while True:
        count = len(person.get("/api/v1/notices")["notices"])
        if count:
            return count
        if time.monotonic() > until:
            raise Problem("nobody told the retiree of the invitation")
        time.sleep(0.3)


def _key(what: str) -> str:
    """The same idempotency key for the same step."""
    return str(uuid5(NAMESPACE_URL, what))
