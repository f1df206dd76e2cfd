"""Figures over REST, as files and on the page, before the real services."""

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from yinling_common.identity import Role
from yinling_gateway.pages import i18n
from yinling_gateway.testing import Harness
from yinling_gateway.testing.browsing import Browser
from yinling_gateway.testing.harness import PASSWORD
from yinling_gateway.testing.two_sides import ENTERPRISE, OFFICE, known, make_person, post_request

FIGURES = "/api/v1/reports/figures"
TRICK = "=HYPERLINK(1)绣花"
WANTED = "@翡翠雕刻鉴定"


@dataclass
class Told:
    """Who asks, and what happened."""

    gateway: Harness
    hr: httpx.AsyncClient
    office: httpx.AsyncClient
    admin: httpx.AsyncClient


@pytest.fixture
async def told(gateway: Harness) -> AsyncIterator[Told]:
    """Five people; one request, filled after four had said no, and one that nobody can answer."""
    async with (
        gateway.signed_in(Role.COORDINATOR, organisation=OFFICE) as office,
        gateway.signed_in(Role.HR, organisation=ENTERPRISE) as hr,
        gateway.signed_in(Role.ADMIN) as admin,
    ):
        people = [await make_person(office, f"师傅{n}", skills=["矿井通风", TRICK]) for n in range(5)]
        first = await post_request(hr)
        await known(hr, first, people[-1]["revision"])
        ids = [person["id"] for person in people]
        sent = await hr.post(f"/api/v1/mentoring-requests/{first}/invitations", json={"profile_ids": ids})
        assert sent.status_code == 201, sent.text
        invitations = {one["profile_id"]: one["id"] for one in sent.json()["invitations"]}
        reasons = ("too_far", "no_time", "no_time", "no_time")
        for profile_id, reason in zip(ids[1:], reasons, strict=True):
            address = f"/api/v1/invitations/{invitations[profile_id]}:decline"
            assert (await office.post(address, json={"reason": reason})).status_code == 200
        accepted = await office.post(f"/api/v1/invitations/{invitations[ids[0]]}:accept")
        assert accepted.status_code == 201, accepted.text
        session = {"start_time": (datetime.now(UTC) - timedelta(seconds=5)).isoformat(), "minutes": 90}
        address = f"/api/v1/engagements/{accepted.json()['id']}/sessions"
        held = await hr.post(address, json=session | {"summary": "看图"})
        assert held.status_code == 201, held.text
        await post_request(hr, title="鉴定", requirements=[{"text": WANTED, "importance": "must"}])
        yield Told(gateway, hr, office, admin)


def counts(found: list[dict[str, Any]]) -> dict[str, int]:
    return {one["name"]: one["count"] for one in found}


async def test_figures_as_json(told: Told) -> None:
    answer = await told.hr.get(FIGURES)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert counts(found["requests"]) == {"open": 1, "filled": 1}
    assert (found["open_requests"], found["fill_rate"], found["acceptance_rate"]) == (1, 0.5, 0.2)
    assert counts(found["invitations"]) == {"accepted": 1, "declined": 4}
    assert counts(found["decline_reasons"]) == {"no_time": 3, "fewer_than_three": 1}
    assert counts(found["engagements"]) == {"active": 1}
    assert (found["hours_given"], found["mentors_active"], found["people_shown"], found["people"]) == (1.5, 1, 5, 5)
    assert found["time_to_reply"]["count"] == 5
    assert 0 < found["time_to_reply"]["median_seconds"] < 3600
    assert (found["enterprise_rating"], found["opt_ins"], found["end_reasons"]) == (None, [], [])
    assert found["unmet_demand"] == [{"skill": WANTED, "city": "", "count": 1}]
    assert {"skill": TRICK, "city": "攀枝花", "count": 5} in found["idle_supply"]
    office = (await told.office.get(FIGURES)).json()
    assert counts(office["decline_reasons"]) == {"no_time": 3, "too_far": 1}
    assert counts((await told.admin.get(FIGURES)).json()["decline_reasons"]) == {"no_time": 3, "fewer_than_three": 1}


async def test_periods_and_organisations_are_chosen(told: Told) -> None:
    nothing = (await told.admin.get(FIGURES, params={"end_date": "2020-03-31", "without_skills": True})).json()
    assert (nothing["start_date"], nothing["end_date"]) == ("2020-01-01", "2020-03-31")
    assert (nothing["fill_rate"], nothing["acceptance_rate"], nothing["time_to_reply"]) == (None, None, None)
    assert (nothing["requests"], nothing["unmet_demand"], nothing["hours_given"]) == ([], [], 0)
    for organisation, by, filled in ((ENTERPRISE, "enterprise", 1), (OFFICE, "office", 1), (OFFICE, "enterprise", 0)):
        query = {"organisation": organisation, "by": by}
        found = (await told.admin.get(FIGURES, params=query)).json()
        assert counts(found["requests"]).get("filled", 0) == filled, query
    for client, wrong, status in (
        (told.hr, {"organisation": OFFICE}, 403),
        (told.hr, {"by": "office"}, 403),
        (told.office, {"by": "enterprise"}, 403),
        (told.admin, {"start_date": "2026-03-02", "end_date": "2026-03-01"}, 422),
        (told.admin, {"start_date": "2006-03-02", "end_date": "2026-03-01"}, 422),
        (told.admin, {"start_date": "2026-02-30"}, 422),
        (told.admin, {"by": "somebody"}, 422),
        (told.admin, {"organisation": "长" * 101}, 422),
        (told.admin, {"unknown": "1"}, 422),
    ):
        for ending in ("", ".csv", ".xlsx"):
            assert (await client.get(FIGURES + ending, params=wrong)).status_code == status, (wrong, ending)
    async with told.gateway.client() as nobody:
        assert (await nobody.get(FIGURES)).status_code == 401


async def test_a_text_table(told: Told) -> None:
    answer = await told.hr.get(f"{FIGURES}.csv")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert ".csv" in answer.headers["content-disposition"]
    assert answer.content.startswith(b"\xef\xbb\xbf")
    head, *rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert head == ["类别", "项目", "城市", "数值", "单位", "上期"]
    assert {len(row) for row in rows} == {6}
    values = {(part, what): value for part, what, _, value, _, _ in rows}
    assert values["概览", "辅导总时数"] == "1.5"
    assert values["邀请被谢绝的原因", "不足三人选择的原因（合并）"] == "1"
    assert values["有人要、没人会的", f"'{WANTED}"] == "1"
    assert values["有人会、没人要的", f"'{TRICK}"] == "5"
    assert values["概览", "到首次结对"]
    assert not any(cell.startswith(("=", "@")) for row in rows for cell in row)
    told.hr.cookies.set(i18n.COOKIE, "en")
    english = await told.hr.get(f"{FIGURES}.csv")
    assert "Overview,Hours of mentoring given" in english.text


async def test_a_workbook(told: Told) -> None:
    answer = await told.hr.get(f"{FIGURES}.xlsx")
    assert answer.status_code == 200, answer.text
    workbook = load_workbook(io.BytesIO(answer.content))
    assert workbook.sheetnames == ["概览", "状态与原因", "无人能满足的需求", "闲置专长"]
    overview = {row[0]: row[1:] for row in workbook["概览"].iter_rows(values_only=True)}
    assert overview["已招满的需求比例"][:3] == (50, "%", None)
    assert overview["辅导总时数"][:3] == (1.5, "小时", 0)
    assert overview["企业对师傅的评价"][0] is None
    reasons = list(workbook["状态与原因"].iter_rows(values_only=True))
    assert ("发出的邀请", "已接受", 1) in reasons, reasons
    assert list(workbook["无人能满足的需求"].iter_rows(values_only=True))[1:] == [(WANTED, None, 1)]
    supply = workbook["闲置专长"]
    assert (TRICK, "攀枝花", 5) in list(supply.iter_rows(values_only=True))
    assert {cell.data_type for row in supply.iter_rows(min_row=2, max_col=1) for cell in row} == {"s"}


async def test_the_page(told: Told) -> None:
    async with told.gateway.client() as client:
        hr = Browser(client)
        await hr.sign_in(Role.HR.value, PASSWORD)
        assert 'href="/reports/figures"' in hr.page.text
        await hr.open("/reports/figures")
        assert hr.page.status_code == 200, hr.text
        for words in (ENTERPRISE, "已招满的需求比例", "50 %", "1.5", WANTED, TRICK, "不足三人", "上期"):
            assert words in hr.text, words
        assert "只看这个单位" not in hr.text
        (link,) = {part.split('"')[0] for part in hr.page.text.split('href="') if "figures.xlsx" in part.split('"')[0]}
        downloaded = await client.get(link.replace("&amp;", "&"))
        assert downloaded.content.startswith(b"PK")
        await hr.open("/reports/figures?start_date=2026-02-30")
        assert "日期不对，请改一改" in hr.text
        assert "保存" not in hr.text
        assert hr.page.status_code == 422
        await hr.open("/reports/figures?start_date=2026-03-02&end_date=2026-03-01")
        assert (hr.page.status_code, "不能晚于" in hr.text) == (422, True), hr.text
        await hr.open("/reports/figures?start_date=1890-01-01")
        assert hr.page.status_code == 422
        await hr.open("/reports/figures?end_date=1901-01-01")
        assert hr.page.status_code in {200, 422}, hr.text
        await hr.open(f"/reports/figures?organisation={OFFICE}&by=2")  # not for HR to choose
        assert (hr.page.status_code, ENTERPRISE in hr.text) == (200, True)
    async with told.gateway.client() as client:
        admin = Browser(client)
        await admin.sign_in(Role.ADMIN.value, PASSWORD)
        await admin.open(f"/reports/figures?organisation={OFFICE}&by=2")
        assert (admin.page.status_code, "只看这个单位" in admin.text) == (200, True)
        await admin.open("/reports/figures?end_date=2020-03-31")
        assert "–" in admin.text
        assert "本期没有" in admin.text


async def test_the_page_is_not_for_retirees(gateway: Harness) -> None:
    async with gateway.signed_in(Role.COORDINATOR, organisation=OFFICE) as office:
        person = await make_person(office, "师傅")
    async with gateway.signed_in(Role.RETIREE, organisation=OFFICE, profile_id=person["id"]) as retiree:
        assert (await retiree.get("/reports/figures")).status_code == 403
        assert (await retiree.get(FIGURES)).status_code == 403
