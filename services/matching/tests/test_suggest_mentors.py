"""People for a request, through the real server."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from yinling.common.v1 import types_pb2
from yinling.matching.v1 import matching_pb2 as pb
from yinling.matching.v1 import matching_service_pb2 as service_pb

from yinling_common.identity import Identity, Role
from yinling_common.types import PhysicalDemand
from yinling_matching.domain import Credential, ExperienceItem, Person
from yinling_matching.following import progress

HR = Identity("hr-1", Role.HR, organisation="攀钢集团")
Verdict = service_pb.SuggestMentorsResponse


def person(number: int = 1, **fields: Any) -> Person:
    known: dict[str, Any] = {
        "id": f"00000000-0000-4000-8000-{number:012}",
        "organisation": "矿务局",
        "name": f"王工{number}",
        "city": "攀枝花",
        "last_position": "通风科科长",
        "skills": ("矿井通风", "瓦斯治理"),
    }
    return Person(**known | fields)


def asked(**fields: Any) -> pb.MentoringRequest:
    known: dict[str, Any] = {"organisation": "攀钢集团", "title": "矿井通风"}
    return pb.MentoringRequest(**known | fields)


def ask(**fields: Any) -> service_pb.SuggestMentorsRequest:
    return service_pb.SuggestMentorsRequest(**{"mentoring_request": asked()} | fields)


async def test_the_best_come_first_with_evidence(matching: Any) -> None:
    miner = person(
        1,
        experience=(ExperienceItem("矿井通风系统改造", "攀枝花煤业", 1990, 1995, "主持全矿通风改造"),),
        credentials=(Credential("注册安全工程师"),),
        years=35,
    )
    matching.feed.put(miner, person(2, skills=("财务审计",), last_position="总会计师"), person(3, skills=("烹饪",)))
    await matching.caught_up()
    request = asked(
        requirements=[
            pb.Requirement(text="瓦斯治理"),
            pb.Requirement(text="芭蕾舞", importance=pb.Requirement.IMPORTANCE_NICE),
        ]
    )
    found = await matching.call("SuggestMentors", ask(mentoring_request=request))
    assert found.verdict == service_pb.SuggestMentorsResponse.VERDICT_RANKED
    assert (found.people, found.eligible, found.revision) == (3, 3, 3)
    assert found.suggestions[0].profile_id == miner.id
    assert sorted((s.score for s in found.suggestions), reverse=True) == [s.score for s in found.suggestions]
    best = found.suggestions[0]
    assert (best.name, best.city, best.years, best.organisation) == ("王工1", "攀枝花", 35, "矿务局")
    assert [e.requirement for e in best.evidence] == ["矿井通风", "瓦斯治理", "芭蕾舞"]
    assert best.evidence[1].found
    assert best.evidence[1].facet_kind == pb.FACET_KIND_SKILL
    assert best.evidence[1].facet_text == "瓦斯治理"
    assert 0 < best.evidence[1].strength <= 1
    assert not best.evidence[2].found
    assert not best.evidence[2].facet_text
    assert {c.rule for c in best.checks} == set(range(1, 9))
    assert all(c.outcome for c in best.checks)


@pytest.mark.parametrize(
    ("caller", "organisation", "answer"),
    [
        (HR, "攀钢集团", None),
        (HR, "", None),
        (HR, "别的集团", "FORBIDDEN"),
        (Identity("a", Role.ADMIN), "别的集团", None),
        (Identity("c", Role.COORDINATOR, organisation="矿务局"), "攀钢集团", "FORBIDDEN"),
        (Identity("r", Role.RETIREE, profile_id="x"), "攀钢集团", "FORBIDDEN"),
    ],
)
async def test_who_may_ask(matching: Any, caller: Identity, organisation: str, answer: str | None) -> None:
    call = matching.call("SuggestMentors", ask(mentoring_request=asked(organisation=organisation)), caller)
    if answer is None:
        assert (await call).verdict == Verdict.VERDICT_NOBODY_ELIGIBLE
        return
    assert (await matching.refusal(call)).reason == answer


async def test_a_kept_request_can_be_named(matching: Any) -> None:
    matching.feed.put(person())
    await matching.caught_up()
    for state in (pb.MentoringRequest.STATE_DRAFT, pb.MentoringRequest.STATE_OPEN):
        kept = await matching.call(
            "CreateMentoringRequest", service_pb.CreateMentoringRequestRequest(mentoring_request=asked(state=state))
        )
        found = await matching.call("SuggestMentors", service_pb.SuggestMentorsRequest(request_id=kept.id))
        assert [s.name for s in found.suggestions] == ["王工1"]
        other = Identity("hr-2", Role.HR, organisation="别的集团")
        call = matching.call("SuggestMentors", service_pb.SuggestMentorsRequest(request_id=kept.id), other)
        assert (await matching.refusal(call)).reason == "NOT_FOUND"
    unknown = matching.call("SuggestMentors", service_pb.SuggestMentorsRequest(request_id=str(uuid4())))
    assert (await matching.refusal(unknown)).reason == "NOT_FOUND"


async def test_what_is_asked_is_checked(matching: Any) -> None:
    for fields, field, rule in [
        ({"limit": 101}, "limit", "suggest.limit_full"),
        ({"limit": 101, "view": service_pb.SUGGESTION_VIEW_FULL}, "limit", "suggest.limit_full"),
        ({"limit": 10001, "view": service_pb.SUGGESTION_VIEW_SCORES}, "limit", "int32.gte_lte"),
        ({"mentoring_request": asked(city="没有这座城")}, "mentoring_request.city", "city.unknown"),
        ({"view": 7}, "view", "enum.defined_only"),
    ]:
        error = await matching.refusal(matching.call("SuggestMentors", ask(**fields)))
        assert (error.violations[0].field, error.violations[0].rule) == (field, rule)
    error = await matching.refusal(matching.call("SuggestMentors", service_pb.SuggestMentorsRequest()))
    assert error.reason == "INVALID_FIELD"


async def test_the_scores_view_ranks_everyone(matching: Any) -> None:
    people = [person(n, skills=("矿井通风"[: n % 4 + 1],)) for n in range(1, 301)]
    matching.feed.put(*people)
    await matching.caught_up()
    found = await matching.call("SuggestMentors", ask(limit=10000, view=service_pb.SUGGESTION_VIEW_SCORES))
    assert {s.profile_id for s in found.suggestions} == {p.id for p in people}
    order = [(-s.score, s.profile_id) for s in found.suggestions]
    assert order == sorted(order)
    assert not any(s.evidence or s.name or s.checks for s in found.suggestions)
    full = await matching.call("SuggestMentors", ask(limit=100))
    # Of equal scores the list that is shown takes them in turns.
    assert [s.score for s in full.suggestions] == [s.score for s in found.suggestions[:100]]
    assert len((await matching.call("SuggestMentors", ask())).suggestions) == 10


async def test_only_people_of_some_organisations(matching: Any) -> None:
    matching.feed.put(person(1), person(2, organisation="钢铁厂"), person(3, organisation="医院", paused=True))
    await matching.caught_up()
    found = await matching.call("SuggestMentors", ask(organisations=["钢铁厂", "医院", "没有的"]))
    assert [s.name for s in found.suggestions] == ["王工2"]
    assert (found.people, found.eligible) == (2, 1)
    assert [(e.rule, e.people, e.only_this_rule) for e in found.exclusions] == [(pb.HARD_RULE_AVAILABILITY, 1, 1)]


async def test_rules_keep_people_out_and_are_counted(matching: Any) -> None:
    matching.feed.put(
        person(1, paused=True, hours_per_week=2),
        person(2, hours_per_week=2),
        person(3, city="昆明"),
        person(4, capacity=0),
        person(5, hours_per_week=8),
    )
    await matching.caught_up()
    request = asked(mode=types_pb2.MODE_ON_SITE, city="攀枝花", hours_per_week=8)
    found = await matching.call("SuggestMentors", ask(mentoring_request=request))
    assert [s.name for s in found.suggestions] == ["王工5"]
    assert {(e.rule, e.people, e.only_this_rule) for e in found.exclusions} == {
        (pb.HARD_RULE_AVAILABILITY, 1, 0),
        (pb.HARD_RULE_HOURS, 2, 1),
        (pb.HARD_RULE_DISTANCE, 1, 1),
        (pb.HARD_RULE_CAPACITY, 1, 1),
    }
    outcomes = {check.rule: check.outcome for check in found.suggestions[0].checks}
    assert outcomes[pb.HARD_RULE_HOURS] == outcomes[pb.HARD_RULE_DISTANCE] == pb.Check.OUTCOME_PASSED
    assert outcomes[pb.HARD_RULE_LANGUAGE] == pb.Check.OUTCOME_NOT_STATED


async def test_health_is_not_told(matching: Any) -> None:
    matching.feed.put(
        person(1), person(2, limits=frozenset({PhysicalDemand.HEIGHTS}), other_limits=("游泳",), skills=("会计",))
    )
    await matching.caught_up()
    request = asked(physical_demands=[types_pb2.PHYSICAL_DEMAND_UNDERGROUND])
    found = await matching.call("SuggestMentors", ask(mentoring_request=request))
    assert len(found.suggestions) == 2
    for suggestion in found.suggestions:
        outcomes = {check.rule: check.outcome for check in suggestion.checks}
        assert outcomes[pb.HARD_RULE_PHYSICAL] == pb.Check.OUTCOME_NOT_STATED


@pytest.mark.parametrize("limited", [1, 2, 3])
async def test_bodies_are_counted_from_three_on(matching: Any, limited: int) -> None:
    unable = [person(n, limits=frozenset({PhysicalDemand.UNDERGROUND})) for n in range(2, 2 + limited)]
    matching.feed.put(person(1), *unable)
    await matching.caught_up()
    request = asked(physical_demands=[types_pb2.PHYSICAL_DEMAND_UNDERGROUND])
    found = await matching.call("SuggestMentors", ask(mentoring_request=request))
    expected = [(pb.HARD_RULE_PHYSICAL, 3, 3)] if limited == 3 else []
    assert [(e.rule, e.people, e.only_this_rule) for e in found.exclusions] == expected
    assert [r.rule for r in found.relaxations] == [rule for rule, _, _ in expected]


async def test_an_empty_profile_is_unknown_not_bad(matching: Any) -> None:
    matching.feed.put(person(1), Person(id=str(uuid4()), name="空白", organisation="矿务局"))
    await matching.caught_up()
    found = await matching.call("SuggestMentors", ask())
    assert [s.name for s in found.suggestions] == ["王工1"]
    assert (found.people, found.eligible, found.without_information) == (2, 2, 1)


async def test_a_profile_of_words_for_nothing_is_unknown_too(matching: Any) -> None:
    blank = Person(id=str(uuid4()), name="空白", organisation="矿务局", last_position="-", skills=("无", "/"), bio="……")
    matching.feed.put(person(1), blank)
    await matching.caught_up()
    found = await matching.call("SuggestMentors", ask(mentoring_request=asked(title="矿井通风")))
    assert [s.name for s in found.suggestions] == ["王工1"]
    assert found.without_information == 1


@pytest.mark.parametrize("title", ["", "？！……", "。", "随便", "无。", "N/A", "the"])
async def test_a_request_that_says_nothing(matching: Any, title: str) -> None:
    matching.feed.put(person(1))
    await matching.caught_up()
    found = await matching.call("SuggestMentors", ask(mentoring_request=asked(title=title)))
    assert found.verdict == Verdict.VERDICT_NOT_ENOUGH_INFORMATION
    assert not found.suggestions
    assert found.eligible == 1


async def test_a_model_is_found_in_the_middle_of_a_long_text(matching: Any) -> None:
    told = "先后完成三条产线控制系统升级，主要设备为西门子 S7-1500 和 WinCC，带队编写程序与调试，解决通讯中断。"
    matching.feed.put(person(1, experience=(ExperienceItem("产线改造", "某钢厂", description=told * 3),)))
    await matching.caught_up()
    request = asked(requirements=[pb.Requirement(text=text) for text in ("Ｓ7-1500", "WinCC", "S7-1200")])
    found = await matching.call("SuggestMentors", ask(mentoring_request=request))
    has, named, lacks = found.suggestions[0].evidence[1:]
    assert has.found
    assert named.found
    assert has.facet_kind == pb.FACET_KIND_EXPERIENCE
    assert "S7-1500" in has.shared_words
    assert not lacks.found


async def test_points_that_say_nothing_are_listed_unanswered(matching: Any) -> None:
    matching.feed.put(person(1))
    await matching.caught_up()
    request = asked(requirements=[pb.Requirement(text="……"), pb.Requirement(text="瓦斯治理")])
    found = await matching.call("SuggestMentors", ask(mentoring_request=request))
    evidence = found.suggestions[0].evidence
    assert [(e.requirement, e.found) for e in evidence] == [("矿井通风", True), ("……", False), ("瓦斯治理", True)]


async def test_nobody_eligible(matching: Any) -> None:
    matching.feed.put(person(1, paused=True))
    await matching.caught_up()
    found = await matching.call("SuggestMentors", ask())
    assert found.verdict == Verdict.VERDICT_NOBODY_ELIGIBLE
    assert found.exclusions


async def test_a_revision_can_be_waited_for(matching: Any) -> None:
    wanted = matching.feed.revision + 1
    waiting = asyncio.create_task(matching.call("SuggestMentors", ask(min_revision=wanted)))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    matching.feed.put(person(1))
    found = await waiting
    assert [s.name for s in found.suggestions] == ["王工1"]
    assert found.revision >= wanted


async def test_a_revision_that_does_not_come(matching: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    waited = []

    async def never(revision: int, patience: float) -> bool:
        waited.append(patience)
        return False

    monkeypatch.setattr(progress, "_LONGEST_WAIT", 100.0)
    monkeypatch.setattr(matching.parts.progress, "reached", never)
    error = await matching.refusal(matching.call("SuggestMentors", ask(min_revision=99), seconds=10))
    assert error.reason == "INDEX_BEHIND"
    assert error.metadata == {"revision": "0", "asked": "99"}
    assert error.retry_after
    assert 0 < waited[0] <= 8  # the caller hears it before giving up


async def test_a_rolled_back_revision_counts_as_reached(matching: Any) -> None:
    matching.feed.skip()
    found = await matching.call("SuggestMentors", ask(min_revision=matching.feed.revision))
    assert found.revision == matching.feed.revision


async def test_the_index_says_how_it_is(matching: Any) -> None:
    matching.feed.put(person(1), person(2))
    await matching.caught_up()
    for caller in (HR, Identity("r", Role.RETIREE, profile_id="x")):
        status = await matching.call("IndexStatus", service_pb.IndexStatusRequest(), caller)
        assert (status.revision, status.people, status.facets, status.dimensions) == (2, 2, 6, 64)
        assert status.caught_up
        assert status.model.startswith("fake")
        assert status.texts_embedded == 3  # the facets are the same for both
        assert status.feed_time.seconds > 0
        assert not status.HasField("snapshot_time")
    assert await matching.parts.status.health() == {"database": None, "index": None}


async def test_repeated_texts_are_not_embedded_again(matching: Any) -> None:
    matching.feed.put(person(1))
    await matching.caught_up()
    await matching.call("SuggestMentors", ask())
    embedded = matching.parts.vectors.embedded
    await matching.call("SuggestMentors", ask())
    assert matching.parts.vectors.embedded == embedded
