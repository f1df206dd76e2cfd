"""The real thing as processes: started once with the sample data, for every end-to-end test."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from yinling_common.ports import free_port
from yinling_runner.testing import Installation


@pytest.fixture(scope="session")
def yinling() -> Iterator[Installation]:
    """Everything running with the sample data."""
    directory = Path(tempfile.mkdtemp(prefix="yinling-e2e-"))  # not tmp_path: PostgreSQL's user could not enter it
    directory.chmod(0o755)
    installation = Installation(directory, free_port())
    try:
        installation.start("demo")
        yield installation
    finally:
        if installation.running():
            installation.stop()
        shutil.rmtree(directory, ignore_errors=True)
