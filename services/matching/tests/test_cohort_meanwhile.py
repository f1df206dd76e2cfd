"""A cohort takes a while: what is kept of it, what happens when people change meanwhile, and when the caller leaves."""

import asyncio
from collections.abc import Callable
from time import sleep
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from yinling.matching.v1 import matching_pb2 as pb
from yinling.matching.v1 import matching_service_pb2 as service_pb

from yinling_common.identity import Identity, Role
from yinling_matching.cohort import assigning, gathering, settling
from yinling_matching.cohort.gathering import best_of
from yinling_matching.cohort.greedy import greedy
from yinling_matching.cohort.optimal import optimal
from yinling_matching.cohort.problem import Pairs, Problem
from yinling_matching.cohort.stable import stable
from yinling_matching.domain import Person

Request = service_pb.AssignCohortRequest
HR = Identity("hr-1", Role.HR, organisation="攀钢集团")


def person(number: int, *skills: str, **fields: Any) -> Person:
    return Person(
        **{"id": f"00000000-0000-4000-8000-{number:012}", "name": f"王工{number}", "skills": skills, "capacity": 1}
        | fields
    )


def wanted(title: str, mentors: int = 1) -> pb.CohortRequest:
    return pb.CohortRequest(mentoring_request=pb.MentoringRequest(title=title), mentors=mentors)


@st.composite
def cohorts(draw: Any) -> tuple[np.ndarray, list[int], list[int]]:
    requests, people = draw(st.integers(1, 4)), draw(st.integers(1, 12))
    score = st.integers(0, 10).map(lambda tenths: tenths / 10)
    scores = [[draw(score) for _ in range(people)] for _ in range(requests)]
    wanted = [draw(st.integers(0, 2)) for _ in range(requests)]
    places = [draw(st.integers(1, 2)) for _ in range(people)]
    return np.array(scores, np.float32), wanted, places


@given(cohorts())
def test_keeping_the_best_of_each_request_costs_nothing(cohort: tuple[np.ndarray, list[int], list[int]]) -> None:
    scores, wanted, places = cohort

    def problem(most: int) -> Problem:
        kept = [best_of(row, most, 0.2) for row in scores]
        requests = np.repeat(np.arange(len(kept)), [len(row) for row in kept])
        people = np.concatenate(kept)
        return Problem.of(requests, people, scores[requests, people], np.array(wanted), np.array(places))

    everything, best = problem(len(places)), problem(max(1, sum(wanted)))

    def named(asked: Problem, pairs: Pairs) -> list[tuple[int, int]]:
        return list(zip(asked.requests(pairs).tolist(), asked.people[pairs].tolist(), strict=True))

    assert named(best, greedy(best)) == named(everything, greedy(everything))
    assert named(best, stable(best)) == named(everything, stable(everything))
    assert len(optimal(best)) == len(optimal(everything))
    assert best.total(optimal(best)) == pytest.approx(everything.total(optimal(everything)), abs=1e-6)


def test_of_equals_at_the_end_all_are_kept() -> None:
    scores = np.array([0.5, 0.9, 0.5, 0.4, 0.5], np.float32)
    assert sorted(best_of(scores, 2, 0.0).tolist()) == [0, 1, 2, 4]
    assert sorted(best_of(scores, 9, 0.5).tolist()) == [0, 1, 2, 4]
    assert best_of(scores, 2, 0.95).tolist() == []


def once_solved(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], None]) -> None:
    """Something happens between the first solution and the look at what holds."""
    seen = []

    def solve(problem: Problem) -> Pairs:
        pairs = optimal(problem)
        if not seen:
            happens()
        seen.append(pairs)
        return pairs

    monkeypatch.setattr(settling, "optimal", solve)


async def change(matching: Any, happens: Callable[[], Any]) -> Callable[[], None]:
    """Makes the feed say something, from another thread, and waits until it is applied."""
    loop = asyncio.get_running_loop()

    async def work() -> None:
        happens()
        await matching.caught_up()

    return lambda: asyncio.run_coroutine_threadsafe(work(), loop).result(60)


@pytest.mark.parametrize("how", ["withdrawn", "paused", "no places", "another organisation"])
async def test_who_changed_is_not_assigned(matching: Any, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    first = person(1, "矿井通风", organisation="矿务局")
    matching.feed.put(first, person(2, "通风", organisation="矿务局"))
    await matching.caught_up()
    changed: dict[str, dict[str, Any]] = {
        "paused": {"paused": True},
        "no places": {"capacity": 0},
        "another organisation": {"organisation": "钢铁厂"},
    }

    def happens() -> None:
        if how == "withdrawn":
            matching.feed.remove(first.id)
        else:
            matching.feed.put(person(1, "矿井通风", **{"organisation": "矿务局"} | changed[how]))

    once_solved(monkeypatch, await change(matching, happens))
    request = Request(requests=[wanted("矿井通风")], min_score=0, organisations=["矿务局"])
    found = await matching.call("AssignCohort", request)
    assert [one.name for one in found.assignments] == ["王工2"]
    assert found.revision == 2  # the people were scored at this one


async def test_who_changed_and_still_may_stays(matching: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    matching.feed.put(person(1, "矿井通风"), person(2, "通风"))
    await matching.caught_up()
    once_solved(monkeypatch, await change(matching, lambda: matching.feed.put(person(1, "矿井通风", city="攀枝花"))))
    found = await matching.call("AssignCohort", Request(requests=[wanted("矿井通风")]))
    assert [one.name for one in found.assignments] == ["王工1"]


async def test_a_fixed_person_who_leaves(matching: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    first = person(1, "矿井通风")
    matching.feed.put(first)
    await matching.caught_up()
    once_solved(monkeypatch, await change(matching, lambda: matching.feed.remove(first.id)))
    fixed = [pb.CohortPair(request=0, profile_id=first.id)]
    error = await matching.refusal(matching.call("AssignCohort", Request(requests=[wanted("矿井通风")], fixed=fixed)))
    assert (error.reason, error.violations[0].rule) == ("WRONG_STATE", "cohort.fixed_person")


async def test_people_may_change_between_two_requests(matching: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [person(n, "矿井通风", "瓦斯治理") for n in range(1, 5)]
    matching.feed.put(*people)
    await matching.caught_up()
    take = gathering.Gathering.take

    def one_leaves_and_one_comes() -> None:
        matching.feed.remove(people[0].id)
        matching.feed.put(person(9, "财务"))

    happens = await change(matching, one_leaves_and_one_comes)

    def taking(self: Any, count: int) -> bool:
        more = take(self, 1)
        if len(self.gathered.requests) == 2:  # rows are used anew: the number of a person must not be that of another
            happens()
        return more

    monkeypatch.setattr(gathering.Gathering, "take", taking)
    found = await matching.call("AssignCohort", Request(requests=[wanted("矿井通风") for _ in range(12)]))
    assert sorted(one.name for one in found.assignments) == ["王工2", "王工3", "王工4"]
    assert found.revision == 4


async def test_it_ends_when_the_caller_leaves(matching: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    matching.feed.put(person(1, "矿井通风"))
    await matching.caught_up()
    scored = []
    score_everyone = gathering.score_everyone

    def counting(*arguments: Any, **named: Any) -> Any:
        scored.append(1)
        sleep(0.01)
        return score_everyone(*arguments, **named)

    monkeypatch.setattr(gathering, "score_everyone", counting)
    request = Request(requests=[wanted("矿井通风") for _ in range(1000)])
    calling = asyncio.create_task(matching.call("AssignCohort", request))
    async with asyncio.timeout(60):
        while not scored:  # noqa: ASYNC110 - another thread
            await asyncio.sleep(0.01)
        calling.cancel()
        so_far = -1
        while so_far < len(scored):
            so_far = len(scored)
            await asyncio.sleep(1)
    assert so_far < 1000


async def test_two_cohorts_take_turns(matching: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    matching.feed.put(person(1, "矿井通风"))
    await matching.caught_up()
    order: list[str] = []
    score_everyone = gathering.score_everyone

    def noting(view: Any, question: Any, *others: Any, **named: Any) -> Any:
        order.append(question.request.title)
        sleep(0.002)
        return score_everyone(view, question, *others, **named)

    both = asyncio.Barrier(2)
    gather = assigning.Assigning._gather

    async def together(self: Any, *arguments: Any) -> Any:
        await both.wait()
        return await gather(self, *arguments)

    monkeypatch.setattr(assigning.Assigning, "_gather", together)
    monkeypatch.setattr(gathering, "score_everyone", noting)
    calls = [
        matching.call("AssignCohort", Request(requests=[wanted(title) for _ in range(64)]))
        for title in ("矿井", "通风")
    ]
    await asyncio.gather(*calls)
    assert order != sorted(order)
    assert order != sorted(order, reverse=True)


async def test_too_many_pairs_are_refused(matching: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "MOST_PAIRS", 10)
    matching.feed.put(*(person(n, "矿井通风") for n in range(1, 7)))
    await matching.caught_up()
    one = await matching.call("AssignCohort", Request(requests=[wanted("矿井通风", 6)]))
    assert len(one.assignments) == 6
    error = await matching.refusal(
        matching.call("AssignCohort", Request(requests=[wanted("矿井通风", 6), wanted("矿井通风", 6)]))
    )
    assert (error.violations[0].field, error.violations[0].rule) == ("requests", "cohort.max_pairs")
