"""Services or the database away: a clear error within the deadline, and recovery by itself."""

import asyncio
from time import monotonic

import psycopg
import pytest

from yinling_common.errors import DatabaseUnavailable, Internal, StorageFull
from yinling_common.identity import Role
from yinling_gateway.settings import GatewaySettings
from yinling_gateway.testing import Harness, running_gateway
from yinling_gateway.testing.harness import FakeServices

REQUEST = {"organisation": "攀钢集团", "title": "高炉操作"}


@pytest.fixture
def settings_changes() -> dict[str, object]:
    return {"read_timeout": 2.0, "write_timeout": 2.0, "suggest_timeout": 2.0}


async def test_a_service_that_is_away_is_503_and_comes_back(gateway: Harness) -> None:
    services = gateway.services
    async with gateway.signed_in(Role.ADMIN) as client:
        assert (await client.get("/readyz")).json() == {"status": "ready", "revision": 0}
        for server, path in (
            (services.talent_server, "/api/v1/profiles"),
            (services.matching_server, "/api/v1/mentoring-requests"),
        ):
            assert (await client.get(path)).status_code == 200
            await server.stop()
            started = monotonic()
            away = await client.get(path)
            assert monotonic() - started < 4
            assert away.status_code == 503, away.text
            assert away.json()["reason"] == "SERVICE_UNAVAILABLE"
            assert int(away.headers["retry-after"]) >= 1
            posted = await client.post(path, json=REQUEST | {"name": "x"} if "profiles" in path else REQUEST)
            assert posted.status_code in {422, 503}
            ready = await client.get("/readyz")
            assert ready.status_code == 503
            assert "不" in ready.json()["title"] or "无法" in ready.json()["title"]
            assert (await client.get("/healthz")).status_code == 200
            await server.start()
            assert await _soon(client.get, path) == 200
            assert await _soon(client.get, "/readyz") == 200


async def test_a_service_that_hangs_is_503_at_the_deadline(gateway: Harness) -> None:
    gateway.services.talent.troubles.delay = 30
    async with gateway.signed_in(Role.ADMIN) as client:
        started = monotonic()
        late = await client.get("/api/v1/profiles")
        assert monotonic() - started < 5
    assert late.status_code == 503
    assert late.json()["reason"] == "DEADLINE_EXCEEDED"
    assert "retry-after" in late.headers


async def test_errors_of_the_services_keep_their_meaning(gateway: Harness) -> None:
    troubles = gateway.services.talent.troubles
    async with gateway.signed_in(Role.ADMIN) as client:
        for error, status in ((DatabaseUnavailable(), 503), (StorageFull(), 507), (Internal("secret words"), 500)):
            troubles.error = error
            answer = await client.get("/api/v1/profiles")
            assert answer.status_code == status
            assert answer.json()["reason"] == error.reason
            assert "secret" not in answer.text


async def test_an_index_that_has_not_caught_up_is_not_ready(gateway: Harness) -> None:
    gateway.services.matching.caught_up = False
    async with gateway.client() as client:
        ready = await client.get("/readyz", headers={"Accept-Language": "en"})
    assert ready.status_code == 503
    assert "index" in ready.json()["detail"]
    assert "retry-after" in ready.headers


async def test_readiness_is_looked_up_once_in_a_while(settings: GatewaySettings, services: FakeServices) -> None:
    kept = settings.model_copy(update={"ready_kept": 1.0})
    async with running_gateway(kept, services) as gateway, gateway.client() as client:
        assert (await client.get("/readyz")).status_code == 200
        services.matching.caught_up = False
        assert (await client.get("/readyz")).status_code == 200
        await asyncio.sleep(1.1)
        assert (await client.get("/readyz")).status_code == 503
        services.matching.caught_up = True
        assert (await client.get("/readyz")).status_code == 503
        assert await _soon(client.get, "/readyz") == 200


async def test_a_database_that_is_away_is_503_and_comes_back(gateway: Harness, gateway_database: str) -> None:
    name = psycopg.conninfo.conninfo_to_dict(gateway_database)["dbname"]
    admin_url = psycopg.conninfo.make_conninfo(gateway_database, dbname="postgres")
    async with (
        gateway.signed_in(Role.ADMIN) as client,
        await psycopg.AsyncConnection.connect(admin_url, autocommit=True) as admin,
    ):
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        await admin.execute("SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE datname = %s", [name])
        started = monotonic()
        away = await client.get("/api/v1/profiles")
        assert monotonic() - started < 6
        assert away.status_code == 503, away.text
        assert away.json()["reason"] == "DATABASE_UNAVAILABLE"
        assert "retry-after" in away.headers
        assert (await client.get("/readyz")).status_code == 503
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())
        assert await _soon(client.get, "/api/v1/profiles") == 200


async def _soon(call: object, path: str) -> int:
    for _ in range(60):
        status: int = (await call(path)).status_code  # type: ignore[operator] # a client's method
        if status == 200:
            break
        await asyncio.sleep(0.2)
    return status
