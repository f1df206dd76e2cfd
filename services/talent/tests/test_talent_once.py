"""A profile that is asked for twice under one request id is made once."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf import field_mask_pb2
from yinling.talent.v1 import talent_pb2
from yinling.talent.v1 import talent_service_pb2 as pb

from yinling_common.status import from_rpc_error

PROFILE = talent_pb2.Profile(organisation="攀钢集团", name="李建国", consent=talent_pb2.Consent(granted=True))


async def make(client: Any, key: str, profile: talent_pb2.Profile = PROFILE, who: str = "coordinator") -> Any:
    request = pb.CreateProfileRequest(profile=profile, request_id=key)
    return await client.stub.CreateProfile(request, metadata=client.by(who))


async def refused(client: Any, key: str, **changes: Any) -> list[tuple[str, str]]:
    profile = talent_pb2.Profile()
    profile.CopyFrom(PROFILE)
    for name, value in changes.items():
        setattr(profile, name, value)
    with pytest.raises(Exception) as caught:  # noqa: PT011 - an RPC error, read below
        await make(client, key, profile)
    return [(violation.field, violation.rule) for violation in from_rpc_error(caught.value).violations]


async def test_the_same_call_answers_the_same_profile(client: Any) -> None:
    key = str(uuid4())
    first = await make(client, key)
    assert await make(client, key.upper()) == first
    assert (await make(client, str(uuid4()))).id != first.id
    assert (await make(client, key, who="admin")).id != first.id
    assert await refused(client, key, name="王建国") == [("request_id", "request_id.reused")]


async def test_of_many_at_once_one_makes_it(client: Any) -> None:
    key = str(uuid4())
    numbered = talent_pb2.Profile()
    numbered.CopyFrom(PROFILE)
    numbered.employee_number = "PG-7"
    made = await asyncio.gather(*(make(client, key, numbered) for _ in range(8)))
    assert len({profile.id for profile in made}) == 1


async def test_what_was_changed_is_answered_as_it_is_and_what_was_deleted_is_not_made_again(client: Any) -> None:
    key = str(uuid4())
    made = await make(client, key)
    change = pb.UpdateProfileRequest(
        profile=talent_pb2.Profile(id=made.id, city="昆明"), update_mask=field_mask_pb2.FieldMask(paths=["city"])
    )
    await client.stub.UpdateProfile(change, metadata=client.by("coordinator"))
    assert (await make(client, key)).city == "昆明"
    await client.stub.DeleteProfile(pb.DeleteProfileRequest(id=made.id), metadata=client.by("coordinator"))
    assert await refused(client, key) == [("request_id", "request_id.reused")]
