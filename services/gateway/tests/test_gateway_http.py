"""What is around every request: ids, headers, problems, limits, documentation."""

import re
from typing import Any
from uuid import uuid4

import pytest

from yinling_common.identity import Role
from yinling_gateway.testing import Harness


@pytest.fixture
def settings_changes() -> dict[str, object]:
    return {"rate_per_minute": 1, "rate_burst": 40}


async def test_request_ids_are_taken_made_and_passed_on(gateway: Harness) -> None:
    async with gateway.client() as client:
        given = await client.get("/healthz", headers={"X-Request-ID": "abc-1.2_3"})
        assert given.headers["x-request-id"] == "abc-1.2_3"
        for bad in ("a b", "x" * 65, "<script>", ""):
            made = await client.get("/healthz", headers={"X-Request-ID": bad})
            assert re.fullmatch("[0-9a-f]{32}", made.headers["x-request-id"])


async def test_security_headers_are_on_every_answer(gateway: Harness) -> None:
    async with gateway.client() as client:
        for path in ("/healthz", "/api/v1/profiles", "/no/such/page", "/docs", "/openapi.json"):
            headers = (await client.get(path)).headers
            policy = headers["content-security-policy"]
            assert "script-src 'self'" in policy
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "same-origin"
            assert headers["cache-control"] == "no-store"
            assert "server" not in headers


@pytest.mark.parametrize(
    ("method", "path", "status", "reason"),
    [
        ("GET", "/api/v1/nothing", 404, "NOT_FOUND"),
        ("PUT", "/api/v1/profiles", 405, "HTTP_405"),
        ("DELETE", "/healthz", 405, "HTTP_405"),
        ("GET", "/api/v1/profiles", 401, "UNAUTHENTICATED"),
    ],
)
async def test_errors_of_http_itself_are_problems_too(
    gateway: Harness, method: str, path: str, status: int, reason: str
) -> None:
    async with gateway.client() as client:
        answer = await client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "instance", "reason", "request_id", "errors"}
    assert problem["reason"] == reason
    assert problem["instance"] == path
    assert problem["request_id"] == answer.headers["x-request-id"]


async def test_a_fault_of_ours_says_nothing_of_itself(gateway: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("password=hunter2")

    async with gateway.signed_in(Role.ADMIN) as client:
        monkeypatch.setattr(gateway.parts.backend, "index_status", broken)
        answer = await client.get("/api/v1/index-status")
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert answer.headers["content-security-policy"]
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


async def test_too_many_requests_are_429(gateway: Harness) -> None:
    async with gateway.signed_in(Role.ADMIN) as client:
        answers = [await client.get("/api/v1/auth/me") for _ in range(60)]
    refused = [a for a in answers if a.status_code == 429]
    assert refused
    assert answers[0].status_code == 200
    assert int(refused[0].headers["retry-after"]) >= 1
    assert refused[0].json()["reason"] == "TOO_MANY_REQUESTS"


async def test_guessing_keys_is_limited_too(gateway: Harness) -> None:
    async with gateway.client(headers={"X-API-Key": "ylk_abc_def"}) as client:
        answers = [(await client.get("/api/v1/auth/me")).status_code for _ in range(60)]
    assert answers[0] == 401
    assert 429 in answers


async def test_the_documentation_loads_nothing_from_elsewhere(gateway: Harness) -> None:
    async with gateway.client() as client:
        page = await client.get("/docs")
        assert page.status_code == 200
        loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        assert {"/docs/assets/swagger-ui-bundle.js", "/docs/start.js", "/openapi.json"} <= set(loaded)
        for address in loaded:
            if address.startswith("data:"):
                continue
            assert address.startswith("/")
            assert (await client.get(address)).status_code == 200, address
        assert "<script>" not in page.text
        reasons = (await client.get("/docs/problems")).text
        assert 'id="INDEX_BEHIND"' in reasons


async def test_the_openapi_document_holds_together(gateway: Harness) -> None:
    async with gateway.client() as client:
        document = (await client.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.")
    schemas = document["components"]["schemas"]
    references = {r.rsplit("/", 1)[1] for r in _references(document)}
    assert references <= set(schemas)
    assert "HTTPValidationError" not in schemas
    for path, operations in document["paths"].items():
        assert not path.startswith(("/sign-in", "/static", "/requests")), "pages are not part of the API"
        for operation in operations.values():
            assert operation["summary"]
            assert operation["tags"]
            if path.startswith("/api/v1"):
                for status in ("401", "422", "503"):
                    assert "application/problem+json" in operation["responses"][status]["content"], path
    assert schemas["ProfileInput"]["additionalProperties"] is False
    assert schemas["ProfileInput"]["examples"]


def _references(node: Any) -> set[str]:
    if isinstance(node, dict):
        found = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return found.union(*(_references(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(_references(value) for value in node))
    return set()


async def test_405_names_every_method_of_the_path(gateway: Harness) -> None:
    async with gateway.client() as client:
        for path, methods in {
            "/api/v1/mentoring-requests": "GET, POST",
            f"/api/v1/mentoring-requests/{uuid4()}": "DELETE, GET, PATCH",
            f"/api/v1/mentoring-requests/{uuid4()}:publish": "POST",
        }.items():
            refused = await client.request("TRACE", path)
            assert (refused.status_code, refused.headers["allow"]) == (405, methods)
        assert (await client.get(f"/api/v1/invitations/{uuid4()}:accept")).status_code == 405
