"""Erasing a person in talent: nothing stays but the tombstone that the feed needs."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import grpc
import psycopg
import pytest
from yinling.talent.v1 import talent_pb2
from yinling.talent.v1 import talent_service_pb2 as pb

from yinling_common.database import connect_options

WORD = "独一无二词"
NUMBER, PHONE, MAIL = "NUMMER-7788", "13800007788", "x7788@example.com"
"""None can stand in a random id by chance."""


async def make(client: Any) -> talent_pb2.Profile:
    person = talent_pb2.Profile(
        organisation="攀钢集团",
        employee_number=NUMBER,
        name=WORD,
        former_employer=WORD,
        last_position=WORD,
        industry=WORD,
        skills=[WORD],
        experience=[talent_pb2.ExperienceItem(title=WORD, organisation=WORD, description=WORD)],
        credentials=[talent_pb2.Credential(name=WORD, issuer=WORD)],
        bio=WORD,
        other_limits=[WORD],
        wishes=WORD,
        consent=talent_pb2.Consent(granted=True),
        contact=talent_pb2.Contact(phone=PHONE, email=MAIL, wechat=WORD, address=WORD),
    )
    made: talent_pb2.Profile = await client.stub.CreateProfile(
        pb.CreateProfileRequest(profile=person), metadata=client.by("coordinator")
    )
    return made


async def erase(client: Any, who: str, profile_id: str, etag: str = "") -> int:
    request = pb.EraseProfileRequest(id=profile_id, etag=etag)
    answer = await client.stub.EraseProfile(request, metadata=client.by(who, profile_id))
    return int(answer.revision)


async def everything(url: str) -> dict[str, str]:
    """Every row of every table as text."""
    found = {}
    async with await psycopg.AsyncConnection.connect(url, **connect_options("talent")) as conn:
        tables = await (await conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'talent'")).fetchall()
        for (name,) in (row.values() for row in tables):
            rows = await (await conn.execute(f"SELECT t::text AS row FROM {name} t")).fetchall()  # noqa: S608 - of the catalogue
            found[name] = "\n".join(row["row"] for row in rows)
    return found


@pytest.mark.parametrize("who", ["retiree", "coordinator", "admin"])
async def test_nothing_stays_but_a_tombstone(client: Any, database_url: str, who: str) -> None:
    made = await make(client)
    for reader in ("hr", "service", "retiree"):
        await client.stub.GetProfile(pb.GetProfileRequest(id=made.id), metadata=client.by(reader, made.id))
    contact = pb.GetContactRequest(profile_id=made.id, reader="h", engagement_id=str(uuid4()))
    await client.stub.GetContact(contact, metadata=client.by("service"))
    before = await everything(database_url)
    assert made.id in before["audit_log"]
    revision = await erase(client, who, made.id, made.etag)
    after = await everything(database_url)
    for word in (WORD, NUMBER, PHONE, MAIL):
        assert word in before["profiles"]
        assert not [name for name, rows in after.items() if word in rows]
    assert [name for name, rows in after.items() if made.id in rows] == ["profile_changes"]
    assert contact.engagement_id not in after["audit_log"]
    assert len(after["audit_log"].splitlines()) == len(before["audit_log"].splitlines()) + 1  # counts stay
    # Done again it does nothing.
    assert await erase(client, who, made.id) == await erase(client, "admin", made.id) == revision
    assert await everything(database_url) == after
    stream = client.stub.WatchProfiles(pb.WatchProfilesRequest(), metadata=client.by("service"))
    change = await stream.read()
    stream.cancel()
    assert (change.removed_id, change.revision) == (made.id, revision)


async def test_who_is_deleted_already_is_erased_too(client: Any, database_url: str) -> None:
    made = await make(client)
    await client.stub.DeleteProfile(pb.DeleteProfileRequest(id=made.id), metadata=client.by("admin"))
    assert made.id in (await everything(database_url))["audit_log"]
    with pytest.raises(grpc.aio.AioRpcError) as caught:  # whose office it was is not known any more
        await erase(client, "coordinator", made.id)
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    await erase(client, "retiree", made.id)
    assert made.id not in (await everything(database_url))["audit_log"]


async def test_refused_for_nobody_and_for_a_stale_etag(client: Any) -> None:
    made = await make(client)
    for profile_id, etag, code in (
        (str(uuid4()), "", grpc.StatusCode.NOT_FOUND),
        (made.id, "v0", grpc.StatusCode.ABORTED),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await erase(client, "admin", profile_id, etag)
        assert caught.value.code() is code
    await client.stub.GetProfile(pb.GetProfileRequest(id=made.id), metadata=client.by("admin"))


async def test_nobody_who_is_erased_is_written_down_by_who_reads_meanwhile(client: Any, database_url: str) -> None:
    for _ in range(5):
        made = await make(client)

        async def read(n: int, profile_id: str = made.id) -> None:
            reader = client.keys.metadata(client.people["hr"].__class__(f"h{n}", client.people["hr"].role), "talent")
            try:
                await client.stub.GetProfile(pb.GetProfileRequest(id=profile_id), metadata=reader)
            except grpc.aio.AioRpcError as error:
                assert error.code() is grpc.StatusCode.NOT_FOUND  # noqa: PT017 - or nothing is raised

        await asyncio.gather(*(read(n) for n in range(10)), erase(client, "admin", made.id), *map(read, range(10, 20)))
        assert made.id not in (await everything(database_url))["audit_log"]
