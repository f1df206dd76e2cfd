"""What happens around every RPC, in one place: request id, log, metrics, identity, validation, errors."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from time import perf_counter
from typing import Any, TypeAlias
from uuid import uuid4

import grpc
import structlog
from google.protobuf.message import DecodeError
from grpc_status import rpc_status
from prometheus_client import Counter, Histogram

from yinling_common import logs
from yinling_common.errors import Internal, InvalidField, Unauthenticated, Violation, YinlingError
from yinling_common.identity import Verifier, as_identity
from yinling_common.status import describe, grpc_code, to_rpc_status
from yinling_common.validation import check

SECONDS = Histogram("yinling_rpc_seconds", "Time of an RPC", ["method"])
CALLS = Counter("yinling_rpc_calls", "RPCs by outcome", ["method", "code"])

_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{1,64}$")
_DRAIN_SECONDS = 10.0
# Reading whether a service is alive needs no identity.
_PUBLIC = ("/grpc.health.v1.Health/",)

# Requests and responses are any message: what is done here is the same for all of them.
Message: TypeAlias = Any
Context: TypeAlias = "grpc.aio.ServicerContext[Message, Message]"
MethodHandler: TypeAlias = "grpc.RpcMethodHandler[Message, Message] | None"
Handler = Callable[[Message, Context], Any]


@dataclass(frozen=True)
class GuardInterceptor(grpc.aio.ServerInterceptor):
    """Verifies, validates and reports every call of a service of ours."""

    verifier: Verifier

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[MethodHandler]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> MethodHandler:
        """Wrap the method's handler; the shapes of the call stay as they are."""
        handler = await continuation(handler_call_details)
        method = handler_call_details.method
        if handler is None or method.startswith(_PUBLIC):
            return handler
        metadata = dict(handler_call_details.invocation_metadata or ())
        call = _Call(self.verifier, method, metadata)
        make = {
            (False, False): grpc.unary_unary_rpc_method_handler,
            (False, True): grpc.unary_stream_rpc_method_handler,
            (True, False): grpc.stream_unary_rpc_method_handler,
            (True, True): grpc.stream_stream_rpc_method_handler,
        }[handler.request_streaming, handler.response_streaming]
        inner: Handler = next(
            h for h in (handler.unary_unary, handler.unary_stream, handler.stream_unary, handler.stream_stream) if h
        )  # type: ignore[assignment] # the stubs know the synchronous server's handlers alone
        wrap = call.streaming if handler.response_streaming else call.single
        return make(
            wrap(inner, handler.request_streaming),
            request_deserializer=_or_unreadable(handler.request_deserializer),
            response_serializer=handler.response_serializer,
        )


class _Call:
    def __init__(self, verifier: Verifier, method: str, metadata: dict[str, str | bytes]) -> None:
        self._verifier = verifier
        self._method = method.rsplit("/", 1)[-1]
        self._token = str(metadata.get("authorization", ""))
        given = str(metadata.get("x-request-id", ""))
        self._request_id = given if _REQUEST_ID.match(given) else uuid4().hex

    def single(self, inner: Handler, streams_in: bool) -> Handler:
        async def handle(request: Message, context: Context) -> Message:
            async with self._around(context):
                return await inner(_checked(request, streams_in), context)
            return None  # not reached: an error aborts the call

        return handle

    def streaming(self, inner: Handler, streams_in: bool) -> Handler:
        async def handle(request: Message, context: Context) -> AsyncIterator[Message]:
            async with self._around(context):
                try:
                    async for response in inner(_checked(request, streams_in), context):
                        yield response
                except YinlingError:
                    if streams_in:
                        await _drain(request)
                    raise

        return handle

    @asynccontextmanager
    async def _around(self, context: Context) -> AsyncIterator[None]:
        started = perf_counter()
        outcome = grpc.StatusCode.OK
        with structlog.contextvars.bound_contextvars(request_id=self._request_id):
            try:
                scheme, _, token = self._token.partition(" ")
                if scheme.lower() != "bearer" or not token:
                    raise Unauthenticated("the call carries no identity token")
                with as_identity(self._verifier.verify(token)):
                    yield
            except YinlingError as error:
                outcome = grpc_code(error)
                logs.get().info("rpc.refused", method=self._method, error=describe(error))
                await context.abort_with_status(_final(error))
            except (asyncio.CancelledError, GeneratorExit, grpc.aio.AbortError):
                outcome = grpc.StatusCode.CANCELLED
                raise
            except Exception as error:
                # The caller learns that it is our fault; the log learns everything.
                outcome = grpc.StatusCode.INTERNAL
                logs.get().exception("rpc.failed", method=self._method)
                await context.abort_with_status(_final(Internal(metadata={"request_id": self._request_id})))
                raise AssertionError("unreachable") from error
            finally:
                seconds = perf_counter() - started
                SECONDS.labels(self._method).observe(seconds)
                CALLS.labels(self._method, outcome.name).inc()
                logs.get().debug("rpc.done", method=self._method, code=outcome.name, ms=round(seconds * 1000, 1))


def _final(error: YinlingError) -> grpc.Status:
    """The status of an error, with word not to try again under the same call.

    The client retries reads that met no server (UNAVAILABLE). Where a server did answer it has already waited for
    the database; waiting three times over would outlast the caller's deadline, and hide the reason from them.
    """
    status = rpc_status.to_status(to_rpc_status(error))
    final: grpc.Status = status._replace(
        trailing_metadata=(*status.trailing_metadata, ("grpc-retry-pushback-ms", "-1"))
    )
    return final


async def _drain(request: Message) -> None:
    """Take what a caller still sends: one that is cut off while it sends learns that the stream broke, not why."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            async for _ in request:
                pass


def _checked(request: Message, streams: bool) -> Message:
    """The request, its rules kept; a stream is checked message by message."""
    if not streams:
        return _check(request)

    async def messages() -> AsyncIterator[Message]:
        async for message in request:
            yield _check(message)

    return messages()


def _check(message: Message) -> Message:
    if message is _UNREADABLE:
        advice = "the bytes are no message of this method; make the client from the protos that the service has"
        raise InvalidField([Violation("", "message.unreadable", advice)])
    check(message)
    return message


_UNREADABLE = object()


def _or_unreadable(deserialize: Callable[[bytes], Message] | None) -> Callable[[bytes], Message] | None:
    """Reads a message, or gives what is refused later: gRPC itself would answer as if the fault were ours."""
    if deserialize is None:
        return None

    def read(content: bytes) -> Message:
        try:
            return deserialize(content)
        except DecodeError:
            return _UNREADABLE

    return read
