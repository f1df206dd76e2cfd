"""Texts that say nearly the same, told as one."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from yinling_matching.figures.domain import SkillGap
from yinling_matching.figures.gaps import Idle, Unmet

Floats = NDArray[np.float32]

MOST = 50
"""Gaps that are told of each kind."""

NEARLY_THE_SAME = 0.7
"""From this cosine on two short texts are taken for one. For the default model: in the sample roster 压缩机 and
离心压缩机 come to more, 水轮机运行 and 水压机操作 to 0.65."""

_LEADERS = 1000
"""Groups at most; the texts that are said most lead them. More would not be told anyway."""

_AT_ONCE = 2000


def unmet_demand(found: Sequence[Unmet]) -> list[SkillGap]:
    """The most asked first."""
    gaps = []
    for city in sorted({one.city for one in found}):
        of_city = [one for one in found if one.city == city]
        for group in grouped(np.array([one.vector for one in of_city]), [len(one.requests) for one in of_city]):
            requests = frozenset[str]().union(*(of_city[place].requests for place in group))
            gaps.append(SkillGap(of_city[group[0]].text, city, len(requests)))
    return _first(gaps)


def idle_supply(found: Sequence[Idle], fewest: int) -> tuple[list[SkillGap], Collection[str]]:
    """The most offered first, and the ids of those who offer it. What fewer people than `fewest` offer is left out."""
    told: dict[SkillGap, dict[str, str]] = {}
    if found:
        for group in grouped(np.array([one.vector for one in found]), [len(one.people) for one in found]):
            people = {id_: city for place in group for id_, city in found[place].people.items()}
            if len(people) >= fewest:
                cities = set(people.values())
                city = cities.pop() if len(cities) == 1 else ""
                told[SkillGap(found[group[0]].text, city, len(people))] = people
    gaps = _first(list(told))
    return gaps, {id_ for gap in gaps for id_ in told[gap]}


def grouped(vectors: Floats, sizes: Sequence[int]) -> list[list[int]]:
    """Put texts under the one that says nearly the same and is said most.

    Args:
        vectors: Of the texts, of length 1.
        sizes: How often each is said.

    Returns:
        Positions, in each group first the text that leads it.
    """
    order = np.argsort(-np.asarray(sizes), kind="stable")
    leaders: list[int] = []
    groups: dict[int, list[int]] = {}
    first = order[:_LEADERS]
    alike = vectors[first] @ vectors[first].T >= NEARLY_THE_SAME
    led = np.zeros(len(first), np.bool_)
    for place, text in enumerate(first.tolist()):
        if led[place]:
            continue
        members = np.flatnonzero(alike[place] & ~led)
        led[members] = led[place] = True
        leaders.append(text)
        groups[text] = [text, *(one for one in first[members].tolist() if one != text)]
    for start in range(_LEADERS, len(order), _AT_ONCE):
        portion = order[start : start + _AT_ONCE]
        cosines = vectors[portion] @ vectors[leaders].T
        nearest = cosines.argmax(axis=1)
        for place in np.flatnonzero(cosines.max(axis=1) >= NEARLY_THE_SAME).tolist():
            groups[leaders[nearest[place]]].append(int(portion[place]))
    return list(groups.values())


def _first(gaps: Sequence[SkillGap]) -> list[SkillGap]:
    return sorted(gaps, key=lambda gap: (-gap.count, gap.city, gap.skill))[:MOST]
