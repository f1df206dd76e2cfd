"""Takes notices out of matching's outbox and keeps them here, for each account that is told.

Whatever breaks off in between is done again: what is kept already stays as it is, and a notice is acknowledged only
when it is kept.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from yinling.talent.v1 import talent_pb2 as talent
from yinling.talent.v1 import talent_service_pb2 as talent_service

from yinling_common import logs
from yinling_common.errors import DatabaseUnavailable, NotFound, ServiceUnavailable, YinlingError
from yinling_common.faults import point
from yinling_common.identity import Role
from yinling_gateway.backend import Backend
from yinling_gateway.calls.notices import DELIVERER
from yinling_gateway.domain import Account
from yinling_gateway.notices.domain import Audience, Event, Preferences, Recipient
from yinling_gateway.notices.settling import UNTOLD
from yinling_gateway.repository import NoticeRepository

_AT_ONCE = 100


class Collector:
    """Collects notices.

    Args:
        repository: Where they are kept.
        backend: Where they come from.
        default: How those are told who have not chosen.
        settle: So long a mail waits for others.
        lease: Seconds that claimed notices are this gateway's.
        poll: Seconds between two looks.
        now: The time.
    """

    def __init__(
        self,
        repository: NoticeRepository,
        backend: Backend,
        *,
        default: Preferences,
        settle: timedelta,
        lease: int,
        poll: float,
        mail: bool,
        now: Callable[[], datetime],
    ) -> None:
        self._repository = repository
        self._backend = backend
        self._default = default
        self._settle = settle
        self._lease = lease
        self._poll = poll
        self._mail = mail
        self._now = now
        self.kept = asyncio.Event()

    async def collect(self) -> float:
        """Take some, keep them, acknowledge them; answers after how many seconds to come again."""
        claimed = await self._backend.notices.claim(_AT_ONCE, self._lease)
        if claimed:
            point("collect.claimed")
        done, away = [], None
        for event, subject in claimed:
            try:
                await self._repository.keep(event, await self._recipients(event, subject), self._now())
            except DatabaseUnavailable as error:
                away = error
                break  # it would fail with each of them
            except YinlingError as error:
                # It comes again when its lease has ended; the others need not wait for it.
                logs.get().warning("notices.put_off", notice=event.id, error=error.message)
            else:
                done.append(event.id)
                point("collect.kept")
        if done:
            point("collect.before_acknowledge")
            await self._backend.notices.acknowledge(done)
            point("collect.acknowledged")
            self.kept.set()
            logs.get().info("notices.kept", notices=len(done))
        if away is not None:
            raise away
        return 0 if len(claimed) == _AT_ONCE and done else self._poll

    async def _recipients(self, event: Event, subject: str) -> list[Recipient]:
        if event.kind in UNTOLD:
            return []
        if event.audience is Audience.ENTERPRISE:
            told = await self._repository.told(Role.HR, event.organisation, self._default)
            return self._lines(told, but=subject)
        told = await self._repository.told(Role.RETIREE, event.profile_id, self._default)
        if told:
            # Whoever has two accounts and did it with one knows of it.
            did_it = any(account.id == subject for account, _ in told)
            return [] if did_it else self._lines(told)
        return await self._through_office(event, subject)

    async def _through_office(self, event: Event, subject: str) -> list[Recipient]:
        """The person does not go online: the coordinators tell them; and where they have an address, a mail does."""
        profile = await self._profile(event.profile_id)
        if profile is None:
            return []  # deleted or erased: there is nobody to tell
        coordinators = await self._repository.told(Role.COORDINATOR, event.office, self._default)
        recipients = self._lines(coordinators, but=subject, on_behalf_of=profile.name)
        if self._mail and profile.contact.email:
            due = self._default.due(self._now() + self._settle)
            recipients.append(Recipient(account_id="", in_app=False, address=profile.contact.email, due=due))
        if not recipients and not coordinators:
            logs.get().warning("notices.nobody", notice=event.id, office=event.office)
        return recipients

    async def _profile(self, profile_id: str) -> talent.Profile | None:
        request = talent_service.GetProfileRequest(id=profile_id)
        try:
            return await self._backend.get_profile(DELIVERER, request)
        except NotFound:
            return None
        except DatabaseUnavailable as error:
            raise ServiceUnavailable("talent has no database now") from error  # ours may well be there

    def _lines(
        self, told: list[tuple[Account, Preferences]], *, but: str = "", on_behalf_of: str = ""
    ) -> list[Recipient]:
        ready = self._now() + self._settle
        return [
            Recipient(
                account_id=account.id,
                in_app=preferences.in_app,
                address=preferences.mail_address if self._mail else "",
                due=preferences.due(ready),
                on_behalf_of=on_behalf_of,
            )
            for account, preferences in told
            if account.id != but
        ]
