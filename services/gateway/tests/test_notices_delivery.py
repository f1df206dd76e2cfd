"""Notices from the outbox to people's pages and mailboxes: to the right people, each once, at the right time."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError
from yinling.matching.v1 import notice_service_pb2 as pb

from yinling_common.errors import DatabaseUnavailable, NotFound, ServiceUnavailable, YinlingError
from yinling_common.identity import Role
from yinling_common.testing import Clock
from yinling_gateway.domain import Account
from yinling_gateway.notices.domain import CHINA, Preferences, QuietHours, Recipient
from yinling_gateway.notices.parts import Notices, make_notices
from yinling_gateway.repository.notices import forget_person
from yinling_gateway.settings import GatewaySettings
from yinling_gateway.testing import ORGANISATION, Harness
from yinling_gateway.testing.mail import Post

PERSON, ENTERPRISE = pb.Notice.AUDIENCE_PERSON, pb.Notice.AUDIENCE_ENTERPRISE
INVITED, ACCEPTED = pb.NOTICE_KIND_INVITATION_RECEIVED, pb.NOTICE_KIND_INVITATION_ACCEPTED
Told = Callable[[Account], Awaitable[list[str]]]


@pytest.fixture
def settings_changes(post: Post) -> dict[str, object]:
    return {
        "smtp_host": "127.0.0.1",
        "smtp_port": post.port,
        "smtp_tls": "none",
        "smtp_from": "银龄 <yinling@example.cn>",
        "public_url": "https://yinling.example.cn",
        "webhooks_private": True,
        # Only the tests let them work, step by step, with a clock of their own.
        "notices_deliver": False,
    }


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 11, 23, 10, 0, tzinfo=CHINA))


@pytest.fixture
def told(gateway: Harness) -> Told:
    async def of(account: Account) -> list[str]:
        page, _ = await gateway.parts.notices.inbox.page(account.id, 0, "")
        return [notice.event.id for notice in page]

    return of


async def _mailed(notices: Notices, account: Account, address: str, **changes: Any) -> None:
    await notices.preferences.put(account.id, replace(Preferences(address=address), **changes))


def _invite(gateway: Harness, profile_id: str, **fields: Any) -> pb.Notice:
    given = {"organisation": "云南铜业", "office": ORGANISATION, "profile_id": profile_id, "resource": "invitation"}
    return gateway.services.notices.tell(INVITED, PERSON, **given | fields)


async def test_an_invitation_is_on_the_page_and_in_the_mailbox(
    gateway: Harness, notices: Notices, post: Post, told: Told
) -> None:
    person = await gateway.account(Role.RETIREE)
    await _mailed(notices, person, "zhou@example.com")
    notice = _invite(gateway, person.profile_id, facts={"expire_time": "2026-11-30T02:00:00+00:00"})
    await notices.collector.collect()
    await notices.mailer.send_due()
    assert await told(person) == [notice.id]
    assert gateway.services.notices.waiting == {}
    [mail] = post.to("zhou@example.com")
    assert mail["Subject"] == "云南铜业邀请您：转炉炼钢操作带教"
    assert mail["From"].addresses[0].display_name == "银龄"
    assert mail["List-Unsubscribe"] == "<https://yinling.example.cn/notices/preferences>"
    plain, rich = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert rich is not None
    assert "请在11月30日（星期一）之前答复。" in plain.get_content()
    page, _ = await notices.inbox.page(person.id, 0, "")
    assert f"https://yinling.example.cn/notices/{page[0].id}" in plain.get_content()
    assert f'href="https://yinling.example.cn/notices/{page[0].id}"' in rich.get_content()


async def _deliver(notices: Notices) -> None:
    await notices.collector.collect()
    while await notices.mailer.send_due() == 0:
        pass


async def _states(gateway: Harness) -> list[tuple[str, str]]:
    async with gateway.parts.database.connection() as conn:
        rows = await (await conn.execute("SELECT address, state FROM deliveries ORDER BY address, state")).fetchall()
    return [(row["address"], row["state"]) for row in rows]


async def test_whoever_did_it_is_not_told(gateway: Harness, notices: Notices, told: Told) -> None:
    one, other = await gateway.account(Role.HR), await gateway.account(Role.HR, "hr2")
    await gateway.account(Role.HR, "elsewhere", organisation="鞍钢集团")
    notice = gateway.services.notices.tell(ACCEPTED, ENTERPRISE, organisation=ORGANISATION, subject=one.id)
    await notices.collector.collect()
    assert await told(one) == []
    assert await told(other) == [notice.id]


async def test_a_coordinator_who_did_it_is_not_asked_to_tell_the_person(
    gateway: Harness, notices: Notices, told: Told
) -> None:
    profile = gateway.services.talent.add(organisation=ORGANISATION)
    one, other = await gateway.account(Role.COORDINATOR), await gateway.account(Role.COORDINATOR, "office2")
    notice = _invite(gateway, profile.id, subject=one.id)
    await notices.collector.collect()
    assert await told(one) == []
    assert await told(other) == [notice.id]


async def test_what_is_collected_again_is_not_mailed_to_another_address_too(
    gateway: Harness, notices: Notices, clock: Clock
) -> None:
    """A gateway died before it acknowledged, and the person has changed their address since."""
    person = await gateway.account(Role.RETIREE)
    await _mailed(notices, person, "old@example.com")
    _invite(gateway, person.profile_id)
    await notices.collector.collect()
    [kept], _ = await notices.inbox.page(person.id, 0, "")
    again = Recipient(account_id=person.id, in_app=True, address="new@example.com", due=clock())
    await notices.repository.keep(kept.event, [again], clock())
    assert await _states(gateway) == [("old@example.com", "waiting")]


async def test_a_person_with_two_accounts_and_one_address_gets_one_mail(
    gateway: Harness, notices: Notices, post: Post, told: Told
) -> None:
    one = await gateway.account(Role.RETIREE)
    other = await gateway.account(Role.RETIREE, "again", profile_id=one.profile_id)
    await _mailed(notices, one, "zhou@example.com")
    await _mailed(notices, other, "Zhou@Example.com")
    notice = _invite(gateway, one.profile_id)
    _invite(gateway, one.profile_id, subject=other.id)  # they did that themselves
    await _deliver(notices)
    assert await told(one) == await told(other) == [notice.id]
    assert len(post.mails) == 1


async def test_without_an_account_the_office_is_told_and_the_address_in_the_profile(
    gateway: Harness, notices: Notices, post: Post, told: Told
) -> None:
    profile = gateway.services.talent.add(organisation=ORGANISATION, name="吴桂兰")
    profile.contact.email = "wu@example.com"
    coordinator = await gateway.account(Role.COORDINATOR)
    elsewhere = await gateway.account(Role.COORDINATOR, "elsewhere", organisation="鞍钢集团")
    await _mailed(notices, coordinator, "office@example.com")
    _invite(gateway, profile.id)
    await _deliver(notices)
    assert len(await told(coordinator)) == 1
    assert await told(elsewhere) == []
    [to_office] = post.to("office@example.com")
    assert to_office["Subject"] == "请转告吴桂兰：云南铜业邀请您：转炉炼钢操作带教"
    [to_person] = post.to("wu@example.com")
    assert to_person["Subject"] == "云南铜业邀请您：转炉炼钢操作带教"
    plain = to_person.get_body(("plain",))
    assert plain is not None
    assert "要答复，或有什么不清楚的，请给攀钢集团打个电话" in plain.get_content()
    assert "http" not in plain.get_content()


async def test_of_a_person_who_is_gone_nobody_is_told(gateway: Harness, notices: Notices, told: Told) -> None:
    coordinator = await gateway.account(Role.COORDINATOR)
    _invite(gateway, "0b6f7a52-2a3f-4c5e-9d0a-3f0a5b1c2d3e")
    await notices.collector.collect()
    assert await told(coordinator) == []
    assert gateway.services.notices.waiting == {}


@pytest.mark.parametrize("error", [ServiceUnavailable("away"), DatabaseUnavailable()], ids=["service", "database"])
async def test_what_cannot_be_found_out_now_waits_and_holds_nothing_up(
    gateway: Harness, notices: Notices, told: Told, error: YinlingError
) -> None:
    profile = gateway.services.talent.add(organisation=ORGANISATION)
    coordinator, hr = await gateway.account(Role.COORDINATOR), await gateway.account(Role.HR)
    late = _invite(gateway, profile.id)
    gateway.services.notices.tell(ACCEPTED, ENTERPRISE, organisation=ORGANISATION)
    gateway.services.talent.troubles.error = error
    await notices.collector.collect()
    assert len(await told(hr)) == 1
    assert set(gateway.services.notices.waiting) == {late.id}
    gateway.services.talent.troubles.error = None
    gateway.services.notices.release()
    await notices.collector.collect()
    assert await told(coordinator) == [late.id]


async def test_mails_wait_until_the_server_is_back_and_are_then_one(
    gateway: Harness, notices: Notices, post: Post, clock: Clock
) -> None:
    person = await gateway.account(Role.RETIREE)
    await _mailed(notices, person, "zhou@example.com")
    await post.stop()
    for _ in range(7):
        _invite(gateway, person.profile_id)
        await _deliver(notices)
        clock.move(minutes=1)
    assert {state for _, state in await _states(gateway)} == {"waiting"}
    await post.start()
    clock.move(minutes=5)
    await _deliver(notices)
    [mail] = post.mails
    assert mail[1]["Subject"] == "银龄：您有 7 条新消息"
    assert {state for _, state in await _states(gateway)} == {"sent"}


async def test_a_mail_that_is_refused_for_now_is_tried_later_and_later(
    gateway: Harness, notices: Notices, post: Post, clock: Clock
) -> None:
    person = await gateway.account(Role.RETIREE)
    await _mailed(notices, person, "zhou@example.com")
    post.refuse["zhou@example.com"] = "451 try again"
    _invite(gateway, person.profile_id)
    await _deliver(notices)
    [delivery], _ = await notices.deliveries.page("failing", 0, "")
    assert (delivery.attempts, delivery.last_error) == (1, "451 try again")
    assert delivery.due_time == clock.time + timedelta(minutes=1)
    clock.move(minutes=1)
    await _deliver(notices)
    [delivery], _ = await notices.deliveries.page("failing", 0, "")
    assert delivery.due_time == clock.time + timedelta(minutes=2)
    post.refuse.clear()
    clock.move(minutes=2)
    await _deliver(notices)
    assert len(post.mails) == 1


async def test_what_fails_for_three_days_is_given_up_and_an_administrator_can_try_again(
    gateway: Harness, notices: Notices, post: Post, clock: Clock
) -> None:
    person = await gateway.account(Role.RETIREE)
    await _mailed(notices, person, "zhou@example.com")
    post.refuse_data = "451 full"
    _invite(gateway, person.profile_id)
    await notices.collector.collect()
    tries = 0
    while not (await notices.deliveries.page("given_up", 0, ""))[0]:
        await notices.mailer.send_due()
        tries += 1
        clock.move(hours=6)
    assert 12 <= tries <= 14
    post.refuse_data = ""
    await _deliver(notices)
    assert post.mails == []
    [delivery], _ = await notices.deliveries.page("given_up", 0, "")
    await notices.deliveries.retry(delivery.id)
    await _deliver(notices)
    assert len(post.mails) == 1


@pytest.mark.parametrize("where", ["recipient", "data"])
async def test_a_mail_that_is_refused_for_good_is_given_up_at_once(
    gateway: Harness, notices: Notices, post: Post, where: str
) -> None:
    person, other = await gateway.account(Role.RETIREE), await gateway.account(Role.HR)
    await _mailed(notices, person, "zhou@example.com")
    await _mailed(notices, other, "li@example.com")
    _invite(gateway, person.profile_id)
    if where == "recipient":
        post.refuse["zhou@example.com"] = "550 no such mailbox"
        gateway.services.notices.tell(ACCEPTED, ENTERPRISE, organisation=ORGANISATION)
    else:
        post.refuse_data = "554 spam"
    await _deliver(notices)
    [delivery], _ = await notices.deliveries.page("given_up", 0, "")
    assert delivery.target == person.id
    assert len(post.to("li@example.com")) == (where == "recipient")


async def test_a_mail_whose_answer_was_lost_is_sent_again_as_the_same_mail(
    gateway: Harness, notices: Notices, post: Post, clock: Clock
) -> None:
    person = await gateway.account(Role.RETIREE)
    await _mailed(notices, person, "zhou@example.com")
    for _ in range(6):
        _invite(gateway, person.profile_id)
    post.cut_after_data = 1
    await _deliver(notices)
    _invite(gateway, person.profile_id)  # what comes later is another mail
    clock.move(minutes=1)
    await _deliver(notices)
    mails = [mail for _, mail in post.mails]
    assert [mail["Subject"] for mail in mails[:2]] == ["银龄：您有 6 条新消息"] * 2
    assert mails[0]["Message-ID"] == mails[1]["Message-ID"]
    bodies = [mail.get_body(("plain",)) for mail in mails[:2]]
    assert bodies[0] is not None
    assert bodies[1] is not None
    assert bodies[0].get_content() == bodies[1].get_content()
    assert len({mail["Message-ID"] for mail in mails}) == 2


@pytest.mark.parametrize(
    ("clock_time", "quiet", "end"),
    [
        ((23, 30), (22, 7), (24, 7)),
        ((6, 59), (22, 7), (23, 7)),
        ((7, 0), (22, 7), None),
        ((21, 59), (22, 7), None),
        ((13, 0), (12, 14), (23, 14)),
        ((11, 0), (12, 14), None),
        ((11, 0), (12, 12), None),
    ],
)
def test_quiet_hours_end(clock_time: tuple[int, int], quiet: tuple[int, int], end: tuple[int, int] | None) -> None:
    moment = datetime(2026, 11, 23, *clock_time, tzinfo=CHINA)
    expected = datetime(2026, 11, *end, tzinfo=CHINA) if end else moment
    assert QuietHours(time(quiet[0]), time(quiet[1])).until(moment) == expected


async def test_no_mail_goes_out_in_quiet_hours_and_one_a_day_where_that_is_wanted(
    gateway: Harness, notices: Notices, post: Post, clock: Clock
) -> None:
    night, daily = await gateway.account(Role.HR), await gateway.account(Role.HR, "daily")
    await _mailed(notices, night, "night@example.com", quiet=QuietHours(time(22), time(7)))
    await _mailed(notices, daily, "daily@example.com", digest_hour=18)
    clock.move(hours=13, minutes=30)  # 23:30
    for _ in range(2):
        gateway.services.notices.tell(ACCEPTED, ENTERPRISE, organisation=ORGANISATION)
        await _deliver(notices)
        clock.move(hours=1)
    assert post.mails == []
    clock.time = datetime(2026, 11, 24, 6, 59, tzinfo=CHINA)
    await _deliver(notices)
    assert post.mails == []
    clock.move(minutes=1)
    await _deliver(notices)
    assert len(post.to("night@example.com")) == 2
    clock.time = datetime(2026, 11, 24, 18, 0, tzinfo=CHINA)
    await _deliver(notices)
    assert [mail["Subject"] for mail in post.to("daily@example.com")] == ["银龄：您有 2 条新消息"]


async def test_hours_that_became_quiet_hold_back_what_waits(
    gateway: Harness, notices: Notices, post: Post, clock: Clock
) -> None:
    person = await gateway.account(Role.RETIREE)
    await _mailed(notices, person, "zhou@example.com")
    _invite(gateway, person.profile_id)
    await notices.collector.collect()
    await _mailed(notices, person, "zhou@example.com", quiet=QuietHours(time(9), time(12)))
    await _deliver(notices)
    assert post.mails == []
    clock.move(hours=2)
    await _deliver(notices)
    assert len(post.mails) == 1


async def test_what_was_answered_in_quiet_hours_is_not_asked_in_the_morning(
    gateway: Harness, notices: Notices, post: Post, clock: Clock
) -> None:
    person = await gateway.account(Role.RETIREE)
    await _mailed(notices, person, "zhou@example.com", quiet=QuietHours(time(9), time(12)))
    without_account = gateway.services.talent.add(organisation=ORGANISATION, contact={"email": "wu@example.com"})
    for profile_id in (person.profile_id, without_account.id):
        about = {"profile_id": profile_id, "mentoring_request_id": str(uuid4())}
        _invite(gateway, **about)
        gateway.services.notices.tell(pb.NOTICE_KIND_INVITATION_DECLINED, ENTERPRISE, **about)
        _invite(gateway, **about)  # asked once more
    await _deliver(notices)
    clock.move(hours=2)
    await _deliver(notices)
    assert len(post.to("zhou@example.com")) == len(post.to("wu@example.com")) == 1
    assert await _states(gateway) == [
        (one, how) for one in ("wu@example.com", "zhou@example.com") for how in ("dropped", "sent")
    ]


async def test_a_flood_becomes_one_mail(gateway: Harness, notices: Notices, post: Post, clock: Clock) -> None:
    person = await gateway.account(Role.RETIREE)
    await _mailed(notices, person, "zhou@example.com")
    for number in range(5):
        _invite(gateway, person.profile_id, facts={"title": f"第{number}项"})
        await _deliver(notices)
        clock.move(minutes=1)
    assert len(post.mails) == 5
    for number in range(120):
        _invite(gateway, person.profile_id, facts={"title": f"后来第{number}项"})
    for _ in range(2):
        await _deliver(notices)
    assert len(post.mails) == 5
    clock.move(hours=1)
    await _deliver(notices)
    clock.move(hours=1)
    await _deliver(notices)
    assert [mail["Subject"] for _, mail in post.mails[5:]] == ["银龄：您有 100 条新消息", "银龄：您有 20 条新消息"]
    plain = post.mails[5][1].get_body(("plain",))
    assert plain is not None
    assert "1. 云南铜业邀请您：后来第0项" in plain.get_content()


async def test_a_mail_is_in_the_language_of_its_reader(gateway: Harness, notices: Notices, post: Post) -> None:
    english = await gateway.account(Role.HR, locale="en")
    await _mailed(notices, english, "hr@example.com")
    gateway.services.notices.tell(
        pb.NOTICE_KIND_INVITATION_DECLINED, ENTERPRISE, organisation=ORGANISATION, facts={"reason": "too_far"}
    )
    await _deliver(notices)
    [mail] = post.to("hr@example.com")
    assert mail["Subject"] == "An invitation was declined: 转炉炼钢操作带教"
    plain = mail.get_body(("plain",))
    assert plain is not None
    assert "The reason: too far away. Have a look" in plain.get_content()


async def test_a_mail_that_cannot_be_made_holds_nobody_up(gateway: Harness, notices: Notices, post: Post) -> None:
    profile = gateway.services.talent.add(organisation=ORGANISATION)
    profile.contact.email = "wu@example.com\r\nBcc: all@example.com"
    hr = await gateway.account(Role.HR)
    await _mailed(notices, hr, "hr@example.com")
    _invite(gateway, profile.id)
    gateway.services.notices.tell(ACCEPTED, ENTERPRISE, organisation=ORGANISATION)
    await _deliver(notices)
    assert len(post.to("hr@example.com")) == 1
    assert sorted(state for _, state in await _states(gateway)) == ["given_up", "sent"]


async def test_a_server_that_says_nothing_is_not_waited_for(gateway: Harness, post: Post, clock: Clock) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    parts = gateway.parts
    changes = {"smtp_port": server.sockets[0].getsockname()[1], "smtp_timeout": 0.2}
    settings = parts.settings.model_copy(update=changes)
    notices = make_notices(parts.database, parts.backend, settings, now=clock)
    person = await gateway.account(Role.RETIREE)
    await _mailed(notices, person, "zhou@example.com")
    _invite(gateway, person.profile_id)
    await _deliver(notices)
    [delivery], _ = await notices.deliveries.page("failing", 0, "")
    assert "Timeout" in delivery.last_error
    server.close()


async def test_what_is_old_goes_with_everything(gateway: Harness, notices: Notices, told: Told) -> None:
    person = await gateway.account(Role.RETIREE)
    await _mailed(notices, person, "zhou@example.com")
    _invite(gateway, person.profile_id)
    await _deliver(notices)
    await notices.repository.purge(timedelta(days=365))
    assert len(await told(person)) == 1
    await notices.repository.purge(timedelta(0))
    assert await told(person) == []
    assert await _states(gateway) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NOTICES_QUIET", "22-7"),
        ("SMTP_FROM", "nobody"),
        ("SMTP_FROM", "周@例.cn"),
        ("SMTP_PORT", "0"),
        ("SMTP_TLS", "x"),
    ],
)
def test_wrong_settings_end_the_start(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv("YINLING_GATEWAY_DATABASE_URL", "postgresql:///x")
    monkeypatch.setenv("YINLING_GATEWAY_SMTP_HOST", "")
    monkeypatch.setenv("YINLING_GATEWAY_SMTP_PORT", "")  # as Compose passes what is not set
    assert GatewaySettings().smtp_port == 587
    monkeypatch.setenv(f"YINLING_GATEWAY_{name}", value)
    with pytest.raises(ValidationError):
        GatewaySettings()


async def test_two_accounts_with_one_address_get_mails_of_their_own(
    gateway: Harness, notices: Notices, post: Post
) -> None:
    one, other = await gateway.account(Role.HR), await gateway.account(Role.COORDINATOR, locale="en")
    await _mailed(notices, one, "shared@example.com")
    await _mailed(notices, other, "shared@example.com")
    for _ in range(6):
        gateway.services.notices.tell(ACCEPTED, ENTERPRISE, organisation=ORGANISATION)
        _invite(gateway, gateway.services.talent.add(organisation=ORGANISATION).id)
    await _deliver(notices)
    subjects = {mail["Subject"] for mail in post.to("shared@example.com")}
    assert subjects == {"银龄：您有 6 条新消息", "Yinling: 6 pieces of news for you"}


async def test_mails_that_wait_follow_the_address(gateway: Harness, notices: Notices, post: Post) -> None:
    one, other = await gateway.account(Role.HR), await gateway.account(Role.HR, "hr2")
    await _mailed(notices, one, "one@example.com")
    await _mailed(notices, other, "other@example.com")
    gateway.services.notices.tell(ACCEPTED, ENTERPRISE, organisation=ORGANISATION)
    await notices.collector.collect()
    await _mailed(notices, one, "new@example.com")
    assert await _states(gateway) == [("new@example.com", "waiting"), ("other@example.com", "waiting")]
    await _mailed(notices, one, "other@example.com")  # there the same is waiting already
    await _deliver(notices)
    assert await _states(gateway) == [("new@example.com", "dropped"), ("other@example.com", "sent")]
    gateway.services.notices.tell(ACCEPTED, ENTERPRISE, organisation=ORGANISATION)
    await notices.collector.collect()
    await _mailed(notices, one, "one@example.com", email=False)
    await _mailed(notices, other, "other@example.com", email=False)
    await _deliver(notices)
    assert len(post.mails) == 1


@pytest.mark.parametrize(
    ("role", "change"),
    [
        (Role.HR, {"organisation": "鞍钢集团"}),
        (Role.HR, {"role": "coordinator"}),
        (Role.COORDINATOR, {"role": "hr"}),
        (Role.COORDINATOR, {"organisation": "鞍钢集团"}),
        (Role.RETIREE, {"profile_id": "5b4df3e6-7f5e-4a58-9c64-3d1c7a0f2e11"}),
    ],
)
async def test_an_account_that_acts_for_others_now_is_told_no_more_of_those_before(
    gateway: Harness, notices: Notices, post: Post, role: Role, change: dict[str, object]
) -> None:
    admin, account = await gateway.account(Role.ADMIN), await gateway.account(role)

    async def shown() -> tuple[list[str], int]:
        page, _ = await notices.inbox.page(account.id, 0, "")
        return [one.event.id for one in page], await notices.inbox.unread(account.id)

    await _mailed(notices, account, "someone@example.com")
    if role is Role.HR:
        notice = gateway.services.notices.tell(ACCEPTED, ENTERPRISE, organisation=ORGANISATION)
    else:
        person = account.profile_id or gateway.services.talent.add(organisation=ORGANISATION).id
        notice = _invite(gateway, person)
    await notices.collector.collect()
    [line], _ = await notices.inbox.page(account.id, 0, "")
    assert await shown() == ([notice.id], 1)
    was = {name: getattr(account, name) for name in change}
    await gateway.parts.accounts.update(account.id, dict(change), by=admin)
    await notices.mailer.send_due()
    assert post.to("someone@example.com") == []
    assert await shown() == ([], 0)
    with pytest.raises(NotFound):
        await notices.inbox.read(account.id, line.id)
    await gateway.parts.accounts.update(account.id, was, by=admin)  # it was a mistake
    assert await shown() == ([notice.id], 1)


async def test_an_account_that_was_closed_meanwhile_gets_no_mail(
    gateway: Harness, notices: Notices, post: Post
) -> None:
    person, admin = await gateway.account(Role.RETIREE), await gateway.account(Role.ADMIN)
    await _mailed(notices, person, "zhou@example.com")
    _invite(gateway, person.profile_id)
    await notices.collector.collect()
    await gateway.parts.accounts.update(person.id, {"active": False}, by=admin)
    await _deliver(notices)
    assert post.mails == []
    assert await _states(gateway) == [("zhou@example.com", "dropped")]


async def test_what_is_forgotten_is_gone(gateway: Harness, notices: Notices, told: Told) -> None:
    person, hr, admin = [await gateway.account(role) for role in (Role.RETIREE, Role.HR, Role.ADMIN)]
    for account, address in ((person, "zhou@example.com"), (hr, "hr@example.com")):
        await _mailed(notices, account, address)
    _invite(gateway, person.profile_id)
    of_them = {"organisation": ORGANISATION, "profile_id": person.profile_id}
    gateway.services.notices.tell(ACCEPTED, ENTERPRISE, **of_them)
    kept = gateway.services.notices.tell(pb.NOTICE_KIND_REQUEST_FILLED, ENTERPRISE, organisation=ORGANISATION)
    await notices.collector.collect()
    async with gateway.parts.database.transaction() as conn:
        assert await forget_person(conn, person.profile_id) == 2
    assert await told(person) == []
    assert await told(hr) == [kept.id]
    assert await _states(gateway) == [("hr@example.com", "waiting")]
    await gateway.parts.accounts.delete(hr.id, by=admin)
    assert await told(hr) == []
    assert await _states(gateway) == []
    assert (await notices.preferences.get(hr.id)).address == ""
