"""The one table from domain errors to gRPC status, and back."""

import json

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

from yinling_common import errors
from yinling_common.errors import ErrorReason, Violation, YinlingError

DOMAIN = "yinling"

_CODES: dict[ErrorReason, grpc.StatusCode] = {
    ErrorReason.INVALID_FIELD: grpc.StatusCode.INVALID_ARGUMENT,
    ErrorReason.INVALID_PAGE_TOKEN: grpc.StatusCode.INVALID_ARGUMENT,
    ErrorReason.INVALID_UPDATE_MASK: grpc.StatusCode.INVALID_ARGUMENT,
    ErrorReason.UNREADABLE_FILE: grpc.StatusCode.INVALID_ARGUMENT,
    ErrorReason.UNAUTHENTICATED: grpc.StatusCode.UNAUTHENTICATED,
    ErrorReason.FORBIDDEN: grpc.StatusCode.PERMISSION_DENIED,
    ErrorReason.NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    ErrorReason.ALREADY_EXISTS: grpc.StatusCode.ALREADY_EXISTS,
    ErrorReason.STALE_ETAG: grpc.StatusCode.ABORTED,
    ErrorReason.WRONG_STATE: grpc.StatusCode.FAILED_PRECONDITION,
    ErrorReason.HOURS_EXCEEDED: grpc.StatusCode.FAILED_PRECONDITION,
    ErrorReason.INDEX_BEHIND: grpc.StatusCode.UNAVAILABLE,
    ErrorReason.DATABASE_UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
    ErrorReason.SERVICE_UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
    ErrorReason.DEADLINE_EXCEEDED: grpc.StatusCode.DEADLINE_EXCEEDED,
    ErrorReason.TOO_MANY_REQUESTS: grpc.StatusCode.RESOURCE_EXHAUSTED,
    ErrorReason.STORAGE_FULL: grpc.StatusCode.RESOURCE_EXHAUSTED,
    ErrorReason.INTERNAL: grpc.StatusCode.INTERNAL,
}

_CLASSES: dict[ErrorReason, type[YinlingError]] = {
    cls.reason: cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, YinlingError)
}

# What a status without our details means: it comes from gRPC itself, not from a service of ours.
_FOREIGN: dict[grpc.StatusCode, type[YinlingError]] = {
    grpc.StatusCode.UNAVAILABLE: errors.ServiceUnavailable,
    grpc.StatusCode.DEADLINE_EXCEEDED: errors.DeadlineExceeded,
    grpc.StatusCode.CANCELLED: errors.ServiceUnavailable,
    grpc.StatusCode.UNAUTHENTICATED: errors.Unauthenticated,
    grpc.StatusCode.PERMISSION_DENIED: errors.Forbidden,
    grpc.StatusCode.RESOURCE_EXHAUSTED: errors.TooManyRequests,
}


def grpc_code(error: YinlingError) -> grpc.StatusCode:
    """The gRPC status code of a domain error."""
    return _CODES[error.reason]


def to_rpc_status(error: YinlingError) -> status_pb2.Status:
    """A status with ErrorInfo, and BadRequest and RetryInfo where the error has them."""
    info = error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=error.metadata)
    details: list[any_pb2.Any] = [_any(info)]
    if error.violations:
        details.append(
            _any(
                error_details_pb2.BadRequest(
                    field_violations=[
                        error_details_pb2.BadRequest.FieldViolation(field=v.field, description=v.message, reason=v.rule)
                        for v in error.violations[:100]  # a status travels in headers, which are limited
                    ]
                )
            )
        )
    if error.retry_after is not None:
        delay = duration_pb2.Duration()
        delay.FromMilliseconds(round(error.retry_after * 1000))
        details.append(_any(error_details_pb2.RetryInfo(retry_delay=delay)))
    code = getattr(code_pb2, grpc_code(error).name)
    return status_pb2.Status(code=code, message=error.message[:1000], details=details)


def from_rpc_error(error: grpc.aio.AioRpcError) -> YinlingError:
    """The domain error that a service raised, or the nearest one where the status is gRPC's own."""
    try:
        status = rpc_status.from_call(error)
    except ValueError:
        status = None
    info = error_details_pb2.ErrorInfo()
    bad = error_details_pb2.BadRequest()
    retry = error_details_pb2.RetryInfo()
    for detail in status.details if status else ():
        for message in (info, bad, retry):
            if detail.Is(message.DESCRIPTOR):
                detail.Unpack(message)
    if info.domain != DOMAIN or info.reason not in ErrorReason.__members__:
        cls = _FOREIGN.get(error.code(), errors.Internal)
        return cls()
    # The subclasses' constructors build messages; here the message is known already.
    cls = _CLASSES[ErrorReason(info.reason)]
    result = cls.__new__(cls)
    YinlingError.__init__(
        result,
        error.details() or "",
        metadata=dict(info.metadata),
        violations=[Violation(v.field, v.reason, v.description) for v in bad.field_violations],
        retry_after=retry.retry_delay.ToMilliseconds() / 1000 if retry.HasField("retry_delay") else None,
    )
    return result


def describe(error: YinlingError) -> str:
    """One line for a log."""
    return f"{error.reason} {error.message} {json.dumps(error.metadata, ensure_ascii=False)}"


def _any(
    message: error_details_pb2.ErrorInfo | error_details_pb2.BadRequest | error_details_pb2.RetryInfo,
) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed
