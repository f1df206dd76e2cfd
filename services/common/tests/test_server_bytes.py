"""Bytes that are no message are the caller's fault, and the caller is told so; whoever has no token learns nothing."""

from collections.abc import AsyncIterator

import grpc
import pytest
from yinling.talent.v1 import talent_service_pb2_grpc

from yinling_common.errors import InvalidField, Unauthenticated
from yinling_common.identity import Identity, Role
from yinling_common.status import from_rpc_error
from yinling_common.testing import Keys, serve_for_test


@pytest.fixture
async def channel(keys: Keys) -> AsyncIterator[grpc.aio.Channel]:
    def add(server: grpc.aio.Server) -> None:
        talent_service_pb2_grpc.add_TalentServiceServicer_to_server(
            talent_service_pb2_grpc.TalentServiceServicer(), server
        )

    async with serve_for_test(add, keys.verifier("talent")) as opened:
        yield opened


@pytest.mark.parametrize("signed", [True, False])
async def test_bytes_that_are_no_message(channel: grpc.aio.Channel, keys: Keys, signed: bool) -> None:
    metadata = keys.metadata(Identity("a", Role.ADMIN), "talent") if signed else ()
    call = channel.unary_unary("/yinling.talent.v1.TalentService/GetProfile")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(b"c>\x1fT\xcd\xed", metadata=metadata, timeout=30)
    error = from_rpc_error(caught.value)
    if signed:
        assert isinstance(error, InvalidField)
        assert [one.rule for one in error.violations] == ["message.unreadable"]
    else:
        assert isinstance(error, Unauthenticated)
