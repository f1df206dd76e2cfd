"""Free ports."""

import socket

import pytest

from yinling_common import ports


def test_a_free_port_is_none_that_outgoing_connections_are_given() -> None:
    found = {ports.free_port() for _ in range(20)}
    assert len(found) > 1
    assert max(found) < 32_768


def test_a_port_that_is_taken_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", ports.free_port()))
        free = ports.free_port()
        monkeypatch.setattr(ports.random, "sample", lambda *_: [taken.getsockname()[1], free])
        assert ports.free_port() == free
        monkeypatch.setattr(ports.random, "sample", lambda *_: [taken.getsockname()[1]])
        with pytest.raises(OSError, match="in use"):
            ports.free_port()
