"""Calls webhooks: signed, so that the receiver knows who calls; again and again, until it has answered with 2xx."""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import new as hmac

import httpx
from yinling.matching.v1 import notice_service_pb2 as pb

from yinling_common import logs
from yinling_common.faults import point
from yinling_gateway.notices import outside
from yinling_gateway.notices.domain import Call, Event, Failure, Outcome
from yinling_gateway.notices.settings import NoticeSettings
from yinling_gateway.notices.settling import UNTOLD
from yinling_gateway.notices.timing import next_try
from yinling_gateway.notices.words import say
from yinling_gateway.repository import WebhookRepository

SIGNATURE, EVENT = "X-Yinling-Signature", "X-Yinling-Event"

_AT_ONCE = 10


class Caller:
    """Calls what is due.

    Args:
        repository: What is to be called.
        settings: How.
        now: The time.
    """

    def __init__(self, repository: WebhookRepository, settings: NoticeSettings, *, now: Callable[[], datetime]) -> None:
        self._repository = repository
        self._settings = settings
        self._now = now

    async def call_due(self) -> float:
        """Call what is due; answers after how many seconds to come again."""
        lease = timedelta(seconds=self._settings.notices_lease)
        calls = await self._repository.claim(self._now(), lease, _AT_ONCE)
        await asyncio.gather(*(self._one(call) for call in calls))
        return 0 if len(calls) == _AT_ONCE else self._settings.notices_poll

    async def call(self, url: str, secret: str, event: Event, *, test: bool = False) -> Outcome:
        """Call a webhook once."""
        content = body(event, test=test)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Yinling",
            EVENT: event.id,
            SIGNATURE: sign(secret, content, self._now()),
        }
        try:
            answer = await outside.post(
                url,
                content,
                headers,
                seconds=min(self._settings.webhook_timeout, self._settings.notices_lease / 3),
                private=self._settings.webhooks_private,
            )
        except outside.Refused as error:
            return Outcome(error=f"the address {error}", why=Failure.ADDRESS)
        except TimeoutError:
            return Outcome(error=f"no answer within {self._settings.webhook_timeout:g} s", why=Failure.TIMEOUT)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            return Outcome(error=f"{type(error).__name__}: {error}", why=outside.why(error))
        if 200 <= answer.status < 300:
            return Outcome(sent=True)
        # Gone for good, says HTTP; anything else somebody may mend.
        said = f"answered {answer.status}"
        return Outcome(hopeless=answer.status == 410, error=said, why=Failure.ANSWERED, status=answer.status)

    async def _one(self, call: Call) -> None:
        point("webhook.claimed")
        outcome = await self.call(call.url, call.secret, call.event)
        point("webhook.called")
        now = self._now()
        too_long = now - call.waiting_since > timedelta(days=self._settings.notices_give_up_days)
        given_up = not outcome.sent and (outcome.hopeless or too_long)
        await self._repository.finish(call, outcome, now, due=next_try(call.attempts, now), given_up=given_up)
        if outcome.sent:
            logs.get().info("notices.webhook_called", webhook=call.webhook_id, notice=call.event.id)
        else:
            logs.get().warning(
                "notices.webhook_given_up" if given_up else "notices.webhook_failed",
                webhook=call.webhook_id,
                notice=call.event.id,
                attempts=call.attempts,
                error=outcome.error,
            )


def body(event: Event, *, test: bool = False) -> bytes:
    """What a webhook is sent: ids, kind and facts, and a line in both languages. No names and no contacts."""
    content = {
        "id": event.id,
        "kind": kind_name(event.kind),
        "audience": event.audience.name.lower(),
        "organisation": event.organisation,
        "office": event.office,
        "profile_id": event.profile_id,
        "mentoring_request_id": event.mentoring_request_id,
        "resource": event.resource,
        "resource_id": event.resource_id,
        "facts": dict(event.facts),
        "subject": {"zh": say(event, english=False).subject, "en": say(event, english=True).subject},
        "event_time": event.event_time.isoformat(),
        "test": test,
    }
    return json.dumps(content, ensure_ascii=False).encode()


def sign(secret: str, content: bytes, now: datetime) -> str:
    """The signature of a call: over the time too, so that an old call sent by somebody else is seen to be old."""
    seconds = str(int(now.timestamp()))
    digest = hmac(secret.encode(), f"{seconds}.".encode() + content, sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def kind_name(kind: int) -> str:
    """A kind in small letters, such as "invitation_received"."""
    name = pb.NoticeKind.Name(pb.NoticeKind.ValueType(kind)) if kind in pb.NoticeKind.values() else f"KIND_{kind}"
    return name.removeprefix("NOTICE_KIND_").lower()


KINDS: dict[str, int] = {
    kind_name(number): number for number in pb.NoticeKind.values() if number and number not in UNTOLD
}
"""Numbers of the contract by their names, without those of which nobody is told."""
