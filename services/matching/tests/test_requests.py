"""Mentoring requests through the real server: who may do what, and what is refused."""

from typing import Any
from uuid import uuid4

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from yinling.common.v1 import types_pb2
from yinling.matching.v1 import matching_pb2 as pb
from yinling.matching.v1 import matching_service_pb2 as service_pb

from yinling_common import paging
from yinling_common.identity import Identity, Role

HR = Identity("hr-1", Role.HR, organisation="攀钢集团")
OTHER_HR = Identity("hr-2", Role.HR, organisation="别的集团")
HR_OF_NOTHING = Identity("hr-3", Role.HR)
COORDINATOR = Identity("co-1", Role.COORDINATOR, organisation="攀钢集团")
RETIREE = Identity("r-1", Role.RETIREE, profile_id=str(uuid4()))
ADMIN = Identity("admin", Role.ADMIN)
State = pb.MentoringRequest


def given(**fields: Any) -> pb.MentoringRequest:
    return pb.MentoringRequest(**{"organisation": "攀钢集团", "title": "矿井通风"} | fields)


async def create(matching: Any, caller: Identity = HR, **fields: Any) -> pb.MentoringRequest:
    request = service_pb.CreateMentoringRequestRequest(mentoring_request=given(**fields))
    return await matching.call("CreateMentoringRequest", request, caller)


async def get(matching: Any, request_id: str, caller: Identity = HR) -> pb.MentoringRequest:
    return await matching.call("GetMentoringRequest", service_pb.GetMentoringRequestRequest(id=request_id), caller)


async def update(matching: Any, caller: Identity = HR, mask: tuple[str, ...] = (), **fields: Any) -> Any:
    request = service_pb.UpdateMentoringRequestRequest(
        mentoring_request=pb.MentoringRequest(**fields), update_mask=FieldMask(paths=mask)
    )
    return await matching.call("UpdateMentoringRequest", request, caller)


async def listed(matching: Any, caller: Identity = HR, **fields: Any) -> list[str]:
    found = await matching.call("ListMentoringRequests", service_pb.ListMentoringRequestsRequest(**fields), caller)
    return [request.title for request in found.mentoring_requests]


async def reason(matching: Any, call: Any) -> str:
    return str((await matching.refusal(call)).reason)


async def broken(matching: Any, awaitable: Any) -> tuple[str, str]:
    """Field and rule of an INVALID_ARGUMENT."""
    error = await matching.refusal(awaitable)
    assert error.reason == "INVALID_FIELD"
    assert error.violations[0].message
    return error.violations[0].field, error.violations[0].rule


async def test_what_is_created_is_read(matching: Any) -> None:
    created = await create(
        matching,
        id="ignored",
        etag="ignored",
        description=" 井下通风系统老化 ",
        requirements=[pb.Requirement(text="瓦斯治理", importance=pb.Requirement.IMPORTANCE_MUST)],
        city="四川省攀枝花市",
        mode=types_pb2.MODE_ON_SITE,
        physical_demands=[types_pb2.PHYSICAL_DEMAND_UNDERGROUND],
        start_date=types_pb2.Date(year=2026, month=9, day=1),
        blocked_profile_ids=[str(uuid4())],
        wishes=[pb.HARD_RULE_HOURS, pb.HARD_RULE_AVAILABILITY],
        min_years=20,
        min_title_level=types_pb2.TITLE_LEVEL_SENIOR,
        max_distance_km=300,
        weights=pb.Weights(must=2, nice=0),
    )
    assert created.wishes == [pb.HARD_RULE_AVAILABILITY, pb.HARD_RULE_HOURS]
    assert (created.min_years, created.min_title_level, created.max_distance_km) == (20, 4, 300)
    assert created.weights == pb.Weights(must=2, nice=0)
    assert created.id != "ignored"
    assert created.etag not in {"", "ignored"}
    assert created.city == "攀枝花"
    assert created.description == "井下通风系统老化"
    assert created.state == State.STATE_OPEN
    assert created.create_time == created.update_time
    assert await get(matching, created.id) == created
    assert await get(matching, created.id.upper(), ADMIN) == created


@pytest.mark.parametrize(
    ("fields", "field", "rule"),
    [
        ({"title": ""}, "mentoring_request.title", "string.min_len"),
        ({"title": " \t"}, "mentoring_request.title", "string.min_len"),
        ({"organisation": ""}, "mentoring_request.organisation", "string.min_len"),
        ({"title": "通" * 501}, "mentoring_request.title", "string.max_len"),
        ({"title": "通\0风"}, "mentoring_request.title", "string.no_nul"),
        ({"city": "攀枝花花"}, "mentoring_request.city", "city.unknown"),
        ({"hours_per_week": 400}, "mentoring_request.hours_per_week", "int32.gte_lte"),
        ({"mode": 9}, "mentoring_request.mode", "enum.defined_only"),
        ({"wishes": [pb.HARD_RULE_PHYSICAL]}, "mentoring_request.wishes[0]", "enum.in"),
        ({"wishes": [pb.HARD_RULE_MODE] * 2}, "mentoring_request.wishes", "repeated.unique"),
        ({"min_years": 61}, "mentoring_request.min_years", "int32.gte_lte"),
        ({"min_title_level": 9}, "mentoring_request.min_title_level", "enum.defined_only"),
        ({"max_distance_km": -1}, "mentoring_request.max_distance_km", "int32.gte_lte"),
        ({"weights": pb.Weights(must=0)}, "mentoring_request.weights.must", None),
        ({"state": 77}, "mentoring_request.state", "enum.defined_only"),
        ({"language": "中文"}, "mentoring_request.language", "string.pattern"),
        ({"description": "长" * 20001}, "mentoring_request.description", "string.max_len"),
        ({"blocked_profile_ids": ["x"]}, "mentoring_request.blocked_profile_ids[0]", "string.uuid"),
        ({"requirements": [pb.Requirement()]}, "mentoring_request.requirements[0].text", "string.min_len"),
        ({"requirements": [pb.Requirement(text=" ")]}, "mentoring_request.requirements[0].text", "string.min_len"),
        (
            {"start_date": types_pb2.Date(year=2026, month=2, day=30)},
            "mentoring_request.start_date",
            "date.exists",
        ),
        ({"start_date": types_pb2.Date(year=2026, month=13, day=1)}, "mentoring_request.start_date.month", None),
    ],
)
async def test_a_broken_field_is_named_and_nothing_is_written(
    matching: Any, fields: dict[str, Any], field: str, rule: str | None
) -> None:
    found = await broken(matching, create(matching, ADMIN, **fields))
    assert found[0] == field
    assert rule in {None, found[1]}
    assert await listed(matching, ADMIN) == []


async def test_an_unknown_city_gets_advice(matching: Any) -> None:
    error = await matching.refusal(create(matching, city="攀枝华"))
    assert "攀枝花" in error.message


async def test_a_new_request_is_draft_or_open(matching: Any) -> None:
    draft = await create(matching, state=State.STATE_DRAFT)
    assert (draft.state, draft.HasField("open_time")) == (State.STATE_DRAFT, False)
    posted = await create(matching)
    assert (posted.state, posted.open_time) == (State.STATE_OPEN, posted.create_time)
    error = await matching.refusal(create(matching, state=State.STATE_FILLED))
    assert (error.reason, error.metadata["state"]) == ("WRONG_STATE", "filled")


async def test_only_its_own_organisation_sees_and_writes_it(matching: Any) -> None:
    kept = await create(matching)
    draft = await create(matching, title="草稿", state=State.STATE_DRAFT)
    for caller in (OTHER_HR, HR_OF_NOTHING):
        assert await reason(matching, get(matching, kept.id, caller)) == "NOT_FOUND"
        assert (
            await matching.refusal(update(matching, caller, ("title",), id=kept.id, title="x"))
        ).reason == "NOT_FOUND"
        delete = service_pb.DeleteMentoringRequestRequest(id=kept.id)
        assert await reason(matching, matching.call("DeleteMentoringRequest", delete, caller)) == "NOT_FOUND"
        assert await reason(matching, create(matching, caller)) == "FORBIDDEN"
        assert await listed(matching, caller) == []
        assert await listed(matching, caller, organisation="攀钢集团") == []
    for caller in (COORDINATOR, RETIREE):
        assert await get(matching, kept.id, caller) == kept
        assert await reason(matching, get(matching, draft.id, caller)) == "NOT_FOUND"
        assert await listed(matching, caller) == ["矿井通风"]
        assert await listed(matching, caller, state=State.STATE_DRAFT) == []
        assert await reason(matching, create(matching, caller)) == "FORBIDDEN"
        assert (
            await matching.refusal(update(matching, caller, ("title",), id=kept.id, title="x"))
        ).reason == "FORBIDDEN"
    assert await listed(matching, ADMIN) == ["草稿", "矿井通风"]
    assert (
        await matching.refusal(update(matching, HR, ("organisation",), id=kept.id, organisation="别的集团"))
    ).reason == ("FORBIDDEN")


async def test_an_update_changes_what_its_mask_names(matching: Any) -> None:
    kept = await create(matching, description="旧", city="攀枝花", mentees=3)
    updated = await update(matching, mask=("description", "city"), id=kept.id, description="新", city="成都市")
    assert (updated.description, updated.city, updated.title, updated.mentees) == ("新", "成都", "矿井通风", 3)
    assert updated.etag != kept.etag
    assert updated.update_time.ToDatetime() > kept.update_time.ToDatetime()
    assert updated.create_time == kept.create_time
    assert await get(matching, kept.id) == updated
    # What the mask does not name is not looked at.
    await update(matching, mask=("mentees",), id=kept.id, city="没有这座城", mentees=4)
    wishes = {"wishes": [pb.HARD_RULE_MODE], "min_years": 30, "max_distance_km": 50, "weights": pb.Weights(words=0)}
    moved = await update(matching, mask=tuple(wishes), id=kept.id, **wishes)
    assert (moved.wishes, moved.min_years, moved.max_distance_km, moved.weights) == tuple(wishes.values())
    # No mask names everything that can be set.
    whole = await update(matching, id=kept.id, organisation="攀钢集团", title="全新")
    assert (whole.title, whole.description, whole.mentees, whole.state) == ("全新", "", 0, State.STATE_OPEN)
    assert (whole.wishes, whole.min_years, whole.HasField("weights")) == ([], 0, False)
    assert await broken(matching, update(matching, id=kept.id, organisation="攀钢集团")) == (
        "mentoring_request.title",
        "string.min_len",
    )
    assert await broken(matching, update(matching, mask=("title",), id="x", title="y")) == (
        "mentoring_request.id",
        "string.uuid",
    )
    assert await reason(matching, update(matching, mask=("title",), id=str(uuid4()), title="y")) == "NOT_FOUND"


@pytest.mark.parametrize("path", ["id", "etag", "create_time", "update_time", "nonsense", "requirements.text"])
async def test_a_mask_names_fields_that_can_be_set(matching: Any, path: str) -> None:
    kept = await create(matching)
    error = await matching.refusal(update(matching, mask=("title", path), id=kept.id, title="x"))
    assert error.reason == "INVALID_UPDATE_MASK"
    assert path in error.message
    assert await get(matching, kept.id) == kept


async def test_a_stale_etag_is_refused(matching: Any) -> None:
    kept = await create(matching)
    newer = await update(matching, mask=("title",), id=kept.id, title="一", etag=kept.etag)
    assert (
        await matching.refusal(update(matching, mask=("title",), id=kept.id, title="二", etag=kept.etag))
    ).reason == ("STALE_ETAG")
    delete = service_pb.DeleteMentoringRequestRequest(id=kept.id, etag=kept.etag)
    assert await reason(matching, matching.call("DeleteMentoringRequest", delete)) == "STALE_ETAG"
    assert await get(matching, kept.id) == newer
    await matching.call("DeleteMentoringRequest", service_pb.DeleteMentoringRequestRequest(id=kept.id, etag=newer.etag))
    assert await reason(matching, get(matching, kept.id)) == "NOT_FOUND"


async def test_states_move_as_they_may(matching: Any) -> None:
    kept = await create(matching, state=State.STATE_DRAFT)

    async def move(state: int) -> int:
        moved = await update(matching, mask=("state",), id=kept.id, state=state)
        return int(moved.state)

    assert await reason(matching, move(State.STATE_CLOSED)) == "WRONG_STATE"
    for state in (State.STATE_OPEN, State.STATE_OPEN, State.STATE_CLOSED, State.STATE_OPEN):
        assert await move(state) == state
    opened = await get(matching, kept.id)
    assert opened.create_time.ToDatetime() < opened.open_time.ToDatetime() < opened.update_time.ToDatetime()
    for state in (State.STATE_DRAFT, State.STATE_FILLED, State.STATE_EXPIRED):
        error = await matching.refusal(move(state))
        assert (error.reason, error.metadata["state"]) == ("WRONG_STATE", "open")


async def test_whom_an_enterprise_does_not_want_and_how_it_weighs_is_its_own_business(matching: Any) -> None:
    made = await create(matching, blocked_profile_ids=[RETIREE.profile_id], weights=pb.Weights(must=2))
    for caller, shown in [(HR, [RETIREE.profile_id]), (ADMIN, [RETIREE.profile_id]), (RETIREE, []), (COORDINATOR, [])]:
        seen = await get(matching, made.id, caller)
        assert (seen.blocked_profile_ids, seen.HasField("weights")) == (shown, bool(shown))
        page = await matching.call("ListMentoringRequests", service_pb.ListMentoringRequestsRequest(), caller)
        assert [list(request.blocked_profile_ids) for request in page.mentoring_requests] == [shown]


async def test_a_list_is_read_in_pages(matching: Any) -> None:
    for number in range(7):
        await create(matching, title=f"第{number}")
    titles, token = [], ""
    while True:
        page = await matching.call(
            "ListMentoringRequests", service_pb.ListMentoringRequestsRequest(page_size=3, page_token=token)
        )
        titles += [request.title for request in page.mentoring_requests]
        token = page.next_page_token
        if not token:
            break
    assert titles == [f"第{number}" for number in range(6, -1, -1)]


async def test_a_page_token_belongs_to_its_list(matching: Any) -> None:
    for _ in range(3):
        made = await create(matching)
    page = await matching.call("ListMentoringRequests", service_pb.ListMentoringRequestsRequest(page_size=1))
    token = page.next_page_token
    filters = {"organisation": "", "state": 0, "caller": [HR.role, HR.organisation]}
    too_early = paging.encode("mentoring_requests", filters, ["0001-01-01T00:00:00+08:00", made.id])
    for caller, fields in [
        (HR, {"page_token": too_early}),
        (HR, {"page_token": token, "state": State.STATE_OPEN}),
        (ADMIN, {"page_token": token}),
        (HR, {"page_token": token[:-4]}),
        (HR, {"page_token": "garbage"}),
    ]:
        assert await reason(matching, listed(matching, caller, **fields)) == "INVALID_PAGE_TOKEN"
    assert await broken(matching, listed(matching, page_size=201)) == ("page_size", "int32.gte_lte")


async def test_without_a_token_nothing_is_answered(matching: Any) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await matching.stub.IndexStatus(service_pb.IndexStatusRequest())
    assert caught.value.code() == grpc.StatusCode.UNAUTHENTICATED
