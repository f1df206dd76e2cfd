"""What it would bring to relax a rule."""

import numpy as np

from yinling_common.types import PhysicalDemand
from yinling_matching.domain import HardRule
from yinling_matching.rules.columns import Mask
from yinling_matching.rules.relaxing import Relaxation, relaxations

SCORES = np.array([0.9, 0.8, 0.6, 0.5, 0.2, 0.0, 0.75, 0.55], dtype=np.float32)
LEAST = {"strong": 0.75, "good": 0.5}


def rows(*numbers: int) -> Mask:
    mask = np.zeros(len(SCORES), np.bool_)
    mask[list(numbers)] = True
    return mask


def test_people_are_counted_by_how_well_they_fit_and_the_most_come_first() -> None:
    reachable = {
        HardRule.LANGUAGE: rows(4, 5),
        HardRule.HOURS: rows(2, 3, 4),
        HardRule.CAPACITY: rows(6),
        HardRule.DISTANCE: rows(0, 1, 7),
    }
    assert [
        (r.rule, r.strong, r.good, round(r.best_score, 6)) for r in relaxations(reachable, {}, SCORES, **LEAST)
    ] == [
        (HardRule.DISTANCE, 2, 1, 0.9),
        (HardRule.CAPACITY, 1, 0, 0.75),
        (HardRule.HOURS, 0, 2, 0.6),
    ]


def test_of_the_body_each_demand_counts_for_itself_and_no_score_tells_who() -> None:
    only_demand = {PhysicalDemand.UNDERGROUND: rows(0, 1), "驾车": rows(3), PhysicalDemand.HEIGHTS: rows(4)}
    found = relaxations({HardRule.PHYSICAL: rows(0, 1, 2, 3, 4, 6)}, only_demand, SCORES, **LEAST)
    assert found == [
        Relaxation(HardRule.PHYSICAL, 2, 0, 0.75, PhysicalDemand.UNDERGROUND),
        Relaxation(HardRule.PHYSICAL, 1, 1, 0.75),  # more than one demand is in the way of these
        Relaxation(HardRule.PHYSICAL, 0, 1, 0.5, other_demand="驾车"),
    ]


def test_nobody_is_nothing() -> None:
    assert relaxations({}, {}, SCORES, **LEAST) == []
    assert relaxations({HardRule.MODE: rows()}, {}, SCORES, **LEAST) == []
