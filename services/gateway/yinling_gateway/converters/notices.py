"""Notices, preferences, deliveries and webhooks between what the gateway keeps and what it answers."""

import re
from datetime import time

from yinling_common.errors import InvalidField, Violation
from yinling_gateway.domain import Account
from yinling_gateway.models import notices as models
from yinling_gateway.models import webhooks as webhook_models
from yinling_gateway.notices.calling import KINDS, kind_name
from yinling_gateway.notices.domain import Audience, Delivery, Notice, Preferences, QuietHours, Webhook
from yinling_gateway.notices.links import page
from yinling_gateway.notices.words import say


def notice(given: Notice, reader: Account) -> models.Notice:
    """A notice in the language of the reader's account."""
    event = given.event
    said = say(event, english=reader.locale == "en", on_behalf_of=given.on_behalf_of)
    return models.Notice(
        id=given.id,
        event_id=event.id,
        kind=kind_name(event.kind),
        subject=said.subject,
        body=said.body,
        on_behalf_of=given.on_behalf_of,
        organisation=event.organisation,
        profile_id=event.profile_id,
        mentoring_request_id=event.mentoring_request_id,
        resource=event.resource,
        resource_id=event.resource_id,
        facts=dict(event.facts),
        page=page(event, reader.role),
        event_time=event.event_time,
        read_time=given.read_time,
    )


def preferences(given: Preferences, *, email_works: bool) -> models.NoticePreferences:
    """Preferences as they are answered."""
    quiet = None
    if given.quiet:
        quiet = models.QuietHours(start=f"{given.quiet.start:%H:%M}", end=f"{given.quiet.end:%H:%M}")
    return models.NoticePreferences(
        in_app=given.in_app,
        email=given.email,
        address=given.address,
        quiet_hours=quiet,
        digest_hour=given.digest_hour,
        email_works=email_works,
        etag=given.etag,
    )


def wanted_preferences(given: models.NoticePreferencesInput) -> Preferences:
    """Preferences as they were sent. Raises InvalidField where a time of day is none."""
    quiet = None
    if given.quiet_hours:
        violations: list[Violation] = []
        start = _clock(given.quiet_hours.start, "quiet_hours.start", violations)
        end = _clock(given.quiet_hours.end, "quiet_hours.end", violations)
        if start is None or end is None:
            raise InvalidField(violations)
        quiet = QuietHours(start, end)
    return Preferences(
        in_app=given.in_app,
        email=given.email,
        address=given.address.strip(),
        quiet=quiet,
        digest_hour=given.digest_hour,
    )


def delivery(given: Delivery) -> models.Delivery:
    """A delivery as it is answered."""
    return models.Delivery(
        id=given.id,
        event_id=given.event_id,
        kind=kind_name(given.kind),
        channel=given.channel,
        target=given.target,
        state=given.state,
        attempts=given.attempts,
        due_time=given.due_time,
        last_error=given.last_error,
        create_time=given.create_time,
        end_time=given.end_time,
    )


def webhook(given: Webhook) -> webhook_models.Webhook:
    """A webhook as it is answered, without its secret."""
    return webhook_models.Webhook(
        id=given.id,
        organisation=given.organisation,
        audience=webhook_models.WebhookAudience(given.audience.name.lower()),
        url=given.url,
        kinds=[kind_name(kind) for kind in given.kinds],
        active=given.active,
        etag=given.etag,
        create_time=given.create_time,
        update_time=given.update_time,
    )


def audience(given: webhook_models.WebhookAudience | None) -> Audience | None:
    """An audience as it was sent."""
    return Audience[given.name] if given else None


def kinds(given: list[models.NoticeKind]) -> list[int]:
    """Kinds by their numbers."""
    return [KINDS[kind.value] for kind in given]


def _clock(typed: str, field: str, violations: list[Violation]) -> time | None:
    if re.search(models.CLOCK, typed) and "\n" not in typed:
        hour, minute = typed.replace("：", ":").split(":")
        return time(int(hour), int(minute))
    violations.append(Violation(field, "string.time_of_day", "must be a time of day such as 22:00"))
    return None
