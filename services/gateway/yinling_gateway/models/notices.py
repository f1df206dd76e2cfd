"""Notices, and how somebody wants to be told, as JSON."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field, JsonValue

from yinling_gateway.domain import ADDRESS_MAX
from yinling_gateway.models.base import Flag, Input, Int, Output, Paged, Text

_NOTICE: dict[str, JsonValue] = {
    "id": "0b6f7a52-2a3f-4c5e-9d0a-3f0a5b1c2d3e",
    "event_id": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
    "kind": "invitation_accepted",
    "subject": "邀请被接受：转炉炼钢操作带教",
    "body": "好消息：“转炉炼钢操作带教”的邀请被接受了，双方结对成功。请尽快联系专家，约好第一次见面。",
    "on_behalf_of": "",
    "organisation": "云南铜业",
    "profile_id": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "mentoring_request_id": "1b4e28ba-2fa1-41d2-883f-0016d3cca427",
    "resource": "engagement",
    "resource_id": "6fa459ea-ee8a-4ca4-894e-db77e160355e",
    "facts": {"title": "转炉炼钢操作带教"},
    "page": "/engagements/6fa459ea-ee8a-4ca4-894e-db77e160355e",
    "event_time": "2026-11-23T02:30:00Z",
    "read_time": "2026-11-23T03:05:00Z",
}


class NoticeKind(StrEnum):
    """What a notice tells of."""

    INVITATION_RECEIVED = "invitation_received"
    INVITATION_REMINDER = "invitation_reminder"
    INVITATION_EXPIRED = "invitation_expired"
    INVITATION_ACCEPTED = "invitation_accepted"
    INVITATION_DECLINED = "invitation_declined"
    INVITATION_CLOSED = "invitation_closed"
    OPT_IN_RECEIVED = "opt_in_received"
    OPT_IN_CONFIRMED = "opt_in_confirmed"
    OPT_IN_TURNED_DOWN = "opt_in_turned_down"
    OPT_IN_WITHDRAWN = "opt_in_withdrawn"
    ENGAGEMENT_PAUSED = "engagement_paused"
    ENGAGEMENT_RESUMED = "engagement_resumed"
    ENGAGEMENT_COMPLETED = "engagement_completed"
    ENGAGEMENT_ENDED = "engagement_ended"
    SESSION_PLANNED = "session_planned"
    SESSION_CANCELLED = "session_cancelled"
    SESSION_REMINDER = "session_reminder"
    FEEDBACK_ASKED = "feedback_asked"
    FEEDBACK_READY = "feedback_ready"
    HOURS_NEAR_LIMIT = "hours_near_limit"
    REQUEST_EXPIRED = "request_expired"
    REQUEST_FILLED = "request_filled"
    SESSION_LOGGED = "session_logged"


class NoticeQuery(Paged):
    """Which notices."""

    unread: bool = Field(False, description="Only those that were not read.")


class Notice(Output):
    """Something that the caller is told, in the language of their account."""

    model_config = ConfigDict(json_schema_extra={"examples": [_NOTICE]})

    id: str
    event_id: str = Field(description="The same for everybody who is told of it, and in webhooks.")
    kind: str = Field(description="One of NoticeKind; more may come.")
    subject: str
    body: str
    on_behalf_of: str = Field(description="Name of the person whom you, their coordinator, are to tell by telephone.")
    organisation: str = Field(description="The enterprise.")
    profile_id: str = Field(description="The person; empty for none.")
    mentoring_request_id: str
    resource: str = Field(description="mentoring_request, invitation, opt_in, engagement or mentoring_session.")
    resource_id: str
    facts: dict[str, str]
    page: str = Field(description="Path of the page that it is about.")
    event_time: datetime
    read_time: datetime | None = Field(
        description="Null while it is new. What a notice asks for may be done by another: then it is read, too."
    )


class NoticePage(Output):
    """One page of notices, the latest first."""

    notices: list[Notice]
    unread: int = Field(description="How many are new, on all pages together.")
    next_page_token: str = Field(description="Empty on the last page.")


class ReadAll(Output):
    """How many notices were new until now."""

    read: int


CLOCK = "^([01]?[0-9]|2[0-3])[:：][0-5][0-9]$"
TimeOfDay = Annotated[Text, Field(json_schema_extra={"pattern": CLOCK})]
Hour = Annotated[Int, Field(json_schema_extra={"minimum": 0, "maximum": 23})]


class QuietHours(Input):
    """No mail goes out from one time of day to the other, in China's time. Midnight may lie between."""

    start: TimeOfDay = Field(description="As in 22:00.", examples=["22:00"])
    end: TimeOfDay = Field(description="As in 07:00.", examples=["07:00"])


_PREFERENCES: dict[str, JsonValue] = {
    "in_app": True,
    "email": True,
    "address": "zhou@example.com",
    "quiet_hours": {"start": "21:30", "end": "08:00"},
    "digest_hour": 18,
}


class NoticePreferencesInput(Input):
    """How somebody wants to be told. Written as a whole."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PREFERENCES]})

    in_app: Flag = Field(True, description="Count new notices beside the menu; they stand on the page in any case.")
    email: Flag = Field(True, description="Send mails, where there is an address.")
    address: Text = Field(
        "",
        description="E-mail address; empty for none.",
        json_schema_extra={"anyOf": [{"const": ""}, {"format": "email", "maxLength": ADDRESS_MAX}]},
    )
    quiet_hours: QuietHours | None = Field(None, description="When no mail goes out; null for none.")
    digest_hour: Hour | None = Field(
        None, description="All mails of a day in one, at this hour in China; null for each at once."
    )


class NoticePreferences(Output):
    """How somebody wants to be told."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**_PREFERENCES, "email_works": True, "etag": "9f86d081884c7d65"}]}
    )

    in_app: bool
    email: bool
    address: str
    quiet_hours: QuietHours | None
    digest_hour: int | None
    email_works: bool = Field(description="Whether there is a mail server; without one no mail goes out.")
    etag: str = Field(description="Send it back as If-Match to guard against a lost update.")


class DeliveryQueryState(StrEnum):
    """Which deliveries: tried in vain and tried again, given up, waiting, or sent."""

    FAILING = "failing"
    GIVEN_UP = "given_up"
    WAITING = "waiting"
    SENT = "sent"


class DeliveryQuery(Paged):
    """Which deliveries."""

    state: DeliveryQueryState = DeliveryQueryState.GIVEN_UP


class Delivery(Output):
    """A mail or a call of a webhook."""

    id: str
    event_id: str
    kind: str
    channel: str = Field(description="email or webhook.")
    target: str = Field(description="Of a mail the account's id, never the address; of a webhook its host.")
    state: str
    attempts: int
    due_time: datetime
    last_error: str = Field(description="What the other side said.")
    create_time: datetime
    end_time: datetime | None


class DeliveryPage(Output):
    """One page of deliveries, the latest first."""

    deliveries: list[Delivery]
    next_page_token: str = Field(description="Empty on the last page.")
