"""What people are told, how they want to be told, and when a mail may go out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import IntEnum, StrEnum
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
"""Quiet hours and digests are meant in this time, wherever the server stands."""


class Audience(IntEnum):
    """Who is told. The numbers are the contract's."""

    PERSON = 1
    ENTERPRISE = 2


class Channel(StrEnum):
    """Ways out of the gateway."""

    EMAIL = "email"
    WEBHOOK = "webhook"


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given_up"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, as matching tells of it.

    Attributes:
        id: The same at every claim.
        kind: Number of the contract's NoticeKind.
        organisation: The enterprise.
        profile_id: The person; empty for none.
        office: The organisation that keeps the person's profile.
        resource: "mentoring_request", "invitation", "opt_in", "engagement" or "mentoring_session".
        facts: What the words need.
        event_time: When it happened.
    """

    id: str
    kind: int
    audience: Audience
    organisation: str
    profile_id: str
    office: str
    mentoring_request_id: str
    resource: str
    resource_id: str
    facts: Mapping[str, str]
    event_time: datetime

    @property
    def told_organisation(self) -> str:
        """Whose webhooks are called: the enterprise's, or those of the office that looks after the person."""
        return self.organisation if self.audience is Audience.ENTERPRISE else self.office


@dataclass(frozen=True, slots=True)
class Notice:
    """One line on somebody's page.

    Attributes:
        on_behalf_of: Name of the person whom a coordinator is to tell; empty where the reader is meant.
        read_time: None while it is new.
    """

    id: str
    account_id: str
    event: Event
    on_behalf_of: str
    read_time: datetime | None


@dataclass(frozen=True, slots=True)
class QuietHours:
    """No mail goes out from one time of day to the other, in China's time. Midnight may lie between."""

    start: time
    end: time

    def until(self, moment: datetime) -> datetime:
        """The moment itself where it is not quiet, else when the quiet ends."""
        local = moment.astimezone(CHINA)
        clock = local.time().replace(tzinfo=None)
        over_midnight = self.end <= self.start
        quiet = clock >= self.start or clock < self.end if over_midnight else self.start <= clock < self.end
        if not quiet or self.start == self.end:
            return moment
        day = local.date() + timedelta(days=1 if over_midnight and clock >= self.start else 0)
        return datetime.combine(day, self.end, CHINA)


@dataclass(frozen=True, slots=True)
class Preferences:
    """How an account wants to be told.

    Attributes:
        in_app: Count new notices beside the menu. They stand on the page in any case.
        email: Send mails to `address`, where there is one.
        address: As it was typed.
        digest_hour: All mails of a day in one, at this hour in China; None for each at once.
        etag: Empty while the account has chosen nothing.
    """

    in_app: bool = True
    email: bool = True
    address: str = ""
    quiet: QuietHours | None = None
    digest_hour: int | None = None
    etag: str = ""

    @property
    def mail_address(self) -> str:
        """Where mails go; empty for nowhere."""
        return self.address if self.email else ""

    def due(self, moment: datetime) -> datetime:
        """When a mail that could go out at a moment may: at the hour of the digest, and not while it is quiet."""
        if self.digest_hour is not None:
            local = moment.astimezone(CHINA)
            due = datetime.combine(local.date(), time(self.digest_hour), CHINA)
            moment = due if due > local else due + timedelta(days=1)
        return self.quiet.until(moment) if self.quiet else moment


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who is told of an event.

    Attributes:
        account_id: Empty for a person who has none, and is told by mail alone.
        in_app: Whether it counts as new on their page.
        address: Where a mail goes; empty for none.
        due: When.
        on_behalf_of: Name of the person whom they are to tell.
    """

    account_id: str
    in_app: bool
    address: str
    due: datetime
    on_behalf_of: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One event in a mail to somebody.

    Attributes:
        delivery_id: Of the delivery.
        notice_id: The line on their page; empty for a person without an account.
    """

    delivery_id: str
    notice_id: str
    event: Event
    on_behalf_of: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Mails that go out as one.

    Attributes:
        account_id: Empty for a person without an account.
        attempts: How often it was tried, this time included.
        waiting_since: When the oldest of it was to go out.
    """

    id: str
    address: str
    account_id: str
    locale: str
    attempts: int
    waiting_since: datetime
    items: list[Item]


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address of another program.

    Attributes:
        audience: It is told what people are told, or what the enterprise is told.
        kinds: Numbers of the contract's NoticeKind; none for all.
    """

    id: str
    organisation: str
    audience: Audience
    url: str
    kinds: list[int]
    active: bool
    etag: str
    create_time: datetime
    update_time: datetime


@dataclass(frozen=True, slots=True)
class Call:
    """A webhook that is to be called.

    Attributes:
        attempts: How often it was tried, this time included.
    """

    delivery_id: str
    webhook_id: str
    url: str
    secret: str
    attempts: int
    waiting_since: datetime
    event: Event


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery as administrators see it.

    Attributes:
        target: A webhook's address without what follows the host; of a mail the account's id, never the address.
    """

    id: str
    event_id: str
    kind: int
    channel: Channel
    target: str
    state: DeliveryState
    attempts: int
    due_time: datetime
    last_error: str
    create_time: datetime
    end_time: datetime | None


class Failure(StrEnum):
    """Why a call came to nothing, for whoever is to mend it."""

    ADDRESS = "address"
    NAME = "name"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    TLS = "tls"
    BROKEN = "broken"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a try.

    Attributes:
        sent: It was taken.
        hopeless: It will never be: no further try.
        unsure: Whether it was taken is not known; the next try repeats exactly this.
        error: What the other side said, for administrators.
        why: Of a call, in what way it failed.
        status: Of a call, the HTTP status that was answered; 0 for none.
    """

    sent: bool = False
    hopeless: bool = False
    unsure: bool = False
    error: str = field(default="")
    why: Failure | None = None
    status: int = 0
