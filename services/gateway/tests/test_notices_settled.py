"""A notice need not be read any more when what it asks for is done, whoever did it."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from yinling.matching.v1 import notice_service_pb2 as pb

from yinling_common.identity import Role
from yinling_gateway.notices.parts import Notices
from yinling_gateway.notices.settling import RULES, UNTOLD, Scope
from yinling_gateway.notices.webhooks import WantedWebhook
from yinling_gateway.repository import erasures as erasures_repository
from yinling_gateway.repository import notices as notices_repository
from yinling_gateway.repository.erasures import Erasure, ErasureStep
from yinling_gateway.repository.settling import settle
from yinling_gateway.testing import ORGANISATION, Harness

PERSON, ENTERPRISE = pb.Notice.AUDIENCE_PERSON, pb.Notice.AUDIENCE_ENTERPRISE
INVITED, ACCEPTED = pb.NOTICE_KIND_INVITATION_RECEIVED, pb.NOTICE_KIND_INVITATION_ACCEPTED
OFFERED, PLANNED = pb.NOTICE_KIND_OPT_IN_RECEIVED, pb.NOTICE_KIND_SESSION_PLANNED
ASKED, GIVEN = pb.NOTICE_KIND_FEEDBACK_ASKED, pb.NOTICE_KIND_FEEDBACK_GIVEN
DECLINED, FILLED = pb.NOTICE_KIND_INVITATION_DECLINED, pb.NOTICE_KIND_REQUEST_FILLED
REQUEST, OTHER = "1b4e28ba-2fa1-41d2-883f-0016d3cca427", "2b4e28ba-2fa1-41d2-883f-0016d3cca427"
THING = "6fa459ea-ee8a-4ca4-894e-db77e160355e"


@pytest.fixture
def settings_changes() -> dict[str, object]:
    return {"notices_deliver": False, "webhooks_private": True}


class Office:
    """Accounts of a person and of two of the enterprise, and what happens to them."""

    def __init__(self, gateway: Harness, notices: Notices) -> None:
        self.gateway, self.notices = gateway, notices
        self.accounts: dict[str, str] = {}
        self.profile_id = ""

    async def open(self) -> "Office":
        person = await self.gateway.account(Role.RETIREE)
        self.profile_id = person.profile_id
        again = await self.gateway.account(Role.RETIREE, "again", profile_id=person.profile_id)
        self.accounts = {"person": person.id, "again": again.id}
        for name in ("hr", "hr2"):
            self.accounts[name] = (await self.gateway.account(Role.HR, name)).id
        return self

    def tell(self, kind: int, audience: int, **fields: Any) -> pb.Notice:
        given = {
            "organisation": ORGANISATION,
            "office": "攀钢集团",
            "profile_id": self.profile_id,
            "mentoring_request_id": REQUEST,
            "resource_id": THING,
        }
        return self.gateway.services.notices.tell(
            pb.NoticeKind.ValueType(kind), pb.Notice.Audience.ValueType(audience), **given | fields
        )

    async def collect(self) -> None:
        await self.notices.collector.collect()

    async def new(self, who: str) -> list[int]:
        page, _ = await self.notices.inbox.page(self.accounts[who], 0, "", unread=True)
        return [notice.event.kind for notice in page]


@pytest.fixture
async def office(gateway: Harness, notices: Notices) -> Office:
    return await Office(gateway, notices).open()


async def test_an_invitation_that_was_answered_is_read_by_everybody_who_was_told(office: Office) -> None:
    office.tell(INVITED, PERSON)
    office.tell(pb.NOTICE_KIND_INVITATION_REMINDER, PERSON)
    await office.collect()
    assert await office.new("person") == await office.new("again") == [pb.NOTICE_KIND_INVITATION_REMINDER, INVITED]
    accepted = office.tell(ACCEPTED, ENTERPRISE, resource_id=OTHER)  # the engagement, not the invitation
    await office.collect()
    assert await office.new("person") == await office.new("again") == []
    assert await office.new("hr") == [ACCEPTED]
    office.gateway.services.notices.waiting[accepted.id] = (accepted, 0)  # handed out again
    await office.notices.inbox.read_all(office.accounts["hr"])
    await office.collect()
    assert await office.new("hr") == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{kind(rule.by)}-{rule.scope.name}")
@pytest.mark.parametrize("late", [False, True], ids=["in order", "the later one first"])
async def test_what_settles_what(office: Office, rule: Any, late: bool) -> None:
    fields: dict[str, str] = {"profile_id": ""} if rule.scope is Scope.REQUEST else {}
    asking = [office.tell(one, ENTERPRISE, facts={"phase": "end"}) for one in sorted(rule.settled)]
    if not late:
        await office.collect()
        assert await office.new("hr") == sorted(rule.settled, reverse=True)
    office.tell(rule.by, ENTERPRISE, facts={"phase": "end"}, **fields)
    if late:
        waiting = office.gateway.services.notices.waiting
        office.gateway.services.notices.waiting = dict(reversed(waiting.items()))
    await office.collect()
    left = [] if rule.by in UNTOLD else [rule.by]
    assert await office.new("hr") == await office.new("hr2") == left
    assert len(asking) == len(rule.settled)


async def test_only_what_it_is_about_is_settled(office: Office) -> None:
    office.tell(INVITED, PERSON, mentoring_request_id=OTHER)
    office.tell(PLANNED, PERSON, resource_id=OTHER)
    office.tell(ASKED, PERSON, facts={"phase": "end"})
    office.tell(ASKED, ENTERPRISE, facts={"phase": "halfway"})
    office.tell(DECLINED, ENTERPRISE, mentoring_request_id=THING)
    await office.collect()
    office.tell(ACCEPTED, ENTERPRISE)
    office.tell(pb.NOTICE_KIND_SESSION_LOGGED, PERSON)
    office.tell(GIVEN, ENTERPRISE, facts={"phase": "end"})
    office.tell(FILLED, ENTERPRISE, profile_id="")
    await office.collect()
    assert await office.new("person") == [pb.NOTICE_KIND_SESSION_LOGGED, ASKED, PLANNED, INVITED]
    assert await office.new("hr") == [FILLED, ACCEPTED, DECLINED, ASKED]


async def test_a_newer_question_is_new_again(office: Office) -> None:
    office.tell(INVITED, PERSON)
    office.tell(DECLINED, ENTERPRISE)
    office.tell(INVITED, PERSON)
    await office.collect()
    assert await office.new("person") == [INVITED]
    # Both sides are told of the same session at the same moment: the one does not settle the other.
    first, second = office.tell(PLANNED, PERSON), office.tell(PLANNED, ENTERPRISE)
    second.create_time.CopyFrom(first.create_time)
    await office.collect()
    assert PLANNED in await office.new("person")
    assert PLANNED in await office.new("hr")


async def test_an_erasure_and_what_settles_do_not_wait_for_each_other(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.tell(INVITED, PERSON)
    await office.collect()
    kept, erasing = asyncio.Event(), asyncio.Event()
    forget_account = erasures_repository._forget_account

    async def settle_while_erasing(*given: Any) -> None:
        kept.set()
        await erasing.wait()
        await settle(*given)

    async def forget_account_while_settling(*given: Any) -> None:
        erasing.set()
        await forget_account(*given)

    monkeypatch.setattr(notices_repository, settle.__name__, settle_while_erasing)
    monkeypatch.setattr(erasures_repository, "_forget_account", forget_account_while_settling)
    office.tell(ACCEPTED, PERSON)
    collecting = asyncio.create_task(office.collect())
    await kept.wait()
    erasure = Erasure(
        str(uuid4()), ErasureStep.GATEWAY, Role.ADMIN, office.profile_id, "攀钢集团", [], 0, datetime.now(UTC)
    )
    repository = erasures_repository.ErasureRepository(office.gateway.parts.database)
    await asyncio.gather(collecting, repository.forget(erasure, lambda *cohort: cohort[:2]))
    assert await office.new("person") == []


async def test_of_feedback_that_was_given_nobody_is_told(gateway: Harness, office: Office) -> None:
    hr = await gateway.parts.accounts.find("hr")
    await office.notices.webhooks.create(hr, WantedWebhook("http://127.0.0.1:1/", []))
    office.tell(GIVEN, ENTERPRISE, facts={"phase": "end"})
    await office.collect()
    assert await office.new("hr") == await office.new("person") == []
    async with gateway.parts.database.connection() as conn:
        assert await (await conn.execute("SELECT 1 FROM deliveries")).fetchall() == []
    office.tell(FILLED, ENTERPRISE, profile_id="")
    await office.collect()
    async with gateway.parts.database.connection() as conn:
        assert len(await (await conn.execute("SELECT 1 FROM deliveries")).fetchall()) == 1


def kind(number: int) -> str:
    return pb.NoticeKind.Name(pb.NoticeKind.ValueType(number)).removeprefix("NOTICE_KIND_").lower()
