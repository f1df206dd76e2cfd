"""An engagement on the pages, from both sides and their office, before the real services."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta

import pytest

from yinling_common.identity import Role
from yinling_gateway.pages.engaging import sessions
from yinling_gateway.pages.engaging.spoken import CLOCK
from yinling_gateway.testing import Harness
from yinling_gateway.testing.browsing import Browser
from yinling_gateway.testing.two_sides import TwoSides, two_sides

SAVE = ("action", "save")
SOON = (date.today() + timedelta(days=2)).isoformat()
ID = r"([0-9a-f-]{36})"


@pytest.fixture
async def sides(gateway: Harness) -> AsyncIterator[TwoSides]:
    async with two_sides(gateway) as made:
        yield made


@pytest.fixture
async def place(sides: TwoSides) -> str:
    """Address of an engagement of the first person."""
    await sides.hr.open(f"/requests/{sides.request_id}/invite?person={sides.person}")
    await sides.hr.submit("", message="请您来带一带年轻人。")
    await sides.retiree.open("/invitations")
    found = re.search(rf"/invitations/{ID}", sides.retiree.page.text)
    assert found
    address = f"/invitations/{found[1]}/accept"
    await sides.retiree.open(address)
    await sides.retiree.submit(address)
    assert sides.retiree.path.startswith("/engagements/"), sides.retiree.text
    return sides.retiree.path


async def write_down(browser: Browser, place: str, **typed: str) -> None:
    await browser.open(f"{place}/sessions/held")
    await browser.submit(f"{place}/sessions/held", **({"summary": "看了现场", "minutes": "120"} | typed))


async def complete(sides: TwoSides, place: str) -> None:
    await sides.hr.open(f"{place}/step/complete")
    await sides.hr.submit(f"{place}/step/complete")
    assert "结对已完成" in sides.hr.text, sides.hr.text


async def test_both_sides_write_goals_and_sessions(sides: TwoSides, place: str) -> None:
    await sides.hr.open(f"{place}/goals")
    await sides.hr.submit(
        f"{place}/goals",
        button=SAVE,
        goal_id=["", ""],
        goal_text=["独立测一次通风阻力", ""],
        goal_progress=["40", "0"],
        goal_note=["第一次已测", ""],
        planned_end_date=(date.today() + timedelta(days=90)).isoformat(),
    )
    assert sides.hr.path == place
    for words in ("独立测一次通风阻力", "40 %", "第一次已测", "计划到"):
        assert words in sides.hr.text, words
    await write_down(sides.retiree, place)
    for words in ("辅导已登记", "看了现场", "1 次辅导", "2 小时", "本周："):
        assert words in sides.retiree.text, words
    await sides.hr.open(f"{place}/sessions/planned")
    await sides.hr.submit(f"{place}/sessions/planned", day=SOON, clock="14:00", place="调度室")
    assert "辅导已约定" in sides.hr.text
    await sides.retiree.open("/me")
    assert "近期安排" in sides.retiree.text
    assert "调度室" in sides.retiree.text


async def test_a_planned_session_is_changed_and_cancelled(sides: TwoSides, place: str) -> None:
    await sides.retiree.open(f"{place}/sessions/planned")
    await sides.retiree.submit(f"{place}/sessions/planned", day=SOON)
    assert sides.retiree.page.status_code == 422
    assert "请选择时间" in sides.retiree.text
    await sides.retiree.submit(f"{place}/sessions/planned", clock="9点半")
    assert "例如 14:30" in sides.retiree.text
    await sides.retiree.submit(f"{place}/sessions/planned", clock="9：30")
    found = re.search(rf"/sessions/{ID}/cancel", sides.retiree.page.text)
    assert found, sides.retiree.text
    session = f"/sessions/{found[1]}"
    await sides.hr.open(session)
    assert sides.hr.form(session).values("clock") == ["09:30"]
    await sides.retiree.open(session)
    await sides.retiree.submit(session, place="电话")
    assert "电话" in sides.retiree.text
    # HR's form is older than the retiree's change: nothing is lost unseen, and what HR typed is kept.
    await sides.hr.submit(session, summary="带上图纸")
    assert sides.hr.page.status_code == 409
    assert "有人修改过" in sides.hr.text
    assert sides.hr.form(session).values("summary") == ["带上图纸"]
    assert f'<a href="{place}" target="_blank" rel="noopener">' in sides.hr.page.text
    await sides.hr.open(f"{session}/hold")
    await sides.hr.submit(f"{session}/hold", summary="早了")
    assert sides.hr.page.status_code == 409
    await sides.hr.open(f"{session}/cancel")
    await sides.hr.submit(f"{session}/cancel")
    assert "辅导已取消" in sides.hr.text


@pytest.mark.parametrize(
    ("by", "near", "refused"),
    [
        ("hr", "那一周愿意投入的时间所剩不多", "那一周还能安排 30 分钟"),  # what others take is not its business
        ("retiree", "那一周已有 7.5 小时", "合计 8.5 小时"),
    ],
)
async def test_more_hours_than_the_person_gives_are_refused_with_the_numbers(
    sides: TwoSides, place: str, by: str, near: str, refused: str
) -> None:
    day = (date.today() + timedelta(days=14)).isoformat()
    browser: Browser = getattr(sides, by)
    for clock, minutes in (("08:00", "360"), ("15:00", "90"), ("17:00", "60")):
        await browser.open(f"{place}/sessions/planned")
        await browser.submit(f"{place}/sessions/planned", day=day, clock=clock, minutes=minutes, summary=clock)
        if clock == "15:00":
            assert near in browser.text
    assert browser.page.status_code == 409
    assert refused in browser.text
    assert "17:00" in browser.text


async def test_the_same_session_is_not_written_down_by_both_sides(sides: TwoSides, place: str) -> None:
    await write_down(sides.retiree, place)
    await write_down(sides.hr, place, summary="老师来看了现场")
    assert sides.hr.page.status_code == 422
    assert "已经登记过" in sides.hr.text
    assert "老师来看了现场" in sides.hr.text


@pytest.mark.parametrize("usual", [time(0, 0), time(23, 59)], ids=["has come", "is still to come"])
async def test_a_form_sent_twice_counts_once(
    sides: TwoSides, place: str, monkeypatch: pytest.MonkeyPatch, usual: time
) -> None:
    monkeypatch.setattr(sessions, "_USUAL", usual)  # when a session began of which nobody says it
    await sides.retiree.open(f"{place}/sessions/held")
    form = sides.retiree.form(f"{place}/sessions/held")
    form.fill("summary", "点了两下")
    await sides.retiree.post(f"{place}/sessions/held", form.fields)
    await sides.retiree.post(f"{place}/sessions/held", form.fields)
    assert "1 次辅导" in sides.retiree.text
    # Changed after a look back and sent again: it asks before it does it once more.
    form.fill("summary", "另一次")
    await sides.retiree.post(f"{place}/sessions/held", form.fields)
    assert sides.retiree.page.status_code == 422
    assert "已经提交过" in sides.retiree.text


@pytest.mark.parametrize("opened", ["", "nonsense", "0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00"])
async def test_a_session_of_today_is_written_down_whenever_the_form_was_opened(
    sides: TwoSides, place: str, monkeypatch: pytest.MonkeyPatch, opened: str
) -> None:
    monkeypatch.setattr(sessions, "_USUAL", time(23, 59))
    await sides.retiree.open(f"{place}/sessions/held")
    await sides.retiree.submit(f"{place}/sessions/held", opened=opened)
    assert sides.retiree.page.status_code == 200, sides.retiree.text
    assert "1 次辅导" in sides.retiree.text


async def test_what_was_held_cannot_begin_in_the_future(sides: TwoSides, place: str) -> None:
    await sides.retiree.open(f"{place}/sessions/held")
    day = (datetime.now(CLOCK) + timedelta(minutes=1)).date().isoformat()
    await sides.retiree.submit(f"{place}/sessions/held", day=day, clock="23:59")
    assert sides.retiree.page.status_code == 422
    assert "还没到" in sides.retiree.text
    await sides.retiree.open(place)
    assert "1 次辅导" not in sides.retiree.text


async def test_contacts_are_for_the_two_sides_alone(sides: TwoSides, place: str) -> None:
    await sides.hr.open(f"{place}/contact")
    await sides.hr.submit(f"{place}/contact", name="周晓燕", phone="0871 电话", email="")
    assert sides.hr.page.status_code == 422
    assert "电话只能包含数字" in sides.hr.text
    assert sides.hr.form(f"{place}/contact").values("name") == ["周晓燕"]
    await sides.hr.submit(f"{place}/contact", phone="0871-6312 8899")
    assert sides.hr.path == place, sides.hr.text
    await sides.retiree.open(place)
    assert "0871-6312 8899" in sides.retiree.text
    assert "0812-3391234" not in sides.hr.text
    await sides.hr.open(f"{place}/mentor-contact")
    for words in ("0812-3391234", "mentor@example.com", "导师本人可以看到"):
        assert words in sides.hr.text, words
    await sides.retiree.open(f"{place}/mentor-contact")
    assert sides.retiree.page.status_code == 403
    await complete(sides, place)
    for side in (sides.hr, sides.retiree):
        await side.open(place)
        assert "只在结对期间显示" in side.text
        assert "还没有填写" not in side.text
    await sides.hr.open(f"{place}/mentor-contact")
    assert "0812-3391234" not in sides.hr.page.text
    assert "只在结对期间显示" in sides.hr.text


async def test_of_what_was_written_down_afterwards_the_day_alone_is_shown(sides: TwoSides, place: str) -> None:
    await write_down(sides.hr, place)
    sessions_part = sides.hr.page.text.split('id="sessions"')[1].split("</section>")[0]
    assert "看了现场" in sessions_part
    assert not re.search(r"\d:\d\d", sessions_part)


async def test_goals_that_the_other_side_changed_meanwhile_are_shown(sides: TwoSides, place: str) -> None:
    goals = f"{place}/goals"
    await sides.hr.open(goals)
    await sides.retiree.open(goals)
    await sides.retiree.submit(goals, button=SAVE, goal_text=["独立测一次通风阻力", ""])
    await sides.hr.submit(goals, button=SAVE, goal_text=["编一份反风演习方案", ""])
    assert sides.hr.page.status_code == 409
    assert f'<a href="{place}" target="_blank" rel="noopener">' in sides.hr.page.text
    above, own = sides.hr.page.text.split(f'action="{goals}"')
    assert "独立测一次通风阻力" in above
    assert "独立测一次通风阻力" not in own
    assert sides.hr.form(goals).values("goal_text")[0] == "编一份反风演习方案"
    await sides.hr.submit(goals, button=SAVE)
    assert "编一份反风演习方案" in sides.hr.text


@pytest.mark.parametrize("step", ["complete", "end"])
async def test_sessions_still_to_come_end_with_the_engagement(sides: TwoSides, place: str, step: str) -> None:
    await sides.hr.open(f"{place}/step/{step}")
    assert "还没开始" not in sides.hr.text
    for clock in ("9:30", "14:30"):
        await sides.hr.open(f"{place}/sessions/planned")
        await sides.hr.submit(f"{place}/sessions/planned", day=SOON, clock=clock)
        assert sides.hr.page.status_code == 200, sides.hr.text
    await sides.hr.open(f"{place}/step/{step}")
    assert "2 次还没开始的辅导将一并取消" in sides.hr.text
    await sides.hr.submit(f"{place}/step/{step}", **({"reason": "2"} if step == "end" else {}))
    assert sides.hr.text.count("已取消") == 2, sides.hr.text
    for clock in ("09:30", "14:30"):
        assert re.search(rf"周\S {clock} 2 小时 已取消", sides.hr.text), sides.hr.text
    await sides.retiree.open("/me/privacy/log")
    assert sides.retiree.text.count("结束了结对，还没开始的一次辅导随之取消") == 2, sides.retiree.text
    assert "取消了一次辅导" not in sides.retiree.text


async def test_pause_goes_on_and_ends_with_a_reason(sides: TwoSides, place: str) -> None:
    await sides.retiree.open(f"{place}/step/pause")
    await sides.retiree.submit(f"{place}/step/pause")
    assert "已暂停" in sides.retiree.text
    await sides.hr.open(f"{place}/step/resume")
    await sides.hr.submit(f"{place}/step/resume")
    assert "进行中" in sides.hr.text
    await sides.retiree.open(f"{place}/step/end")
    await sides.retiree.submit(f"{place}/step/end")
    assert sides.retiree.page.status_code == 422
    assert "请选择一个原因" in sides.retiree.text
    await sides.retiree.submit(f"{place}/step/end", reason="5")
    assert sides.retiree.page.status_code == 422
    assert "请用几句话说明原因" in sides.retiree.text
    await sides.retiree.submit(f"{place}/step/end", words="搬到外地去了")
    assert "结对已结束" in sides.retiree.text
    await sides.hr.open(place)
    assert "搬到外地去了" in sides.hr.text
    await sides.hr.open(f"{place}/certificate")
    assert sides.hr.path == place


async def test_feedback_is_read_once_both_have_written(sides: TwoSides, place: str) -> None:
    await complete(sides, place)
    await sides.retiree.open("/me")
    assert "这次结对怎么样" in sides.retiree.text
    address = f"{place}/feedback/end"
    await sides.retiree.open(address)
    await sides.retiree.submit(address, goals="4", words="年轻人肯学。")
    assert sides.retiree.page.status_code == 422
    assert "年轻人肯学。" in sides.retiree.text
    await sides.retiree.submit(address, cooperation="5", again="5")
    assert "双方都写完后" in sides.retiree.text
    await sides.hr.open(address)
    assert "年轻人肯学" not in sides.hr.page.text
    await sides.hr.submit(address, goals="5", cooperation="5", again="4", words="老师讲得细。")
    assert "双方都写完了，现在可以互相看到" in sides.hr.text
    assert "双方都写完后" not in sides.hr.text
    await sides.hr.open(address)
    assert "年轻人肯学" in sides.hr.text
    await sides.retiree.open(address)
    assert "老师讲得细" in sides.retiree.text


async def test_after_the_end_nobody_is_asked_how_it_is_going(sides: TwoSides, place: str) -> None:
    address = f"{place}/feedback/halfway"
    await sides.hr.open(f"{place}/feedback/end")
    assert "结束时再请您评价" in sides.hr.text
    assert f'action="{place}/feedback/end"' not in sides.hr.page.text
    await sides.hr.open(address)
    await sides.hr.submit(address, cooperation="4")
    await sides.retiree.open(address)
    late = sides.retiree.form(address).fields
    await complete(sides, place)
    for browser in (sides.hr, sides.retiree):
        await browser.open(address)
        assert "中期评价不用再写了" in browser.text
        assert "目前合作得怎么样" not in browser.text
        assert f'action="{address}"' not in browser.page.text
        assert ("4 · 基本是" in browser.text) == (browser is sides.hr), browser.text
        await browser.open(place)
        assert (f'href="{address}"' in browser.page.text) == (browser is sides.hr)  # who has written can read it
    await sides.retiree.post(address, [*late, ("cooperation", "5")])
    assert sides.retiree.page.status_code == 409
    assert "中期评价不用再写了" in sides.retiree.text


async def test_who_took_their_consent_back_is_asked_no_more_and_nobody_about_them(sides: TwoSides, place: str) -> None:
    await complete(sides, place)
    address = f"{place}/feedback/end"
    for browser in (sides.hr, sides.retiree):
        await browser.open("/waiting")
        assert f'href="{address}"' in browser.page.text
    await sides.retiree.open("/me/privacy/withdraw")
    await sides.retiree.submit("/me/privacy/consent", button=("granted", "0"))
    async with asyncio.timeout(60):
        while f'href="{address}"' in sides.hr.page.text:
            await sides.hr.open("/waiting")
    for browser in (sides.hr, sides.retiree):
        await browser.open("/waiting")
        assert f'href="{address}"' not in browser.page.text
        await browser.open(address)
        assert ("您已撤回同意" if browser is sides.retiree else "对方已撤回同意") in browser.text
        assert f'action="{address}"' not in browser.page.text


async def test_an_office_acts_for_its_people_and_says_for_whom(sides: TwoSides) -> None:
    people = f"person={sides.people['李淑珍']}&person={sides.people['赵铁山']}"
    await sides.hr.open(f"/requests/{sides.request_id}/invite?{people}")
    await sides.hr.submit("", message="")
    await sides.office.open("/waiting")
    assert "代 李淑珍" in sides.office.text
    assert "代 赵铁山" in sides.office.text
    found = re.findall(rf'href="/invitations/{ID}"', sides.office.page.text)
    await sides.office.open(f"/invitations/{found[0]}/accept")
    assert "您正在代" in sides.office.text
    await sides.office.submit(f"/invitations/{found[0]}/accept")
    place = sides.office.path
    await write_down(sides.office, place)
    assert "导师登记" in sides.office.text
    # The only place is taken: the other invitation is closed, and can no longer be accepted.
    await sides.office.open(f"/invitations/{found[1]}")
    assert "已经找到了合适的人" in sides.office.text


async def test_the_papers_say_who_what_and_how_long(sides: TwoSides, place: str) -> None:
    await write_down(sides.hr, place, minutes="180")
    await complete(sides, place)
    for browser in (sides.hr, sides.retiree, sides.office):
        await browser.open(f"{place}/agreement")
        for words in ("师徒协议", "云南铜业", "王建国", "矿井通风传帮带", "不转告他人"):
            assert words in browser.page.text, words
        await browser.open(f"{place}/certificate")
        for words in ("感谢证书", "尊敬的王建国老师", "云南铜业", "累计 3 小时"):
            assert words in browser.page.text, words
    await sides.hr.open(f"{place}/certificate?language=en")
    for words in ("Certificate of thanks", "3 hours in all", "1 session"):
        assert words in sides.hr.page.text, words


@pytest.mark.parametrize("later", [0, 30])
async def test_the_page_and_the_agreement_name_the_same_days(sides: TwoSides, later: int) -> None:
    start = datetime.now(CLOCK).date() + timedelta(days=later)
    request = await sides.post_request(title="选矿带教", **({"start_date": start.isoformat()} if later else {}))
    await sides.hr.open(f"/requests/{request}/invite?person={sides.person}")
    await sides.hr.submit("", message="请您来。")
    await sides.retiree.open("/invitations")
    found = re.search(rf"/invitations/{ID}", sides.retiree.page.text)
    assert found
    address = f"/invitations/{found[1]}/accept"
    await sides.retiree.open(address)
    await sides.retiree.submit(address)
    place = sides.retiree.path
    made = (await sides.hr_client.get(f"/api/v1{place}")).json()
    agreed = datetime.fromisoformat(made["create_time"]).astimezone(CLOCK).date()
    first = max(agreed, start)
    for path in (place, f"{place}/agreement"):
        await sides.hr.open(path)
        assert f"{agreed.year}年{agreed.month}月{agreed.day}日 结对" in sides.hr.text, path
        begins = f"{first.year}年{first.month}月{first.day}日"
        words = f"{begins} 开始" if path == place else f"起止日期 {begins} —"
        assert words in sides.hr.text, sides.hr.text


async def test_others_find_nothing(gateway: Harness, sides: TwoSides, place: str) -> None:
    async with gateway.signed_in(Role.HR, "other", organisation="别的企业") as client:
        browser = Browser(client)
        for path in ("", "/agreement", "/sessions/held", "/goals", "/mentor-contact", "/feedback/end", "/step/end"):
            await browser.open(f"{place}{path}")
            assert browser.page.status_code == 404, path


async def test_a_person_takes_their_sessions_into_their_calendar(gateway: Harness, sides: TwoSides, place: str) -> None:
    await sides.hr.open(f"{place}/sessions/planned")
    await sides.hr.submit(f"{place}/sessions/planned", day=SOON, clock="14:00")
    await sides.retiree.open("/my-calendar")
    await sides.retiree.submit("/my-calendar")
    found = re.search(r'value="(http[^"]+\.ics)"', sides.retiree.page.text)
    assert found
    async with gateway.client() as calendar:
        assert "BEGIN:VEVENT" in (await calendar.get(found[1])).text
        await sides.retiree.open("/my-calendar")
        assert found[1] not in sides.retiree.page.text
        await sides.retiree.submit("/my-calendar/revoke")
        assert (await calendar.get(found[1])).status_code == 404
