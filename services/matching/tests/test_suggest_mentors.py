"""People for a request, through the real server."""

from typing import Any

from yinling.matching.v1 import matching_pb2 as pb
from yinling.matching.v1 import matching_service_pb2 as service_pb

from yinling_matching.domain import Credential, ExperienceItem, Person


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
