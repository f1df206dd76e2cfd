"""FAISS against plain numpy: the same scores, and the same ids where scores differ."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from yinling_matching.index import FlatIndex, VectorIndex
from yinling_matching.index.reference import ReferenceIndex

DIMENSIONS = 8
ids_lists = st.lists(st.integers(0, 40), max_size=12, unique=True)
seeds = st.integers(0, 2**32 - 1)


def some_vectors(seed: int, count: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, DIMENSIONS)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def as_ids(values: list[int]) -> np.ndarray:
    return np.array(values, dtype=np.int64)


class IndexesAgree(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.flat, self.reference = FlatIndex(DIMENSIONS), ReferenceIndex(DIMENSIONS)
        self.held: set[int] = set()

    @rule(ids=ids_lists, seed=seeds)
    def add_or_overwrite(self, ids: list[int], seed: int) -> None:
        vectors = some_vectors(seed, len(ids))
        for index in (self.flat, self.reference):
            index.add(as_ids(ids), vectors)
        self.held |= set(ids)

    @rule(ids=ids_lists)
    def remove(self, ids: list[int]) -> None:
        for index in (self.flat, self.reference):
            index.remove(as_ids(ids))
        self.held -= set(ids)

    @rule()
    def clear(self) -> None:
        for index in (self.flat, self.reference):
            index.clear()
        self.held.clear()

    @rule(ids=ids_lists, seed=seeds)
    def load(self, ids: list[int], seed: int) -> None:
        for index in (self.flat, self.reference):
            index.load(as_ids(ids), some_vectors(seed, len(ids)))
        self.held = set(ids)

    @rule(seed=seeds, k=st.integers(1, 50), chosen=st.none() | st.lists(st.booleans(), max_size=60))
    def search(self, seed: int, k: int, chosen: list[bool] | None) -> None:
        queries = some_vectors(seed, 3)
        selector = None if chosen is None else np.array(chosen, dtype=np.bool_)
        ours, exact = (index.search(queries, k, selector) for index in (self.flat, self.reference))
        np.testing.assert_allclose(ours.scores, exact.scores, atol=1e-6)
        for mine, theirs, scores in zip(ours.ids, exact.ids, exact.scores, strict=True):
            assert sorted(mine) == sorted(theirs) or tied(scores)
            allowed = {i for i in self.held if selector is None or (i < len(selector) and selector[i])}
            assert {int(i) for i in mine if i >= 0} <= allowed

    @rule(seed=seeds, data=st.data())
    def similarities(self, seed: int, data: st.DataObject) -> None:
        ids = as_ids(data.draw(st.lists(st.sampled_from(sorted(self.held)), unique=True)) if self.held else [])
        queries = some_vectors(seed, 3)
        ours, exact = (index.similarities(queries, ids) for index in (self.flat, self.reference))
        np.testing.assert_allclose(ours, exact, atol=1e-6)
        np.testing.assert_array_equal(self.flat.reconstruct(ids), self.reference.reconstruct(ids))

    @invariant()
    def same_size(self) -> None:
        assert len(self.flat) == len(self.reference) == len(self.held)


def tied(scores: np.ndarray) -> bool:
    """Whether the last place is shared, so that either id may hold it."""
    finite = scores[np.isfinite(scores)]
    return bool(np.any(np.abs(np.diff(finite)) < 1e-6)) or len(finite) == len(scores)


TestIndexesAgree = IndexesAgree.TestCase
TestIndexesAgree.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


@pytest.mark.parametrize("make", [FlatIndex, ReferenceIndex])
def test_unknown_ids_are_refused(make: Callable[[int], VectorIndex]) -> None:
    index = make(DIMENSIONS)
    index.add(as_ids([1, 3]), some_vectors(1, 2))
    index.remove(as_ids([3, 99]))
    for ids in ([3], [99], [0]):
        with pytest.raises(KeyError):
            index.similarities(some_vectors(2, 1), as_ids(ids))
        with pytest.raises(KeyError):
            index.reconstruct(as_ids(ids))


def test_most_and_few_rows_give_the_same_similarities() -> None:
    index = FlatIndex(DIMENSIONS)
    index.add(np.arange(1000), some_vectors(1, 1000))
    queries = some_vectors(2, 4)
    everything = index.similarities(queries, np.arange(1000))
    few = np.arange(0, 1000, 7)
    np.testing.assert_allclose(index.similarities(queries, few), everything[:, few], atol=1e-6)


def test_a_removed_vector_is_wiped() -> None:
    index = FlatIndex(DIMENSIONS)
    index.add(np.arange(3), some_vectors(1, 3))
    index.remove(as_ids([1]))
    assert not index._rows()[1].any()  # nothing of a deleted person stays in memory
