"""Requests, invitations and offers as people meet them on the pages, before the real services."""

from collections.abc import AsyncIterator

import pytest

from yinling_gateway.testing import Harness
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
    for words in ("矿井通风传帮带", "云南铜业"):
        assert words in sides.retiree.text, words
    link = sides.retiree.page.text.split('href="/invitations/')[1].split('"')[0]
    await sides.retiree.open(f"/invitations/{link}")
    for words in ("请您来带一带年轻人", "我接受", "每周时数"):
        assert words in sides.retiree.text, words
    await sides.retiree.open(f"/invitations/{link}/accept")
    await sides.retiree.submit(f"/invitations/{link}/accept")
    assert sides.retiree.path.startswith("/engagements/"), sides.retiree.text
