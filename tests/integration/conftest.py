"""All three services in this process before the tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.stack import Stack, running_stack
from yinling_common.testing import CloneDatabase, Keys
from yinling_gateway.testing import Harness


@pytest.fixture
async def stack(clone_database: CloneDatabase, keys: Keys, tmp_path: Path) -> AsyncIterator[Stack]:
    """All of it, ready."""
    async with running_stack(clone_database, keys, tmp_path) as running:
        yield running


@pytest.fixture
def gateway(stack: Stack) -> Harness:
    """The gateway before all of it."""
    return stack.gateway
