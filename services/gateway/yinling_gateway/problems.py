"""Errors as problem+json (RFC 9457), from one table; pages may show them as HTML instead."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from math import ceil

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException

from yinling_common import disks, logs
from yinling_common.errors import ErrorReason, Forbidden, Internal, InvalidField, StorageFull, YinlingError
from yinling_common.status import describe
from yinling_gateway import messages
from yinling_gateway.converters.violations import from_pydantic, to_json_path
from yinling_gateway.errors import BadHeader
from yinling_gateway.request_context import request_id, shown_path

MEDIA_TYPE = "application/problem+json"

STATUS: dict[ErrorReason, int] = {
    ErrorReason.INVALID_FIELD: 422,
    ErrorReason.INVALID_PAGE_TOKEN: 422,
    ErrorReason.INVALID_UPDATE_MASK: 422,
    ErrorReason.UNREADABLE_FILE: 422,
    ErrorReason.UNAUTHENTICATED: 401,
    ErrorReason.FORBIDDEN: 403,
    ErrorReason.NOT_FOUND: 404,
    ErrorReason.ALREADY_EXISTS: 409,
    ErrorReason.STALE_ETAG: 412,
    ErrorReason.WRONG_STATE: 409,
    ErrorReason.HOURS_EXCEEDED: 409,
    ErrorReason.INDEX_BEHIND: 503,
    ErrorReason.DATABASE_UNAVAILABLE: 503,
    ErrorReason.SERVICE_UNAVAILABLE: 503,
    ErrorReason.DEADLINE_EXCEEDED: 503,
    ErrorReason.TOO_MANY_REQUESTS: 429,
    ErrorReason.STORAGE_FULL: 507,
    ErrorReason.INTERNAL: 500,
}

_RETRY_AFTER = 2.0
"""Seconds that a client is told to wait where the error does not say."""

# What Starlette and FastAPI raise by themselves: rule, for the words in Chinese.
_HTTP_RULES = {404: "http.path", 405: "http.method", 413: "body.max_size"}

# Fields of a message that come from a header, by the rule that they break.
_HEADERS = {"request_id.reused": "Idempotency-Key"}


@dataclass(frozen=True)
class FieldError:
    """One field that breaks a rule; `field` is a path in the JSON body, or the name of a parameter."""

    field: str
    rule: str
    message: str


@dataclass(frozen=True)
class Problem:
    """An error as it is shown.

    Attributes:
        status: HTTP status.
        reason: One of `ErrorReason`, or HTTP_<status> for what HTTP itself refuses.
        title: A few words, the same for every problem of the reason.
        detail: What is wrong here and what to do.
        errors: Field by field.
        retry_after: Seconds to wait before trying again.
        headers: To be sent along.
    """

    status: int
    reason: str
    title: str
    detail: str
    errors: list[FieldError] = field(default_factory=list)
    retry_after: float | None = None
    headers: dict[str, str] = field(default_factory=dict)


HtmlRenderer = Callable[[Request, Problem], Awaitable[Response]]


def from_error(error: YinlingError, *, english: bool, body_root: str = "") -> Problem:
    """The problem for a domain error."""
    status = 400 if isinstance(error, BadHeader) else STATUS[error.reason]
    retry_after = error.retry_after
    if status == 503 and retry_after is None:
        retry_after = _RETRY_AFTER
    shown = Internal() if error.reason == ErrorReason.INTERNAL else error
    errors = [
        FieldError(
            _HEADERS.get(v.rule) or to_json_path(v.field, body_root), v.rule, messages.of_violation(v, english=english)
        )
        for v in shown.violations
    ]
    detail = messages.detail(shown, english=english)
    if error.reason == ErrorReason.INVALID_FIELD:
        between, end = (": ", "; ") if english else ("：", "")
        detail = end.join(f"{e.field}{between}{e.message}" for e in errors[:10])
    return Problem(
        status=status,
        reason=error.reason.value,
        title=messages.title(error.reason, english=english),
        detail=detail,
        errors=errors,
        retry_after=retry_after,
        headers={"WWW-Authenticate": "Bearer"} if status == 401 else {},
    )


async def respond(request: Request, problem: Problem) -> Response:
    """The answer: HTML for a person who asked for a page, JSON otherwise."""
    headers = dict(problem.headers)
    if problem.retry_after is not None:
        headers["Retry-After"] = str(max(1, ceil(problem.retry_after)))
    render: HtmlRenderer | None = getattr(request.app.state, "render_problem", None)
    if render is not None and wants_html(request):
        response = await render(request, problem)
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response
    content = {
        "type": f"/docs/problems#{problem.reason}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": request.url.path,
        "reason": problem.reason,
        "request_id": request_id.get(),
        "errors": [vars(error) for error in problem.errors],
    }
    return JSONResponse(content, problem.status, headers, media_type=MEDIA_TYPE)


def wants_html(request: Request) -> bool:
    """Whether a person looks at the answer in a browser. No program asks for an address that does not exist."""
    known = "route" in request.scope
    machine = known and request.url.path.startswith(("/api/", "/healthz", "/readyz", "/openapi.json"))
    return not machine and "text/html" in request.headers.get("accept", "")


def english(request: Request) -> bool:
    """Whether to answer in English: in the language of the page, where there is one."""
    page = getattr(request.state, "page", None)
    if page is not None:
        return bool(page.language == "en")
    return messages.prefers_english(request.headers.get("accept-language", ""))


def install(app: FastAPI) -> None:
    """Answer every error as a problem."""
    app.add_exception_handler(YinlingError, _domain_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(OSError, _system_error)


async def internal(request: Request, error: Exception) -> Response:
    """The answer to a fault of ours: nothing to the caller, everything to the log."""
    logs.get().error("request.failed", path=shown_path(request.url.path), exc_info=error)
    return await respond(request, from_error(Internal(), english=english(request)))


async def _domain_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, YinlingError)  # noqa: S101 - the handler is registered for it alone
    if error.reason == ErrorReason.INDEX_BEHIND or request.url.path == "/readyz":
        # It catches up by itself, and whoever asked asks again: nobody has anything to do. What is away warns itself.
        logs.get().info("request.early", path=shown_path(request.url.path), error=describe(error))
    elif STATUS[error.reason] >= 500:
        logs.get().warning("request.error", path=shown_path(request.url.path), error=describe(error))
    root = getattr(request.state, "body_root", "")
    return await respond(request, from_error(error, english=english(request), body_root=root))


async def _system_error(request: Request, error: Exception) -> Response:
    """Uploads lie on the disk while they are read, and it may be full. Everything else is a fault of ours."""
    if isinstance(error, OSError) and disks.is_full(error):
        return await _domain_error(request, StorageFull())
    raise error


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - the handler is registered for it alone
    problem = from_error(InvalidField(from_pydantic(error.errors())), english=english(request))
    if any(e["type"] == "json_invalid" for e in error.errors()):
        problem = Problem(400, problem.reason, problem.title, problem.detail, problem.errors)
    return await respond(request, problem)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - the handler is registered for it alone
    rule = _HTTP_RULES.get(error.status_code, "")
    reason = ErrorReason.NOT_FOUND if error.status_code == 404 else None
    said = Forbidden(str(error.detail), metadata={"rule": rule})
    in_english = english(request)
    return await respond(
        request,
        Problem(
            status=error.status_code,
            reason=reason.value if reason else f"HTTP_{error.status_code}",
            title=messages.http_title(error.status_code, str(error.detail), english=in_english),
            detail=messages.detail(said, english=in_english) if rule else str(error.detail),
            headers=dict(error.headers or {}) | _allowed(request, error.status_code),
        ),
    )


def _allowed(request: Request, status: int) -> dict[str, str]:
    """For 405: every method of the path. Starlette names those of the first route alone."""
    if status != 405:
        return {}
    path = request.url.path
    methods: set[str] = set()
    for route in iter_route_contexts(request.app.routes):
        pattern = getattr(route, "path_regex", None)
        if pattern is not None and pattern.match(path):
            methods |= route.methods or set()
    return {"Allow": ", ".join(sorted(methods))} if methods else {}
