"""Retirees, retiree offices and administrators in a browser without JavaScript."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from uuid import uuid4

import pytest
from yinling.common.v1 import types_pb2 as types
from yinling.matching.v1.matching_pb2 import MentoringRequest
from yinling.talent.v1.talent_pb2 import Profile

from yinling_common.errors import ServiceUnavailable
from yinling_common.identity import Role
from yinling_gateway.domain import Account
from yinling_gateway.errors import SecretTold
from yinling_gateway.repository.once import call_of
from yinling_gateway.testing import Harness
from yinling_gateway.testing.browsing import Browser
from yinling_gateway.testing.harness import ORGANISATION, PASSWORD

SAVE = ("action", "save")
Enter = Callable[..., Awaitable[Browser]]


@pytest.fixture
async def enter(gateway: Harness) -> AsyncIterator[Enter]:
    """Makes an account of a role and gives a browser that has signed in as it."""
    async with AsyncExitStack() as stack:

        async def sign_in(role: Role, **fields: str) -> Browser:
            await gateway.account(role, **fields)
            browser = Browser(await stack.enter_async_context(gateway.client()))
            await browser.sign_in(role.value, PASSWORD)
            assert browser.page.status_code == 200, browser.text
            return browser

        yield sign_in


def kept(gateway: Harness, profile_id: str) -> Profile:
    return gateway.services.talent.profiles.items[profile_id]


async def test_a_retiree_sees_the_own_profile_and_the_requests_that_suit(gateway: Harness, enter: Enter) -> None:
    profile = gateway.services.talent.add(
        name="周立群",
        skills=["连铸漏钢"],
        limits=[types.PHYSICAL_DEMAND_HEIGHTS],
        contact={"phone": "138 0000 0000"},
    )
    gateway.services.matching.add(MentoringRequest(organisation="金川", title="连铸漏钢带教"))
    browser = await enter(Role.RETIREE, profile_id=profile.id)
    for words in ("周立群，您好", "企业可以找到您", "连铸漏钢带教", "您的这段经历正好对上", "高处作业"):
        assert words in browser.text
    assert 'class="role-retiree"' in browser.page.text  # the class that makes everything large


async def test_a_retiree_takes_consent_back_and_gives_it_again(gateway: Harness, enter: Enter) -> None:
    profile = gateway.services.talent.add(name="周立群")
    browser = await enter(Role.RETIREE, profile_id=profile.id)
    await browser.open("/me/privacy/withdraw")
    await browser.submit("/me/privacy/consent", button=("granted", "0"))
    assert "已撤回同意" in browser.text
    await browser.open("/me")
    assert "企业现在找不到您" in browser.text
    assert not kept(gateway, profile.id).consent.granted
    await browser.submit("/me/consent", button=("granted", "1"))
    assert kept(gateway, profile.id).consent.granted
    assert kept(gateway, profile.id).consent.wording_version
    await browser.submit("/me/pause", button=("paused", "1"))
    assert "您正在休息" in browser.text
    assert kept(gateway, profile.id).paused
    await browser.submit("/me/pause", button=("paused", "0"))
    assert "欢迎回来" in browser.text


async def test_a_retiree_changes_the_profile_but_not_what_is_the_offices(gateway: Harness, enter: Enter) -> None:
    profile = gateway.services.talent.add(name="周立群", employee_number="GH-1", skills=["连铸"], bio="旧")
    browser = await enter(Role.RETIREE, profile_id=profile.id)
    await browser.open("/me/edit")
    assert not browser.form("").values("employee_number")
    await browser.submit(
        "",
        button=SAVE,
        skills="连铸、带徒\n结晶器",
        bio="新",
        hours_per_week="6",
        max_distance_km="120",
        limits=["1", "3"],
        employee_number="FORGED",
        experience_title=["漏钢预报改造", ""],
        experience_organisation=["西岭", ""],
        experience_start=["2009", ""],
        experience_end=["", ""],
        experience_description=["做成了", ""],
        phone="138 0000 0000",
    )
    assert browser.path == "/me", browser.text
    assert "您的档案已保存" in browser.text
    changed = kept(gateway, profile.id)
    assert list(changed.skills) == ["连铸", "带徒", "结晶器"]
    assert (changed.employee_number, changed.organisation) == ("GH-1", ORGANISATION)
    assert changed.consent.granted
    assert [item.title for item in changed.experience] == ["漏钢预报改造"]
    assert list(changed.limits) == [1, 3]
    assert changed.max_distance_km == 120
    assert "离家不超过 120 公里" in browser.text
    assert changed.contact.phone == "138 0000 0000"


async def test_a_retiree_is_told_what_is_wrong_and_loses_nothing(gateway: Harness, enter: Enter) -> None:
    profile = gateway.services.talent.add(name="周立群")
    browser = await enter(Role.RETIREE, profile_id=profile.id)
    await browser.open("/me/edit")
    await browser.submit(
        "", button=SAVE, birth_year="2050", max_distance_km="6001", wishes="想离家近", email="不是邮箱"
    )
    assert browser.page.status_code == 422
    assert "出生年份在 1900 到 2015 之间" in browser.text
    assert "邮箱格式不对" in browser.text
    assert "距离为 0 到 6,000 的整数（公里）。" in browser.text
    assert browser.form("").values("wishes") == ["想离家近"]
    assert browser.form("").values("birth_year") == ["2050"]


async def test_the_own_profile_is_shown_while_matching_is_away(gateway: Harness, enter: Enter) -> None:
    profile = gateway.services.talent.add(name="周立群")
    gateway.services.matching.troubles.error = ServiceUnavailable()
    browser = await enter(Role.RETIREE, profile_id=profile.id)
    assert "系统正在为您查找" in browser.text
    assert "我的档案" in browser.text


async def test_an_office_finds_and_changes_its_people(gateway: Harness, enter: Enter) -> None:
    for number in range(60):
        gateway.services.talent.add(name=f"职工{number:02}", employee_number=f"GH-{number}")
    gateway.services.talent.add(name="外人", organisation="别的单位")
    browser = await enter(Role.COORDINATOR)
    assert "职工59" in browser.text
    assert "职工05" not in browser.text
    assert "外人" not in browser.text
    further = re.search(r'rel="next" href="([^"]+)"', browser.page.text)
    assert further
    await browser.open(further[1])
    assert "职工05" in browser.text
    await browser.open("/people?q=职工07")
    assert "GH-7" in browser.text
    place = re.search(r'href="(/people/[^"]+/edit)"', browser.page.text)
    assert place
    await browser.open(place[1])
    await browser.submit("", button=SAVE, city="攀枝花", consent=[], paused="1")
    assert "修改已保存" in browser.text
    changed = next(p for p in gateway.services.talent.profiles.items.values() if p.name == "职工07")
    assert (changed.city, changed.consent.granted, changed.paused) == ("攀枝花", False, True)
    await browser.open("/people?q=没有这个人")
    assert "没有找到" in browser.text


async def test_an_office_does_not_give_back_consent_that_was_taken_back_meanwhile(
    gateway: Harness, enter: Enter
) -> None:
    profile = gateway.services.talent.add(name="周立群")
    browser = await enter(Role.COORDINATOR)
    await browser.open(f"/people/{profile.id}/edit")
    async with gateway.client() as client:
        await gateway.account(Role.RETIREE, profile_id=profile.id)
        person = Browser(client)
        await person.sign_in("retiree", PASSWORD)
        await person.open("/me/privacy/withdraw")
        await person.submit("/me/privacy/consent", button=("granted", "0"))
    await browser.submit("", button=SAVE, city="攀枝花")
    assert browser.page.status_code == 409
    await browser.submit("", button=SAVE)
    assert "修改已保存" in browser.text
    assert (kept(gateway, profile.id).city, kept(gateway, profile.id).consent.granted) == ("攀枝花", False)


async def test_a_year_beyond_all_numbers_is_refused_beside_its_row(gateway: Harness, enter: Enter) -> None:
    profile = gateway.services.talent.add(name="周立群")
    browser = await enter(Role.COORDINATOR)
    await browser.open(f"/people/{profile.id}/edit")
    await browser.submit("", button=SAVE, experience_title="炉长", experience_start="-99999999999")
    assert browser.page.status_code == 422


async def test_an_office_adds_a_person_once(gateway: Harness, enter: Enter) -> None:
    browser = await enter(Role.COORDINATOR)
    await browser.open("/people/new")
    await browser.submit("", button=SAVE, name="<b>新人</b>", employee_number="GH-1", consent="1")
    assert "已加入名册" in browser.text
    assert "<b>新人</b>" in browser.text
    (made,) = gateway.services.talent.profiles.items.values()
    assert (made.organisation, made.consent.granted) == (ORGANISATION, True)
    await browser.open("/people/new")
    await browser.submit("", button=SAVE, name="又一人", employee_number="GH-1")
    assert browser.page.status_code == 422
    assert "这个工号已有人使用" in browser.text
    await browser.submit("", button=SAVE, name="", employee_number="")
    assert "请填写姓名" in browser.text


async def test_a_roster_is_imported_and_its_mistakes_are_listed(gateway: Harness, enter: Enter) -> None:
    browser = await enter(Role.COORDINATOR)
    await browser.open("/imports")
    roster = "姓名,工号,城市\n张三,1,攀枝花\n,2,成都\n李四,3,成都\n".encode()
    await browser.upload("", {"file": ("名册.csv", roster)})
    for _ in range(600):
        if "导入完成" in browser.text:
            break
        assert '<meta http-equiv="refresh"' in browser.page.text
        assert 'aria-live="polite"' in browser.page.text
        await asyncio.sleep(0.1)
        await browser.open(browser.path)
    for words in ("新增 2", "未导入 1", "姓名", "没有姓名", "请填写姓名后重新导入", "下载批注副本"):
        assert words in browser.text, words
    place = browser.path
    await browser.open(f"{place}/annotated")
    assert browser.page.content == b"PK annotated"
    assert "attachment" in browser.page.headers["Content-Disposition"]
    await browser.open("/imports")
    assert "名册.csv" in browser.text
    await browser.open("/imports/template")
    assert browser.page.content.startswith(b"PK")


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"file": ("名册.xlsx", b"%PDF-1.7 renamed")}, "无法读取这个文件"),
        ({"file": ("名册.xlsx", b"")}, "文件是空的"),
        ({"file": ("", b"")}, "请先选择名册文件"),
    ],
)
async def test_a_file_that_is_no_roster_is_refused_on_the_same_page(
    enter: Enter, files: dict[str, tuple[str, bytes]], words: str
) -> None:
    browser = await enter(Role.COORDINATOR)
    await browser.open("/imports")
    await browser.upload("", files)
    assert browser.page.status_code == 422
    assert words in browser.text


async def test_an_administrator_keeps_accounts(gateway: Harness, enter: Enter) -> None:
    browser = await enter(Role.ADMIN)
    await browser.open("/admin/accounts")
    await browser.submit("/admin/accounts", username="wang", role="hr", organisation="")
    assert browser.page.status_code == 422
    assert "必须填写所属单位" in browser.text
    await browser.submit("/admin/accounts", organisation="金川", display_name="王芳")
    password = re.search(r"wang 的密码 ([a-z0-9-]{19})", browser.text)
    assert password
    async with gateway.client() as client:
        wang = Browser(client)
        await wang.sign_in("wang", password[1])
        assert "我们的需求" in wang.text
        account = await gateway.parts.accounts.find("wang")
        await browser.submit(f"/admin/accounts/{account.id}/active", button=("active", "0"))
        assert "账号已停用" in browser.text
        await wang.open("/requests")
        assert wang.path == "/sign-in"
        await browser.submit(f"/admin/accounts/{account.id}/active", button=("active", "1"))


async def test_a_password_is_reset_when_asked_for_and_once(gateway: Harness, enter: Enter) -> None:
    account = await gateway.account(Role.HR, "wang", display_name="王芳")
    browser = await enter(Role.ADMIN)
    await browser.open("/admin/accounts")
    address = f"/admin/accounts/{account.id}/password"
    assert f'href="{address}"' in browser.page.text
    await browser.open(address)
    assert "要重置王芳的密码吗？" in browser.text
    async with gateway.client() as client:
        wang = Browser(client)
        await wang.sign_in("wang", PASSWORD)
        assert "我们的需求" in wang.text  # nothing has happened yet
        sent = list(browser.form("").fields)
        await browser.submit("")
        fresh = re.search(r"wang 的密码 ([a-z0-9-]{19})", browser.text)
        assert fresh
        await wang.open("/requests")
        assert wang.path == "/sign-in"
        for _ in range(2):  # the page with the password is loaded again
            await browser.post(address, sent)
            assert browser.page.status_code == 200
            assert "密码此前已经重置" in browser.text
            assert "wang 的密码" not in browser.text
        await wang.sign_in("wang", PASSWORD)
        assert wang.page.status_code == 401
        await wang.sign_in("wang", fresh[1])
        assert "我们的需求" in wang.text
        await browser.open(address)  # asked for once more, it is done once more
        await browser.submit("")
        again = re.search(r"wang 的密码 ([a-z0-9-]{19})", browser.text)
        assert again
        assert again[1] != fresh[1]
        await wang.sign_in("wang", again[1])
        assert "我们的需求" in wang.text
    await browser.open(f"/admin/accounts/{uuid4()}/password")
    assert browser.page.status_code == 404


async def test_of_resets_at_once_under_one_key_one_is_done(gateway: Harness) -> None:
    account, boss = await gateway.account(Role.HR, "wang"), await gateway.account(Role.ADMIN)
    accounts, passwords = gateway.parts.accounts, [f"correct horse {n}" for n in range(10, 14)]
    call = call_of(boss, str(uuid4()), "accounts.reset_password", account.id)
    done = await asyncio.gather(
        *(accounts.update(account.id, {"password": password}, by=boss, call=call) for password in passwords),
        return_exceptions=True,
    )
    assert [one for one in done if not isinstance(one, SecretTold | Account)] == []
    (winner,) = (n for n, one in enumerate(done) if isinstance(one, Account))
    assert (await accounts.sign_in("wang", passwords[winner], address="x")).account.id == account.id


async def test_an_administrator_sees_the_state_also_when_a_service_is_away(gateway: Harness, enter: Enter) -> None:
    browser = await enter(Role.ADMIN)
    assert "已与档案同步" in browser.text
    await gateway.services.matching_server.stop()
    await browser.open("/admin")
    assert browser.page.status_code == 200
    assert "没有响应或尚未就绪" in browser.text
    assert "无法查询索引" in browser.text
