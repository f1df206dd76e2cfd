"""The demonstration: fictional people and requests, loaded through the REST API like anybody's own."""

import time
from dataclasses import dataclass, field
from pathlib import Path

from yinling_runner import commands, demo_engagement, sample
from yinling_runner.client import Client, Json
from yinling_runner.console import Terminal
from yinling_runner.credentials import Credentials, SignIn, new_password
from yinling_runner.problems import Problem

ORGANISATION = "远山矿业集团"
SHOWN = 3
_INDEX_PATIENCE = 600.0
"""Seconds; a slow machine needs a minute."""
MENTORS = 3


@dataclass
class Loaded:
    """What was loaded, and what came of it."""

    revision: int = 0
    people: int = 0
    requests: list[Json] = field(default_factory=list)
    shown: list[tuple[Json, Json]] = field(default_factory=list)
    waits: bool = False
    """Whether an invitation waits for the retiree who can sign in."""


def load(api: Client, credentials: Credentials, terminal: Terminal) -> Loaded:
    """Load the sample unless it is there, ask for the mentors of three requests, and make the sign-ins."""
    loaded = Loaded()
    summary = _load_people(api, terminal)
    loaded.revision, loaded.people = summary["revision"], summary["rows"]
    loaded.requests = _load_requests(api, terminal)
    _wait_for_index(api, loaded.revision, terminal)
    for request in _to_show(loaded.requests):
        path = f"/api/v1/mentoring-requests/{request['id']}/suggestions"
        answer = api.get(path, limit=MENTORS, min_revision=loaded.revision)
        loaded.shown.append((request, answer))
    retiree = _make_sign_ins(api, credentials, loaded)
    loaded.waits = demo_engagement.bring_together(api.url, credentials, loaded.requests, ORGANISATION, retiree)
    return loaded


def show(loaded: Loaded, credentials: Credentials, url: str, terminal: Terminal) -> None:
    """Print the three requests with their mentors and reasons, the address and the sign-ins."""
    terminal.out.print()
    for request, answer in loaded.shown:
        terminal.suggestions(f"{request['organisation']}：{request['title']}", answer)
    if loaded.waits:
        terminal.out.print("有一份邀请等待 retiree 答复，另有一对师徒正在结对 One invitation waits for retiree")
    terminal.out.print("所有人物、单位均为虚构 All people and organisations are fictional", style="dim")
    rows = ((s.role, s.username, s.password, s.organisation) for s in credentials.sign_ins)
    terminal.table(("角色 Role", "用户名 Username", "密码 Password", "单位 Organisation"), rows)
    terminal.out.print(f"网址 Open {url}   接口文档 API {url}/docs   Ctrl-C 停止 stops", soft_wrap=True)


def tell_where(data: Path, terminal: Terminal) -> None:
    """Print where the data lies, and how to be rid of it."""
    terminal.out.print(f"数据在 Data lies in {data}", style="dim", soft_wrap=True)
    terminal.out.print(
        "再次运行会接着用；停止后删除此目录即可清除 Start again to go on; stop and delete it to be rid of it",
        style="dim",
    )


def check(api: Client, credentials: Credentials, loaded: Loaded) -> str:
    """See that what the demonstration shows is really so; returns a line about it. Raises Problem where not."""
    _demand(loaded.people >= 200, f"only {loaded.people} people in the sample roster")
    _demand(len(loaded.requests) >= 30, f"only {len(loaded.requests)} sample requests")
    status = api.get("/api/v1/index-status")
    _demand(status["caught_up"] and status["people"] >= 200, f"the index is not complete: {status}")
    mentors = 0
    for request in loaded.requests:
        answer = api.get(f"/api/v1/mentoring-requests/{request['id']}/suggestions", limit=MENTORS)
        for mentor in answer["suggestions"]:
            _demand(0 <= mentor["score"] <= 1, f"a score of {mentor['score']} for {request['title']}")
            _demand(bool(mentor["evidence"]), f"no reasons for {mentor['name']} for {request['title']}")
        mentors += len(answer["suggestions"])
    _demand(all(answer["suggestions"] for _, answer in loaded.shown), "a request that is shown has no mentors")
    for sign_in in credentials.sign_ins:
        with Client(api.url) as person:
            me = person.sign_in(sign_in.username, sign_in.password)
            _demand(me["account"]["role"] == sign_in.role, f"{sign_in.username} signs in as {me['account']['role']}")
            page = person.call("GET", "/", headers={"Accept": "text/html"}, follow_redirects=True)
            _demand("text/html" in page.headers["content-type"], f"no page for {sign_in.username}")
            if sign_in.role == "hr":
                seen = {request["organisation"] for request in _all_requests(person)}
                _demand(seen == {sign_in.organisation}, f"{sign_in.username} sees the requests of {seen}")
    return (
        f"{loaded.people} people, {len(loaded.requests)} requests, {mentors} suggestions with reasons, "
        f"{len(credentials.sign_ins)} sign-ins, {demo_engagement.check(api.url, credentials)}"
    )


def _load_people(api: Client, terminal: Terminal) -> Json:
    """Import the sample roster unless it was; who was changed or erased since then stays so. Returns the summary."""
    path = sample.roster_path()
    for job in api.pages("/api/v1/imports", "imports"):
        if job["filename"] == path.name and job["summary"] and not (job["validate_only"] or job["summary"]["failed"]):
            before: Json = job["summary"]
            return before
    with commands.progress_bar(terminal, "花名册 People") as move:
        job = api.import_roster(path, organisation=ORGANISATION, progress=move)
    if job["state"] != "done" or job["summary"]["failed"]:
        raise Problem(f"the sample roster was not taken whole: {job['problem'] or job['summary']}")
    summary: Json = job["summary"]
    return summary


def _load_requests(api: Client, terminal: Terminal) -> list[Json]:
    """Post the sample requests that are not there yet; returns them all in the sample's order."""
    there = {(request["organisation"], request["title"]): request for request in _all_requests(api)}
    bodies = sample.requests()
    requests = []
    with commands.progress_bar(terminal, "需求 Requests") as move:
        for number, body in enumerate(bodies, start=1):
            known = there.get((body["organisation"], body["title"]))
            requests.append(known or api.post("/api/v1/mentoring-requests", body))
            move(number, len(bodies))
    return requests


def _wait_for_index(api: Client, revision: int, terminal: Terminal) -> None:
    """Wait until everybody can be found: the first time the texts of all people are embedded. Raises Problem."""
    until = time.monotonic() + _INDEX_PATIENCE
    with commands.progress_bar(terminal, "索引 Index") as move:
        while True:
            there = min(revision, int(api.get("/api/v1/index-status")["revision"]))
            move(there, revision)
            if there == revision:
                return
            if time.monotonic() > until:
                raise Problem(f"the index is still at {there} of {revision}", "yinling status tells what is away")
            time.sleep(0.5)


def _all_requests(api: Client) -> list[Json]:
    return list(api.pages("/api/v1/mentoring-requests", "mentoring_requests"))


def _to_show(requests: list[Json]) -> list[Json]:
    """Our own organisation's first, another one's, and one in English."""
    own = next(request for request in requests if request["organisation"] == ORGANISATION)
    english = next(request for request in requests if request["title"].isascii())
    other = next(request for request in requests if request not in (own, english))
    return [own, other, english][:SHOWN]


def _make_sign_ins(api: Client, credentials: Credentials, loaded: Loaded) -> str:
    """One account for each role; the retiree is the first person suggested. Returns the id of the retiree's profile.

    Whose account is gone, because they erased themselves perhaps, is followed by somebody new.
    """
    there = {account["username"]: account for account in api.pages("/api/v1/accounts", "accounts")}
    credentials.sign_ins = [sign_in for sign_in in credentials.sign_ins if sign_in.username in there]
    suggested = [mentor for _, answer in loaded.shown for mentor in answer["suggestions"]]
    wanted = [("hr", "hr", ""), ("coordinator", "coordinator", "")]
    if suggested:
        wanted.append(("retiree", "retiree", suggested[0]["profile_id"]))
    for username, role, profile_id in wanted:
        if credentials.find(username):
            continue
        organisation = suggested[0]["organisation"] if profile_id else ORGANISATION
        sign_in = SignIn(username, new_password(), role, organisation)
        body: Json = {"username": username, "password": sign_in.password, "role": role, "organisation": organisation}
        if profile_id:
            body |= {"profile_id": profile_id, "display_name": suggested[0]["name"]}
        there[username] = api.post("/api/v1/accounts", body)
        credentials.sign_ins.append(sign_in)
    return str(there.get("retiree", {}).get("profile_id") or "")


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Problem(otherwise)
