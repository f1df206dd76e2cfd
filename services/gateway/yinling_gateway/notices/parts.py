"""The parts of notices, wired together."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from yinling_common import logs
from yinling_common.database import Database
from yinling_common.repeating import repeat
from yinling_gateway.backend import Backend
from yinling_gateway.notices.calling import Caller
from yinling_gateway.notices.collecting import Collector
from yinling_gateway.notices.domain import Preferences
from yinling_gateway.notices.inbox import Deliveries, Inbox
from yinling_gateway.notices.mailing import Mailer
from yinling_gateway.notices.preferences import PreferenceKeeper
from yinling_gateway.notices.webhooks import Webhooks
from yinling_gateway.repository import (
    DeliveryRepository,
    MailRepository,
    NoticeRepository,
    PreferenceRepository,
    WebhookRepository,
)
from yinling_gateway.settings import GatewaySettings

_PURGE_SECONDS = 3600.0

UNCHOSEN = "unchosen"
"""The etag of preferences of which nothing was chosen."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Notices:
    """What routes and pages use, and the three that work beside them.

    Attributes:
        kept: After so long a notice is deleted.
        mail_on: There is a mail server.
    """

    inbox: Inbox
    preferences: PreferenceKeeper
    webhooks: Webhooks
    deliveries: Deliveries
    collector: Collector
    mailer: Mailer
    caller: Caller
    repository: NoticeRepository
    kept: timedelta
    mail_on: bool

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Collect, mail, call and delete beside the requests."""
        never, mails, calls = asyncio.Event(), asyncio.Event(), asyncio.Event()

        async def collect() -> float:
            pause = await self.collector.collect()
            if self.collector.kept.is_set():
                self.collector.kept.clear()
                mails.set()
                calls.set()
            return pause

        works = [
            repeat("notices.collect", collect, never),
            repeat("notices.webhooks", self.caller.call_due, calls),
            repeat("notices.purge", self._purge, never),
        ]
        if self.mail_on:
            works.append(repeat("notices.mail", self.mailer.send_due, mails))
        else:
            logs.get().info("notices.mail_off", advice="set YINLING_GATEWAY_SMTP_HOST to send e-mail")
        tasks = [asyncio.create_task(work) for work in works]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task

    async def _purge(self) -> float:
        await self.repository.purge(self.kept)
        return _PURGE_SECONDS


def make_notices(
    database: Database, backend: Backend, settings: GatewaySettings, *, now: Callable[[], datetime] = _utc_now
) -> Notices:
    """Notices over a database and the services."""
    default = Preferences(quiet=settings.default_quiet, etag=UNCHOSEN)
    repository = NoticeRepository(database)
    calls = WebhookRepository(database)
    caller = Caller(calls, settings, now=now)
    collector = Collector(
        repository,
        backend,
        default=default,
        settle=timedelta(seconds=settings.notices_settle),
        lease=settings.notices_lease,
        poll=settings.notices_poll,
        mail=bool(settings.smtp_host),
        now=now,
    )
    return Notices(
        inbox=Inbox(repository),
        preferences=PreferenceKeeper(PreferenceRepository(database), default, now=now),
        webhooks=Webhooks(calls, caller, private=settings.webhooks_private, now=now),
        deliveries=Deliveries(DeliveryRepository(database), now=now),
        collector=collector,
        mailer=Mailer(MailRepository(database, default), settings, public_url=settings.public_url, now=now),
        caller=caller,
        repository=repository,
        kept=timedelta(days=settings.notices_kept_days),
        mail_on=bool(settings.smtp_host),
    )
