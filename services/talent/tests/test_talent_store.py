"""What every store of profiles promises: the real one and the one in memory."""

import dataclasses
import datetime as dt
from uuid import uuid4

import pytest

from yinling_common.errors import AlreadyExists
from yinling_common.types import Gender, Mode, PhysicalDemand, TitleLevel, TravelRange
from yinling_talent.domain import Consent, Contact, Credential, ExperienceItem, Profile, searchable
from yinling_talent.storage import Filter, ProfileStore

NOW = dt.datetime(2026, 3, 1, 8, 30, 15, 123456, tzinfo=dt.UTC)


def person(name: str = "李建国", **values: object) -> Profile:
    defaults: dict[str, object] = {
        "id": str(uuid4()),
        "organisation": "攀钢集团",
        "name": name,
        "consent": Consent(granted=True, wording_version="2026-01", update_time=NOW),
        "version": 1,
        "create_time": NOW,
        "update_time": NOW,
    }
    return Profile(**{**defaults, **values})  # type: ignore[arg-type]


FULL = person(
    employee_number="PG-001",
    gender=Gender.MALE,
    birth_year=1952,
    city="攀枝花",
    former_employer="攀钢集团炼铁厂",
    last_position="高炉车间主任",
    title_level=TitleLevel.SENIOR,
    industry="钢铁",
    years=38,
    skills=("高炉操作", "炉况诊断 50%_诊断"),
    experience=(
        ExperienceItem(
            title="4号高炉大修", organisation="炼铁厂", start_year=1998, end_year=2001, description="技术负责"
        ),
    ),
    credentials=(Credential(name="高级工程师", issuer="冶金部", year=1996),),
    bio="Blast furnace  Expert",
    modes=(Mode.ON_SITE, Mode.REMOTE),
    hours_per_week=12,
    travel=TravelRange.PROVINCE,
    max_distance_km=300,
    limits=(PhysicalDemand.HEIGHTS, PhysicalDemand.DUST_AND_NOISE),
    other_limits=("潜水",),
    languages=("zh", "en"),
    wishes="带徒弟",
    capacity=0,
    available_from=dt.date(2026, 4, 1),
    available_to=dt.date(2027, 3, 31),
    paused=True,
    contact=Contact(phone="0812 339 0000", email="li@example.com", wechat="li_jg", address="攀枝花市东区"),
)


async def put(store: ProfileStore, *profiles: Profile) -> list[Profile]:
    async with store.unit() as unit:
        for profile in profiles:
            unit.insert(profile)
    return [dataclasses.replace(p, revision=unit.revisions[p.id]) for p in profiles]


async def test_what_is_written_is_read(store: ProfileStore) -> None:
    bare = person("张三", consent=Consent())
    written = await put(store, FULL, bare)
    assert [await store.get(p.id) for p in written] == written
    assert await store.get(str(uuid4())) is None
    changed = dataclasses.replace(FULL, bio="改", capacity=None, available_to=None, skills=(), version=2)
    async with store.unit() as unit:
        assert await unit.lock(FULL.id) == written[0]
        unit.update(changed)
    assert await store.get(FULL.id) == dataclasses.replace(changed, revision=3)
    async with store.unit() as unit:
        await unit.lock(FULL.id)
        unit.delete(FULL.id)
    assert await store.get(FULL.id) is None


async def test_a_unit_that_fails_leaves_nothing_and_no_hole(store: ProfileStore) -> None:
    with pytest.raises(ZeroDivisionError):
        async with store.unit() as unit:
            unit.insert(FULL)
            raise ZeroDivisionError
    await put(store, FULL)
    twin = person("王五", employee_number="ｐｇ-001")  # full width and lower case: the same number
    with pytest.raises(AlreadyExists):
        await put(store, person("赵六"), twin)
    await put(store, dataclasses.replace(twin, organisation="宝武集团"))
    changes = await store.changes(0, 10)
    assert changes.head == 2
    assert [c.revision for c in changes.changes] == [1, 2]


async def test_the_feed_has_each_profile_once_as_it_is_now(store: ProfileStore) -> None:
    a, b, c, d = await put(store, person("甲"), person("乙"), person("丙"), person("丁", consent=Consent()))
    async with store.unit() as unit:
        unit.update(dataclasses.replace(a, bio="新", version=2))
    async with store.unit() as unit:
        unit.delete(b.id)
    async with store.unit() as unit:
        unit.update(dataclasses.replace(c, consent=Consent(update_time=NOW), version=2))
    batch = await store.changes(0, 10)
    assert batch.head == 7
    assert [(x.revision, x.profile_id, x.profile and x.profile.bio) for x in batch.changes] == [
        (4, d.id, None),
        (5, a.id, "新"),
        (6, b.id, None),
        (7, c.id, None),
    ]
    assert [x.revision for x in (await store.changes(4, 2)).changes] == [5, 6]
    assert (await store.changes(7, 2)).changes == ()
    assert (await store.changes(7, 2)).head == 7
    removals = await store.changes(0, 2, removals_only=True)
    assert (removals.head, [x.revision for x in removals.changes]) == (7, [4, 6])
    assert [x.profile_id for x in (await store.changes(6, 2, removals_only=True)).changes] == [c.id]


@pytest.mark.parametrize(
    ("which", "hit"),
    [
        (Filter(), True),
        (Filter(organisation="攀钢集团"), True),
        (Filter(organisation="攀钢"), False),
        (Filter(consented=True), True),
        (Filter(city="攀枝花"), True),
        (Filter(city="成都"), False),
        (Filter(industry="钢铁"), True),
        (Filter(industry="钢"), False),
        (Filter(min_title_level=TitleLevel.SENIOR), True),
        (Filter(min_title_level=TitleLevel.CHIEF), False),
        (Filter(skill="高炉操作"), True),
        (Filter(skill="高炉"), False),
        (Filter(mode=Mode.REMOTE), True),
        (Filter(number_key="pg-001"), True),
        (Filter(number_key="pg"), False),
        (Filter(words=("高炉", "大修")), True),
        (Filter(words=("高炉", "转炉")), False),
        (Filter(words=(searchable("ＦＵＲＮＡＣＥ　expert"),)), True),
        (Filter(words=("50%_诊",)), True),
        (Filter(words=("炉%断",)), False),
        (Filter(words=("炉_诊断",)), False),
        (Filter(words=("0812",)), False),  # contact details cannot be found
    ],
)
async def test_filters(store: ProfileStore, which: Filter, hit: bool) -> None:
    await put(store, FULL)
    assert bool(await store.find(which, None, 10)) is hit


async def test_filters_leave_out_who_has_no_consent_and_keep_who_names_no_mode(store: ProfileStore) -> None:
    silent, remote = await put(store, person("甲", consent=Consent()), person("乙", modes=(Mode.REMOTE,)))
    assert await store.find(Filter(consented=True), None, 10) == [remote]
    assert await store.find(Filter(mode=Mode.ON_SITE), None, 10) == [silent]


async def test_lists_begin_with_the_latest_change(store: ProfileStore) -> None:
    people = await put(store, *(person(f"人{i}") for i in range(5)))
    async with store.unit() as unit:
        unit.update(dataclasses.replace(people[1], bio="新", version=2))
    found = await store.find(Filter(), None, 3)
    assert [p.name for p in found] == ["人1", "人4", "人3"]
    assert [p.name for p in await store.find(Filter(), found[-1].revision, 3)] == ["人2", "人0"]


async def test_matching_is_by_number_or_person_inside_the_organisation(store: ProfileStore) -> None:
    numbered = person("甲", employee_number="7", birth_year=1950)
    twin = person("甲", birth_year=1950)
    elsewhere = person("甲", employee_number="7", birth_year=1950, organisation="宝武集团")
    other = person("乙", employee_number="8")
    await put(store, numbered, twin, elsewhere, other)
    async with store.unit() as unit:
        found = await unit.lock_matching([Profile(organisation="攀钢集团", name="丙", employee_number="７")])
        assert [p.id for p in found] == [numbered.id]
        found = await unit.lock_matching([Profile(organisation="攀钢集团", name=" 甲", birth_year=1950)])
        assert {p.id for p in found} == {numbered.id, twin.id}
        assert await unit.lock_matching([Profile(organisation="攀钢集团", name="丙")]) == []
