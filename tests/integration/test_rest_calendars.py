"""Calendar files and the calendar to subscribe to, read back as a calendar program reads them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from icalendar import Calendar, Event

from tests.integration.two_sides import TwoSides, done, made, two_sides
from yinling_common.identity import Role
from yinling_gateway.testing import PASSWORD, Harness, sign_in

SUMMARY = "测风；逗号, 分号; 反斜杠\\ 与换行\n第二行" + "很长的一行" * 30
START = (datetime.now(UTC) + timedelta(days=3)).replace(microsecond=0)


async def plan(sides: TwoSides, engagement: dict, start: datetime = START) -> dict:
    body = {"start_time": start.isoformat(), "minutes": 90, "summary": SUMMARY, "place": "二号井，会议室"}
    return made(await sides.hr.post(f"/api/v1/engagements/{engagement['id']}/sessions", json=body))["session"]


async def address_of(client: httpx.AsyncClient) -> str:
    return str(made(await client.post("/api/v1/me/calendar"))["url"])


def events(answer: httpx.Response) -> list[Event]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"].startswith("private")
    for line in answer.content.split(b"\r\n"):
        assert len(line) <= 75, line  # octets, as RFC 5545 counts
        assert b"\n" not in line
    calendar = Calendar.from_ical(answer.content)
    assert (calendar["version"], calendar["prodid"]) == ("2.0", "-//Yinling//Yinling 1//ZH")
    found = list(calendar.walk("VEVENT"))
    assert not any(event.errors for event in found)
    return found


async def test_a_session_as_a_file(gateway: Harness) -> None:
    async with two_sides(gateway) as sides:
        engagement = await sides.engagement()
        session = await plan(sides, engagement)
        for client in (sides.hr, sides.mentor, sides.office):
            (event,) = events(await client.get(f"/api/v1/mentoring-sessions/{session['id']}.ics"))
            assert event["uid"] == f"{session['id']}@yinling"
            assert event.decoded("dtstart") == START
            assert event.decoded("dtend") == START + timedelta(minutes=90)
            assert str(event["description"]) == SUMMARY
            assert str(event["location"]) == "二号井，会议室"
            assert (event["status"], event["sequence"]) == ("CONFIRMED", 0)
            assert event.decoded("last-modified").tzinfo is not None
            assert "矿井通风传帮带" in event["summary"]
            assert ("王建国0" in event["summary"]) == (client is not sides.mentor)
        (event,) = events(await sides.mentor.get(f"/api/v1/engagements/{engagement['id']}.ics"))
        assert event["uid"] == f"{session['id']}@yinling"
        assert (await sides.mentor.get(f"/api/v1/mentoring-sessions/{engagement['id']}.ics")).status_code == 404
        async with gateway.signed_in(Role.HR, "other", organisation="鞍钢集团") as stranger:
            assert (await stranger.get(f"/api/v1/mentoring-sessions/{session['id']}.ics")).status_code == 404
            assert (await stranger.get(f"/api/v1/engagements/{engagement['id']}.ics")).status_code == 404


async def test_a_calendar_is_subscribed_to_renewed_and_revoked(gateway: Harness) -> None:
    async with two_sides(gateway) as sides, gateway.client() as program:
        engagement = await sides.engagement()
        assert done(await sides.mentor.get("/api/v1/me/calendar"))["active"] is False
        url = await address_of(sides.mentor)
        assert len(url.removesuffix(".ics").rpartition("/")[2]) >= 43  # 32 bytes in base64
        assert events(await program.get(url)) == []

        session = await plan(sides, engagement)
        first = await program.get(url)
        (event,) = events(first)
        assert event["uid"] == f"{session['id']}@yinling"
        for secret in (b"0812", b"3391234"):
            assert secret not in first.content
        again = await program.get(url, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")

        cancelled = await sides.mentor.post(f"/api/v1/mentoring-sessions/{session['id']}:cancel")
        assert done(cancelled)["state"] == "cancelled"
        (event,) = events(await program.get(url))
        assert (event["status"], event["transp"]) == ("CANCELLED", "TRANSPARENT")

        assert done(await sides.mentor.get("/api/v1/me/calendar"))["fetch_time"] is not None
        renewed = await address_of(sides.mentor)
        assert (await program.get(url)).status_code == 404
        assert len(events(await program.get(renewed))) == 1
        assert (await sides.mentor.delete("/api/v1/me/calendar")).status_code == 204
        assert (await sides.mentor.delete("/api/v1/me/calendar")).status_code == 404
        assert (await program.get(renewed)).status_code == 404


async def test_each_sees_their_own_sessions_alone(gateway: Harness) -> None:
    async with two_sides(gateway) as sides, gateway.client() as program:
        await plan(sides, await sides.engagement())
        (other,) = await sides.invite(await sides.request(), sides.people[1])
        engagement = made(await sides.office.post(f"/api/v1/invitations/{other['id']}:accept"))
        await plan(sides, engagement, START + timedelta(days=1))
        far = START + timedelta(days=500)
        await plan(sides, engagement, far)
        for client, number in ((sides.hr, 2), (sides.office, 2), (sides.mentor, 1)):
            assert len(events(await program.get(await address_of(client)))) == number


@pytest.mark.parametrize(
    "change",
    [{}, {"password": f"{PASSWORD}2"}, {"role": "coordinator"}, {"organisation": "鞍钢集团"}, {"active": False}],
)
async def test_a_new_password_or_role_or_the_end_of_the_account_ends_the_calendar(
    gateway: Harness, change: dict[str, Any]
) -> None:
    async with gateway.signed_in(Role.ADMIN) as admin, gateway.client() as program, gateway.client() as client:
        account = await gateway.account(Role.HR, "li.hr")
        await sign_in(client, "li.hr")
        url = await address_of(client)
        assert (await program.get(url)).status_code == 200
        if change:
            address = f"/api/v1/accounts/{account.id}"
            assert done(await admin.patch(address, json={"display_name": "李"}))["display_name"] == "李"
            assert (await program.get(url)).status_code == 200
            done(await admin.patch(address, json=change))
            done(await admin.patch(address, json={"active": True}))
        else:
            own = {"old_password": PASSWORD, "new_password": f"{PASSWORD}2"}
            assert (await client.post("/api/v1/auth/password", json=own)).status_code == 204
            assert done(await client.get("/api/v1/me/calendar"))["active"] is False
        assert (await program.get(url)).status_code == 404


async def test_a_key_cannot_make_an_address(gateway: Harness) -> None:
    async with gateway.signed_in(Role.HR) as hr:
        key = made(await hr.post("/api/v1/api-keys", json={"name": "HRIS"}))["key"]
    async with gateway.client(headers={"Authorization": f"Bearer {key}"}) as machine:
        assert (await machine.post("/api/v1/me/calendar")).status_code == 403
        for address in ("/my-calendar", "/my-calendar/revoke"):  # nor on the page
            assert (await machine.post(address)).status_code == 403
        assert done(await machine.get("/api/v1/me/calendar"))["active"] is False


async def test_who_guesses_is_slowed_down_and_no_address_is_logged(
    gateway: Harness, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Where it takes long to ask, there is time to ask for more.
    monkeypatch.setattr(gateway.parts.calendars._rate_limit, "_clock", lambda: 0.0)
    async with gateway.client() as program:
        answers = [(await program.get(f"/calendars/guess-{n}.ics")).status_code for n in range(130)]
    assert answers[0] == 404
    assert answers[-1] == 429
    assert "guess-" not in capsys.readouterr().out
