"""Requests for a person, through the real server."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from yinling.common.v1 import types_pb2
from yinling.matching.v1 import matching_pb2 as pb
from yinling.matching.v1 import matching_service_pb2 as service_pb

from yinling_common.database import Database
from yinling_common.identity import Identity, Role
from yinling_common.types import PhysicalDemand, TitleLevel
from yinling_matching.days import today
from yinling_matching.domain import Person

HR = Identity("hr-1", Role.HR, organisation="攀钢集团")
ADMIN = Identity("admin", Role.ADMIN)
MINER = Person(
    id=str(UUID(int=1)),
    organisation="矿务局",
    name="王工",
    city="攀枝花",
    last_position="通风科科长",
    skills=("矿井通风", "瓦斯治理"),
    limits=frozenset({PhysicalDemand.HEIGHTS}),
    hours_per_week=8,
)


async def post(matching: Any, title: str, **fields: Any) -> pb.MentoringRequest:
    request = pb.MentoringRequest(organisation="攀钢集团", title=title, **fields)
    return await matching.call(
        "CreateMentoringRequest", service_pb.CreateMentoringRequestRequest(mentoring_request=request)
    )


def ask(**fields: Any) -> service_pb.SuggestRequestsRequest:
    return service_pb.SuggestRequestsRequest(**{"profile_id": MINER.id} | fields)


async def test_the_open_requests_that_suit(matching: Any) -> None:
    matching.feed.put(MINER)
    await matching.caught_up()
    await post(matching, "财务审计咨询")
    best = await post(
        matching, "矿井通风改造", requirements=[pb.Requirement(text="瓦斯治理"), pb.Requirement(text="、")]
    )
    await post(matching, "矿井通风草稿", state=pb.MentoringRequest.STATE_DRAFT)
    await post(matching, "矿井通风太久", hours_per_week=9)
    await post(matching, "矿井通风登高", physical_demands=[types_pb2.PHYSICAL_DEMAND_HEIGHTS])
    await post(matching, "Mine ventilation", language="en")
    await post(matching, "矿井通风不要他", blocked_profile_ids=[MINER.id])
    await post(matching, "？！")

    found = await matching.call("SuggestRequests", ask(), ADMIN)

    assert [s.request.title for s in found.suggestions] == ["矿井通风改造", "财务审计咨询"]
    assert found.open_requests == 7
    assert found.revision == 1
    first = found.suggestions[0]
    assert first.request == best
    assert first.score > found.suggestions[1].score
    assert [e.requirement for e in first.evidence] == ["矿井通风改造", "瓦斯治理", "、"]
    assert [e.found for e in first.evidence[1:]] == [True, False]
    assert first.evidence[1].facet_text == "瓦斯治理"
    assert {check.rule for check in first.checks} == set(range(1, 9))
    one = await matching.call("SuggestRequests", ask(limit=1), ADMIN)
    assert [s.request.title for s in one.suggestions] == ["矿井通风改造"]


async def test_a_request_whose_last_day_has_passed_is_not_offered(matching: Any, database: Database) -> None:
    matching.feed.put(MINER)
    await matching.caught_up()
    until_today, until_yesterday = [await post(matching, f"矿井通风改造{number}") for number in (1, 2)]
    async with database.connection() as conn:  # nobody may give such a day: time passes
        for request, days_ago in ((until_today, 0), (until_yesterday, 1)):
            day = today() - timedelta(days=days_ago)
            await conn.execute("UPDATE mentoring_requests SET expire_date = %s WHERE id = %s", [day, request.id])
    found = await matching.call("SuggestRequests", ask(), ADMIN)
    assert [s.request.id for s in found.suggestions] == [until_today.id]
    assert found.open_requests == 1


async def test_the_score_is_the_same_from_both_sides(matching: Any) -> None:
    matching.feed.put(MINER)
    await matching.caught_up()
    request = await post(matching, "矿井通风改造", requirements=[pb.Requirement(text="瓦斯")])
    of_person = await matching.call("SuggestRequests", ask(), ADMIN)
    of_request = await matching.call("SuggestMentors", service_pb.SuggestMentorsRequest(request_id=request.id))
    assert of_person.suggestions[0].score == pytest.approx(of_request.suggestions[0].score, abs=1e-5)
    assert [e.facet_text for e in of_person.suggestions[0].evidence] == [
        e.facet_text for e in of_request.suggestions[0].evidence
    ]


async def test_the_person_may_know_what_was_checked_of_their_health(matching: Any) -> None:
    matching.feed.put(MINER)
    await matching.caught_up()
    await post(matching, "矿井通风", physical_demands=[types_pb2.PHYSICAL_DEMAND_UNDERGROUND])
    found = await matching.call("SuggestRequests", ask(), Identity("r", Role.RETIREE, profile_id=MINER.id))
    outcomes = {check.rule: check.outcome for check in found.suggestions[0].checks}
    assert outcomes[pb.HARD_RULE_PHYSICAL] == pb.Check.OUTCOME_PASSED


@pytest.mark.parametrize(
    ("caller", "answer"),
    [
        (Identity("r", Role.RETIREE, profile_id=MINER.id), None),
        (Identity("r", Role.RETIREE, profile_id=str(uuid4())), "FORBIDDEN"),
        (Identity("r", Role.RETIREE), "FORBIDDEN"),
        (Identity("c", Role.COORDINATOR, organisation="矿务局"), None),
        (Identity("c", Role.COORDINATOR, organisation="别的局"), "NOT_FOUND"),
        (HR, "FORBIDDEN"),
        (ADMIN, None),
    ],
)
async def test_who_may_ask(matching: Any, caller: Identity, answer: str | None) -> None:
    matching.feed.put(MINER)
    await matching.caught_up()
    call = matching.call("SuggestRequests", ask(), caller)
    if answer is None:
        assert (await call).open_requests == 0
    else:
        assert (await matching.refusal(call)).reason == answer


async def test_nobody_is_told_whom_an_enterprise_does_not_want(matching: Any) -> None:
    matching.feed.put(MINER)
    await matching.caught_up()
    await post(matching, "矿井通风", blocked_profile_ids=[str(uuid4())])
    caller = Identity("r-1", Role.RETIREE, profile_id=MINER.id)
    (found,) = (await matching.call("SuggestRequests", ask(), caller)).suggestions
    assert not found.request.blocked_profile_ids


async def test_a_person_who_is_not_there(matching: Any) -> None:
    call = matching.call("SuggestRequests", ask(), Identity("r", Role.RETIREE, profile_id=MINER.id))
    assert (await matching.refusal(call)).reason == "NOT_FOUND"
    matching.feed.put(MINER)
    found = await matching.call("SuggestRequests", ask(min_revision=1), ADMIN)
    assert found.revision == 1
    gone = matching.feed.remove(MINER.id)
    call = matching.call("SuggestRequests", ask(min_revision=gone), ADMIN)
    assert (await matching.refusal(call)).reason == "NOT_FOUND"
    behind = matching.call("SuggestRequests", ask(min_revision=99), ADMIN, seconds=0.5)
    assert (await matching.refusal(behind)).reason == "INDEX_BEHIND"


async def test_an_empty_profile_gets_nothing(matching: Any) -> None:
    matching.feed.put(Person(id=MINER.id, organisation="矿务局", name="空白"))
    await matching.caught_up()
    await post(matching, "矿井通风")
    found = await matching.call("SuggestRequests", ask(), ADMIN)
    assert (list(found.suggestions), found.open_requests) == ([], 1)


async def test_more_open_requests_than_a_page(matching: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yinling_matching.ranking.open_requests._PAGE", 3)
    matching.feed.put(MINER)
    await matching.caught_up()
    for number in range(7):
        await post(matching, f"矿井通风{number}")
    found = await matching.call("SuggestRequests", ask(limit=100), ADMIN)
    assert found.open_requests == len(found.suggestions) == 7


async def test_what_the_person_wants_counts(matching: Any) -> None:
    await post(matching, "财务审计")
    await post(matching, "矿井通风")
    matching.feed.put(replace(MINER, skills=("财务审计", "矿井通风"), wishes="不想再碰财务审计，愿意讲讲矿井通风"))
    await matching.caught_up()
    found = (await matching.call("SuggestRequests", ask(), ADMIN)).suggestions
    assert [s.request.title for s in found] == ["矿井通风", "财务审计"]
    wanted, avoided = (s.adjustments[0] for s in found)
    assert wanted.kind == avoided.kind == pb.Adjustment.KIND_WISHES
    assert wanted.effect > 0 > avoided.effect
    # A wish is no evidence that somebody can do it.
    assert all(e.facet_kind <= pb.FACET_KIND_BIO for s in found for e in s.evidence)


async def test_years_title_and_broken_wishes_of_a_request_are_told(matching: Any) -> None:
    matching.feed.put(replace(MINER, years=10, title_level=TitleLevel.INTERMEDIATE))
    await matching.caught_up()
    await post(
        matching,
        "矿井通风",
        min_years=20,
        min_title_level=types_pb2.TITLE_LEVEL_SENIOR,
        hours_per_week=16,
        wishes=[pb.HARD_RULE_HOURS],
    )
    (found,) = (await matching.call("SuggestRequests", ask(), ADMIN)).suggestions
    told = [(a.kind, a.rule, a.effect < 0) for a in found.adjustments]
    assert told == [
        (pb.Adjustment.KIND_YEARS, pb.HARD_RULE_UNSPECIFIED, True),
        (pb.Adjustment.KIND_TITLE_LEVEL, pb.HARD_RULE_UNSPECIFIED, True),
        (pb.Adjustment.KIND_BROKEN_WISH, pb.HARD_RULE_HOURS, True),
    ]
    assert pb.HARD_RULE_HOURS not in {check.rule for check in found.checks}


async def test_a_changed_request_is_ranked_as_it_is_now(matching: Any) -> None:
    matching.feed.put(MINER)
    await matching.caught_up()
    kept = await post(matching, "财务审计")
    before = (await matching.call("SuggestRequests", ask(), ADMIN)).suggestions[0]
    kept.title = "矿井通风"
    update = service_pb.UpdateMentoringRequestRequest(mentoring_request=kept, update_mask={"paths": ["title"]})
    await matching.call("UpdateMentoringRequest", update)
    after = (await matching.call("SuggestRequests", ask(), ADMIN)).suggestions[0]
    assert after.request.title == "矿井通风"
    assert after.score > before.score


OWN = Identity("r-1", Role.RETIREE, profile_id=MINER.id)


async def titles(matching: Any) -> list[str]:
    return [s.request.title for s in (await matching.call("SuggestRequests", ask(), OWN)).suggestions]


async def test_whatever_changes_counts_at_once_though_much_is_remembered(matching: Any) -> None:
    matching.feed.put(MINER)
    await matching.caught_up()
    audit, mine = [await post(matching, title) for title in ("财务审计", "矿井通风")]
    assert await titles(matching) == ["矿井通风", "财务审计"]

    async def becomes(person: Person) -> None:
        matching.feed.put(person)
        await matching.caught_up()

    await becomes(replace(MINER, skills=("财务审计",), last_position=""))
    assert await titles(matching) == ["财务审计", "矿井通风"]
    await becomes(replace(MINER, wishes="不想再碰矿井通风", skills=("财务审计", "矿井通风")))
    assert await titles(matching) == ["财务审计", "矿井通风"]
    await becomes(replace(MINER, wishes="不想再碰财务审计", skills=("财务审计", "矿井通风")))
    assert await titles(matching) == ["矿井通风", "财务审计"]
    await becomes(replace(MINER, paused=True))
    assert await titles(matching) == []
    await becomes(MINER)
    matching.parts.catalogue.set_taken({MINER.id: 1})
    assert await titles(matching) == []
    matching.parts.catalogue.set_taken({MINER.id: 0})
    await matching.call("CloseMentoringRequest", service_pb.CloseMentoringRequestRequest(id=audit.id))
    assert await titles(matching) == ["矿井通风"]
    await matching.call("ReopenMentoringRequest", service_pb.ReopenMentoringRequestRequest(id=audit.id))
    assert await titles(matching) == ["矿井通风", "财务审计"]
    mine.blocked_profile_ids.append(MINER.id)
    update = service_pb.UpdateMentoringRequestRequest(
        mentoring_request=mine, update_mask={"paths": ["blocked_profile_ids"]}
    )
    await matching.call("UpdateMentoringRequest", update)
    assert await titles(matching) == ["财务审计"]
    gone = matching.feed.remove(MINER.id)
    call = matching.call("SuggestRequests", ask(min_revision=gone), OWN)
    assert (await matching.refusal(call)).reason == "NOT_FOUND"


async def test_weights_that_an_organisation_sets_count_at_once(matching: Any) -> None:
    matching.feed.put(replace(MINER, years=10))
    await matching.caught_up()
    await post(matching, "矿井通风", min_years=20)
    before = (await matching.call("SuggestRequests", ask(), OWN)).suggestions[0]
    assert [one.kind for one in before.adjustments] == [pb.Adjustment.KIND_YEARS]
    settings = pb.MatchingSettings(organisation="攀钢集团", weights=pb.Weights(years=0))
    await matching.call("UpdateMatchingSettings", service_pb.UpdateMatchingSettingsRequest(settings=settings))
    after = (await matching.call("SuggestRequests", ask(), OWN)).suggestions[0]
    assert not after.adjustments
    assert after.score > before.score


async def test_what_is_written_on_another_replica_counts_from_the_next_call_on(start_matching: Any) -> None:
    async with start_matching() as one, start_matching(one.feed) as other:
        one.feed.put(MINER)
        await one.caught_up()
        await other.caught_up()
        kept = await post(one, "矿井通风")
        assert await titles(one) == await titles(other) == ["矿井通风"]
        kept.title = "瓦斯治理"
        update = service_pb.UpdateMentoringRequestRequest(mentoring_request=kept, update_mask={"paths": ["title"]})
        await one.call("UpdateMentoringRequest", update)
        assert await titles(one) == await titles(other) == ["瓦斯治理"]
        await other.call("DeleteMentoringRequest", service_pb.DeleteMentoringRequestRequest(id=kept.id))
        assert await titles(one) == await titles(other) == []
