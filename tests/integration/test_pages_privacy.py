"""One's data and one's rights on the pages, before the real services."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.stack import Stack
from yinling_common.errors import ServiceUnavailable
from yinling_common.identity import Role
from yinling_gateway.testing import PASSWORD, Harness
from yinling_gateway.testing.browsing import Browser
from yinling_gateway.testing.two_sides import TwoSides, two_sides


@pytest.fixture
async def sides(gateway: Harness) -> AsyncIterator[TwoSides]:
    async with two_sides(gateway) as made:
        yield made


async def invite(sides: TwoSides, name: str) -> None:
    await sides.hr.open(f"/requests/{sides.request_id}/invite?person={sides.people[name]}")
    await sides.hr.submit("", message="请您来带一带年轻人。")
    assert sides.hr.page.status_code == 200, sides.hr.text


async def test_a_person_reads_who_looked_in_plain_words(sides: TwoSides) -> None:
    await invite(sides, "王建国")
    await sides.hr_client.get("/api/v1/invitations")
    await sides.retiree.open("/me")
    assert "我的资料与隐私" in sides.retiree.text
    await sides.retiree.open("/me/privacy")
    for words in (
        "您已同意：企业可以找到您",
        "同意书版本 2026-11",
        "企业“云南铜业” · 发出了邀请",
        "企业“云南铜业” · 查看了邀请",
        "建立了档案",
        "下载电脑文件",
        "我要彻底删除",
    ):
        assert words in sides.retiree.text, words
    await sides.retiree.open("/me/privacy/log")
    assert "发出了邀请" in sides.retiree.text
    await sides.retiree.open("/me/privacy/print")
    for words in ("王建国", "请您来带一带年轻人", "云南铜业", "谁看过、改过资料"):
        assert words in sides.retiree.text, words


async def test_taking_consent_back_says_what_is_closed_and_giving_it_shows_the_wording(sides: TwoSides) -> None:
    await invite(sides, "王建国")
    await sides.retiree.open("/me/privacy/withdraw")
    for words in ("一秒之内", "这些会马上结束", "云南铜业 的邀请：矿井通风传帮带"):
        assert words in sides.retiree.text, words
    await sides.retiree.submit("/me/privacy/consent", button=("granted", "0"))
    assert sides.retiree.path == "/me/privacy"
    for words in ("已撤回同意", "您没有同意：企业找不到您", "更改或撤回了同意"):
        assert words in sides.retiree.text, words
    async with asyncio.timeout(60):
        while "所以不会结束什么" not in sides.retiree.text:
            await asyncio.sleep(0.05)
            await sides.retiree.open("/me/privacy/withdraw")
    await sides.retiree.open("/me/privacy/consent")
    assert "我可以随时撤回同意" in sides.retiree.text
    await sides.retiree.submit("/me/privacy/consent", button=("granted", "1"))
    assert "您已同意：企业可以找到您" in sides.retiree.text


async def test_a_person_erases_themselves_in_two_steps(sides: TwoSides) -> None:
    await invite(sides, "王建国")
    asked = (await sides.hr_client.get("/api/v1/invitations")).json()["invitations"][0]["id"]
    await sides.retiree.open(f"/invitations/{asked}/accept")
    await sides.retiree.submit(f"/invitations/{asked}/accept")
    engagement = sides.retiree.path
    await sides.retiree.open("/me/privacy")
    await sides.retiree.open("/me/privacy/erase")
    for words in ("永久删除哪些", "留下什么", "请输入您的姓名确认"):
        assert words in sides.retiree.text, words
    await sides.retiree.submit("", confirm="王建")
    assert sides.retiree.page.status_code == 422
    assert "一字不差" in sides.retiree.text
    await sides.retiree.submit("", confirm="王建国")
    for words in ("已全部删除", "感谢您的付出"):
        assert words in sides.retiree.text, words
    await sides.retiree.open("/me")
    assert sides.retiree.path == "/sign-in"
    for page in (
        engagement,
        f"{engagement}/agreement",
        "/engagements",
        f"/requests/{sides.request_id}/people",
        "/notices",
    ):
        await sides.hr.open(page)
        assert sides.hr.page.status_code == 200, page
        assert "王建国" not in sides.hr.text, page


async def test_an_office_does_all_of_it_for_its_people_and_for_no_others(sides: TwoSides, gateway: Harness) -> None:
    person = sides.people["李淑珍"]
    await sides.office.open(f"/people/{person}/edit")
    assert "同意情况、谁看过资料" in sides.office.text
    await sides.office.open(f"/people/{person}/privacy")
    assert "李淑珍 的资料与隐私" in sides.office.text
    await sides.office.open(f"/people/{person}/privacy/print")
    assert "李淑珍" in sides.office.text
    await sides.office.open(f"/people/{person}/privacy/withdraw")
    await sides.office.submit(f"/people/{person}/privacy/consent", button=("granted", "0"))
    assert "没有同意：企业找不到此人" in sides.office.text
    await sides.office.open(f"/people/{person}/privacy/consent")
    assert "请念给本人听" in sides.office.text
    await sides.office.submit(f"/people/{person}/privacy/consent", button=("granted", "1"))
    assert "本人已同意" in sides.office.text
    async with gateway.client() as client:
        await gateway.account(Role.COORDINATOR, "stranger", organisation="宝武集团")
        stranger = Browser(client)
        await stranger.sign_in("stranger", PASSWORD)
        for page in ("", "/log", "/print", "/consent", "/withdraw", "/erase"):
            await stranger.open(f"/people/{person}/privacy{page}")
            assert stranger.page.status_code == 404, page
    await sides.office.open(f"/people/{person}/privacy/erase")
    assert "名册文件" in sides.office.text
    await sides.office.submit("", confirm="李淑珍")
    assert "已全部删除" in sides.office.text
    await sides.office.open("/people")
    assert "李淑珍" not in sides.office.text


async def test_while_matching_is_away_the_rights_are_there_all_the_same(
    sides: TwoSides, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise ServiceUnavailable

    monkeypatch.setattr(stack.gateway.parts.backend.privacy, "matching_audit", away)
    await sides.retiree.open("/me/privacy")
    assert sides.retiree.page.status_code == 200
    assert "撤回同意" in sides.retiree.text
