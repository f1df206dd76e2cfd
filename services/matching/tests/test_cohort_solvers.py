"""The ways of assigning, against brute force and other methods."""

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from yinling_matching.cohort import optimal as optimal_module
from yinling_matching.cohort.flow import assign, gains, prices
from yinling_matching.cohort.greedy import greedy
from yinling_matching.cohort.optimal import optimal
from yinling_matching.cohort.problem import Pairs, Problem
from yinling_matching.cohort.stable import stable

WAYS = [optimal, stable, greedy]


def problem(scores: Any, wanted: Any, places: Any, lowest: float = 0.0) -> Problem:
    """From a matrix of scores; those below the lowest are no candidates."""
    matrix = np.asarray(scores, dtype=np.float32).reshape(len(wanted), len(places))
    requests, people = np.nonzero(matrix >= lowest)
    return Problem.of(
        requests, people, matrix[requests, people], np.array(wanted, np.int64), np.array(places, np.int64)
    )


@st.composite
def small_problems(draw: Any) -> Problem:
    requests, people = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    # Few different scores, so that many are equal; some below the lowest.
    score = st.integers(0, 8).map(lambda eighths: eighths / 8)
    rows = st.lists(st.lists(score, min_size=people, max_size=people), min_size=requests, max_size=requests)
    wanted = st.lists(st.integers(0, 3), min_size=requests, max_size=requests)
    places = st.lists(st.integers(0, 3), min_size=people, max_size=people)
    return problem(draw(rows), draw(wanted), draw(places), lowest=0.2)


def sides(asked: Problem, pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
    """How many each request got and each person has."""
    got = np.bincount(asked.requests(pairs), minlength=len(asked.wanted))
    has = np.bincount(asked.people[pairs], minlength=len(asked.places))
    return got, has


def allowed(asked: Problem, pairs: Any) -> bool:
    got, has = sides(asked, np.array(pairs, dtype=np.int64))
    return bool((got <= asked.wanted).all() and (has <= asked.places).all() and len(set(pairs)) == len(pairs))


def best_by_trying(asked: Problem) -> tuple[int, float]:
    """The most places, and the highest sum of scores with them."""
    for size in range(len(asked.people), -1, -1):
        sums = [
            asked.total(np.array(c, int)) for c in combinations(range(len(asked.people)), size) if allowed(asked, c)
        ]
        if sums:
            return size, max(sums)
    raise AssertionError("nobody assigned is always allowed")


def blocking_pairs(asked: Problem, pairs: Pairs) -> list[int]:
    """Pairs that are not assigned though both sides have room for them or something worse."""
    got, has = sides(asked, pairs)
    requests = asked.requests(np.arange(len(asked.people)))
    found = []
    for position, (request, person, score) in enumerate(zip(requests, asked.people, asked.scores, strict=True)):
        if position in pairs or not asked.wanted[request] or not asked.places[person]:
            continue
        mine = asked.scores[pairs][asked.requests(pairs) == request]
        theirs = asked.scores[pairs][asked.people[pairs] == person]
        request_would = got[request] < asked.wanted[request] or score > mine.min()
        person_would = has[person] < asked.places[person] or score > theirs.min()
        if request_would and person_would:
            found.append(position)
    return found


def deferred_acceptance(asked: Problem) -> set[int]:
    """Requests propose down their lists, people keep the best (Gale and Shapley); ties by request, then person."""
    proposed = asked.starts[:-1].copy()
    held: dict[int, list[tuple[float, int, int]]] = {person: [] for person in range(len(asked.places))}
    got = np.zeros(len(asked.wanted), int)
    while True:
        free = np.flatnonzero((got < asked.wanted) & (proposed < asked.starts[1:]))
        if not len(free):
            return {position for pairs in held.values() for _, _, position in pairs}
        request = int(free[0])
        position = int(proposed[request])
        proposed[request] += 1
        person = int(asked.people[position])
        held[person].append((-float(asked.scores[position]), request, position))
        got[request] += 1
        held[person].sort()
        if len(held[person]) > asked.places[person]:
            _, rejected, _ = held[person].pop()
            got[rejected] -= 1


@pytest.mark.parametrize("way", WAYS)
@given(asked=small_problems())
def test_nobody_gets_more_than_there_is(way: Any, asked: Problem) -> None:
    pairs = way(asked)
    assert allowed(asked, pairs.tolist())
    assert pairs.tolist() == sorted(pairs.tolist())


@settings(max_examples=150)
@given(small_problems())
def test_optimal_fills_most_places_with_the_highest_sum(asked: Problem) -> None:
    pairs = optimal(asked)
    places, total = best_by_trying(asked)
    assert len(pairs) == places
    assert asked.total(pairs) == pytest.approx(total, abs=1e-6)


@settings(max_examples=150)
@given(small_problems())
def test_stable_has_no_blocking_pair(asked: Problem) -> None:
    assert blocking_pairs(asked, stable(asked)) == []


@settings(max_examples=150)
@given(st.integers(0, 10_000), st.integers(1, 8), st.integers(1, 8))
def test_stable_is_what_deferred_acceptance_gives(seed: int, requests: int, people: int) -> None:
    random = np.random.default_rng(seed)
    scores = random.permutation(requests * people) / (requests * people)  # no two are equal: there is only one
    asked = problem(scores, random.integers(0, 4, requests), random.integers(0, 4, people), lowest=0.2)
    assert set(stable(asked).tolist()) == deferred_acceptance(asked)


@given(small_problems())
def test_deferred_acceptance_with_ties_is_as_good(asked: Problem) -> None:
    theirs = np.array(sorted(deferred_acceptance(asked)), dtype=np.int64)
    assert blocking_pairs(asked, theirs) == []


@given(small_problems())
def test_greedy_takes_the_best_left_request_by_request(asked: Problem) -> None:
    left, expected = asked.places.copy(), []
    for request, wanted in enumerate(asked.wanted):
        for position in range(asked.starts[request], asked.starts[request + 1]):
            taken = sum(asked.starts[request] <= p < asked.starts[request + 1] for p in expected)
            if taken < wanted and left[asked.people[position]]:
                left[asked.people[position]] -= 1
                expected.append(position)
    assert greedy(asked).tolist() == expected


@pytest.mark.parametrize(("requests", "people"), [(60, 200), (150, 100), (120, 120)])
@pytest.mark.parametrize("seed", range(3))
def test_optimal_agrees_with_the_dense_method(requests: int, people: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    scores = random.random((requests, people)).astype(np.float32)
    places = random.integers(1, 3, people)
    asked = problem(scores, np.ones(requests, int), places, lowest=0.4)
    repeated = np.repeat(scores, places, axis=1).astype(np.float64)
    rows, columns = linear_sum_assignment(np.where(repeated >= 0.4, repeated + 1000, 0), maximize=True)
    chosen = repeated[rows, columns][repeated[rows, columns] >= 0.4]
    pairs = optimal(asked)
    assert len(pairs) == len(chosen)
    assert asked.total(pairs) == pytest.approx(chosen.sum(), abs=1e-6)


def popular(requests: int, people: int, seed: int) -> np.ndarray:
    """Scores of requests that all want the same people first."""
    random = np.random.default_rng(seed)
    both = random.random(people)[None, :] + 0.1 * random.random((requests, people))
    return (both / both.max()).astype(np.float32)


@pytest.mark.parametrize("seed", range(5))
def test_what_is_left_out_at_first_costs_nothing(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    random = np.random.default_rng(seed)
    asked = problem(popular(40, 60, seed), random.integers(1, 4, 40), random.integers(1, 3, 60), lowest=0.1)
    everything = np.arange(len(asked.people))
    whole = everything[assign(asked, everything)]
    monkeypatch.setattr(optimal_module, "FIRST", 0)
    monkeypatch.setattr(optimal_module, "MORE", 1)
    pairs = optimal(asked)
    assert len(pairs) == len(whole)
    assert asked.total(pairs) == pytest.approx(asked.total(whole), abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_the_prices_prove_it(seed: int) -> None:
    random = np.random.default_rng(seed)
    asked = problem(popular(40, 30, seed), random.integers(1, 4, 40), random.integers(1, 3, 30), lowest=0.1)
    among = asked.best(asked.wanted + 3)
    assigned = assign(asked, among)
    of_requests, of_people = prices(asked, among, assigned)
    worth = of_requests[asked.requests(among)] + of_people[asked.people[among]]
    assert (gains(asked, among)[~assigned] <= worth[~assigned]).all()
    assert (gains(asked, among)[assigned] >= worth[assigned]).all()
    got, has = sides(asked, among[assigned])
    assert not of_requests[got < asked.wanted].any()
    assert not of_people[has < asked.places].any()
    assert of_requests.min() >= 0
    assert of_people.min() >= 0


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "asked",
    [
        problem(np.zeros((0, 0)), [], []),
        problem(np.zeros((2, 0)), [1, 2], []),
        problem([[0.9, 0.8]], [0], [1, 1]),
        problem([[0.9, 0.8]], [2], [0, 0]),
        problem([[0.1, 0.1]], [1], [1, 1], lowest=0.5),
    ],
)
def test_nothing_to_assign(way: Any, asked: Problem) -> None:
    assert way(asked).tolist() == []


@pytest.mark.parametrize("way", WAYS)
def test_a_person_with_places_is_assigned_to_a_request_once(way: Any) -> None:
    asked = problem([[0.9, 0.5], [0.8, 0.4]], [2, 2], [3, 1])
    pairs = way(asked)
    assert sorted(zip(asked.requests(pairs).tolist(), asked.people[pairs].tolist(), strict=True)) in (
        [(0, 0), (0, 1), (1, 0)],
        [(0, 0), (1, 0), (1, 1)],
    )


def test_more_places_come_before_better_scores() -> None:
    asked = problem([[1.0, 0.31], [0.9, 0.0]], [1, 1], [1, 1], lowest=0.3)
    pairs = optimal(asked)
    assert asked.people[pairs].tolist() == [1, 0]
    assert asked.total(stable(asked)) == 1.0
    assert len(stable(asked)) == 1


def test_pairs_and_places_can_be_taken_away() -> None:
    asked = problem([[0.9, 0.5], [0.8, 0.4]], [1, 1], [1, 1])
    less = asked.without(np.array([True, False, False, False]), np.array([1, 0]))
    assert less.starts.tolist() == [0, 1, 3]
    assert less.people.tolist() == [1, 0, 1]
    assert [less.people[p] for p in optimal(less)] == [0]
