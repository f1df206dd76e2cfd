"""Who may call what: every route, every role, and nobody."""

import re
from uuid import uuid4

import pytest

from yinling_common.identity import Role
from yinling_gateway.testing import Harness

EVERYBODY = {Role.HR, Role.RETIREE, Role.COORDINATOR, Role.ADMIN}
OFFICE = {Role.COORDINATOR, Role.ADMIN}
ENTERPRISE = {Role.HR, Role.ADMIN}
PROFILE_KEEPERS = {Role.RETIREE, Role.COORDINATOR, Role.ADMIN}
PERSON = {Role.RETIREE, Role.COORDINATOR}
ORGANISATIONS = {Role.HR, Role.COORDINATOR, Role.ADMIN}
ADMINISTRATORS = {Role.ADMIN}

# Who gets past the gateway's own check; the services decide the rest.
MATRIX: dict[str, set[Role]] = {
    "POST /auth/sign-in": EVERYBODY,
    "POST /auth/sign-out": EVERYBODY,
    "GET /auth/me": EVERYBODY,
    "POST /auth/password": EVERYBODY,
    "GET /profiles": EVERYBODY - {Role.RETIREE},
    "POST /profiles": OFFICE,
    "GET /profiles/{id}": EVERYBODY,
    "PATCH /profiles/{id}": PROFILE_KEEPERS,
    "DELETE /profiles/{id}": OFFICE,
    "GET /profiles/{id}/request-suggestions": PROFILE_KEEPERS,
    "GET /mentoring-requests": EVERYBODY,
    "POST /mentoring-requests": ENTERPRISE,
    "GET /mentoring-requests/{id}": EVERYBODY,
    "PATCH /mentoring-requests/{id}": ENTERPRISE,
    "DELETE /mentoring-requests/{id}": ENTERPRISE,
    "GET /mentoring-requests/{id}/suggestions": ENTERPRISE,
    "POST /mentoring-requests/{id}:publish": ENTERPRISE,
    "POST /mentoring-requests/{id}:close": ENTERPRISE,
    "POST /mentoring-requests/{id}:reopen": ENTERPRISE,
    "POST /mentoring-requests/{id}:fill": ENTERPRISE,
    "POST /mentoring-requests/{id}:duplicate": ENTERPRISE,
    "GET /mentoring-requests/{id}/changes": ENTERPRISE,
    "POST /mentoring-requests/{id}/invitations": {Role.HR},
    "GET /invitations": EVERYBODY,
    "GET /invitations/{id}": EVERYBODY,
    "POST /invitations/{id}:accept": PERSON,
    "POST /invitations/{id}:decline": PERSON,
    "POST /invitations/{id}:withdraw": ENTERPRISE,
    "POST /mentoring-requests/{id}/opt-ins": PERSON,
    "GET /opt-ins": EVERYBODY,
    "GET /opt-ins/{id}": EVERYBODY,
    "POST /opt-ins/{id}:confirm": {Role.HR},
    "POST /opt-ins/{id}:turn-down": {Role.HR},
    "POST /opt-ins/{id}:withdraw": PERSON,
    "GET /engagements": EVERYBODY,
    "GET /engagements/{id}": EVERYBODY,
    "PATCH /engagements/{id}": EVERYBODY,
    "POST /engagements/{id}:pause": EVERYBODY,
    "POST /engagements/{id}:resume": EVERYBODY,
    "POST /engagements/{id}:complete": ENTERPRISE,
    "POST /engagements/{id}:end": EVERYBODY,
    "GET /engagements/{id}/mentor-contact": {Role.HR},
    "POST /engagements/{id}/sessions": EVERYBODY,
    "GET /mentoring-sessions": EVERYBODY,
    "GET /mentoring-sessions/{id}": EVERYBODY,
    "PATCH /mentoring-sessions/{id}": EVERYBODY,
    "POST /mentoring-sessions/{id}:hold": EVERYBODY,
    "POST /mentoring-sessions/{id}:cancel": EVERYBODY,
    "POST /engagements/{id}/feedback": EVERYBODY,
    "GET /engagements/{id}/feedback": EVERYBODY,
    "GET /mentoring-sessions/{id}.ics": EVERYBODY,
    "GET /engagements/{id}.ics": EVERYBODY,
    "GET /me/calendar": EVERYBODY,
    "POST /me/calendar": EVERYBODY,
    "DELETE /me/calendar": EVERYBODY,
    "POST /suggestions": ENTERPRISE,
    "POST /cohorts:assign": ENTERPRISE,
    "GET /settings/matching": ENTERPRISE,
    "PUT /settings/matching": ENTERPRISE,
    "GET /index-status": EVERYBODY,
    "GET /reports/exposure": OFFICE,
    "POST /imports": OFFICE,
    "GET /imports": OFFICE,
    "GET /imports/{id}": OFFICE,
    "GET /imports/{id}/events": OFFICE,
    "GET /imports/{id}/annotated": OFFICE,
    "GET /roster-template": OFFICE,
    "GET /notices": EVERYBODY,
    "POST /notices/{id}:read": EVERYBODY,
    "POST /notices:read-all": EVERYBODY,
    "GET /me/notice-preferences": EVERYBODY,
    "PUT /me/notice-preferences": EVERYBODY,
    "GET /accounts/{id}/notice-preferences": ADMINISTRATORS,
    "PUT /accounts/{id}/notice-preferences": ADMINISTRATORS,
    "GET /webhooks": ORGANISATIONS,
    "POST /webhooks": ORGANISATIONS,
    "GET /webhooks/{id}": ORGANISATIONS,
    "PATCH /webhooks/{id}": ORGANISATIONS,
    "DELETE /webhooks/{id}": ORGANISATIONS,
    "POST /webhooks/{id}:new-secret": ORGANISATIONS,
    "POST /webhooks/{id}:test": ORGANISATIONS,
    "GET /deliveries": ADMINISTRATORS,
    "POST /deliveries/{id}:retry": ADMINISTRATORS,
    "GET /consent-wordings": EVERYBODY,
    "GET /profiles/{id}/export": PROFILE_KEEPERS,
    "GET /profiles/{id}/audit": PROFILE_KEEPERS,
    "POST /profiles/{id}:erase": PROFILE_KEEPERS,
    "GET /erasures/{id}": EVERYBODY,
    "GET /reports/figures": ORGANISATIONS,
    "GET /reports/figures.csv": ORGANISATIONS,
    "GET /reports/figures.xlsx": ORGANISATIONS,
    "GET /accounts": ADMINISTRATORS,
    "POST /accounts": ADMINISTRATORS,
    "GET /accounts/{id}": ADMINISTRATORS,
    "PATCH /accounts/{id}": ADMINISTRATORS,
    "DELETE /accounts/{id}": ADMINISTRATORS,
    "GET /api-keys": EVERYBODY,
    "POST /api-keys": EVERYBODY - {Role.RETIREE},
    "DELETE /api-keys/{id}": EVERYBODY,
}

BODIES = {
    "POST /profiles": {"organisation": "攀钢集团", "name": "王建国"},
    "PATCH /profiles/{id}": {"bio": "x"},
    "POST /mentoring-requests": {"organisation": "攀钢集团", "title": "x"},
    "PATCH /mentoring-requests/{id}": {"title": "x"},
    "POST /suggestions": {"mentoring_request": {"organisation": "攀钢集团", "title": "x"}},
    "POST /cohorts:assign": {"requests": [{"mentoring_request": {"title": "x"}}]},
    "POST /mentoring-requests/{id}/invitations": {"profile_ids": [str(uuid4())]},
    "POST /mentoring-requests/{id}/opt-ins": {"profile_id": str(uuid4())},
    "POST /invitations/{id}:decline": {"reason": "no_time"},
    "POST /opt-ins/{id}:turn-down": {"reason": "need_changed"},
    "PATCH /engagements/{id}": {"goals": []},
    "POST /engagements/{id}:end": {"reason": "no_fit"},
    "POST /engagements/{id}/sessions": {"start_time": "2026-12-08T09:30:00+08:00", "minutes": 60},
    "PATCH /mentoring-sessions/{id}": {"minutes": 60},
    "POST /mentoring-sessions/{id}:hold": {},
    "POST /engagements/{id}/feedback": {"phase": "halfway", "cooperation": 4},
    "PUT /settings/matching": {},
    "PUT /me/notice-preferences": {"email": False},
    "PUT /accounts/{id}/notice-preferences": {"email": False},
    "POST /webhooks": {"url": "https://example.com/hook"},
    "PATCH /webhooks/{id}": {"active": False},
    "POST /profiles/{id}:erase": {"confirm": "x"},
    "POST /accounts": {"username": "x", "password": "x" * 8, "role": "admin"},
    "PATCH /accounts/{id}": {"display_name": "x"},
    "POST /api-keys": {"name": "x"},
    "POST /auth/password": {"old_password": "x", "new_password": "y" * 8},
}


async def test_the_matrix_has_every_route(gateway: Harness) -> None:
    paths = gateway.app.openapi()["paths"]
    found = {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, operations in paths.items()
        if path.startswith("/api/v1")
        for method in operations
    }
    assert found == set(MATRIX)


async def test_nobody_gets_in_without_signing_in(gateway: Harness, subtests: pytest.Subtests) -> None:
    async with gateway.client() as client:
        for route in MATRIX:
            if route == "POST /auth/sign-in":
                continue
            with subtests.test(route=route):
                method, path = _address(route)
                answer = await client.request(method, path, json=BODIES.get(route))
                assert answer.status_code == 401, answer.text
                assert answer.json()["reason"] == "UNAUTHENTICATED"


@pytest.mark.parametrize("role", sorted(EVERYBODY))
async def test_each_role_gets_where_it_may(gateway: Harness, role: Role, subtests: pytest.Subtests) -> None:
    async with gateway.signed_in(role) as client:
        for route, roles in MATRIX.items():
            if route.startswith("POST /auth/sign"):
                continue
            with subtests.test(route=route):
                method, path = _address(route)
                answer = await client.request(method, path, json=BODIES.get(route))
                refused = answer.status_code == 403
                assert refused == (role not in roles), answer.text


def _address(route: str) -> tuple[str, str]:
    method, path = route.split()
    return method, "/api/v1" + re.sub(r"\{\w+\}", str(uuid4()), path)
