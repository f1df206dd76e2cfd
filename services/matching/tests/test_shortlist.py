"""Many requests compared at once give what comparing them one by one gives."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from yinling_common.types import Mode, PhysicalDemand, TitleLevel, TravelRange
from yinling_matching.catalogue.catalogue import Catalogue
from yinling_matching.catalogue.entries import Indexed, Put, Remove
from yinling_matching.catalogue.facets import facets_of
from yinling_matching.domain import HardRule, Importance, MentoringRequest, Person, Requirement
from yinling_matching.embedding.fake import FakeEmbedder
from yinling_matching.index import FlatIndex
from yinling_matching.lexical import ask
from yinling_matching.ranking.comparing import Question
from yinling_matching.ranking.offers import RequestMatch, rank_requests
from yinling_matching.ranking.open_requests import Batch
from yinling_matching.ranking.points import telling
from yinling_matching.ranking.requests_for import best_requests, look
from yinling_matching.ranking.scored import score
from yinling_matching.ranking.shortlist import MARGIN, Compared, shortlist
from yinling_matching.ranking.wanted import OWN_CHOICE, feasible
from yinling_matching.ranking.weights import NO_WEIGHTS, Weights, effective

TODAY = date(2026, 6, 1)
EMBEDDER = FakeEmbedder()
MATTERS = [
    "矿井通风",
    "瓦斯治理",
    "氩弧焊",
    "锅炉检修",
    "GB/T 3836.1",
    "轨道电路",
    "mine ventilation",
    "财务审计",
    "绕组",
]
ORGANISATIONS = ["甲集团", "乙集团", "丙集团"]
SET_BY = {"甲集团": Weights(words=0.0, must=2.0), "乙集团": Weights(wishes=2.0, broken_wishes=0.5)}


def text(chance: random.Random, count: int) -> str:
    return "，".join(chance.choices(MATTERS, k=count))


def someone(chance: random.Random, number: int) -> Person:
    return Person(
        id=f"p{number:03}",
        city=chance.choice(["", "攀枝花", "成都", "北京"]),
        last_position=chance.choice(["", "通风科科长", "高级工程师", "焊工"]),
        skills=tuple(chance.sample(MATTERS, chance.choice([0, 1, 3, 5]))),
        bio=text(chance, 8) if chance.random() < 0.3 else "",
        years=chance.choice([0, 0, 8, 25]),
        title_level=chance.choice(list(TitleLevel)),
        modes=frozenset(chance.sample([Mode.ON_SITE, Mode.REMOTE], chance.randint(0, 2))),
        travel=chance.choice(list(TravelRange)),
        hours_per_week=chance.choice([0, 4, 12]),
        limits=frozenset(chance.sample(list(PhysicalDemand), chance.choice([0, 0, 1]))),
        wishes=chance.choice(["", "", f"不想再碰{chance.choice(MATTERS)}", f"愿意讲讲{text(chance, 1)}"]),
        available_from=chance.choice([None, None, date(2026, 7, 1)]),
    )


def a_request(chance: random.Random, number: int) -> MentoringRequest:
    importance = list(Importance)
    fields: dict[str, Any] = {}
    if chance.random() < 0.3:
        fields["wishes"] = frozenset(chance.sample(list(HardRule), 3))
    if chance.random() < 0.3:
        names = chance.sample(["about", "must", "nice", "words", "years", "wishes", "broken_wishes"], 3)
        fields["weights"] = Weights(**{name: chance.choice([0.0, 0.5, 3.0]) for name in names})
    return MentoringRequest(
        chance.choice(ORGANISATIONS),
        chance.choice([text(chance, 1), text(chance, 2), "？！", ""]),
        id=f"r{number:03}",
        requirements=tuple(
            Requirement(chance.choice([text(chance, 1), "、"]), chance.choice(importance))
            for _ in range(chance.randint(0, 3))
        ),
        city=chance.choice(["", "攀枝花", "昆明"]),
        mode=chance.choice(list(Mode)),
        hours_per_week=chance.choice([0, 4, 8]),
        physical_demands=frozenset(chance.sample(list(PhysicalDemand), chance.choice([0, 0, 1]))),
        min_years=chance.choice([0, 0, 10, 30]),
        min_title_level=chance.choice(list(TitleLevel)),
        expire_date=chance.choice([None, None, None, date(2026, 5, 31)]),
        **fields,
    )


def question_of(request: MentoringRequest) -> Question:
    points = telling(request.points())
    vectors = EMBEDDER.encode_queries([point.text for point in points])
    return Question(
        request,
        [point.kind for point in points],
        vectors.reshape(len(points), EMBEDDER.dimensions),
        [ask(point.text) for point in points],
        effective(request.weights, NO_WEIGHTS),
    )


def put(person: Person) -> Put:
    facets = tuple(facets_of(person))
    vectors = EMBEDDER.encode_passages([facet.text for facet in facets]).reshape(len(facets), EMBEDDER.dimensions)
    return Put(Indexed(person, facets, tuple(b"" for _ in facets)), vectors)


class World:
    """People, and requests in batches."""

    def __init__(self, seed: int, people: int = 16, requests: int = 80) -> None:
        chance = random.Random(seed)
        self.people = [someone(chance, number) for number in range(people)]
        self.requests = [a_request(chance, number) for number in range(requests)]
        # Some that only differ by their names: of equal scores the smaller comes first.
        self.requests += [replace(one, id=f"s{one.id}") for one in self.requests[:30]]
        chance.shuffle(self.requests)
        self.catalogue = Catalogue(lambda: FlatIndex(EMBEDDER.dimensions))
        self.catalogue.apply([put(one) for one in self.people], 1)
        questions = [question_of(one) for one in self.requests]
        self.questions = {one.request.id: one for one in questions}
        self.batches = [
            Batch(self.requests[first : first + 40], questions[first : first + 40])
            for first in range(0, len(questions), 40)
        ]

    def weighed(self, request: MentoringRequest, set_by: Mapping[str, Weights]) -> Question:
        weights = effective(request.weights, set_by.get(request.organisation, NO_WEIGHTS))
        return replace(self.questions[request.id], weights=weights)

    def one_by_one(self, person: Person, set_by: Mapping[str, Weights], limit: int) -> list[RequestMatch]:
        """The slow and obvious way: every request by itself, by the rules in plain words and the scoring of people."""
        suitable = feasible(person, [one for one in self.requests if not one.has_expired(TODAY)], TODAY)
        asked = [(one, self.weighed(one.request, set_by)) for one in suitable]
        found = rank_requests(self.catalogue, person.id, asked, today=TODAY, limit=limit)
        assert found is not None
        return found[1]

    def at_once(self, person: Person, set_by: Mapping[str, Weights], limit: int) -> list[RequestMatch]:
        looked = look(self.catalogue, person.id, self.batches, TODAY)
        assert looked is not None
        found = best_requests(self.catalogue, looked, set_by, TODAY, limit)
        assert found is not None
        return found[1]


def told(matches: Sequence[RequestMatch]) -> list[tuple[object, ...]]:
    """Everything that is told of matches."""
    return [(one.question.request, one.question.weights, one.match) for one in matches]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("limit", [1, 10, 1000])
def test_the_answer_is_that_of_comparing_one_by_one(seed: int, limit: int) -> None:
    world = World(seed)
    shown = 0
    for person in world.people:
        for set_by in ({}, SET_BY):
            found = told(world.at_once(person, set_by, limit))
            assert found == told(world.one_by_one(person, set_by, limit))
            shown += len(found)
    assert shown > 10  # it is not that nothing suits anybody


def test_it_follows_every_change_of_the_catalogue() -> None:
    world = World(9)
    for number, person in enumerate(world.people[:5]):
        changed = replace(
            person, skills=("氩弧焊", "财务审计"), wishes="不想再碰财务审计", paused=False, limits=frozenset()
        )
        world.catalogue.apply([put(changed), Remove(world.people[-1 - number].id)], number + 2)
        for one in (changed, world.people[8]):
            assert told(world.at_once(one, SET_BY, 10)) == told(world.one_by_one(one, SET_BY, 10))
        assert look(world.catalogue, world.people[-1 - number].id, world.batches, TODAY) is None


def test_nobody_is_there_any_more() -> None:
    world = World(3)
    looked = look(world.catalogue, world.people[0].id, world.batches, TODAY)
    assert looked is not None
    world.catalogue.apply([Remove(world.people[0].id)], 2)
    assert best_requests(world.catalogue, looked, {}, TODAY, 10) is None


def test_places_that_are_taken_count() -> None:
    world = World(4)
    person = next(one for one in world.people if world.at_once(one, {}, 1))
    world.catalogue.set_taken({person.id: 1})
    looked = look(world.catalogue, person.id, world.batches, TODAY)
    assert looked is not None
    assert (looked.batches, looked.taken) == ([], 1)
    assert looked.open_requests == sum(not one.has_expired(TODAY) for one in world.requests)


def test_a_request_that_is_not_ready_is_never_passed_over() -> None:
    world = World(5)
    person = next(one for one in world.people if world.at_once(one, {}, 1))
    world.batches = [Batch(one.requests, [None] * len(one.requests)) for one in world.batches]
    with pytest.raises(ValueError, match="not ready"):
        world.at_once(person, {}, 1)


@pytest.mark.parametrize("seed", [6, 7])
def test_the_score_is_that_of_the_other_direction(seed: int) -> None:
    """Each request ranks people, and gives this one the same, where their own wishes count as on their own page."""
    world = World(seed)
    compared = 0
    for person in world.people:
        for one in world.at_once(person, SET_BY, 1000):
            weights = one.question.weights
            question = replace(one.question, weights=replace(weights, wishes=OWN_CHOICE * weights.wishes))
            with world.catalogue.reading() as view:
                assessed = view.columns.assess(question.request, TODAY)
                everybody = view.select(assessed.eligible)
                if not question.kinds or not len(everybody.rows):
                    continue
                found = score(view, question, everybody, today=TODAY, broken_wishes=assessed.broken_wishes)
                entry = view.entry(person.id)
                assert entry is not None
                place = everybody.rows.tolist().index(entry.row)
            assert one.match.score == pytest.approx(found.scores[place], abs=1e-5)
            compared += 1
    assert compared > 50


@pytest.mark.parametrize("seed", [6, 7])
def test_the_log_odds_are_nearly_those_of_the_score(seed: int) -> None:
    world = World(seed)
    worst = 0.0
    for person in world.people:
        looked = look(world.catalogue, person.id, world.batches, TODAY)
        assert looked is not None
        batches = [Compared(batch.packed(), suiting) for batch, suiting in looked.batches]
        about = shortlist(world.catalogue, person.id, batches, SET_BY, 1000)
        assert about is not None
        exact = {one.question.request.id: one.match.score for one in world.one_by_one(person, SET_BY, 1000)}
        assert {question.request.id for question, _ in about} == set(exact)
        for question, logit in about:
            chance = exact[question.request.id]
            worst = max(worst, abs(logit - float(np.log(chance / (1 - chance)))))
    assert 0 < worst < MARGIN / 10
