"""pytest fixtures that tests of the gateway, alone or before all services, share."""

from collections.abc import AsyncIterator

import pytest

from yinling_gateway.testing.mail import Post
from yinling_gateway.testing.receiving import Receiver


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    """A mail server."""
    server = Post()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A program that webhooks call."""
    server = Receiver()
    await server.start()
    yield server
    await server.stop()
