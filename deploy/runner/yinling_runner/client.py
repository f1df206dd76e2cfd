"""A client for Yinling's REST API."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from yinling_runner.problems import Problem

Json = dict[str, Any]


class ApiProblem(Problem):
    """The service answered with an error (RFC 9457 problem+json), or not at all.

    Attributes:
        status: HTTP status; 0 where there was no answer.
        fields: Names of the fields that broke a rule.
    """

    def __init__(self, status: int, message: str, advice: str = "", fields: Iterable[str] = ()) -> None:
        super().__init__(message, advice)
        self.status = status
        self.fields = frozenset(fields)


OnProgress = Callable[[int, int], None]
"""Told how many rows are done, and how many there are (0: not known yet)."""


class Client:
    """Calls the REST API with an API key. Use it as a context manager."""

    def __init__(self, url: str, api_key: str = "", *, timeout: float = 60.0, patience: float = 0.0) -> None:
        """`patience` is how many seconds a read is tried again for where the answer is 503 with Retry-After."""
        self._patience = patience
        headers = {"X-API-Key": api_key} if api_key else {}
        # trust_env: a proxy for the internet must not get the calls to our own address
        self._http = httpx.Client(base_url=url.rstrip("/"), headers=headers, timeout=timeout, trust_env=False)
        self.url = url

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def call(self, method: str, path: str, **arguments: Any) -> httpx.Response:  # noqa: ANN401 - passed on to httpx
        """One call. Raises ApiProblem where it is not answered with success."""
        deadline = time.monotonic() + self._patience
        while True:
            response = self._call_once(method, path, **arguments)
            if response.is_success:
                return response
            wait = _seconds(response.headers.get("Retry-After"))
            unready = response.status_code == httpx.codes.SERVICE_UNAVAILABLE
            if method != "GET" or not unready or time.monotonic() + wait > deadline:
                raise _problem(response)
            time.sleep(wait)

    def _call_once(self, method: str, path: str, **arguments: Any) -> httpx.Response:  # noqa: ANN401 - passed on to httpx
        try:
            return self._http.request(method, path, **arguments)
        except httpx.TransportError as error:
            advice = "is Yinling running there? yinling status tells; --url names another address"
            raise ApiProblem(0, f"{self.url} does not answer: {error}", advice) from error

    def get(self, path: str, **parameters: Any) -> Json:  # noqa: ANN401 - query parameters
        """Read something."""
        result: Json = self.call("GET", path, params=parameters).json()
        return result

    def post(self, path: str, body: Mapping[str, Any], *, key: str = "") -> Json:
        """Make something; with an idempotency key, a UUID, only once."""
        headers = {"Idempotency-Key": key} if key else {}
        result: Json = self.call("POST", path, json=body, headers=headers).json()
        return result

    def sign_in(self, username: str, password: str) -> Json:
        """Speak for an account from now on; returns who it is."""
        me = self.post("/api/v1/auth/sign-in", {"username": username, "password": password})
        self._http.headers["X-CSRF-Token"] = me["csrf_token"]
        return me

    def pages(self, path: str, items: str, **parameters: Any) -> Iterator[Json]:  # noqa: ANN401 - query parameters
        """Everything in a list, page by page."""
        token = ""
        while True:
            page = self.get(path, page_size=200, page_token=token, **parameters)
            yield from page.get(items, [])
            token = page.get("next_page_token", "")
            if not token:
                return

    def import_roster(
        self, file: Path, *, organisation: str = "", validate_only: bool = False, progress: OnProgress
    ) -> Json:
        """Upload a roster and wait until it is taken; returns the job. Raises ApiProblem where it is refused."""
        form = {"validate_only": "true" if validate_only else "false"}
        if organisation:
            form["organisation"] = organisation
        with file.open("rb") as content:
            job: Json = self.call("POST", "/api/v1/imports", data=form, files={"file": (file.name, content)}).json()
        while job["state"] == "running":
            progress(job["rows_done"], job["rows_total"])
            time.sleep(0.3)
            job = self.get(f"/api/v1/imports/{job['id']}")
        progress(job["rows_done"], job["rows_total"])
        return job


def _seconds(retry_after: str | None) -> float:
    return float(retry_after) if retry_after and retry_after.isdigit() else 1.0


def _problem(response: httpx.Response) -> ApiProblem:
    fields: list[str] = []
    try:
        body = response.json()
        message = body.get("detail") or body.get("title") or response.reason_phrase
        fields = [error["field"] for error in body.get("errors") or ()]
    except (ValueError, AttributeError, KeyError, TypeError):
        message = response.text[:500] or response.reason_phrase
    advice = ""
    if response.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        advice = "give an API key with enough rights in YINLING_API_KEY"
    elif response.status_code == httpx.codes.SERVICE_UNAVAILABLE:
        wait = response.headers.get("Retry-After", "a few")
        advice = f"try again in {wait} seconds; yinling status tells what is away"
    return ApiProblem(response.status_code, f"{message} (HTTP {response.status_code})", advice, fields)
