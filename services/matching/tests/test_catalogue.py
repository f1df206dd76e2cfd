"""The catalogue against a plain list of people, and under readers and a writer at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from math import log
from threading import Event

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from yinling_matching.catalogue.catalogue import Catalogue
from yinling_matching.catalogue.entries import Indexed, Put, Remove, evidence_slots_of
from yinling_matching.catalogue.facets import facets_of
from yinling_matching.domain import MentoringRequest, Person
from yinling_matching.embedding.fake import FakeEmbedder
from yinling_matching.exposure.ledger import Ledger
from yinling_matching.exposure.testing import MemoryLedgerRepository
from yinling_matching.index import FlatIndex, VectorIndex
from yinling_matching.index.reference import ReferenceIndex
from yinling_matching.lexical import ask, prepare
from yinling_matching.lexical.characters import EVERYWHERE
from yinling_matching.lexical.index import K1, B
from yinling_matching.ranking import comparing
from yinling_matching.ranking.comparing import Question
from yinling_matching.ranking.listing import Asked
from yinling_matching.ranking.ranking import rank
from yinling_matching.ranking.weights import Effective
from yinling_matching.scoring import Compared, PointKind, SharedWords, answers_of, calibrated, fits_of
from yinling_matching.vectors import passage_key

TODAY = date(2026, 6, 1)
MODEL = FakeEmbedder(16)
REQUEST = MentoringRequest(organisation="煤矿", title="通风", hours_per_week=8)
KINDS = [PointKind.ABOUT, PointKind.MUST, PointKind.NICE]
WEIGHTS = Effective(wishes=0.0)
TEXTS = ["通风", "瓦斯治理员", "教学"]
QUESTION = Question(REQUEST, KINDS, MODEL.encode_queries(TEXTS), [ask(text) for text in TEXTS], WEIGHTS)
ASKED = Asked(TODAY, (), limit=100, explain=True)
LEDGER = Ledger(MemoryLedgerRepository())

people_strategy = st.builds(
    Person,
    id=st.sampled_from([f"p{n}" for n in range(8)]),
    organisation=st.sampled_from(["甲", "乙"]),
    skills=st.lists(st.sampled_from(["通风", "瓦斯治理", "教学", "炼铁", "会计", "机电"]), max_size=4).map(tuple),
    bio=st.sampled_from(["", "干了三十年"]),
    wishes=st.sampled_from(["", "愿意讲通风安全，不想再碰焊接"]),
    hours_per_week=st.sampled_from([0, 4, 16]),
    paused=st.sampled_from([False, False, True]),
)


def put(person: Person) -> Put:
    facets = tuple(facets_of(person))
    texts = [facet.text for facet in facets]
    return Put(Indexed(person, facets, tuple(map(passage_key, texts))), MODEL.encode_passages(texts))


class Plain:
    """The score of one person, by loops over everybody's words."""

    def __init__(self, people: list[Person]) -> None:
        self.terms = {person.id: [dict(one.counts) for one in prepare(_evidence(person))] for person in people}
        everything = [terms for of_person in self.terms.values() for terms in of_person]
        self.facets = len(everything)
        self.held = Counter(term for terms in everything for term in terms)
        self.mean = (sum(sum(terms.values()) for terms in everything) / self.facets if everything else 1.0) or 1.0

    def score(self, person: Person) -> float:
        vectors = MODEL.encode_passages(_evidence(person))
        whole = vectors.sum(axis=0) / max(np.linalg.norm(vectors.sum(axis=0)), 1e-12)
        words = np.array([self._words(query.weights, self.terms[person.id]) for query in QUESTION.queries])
        compared = Compared(
            QUESTION.vectors @ vectors.T,
            np.zeros(1, np.int64),
            (QUESTION.vectors @ whole)[:, None],
            SharedWords(words[:, :1].astype(np.float32), words[:, 1:].astype(np.float32)),
        )
        return float(calibrated(fits_of(KINDS, answers_of(KINDS, compared, Effective()), Effective()))[0])

    def _words(self, weights: dict[str, float], facets: list[dict[str, int]]) -> tuple[float, float]:
        said = {}
        for term, weight in weights.items():
            if len(term) > 1 or weight == 1 or self.held[term] <= EVERYWHERE * self.facets:
                held = self.held[term]
                said[term] = weight * log(1 + (self.facets - held + 0.5) / (held + 0.5))
        measure = sum(said.values()) ** 0.7 * 30**0.3 if said else 1.0
        parts = [
            {
                term: idf * facet[term] / (facet[term] + K1 * (1 - B + B * sum(facet.values()) / self.mean))
                for term, idf in said.items()
                if term in facet
            }
            for facet in facets
        ]
        best = max(sum(of_facet.values()) for of_facet in parts)
        together = sum(max(of_facet.get(term, 0.0) for of_facet in parts) for term in said)
        return best / measure, together / measure


class CatalogueAgrees(RuleBasedStateMachine):
    """With a dict of people, ranked one by one."""

    few = comparing.FEW

    def __init__(self) -> None:
        super().__init__()
        comparing.FEW = self.few
        self.catalogues = [Catalogue(lambda kind=kind: kind(16)) for kind in (FlatIndex, ReferenceIndex)]
        self.people: dict[str, Person] = {}
        self.revision = 0

    @rule(changed=st.lists(people_strategy, max_size=4), removed=st.lists(st.sampled_from([f"p{n}" for n in range(8)])))
    def apply(self, changed: list[Person], removed: list[str]) -> None:
        changes = [*map(Remove, removed), *map(put, changed)]
        self.revision += len(changes)
        for catalogue in self.catalogues:
            catalogue.apply(changes, self.revision)
        for person_id in removed:
            self.people.pop(person_id, None)
        self.people |= {person.id: person for person in changed}

    @rule()
    def reset(self) -> None:
        for catalogue in self.catalogues:
            catalogue.reset()
        self.people, self.revision = {}, 0

    @rule(with_terms=st.booleans())
    def restore(self, *, with_terms: bool) -> None:
        """As a snapshot does it: read everything out and into a fresh one."""
        restored = []
        for catalogue, kind in zip(self.catalogues, (FlatIndex, ReferenceIndex), strict=True):
            with catalogue.reading() as view:
                entries = list(view.entries())
                vectors = [view.index.reconstruct(entry.slots) for entry in entries]
                terms = view.lexical.held().prepared(evidence_slots_of(entries)) if with_terms else None
            fresh = Catalogue(lambda kind=kind: kind(16))
            rows = np.concatenate([np.zeros((0, 16), np.float32), *vectors])
            fresh.restore([entry.indexed for entry in entries], rows, self.revision, terms)
            restored.append(fresh)
        self.catalogues = restored

    @precondition(lambda self: self.people)
    @rule(data=st.data())
    def known_vectors(self, data: st.DataObject) -> None:
        person = self.people[data.draw(st.sampled_from(sorted(self.people)))]
        wanted = put(person)
        for catalogue in self.catalogues:
            known = catalogue.known(person.id)
            assert known.keys() == set(wanted.indexed.keys)
            for key, vector in zip(wanted.indexed.keys, wanted.vectors, strict=True):
                np.testing.assert_allclose(known[key], vector, atol=1e-6)

    @invariant()
    def ranks_as_one_by_one(self) -> None:
        expected = {}
        empty = 0
        plain = Plain(list(self.people.values()))
        for person in self.people.values():
            if person.paused or 0 < person.hours_per_week < 8:
                continue
            if _evidence(person):
                expected[person.id] = plain.score(person)
            else:
                empty += 1
        for catalogue in self.catalogues:
            ledger = Ledger(MemoryLedgerRepository())  # one knows the rows of one catalogue
            assert len(catalogue) == len(self.people)
            assert catalogue.known("nobody") == {}
            scores = rank(catalogue, QUESTION, replace(ASKED, explain=False), ledger)
            in_order = [match.score for match in scores.matches]
            assert in_order == sorted(in_order, reverse=True)
            found = rank(catalogue, QUESTION, ASKED, ledger)
            shown = {one.person.id: one.score for match in found.matches for one in (match, *match.similar)}
            assert shown == pytest.approx({match.person.id: match.score for match in scores.matches})
            assert (found.people, found.without_information) == (len(self.people), empty)
            assert found.revision == self.revision
            assert {match.person.id for match in scores.matches} == expected.keys()
            for match in scores.matches:
                assert abs(match.score - expected[match.person.id]) < 1e-4
            for match in found.matches:
                assert abs(match.score - expected[match.person.id]) < 1e-4
                assert match.person == self.people[match.person.id]
                own = set(facets_of(match.person))
                assert all(answer.facet is None or answer.facet in own for answer in match.answers)


TestCatalogueAgrees = CatalogueAgrees.TestCase
TestCatalogueAgrees.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)


class CatalogueAgreesByPostings(CatalogueAgrees):
    """As a large roster is looked through."""

    few = 0


TestCatalogueAgreesByPostings = CatalogueAgreesByPostings.TestCase
TestCatalogueAgreesByPostings.settings = TestCatalogueAgrees.settings


def test_readers_never_see_half_a_change() -> None:
    """Two people change their one skill together, ever again: nobody may see them differ."""
    catalogue = Catalogue(_flat)
    skills = [f"绝活{n}" for n in range(7)]
    one, other = (Person(id=i, organisation="甲") for i in ("p1", "p2"))
    versions = [[put(replace(one, skills=(s,))), put(replace(other, skills=(s,)))] for s in skills]
    vectors = {s: MODEL.encode_passages([s])[0] for s in skills}
    catalogue.apply(versions[0], 0)
    done = Event()

    def write() -> None:
        for revision in range(3000):
            # Removal and return move people to other rows and slots.
            catalogue.apply([Remove("p1" if revision % 2 else "p2"), *versions[revision % 7]], revision)
        done.set()

    def read() -> int:
        count = 0
        while count == 0 or not done.is_set():
            with catalogue.reading() as view:
                entries = [view.entry(i) for i in ("p1", "p2")]
                seen = {e.indexed.person.skills[0] for e in entries if e}
                assert len(seen) == 1
                assert seen == {skills[view.revision % 7]}
                for entry in entries:
                    assert entry is not None
                    np.testing.assert_allclose(view.index.reconstruct(entry.slots)[0], vectors[next(iter(seen))])
            ranking = rank(catalogue, QUESTION, ASKED, LEDGER)
            assert len({match.person.skills for match in ranking.matches}) == 1
            assert len({round(match.score, 6) for match in ranking.matches}) == 1
            count += 1
        return count

    with ThreadPoolExecutor(4) as threads:
        readers = [threads.submit(read) for _ in range(3)]
        threads.submit(write).result(timeout=120)
        assert all(reader.result(timeout=120) > 0 for reader in readers)


def test_slots_are_used_again() -> None:
    catalogue = Catalogue(_flat)
    person = Person(id="p1", skills=("一", "二", "三"))
    for revision in range(100):
        catalogue.apply([put(replace(person, skills=person.skills[: 1 + revision % 3]))], revision)
    with catalogue.reading() as view:
        assert view.select(np.ones(1, np.bool_)).slots.max() < 3


def _evidence(person: Person) -> list[str]:
    return [facet.text for facet in facets_of(person) if facet.kind.is_evidence]


def _flat() -> VectorIndex:
    return FlatIndex(16)
