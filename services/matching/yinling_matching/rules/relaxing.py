"""What it would bring to relax a rule: counted among the people whom that one rule keeps out."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from yinling_common.types import PhysicalDemand
from yinling_matching.domain import HardRule
from yinling_matching.rules.columns import Floats, Mask


@dataclass(frozen=True, slots=True)
class Relaxation:
    """People whom one rule alone keeps out and who fit.

    Attributes:
        rule: The rule.
        strong: How many fit strongly.
        good: How many fit well, not counting the strong.
        best_score: The best among them. Of PHYSICAL only the least score of its class: an exact one would tell somebody
            who saw it before the demand was added whose body it is that does not allow it.
        physical_demand: Of PHYSICAL: the one demand without which they come in; unspecified where it is another word,
            or takes more than one.
        other_demand: The same where it is one of the request's other words.
    """

    rule: HardRule
    strong: int
    good: int
    best_score: float
    physical_demand: PhysicalDemand = PhysicalDemand.UNSPECIFIED
    other_demand: str = ""


def relaxations(
    reachable: Mapping[HardRule, Mask],
    only_demand: Mapping[PhysicalDemand | str, Mask],
    scores: Floats,
    *,
    strong: float,
    good: float,
) -> list[Relaxation]:
    """What each rule would bring, most strong first; rules that bring nobody good are left out.

    Rules that cannot be relaxed are not in `reachable`: nobody is told that they should unblock somebody or that
    somebody who has paused would fit. CAPACITY is: places become free again, and it may be worth to wait.

    Args:
        reachable: As in the assessment.
        only_demand: As in the assessment.
        scores: By row, 0 where nobody was scored; they must hold the people of `reachable`.
        strong: Least score that is strong.
        good: Least score that is good.
    """
    found = []
    for rule, mask in reachable.items():
        if rule is not HardRule.PHYSICAL:
            found.append(_counted(rule, mask, scores, (strong, good)))
            continue
        several = mask.copy()
        for demand, of_demand in only_demand.items():
            several &= ~of_demand
            found.append(_counted(rule, of_demand, scores, (strong, good), demand))
        found.append(_counted(rule, several, scores, (strong, good)))
    told = [relaxation for relaxation in found if relaxation.strong or relaxation.good]
    return sorted(
        told, key=lambda r: (-r.strong, -r.good, -r.best_score, r.rule, r.physical_demand or 99, r.other_demand)
    )


def _counted(
    rule: HardRule,
    mask: Mask,
    scores: Floats,
    least: tuple[float, float],
    demand: PhysicalDemand | str = PhysicalDemand.UNSPECIFIED,
) -> Relaxation:
    of_mask, (strong, good) = scores[mask], least
    strong_ones = int(np.count_nonzero(of_mask >= strong))
    best = float(of_mask.max(initial=0.0))
    if rule is HardRule.PHYSICAL:
        best = strong if strong_ones else good
    return Relaxation(
        rule=rule,
        strong=strong_ones,
        good=int(np.count_nonzero(of_mask >= good)) - strong_ones,
        best_score=best,
        physical_demand=demand if isinstance(demand, PhysicalDemand) else PhysicalDemand.UNSPECIFIED,
        other_demand="" if isinstance(demand, PhysicalDemand) else demand,
    )
