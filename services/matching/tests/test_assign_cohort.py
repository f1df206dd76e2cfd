"""A cohort at once, through the real server."""

from collections import Counter
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from yinling.common.v1 import types_pb2
from yinling.matching.v1 import matching_pb2 as pb
from yinling.matching.v1 import matching_service_pb2 as service_pb

from yinling_common.identity import Identity, Role
from yinling_common.types import PhysicalDemand
from yinling_matching.cohort import gathering
from yinling_matching.cohort.candidates import Scores
from yinling_matching.domain import Person

HR = Identity("hr-1", Role.HR, organisation="攀钢集团")
Request = service_pb.AssignCohortRequest


def person(number: int, *skills: str, **fields: Any) -> Person:
    known: dict[str, Any] = {
        "id": f"00000000-0000-4000-8000-{number:012}",
        "organisation": "矿务局",
        "name": f"王工{number}",
        "skills": skills,
    }
    return Person(**known | fields)


def wanted(title: str, mentors: int = 0, **fields: Any) -> pb.CohortRequest:
    request = pb.MentoringRequest(organisation="攀钢集团", title=title, **fields)
    return pb.CohortRequest(mentoring_request=request, mentors=mentors)


def pair(request: int, number: int) -> pb.CohortPair:
    return pb.CohortPair(request=request, profile_id=f"00000000-0000-4000-8000-{number:012}")


def assigned(found: service_pb.AssignCohortResponse) -> list[tuple[int, str]]:
    return [(one.request, one.name) for one in found.assignments]


async def test_everybody_is_served_best_together(matching: Any) -> None:
    # Both requests fit the first person best, and only one of them fits the second.
    matching.feed.put(person(1, "矿井通风", "瓦斯治理"), person(2, "矿井通风"))
    await matching.caught_up()
    request = Request(requests=[wanted("矿井通风"), wanted("瓦斯治理")], min_revision=2)
    found = await matching.call("AssignCohort", request)
    assert assigned(found) == [(0, "王工2"), (1, "王工1")]
    assert found.revision == 2
    assert not found.unassigned
    assert all(0.2 <= one.score <= 1 and not one.fixed for one in found.assignments)
    assert found.total == pytest.approx(sum(one.score for one in found.assignments))


async def test_the_scores_are_those_of_suggestions(matching: Any) -> None:
    matching.feed.put(person(1, "矿井通风", years=30), person(2, "通风"), person(3, "财务"))
    await matching.caught_up()
    one = wanted("矿井通风", 3, requirements=[pb.Requirement(text="通风")])
    found = await matching.call("AssignCohort", Request(requests=[one], min_score=0))
    ask = service_pb.SuggestMentorsRequest(mentoring_request=one.mentoring_request)
    suggested = await matching.call("SuggestMentors", ask)
    scores = {s.profile_id: s.score for s in suggested.suggestions}
    assert {a.profile_id: a.score for a in found.assignments} == pytest.approx(scores, abs=1e-6)


async def test_a_request_that_is_not_kept_is_weighed_as_its_caller_set(matching: Any) -> None:
    settings = pb.MatchingSettings(organisation=HR.organisation, weights=pb.Weights(years=0))
    await matching.call("UpdateMatchingSettings", service_pb.UpdateMatchingSettingsRequest(settings=settings))
    matching.feed.put(person(1, "矿井通风", years=1))
    await matching.caught_up()
    found = []
    for organisation in ("", HR.organisation):
        request = pb.MentoringRequest(organisation=organisation, title="矿井通风", min_years=30)
        one = pb.CohortRequest(mentoring_request=request)
        found.append(await matching.call("AssignCohort", Request(requests=[one], min_score=0)))
    assert found[0].assignments[0].score == found[1].assignments[0].score


async def test_places_and_the_number_wanted_are_kept(matching: Any) -> None:
    matching.feed.put(person(1, "矿井通风", capacity=2), person(2, "矿井通风"), person(3, "矿井通风", capacity=0))
    await matching.caught_up()
    request = Request(requests=[wanted("矿井通风", 2), wanted("矿井通风", 2), wanted("矿井通风")])
    found = await matching.call("AssignCohort", request)
    assert Counter(one.name for one in found.assignments) == {"王工1": 2, "王工2": 1}
    assert len(set(assigned(found))) == 3
    assert sum(one.missing for one in found.unassigned) == 2
    assert (found.greedy_assigned, found.greedy_total) == (3, pytest.approx(found.total))


async def test_hard_rules_hold(matching: Any) -> None:
    matching.feed.put(
        person(1, "矿井通风", paused=True),
        person(2, "矿井通风", limits=frozenset({PhysicalDemand.UNDERGROUND})),
        person(3, "矿井通风", hours_per_week=2),
        person(4, "矿井通风", organisation="钢铁厂"),
        person(5, "矿井通风"),
    )
    await matching.caught_up()
    one = wanted("矿井通风", 9, physical_demands=[types_pb2.PHYSICAL_DEMAND_UNDERGROUND], hours_per_week=8)
    found = await matching.call("AssignCohort", Request(requests=[one]))
    assert {name for _, name in assigned(found)} == {"王工4", "王工5"}
    found = await matching.call("AssignCohort", Request(requests=[one], organisations=["钢铁厂"]))
    assert assigned(found) == [(0, "王工4")]


async def test_fixed_pairs_stay_and_forbidden_ones_do_not_come(matching: Any) -> None:
    matching.feed.put(person(1, "矿井通风"), person(2, "瓦斯治理"), person(3))
    await matching.caught_up()
    request = Request(
        requests=[wanted("矿井通风"), wanted("瓦斯治理"), wanted("财务")],
        fixed=[pair(1, 1), pair(2, 3)],
        forbidden=[pair(0, 99)],
    )
    for objective in (Request.OBJECTIVE_OPTIMAL, Request.OBJECTIVE_STABLE):
        request.objective = objective
        request.min_score = 0
        found = await matching.call("AssignCohort", request)
        assert [(one.request, one.name, one.fixed) for one in found.assignments] == [
            (0, "王工2", False),
            (1, "王工1", True),
            (2, "王工3", True),
        ]
        empty = found.assignments[2]  # nothing can be said of an empty profile
        assert (empty.score, empty.label) == (0, pb.LABEL_UNSPECIFIED)
        assert found.greedy_assigned == 3
    request.forbidden.append(pair(0, 2))
    found = await matching.call("AssignCohort", request)
    assert assigned(found) == [(1, "王工1"), (2, "王工3")]
    assert [(one.request, one.reason) for one in found.unassigned] == [(0, pb.Unassigned.REASON_ALL_TAKEN)]
    assert [(one.request, one.name, one.fixed) for one in found.unassigned[0].taken] == [(1, "王工1", True)]


async def test_stable_may_fill_fewer_places(matching: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    scores = {"矿井通风": {"王工1": 0.9, "王工2": 0.5}, "瓦斯治理": {"王工1": 0.8, "王工2": 0.1}}

    def given(view: Any, question: Any, *_: Any, **__: Any) -> Scores:
        entries = sorted(view.entries(), key=lambda entry: entry.row)
        of_people = [scores[question.request.title][entry.indexed.person.name] for entry in entries]
        return Scores(np.array([e.row for e in entries]), np.array(of_people, np.float32), view.columns.alive.copy())

    monkeypatch.setattr(gathering, "score_everyone", given)
    matching.feed.put(person(1, "矿井通风", "瓦斯治理"), person(2, "矿井通风"))
    await matching.caught_up()
    request = Request(requests=[wanted("矿井通风"), wanted("瓦斯治理")])
    assert assigned(await matching.call("AssignCohort", request)) == [(0, "王工2"), (1, "王工1")]
    request.objective = Request.OBJECTIVE_STABLE
    stable = await matching.call("AssignCohort", request)
    assert assigned(stable) == [(0, "王工1")]
    assert [(one.request, one.reason) for one in stable.unassigned] == [(1, pb.Unassigned.REASON_ALL_TAKEN)]


async def test_why_somebody_is_missing(matching: Any) -> None:
    matching.feed.put(person(1, "矿井通风"), person(2, "烹饪", hours_per_week=2))
    await matching.caught_up()
    request = Request(
        requests=[
            wanted("矿井通风"),
            wanted("矿井通风", 2),
            wanted("……"),
            wanted("芭蕾舞", hours_per_week=1),
            wanted("矿井通风", hours_per_week=3, blocked_profile_ids=[pair(0, 1).profile_id]),
        ]
    )
    found = await matching.call("AssignCohort", request)
    reasons = {one.request: (one.missing, one.reason) for one in found.unassigned}
    (holder,) = found.assignments
    lacking = {0, 1} - {holder.request}
    assert holder.name == "王工1"
    assert reasons[2] == (1, pb.Unassigned.REASON_NOT_ENOUGH_INFORMATION)
    assert reasons[3] == (1, pb.Unassigned.REASON_NOBODY_FITS)
    assert reasons[4] == (1, pb.Unassigned.REASON_NOBODY_ELIGIBLE)
    assert all(reasons[number][1] == pb.Unassigned.REASON_ALL_TAKEN for number in lacking)
    by_request = {one.request: one for one in found.unassigned}
    for number in lacking:
        assert [one.SerializeToString() for one in by_request[number].taken] == [holder.SerializeToString()]
        assert by_request[number].best_score == pytest.approx(holder.score)
    assert 0 < by_request[3].best_score < 0.2
    assert by_request[4].best_score == 0


async def test_no_more_than_three_are_named(matching: Any) -> None:
    matching.feed.put(*(person(n, "矿井通风") for n in range(1, 6)))
    await matching.caught_up()
    request = Request(requests=[wanted("矿井通风", 5), wanted("矿井通风")], fixed=[pair(0, n) for n in range(1, 6)])
    found = await matching.call("AssignCohort", request)
    assert [(one.request, len(one.taken)) for one in found.unassigned] == [(1, 3)]


@pytest.mark.parametrize(
    ("fields", "field", "rule"),
    [
        ({"fixed": [pair(0, 1), pair(1, 1)]}, "fixed[1]", "cohort.fixed_places"),
        ({"fixed": [pair(0, 1), pair(0, 2)]}, "fixed[1]", "cohort.fixed_mentors"),
        ({"fixed": [pair(0, 2)], "forbidden": [pair(0, 2)]}, "fixed[0]", "cohort.fixed_forbidden"),
        ({"fixed": [pair(0, 2), pair(1, 3)]}, "fixed[1]", "cohort.fixed_rules"),
        ({"fixed": [pair(0, 9)]}, "fixed[0]", "cohort.fixed_person"),
        ({"fixed": [pair(0, 1)], "organisations": ["钢铁厂"]}, "fixed[0]", "cohort.fixed_organisation"),
    ],
)
async def test_fixed_pairs_that_cannot_be(matching: Any, fields: Any, field: str, rule: str) -> None:
    matching.feed.put(person(1, "矿井通风"), person(2, "瓦斯治理", capacity=3), person(3, "矿井通风", paused=True))
    await matching.caught_up()
    request = Request(requests=[wanted("矿井通风"), wanted("瓦斯治理")], **fields)
    error = await matching.refusal(matching.call("AssignCohort", request))
    assert error.reason == "WRONG_STATE"
    assert [(one.field, one.rule) for one in error.violations] == [(field, rule)]
    assert error.metadata["field"] == field
    assert error.message.startswith(f"{field}: ")


@pytest.mark.parametrize(
    ("fields", "field", "rule"),
    [
        ({"fixed": [pair(2, 1)]}, "fixed[0].request", "cohort.request_known"),
        ({"forbidden": [pair(0, 1), pair(9, 1)]}, "forbidden[1].request", "cohort.request_known"),
        ({"fixed": [pair(0, 1), pair(1, 1), pair(0, 1)]}, "fixed[2]", "cohort.fixed_twice"),
        ({"fixed": [pb.CohortPair(request=0, profile_id="x")]}, "fixed[0].profile_id", "string.uuid"),
        ({"min_score": 1.5}, "min_score", "double.gte_lte"),
        ({"requests": []}, "requests", "repeated.min_items"),
        ({"requests": [wanted("矿井通风", 101)]}, "requests[0].mentors", "int32.gte_lte"),
        ({"requests": [pb.CohortRequest()]}, "requests[0].target", "required"),
        (
            {"requests": [wanted("a"), wanted("b", city="没有这座城")]},
            "requests[1].mentoring_request.city",
            "city.unknown",
        ),
        (
            {"requests": [wanted("a", start_date=types_pb2.Date(year=2026, month=2, day=30))]},
            "requests[0].mentoring_request.start_date",
            "date.exists",
        ),
    ],
)
async def test_what_is_asked_is_checked(matching: Any, fields: Any, field: str, rule: str) -> None:
    request = Request(**{"requests": [wanted("矿井通风"), wanted("瓦斯治理")]} | fields)
    error = await matching.refusal(matching.call("AssignCohort", request))
    assert error.reason == "INVALID_FIELD"
    assert (error.violations[0].field, error.violations[0].rule) == (field, rule)


async def kept(matching: Any, title: str, organisation: str = "攀钢集团") -> str:
    caller = Identity("hr", Role.HR, organisation=organisation)
    request = pb.MentoringRequest(organisation=organisation, title=title)
    message = service_pb.CreateMentoringRequestRequest(mentoring_request=request)
    return str((await matching.call("CreateMentoringRequest", message, caller)).id)


async def test_kept_requests_can_be_named(matching: Any) -> None:
    matching.feed.put(person(1, "矿井通风"), person(2, "瓦斯治理"))
    await matching.caught_up()
    ids = [await kept(matching, "矿井通风"), await kept(matching, "瓦斯治理")]
    requests = [pb.CohortRequest(request_id=request_id) for request_id in ids]
    found = await matching.call("AssignCohort", Request(requests=requests))
    assert assigned(found) == [(0, "王工1"), (1, "王工2")]
    unknown = str(uuid4())
    error = await matching.refusal(
        matching.call("AssignCohort", Request(requests=[*requests, pb.CohortRequest(request_id=unknown)]))
    )
    assert (error.reason, error.metadata["id"]) == ("NOT_FOUND", unknown)
    foreign = await kept(matching, "矿井通风", "别的集团")
    error = await matching.refusal(
        matching.call("AssignCohort", Request(requests=[*requests, pb.CohortRequest(request_id=foreign)]))
    )
    assert (error.reason, error.metadata["id"]) == ("NOT_FOUND", foreign)
    error = await matching.refusal(matching.call("AssignCohort", Request(requests=[*requests, requests[0]])))
    assert (error.violations[0].field, error.violations[0].rule) == ("requests[2].request_id", "cohort.request_twice")


async def test_who_is_assigned_counts_as_shown(matching: Any) -> None:
    matching.feed.put(person(1, "矿井通风"))
    await matching.caught_up()
    request_id = await kept(matching, "矿井通风")
    await matching.call("AssignCohort", Request(requests=[pb.CohortRequest(request_id=request_id), wanted("财务")]))
    await matching.parts.ledger.write()
    listed = await matching.call("ListExposures", service_pb.ListExposuresRequest(), Identity("admin", Role.ADMIN))
    assert [(one.requests, one.first_three) for one in listed.exposures] == [(1, 1)]


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
    request = Request(requests=[wanted("矿井通风")])
    request.requests[0].mentoring_request.organisation = organisation
    call = matching.call("AssignCohort", request, caller)
    if answer is None:
        assert (await call).unassigned[0].reason == pb.Unassigned.REASON_NOBODY_ELIGIBLE
        return
    assert (await matching.refusal(call)).reason == answer


async def test_a_revision_that_does_not_come(matching: Any) -> None:
    request = Request(requests=[wanted("矿井通风")], min_revision=99)
    error = await matching.refusal(matching.call("AssignCohort", request, seconds=1.0))
    assert error.reason == "INDEX_BEHIND"
