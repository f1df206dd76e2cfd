"""What a retiree reads of the requests that suit them."""

import asyncio

import pytest
from yinling.common.v1 import types_pb2 as types
from yinling.matching.v1 import matching_pb2 as matching
from yinling.matching.v1 import matching_service_pb2 as matching_service
from yinling.matching.v1.matching_pb2 import MentoringRequest

from yinling_common.identity import Role
from yinling_gateway.testing import Harness
from yinling_gateway.testing.browsing import Browser
from yinling_gateway.testing.harness import PASSWORD


async def test_a_retiree_reads_what_is_asked_what_does_not_fit_and_where_nothing_can_be_said(
    gateway: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = gateway.services.talent.add(name="周立群", skills=["连铸漏钢"])
    wanted = MentoringRequest(
        organisation="金川",
        title="连铸带教",
        mode=types.MODE_ON_SITE,
        city="金昌",
        hours_per_week=8,
        physical_demands=[types.PHYSICAL_DEMAND_STANDING],
    )
    evidence = [
        matching.Evidence(requirement="全部", found=True, facet_text="搞了一辈子连铸", strength=0.9, label=1),
        matching.Evidence(
            requirement="漏钢预报", importance=1, found=True, facet_text="连铸漏钢", strength=0.9, label=1,
            shared_words=["漏钢"],
        ),
    ]  # fmt: skip
    broken = matching.Adjustment(kind=matching.Adjustment.KIND_BROKEN_WISH, effect=-0.08, rule=matching.HARD_RULE_MODE)
    suggestions = [
        matching.RequestSuggestion(
            request=wanted, score=0.83, label=1, evidence=evidence, adjustments=[broken], distance_km=1203.4
        ),
        matching.RequestSuggestion(request=MentoringRequest(title="说不准"), score=0.41),
    ]

    async def suggest(identity: object, request: object) -> matching_service.SuggestRequestsResponse:
        return matching_service.SuggestRequestsResponse(suggestions=suggestions)

    monkeypatch.setattr(gateway.parts.backend, "suggest_requests", suggest)
    await gateway.account(Role.RETIREE, profile_id=profile.id)
    async with gateway.client() as client:
        browser = Browser(client)
        await browser.sign_in("retiree", PASSWORD)
        for words in (
            "很合适 连铸带教 金川",
            "您的这段经历正好对上： 连铸 漏钢 对方要的是：漏钢预报",
            "对方希望到现场，您只接受远程。 −8",
            "工作地点 现场 · 金昌 · 相距约 1203 公里",
            "每周时数 8 小时",
            "对身体的要求 久站",
            "信息不足 说不准 您的档案写得还太少",
            "没有特别要求",
        ):
            assert words in browser.text, words
        assert "41%" not in browser.text


async def test_nothing_of_the_own_page_waits_for_anything_else_of_it(
    gateway: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = gateway.services.talent.add(name="周立群")
    backend = gateway.parts.backend
    asked: set[str] = set()
    together = asyncio.Event()

    def with_the_others(owner: object, method: str) -> None:
        ask = getattr(owner, method)

        async def meet(*arguments: object) -> object:
            asked.add(method)
            if len(asked) == 4:
                together.set()
            await together.wait()
            return await ask(*arguments)

        monkeypatch.setattr(owner, method, meet)

    with_the_others(backend, "get_profile")
    with_the_others(backend, "suggest_requests")
    with_the_others(backend.engagements, "list_invitations")
    with_the_others(backend.engagements, "list_engagements")
    await gateway.account(Role.RETIREE, profile_id=profile.id)
    async with gateway.client() as client, asyncio.timeout(60):
        browser = Browser(client)
        await browser.sign_in("retiree", PASSWORD)
        assert "周立群" in browser.text


@pytest.mark.parametrize("fields", [{"consent": {"granted": False}}, {"paused": True}])
async def test_who_cannot_be_found_does_not_wait_for_requests(
    gateway: Harness, monkeypatch: pytest.MonkeyPatch, fields: dict[str, object]
) -> None:
    profile = gateway.services.talent.add(name="周立群", **fields)
    given_up = asyncio.Event()

    async def never(*_: object) -> object:
        try:
            return await asyncio.Event().wait()
        finally:
            given_up.set()

    monkeypatch.setattr(gateway.parts.backend, "suggest_requests", never)
    await gateway.account(Role.RETIREE, profile_id=profile.id)
    async with gateway.client() as client, asyncio.timeout(60):
        browser = Browser(client)
        await browser.sign_in("retiree", PASSWORD)
        assert "周立群" in browser.text
        await given_up.wait()
