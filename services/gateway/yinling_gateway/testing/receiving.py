"""A program that webhooks call, on this machine, for tests: it checks the signature as the documentation says."""

import asyncio
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Receiver:
    """An HTTP server of a few lines.

    Attributes:
        secret: What calls must be signed with.
        answers: Statuses of the next calls; 204 when none is left.
        calls: Headers and content of each call, genuine or not.
        forged: How many were not genuine.
        silent: It takes calls and does not answer them.
    """

    secret: str = ""
    answers: list[int] = field(default_factory=list)
    calls: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)
    forged: int = 0
    silent: bool = False
    port: int = 0
    server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}/yinling"

    @property
    def events(self) -> list[str]:
        """Ids of the events of all calls, in order."""
        return [headers["x-yinling-event"] for headers, _ in self.calls]

    async def start(self) -> None:
        """Begin to answer; again on the same port."""
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Go away."""
        if self.server is not None:
            self.server.close()
            self.server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers["content-length"]))
        if not self._genuine(headers["x-yinling-signature"], body):
            self.forged += 1
        self.calls.append((headers, json.loads(body)))
        if self.silent:
            await reader.read()  # until whoever called has gone
            writer.close()
            return
        status = self.answers.pop(0) if self.answers else 204
        location = "Location: http://127.0.0.1:1/\r\n" if 300 <= status < 400 else ""
        writer.write(f"HTTP/1.1 {status} X\r\n{location}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    def _genuine(self, header: str, body: bytes) -> bool:
        t, v1 = (part.split("=", 1)[1] for part in header.split(","))
        expected = hmac.new(self.secret.encode(), f"{t}.".encode() + body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected, v1) and abs(time.time() - int(t)) < 300
