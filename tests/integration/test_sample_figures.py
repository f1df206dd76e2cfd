"""What the sample requests ask, and the sample people offer, in vain: through the real model."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from yinling_common.types import Mode, TravelRange
from yinling_matching.catalogue.catalogue import Catalogue
from yinling_matching.catalogue.entries import Indexed, Put
from yinling_matching.catalogue.facets import facets_of
from yinling_matching.converters.profiles import person
from yinling_matching.domain import Importance, MentoringRequest, Person, Requirement
from yinling_matching.embedding import load_embedder
from yinling_matching.figures.asking import asked_points
from yinling_matching.figures.domain import SkillGap
from yinling_matching.figures.gaps import find_gaps
from yinling_matching.figures.grouping import idle_supply, unmet_demand
from yinling_matching.figures.repository import Asked
from yinling_matching.index import FlatIndex
from yinling_matching.testing import MemoryEmbeddingRepository
from yinling_matching.vectors import Vectors
from yinling_runner import sample
from yinling_talent.converters import profile_to
from yinling_talent.roster import RosterRow, read_roster

pytestmark = pytest.mark.model

NOBODYS = {"Port state control inspections", "Non-conformance management", "用斯瓦希里语授课", "极区航行经验"}
MISSED = {"防突效果检验指标测定", "氧化皮检查与运行控制"}
"""Somebody offers them, in other words."""
STRANGE = (
    "苏州评弹三弦演奏", "潜艇声呐调校", "航天员出舱训练", "古筝制作与调音", "半导体光刻工艺", "动物园大熊猫饲养",
    "钢琴调律", "眼科手术", "基因测序",
)  # fmt: skip
LUTES = ("琵琶制作", "手工琵琶制作", "琵琶制作与修复")


class Sample:
    """The sample people in a catalogue, with three lute makers beside them."""

    def __init__(self) -> None:
        self._embedder = load_embedder()
        self._threads = [ThreadPoolExecutor(1) for _ in range(2)]
        self._vectors = Vectors(
            self._embedder, MemoryEmbeddingRepository(), queries=self._threads[0], passages=self._threads[1]
        )
        self.catalogue = Catalogue(lambda: FlatIndex(self._embedder.dimensions))
        rows = read_roster(sample.roster_path(), "roster.xlsx", "", today=date(2026, 11, 22))
        people = [person(profile_to(row.profile)) for row in rows if isinstance(row, RosterRow)]
        makers = [Person("", "民乐厂", city="苏州", skills=(skill,)) for skill in LUTES]
        self._put([replace(one, id=str(number)) for number, one in enumerate([*people, *makers])])

    def close(self) -> None:
        self._embedder.close()
        for thread in self._threads:
            thread.shutdown()

    def change(self, **fields: object) -> None:
        """Everybody in the catalogue becomes so."""
        with self.catalogue.reading() as view:
            puts = [
                Put(
                    replace(entry.indexed, person=replace(entry.indexed.person, **fields)),  # type: ignore[arg-type] # of a person
                    view.index.reconstruct(entry.slots),
                )
                for entry in view.entries()
            ]
        self.catalogue.apply(puts, self.catalogue.revision + 1)

    async def gaps(self, *requests: MentoringRequest) -> tuple[list[SkillGap], list[SkillGap]]:
        given = [replace(request, id=str(number)) for number, request in enumerate(requests)]
        points = await asked_points(self._vectors, Asked(given, frozenset(request.id for request in given)))
        unmet, idle = find_gaps(self.catalogue, points, "")
        return unmet_demand(unmet), list(idle_supply(idle, 1)[0])

    def _put(self, people: list[Person]) -> None:
        said = [tuple(facets_of(one)) for one in people]
        texts = sorted({facet.text for facets in said for facet in facets}, key=len)
        vectors = dict(zip(texts, self._embedder.encode_passages(texts), strict=True))
        size = (-1, self._embedder.dimensions)
        puts = [
            Put(
                Indexed(one, facets, tuple(b"" for _ in facets)),
                np.array([vectors[facet.text] for facet in facets], np.float32).reshape(size),
            )
            for one, facets in zip(people, said, strict=True)
        ]
        self.catalogue.apply(puts, 1)


@pytest.fixture(scope="module")
def everybody() -> Iterator[Sample]:
    made = Sample()
    yield made
    made.close()


def sample_requests() -> list[MentoringRequest]:
    return [
        MentoringRequest(
            one["organisation"],
            one["title"],
            description=one["description"],
            requirements=tuple(
                Requirement(each["text"], Importance[each["importance"].upper()]) for each in one["requirements"]
            ),
        )
        for one in sample.requests()
    ]


def wanting(*texts: str, city: str = "", mode: Mode = Mode.UNSPECIFIED) -> MentoringRequest:
    asked = tuple(Requirement(text, Importance.MUST) for text in texts)
    return MentoringRequest("远山矿业集团", "请老师傅", requirements=asked, city=city, mode=mode)


async def test_what_the_sample_requests_ask_for_in_vain(everybody: Sample) -> None:
    unmet, idle = await everybody.gaps(*sample_requests())
    told = {gap.skill for gap in unmet}
    assert told >= NOBODYS, told
    assert len(told) <= 12, told  # of ninety
    assert len(told & MISSED) <= 2
    offered = {gap.skill for gap in idle}
    assert not offered & {"瓦斯抽采", "高炉操作", "继电保护整定计算", "案例开发"}
    # Three ways to say it are one skill, of three people of one city.
    assert SkillGap("琵琶制作", "苏州", 3) in idle


async def test_trades_that_nobody_has_are_told(everybody: Sample) -> None:
    unmet, _ = await everybody.gaps(wanting(*STRANGE), wanting(STRANGE[0]), wanting("高炉操作", "瓦斯抽采"))
    told = {gap.skill: gap.count for gap in unmet}
    assert told.keys() <= set(STRANGE)
    assert len(told) >= 8, told
    assert unmet[0] == SkillGap(STRANGE[0], "", 2)


async def test_what_is_asked_for_is_not_idle(everybody: Sample) -> None:
    _, idle = await everybody.gaps(wanting("琵琶制作"))
    assert "琵琶制作" not in {gap.skill for gap in idle}


async def test_nobody_comes_so_far(everybody: Sample) -> None:
    far = wanting("高炉操作", city="和田", mode=Mode.ON_SITE)
    everybody.change(travel=TravelRange.NATIONWIDE, max_distance_km=0)
    assert (await everybody.gaps(far))[0] == []
    everybody.change(travel=TravelRange.CITY)
    assert (await everybody.gaps(far))[0] == [SkillGap("高炉操作", "和田", 1)]
    assert (await everybody.gaps(replace(far, mode=Mode.REMOTE)))[0] == []
