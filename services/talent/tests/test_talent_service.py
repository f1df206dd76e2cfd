"""The service over a real port: profiles made, read, changed, listed, found and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import grpc
import pytest
from google.protobuf import field_mask_pb2
from yinling.common.v1 import types_pb2
from yinling.talent.v1 import talent_pb2
from yinling.talent.v1 import talent_service_pb2 as pb

from yinling_common.errors import ErrorReason, YinlingError
from yinling_common.status import from_rpc_error

if TYPE_CHECKING:
    from collections.abc import Awaitable

Date = types_pb2.Date


def profile(**values: Any) -> talent_pb2.Profile:
    return talent_pb2.Profile(**{"organisation": "攀钢集团", "name": "李建国", **values})


FULL = profile(
    employee_number="PG-001",
    gender=types_pb2.GENDER_FEMALE,
    birth_year=1955,
    city="四川省攀枝花市",
    former_employer="攀钢炼铁厂",
    last_position="车间主任",
    title_level=types_pb2.TITLE_LEVEL_SENIOR,
    industry="钢铁",
    years=35,
    skills=["高炉操作", "  炉况诊断 ", "高炉操作"],
    experience=[talent_pb2.ExperienceItem(title="大修", start_year=1990, end_year=1992, description="负责")],
    credentials=[talent_pb2.Credential(name="高级工程师", year=1998)],
    bio="一辈子在高炉边。\n第二行",
    modes=[types_pb2.MODE_ON_SITE],
    hours_per_week=10,
    max_distance_km=150,
    travel=types_pb2.TRAVEL_RANGE_PROVINCE,
    limits=[types_pb2.PHYSICAL_DEMAND_HEIGHTS],
    other_limits=["潜水"],
    languages=["zh"],
    wishes="带徒弟",
    capacity=2,
    available_from=Date(year=2026, month=1, day=31),
    available_to=Date(year=2027, month=2, day=28),
    consent=talent_pb2.Consent(granted=True, wording_version="2026-11"),
    contact=talent_pb2.Contact(phone="138 0000 0000", email="li@example.com"),
)


async def make(client: Any, message: talent_pb2.Profile = FULL, who: str = "coordinator") -> talent_pb2.Profile:
    result: talent_pb2.Profile = await client.stub.CreateProfile(
        pb.CreateProfileRequest(profile=message), metadata=client.by(who)
    )
    return result


async def refused(call: Awaitable[Any], code: grpc.StatusCode, reason: ErrorReason | None = None) -> YinlingError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    assert caught.value.code() is code, caught.value.details()
    error = from_rpc_error(caught.value)
    if reason:
        assert error.reason is reason
    return error


async def invalid(call: Awaitable[Any], field: str, rule: str) -> YinlingError:
    error = await refused(call, grpc.StatusCode.INVALID_ARGUMENT)
    assert (field, rule) in [(v.field, v.rule) for v in error.violations], error.violations
    return error


async def test_a_profile_comes_back_as_it_was_given_but_tidied(client: Any) -> None:
    made = await make(client)
    expected = talent_pb2.Profile()
    expected.CopyFrom(FULL)
    expected.city = "攀枝花"
    expected.skills[:] = ["高炉操作", "炉况诊断"]
    for name in ("id", "revision", "etag"):
        assert getattr(made, name)
        setattr(expected, name, getattr(made, name))
    expected.create_time.CopyFrom(made.create_time)
    expected.update_time.CopyFrom(made.update_time)
    expected.consent.update_time.CopyFrom(made.consent.update_time)
    assert made == expected
    assert made.consent.update_time == made.create_time
    assert await client.stub.GetProfile(pb.GetProfileRequest(id=made.id), metadata=client.by("coordinator")) == made


async def test_an_employee_number_is_taken_once_in_an_organisation(client: Any) -> None:
    await make(client)
    error = await refused(
        make(client, profile(name="王", employee_number="pg-００1")),
        grpc.StatusCode.ALREADY_EXISTS,
        ErrorReason.ALREADY_EXISTS,
    )
    assert error.metadata["resource"] == "profile"
    await make(client, profile(organisation="宝武集团", employee_number="PG-001"), "stranger")
    await make(client, profile(name="无号"))
    await make(client, profile(name="无号"))


@pytest.mark.parametrize(
    ("values", "field", "rule"),
    [
        ({"city": "火星市"}, "profile.city", "city.unknown"),
        ({"birth_year": 2050}, "profile.birth_year", "int32.gte_lte"),
        ({"birth_year": 2014}, "profile.birth_year", "profile.birth_year_adult"),
        ({"hours_per_week": 400}, "profile.hours_per_week", "int32.gte_lte"),
        ({"max_distance_km": 6001}, "profile.max_distance_km", "int32.gte_lte"),
        ({"bio": "长" * 5_000_000}, "profile.bio", "string.max_len"),
        ({"bio": "a\0b"}, "profile.bio", "string.no_nul"),
        ({"title_level": 99}, "profile.title_level", "enum.defined_only"),
        ({"name": ""}, "profile.name", "string.min_len"),
        ({"name": " \t "}, "profile.name", "string.min_len"),
        ({"organisation": ""}, "profile.organisation", "string.min_len"),
        ({"employee_number": "51040219500101123X"}, "profile.employee_number", "employee_number.identity_number"),
        ({"employee_number": "510402500101123"}, "profile.employee_number", "employee_number.identity_number"),
        ({"employee_number": "工号51040219500101123X"}, "profile.employee_number", "employee_number.identity_number"),
        ({"contact": {"email": "510402195001011234@example.com"}}, "profile.contact.email", "text.identity_number"),
        ({"bio": "身份证 510402 19500101 1234。"}, "profile.bio", "text.identity_number"),
        ({"skills": ["焊接", "５１０４０２１９５００１０１１２３４"]}, "profile.skills[1]", "text.identity_number"),
        ({"available_from": Date(year=2026, month=2, day=30)}, "profile.available_from", "date.exists"),
        (
            {"available_from": Date(year=2026, month=3, day=2), "available_to": Date(year=2026, month=3, day=1)},
            "profile.available_to",
            "profile.available_order",
        ),
        (
            {"experience": [talent_pb2.ExperienceItem(title="倒", start_year=1990, end_year=1980)]},
            "profile.experience[0].end_year",
            "experience.year_order",
        ),
        ({"contact": talent_pb2.Contact(email="no")}, "profile.contact.email", "string.email"),
        ({"contact": talent_pb2.Contact(phone="打")}, "profile.contact.phone", "string.pattern"),
    ],
)
async def test_bad_input_is_named_and_leaves_nothing(client: Any, values: Any, field: str, rule: str) -> None:
    await invalid(make(client, profile(**values)), field, rule)
    found = await client.stub.ListProfiles(pb.ListProfilesRequest(), metadata=client.by("admin"))
    assert not found.profiles
    assert (await client.service.store.changes(0, 10)).head == 0


async def test_an_identity_number_in_the_wrong_field_is_not_repeated(client: Any) -> None:
    for error in (
        await invalid(make(client, profile(city="510402195001011234")), "profile.city", "city.unknown"),
        await invalid(search(client, city="市 510402195001011234"), "city", "city.unknown"),
    ):
        assert "19500101" not in error.message


async def test_an_unknown_city_comes_with_advice(client: Any) -> None:
    error = await invalid(make(client, profile(city="攀枝华")), "profile.city", "city.unknown")
    assert "攀枝花" in error.message


@pytest.mark.parametrize(
    "text",
    [
        "ISBN 978-7-5024-5010-4 及电话 0812-3390000",
        "工程编号 510402199913451234 号",  # month 13
        "订单 1234567890123456789",
        "a510402500101123b",  # the old form among letters: too loose to be told from other numbers
    ],
)
async def test_other_long_numbers_are_kept(client: Any, text: str) -> None:
    assert (await make(client, profile(bio=text))).bio == text


async def update(client: Any, message: talent_pb2.Profile, *paths: str, who: str = "coordinator") -> talent_pb2.Profile:
    request = pb.UpdateProfileRequest(profile=message, update_mask=field_mask_pb2.FieldMask(paths=paths))
    result: talent_pb2.Profile = await client.stub.UpdateProfile(request, metadata=client.by(who))
    return result


async def test_an_update_changes_what_its_mask_names(client: Any) -> None:
    made = await make(client)
    change = talent_pb2.Profile(
        id=made.id, bio="新", city="成都市", contact=talent_pb2.Contact(phone="110", wechat="w"), years=1
    )
    changed = await update(client, change, "bio", "city", "contact.phone", "capacity")
    expected = talent_pb2.Profile()
    expected.CopyFrom(made)
    expected.bio, expected.city, expected.contact.phone = "新", "成都", "110"
    expected.ClearField("capacity")
    for name in ("revision", "etag"):
        assert getattr(changed, name) != getattr(made, name)
        setattr(expected, name, getattr(changed, name))
    expected.update_time.CopyFrom(changed.update_time)
    assert changed == expected
    assert changed.revision > made.revision


@pytest.mark.parametrize("mask", [(), ("*",)])
async def test_an_update_without_a_mask_replaces_everything(client: Any, mask: tuple[str, ...]) -> None:
    made = await make(client)
    changed = await update(client, profile(id=made.id, name="新名"), *mask)
    assert (changed.name, changed.bio, list(changed.skills), changed.HasField("contact")) == ("新名", "", [], False)
    assert (changed.id, changed.create_time) == (made.id, made.create_time)
    await invalid(update(client, talent_pb2.Profile(id=made.id, bio="x"), *mask), "profile.name", "string.min_len")


@pytest.mark.parametrize(
    "path",
    ["nonsense", "id", "etag", "revision", "create_time", "consent.update_time", "experience.title", "contact.", ""],
)
async def test_a_mask_with_a_path_that_cannot_be_set_is_refused(client: Any, path: str) -> None:
    made = await make(client)
    error = await refused(
        update(client, profile(id=made.id), "bio", path),
        grpc.StatusCode.INVALID_ARGUMENT,
        ErrorReason.INVALID_UPDATE_MASK,
    )
    assert error.metadata["path"] == path


async def test_a_stale_etag_is_told(client: Any) -> None:
    made = await make(client)
    first = await update(client, profile(id=made.id, bio="1", etag=made.etag), "bio")
    late = profile(id=made.id, bio="2", etag=made.etag)
    await refused(update(client, late, "bio"), grpc.StatusCode.ABORTED, ErrorReason.STALE_ETAG)
    delete = pb.DeleteProfileRequest(id=made.id, etag=made.etag)
    await refused(
        client.stub.DeleteProfile(delete, metadata=client.by("admin")), grpc.StatusCode.ABORTED, ErrorReason.STALE_ETAG
    )
    delete.etag = first.etag
    await client.stub.DeleteProfile(delete, metadata=client.by("admin"))
    await refused(client.stub.DeleteProfile(delete, metadata=client.by("admin")), grpc.StatusCode.NOT_FOUND)


async def test_an_update_that_changes_nothing_makes_no_revision(client: Any) -> None:
    made = await make(client)
    assert await update(client, made) == made


async def test_an_update_needs_the_id_of_a_profile(client: Any) -> None:
    for bad in ("x", "", f"urn:uuid:{uuid4()}", f"{{{uuid4()}}}"):
        await invalid(update(client, profile(id=bad), "bio"), "profile.id", "string.uuid")
    await refused(update(client, profile(id=str(uuid4())), "bio"), grpc.StatusCode.NOT_FOUND, ErrorReason.NOT_FOUND)


async def search(client: Any, who: str = "admin", **values: Any) -> list[str]:
    found = await client.stub.SearchProfiles(pb.SearchProfilesRequest(**values), metadata=client.by(who))
    return [p.name for p in found.profiles]


async def test_search_by_words_and_fields(client: Any) -> None:
    await make(client)
    await make(client, profile(organisation="宝武集团", name="张三", city="上海", bio="转炉 炼钢"), "stranger")
    assert await search(client, query="高炉　炼铁") == ["李建国"]
    assert await search(client, query="高炉 转炉") == []
    assert await search(client, city="攀枝花市") == ["李建国"]
    assert await search(client, min_title_level=types_pb2.TITLE_LEVEL_JUNIOR) == ["李建国"]
    assert await search(client, organisation="宝武集团") == ["张三"]
    assert await search(client, mode=types_pb2.MODE_REMOTE) == ["张三"]
    assert await search(client, employee_number="pg-001") == ["李建国"]
    assert await search(client, query="%") == []
    assert await search(client) == ["张三", "李建国"]
    await invalid(search(client, city="火星"), "city", "city.unknown")


async def test_pages_hold_everyone_once(client: Any) -> None:
    rows = [profile(name=f"人{i}", employee_number=str(i)) for i in range(7)]
    await client.stub.BatchImportProfiles(
        pb.BatchImportProfilesRequest(profiles=rows), metadata=client.by("coordinator")
    )
    names: list[str] = []
    token = ""
    while True:
        page = await client.stub.ListProfiles(
            pb.ListProfilesRequest(page_size=3, page_token=token), metadata=client.by("coordinator")
        )
        names += [p.name for p in page.profiles]
        token = page.next_page_token
        if not token:
            break
    assert names == [f"人{i}" for i in reversed(range(7))]


async def test_pages_of_very_large_profiles_stay_below_the_limit_of_a_message(client: Any) -> None:
    large = [talent_pb2.ExperienceItem(title="炉", description="炉" * 10_000)] * 100
    for i in range(7):
        await make(client, profile(name=f"人{i}", employee_number=str(i), experience=large))
    seen: list[list[str]] = []
    token = ""
    while token or not seen:
        page = await client.stub.ListProfiles(
            pb.ListProfilesRequest(page_size=200, page_token=token), metadata=client.by("coordinator")
        )
        seen.append([p.name for p in page.profiles])
        token = page.next_page_token
    assert seen == [["人6", "人5", "人4"], ["人3", "人2", "人1"], ["人0"]]


async def test_a_token_of_another_list_is_refused(client: Any) -> None:
    await make(client)
    await make(client, profile(name="乙"))
    admin = client.by("admin")
    page = await client.stub.ListProfiles(pb.ListProfilesRequest(page_size=1), metadata=admin)
    for call in (
        client.stub.SearchProfiles(pb.SearchProfilesRequest(page_token=page.next_page_token), metadata=admin),
        client.stub.ListProfiles(
            pb.ListProfilesRequest(page_token=page.next_page_token, organisation="攀钢集团"), metadata=admin
        ),
        client.stub.ListProfiles(pb.ListProfilesRequest(page_token="rubbish!"), metadata=admin),
    ):
        await refused(call, grpc.StatusCode.INVALID_ARGUMENT, ErrorReason.INVALID_PAGE_TOKEN)
