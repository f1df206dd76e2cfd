"""A gateway over real HTTP and PostgreSQL, with the shipped fakes behind it."""

from collections.abc import AsyncIterator

import pytest

from yinling_common.identity import Role
from yinling_common.testing import Clock, CloneDatabase, Keys
from yinling_gateway.__main__ import migrations
from yinling_gateway.bootstrap import SCHEMA
from yinling_gateway.notices.parts import Notices, make_notices
from yinling_gateway.settings import GatewaySettings
from yinling_gateway.testing import Harness, fake_services, gateway_settings, running_gateway
from yinling_gateway.testing.browsing import Browser
from yinling_gateway.testing.harness import PASSWORD, FakeServices


@pytest.fixture
async def gateway_database(clone_database: CloneDatabase) -> str:
    return await clone_database({SCHEMA: migrations()})


@pytest.fixture
async def services(keys: Keys) -> AsyncIterator[FakeServices]:
    async with fake_services(keys.verifier("talent"), keys.verifier("matching")) as started:
        yield started


@pytest.fixture
def settings_changes() -> dict[str, object]:
    """Override it in a test module to run the gateway with other settings."""
    return {}


@pytest.fixture
def settings(
    gateway_database: str, keys: Keys, services: FakeServices, settings_changes: dict[str, object]
) -> GatewaySettings:
    return gateway_settings(gateway_database, keys.directory / "gateway.key", services, **settings_changes)


@pytest.fixture
async def gateway(settings: GatewaySettings, services: FakeServices) -> AsyncIterator[Harness]:
    async with running_gateway(settings, services) as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    """Stands still until a test moves it. A test module that needs a certain day overrides it."""
    return Clock()


@pytest.fixture
async def notices(gateway: Harness, clock: Clock) -> Notices:
    """Notices that go by the clock, step by step; for a gateway with `notices_deliver` off, or its own go on beside."""
    return make_notices(gateway.parts.database, gateway.parts.backend, gateway.parts.settings, now=clock)


@pytest.fixture
async def browser(gateway: Harness) -> AsyncIterator[Browser]:
    """HR's, signed in. A test module whose pages are for others overrides it."""
    await gateway.account(Role.HR)
    async with gateway.client() as client:
        browser = Browser(client)
        await browser.sign_in("hr", PASSWORD)
        yield browser


@pytest.fixture
def all_roles() -> list[Role]:
    return [Role.HR, Role.RETIREE, Role.COORDINATOR, Role.ADMIN]
