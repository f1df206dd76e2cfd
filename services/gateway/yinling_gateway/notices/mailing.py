"""Sends mails: each once, whatever breaks off; what cannot be sent now is tried again, later and later."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from email.errors import MessageError

import aiosmtplib

from yinling_common import logs
from yinling_common.faults import point
from yinling_gateway.notices.domain import Batch, Outcome
from yinling_gateway.notices.letters import compose
from yinling_gateway.notices.settings import NoticeSettings
from yinling_gateway.notices.timing import next_try, plan
from yinling_gateway.repository import MailRepository

_AWAY_PAUSE = timedelta(minutes=5)
"""While the mail server as a whole is away, no single mail is to blame: it waits no longer than this."""

_RUN_MAX = 50


class Mailer:
    """Sends what is due.

    Args:
        repository: What is to be sent.
        settings: Where the mail server is.
        public_url: Begins the links.
        now: The time.
    """

    def __init__(
        self,
        repository: MailRepository,
        settings: NoticeSettings,
        *,
        public_url: str,
        now: Callable[[], datetime],
    ) -> None:
        self._repository = repository
        self._settings = settings
        self._public_url = public_url
        self._now = now
        # To connect and to send: both must be over before another gateway takes the mail for left behind.
        self._patience = settings.notices_lease / 3

    async def send_due(self) -> float:
        """Send what is due; answers after how many seconds to come again."""
        server: aiosmtplib.SMTP | None = None
        try:
            for _ in range(_RUN_MAX):
                batch = await self._claim()
                if batch is None:
                    return self._settings.notices_poll
                point("mail.claimed")
                try:
                    if server is None:
                        async with asyncio.timeout(self._patience):
                            server = await self._connect()
                except (aiosmtplib.SMTPException, OSError) as error:
                    await self._finish(batch, Outcome(error=_said(error)), away=True)
                    return self._settings.notices_poll
                outcome = await self._send(server, batch)
                point("mail.sent")
                await self._finish(batch, outcome)
                point("mail.finished")
                if not server.is_connected:
                    server = None
            return 0
        finally:
            if server is not None:
                server.close()

    async def _claim(self) -> Batch | None:
        now = self._now()
        flood = self._settings.notices_flood
        lease = timedelta(seconds=self._settings.notices_lease)
        return await self._repository.claim(now, lease, lambda waiting: plan(waiting, now, flood=flood))

    async def _connect(self) -> aiosmtplib.SMTP:
        settings = self._settings
        server = aiosmtplib.SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            use_tls=settings.smtp_tls == "tls",
            start_tls=settings.smtp_tls == "starttls",
            username=settings.smtp_username or None,
            password=settings.smtp_password or None,
            timeout=settings.smtp_timeout,
        )
        await server.connect()
        return server

    async def _send(self, server: aiosmtplib.SMTP, batch: Batch) -> Outcome:
        sender = self._settings.smtp_from
        try:
            message = compose(batch, sender=sender, public_url=self._public_url, now=self._now())
            async with asyncio.timeout(self._patience):
                await server.send_message(message, recipients=[batch.address])
        except (aiosmtplib.SMTPException, OSError, ValueError, MessageError) as error:
            outcome = _failed(error)
            if outcome.unsure:
                server.close()
            return outcome
        return Outcome(sent=True)

    async def _finish(self, batch: Batch, outcome: Outcome, *, away: bool = False) -> None:
        now = self._now()
        due = min(next_try(batch.attempts, now), now + _AWAY_PAUSE) if away else next_try(batch.attempts, now)
        too_long = now - batch.waiting_since > timedelta(days=self._settings.notices_give_up_days)
        given_up = not outcome.sent and (outcome.hopeless or too_long)
        await self._repository.finish(batch, outcome, now, due=due, given_up=given_up)
        if outcome.sent:
            logs.get().info("notices.mail_sent", batch=batch.id, account=batch.account_id, notices=len(batch.items))
        else:
            # What the server said may hold the address; that stays in the database.
            logs.get().warning(
                "notices.mail_given_up" if given_up else "notices.mail_failed",
                batch=batch.id,
                account=batch.account_id,
                attempts=batch.attempts,
            )


def _failed(error: Exception) -> Outcome:
    """What a failure means for the mail."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        error = error.recipients[0]
    said = _said(error)
    if isinstance(error, aiosmtplib.SMTPRecipientRefused | aiosmtplib.SMTPDataError):
        return Outcome(hopeless=500 <= error.code < 600, error=said)
    if isinstance(error, aiosmtplib.SMTPServerDisconnected | OSError):
        # It may have been taken in the last moment: what is sent again must be the same mail.
        return Outcome(unsure=True, error=said)
    if isinstance(error, aiosmtplib.SMTPException):
        # About the sender or the connection: somebody has to mend the settings, and then it goes out.
        return Outcome(error=said)
    return Outcome(hopeless=True, error=said)  # no mail can be made of it


def _said(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{error.code} {error.message}"
    return f"{type(error).__name__}: {error}"
