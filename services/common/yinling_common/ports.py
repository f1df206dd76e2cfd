"""Ports for what runs on this machine."""

import random
import socket

# Linux gives those from 32768 on to outgoing connections.
_PORTS = range(10_000, 32_768)


def free_port(host: str = "127.0.0.1") -> int:
    """A port nobody listens on, and that no outgoing connection is given.

    One of those that outgoing connections are given could be taken by one before it is listened on, or while what
    listens is started again; and whoever calls it meanwhile from itself to itself is answered, by themselves.

    Raises:
        OSError: None is free, or the host is not this machine.
    """
    error = OSError("no port is free")
    for port in random.sample(_PORTS, 200):
        with socket.socket() as probe:
            try:
                probe.bind((host, port))
            except OSError as taken:
                error = taken
            else:
                return port
    raise error
