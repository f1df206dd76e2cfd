"""GetFigures through the real server: who gets which, for which days, and what is said of skills."""

from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from yinling.common.v1 import types_pb2
from yinling.matching.v1 import figures_service_pb2 as pb
from yinling.matching.v1 import figures_service_pb2_grpc as rpc

from yinling_common.identity import Identity, Role
from yinling_common.testing import Keys, serve_for_test
from yinling_common.types import TravelRange
from yinling_matching.days import today
from yinling_matching.domain import Person
from yinling_matching.engaging.testing import COMPANY, COORDINATOR, HR, OFFICE, OTHER_COORDINATOR, OTHER_HR, Sides
from yinling_matching.figures.grouping import grouped
from yinling_matching.figures.kept import Kept, Skills

ADMIN = Identity("admin", Role.ADMIN)
RETIREE = Identity("r-1", Role.RETIREE, profile_id=str(uuid4()))
ON_SITE = types_pb2.MODE_ON_SITE


@pytest.fixture
async def figures(matching: Any, keys: Keys) -> AsyncIterator[Callable[..., Any]]:
    """Asks for figures as somebody."""
    async with serve_for_test(matching.parts.add_servicers, keys.verifier("matching")) as channel:
        stub = rpc.FiguresServiceStub(channel)

        async def ask(caller: Identity, **fields: Any) -> Any:
            return await stub.GetFigures(
                pb.GetFiguresRequest(**fields), metadata=keys.metadata(caller, "matching"), timeout=60
            )

        yield ask


def somebody(*skills: str, office: str = OFFICE, city: str = "攀枝花") -> Person:
    return Person(str(uuid4()), office, "老张", city=city, skills=skills, travel=TravelRange.CITY)


def day(value: date) -> types_pb2.Date:
    return types_pb2.Date(year=value.year, month=value.month, day=value.day)


def gaps(found: Any) -> list[tuple[str, str, int]]:
    return [(gap.skill, gap.city, gap.count) for gap in found]


async def ask_for(sides: Sides, *texts: str, caller: Identity = HR, **fields: Any) -> Any:
    asked = [{"text": text, "importance": 1} for text in texts]
    given = {"title": "", "description": "请老师傅传帮带", "organisation": caller.organisation} | fields
    given["title"] = given["title"] or texts[0]
    return await sides.create(caller, requirements=asked, **given)


async def test_everybody_gets_their_own(matching: Any, figures: Callable[..., Any]) -> None:
    matching.feed.put(somebody("矿井通风"), somebody("矿井通风", office="别的局"))
    await matching.caught_up()
    sides = Sides(matching.call)
    await sides.create()
    await sides.create(OTHER_HR, organisation="别的集团")
    await sides.create(OTHER_HR, organisation="别的集团")

    async def made(caller: Identity, **fields: Any) -> tuple[int, int]:
        found = await figures(caller, **fields)
        return sum(one.count for one in found.requests), found.people

    assert await made(HR) == (1, 2)
    assert await made(HR, organisation=COMPANY, by=pb.GetFiguresRequest.BY_ENTERPRISE) == (1, 2)
    assert await made(OTHER_HR) == (2, 2)
    assert await made(COORDINATOR) == (0, 1)  # nobody of theirs was shown or asked yet
    assert await made(ADMIN) == (3, 2)
    assert await made(ADMIN, organisation=COMPANY) == (1, 2)
    assert await made(ADMIN, organisation=OFFICE, by=pb.GetFiguresRequest.BY_OFFICE) == (0, 1)
    before = today()
    found = await figures(HR)
    assert [(one.name, one.count) for one in found.requests] == [("STATE_OPEN", 1)]
    last = date(found.end_date.year, found.end_date.month, found.end_date.day)
    assert before <= last <= today()
    assert found.start_date == day(last - timedelta(days=90))
    assert not found.time_to_reply.count
    assert not found.time_to_reply.HasField("median")


@pytest.mark.parametrize(
    ("caller", "fields"),
    [
        (RETIREE, {}),
        (HR, {"organisation": "别的集团"}),
        (HR, {"organisation": COMPANY, "by": pb.GetFiguresRequest.BY_OFFICE}),
        (COORDINATOR, {"organisation": "别的局"}),
        (COORDINATOR, {"by": pb.GetFiguresRequest.BY_ENTERPRISE}),
        (Identity("hr-0", Role.HR), {}),
        (Identity("co-0", Role.COORDINATOR), {}),
    ],
)
async def test_nobody_gets_those_of_others(
    matching: Any, figures: Callable[..., Any], caller: Identity, fields: Any
) -> None:
    assert (await matching.refusal(figures(caller, **fields))).reason == "FORBIDDEN"


@pytest.mark.parametrize(
    ("first", "last", "rule"),
    [
        (date(2026, 3, 2), date(2026, 3, 1), "date.order"),
        (date(2016, 1, 1), date(2026, 3, 1), "date.period"),
        (date(2099, 12, 30), None, "date.order"),
    ],
)
async def test_a_period_must_be_one(
    matching: Any, figures: Callable[..., Any], first: date, last: date | None, rule: str
) -> None:
    given = {"start_date": day(first)} | ({"end_date": day(last)} if last else {})
    error = await matching.refusal(figures(ADMIN, **given))
    assert [(one.field, one.rule) for one in error.violations] == [("start_date", rule)]


@pytest.mark.parametrize("last", [date(1900, 1, 1), date(2100, 12, 31)])
async def test_the_ends_of_the_calendar_are_days_too(figures: Callable[..., Any], last: date) -> None:
    found = await figures(ADMIN, end_date=day(last))
    assert (found.end_date, found.requests, found.fill_rate) == (day(last), [], 0.0)


async def test_a_day_that_is_not_in_the_calendar(matching: Any, figures: Callable[..., Any]) -> None:
    error = await matching.refusal(figures(ADMIN, end_date=types_pb2.Date(year=2026, month=2, day=30)))
    assert [(one.field, one.rule) for one in error.violations] == [("end_date", "date.exists")]


async def test_nobody_is_missed_before_everybody_is_there(matching: Any, figures: Callable[..., Any]) -> None:
    matching.parts.progress.restart()
    assert (await matching.refusal(figures(ADMIN))).reason == "SERVICE_UNAVAILABLE"
    matching.parts.progress.arrived()
    assert (await figures(ADMIN)).people == 0


async def test_what_is_asked_and_offered_in_vain(matching: Any, figures: Callable[..., Any]) -> None:
    makers = [somebody("琵琶制作") for _ in range(2)]
    other = somebody("琵琶制作", office="别的局", city="成都")
    loner = somebody("矿井通风", "古籍修复")
    matching.feed.put(*makers, other, loner)
    await matching.caught_up()
    sides = Sides(matching.call)
    assert gaps((await figures(ADMIN)).idle_supply) == []  # without a request nothing is said
    both = await ask_for(sides, "矿井通风", "翡翠雕刻鉴定")
    far = await ask_for(sides, "矿井通风", city="哈尔滨", mode=ON_SITE)
    jade = await ask_for(sides, "翡翠雕刻鉴定", caller=OTHER_HR)
    await ask_for(sides, "翡翠雕刻鉴定", caller=OTHER_HR, state=1)  # a draft

    everything = await figures(ADMIN)
    assert gaps(everything.unmet_demand) == [("翡翠雕刻鉴定", "", 2), ("矿井通风", "哈尔滨", 1)]
    assert gaps(everything.idle_supply) == [("琵琶制作", "", 3), ("古籍修复", "攀枝花", 1)]
    # What was found for an administrator is not what an enterprise may know, for the same requests.
    assert len((await figures(ADMIN, organisation=HR.organisation)).idle_supply) == 2
    ours = await figures(HR)
    assert gaps(ours.unmet_demand) == [("翡翠雕刻鉴定", "", 1), ("矿井通风", "哈尔滨", 1)]
    assert gaps(ours.idle_supply) == [("琵琶制作", "", 3)]  # what one person offers is not told to an enterprise
    theirs = await figures(OTHER_HR)
    assert gaps(theirs.unmet_demand) == [("翡翠雕刻鉴定", "", 1)]
    assert gaps(theirs.idle_supply) == [("琵琶制作", "", 3)]
    office = await figures(COORDINATOR)
    assert gaps(office.unmet_demand) == gaps(everything.unmet_demand)
    assert gaps(office.idle_supply) == [("琵琶制作", "攀枝花", 2), ("古籍修复", "攀枝花", 1)]
    assert gaps((await figures(OTHER_COORDINATOR)).idle_supply) == [("琵琶制作", "成都", 1)]
    assert gaps((await figures(ADMIN)).idle_supply) == gaps(everything.idle_supply)
    without = await figures(ADMIN, without_skills=True)
    assert (gaps(without.unmet_demand), gaps(without.idle_supply)) == ([], [])
    assert without.people == 4

    # What they were asked for was closed in the period, and nobody was found: it still counts.
    await sides.do("CloseMentoringRequest", jade.id, OTHER_HR)
    assert gaps((await figures(OTHER_HR)).unmet_demand) == [("翡翠雕刻鉴定", "", 1)]
    # And what is filled wants nobody.
    for request in (both, far):
        await sides.do("FillMentoringRequest", request.id, HR)
    assert gaps((await figures(HR)).unmet_demand) == []


async def test_who_is_gone_is_told_of_no_more(matching: Any, figures: Callable[..., Any]) -> None:
    one, other = somebody("琵琶制作"), somebody("古籍修复")
    matching.feed.put(one, other)
    await matching.caught_up()
    await ask_for(Sides(matching.call), "矿井通风")
    assert len((await figures(ADMIN)).idle_supply) == 2
    matching.feed.remove(one.id)
    await matching.caught_up()
    assert gaps((await figures(ADMIN)).idle_supply) == [("古籍修复", "攀枝花", 1)]


def test_texts_that_say_nearly_the_same_are_one() -> None:
    vectors = np.array([[1, 0], [0, 1], [0.99, 0.14], [0.14, 0.99], [-1, 0]], np.float32)
    assert grouped(vectors, [1, 1, 3, 1, 1]) == [[2, 0], [1, 3], [4]]
    many = np.tile(vectors, (900, 1))
    groups = grouped(many, [1] * len(many))
    assert sorted(map(len, groups)) == [900, 1800, 1800]
    assert sorted(place for group in groups for place in group) == list(range(len(many)))


async def test_an_answer_is_kept_while_nothing_changes() -> None:
    kept, found = Kept(), list[str]()

    async def find() -> Skills:
        found.append("once")
        return Skills(people=["a"])

    here = frozenset({"a", "b"})
    for _ in range(3):
        await kept.get("key", 1, here, find)
    assert len(found) == 1
    await kept.get("another key", 1, here, find)
    assert len(found) == 2
    await kept.get("key", 1, frozenset({"b"}), find)  # whom it tells of is gone
    assert len(found) == 3


async def test_an_error_is_not_kept() -> None:
    kept = Kept()

    async def fail() -> Skills:
        raise LookupError

    async def find() -> Skills:
        return Skills()

    with pytest.raises(LookupError):
        await kept.get("key", 1, frozenset(), fail)
    assert await kept.get("key", 1, frozenset(), find) == Skills()
