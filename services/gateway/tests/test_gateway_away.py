"""Services or the database away: a clear error within the deadline, and recovery by itself."""

import asyncio

import psycopg
import pytest

from yinling_common.errors import DatabaseUnavailable, Internal, StorageFull
from yinling_common.identity import Role
from yinling_gateway import readiness
from yinling_gateway.settings import GatewaySettings
from yinling_gateway.testing import Harness, running_gateway
from yinling_gateway.testing.harness import FakeServices

REQUEST = {"organisation": "攀钢集团", "title": "高炉操作"}


@pytest.fixture
def database_patience() -> None:
    """As in production: what is tested here is that nobody waits for it for ever."""


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
            away = await client.get(path)
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


async def test_a_service_that_hangs_is_503_at_the_deadline(settings: GatewaySettings, services: FakeServices) -> None:
    services.talent.troubles.delay = 3600
    settings = settings.model_copy(update={"read_timeout": 2.0})
    async with running_gateway(settings, services) as gateway, gateway.signed_in(Role.ADMIN) as client:
        late = await client.get("/api/v1/profiles")
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


async def test_readiness_is_looked_up_once_in_a_while(
    settings: GatewaySettings, services: FakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = 100.0
    monkeypatch.setattr(readiness, "monotonic", lambda: seconds)
    kept = settings.model_copy(update={"ready_kept": 1.0})
    async with running_gateway(kept, services) as gateway, gateway.client() as client:
        assert (await client.get("/readyz")).status_code == 200
        services.matching.caught_up = False
        assert (await client.get("/readyz")).status_code == 200
        seconds += 1
        assert (await client.get("/readyz")).status_code == 503
        services.matching.caught_up = True
        assert (await client.get("/readyz")).status_code == 503
        seconds += 1
        assert (await client.get("/readyz")).status_code == 200


async def test_a_database_that_is_away_is_503_and_comes_back(gateway: Harness, gateway_database: str) -> None:
    name = psycopg.conninfo.conninfo_to_dict(gateway_database)["dbname"]
    admin_url = psycopg.conninfo.make_conninfo(gateway_database, dbname="postgres")
    async with (
        gateway.signed_in(Role.ADMIN) as client,
        await psycopg.AsyncConnection.connect(admin_url, autocommit=True) as admin,
    ):
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        await admin.execute("SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE datname = %s", [name])
        away = await client.get("/api/v1/profiles")
        assert away.status_code == 503, away.text
        assert away.json()["reason"] == "DATABASE_UNAVAILABLE"
        assert "retry-after" in away.headers
        assert (await client.get("/readyz")).status_code == 503
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())
        assert await _soon(client.get, "/api/v1/profiles") == 200


async def _soon(call: object, path: str) -> int:
    async with asyncio.timeout(60):
        while (status := (await call(path)).status_code) != 200:  # type: ignore[operator] # noqa: ASYNC110 - a client's method; what the gateway does by itself
            await asyncio.sleep(0.2)
    return int(status)
