"""The log tells where a fault happened, not what the variables held."""

import logging
from collections.abc import Iterator
from typing import get_args

import pytest
import structlog

from yinling_common import logs


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.mark.parametrize("fmt", get_args(logs.LogFormat))
def test_a_traceback_shows_no_values(fmt: logs.LogFormat, capsys: pytest.CaptureFixture[str]) -> None:
    logs.setup("test", fmt)
    password = "correct" + "horse"
    try:
        raise LookupError(str(len(password)))
    except LookupError:
        logs.get("test.logs").exception("broke")
    said = capsys.readouterr().err
    assert "LookupError: 12" in said
    assert "correcthorse" not in said
