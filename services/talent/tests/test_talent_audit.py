"""The log of who read or changed whose data."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any
from uuid import uuid4

import grpc
import psycopg
import pytest
from google.protobuf import field_mask_pb2
from yinling.talent.v1 import talent_pb2
from yinling.talent.v1 import talent_service_pb2 as pb

from yinling_common.database import connect_options
from yinling_common.identity import Identity, Role
from yinling_talent.audit import Entry, Readers
from yinling_talent.domain import Profile
from yinling_talent.storage import ProfileStore

PERSON = talent_pb2.Profile(
    organisation="攀钢集团",
    name="李建国",
    employee_number="7",
    bio="简介",
    consent=talent_pb2.Consent(granted=True),
    contact=talent_pb2.Contact(phone="138"),
)


async def make(client: Any, **values: Any) -> talent_pb2.Profile:
    person = talent_pb2.Profile()
    person.CopyFrom(PERSON)
    person.MergeFrom(talent_pb2.Profile(**values))
    made: talent_pb2.Profile = await client.stub.CreateProfile(
        pb.CreateProfileRequest(profile=person), metadata=client.by("coordinator")
    )
    return made


async def log(client: Any, profile_id: str, who: str = "admin") -> list[Any]:
    """The entries, the oldest first."""
    entries: list[Any] = []
    token = ""
    while True:
        page = await client.stub.ListAuditEntries(
            pb.ListAuditEntriesRequest(profile_id=profile_id, page_size=3, page_token=token),
            metadata=client.by(who, profile_id),
        )
        entries += page.entries
        token = page.next_page_token
        if not token:
            return entries[::-1]


async def read(client: Any, profile_id: str, who: str) -> None:
    await client.stub.GetProfile(pb.GetProfileRequest(id=profile_id), metadata=client.by(who, profile_id))


async def test_every_change_names_who_and_which_fields_and_no_value(client: Any) -> None:
    made = await make(client)
    mine = client.by("retiree", made.id)
    change = talent_pb2.Profile(id=made.id, bio="新", contact=talent_pb2.Contact(phone="139"))
    for paths in (["bio", "contact"], ["consent.granted"], ["bio"]):
        await client.stub.UpdateProfile(
            pb.UpdateProfileRequest(profile=change, update_mask=field_mask_pb2.FieldMask(paths=paths)), metadata=mine
        )
    again = talent_pb2.Profile(organisation="攀钢集团", name="李建国", employee_number="7", skills=["高炉"])
    await client.stub.BatchImportProfiles(
        pb.BatchImportProfilesRequest(profiles=[again]), metadata=client.by("coordinator")
    )
    await client.stub.DeleteProfile(pb.DeleteProfileRequest(id=made.id), metadata=client.by("admin"))
    told = [
        (e.subject, e.role, e.organisation, e.action, e.resource, list(e.fields)) for e in await log(client, made.id)
    ]
    created = ["organisation", "employee_number", "name", "bio"]
    created += ["consent.granted", "consent.wording_version", "contact.phone"]
    assert told == [
        ("c", "coordinator", "攀钢集团", "create", "profile", created),
        ("r", "retiree", "", "update", "profile", ["bio", "contact.phone"]),
        ("r", "retiree", "", "update", "profile", ["consent.granted"]),  # the third one changed nothing
        ("c", "coordinator", "攀钢集团", "import", "profile", ["skills", "bio"]),
        ("a", "admin", "", "delete", "profile", []),
    ]


async def test_readers_are_told_once_an_hour_and_people_who_read_themselves_never(client: Any) -> None:
    made, other = await make(client), await make(client, employee_number="8")
    for _ in range(2):
        for who in ("hr", "coordinator", "retiree", "service"):
            await read(client, made.id, who)
        await client.stub.ListProfiles(pb.ListProfilesRequest(), metadata=client.by("hr"))
        await client.stub.SearchProfiles(pb.SearchProfilesRequest(query="李建国"), metadata=client.by("admin"))
    assert [(e.action, e.role) for e in await log(client, made.id, "retiree")] == [
        ("create", "coordinator"),
        ("read", "hr"),
        ("read", "coordinator"),
        ("read", "service"),
        ("read", "admin"),
    ]
    assert [e.subject for e in await log(client, other.id)] == ["c", "h", "a"]


async def test_a_page_is_told_of_those_who_are_on_it(client: Any) -> None:
    people = [await make(client, employee_number=str(n)) for n in range(3)]
    await client.stub.ListProfiles(pb.ListProfilesRequest(page_size=2), metadata=client.by("hr"))
    assert [len(await log(client, person.id)) for person in people] == [1, 2, 2]


async def test_an_hour_is_told_once_by_all_replicas_together(store: ProfileStore) -> None:
    async with store.unit() as unit:
        for n in range(20):
            unit.insert(
                Profile(id=str(uuid4()), organisation="甲", name=str(n), version=1, create_time=NOW, update_time=NOW)
            )
    ids = [p.id for p in unit.inserted.values()]
    by = Identity("h", Role.HR, "鞍钢")
    later = NOW + dt.timedelta(hours=1)
    for now in (NOW, later):
        await asyncio.gather(*(store.record_reads(ids[::step], by, now) for step in (1, -1, 1, -1)))
    await store.record_reads([str(uuid4())], by, NOW)  # nobody: nothing
    entries = [entry for id_ in ids for entry in await store.audit(id_, None, 10)]
    assert len(entries) == 40
    assert [e.time for e in await store.audit(ids[0], None, 10)] == [later, NOW]
    newest = (await store.audit(ids[0], None, 1))[0]
    assert [e.time for e in await store.audit(ids[0], newest.number, 10)] == [NOW]


NOW = dt.datetime(2026, 3, 1, 8, 30, tzinfo=dt.UTC)


def test_what_was_told_is_remembered_for_the_hour() -> None:
    readers, by = Readers(), Identity("h", Role.HR)
    assert readers.unseen(by, ["x", "y"], NOW) == ["x", "y"]
    readers.saw(by, ["x"])
    assert readers.unseen(by, ["x", "y"], NOW) == ["y"]
    assert readers.unseen(by, ["x"], NOW + dt.timedelta(minutes=30)) == ["x"]
    assert readers.unseen(Identity("r", Role.RETIREE, profile_id="x"), ["x", "y"], NOW) == ["y"]


async def test_an_engaged_enterprise_reads_how_to_reach_somebody_and_is_named(client: Any) -> None:
    made = await make(client)
    engagement = str(uuid4())
    request = pb.GetContactRequest(
        profile_id=made.id, reader="h", reader_role="hr", reader_organisation="鞍钢", engagement_id=engagement
    )
    for _ in range(2):  # each time
        contact = await client.stub.GetContact(request, metadata=client.by("service"))
        assert contact == made.contact
    entries = (await log(client, made.id, "retiree"))[1:]
    assert [(e.action, e.subject, e.role, e.organisation, e.resource, e.resource_id) for e in entries] == [
        ("read_contact", "h", "hr", "鞍钢", "engagement", engagement)
    ] * 2
    request.profile_id = str(uuid4())
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await client.stub.GetContact(request, metadata=client.by("service"))
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


async def test_the_log_belongs_to_the_person_and_their_office(client: Any) -> None:
    made = await make(client)
    await client.stub.DeleteProfile(pb.DeleteProfileRequest(id=made.id), metadata=client.by("coordinator"))
    # Of somebody deleted the log is still there: for them and for an administrator; whose office it was is not known.
    assert len(await log(client, made.id, "retiree")) == len(await log(client, made.id)) == 2
    for who, profile_id in (("coordinator", made.id), ("admin", str(uuid4()))):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await log(client, profile_id, who)
        assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    for token in ("x", "bm9uc2Vuc2U"):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await client.stub.ListAuditEntries(
                pb.ListAuditEntriesRequest(profile_id=made.id, page_token=token), metadata=client.by("admin")
            )
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET action = 'x'",
        "UPDATE audit_log SET profile_id = NULL, resource_id = ''",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
        "SET yinling.erasing = 'on'; UPDATE audit_log SET profile_id = NULL, resource_id = '', action = 'x'",
        "SET yinling.erasing = 'on'; UPDATE audit_log SET subject = 'somebody else'",
        "SET yinling.erasing = 'on'; DELETE FROM audit_log",
        "SET yinling.erasing = 'on'; TRUNCATE audit_log",
    ],
)
async def test_nothing_is_taken_out_of_the_log(client: Any, database_url: str, statement: str) -> None:
    made = await make(client)
    async with await psycopg.AsyncConnection.connect(database_url, **connect_options("talent")) as conn:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await conn.execute(statement)
    assert len(await log(client, made.id)) == 1


async def test_a_unit_that_fails_writes_nothing_down(store: ProfileStore) -> None:
    id_ = str(uuid4())
    with pytest.raises(ZeroDivisionError):
        async with store.unit() as unit:
            unit.note(Entry(time=NOW, subject="a", role="admin", organisation="", action="update", profile_id=id_))
            raise ZeroDivisionError
    assert await store.audit(id_, None, 10) == []
