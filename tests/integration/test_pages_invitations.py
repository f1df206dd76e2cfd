"""Requests, invitations and offers as people meet them on the pages, before the real services."""

import re
from collections.abc import AsyncIterator

import pytest

from yinling_common.identity import Role
from yinling_gateway.testing import PASSWORD, Harness
from yinling_gateway.testing.browsing import Browser
from yinling_gateway.testing.two_sides import TwoSides, two_sides


@pytest.fixture
async def sides(gateway: Harness) -> AsyncIterator[TwoSides]:
    async with two_sides(gateway) as made:
        yield made


async def invite(sides: TwoSides, *names: str, message: str = "请您来带一带年轻人。") -> None:
    people = "&".join(f"person={sides.people[name]}" for name in names)
    await sides.hr.open(f"/requests/{sides.request_id}/invite?{people}")
    await sides.hr.submit("", message=message)
    assert sides.hr.page.status_code == 200, sides.hr.text


async def test_hr_invites_two_with_one_message_and_sees_where_they_stand(sides: TwoSides) -> None:
    await sides.hr.open(f"/requests/{sides.request_id}")
    assert "邀请王建国" in sides.hr.text.replace(" ", "")
    await invite(sides, "王建国", "李淑珍")
    assert sides.hr.path == f"/requests/{sides.request_id}/people"
    for words in ("已发出 2 份邀请", "王建国", "李淑珍", "等待答复", "收回邀请"):
        assert words in sides.hr.text, words
    await sides.hr.open(f"/requests/{sides.request_id}")
    assert "已邀请" in sides.hr.text


async def test_a_retiree_reads_an_invitation_and_accepts(sides: TwoSides) -> None:
    await invite(sides, "王建国")
    await sides.retiree.open("/invitations")
    assert sides.retiree.page.text.index("<body>") < sides.retiree.page.text.index("<h1>")
    assert sides.retiree.page.text.count("<h1>") == 1
    for words in ("矿井通风传帮带", "云南铜业"):
        assert words in sides.retiree.text, words
    link = sides.retiree.page.text.split('href="/invitations/')[1].split('"')[0]
    await sides.retiree.open(f"/invitations/{link}")
    for words in ("请您来带一带年轻人", "我接受", "每周时数"):
        assert words in sides.retiree.text, words
    await sides.retiree.open(f"/invitations/{link}/accept")
    await sides.retiree.submit(f"/invitations/{link}/accept")
    assert sides.retiree.path.startswith("/engagements/"), sides.retiree.text


def link(browser: Browser, pattern: str) -> str:
    """The first id that the page links to."""
    found = re.search(pattern.replace("ID", "([0-9a-f-]{36})"), browser.page.text)
    assert found, browser.text
    return found[1]


async def invitation_of(browser: Browser) -> str:
    await browser.open("/invitations")
    return f"/invitations/{link(browser, '/invitations/ID')}"


async def offer(sides: TwoSides, message: str = "做过同样的改造。") -> str:
    """The retiree offers themselves; returns the address of the opt-in."""
    await sides.retiree.open(f"/open-requests/{sides.request_id}")
    await sides.retiree.submit(f"/open-requests/{sides.request_id}", message=message)
    assert sides.retiree.path == "/opt-ins", sides.retiree.text
    assert sides.retiree.page.text.count("<h1>") == 1
    return f"/opt-ins/{link(sides.retiree, '/opt-ins/ID/withdraw')}"


async def test_who_cannot_be_invited_is_named_with_the_reason_and_nobody_is(sides: TwoSides) -> None:
    await invite(sides, "王建国")
    people = f"person={sides.people['王建国']}&person={sides.people['李淑珍']}"
    await sides.hr.open(f"/requests/{sides.request_id}/invite?{people}")
    await sides.hr.submit("", message="再请一次")
    assert sides.hr.page.status_code == 422
    for words in ("已邀请过，对方还没有答复", "再请一次", "李淑珍"):
        assert words in sides.hr.page.text, words
    await sides.hr.open(f"/requests/{sides.request_id}/people")
    assert "李淑珍" not in sides.hr.text
    await sides.hr.open(f"/requests/{sides.request_id}/invite")
    assert "还没有勾选" in sides.hr.text


async def test_a_no_with_a_reason_leads_to_the_next_best(sides: TwoSides) -> None:
    await invite(sides, "王建国")
    address = await invitation_of(sides.retiree)
    await sides.retiree.open(f"{address}/decline")
    await sides.retiree.submit(f"{address}/decline", words="孙子要上学")
    assert sides.retiree.page.status_code == 422
    assert "请选择一个原因" in sides.retiree.text
    assert sides.retiree.form(f"{address}/decline").values("words") == ["孙子要上学"]
    await sides.retiree.submit(f"{address}/decline", reason="6", words="")
    assert "请用几句话说明原因" in sides.retiree.text
    await sides.retiree.submit(f"{address}/decline", reason="1", words="孙子要上学")
    assert "已婉拒" in sides.retiree.text
    await sides.hr.open(f"/requests/{sides.request_id}/people")
    for words in ("已谢绝", "这段时间没有空", "孙子要上学", "看看下一批合适的人"):
        assert words in sides.hr.text, words
    await sides.hr.open(f"/requests/{sides.request_id}?next=1")
    assert "王建国" not in sides.hr.text
    assert "李淑珍" in sides.hr.text


async def test_an_invitation_that_was_taken_back_meanwhile_is_not_accepted(sides: TwoSides) -> None:
    await invite(sides, "王建国")
    address = await invitation_of(sides.retiree)
    await sides.retiree.open(f"{address}/accept")
    await sides.hr.open(f"/requests/{sides.request_id}/people")
    await sides.hr.submit(f"{address}/withdraw")
    assert "您已收回" in sides.hr.text
    await sides.retiree.submit(f"{address}/accept")
    assert sides.retiree.page.status_code == 409
    assert "已收回" in sides.retiree.text
    assert "我接受" not in sides.retiree.text


async def test_an_offer_is_answered_by_hr(sides: TwoSides) -> None:
    address = await offer(sides)
    await sides.hr.open("/requests")
    assert "有 1 人报名，等您答复" in sides.hr.text
    await sides.hr.open(f"{address}/turn-down")
    await sides.hr.submit("")
    assert sides.hr.page.status_code == 422
    assert "请选择原因" in sides.hr.text
    await sides.hr.submit("", reason="3", words="下次再请您。")
    assert "已回绝报名" in sides.hr.text
    await sides.retiree.open("/opt-ins")
    for words in ("未被接受", "时间或地点不合适", "下次再请您。"):
        assert words in sides.retiree.text, words
    again = await offer(sides)
    await sides.hr.open(f"{again}/confirm")
    assert "名额就此满了" in sides.hr.text
    await sides.hr.submit("")
    assert sides.hr.path.startswith("/engagements/")
    await sides.retiree.open(f"/open-requests/{sides.request_id}")
    assert "双方已经结对" in sides.retiree.text


async def test_an_offer_is_taken_back_and_not_made_twice(sides: TwoSides) -> None:
    await sides.retiree.open(f"/open-requests/{sides.request_id}")
    before = sides.retiree.form(f"/open-requests/{sides.request_id}")
    address = await offer(sides)
    await sides.retiree.post(f"/open-requests/{sides.request_id}", before.fields)
    assert sides.retiree.page.status_code == 409
    assert "双方之间已经有" in sides.retiree.text
    await sides.retiree.open("/opt-ins")
    await sides.retiree.submit(f"{address}/withdraw")
    assert "报名已撤回" in sides.retiree.text


async def test_a_request_lives_and_its_history_tells(sides: TwoSides) -> None:
    await invite(sides, "李淑珍")
    await sides.hr.open(f"/requests/{sides.request_id}/edit")
    await sides.hr.submit(
        "", button=("action", "save"), mentors_wanted="2", hours_per_week="4", expire_date="2020-01-01"
    )
    assert "这一天已经过去" in sides.hr.text
    assert sides.hr.form("").values("mentors_wanted") == ["2"]
    await sides.hr.submit("", button=("action", "save"), expire_date="")
    assert "0 / 2" in sides.hr.text
    place = f"/requests/{sides.request_id}"
    await sides.hr.open(f"{place}/step/close")
    assert "1 份等待答复的邀请将一并关闭" in sides.hr.text
    await sides.hr.submit(f"{place}/step/close")
    assert "已关闭" in sides.hr.text
    await sides.hr.submit(f"{place}/step/reopen")
    assert "征集中" in sides.hr.text
    await sides.hr.open(f"{place}/step/fill")
    await sides.hr.submit(f"{place}/step/fill")
    assert "需求已转为“已找到人”" in sides.hr.text
    await sides.hr.submit(f"{place}/step/reopen")
    await sides.hr.open(f"{place}/history")
    for words in (
        "建立了需求",
        "修改了需求",
        "关闭了需求",
        "重新开放",
        "名额已满",
        "需要几位导师",
        "6",
        "4",
        "铜业人事小周",
    ):
        assert words in sides.hr.text, words
    await sides.hr.open(place)
    await sides.hr.submit(f"{place}/duplicate")
    assert sides.hr.path.endswith("/edit")
    assert sides.hr.form("").values("title") == ["矿井通风传帮带"]
    copy = sides.hr.path.removesuffix("/edit")
    await sides.retiree.open(f"/open-requests/{copy.rsplit('/', 1)[1]}")
    assert sides.retiree.page.status_code == 404
    await sides.hr.open(copy)
    await sides.hr.submit(f"{copy}/step/publish")
    assert "征集中" in sides.hr.text


async def test_a_request_that_a_colleague_changed_meanwhile_can_be_seen_beside_ones_own(sides: TwoSides) -> None:
    address = f"/requests/{sides.request_id}/edit"
    await sides.hr.open(address)
    colleague = Browser(sides.hr_client)
    await colleague.open(address)
    await colleague.submit("", button=("action", "save"), title="矿井通风与安全")
    await sides.hr.submit("", button=("action", "save"), title="矿井通风")
    assert sides.hr.page.status_code == 409
    assert f'<a href="{address}" target="_blank" rel="noopener">' in sides.hr.page.text
    assert sides.hr.form("").values("title") == ["矿井通风"]


async def test_a_step_that_is_no_longer_possible_says_where_things_stand(sides: TwoSides) -> None:
    place = f"/requests/{sides.request_id}"
    await sides.hr.open(f"{place}/step/fill")
    stale = sides.hr.form(f"{place}/step/fill").fields
    await sides.hr.open(f"{place}/step/close")
    await sides.hr.submit(f"{place}/step/close")
    await sides.hr.post(f"{place}/step/fill", stale)
    assert sides.hr.page.status_code == 409
    assert "已关闭" in sides.hr.text


async def test_pages_are_for_their_side_alone(gateway: Harness, sides: TwoSides) -> None:
    await invite(sides, "王建国")
    address = await invitation_of(sides.retiree)
    for browser, path in (
        (sides.hr, "/invitations"),
        (sides.hr, f"{address}/accept"),
        (sides.retiree, f"/requests/{sides.request_id}/people"),
        (sides.office, f"/requests/{sides.request_id}/invite?person={sides.person}"),
    ):
        await browser.open(path)
        assert browser.page.status_code == 403, path
    await gateway.account(Role.RETIREE, "other", profile_id=sides.people["李淑珍"])
    async with gateway.client() as client:
        other = Browser(client)
        await other.sign_in("other", PASSWORD)
        await other.open(address)
        assert other.page.status_code == 404
        await other.open("/invitations/nonsense")
        assert other.page.status_code in {404, 422}
