"""From what one side does to what the other side reads: through all three services, a mail server and a receiver."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.two_sides import TwoSides, done, made, two_sides
from tests.stack import Stack, running_stack
from yinling_common.testing import CloneDatabase, Keys
from yinling_gateway.testing.mail import Post
from yinling_gateway.testing.receiving import Receiver


@pytest.fixture
async def stack(clone_database: CloneDatabase, keys: Keys, tmp_path: Path, post: Post) -> AsyncIterator[Stack]:
    settings: dict[str, Any] = {
        "smtp_host": "127.0.0.1",
        "smtp_port": post.port,
        "smtp_tls": "none",
        "smtp_from": "银龄 <yinling@example.cn>",
        "public_url": "https://yinling.example.cn",
        "webhooks_private": True,
        "notices_flood": 100,
    }
    async with running_stack(clone_database, keys, tmp_path, **settings) as running:
        yield running


@pytest.fixture
async def sides(stack: Stack) -> AsyncIterator[TwoSides]:
    """HR, office and mentor, each with an address."""
    async with two_sides(stack.gateway) as given:
        for client, name in ((given.hr, "hr"), (given.office, "office"), (given.mentor, "mentor")):
            done(await client.put("/api/v1/me/notice-preferences", json={"address": f"{name}@example.com"}))
        yield given


async def _until(say: Callable[[], Awaitable[list[str]]], count: int) -> list[str]:
    async with asyncio.timeout(60):
        while len(said := await say()) < count:  # noqa: ASYNC110 - the state of servers, not of this test
            await asyncio.sleep(0.05)
    return said


def _kinds(client: httpx.AsyncClient) -> Callable[[], Awaitable[list[str]]]:
    async def kinds() -> list[str]:
        return [notice["kind"] for notice in done(await client.get("/api/v1/notices"))["notices"]]

    return kinds


def _mails(post: Post, address: str) -> Callable[[], Awaitable[list[str]]]:
    async def subjects() -> list[str]:
        return [mail["Subject"] for mail in post.to(address)]

    return subjects


async def test_from_an_invitation_to_the_thanks(sides: TwoSides, post: Post, receiver: Receiver) -> None:
    secret = made(await sides.hr.post("/api/v1/webhooks", json={"url": receiver.url}))["secret"]
    receiver.secret = secret
    request = await sides.request(mentors_wanted=1)
    (invitation,) = await sides.invite(request)
    assert await _until(_kinds(sides.mentor), 1) == ["invitation_received"]
    assert await _until(_mails(post, "mentor@example.com"), 1) == ["云南铜业邀请您：矿井通风传帮带"]
    plain = post.to("mentor@example.com")[0].get_body(("plain",))
    assert plain is not None
    link = next(
        line.partition("https://yinling.example.cn")[2] for line in plain.get_content().splitlines() if "打开" in line
    )
    opened = await sides.mentor.get(link)
    assert opened.headers["location"] == f"/invitations/{invitation['id']}"
    assert done(await sides.mentor.get("/api/v1/notices"))["unread"] == 0

    (offered,) = await sides.invite(request, sides.people[1])  # has no account
    assert await _until(_kinds(sides.office), 1) == ["invitation_received"]
    assert await _until(_mails(post, "office@example.com"), 1) == ["请转告王建国1：云南铜业邀请您：矿井通风传帮带"]

    engagement = made(await sides.mentor.post(f"/api/v1/invitations/{invitation['id']}:accept"))
    assert sorted(await _until(_kinds(sides.hr), 2)) == ["invitation_accepted", "request_filled"]
    assert len(await _until(_mails(post, "hr@example.com"), 2)) == 2
    assert (await _until(_kinds(sides.office), 2))[0] == "invitation_closed"
    closed = done(await sides.office.get("/api/v1/notices"))["notices"][0]
    assert closed["resource_id"] == offered["id"]
    assert "这项需求已经找到了合适的人。谢谢您的关注" in closed["body"]

    start = (datetime.now(UTC) + timedelta(days=3)).replace(microsecond=0).isoformat()
    body = {"start_time": start, "minutes": 90, "place": "三楼会议室"}
    session = made(await sides.hr.post(f"/api/v1/engagements/{engagement['id']}/sessions", json=body))["session"]
    assert (await _until(_kinds(sides.mentor), 2))[0] == "session_planned"
    planned = done(await sides.mentor.get("/api/v1/notices"))["notices"][0]
    assert planned["resource_id"] == session["id"]
    assert (await sides.mentor.get(f"/notices/{planned['id']}")).headers[
        "location"
    ] == f"/engagements/{engagement['id']}"

    done(await sides.hr.post(f"/api/v1/engagements/{engagement['id']}:complete"))
    told = await _until(_kinds(sides.mentor), 4)
    assert sorted(told[:2]) == ["engagement_completed", "feedback_asked"]
    assert (await _until(_kinds(sides.hr), 3))[0] == "feedback_asked"
    async with asyncio.timeout(60):
        while len(receiver.calls) < 3:  # noqa: ASYNC110 - the state of a server, not of this test
            await asyncio.sleep(0.05)
    # Calls go out side by side.
    assert sorted(body["kind"] for _, body in receiver.calls) == [
        "feedback_asked",
        "invitation_accepted",
        "request_filled",
    ]
    assert receiver.forged == 0
    assert "王建国" not in str(receiver.calls)
    assert "恳请指导" not in str(receiver.calls) + str([mail.as_string() for _, mail in post.mails])


async def test_what_is_read_of_a_person_to_tell_them_stands_in_their_log(sides: TwoSides, stack: Stack) -> None:
    await sides.invite(await sides.request(), sides.people[1])
    await _until(_kinds(sides.office), 1)
    log = done(await sides.office.get(f"/api/v1/profiles/{sides.people[1]}/audit"))
    assert any(entry["subject"] == "gateway.notices" and entry["role"] == "admin" for entry in log["entries"])
