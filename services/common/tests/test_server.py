"""What happens around an RPC, over a real server and a real stub."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeAlias
from unittest.mock import ANY

import grpc
import pytest
from grpc_status import rpc_status
from yinling.common.v1 import error_reason_pb2
from yinling.talent.v1 import talent_pb2, talent_service_pb2, talent_service_pb2_grpc

from yinling_common import errors
from yinling_common.client import call_metadata, open_channel
from yinling_common.identity import Identity, Role, Signer, current, generate_keys
from yinling_common.interceptors import CALLS
from yinling_common.server import serve
from yinling_common.status import from_rpc_error
from yinling_common.testing import Keys, serve_for_test

ME = Identity("account-1", Role.COORDINATOR, "甲集团", "", "gateway")
Stub: TypeAlias = "talent_service_pb2_grpc.TalentServiceAsyncStub"  # known to type checkers alone
UUID = "3f0c2f9e-8f5b-4a53-9a51-0f3a51d6c1aa"


class Servicer(talent_service_pb2_grpc.TalentServiceServicer):
    """Answers with who called; raises what a test puts there."""

    error: Exception | None = None
    flood = False

    async def GetProfile(self, request: talent_service_pb2.GetProfileRequest, context: object) -> talent_pb2.Profile:
        if self.error:
            raise self.error
        who = current()
        return talent_pb2.Profile(id=request.id, name=who.subject, organisation=who.organisation)

    async def WatchProfiles(
        self, request: talent_service_pb2.WatchProfilesRequest, context: object
    ) -> AsyncIterator[talent_service_pb2.WatchProfilesResponse]:
        yield talent_service_pb2.WatchProfilesResponse(removed_id=current().subject)
        while self.flood:
            yield talent_service_pb2.WatchProfilesResponse(profile=talent_pb2.Profile(bio="x" * 10_000))
        if self.error:
            raise self.error


@pytest.fixture
def servicer() -> Servicer:
    return Servicer()


@pytest.fixture
async def stub(keys: Keys, servicer: Servicer) -> AsyncIterator[Stub]:
    def add(server: grpc.aio.Server) -> None:
        talent_service_pb2_grpc.add_TalentServiceServicer_to_server(servicer, server)

    async with serve_for_test(add, keys.verifier("talent")) as channel:
        yield talent_service_pb2_grpc.TalentServiceStub(channel)


GET = talent_service_pb2.GetProfileRequest(id=UUID)


async def test_the_identity_reaches_the_servicer(stub: Stub, keys: Keys) -> None:
    profile = await stub.GetProfile(GET, metadata=keys.metadata(ME, "talent"))
    assert (profile.name, profile.organisation) == ("account-1", "甲集团")
    watch = stub.WatchProfiles(talent_service_pb2.WatchProfilesRequest(), metadata=keys.metadata(ME, "talent"))
    assert [answer.removed_id async for answer in watch] == ["account-1"]


@pytest.mark.parametrize(
    "case", ["none", "garbage", "expired", "other audience", "other key", "person by service", "service by gateway"]
)
async def test_a_token_that_does_not_hold_lets_nobody_in(
    stub: Stub,
    keys: Keys,
    tmp_path: Path,
    case: str,
) -> None:
    stranger, _ = generate_keys(tmp_path, "gateway")
    metadata = {
        "none": (),
        "garbage": (("authorization", "Bearer a.b.c"),),
        "expired": call_metadata(keys.signer(ttl=-60), ME, "talent"),
        "other audience": keys.metadata(ME, "matching"),
        "other key": call_metadata(Signer("gateway", stranger.read_bytes()), ME, "talent"),
        "person by service": keys.metadata(ME, "talent", issuer="matching"),
        "service by gateway": keys.metadata(Identity("x", Role.SERVICE), "talent"),
    }[case]
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.GetProfile(GET, metadata=metadata)
    assert caught.value.code() == grpc.StatusCode.UNAUTHENTICATED
    assert isinstance(from_rpc_error(caught.value), errors.Unauthenticated)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.NotFound("profile", "7"), grpc.StatusCode.NOT_FOUND),
        (
            errors.InvalidField([errors.Violation("profile.city", "city.unknown", "没有")]),
            grpc.StatusCode.INVALID_ARGUMENT,
        ),
        (errors.StaleEtag(), grpc.StatusCode.ABORTED),
        (errors.IndexBehind(41, 57), grpc.StatusCode.UNAVAILABLE),
        (errors.DatabaseUnavailable(), grpc.StatusCode.UNAVAILABLE),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_a_domain_error_travels_whole(
    stub: Stub,
    keys: Keys,
    servicer: Servicer,
    error: errors.YinlingError,
    code: grpc.StatusCode,
) -> None:
    servicer.error = error
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.GetProfile(GET, metadata=keys.metadata(ME, "talent"))
    assert caught.value.code() == code
    back = from_rpc_error(caught.value)
    assert type(back) is type(error)
    assert (back.message, back.metadata, back.violations) == (error.message, error.metadata, error.violations)
    assert back.retry_after == error.retry_after


async def test_an_unknown_exception_tells_the_caller_nothing(
    stub: Stub,
    keys: Keys,
    servicer: Servicer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    servicer.error = RuntimeError("password is hunter2")
    metadata = (*keys.metadata(ME, "talent"), ("x-request-id", "r-1"))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.GetProfile(GET, metadata=metadata)
    assert caught.value.code() == grpc.StatusCode.INTERNAL
    assert "hunter2" not in str(caught.value)
    assert from_rpc_error(caught.value).metadata == {"request_id": "r-1"}
    watch = stub.WatchProfiles(talent_service_pb2.WatchProfilesRequest(), metadata=metadata)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        _ = [answer async for answer in watch]
    assert caught.value.code() == grpc.StatusCode.INTERNAL


async def test_a_stream_that_is_dropped_while_it_writes_is_no_fault(stub: Stub, keys: Keys, servicer: Servicer) -> None:
    servicer.flood = True
    before = {code: CALLS.labels("WatchProfiles", code)._value.get() for code in ("CANCELLED", "INTERNAL")}
    metadata = keys.metadata(ME, "talent")
    watch = stub.WatchProfiles(talent_service_pb2.WatchProfilesRequest(), metadata=metadata)
    await watch.read()
    await asyncio.sleep(0.3)  # until nothing more fits on the way: the server waits in a write
    watch.cancel()
    async with asyncio.timeout(60):
        while CALLS.labels("WatchProfiles", "CANCELLED")._value.get() == before["CANCELLED"]:
            assert CALLS.labels("WatchProfiles", "INTERNAL")._value.get() == before["INTERNAL"]
            await asyncio.sleep(0.02)


async def test_a_hundred_broken_rules_arrive(stub: Stub, keys: Keys, servicer: Servicer) -> None:
    name = "profiles[{}].experience[0].description"
    violations = [errors.Violation(name.format(n), "string.max_len", "最多二百字，请缩短" * 10) for n in range(100)]
    servicer.error = errors.InvalidField(violations)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.GetProfile(GET, metadata=keys.metadata(ME, "talent"))
    assert from_rpc_error(caught.value).violations == violations


async def test_a_broken_rule_never_reaches_the_servicer(stub: Stub, keys: Keys) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.GetProfile(talent_service_pb2.GetProfileRequest(id="7"), metadata=keys.metadata(ME, "talent"))
    status = rpc_status.from_call(caught.value)
    assert status is not None
    assert from_rpc_error(caught.value).violations == [errors.Violation("id", "string.uuid", ANY)]
    watch = stub.WatchProfiles(
        talent_service_pb2.WatchProfilesRequest(after_revision=-1), metadata=keys.metadata(ME, "talent")
    )
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        _ = [answer async for answer in watch]
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT


async def test_nobody_listening_is_a_service_that_is_away(keys: Keys) -> None:
    async with open_channel("127.0.0.1:1") as channel:
        stub = talent_service_pb2_grpc.TalentServiceStub(channel)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.GetProfile(GET, metadata=keys.metadata(ME, "talent"), timeout=5)
    assert isinstance(from_rpc_error(caught.value), errors.ServiceUnavailable | errors.DeadlineExceeded)


async def test_health_follows_the_parts_and_the_server_stops(keys: Keys) -> None:
    stop, port = asyncio.Event(), asyncio.get_running_loop().create_future()
    wrong: dict[str, str | None] = {"database": None}
    checked = asyncio.Event()

    async def health() -> dict[str, str | None]:
        await checked.wait()
        return wrong

    async def probe() -> int:
        command = [sys.executable, "-m", "yinling_common.healthcheck", f"127.0.0.1:{await port}"]
        process = await asyncio.create_subprocess_exec(*command, stderr=subprocess.DEVNULL)
        return await process.wait()

    serving = asyncio.create_task(
        serve(
            name="test",
            listen="127.0.0.1:0",
            verifier=keys.verifier("talent"),
            add_servicers=lambda server: None,
            service_names=["x"],
            check_health=health,
            stop=stop,
            on_started=port.set_result,
        )
    )
    assert await probe() == 1  # not before it was found healthy
    checked.set()
    async with asyncio.timeout(60):
        while await probe() != 0:
            pass
        wrong["database"] = "away"
        while await probe() != 1:
            pass
        stop.set()
        await serving
    assert await probe() == 1


def test_reasons_are_those_of_the_proto() -> None:
    names = {name.removeprefix("ERROR_REASON_") for name, _ in error_reason_pb2.ErrorReason.items()} - {"UNSPECIFIED"}
    assert names == set(errors.ErrorReason)
