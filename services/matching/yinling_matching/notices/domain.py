"""A notice: one thing that happened, for one audience."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

# The numbers of both enums are those of the contract, and the database keeps them.


class NoticeKind(IntEnum):
    """What a notice tells of."""

    INVITATION_RECEIVED = 1
    INVITATION_REMINDER = 2
    INVITATION_EXPIRED = 3
    INVITATION_ACCEPTED = 4
    INVITATION_DECLINED = 5
    INVITATION_CLOSED = 6
    OPT_IN_RECEIVED = 7
    OPT_IN_CONFIRMED = 8
    OPT_IN_TURNED_DOWN = 9
    OPT_IN_WITHDRAWN = 10
    ENGAGEMENT_PAUSED = 11
    ENGAGEMENT_RESUMED = 12
    ENGAGEMENT_COMPLETED = 13
    ENGAGEMENT_ENDED = 14
    SESSION_PLANNED = 15
    SESSION_CANCELLED = 16
    SESSION_REMINDER = 17
    FEEDBACK_ASKED = 18
    FEEDBACK_READY = 19
    HOURS_NEAR_LIMIT = 20
    REQUEST_EXPIRED = 21
    REQUEST_FILLED = 22
    SESSION_LOGGED = 23
    FEEDBACK_GIVEN = 24


class Audience(IntEnum):
    """Who is told."""

    PERSON = 1
    ENTERPRISE = 2


@dataclass(frozen=True, slots=True)
class NewNotice:
    """A notice that is to be written.

    Attributes:
        organisation: The enterprise.
        profile_id: The person; empty for none.
        office: The organisation that keeps the person's profile; empty for none.
        mentoring_request_id: The request that it is about.
        resource: "mentoring_request", "invitation", "opt_in", "engagement" or "mentoring_session".
        resource_id: Its id.
        facts: What the words need. Never somebody's own words or contact.
        subject: Account of whoever did it: they are not told themselves.
        now: When it happened.
    """

    kind: NoticeKind
    audience: Audience
    organisation: str
    mentoring_request_id: str
    resource: str
    resource_id: str
    subject: str
    now: datetime
    profile_id: str = ""
    office: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as it is handed out. The attributes are as of a new one.

    Attributes:
        kind: The number: a newer replica may have told of something that has no name here.
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
    subject: str
    create_time: datetime
