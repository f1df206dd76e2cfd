"""Webhooks as JSON."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field, JsonValue

from yinling_gateway.domain import NAME_MAX, URL_MAX
from yinling_gateway.models.base import Flag, Input, Output, Text, long
from yinling_gateway.models.notices import NoticeKind

_URL = "https://bridge.example.cn/yinling"
_KINDS = Field(description="Only these; an empty list means all.")
_WEBHOOK: dict[str, JsonValue] = {
    "id": "3f333df6-90a4-4fda-8dd3-9485d27cee36",
    "organisation": "云南铜业",
    "audience": "enterprise",
    "url": _URL,
    "kinds": ["invitation_accepted", "opt_in_received"],
    "active": True,
    "etag": "9f86d081884c7d65",
    "create_time": "2026-11-23T02:30:00Z",
    "update_time": "2026-11-23T02:30:00Z",
}


class WebhookAudience(StrEnum):
    """Whose notices: those of the people whom an office looks after, or those of the enterprise."""

    PERSON = "person"
    ENTERPRISE = "enterprise"


Url = Annotated[Text, Field(json_schema_extra={"pattern": "^https://", **long(0, URL_MAX)})]


class NewWebhook(Input):
    """A webhook to be made."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"url": _URL, "kinds": ["invitation_accepted", "opt_in_received"]}]}
    )

    url: Url = Field(description="Where it is called. HTTPS, and an address that everybody can reach.")
    kinds: list[NoticeKind] = Field(default_factory=list, max_length=50, description="Only these; none means all.")
    organisation: Text = Field(
        "", description="Needed by administrators; others have their own.", json_schema_extra=long(0, NAME_MAX)
    )
    audience: WebhookAudience | None = Field(None, description="Needed by administrators; others have their own.")


class WebhookChange(Input):
    """Fields of a webhook that can be changed; absent ones stay."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"active": False}], "minProperties": 1})

    url: Url | None = None
    kinds: list[NoticeKind] | None = Field(None, max_length=50)
    active: Flag | None = Field(None, description="What waits for one that is switched off is dropped.")


class Webhook(Output):
    """An address that is called with every notice of an organisation."""

    model_config = ConfigDict(json_schema_extra={"examples": [_WEBHOOK]})

    id: str
    organisation: str
    audience: WebhookAudience
    url: str
    kinds: list[str] = _KINDS
    active: bool
    etag: str = Field(description="Send it back as If-Match to guard against a lost update.")
    create_time: datetime
    update_time: datetime


class WebhookWithSecret(Webhook):
    """A webhook with its secret. This is the only time that the secret is shown."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_WEBHOOK, "secret": "whs_…"}]})

    secret: str = Field(
        description="Signs every call: X-Yinling-Signature is t=SECONDS,v1=HMAC-SHA256(secret, t.body)."
    )


class WebhookPage(Output):
    """One page of webhooks, in the order in which they were made."""

    webhooks: list[Webhook]
    next_page_token: str = Field(description="Empty on the last page.")


class TriedOut(Output):
    """What came of a call with an event that did not happen."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"delivered": False, "error": "answered 404"}]})

    delivered: bool = Field(description="It was answered with 2xx.")
    error: str = Field(description="What went wrong; empty where nothing did.")
