"""Who may do what: every role against every method, and what each of them sees."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import grpc
import pytest
from google.protobuf import field_mask_pb2
from yinling.common.v1 import types_pb2
from yinling.talent.v1 import talent_pb2
from yinling.talent.v1 import talent_service_pb2 as pb

OK, NO, NONE = grpc.StatusCode.OK, grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.NOT_FOUND

PERSON = talent_pb2.Profile(
    organisation="攀钢集团",
    employee_number="1",
    name="李建国",
    gender=types_pb2.GENDER_MALE,
    birth_year=1950,
    bio="简介",
    limits=[types_pb2.PHYSICAL_DEMAND_HEIGHTS],
    other_limits=["潜水"],
    consent=talent_pb2.Consent(granted=True),
    contact=talent_pb2.Contact(phone="1"),
)
SILENT = talent_pb2.Profile(organisation="攀钢集团", name="王静", contact=talent_pb2.Contact(phone="2"))


async def calls(client: Any, who: str, person: talent_pb2.Profile) -> dict[str, grpc.StatusCode]:
    """What a caller is answered on each method about one person; "retiree" is that person, "other" another one."""
    metadata = client.by("retiree", str(uuid4())) if who == "other" else client.by(who, person.id)
    stub = client.stub
    mask = field_mask_pb2.FieldMask(paths=["bio"])
    fresh = talent_pb2.Profile(organisation=person.organisation, name=f"新人{who}")
    unary = {
        "Get": stub.GetProfile(pb.GetProfileRequest(id=person.id), metadata=metadata),
        "List": stub.ListProfiles(pb.ListProfilesRequest(), metadata=metadata),
        "Search": stub.SearchProfiles(pb.SearchProfilesRequest(), metadata=metadata),
        "SearchNumber": stub.SearchProfiles(pb.SearchProfilesRequest(employee_number="1"), metadata=metadata),
        "Create": stub.CreateProfile(pb.CreateProfileRequest(profile=fresh), metadata=metadata),
        "Update": stub.UpdateProfile(
            pb.UpdateProfileRequest(profile=talent_pb2.Profile(id=person.id, bio=who), update_mask=mask),
            metadata=metadata,
        ),
        "BatchImport": stub.BatchImportProfiles(pb.BatchImportProfilesRequest(profiles=[fresh]), metadata=metadata),
        "Template": stub.GetRosterTemplate(pb.GetRosterTemplateRequest(), metadata=metadata),
    }
    answers = {name: await code_of(call) for name, call in unary.items()}
    watch = stub.WatchProfiles(pb.WatchProfilesRequest(), metadata=metadata)
    answers["Watch"] = await code_of(watch.read())
    watch.cancel()
    privacy = {
        "Audit": stub.ListAuditEntries(pb.ListAuditEntriesRequest(profile_id=person.id), metadata=metadata),
        "Contact": stub.GetContact(
            pb.GetContactRequest(profile_id=person.id, reader="h", engagement_id=str(uuid4())), metadata=metadata
        ),
        "Wordings": stub.ListConsentWordings(pb.ListConsentWordingsRequest(), metadata=metadata),
    }
    answers |= {name: await code_of(call) for name, call in privacy.items()}
    header = pb.ImportRosterHeader(filename="r.csv", organisation=person.organisation, validate_only=True)
    parts = [pb.ImportRosterRequest(header=header), pb.ImportRosterRequest(chunk="姓名,专长\n甲,高炉\n".encode())]
    answers["Import"] = await code_of(stub.ImportRoster(iter(parts), metadata=metadata).read())
    answers["Delete"] = await code_of(stub.DeleteProfile(pb.DeleteProfileRequest(id=person.id), metadata=metadata))
    if answers["Delete"] is OK:
        person = await create(client, talent_pb2.Profile(organisation=person.organisation, name="另一人"))
        metadata = client.by(who, person.id)
    answers["Erase"] = await code_of(stub.EraseProfile(pb.EraseProfileRequest(id=person.id), metadata=metadata))
    return answers


async def code_of(call: Any) -> grpc.StatusCode:
    try:
        await call
    except grpc.aio.AioRpcError as error:
        return error.code()
    return OK


METHODS = (
    "Get",
    "List",
    "Search",
    "SearchNumber",
    "Create",
    "Update",
    "Delete",
    "BatchImport",
    "Import",
    "Template",
    "Watch",
    "Audit",
    "Contact",
    "Wordings",
    "Erase",
)
MATRIX = {
    # Get, List, Search, SearchNumber, Create, Update, Delete, BatchImport, Import, Template, Watch, Audit, Contact, ...
    "admin": (OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, NO, OK, NO, OK, OK),
    "coordinator": (OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, NO, OK, NO, OK, OK),
    "stranger": (NONE, OK, OK, OK, NO, NONE, NONE, NO, NO, OK, NO, NONE, NO, OK, NONE),
    "retiree": (OK, NO, NO, NO, NO, OK, NO, NO, NO, NO, NO, OK, NO, OK, OK),
    "other": (NONE, NO, NO, NO, NO, NONE, NO, NO, NO, NO, NO, NONE, NO, OK, NONE),
    "hr": (OK, OK, OK, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, OK, NO),
    "service": (OK, NO, NO, NO, NO, NO, NO, NO, NO, NO, OK, NO, OK, OK, NO),
}
WITHOUT_CONSENT = {"hr": NONE, "service": NONE}
"""Who gets another answer to Get where the person has not agreed to be found."""


@pytest.mark.parametrize("who", MATRIX)
@pytest.mark.parametrize("consent", [True, False])
async def test_every_role_on_every_method(client: Any, who: str, consent: bool) -> None:
    person = await create(client, PERSON if consent else SILENT)
    expected = dict(zip(METHODS, MATRIX[who], strict=True))
    if not consent and who in WITHOUT_CONSENT:
        expected["Get"] = WITHOUT_CONSENT[who]
    assert await calls(client, who, person) == expected


async def test_nobody_without_a_token(client: Any) -> None:
    call = client.stub.GetProfile(pb.GetProfileRequest(id=str(uuid4())))
    assert await code_of(call) is grpc.StatusCode.UNAUTHENTICATED


async def create(client: Any, person: talent_pb2.Profile) -> talent_pb2.Profile:
    made: talent_pb2.Profile = await client.stub.CreateProfile(
        pb.CreateProfileRequest(profile=person), metadata=client.by("admin")
    )
    return made


def hidden(person: talent_pb2.Profile) -> set[str]:
    """Which of the fields that not everyone may see are empty."""
    names = ("contact", "gender", "birth_year", "employee_number", "limits", "other_limits")
    present = {field.name for field, _ in person.ListFields()}
    return {name for name in names if name not in present}


PRIVATE = {"contact", "gender", "birth_year", "employee_number"}


async def test_what_each_role_sees_of_a_person(client: Any) -> None:
    person = await create(client, PERSON)
    seen = {
        who: await client.stub.GetProfile(pb.GetProfileRequest(id=person.id), metadata=client.by(who, person.id))
        for who in ("admin", "coordinator", "retiree", "hr", "service")
    }
    assert seen["admin"] == seen["coordinator"] == seen["retiree"] == person
    assert hidden(seen["hr"]) == PRIVATE | {"limits", "other_limits"}
    assert hidden(seen["service"]) == PRIVATE
    assert seen["hr"].bio == "简介"


async def test_lists_and_searches_show_as_much_as_get(client: Any) -> None:
    await create(client, PERSON)
    await create(client, SILENT)
    for who, names in {
        "hr": ["李建国"],
        "coordinator": ["王静", "李建国"],
        "stranger": [],
        "admin": ["王静", "李建国"],
    }.items():
        listed = await client.stub.ListProfiles(pb.ListProfilesRequest(), metadata=client.by(who))
        found = await client.stub.SearchProfiles(pb.SearchProfilesRequest(), metadata=client.by(who))
        assert [p.name for p in listed.profiles] == [p.name for p in found.profiles] == names
        if who == "hr":
            assert hidden(listed.profiles[0]) == hidden(found.profiles[0]) == PRIVATE | {"limits", "other_limits"}


async def test_a_coordinator_cannot_look_into_another_organisation_by_naming_it(client: Any) -> None:
    await create(client, PERSON)
    request = pb.ListProfilesRequest(organisation="攀钢集团")
    assert not (await client.stub.ListProfiles(request, metadata=client.by("stranger"))).profiles


@pytest.mark.parametrize("field", ["organisation", "employee_number"])
async def test_a_retiree_cannot_change_what_the_office_keeps(client: Any, field: str) -> None:
    person = await create(client, PERSON)
    other = talent_pb2.Profile(id=person.id, name="李建国", organisation="宝武集团", employee_number="2")
    request = pb.UpdateProfileRequest(profile=other, update_mask=field_mask_pb2.FieldMask(paths=[field]))
    assert await code_of(client.stub.UpdateProfile(request, metadata=client.by("retiree", person.id))) is NO
    # Sent back unchanged they are no obstacle: a form holds every field.
    person.bio = "我自己写的"
    updated = await client.stub.UpdateProfile(
        pb.UpdateProfileRequest(profile=person), metadata=client.by("retiree", person.id)
    )
    assert updated.bio == "我自己写的"


async def test_a_coordinator_cannot_give_a_person_away(client: Any) -> None:
    person = await create(client, PERSON)
    away = talent_pb2.Profile(id=person.id, organisation="宝武集团")
    request = pb.UpdateProfileRequest(profile=away, update_mask=field_mask_pb2.FieldMask(paths=["organisation"]))
    assert await code_of(client.stub.UpdateProfile(request, metadata=client.by("coordinator"))) is NO
    moved = await client.stub.UpdateProfile(request, metadata=client.by("admin"))
    assert moved.organisation == "宝武集团"
    assert (
        await code_of(client.stub.GetProfile(pb.GetProfileRequest(id=person.id), metadata=client.by("coordinator")))
        is NONE
    )


async def test_a_batch_for_two_organisations_is_refused_whole(client: Any) -> None:
    rows = [talent_pb2.Profile(organisation=name, name="甲") for name in ("攀钢集团", "宝武集团")]
    call = client.stub.BatchImportProfiles(
        pb.BatchImportProfilesRequest(profiles=rows), metadata=client.by("coordinator")
    )
    assert await code_of(call) is NO
    assert not (await client.stub.ListProfiles(pb.ListProfilesRequest(), metadata=client.by("admin"))).profiles
