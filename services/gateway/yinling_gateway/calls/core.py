"""A call to a service: signed, with a deadline and the request's id, its errors our own.

Reads are tried again by the channel where a server went away; writes never are.
"""

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from typing import TypeVar

import grpc
from google.protobuf.message import Message

from yinling_common.client import call_metadata
from yinling_common.errors import DeadlineExceeded, ServiceUnavailable, YinlingError
from yinling_common.identity import Identity, Signer
from yinling_common.status import from_rpc_error
from yinling_gateway.request_context import request_id
from yinling_gateway.settings import GatewaySettings

ResponseT = TypeVar("ResponseT")

TALENT, MATCHING = "talent", "matching"


class Calls:
    """Calls methods of stubs in the name of an identity. Every method raises YinlingError."""

    def __init__(
        self, *, talent: grpc.aio.Channel, matching: grpc.aio.Channel, signer: Signer, settings: GatewaySettings
    ) -> None:
        self._channels = {TALENT: talent, MATCHING: matching}
        self._signer = signer
        self.settings = settings

    def channel(self, service: str) -> grpc.aio.Channel:
        """The channel to a service, TALENT or MATCHING, for its stubs."""
        return self._channels[service]

    async def read(
        self, service: str, method: Callable[..., Awaitable[ResponseT]], identity: Identity, request: Message
    ) -> ResponseT:
        """Call a method that changes nothing."""
        return await self.call(service, method, identity, request, self.settings.read_timeout)

    async def write(
        self, service: str, method: Callable[..., Awaitable[ResponseT]], identity: Identity, request: Message
    ) -> ResponseT:
        """Call a method that changes something."""
        return await self.call(service, method, identity, request, self.settings.write_timeout)

    async def call(
        self,
        service: str,
        method: Callable[..., Awaitable[ResponseT]],
        identity: Identity,
        request: Message,
        seconds: float,
    ) -> ResponseT:
        """Call a method with a deadline in seconds."""
        try:
            return await method(request, timeout=seconds, metadata=self.metadata(identity, service))
        except grpc.aio.AioRpcError as error:
            raise translated(error, service) from error

    async def stream(
        self,
        service: str,
        method: Callable[..., AsyncIterable[ResponseT]],
        identity: Identity,
        requests: AsyncIterator[Message],
        seconds: float,
    ) -> AsyncIterator[ResponseT]:
        """Call a method that takes and answers streams, with a deadline in seconds."""
        try:
            async for response in method(requests, timeout=seconds, metadata=self.metadata(identity, service)):
                yield response
        except grpc.aio.AioRpcError as error:
            raise translated(error, service) from error

    def metadata(self, identity: Identity, service: str) -> tuple[tuple[str, str], ...]:
        """What goes along with a call: who asks, and under which id."""
        return call_metadata(self._signer, identity, service, request_id.get())


def translated(error: grpc.aio.AioRpcError, service: str) -> YinlingError:
    """The service's own error; where it did not answer, one that names it."""
    result = from_rpc_error(error)
    if isinstance(result, ServiceUnavailable | DeadlineExceeded):
        result.metadata.setdefault("service", service)
    return result
