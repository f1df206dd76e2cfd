"""Webhooks of an organisation, kept by its HR or its office, or by an administrator."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex, token_urlsafe
from uuid import uuid4

from yinling.matching.v1 import notice_service_pb2 as pb

from yinling_common import logs, paging, text
from yinling_common.errors import Forbidden, InvalidField, NotFound, StaleEtag, Violation
from yinling_common.identity import Role
from yinling_gateway.accounts import time_and_id
from yinling_gateway.domain import NAME_MAX, URL_MAX, Account, text_violations
from yinling_gateway.errors import SecretTold
from yinling_gateway.notices import outside
from yinling_gateway.notices.calling import Caller, kind_name
from yinling_gateway.notices.domain import Audience, Event, Outcome, Webhook
from yinling_gateway.notices.inbox import rows
from yinling_gateway.repository import WebhookRepository
from yinling_gateway.repository.once import NO_CALL, Call, MadeBefore, call_of

SECRET_START = "whs_"  # noqa: S105 - what every secret begins with, for scanners that find one that leaked
MOST = 20
"""Webhooks of one organisation."""

_AUDIENCES = {Role.HR: Audience.ENTERPRISE, Role.COORDINATOR: Audience.PERSON}


@dataclass(frozen=True)
class WantedWebhook:
    """A webhook to be made.

    Attributes:
        organisation: Empty for that of the account.
        audience: None for what the account's role is told.
        kinds: Numbers of the contract's NoticeKind; none for all.
    """

    url: str
    kinds: list[int]
    organisation: str = ""
    audience: Audience | None = None


class Webhooks:
    """Use cases of webhooks.

    Args:
        repository: Where they are.
        caller: Calls them, for a try.
        private: Private addresses are allowed.
        now: The time.
    """

    def __init__(
        self, repository: WebhookRepository, caller: Caller, *, private: bool, now: Callable[[], datetime]
    ) -> None:
        self._repository = repository
        self._caller = caller
        self._private = private
        self._now = now

    async def create(self, account: Account, wanted: WantedWebhook, key: str = "") -> tuple[Webhook, str]:
        """Make one; the second value is its secret, which is shown this once.

        Args:
            account: Who asks.
            wanted: What is asked.
            key: Under which it is made once; empty for none.

        Raises:
            InvalidField: A value breaks its rule.
            Forbidden: It would be told what the account is not.
            WrongState: The organisation has as many as it may.
            SecretTold: It was made under the key.
        """
        organisation = text.clean(wanted.organisation) or account.organisation
        audience = wanted.audience or _AUDIENCES.get(account.role)
        violations = self._violations(wanted.url, wanted.kinds)
        violations += text_violations(organisation=(organisation, NAME_MAX))
        if not organisation:
            violations.append(Violation("organisation", "required", "name the organisation: your account has none"))
        if audience is None:
            violations.append(Violation("audience", "required", "say whether people or the enterprise are told"))
        if violations or audience is None:
            raise InvalidField(violations)
        if account.role != Role.ADMIN and (organisation, audience) != (account.organisation, _AUDIENCES[account.role]):
            raise Forbidden("a webhook is told what your role is told, for your own organisation")
        kinds, secret = sorted(set(wanted.kinds)), new_secret()
        asked = [organisation, audience.value, wanted.url, kinds]
        try:
            webhook = await self._repository.insert(
                organisation=organisation,
                audience=audience,
                url=wanted.url,
                secret=secret,
                kinds=kinds,
                etag=token_hex(8),
                most=MOST,
                call=call_of(account, key, "webhooks.create", asked),
            )
        except MadeBefore as before:
            raise SecretTold("webhook", before.made_id) from None
        return webhook, secret

    async def get(self, account: Account, webhook_id: str) -> Webhook:
        """One that the account keeps. Raises NotFound."""
        return (await self._own(account, webhook_id))[0]

    async def page(self, account: Account, page_size: int, page_token: str) -> tuple[list[Webhook], str]:
        """One page of those that the account keeps, all for an administrator, and the token of the next page."""
        everywhere = account.role == Role.ADMIN
        organisation = "" if everywhere else account.organisation
        filters = {"organisation": organisation, "role": account.role}
        key = paging.decode(page_token, "webhooks", filters)
        size = rows(page_size)
        after = time_and_id(key) if key else None
        webhooks = await self._repository.page(organisation, _AUDIENCES.get(account.role), after, size + 1)
        if len(webhooks) <= size:
            return webhooks, ""
        last = webhooks[size - 1]
        return webhooks[:size], paging.encode("webhooks", filters, [last.create_time.isoformat(), last.id])

    async def update(
        self,
        account: Account,
        webhook_id: str,
        *,
        url: str | None = None,
        kinds: list[int] | None = None,
        active: bool | None = None,
        expected: str = "",
    ) -> Webhook:
        """Change what is not None. What waits for one that is switched off is dropped.

        Raises:
            NotFound: The account keeps none with this id.
            InvalidField: A value breaks its rule.
            StaleEtag: It was changed meanwhile.
        """
        before = await self.get(account, webhook_id)
        if violations := self._violations(before.url if url is None else url, kinds or []):
            raise InvalidField(violations)
        given = {"url": url, "kinds": sorted(set(kinds)) if kinds is not None else None, "active": active}
        changes: dict[str, object] = {name: value for name, value in given.items() if value is not None}
        return await self._change(webhook_id, changes, expected)

    async def new_secret(
        self, account: Account, webhook_id: str, key: str = "", expected: str = ""
    ) -> tuple[Webhook, str]:
        """Give one a new secret, which is shown this once; the old one signs nothing any more.

        Raises:
            NotFound: The account keeps none with this id.
            SecretTold: It was given one under the key.
            StaleEtag: It was changed meanwhile.
        """
        await self.get(account, webhook_id)
        secret = new_secret()
        call = call_of(account, key, "webhooks.new_secret", webhook_id)
        try:
            return await self._change(webhook_id, {"secret": secret}, expected, call), secret
        except MadeBefore as before:
            raise SecretTold("secret of webhook", before.made_id) from None

    async def delete(self, account: Account, webhook_id: str, expected: str = "") -> None:
        """Delete one with its deliveries. Raises NotFound, or StaleEtag where it was changed meanwhile."""
        await self.get(account, webhook_id)
        if not await self._repository.delete(webhook_id, expected=expected):
            raise StaleEtag if expected else NotFound("webhook", webhook_id)

    async def try_out(self, account: Account, webhook_id: str) -> Outcome:
        """Call one now with an event that did not happen, and answer what came of it. Raises NotFound."""
        webhook, secret = await self._own(account, webhook_id)
        kind = webhook.kinds[0] if webhook.kinds else int(pb.NOTICE_KIND_INVITATION_ACCEPTED)
        person = webhook.audience is Audience.PERSON
        event = Event(
            id=str(uuid4()),
            kind=kind,
            audience=webhook.audience,
            organisation=webhook.organisation,
            profile_id="",
            office=webhook.organisation if person else "",
            mentoring_request_id="",
            resource="",
            resource_id="",
            facts={"title": "测试 Test"},
            event_time=self._now(),
        )
        outcome = await self._caller.call(webhook.url, secret, event, test=True)
        if not outcome.sent:
            logs.get().warning("notices.webhook_test_failed", webhook=webhook.id, error=outcome.error)
        return outcome

    async def _own(self, account: Account, webhook_id: str) -> tuple[Webhook, str]:
        found = await self._repository.get(webhook_id)
        if found is not None:
            webhook = found[0]
            keeps = (webhook.organisation, webhook.audience) == (account.organisation, _AUDIENCES.get(account.role))
            if account.role == Role.ADMIN or keeps:
                return found
        raise NotFound("webhook", webhook_id)

    async def _change(
        self, webhook_id: str, changes: dict[str, object], expected: str, call: Call = NO_CALL
    ) -> Webhook:
        changes = {**changes, "etag": token_hex(8)}
        webhook = await self._repository.update(webhook_id, changes, expected=expected, call=call)
        if webhook is None:
            raise NotFound("webhook", webhook_id)
        return webhook

    def _violations(self, url: str, kinds: list[int]) -> list[Violation]:
        violations = text_violations(url=(url, URL_MAX))
        try:
            outside.check_url(url, private=self._private)
        except outside.Refused as error:
            violations.append(Violation("url", "webhook.url", str(error)))
        violations += [
            Violation(f"kinds[{n}]", "enum.defined_only", "is no kind of notice")
            for n, kind in enumerate(kinds)
            if kind == 0 or kind_name(kind).startswith("kind_")
        ]
        return violations


def new_secret() -> str:
    """256 random bits."""
    return SECRET_START + token_urlsafe(32)
