"""Who comes first among equals."""

from uuid import UUID

import numpy as np
import pytest

from yinling_matching.exposure.ledger import Ledger
from yinling_matching.exposure.testing import MemoryLedgerRepository
from yinling_matching.ranking.balance import WIDTH, balanced, by_turn, within_reach


def ids(count: int) -> list[str]:
    return [str(UUID(int=n)) for n in range(count)]


def order(logits: list[float], turns: list[int], *, request_id: str = "r", limit: int = 99) -> list[int]:
    values = np.array(logits, dtype=np.float32)
    found = balanced(values, ids(len(logits)), np.array(turns), request_id=request_id, limit=limit)
    return found.tolist()


def test_who_was_shown_less_comes_first_among_equals() -> None:
    assert order([0.70, 0.65, 0.60, 0.40], [4, 2, 0, 0]) == [2, 1, 0, 3]
    # Where there is nothing to make up for, the better one does.
    assert order([0.60, 0.70, 0.65, 0.40], [2, 2, 2, 0]) == [1, 2, 0, 3]


def test_nobody_stands_above_who_is_better_by_more_than_the_width() -> None:
    random = np.random.default_rng(5)
    for _ in range(50):
        logits = random.normal(-1, 1, 200).astype(np.float32)
        turns = random.integers(0, 9, 200)
        found = balanced(logits, ids(200), turns, request_id="r", limit=200)
        assert sorted(found) == list(range(200))
        best_below = np.maximum.accumulate(logits[found][::-1])[::-1]
        assert (best_below - logits[found]).max() <= WIDTH + 1e-6


def test_whose_place_was_given_by_turn() -> None:
    def told(logits: list[float], turns: list[int], limit: int = 99) -> list[bool]:
        found = by_turn(np.array(logits, dtype=np.float32), np.array(order(logits, turns, limit=limit), dtype=np.int64))
        return [bool(one) for one in found]

    assert told([0.70, 0.65, 0.60, 0.40], [4, 2, 0, 0]) == [True, True, False, False]
    assert told([0.70, 0.65, 0.60, 0.40], [2, 2, 2, 0]) == [False] * 4
    # Also where the better one is not in the list any more.
    assert told([0.70, 0.65, 0.60], [9, 0, 0], limit=2) == [True, True]
    assert told([0.5, 0.5], [3, 0]) == [False, False]  # as good as each other
    assert told([0.5], [3], limit=1) == [False]
    assert told([], []) == []


def test_a_hair_does_not_decide() -> None:
    """Bins of the scale would put .6999 and .7001 apart, whatever their turns."""
    assert order([0.7001, 0.6999], [1, 0]) == [1, 0]
    assert order([0.5501, 0.5499], [1, 0]) == [1, 0]
    # Nor one end of a band that starts at the best: who is last in it and who is first behind it are a hair apart too.
    assert order([0.70, 0.5501, 0.5499], [0, 5, 1]) == [0, 2, 1]


def test_what_is_equal_in_all_has_a_fixed_order_of_its_own_for_each_request() -> None:
    logits, turns = [0.5] * 8, [3] * 8
    found = {name: order(logits, turns, request_id=name) for name in ("a", "b", "c")}
    assert found == {
        "a": [6, 0, 3, 7, 5, 4, 2, 1],
        "b": [5, 3, 4, 0, 6, 2, 1, 7],
        "c": [5, 3, 7, 0, 4, 1, 2, 6],
    }


def test_the_order_does_not_depend_on_how_people_are_given() -> None:
    random = np.random.default_rng(6)
    logits = random.normal(-1, 1, 300).astype(np.float32)
    turns = random.integers(0, 3, 300)
    names = np.array(ids(300))
    found = names[balanced(logits, names.tolist(), turns, request_id="r", limit=40)]
    mixed = random.permutation(300)
    again = balanced(logits[mixed], names[mixed].tolist(), turns[mixed], request_id="r", limit=40)
    assert names[mixed][again].tolist() == found.tolist()


@pytest.mark.parametrize("limit", [1, 10, 300, 500])
def test_who_is_out_of_reach_changes_nothing(limit: int) -> None:
    random = np.random.default_rng(7)
    logits = random.normal(-1, 1, 300).astype(np.float32)
    turns = random.integers(0, 5, 300)
    names = ids(300)
    near = within_reach(logits, limit)
    found = near[balanced(logits[near], [names[p] for p in near], turns[near], request_id="r", limit=limit)]
    assert found.tolist() == balanced(logits, names, turns, request_id="r", limit=limit).tolist()
    assert len(found) == min(limit, 300)
    assert limit > 10 or len(near) < 300


def test_nobody_at_all() -> None:
    nobody = np.zeros(0, np.float32)
    assert within_reach(nobody, 5).tolist() == []
    assert balanced(nobody, [], np.zeros(0, np.int32), request_id="r", limit=5).tolist() == []


async def test_the_same_request_shows_the_same_list_again_and_again() -> None:
    ledger = Ledger(MemoryLedgerRepository())
    names = ids(100)
    numbers = ledger.numbers(names)
    logits = np.linspace(1.5, 0, 100, dtype=np.float32)

    def ask(request_id: str) -> list[int]:
        turns = ledger.turns(request_id, numbers)
        found = balanced(logits, names, turns, request_id=request_id, limit=10)
        ledger.record(request_id, [names[position] for position in found])
        return found.tolist()

    first = ask("first")
    assert ask("first") == first == ask("first")
    # The next request with the same log-odds shows others who fit as well, and the first one's list stays as it can.
    second = ask("second")
    assert not set(first[:8]) <= set(second[:8])
    assert ask("second") == second
