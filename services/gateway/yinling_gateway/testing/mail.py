"""A mail server on this machine, for tests: keeps what it is sent, and answers as it is told."""

import asyncio
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Post:
    """A mail server.

    Attributes:
        mails: What was taken, in order, each with the address that it went to.
        refuse: Answers to recipients, by address, such as "550 no such mailbox".
        refuse_data: Answer to every mail, where it is not empty.
        cut_after_data: So many times the line is cut when a mail was taken, before that is said.
    """

    port: int = 0
    mails: list[tuple[str, EmailMessage]] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)
    refuse_data: str = ""
    cut_after_data: int = 0
    server: asyncio.Server | None = None

    async def start(self) -> None:
        """Begin to answer; again on the same port."""
        self.server = await asyncio.get_running_loop().create_server(
            lambda: SMTP(self, hostname="localhost"), "127.0.0.1", self.port
        )
        self.port = self.server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Go away."""
        if self.server is not None:
            self.server.close()
            self.server = None

    def to(self, address: str) -> list[EmailMessage]:
        """What an address was sent."""
        return [mail for to, mail in self.mails if to == address]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd names it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient, or not."""
        if answer := self.refuse.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd names it
        """Take a mail, or not."""
        if self.refuse_data:
            return self.refuse_data
        content: Any = envelope.content
        mail = message_from_bytes(content, policy=default)
        self.mails += [(address, mail) for address in envelope.rcpt_tos]
        if self.cut_after_data and isinstance(server.transport, asyncio.WriteTransport):
            self.cut_after_data -= 1
            server.transport.abort()
        return "250 taken"
