"""What happens around every HTTP request: id, log, headers, size of the body, where it comes from.

Plain ASGI, so that streamed answers stay streams.
"""

from time import perf_counter
from urllib.parse import urlsplit

import structlog
from fastapi import Request
from prometheus_client import Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from yinling_common import logs
from yinling_common.errors import Forbidden, YinlingError
from yinling_gateway import problems
from yinling_gateway.request_context import accept_request_id, request_id, shown_path

SECONDS = Histogram("yinling_http_seconds", "Time of an HTTP request", ["method", "route", "status"])

API = "/api/v1"

_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

_HEADERS = {
    "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # What people see here is about people: no cache keeps it unless a route says that it may.
    "Cache-Control": "no-store",
}


class Surroundings:
    """Gives each request its id, its line in the log and its headers; turns faults into a plain 500."""

    def __init__(self, app: ASGIApp, *, https: bool = False) -> None:
        self._app = app
        self._headers = dict(_HEADERS)
        if https:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        id_ = accept_request_id(Headers(scope=scope).get("x-request-id"))
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = id_
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        token = request_id.set(id_)
        try:
            with structlog.contextvars.bound_contextvars(request_id=id_):
                try:
                    await self._app(scope, receive, send_with_headers)
                except Exception as error:
                    response = await problems.internal(Request(scope), error)
                    if status:
                        raise
                    await response(scope, receive, send_with_headers)
                finally:
                    self._log(scope, status, perf_counter() - started)
        finally:
            request_id.reset(token)

    def _log(self, scope: Scope, status: int, seconds: float) -> None:
        # Labels are few, whatever a client sends: routes, not paths, and the methods that there are.
        route = getattr(scope.get("route"), "path", "")
        if route and scope["path"].startswith(f"{API}/") and not route.startswith(API):
            route = API + route
        method = scope["method"] if scope["method"] in _METHODS else "other"
        SECONDS.labels(method, route, str(status)).observe(seconds)
        if scope["path"] in {"/healthz", "/readyz"} and status == 200:
            return  # asked every few seconds
        logs.get().info(
            "http",
            method=scope["method"],
            path=shown_path(scope["path"]),  # without the query, which may hold names
            status=status,
            ms=round(seconds * 1000, 1),
            account=scope.get("account_id", ""),
        )


class BodyLimit:
    """Stops reading a body that is too large, before and while it comes in."""

    def __init__(self, app: ASGIApp, *, max_body: int, max_upload: int) -> None:
        self._app = app
        self._max_body = max_body
        self._max_upload = max_upload

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        upload = headers.get("content-type", "").lower().startswith("multipart/form-data")
        limit = self._max_upload if upload else self._max_body
        declared = headers.get("content-length", "")
        read = 0

        async def receive_some() -> Message:
            nonlocal read
            if declared.isdigit() and int(declared) > limit:
                raise _too_large(limit)
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise _too_large(limit)
            return message

        await self._app(scope, receive_some, send)


class SameOrigin:
    """Refuses what another site makes a browser send. The sign-in form has no session that a token could belong to."""

    def __init__(self, app: ASGIApp, *, public_url: str) -> None:
        self._app = app
        self._public_hosts = {urlsplit(public_url).netloc} - {""}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["method"] not in _SAFE_METHODS and self._foreign(Headers(scope=scope)):
            request = Request(scope)
            error: YinlingError = Forbidden("the request comes from another site", metadata={"rule": "csrf.origin"})
            problem = problems.from_error(error, english=problems.english(request))
            response = await problems.respond(request, problem)
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _foreign(self, headers: Headers) -> bool:
        if "authorization" in headers or "x-api-key" in headers:
            return False  # a browser adds neither by itself
        if headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
            return True
        origin = headers.get("origin")
        try:
            return origin is not None and urlsplit(origin).netloc not in {headers.get("host"), *self._public_hosts}
        except ValueError:  # no browser sends such an origin
            return True


def _too_large(limit: int) -> HTTPException:
    return HTTPException(413, f"the request is larger than {limit} bytes; make it smaller")
