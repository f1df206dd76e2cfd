"""Every form of the two sides: where it is too old it overwrites nothing and says so; sent twice it counts once.

Before the real services. Each form is filled in by `Desk.send`, which does both with it.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest

from tests.stack import Stack
from yinling_common.database import Database
from yinling_gateway.testing import Harness
from yinling_gateway.testing.browsing import Browser
from yinling_gateway.testing.two_sides import TwoSides, two_sides

ID = r"([0-9a-f-]{36})"
SAVE = ("action", "save")
SOON = (date.today() + timedelta(days=8)).isoformat()
CHANGED = ("在此期间有人修改过。请看一下最新情况", "在您填写期间，有人修改了这份内容")
"""What a page says whose form was too old."""
Typed = str | list[str]


@dataclass
class Desk:
    """Sends forms, and looks into matching's tables at what they did."""

    sides: TwoSides
    matching: Database
    changes: int = 0

    async def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        async with self.matching.connection() as conn:
            return list(await (await conn.execute(query.encode(), list(values))).fetchall())

    async def steps(self) -> int:
        """How many steps were taken so far, of anything by anybody."""
        (row,) = await self.rows("SELECT count(*) AS count FROM audit_log WHERE action <> 'read'")
        return int(row["count"])

    async def change(self, table: str, id_: str) -> list[dict[str, Any]]:
        """Somebody changes a thing, so it has another etag; returns its row from then on."""
        self.changes += 1
        async with self.matching.connection() as conn:
            changed = f"UPDATE {table} SET etag = %s WHERE id = %s"  # noqa: S608 - names of the tests
            done = await conn.execute(changed.encode(), [f"of somebody else {self.changes}", id_])
            assert done.rowcount == 1, (table, id_)
        return await self.row(table, id_)

    async def row(self, table: str, id_: str) -> list[dict[str, Any]]:
        return await self.rows(f"SELECT * FROM {table} WHERE id = %s", id_)  # noqa: S608 - as above

    async def send(self, browser: Browser, sheet: "Sheet", **typed: Typed) -> None:
        """Fill in the form of a page, and leave the browser where it leads."""
        await browser.open(sheet.page)
        if sheet.of:
            await self._send_too_old(browser, sheet, typed)
        before, form = await self.steps(), browser.form(sheet.action)
        for name, value in typed.items():
            form.fill(name, *([value] if isinstance(value, str) else value))
        to, fields = sheet.action or str(browser.page.url), form.fields + ([sheet.button] if sheet.button else [])
        await browser.post(to, fields)
        assert browser.page.status_code == 200, (sheet, browser.text)
        once, there = await self.steps(), browser.page.url
        assert once > before, sheet
        await browser.post(to, fields)
        assert (browser.page.status_code, browser.page.url) == (200, there), (sheet, browser.text)
        assert await self.steps() == once, f"{sheet} counted twice"

    async def _send_too_old(self, browser: Browser, sheet: "Sheet", typed: dict[str, Typed]) -> None:
        before = await self.steps()
        for _ in range(2):  # and once more, while the reader looks at it
            changed = await self.change(sheet.of, sheet.id)
            await browser.submit(sheet.action, button=sheet.button, **typed)
            check_told(browser, sheet)
            assert await self.row(sheet.of, sheet.id) == changed, sheet
            assert await self.steps() == before, sheet
            if sheet.kept:
                assert browser.form(sheet.action).values(sheet.kept)[0] in typed[sheet.kept], sheet
            else:
                await browser.open(sheet.page)


@dataclass(frozen=True)
class Sheet:
    """A form of a page.

    Attributes:
        page: Where it is.
        action: Where it is sent; "" for the page itself.
        of: Table of what it changes, where it carries an etag.
        button: With which it is sent.
        kept: A field that still holds what was typed when the form was too old; "" where there is none.
    """

    page: str
    action: str = ""
    of: str = ""
    button: tuple[str, str] | None = None
    kept: str = ""

    @property
    def id(self) -> str:
        """Of what it changes."""
        found = re.search(ID, self.action or self.page)
        assert found
        return found[1]


def check_told(browser: Browser, sheet: Sheet) -> None:
    """The page says that somebody changed it."""
    assert browser.page.status_code == 409, (sheet, browser.text)
    assert any(words in browser.text for words in CHANGED), (sheet, browser.text)


def itself(page: str, of: str = "", **more: Any) -> Sheet:
    """A form that is sent to the address of its page."""
    return Sheet(page, page, of, **more)


@pytest.fixture
async def desk(gateway: Harness, stack: Stack) -> AsyncIterator[Desk]:
    async with two_sides(gateway) as sides, Database(stack.matching_url, schema="matching") as matching:
        yield Desk(sides, matching)


def link(browser: Browser, pattern: str) -> str:
    """The first address of the page that looks so."""
    found = re.search(pattern.replace("ID", ID), browser.page.text)
    assert found, browser.text
    return found[0]


async def invite(desk: Desk, request_id: str, name: str = "王建国") -> str:
    """HR writes to somebody; returns the address of the invitation."""
    sheet = Sheet(f"/requests/{request_id}/invite?person={desk.sides.people[name]}")
    await desk.send(desk.sides.hr, sheet, message="请您来带一带年轻人。")
    return link(desk.sides.hr, "/invitations/ID")


async def engage(desk: Desk) -> str:
    """Address of an engagement of the first person."""
    address = f"/api/v1/mentoring-requests/{desk.sides.request_id}/invitations"
    sent = await desk.sides.hr_client.post(address, json={"profile_ids": [desk.sides.person]})
    (invitation,) = sent.json()["invitations"]
    await desk.sides.retiree.open(f"/invitations/{invitation['id']}/accept")
    await desk.sides.retiree.submit(f"/invitations/{invitation['id']}/accept")
    return desk.sides.retiree.path


async def test_requests(desk: Desk) -> None:
    hr, place, of = desk.sides.hr, f"/requests/{desk.sides.request_id}", "mentoring_requests"
    await desk.send(hr, Sheet(f"{place}/edit", of=of, button=SAVE, kept="title"), title="矿井通风带徒")
    for step in ("close", "reopen", "fill"):
        await desk.send(hr, itself(f"{place}/step/{step}", of))
    await desk.send(hr, Sheet(place, f"{place}/step/reopen", of))  # from the request's own page
    await desk.send(hr, Sheet(place, f"{place}/duplicate"))
    copy = hr.path.removesuffix("/edit")
    await desk.send(hr, itself(f"{copy}/step/publish", of))
    await desk.send(hr, Sheet("/requests/new", button=("action", "draft")), title="选矿带徒")
    await desk.send(hr, Sheet(hr.path, f"{hr.path}/step/publish", of))
    assert len(await desk.rows("SELECT FROM mentoring_requests")) == 3


async def test_invitations(desk: Desk) -> None:
    hr, retiree, request_id = desk.sides.hr, desk.sides.retiree, desk.sides.request_id
    sent = await invite(desk, request_id)
    await desk.send(hr, Sheet(f"/requests/{request_id}/people", f"{sent}/withdraw", "invitations"))
    sent = await invite(desk, request_id)
    await desk.send(retiree, itself(f"{sent}/decline", "invitations"), reason="1", words="孙子要上学")
    sent = await invite(desk, request_id)
    await desk.send(retiree, itself(f"{sent}/accept", "invitations"))
    found = await desk.rows("SELECT state FROM invitations ORDER BY state")
    assert [row["state"] for row in found] == [2, 3, 5]
    assert len(await desk.rows("SELECT FROM engagements")) == 1


async def test_offers(desk: Desk) -> None:
    hr, retiree, place = desk.sides.hr, desk.sides.retiree, f"/open-requests/{desk.sides.request_id}"

    async def offer() -> str:
        await desk.send(retiree, itself(place), message="做过同样的改造。")
        return link(retiree, "/opt-ins/ID")

    made = await offer()
    await desk.send(retiree, Sheet("/opt-ins", f"{made}/withdraw", "opt_ins"))
    made = await offer()
    await desk.send(hr, Sheet(f"{made}/turn-down", of="opt_ins"), reason="3", words="下次再请您。")
    made = await offer()
    await desk.send(hr, Sheet(f"{made}/confirm", of="opt_ins"))
    found = await desk.rows("SELECT state FROM opt_ins ORDER BY state")
    assert [row["state"] for row in found] == [2, 3, 4]
    assert len(await desk.rows("SELECT FROM engagements")) == 1


async def test_an_engagement(desk: Desk) -> None:
    hr, retiree, place, of = desk.sides.hr, desk.sides.retiree, await engage(desk), "engagements"
    goals = {"goal_id": ["", ""], "goal_text": ["独立测一次通风阻力", ""], "goal_note": ["第一次已测", ""]}
    await desk.send(retiree, itself(f"{place}/goals", of, button=SAVE, kept="goal_text"), **goals)
    phone = {"name": "周晓燕", "phone": "0871-63128899", "email": "zhou@example.com"}
    await desk.send(hr, itself(f"{place}/contact", of, kept="phone"), **phone)
    await desk.send(retiree, itself(f"{place}/step/pause", of))
    await desk.send(hr, itself(f"{place}/step/resume", of))
    for browser in (hr, retiree):
        await desk.send(browser, itself(f"{place}/feedback/halfway"), cooperation="4")
    await desk.send(hr, itself(f"{place}/step/complete", of))
    for browser in (hr, retiree):
        await desk.send(browser, itself(f"{place}/feedback/end"), goals="5", cooperation="5", again="4", words="好。")
    assert len(await desk.rows("SELECT FROM engagement_feedback")) == 4


async def test_an_engagement_that_ends_early(desk: Desk) -> None:
    step = itself(f"{await engage(desk)}/step/end", "engagements")
    await desk.send(desk.sides.retiree, step, reason="4", words="搬到外地去了")
    (row,) = await desk.rows("SELECT state, end_words FROM engagements")
    assert row == {"state": 4, "end_words": "搬到外地去了"}


async def test_sessions(desk: Desk) -> None:
    hr, retiree, place, of = desk.sides.hr, desk.sides.retiree, await engage(desk), "mentoring_sessions"
    for clock in ("09:00", "15:00"):
        planned = itself(f"{place}/sessions/planned")
        await desk.send(hr, planned, day=SOON, clock=clock, minutes="60", place="调度室")
    # Today, at nine or just now.
    await desk.send(retiree, itself(f"{place}/sessions/held"), minutes="30", summary="看了现场")
    rows = await desk.rows("SELECT id FROM mentoring_sessions WHERE state = 1 ORDER BY start_time")
    first, second = [f"/sessions/{row['id']}" for row in rows]
    await desk.send(retiree, itself(first, of, kept="place"), place="电话")
    await desk.send(hr, itself(f"{first}/cancel", of))
    async with desk.matching.connection() as conn:  # its hour has come, and gone so long ago that it was before nine
        early = "UPDATE mentoring_sessions SET start_time = now() - interval '20 hours' WHERE id = %s"
        await conn.execute(early, [rows[1]["id"]])
    await desk.send(hr, itself(f"{second}/hold", of, kept="summary"), minutes="90", summary="看图纸")
    found = await desk.rows("SELECT state, minutes, summary FROM mentoring_sessions ORDER BY state, minutes")
    assert [tuple(row.values()) for row in found] == [(2, 30, "看了现场"), (2, 90, "看图纸"), (3, 60, "")]


async def test_a_person_of_the_office_is_added_once(desk: Desk) -> None:
    """Also without an employee number, by which two of the same name would be told apart."""
    office = desk.sides.office
    await office.open("/people/new")
    form = office.form("")
    form.fill("name", "孙福来")
    for _ in range(2):
        await office.post("/people/new", [*form.fields, SAVE])
        assert "已加入名册" in office.text
    people = (await desk.sides.office_client.get("/api/v1/profiles")).json()["profiles"]
    assert [one["name"] for one in people].count("孙福来") == 1


async def test_what_was_sent_already_is_not_sent_with_other_words_unasked(desk: Desk) -> None:
    """Somebody goes back, changes it and sends it: they are asked, and what they typed is there."""
    hr, office, edit = desk.sides.hr, desk.sides.office, f"/requests/{desk.sides.request_id}/edit"
    for browser, page, field in ((hr, "/requests/new", "title"), (hr, edit, "title"), (office, "/people/new", "name")):
        await browser.open(page)
        form = browser.form("")
        form.fill(field, "第一次")
        await browser.post(page, [*form.fields, SAVE])
        assert browser.page.status_code == 200, (page, browser.text)
        form.fill(field, "第二次")
        await browser.post(page, [*form.fields, SAVE])
        assert browser.page.status_code == 422, page
        assert "已经提交过" in browser.text, page
        assert browser.form("").values(field) == ["第二次"], page


async def test_what_is_mended_in_a_form_that_was_refused_is_still_too_old(desk: Desk) -> None:
    """A mistake of one's own hides nothing of what others changed meanwhile."""
    hr, place = desk.sides.hr, await engage(desk)
    await hr.open(f"{place}/sessions/planned")
    await hr.submit(f"{place}/sessions/planned", day=SOON, clock="09:00", minutes="60")
    session, long = itself(link(hr, "/sessions/ID"), "mentoring_sessions"), "长" * 10_001
    request = Sheet(f"/requests/{desk.sides.request_id}/edit", of="mentoring_requests", button=SAVE)
    for sheet, field, wrong, right in (
        (request, "hours_per_week", "很多", "4"),
        (itself(f"{place}/goals", "engagements", button=SAVE), "planned_end_date", "年底", ""),
        (itself(f"{place}/contact", "engagements"), "phone", "电话", "0871-63128899"),
        (session, "clock", "九点半", "10:00"),
        (session, "summary", long, "看图纸"),
        (itself(f"{session.page}/hold", "mentoring_sessions"), "summary", long, "看图纸"),
    ):
        await hr.open(sheet.page)
        changed = await desk.change(sheet.of, sheet.id)
        await hr.submit(sheet.action, button=sheet.button, **{field: wrong})
        assert hr.page.status_code == 422, (sheet, hr.text)
        await hr.submit(sheet.action, button=sheet.button, **{field: right})
        check_told(hr, sheet)
        assert await desk.row(sheet.of, sheet.id) == changed, sheet
