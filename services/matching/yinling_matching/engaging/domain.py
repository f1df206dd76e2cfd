"""Invitations, opt-ins, engagements and their sessions, and what is written down of each step."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from yinling_common.identity import Identity
from yinling_matching.domain import new_etag
from yinling_matching.engaging.states import (
    ClosedBecause,
    DeclineReason,
    EndReason,
    EngagementState,
    InvitationState,
    OptInState,
    SessionState,
    Side,
    TurnDownReason,
)


@dataclass(frozen=True, slots=True)
class Invitation:
    """An enterprise asks a person.

    Attributes:
        organisation: The enterprise.
        office: The organisation that keeps the person's profile.
        engagement_id: What it led to; empty where nothing.
        expire_time: Until when it can be accepted.
        remind_time: When the person was reminded; None where they were not.
        etag: Another one after every write.
    """

    id: str
    mentoring_request_id: str
    organisation: str
    profile_id: str
    office: str
    message: str
    expire_time: datetime
    create_time: datetime
    update_time: datetime
    state: InvitationState = InvitationState.SENT
    decline_reason: DeclineReason = DeclineReason.UNSPECIFIED
    decline_words: str = ""
    closed_because: ClosedBecause = ClosedBecause.UNSPECIFIED
    engagement_id: str = ""
    remind_time: datetime | None = None
    etag: str = field(default_factory=new_etag, compare=False)


@dataclass(frozen=True, slots=True)
class OptIn:
    """A person offers themselves for a request. The attributes are as of an invitation."""

    id: str
    mentoring_request_id: str
    organisation: str
    profile_id: str
    office: str
    message: str
    create_time: datetime
    update_time: datetime
    state: OptInState = OptInState.OFFERED
    turn_down_reason: TurnDownReason = TurnDownReason.UNSPECIFIED
    turn_down_words: str = ""
    closed_because: ClosedBecause = ClosedBecause.UNSPECIFIED
    engagement_id: str = ""
    etag: str = field(default_factory=new_etag, compare=False)


@dataclass(frozen=True, slots=True)
class Goal:
    """Something that an engagement is to reach.

    Attributes:
        progress: In percent.
        update_time: When it last changed; None for one that is not kept yet.
    """

    id: str
    text: str
    progress: int = 0
    note: str = ""
    update_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class EnterpriseContact:
    """Whom the person turns to at the enterprise."""

    name: str = ""
    phone: str = ""
    email: str = ""


NO_CONTACT = EnterpriseContact()


@dataclass(frozen=True, slots=True)
class Engagement:
    """Both said yes.

    Attributes:
        update_time: When it last changed its state; other changes leave it.
        invitation_id: What it came from: this or the next is set, the other is empty.
        end_time: When it was completed or ended; None before.
        planned_end_date: The last day as planned, in China's time; None where open.
    """

    id: str
    mentoring_request_id: str
    organisation: str
    profile_id: str
    office: str
    create_time: datetime
    update_time: datetime
    state: EngagementState = EngagementState.ACTIVE
    invitation_id: str = ""
    opt_in_id: str = ""
    end_reason: EndReason = EndReason.UNSPECIFIED
    end_words: str = ""
    end_time: datetime | None = None
    goals: tuple[Goal, ...] = ()
    planned_end_date: date | None = None
    enterprise_contact: EnterpriseContact = NO_CONTACT
    etag: str = field(default_factory=new_etag, compare=False)


@dataclass(frozen=True, slots=True)
class MentoringSession:
    """One meeting of an engagement.

    Attributes:
        logged_by: Who wrote it last.
    """

    id: str
    engagement_id: str
    mentoring_request_id: str
    organisation: str
    profile_id: str
    office: str
    start_time: datetime
    minutes: int
    logged_by: Side
    create_time: datetime
    update_time: datetime
    state: SessionState = SessionState.PLANNED
    summary: str = ""
    next_step: str = ""
    place: str = ""
    etag: str = field(default_factory=new_etag, compare=False)


Thing = Invitation | OptIn | Engagement | MentoringSession
"""What stands between a request and a person."""

Kind = TypeVar("Kind", bound=Thing)


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the audit.

    Attributes:
        by: Who did it.
        resource: "mentoring_request", "invitation", "opt_in", "engagement", "mentoring_session" or "feedback".
        resource_id: Its id.
        action: What was done.
        before: The state before; empty for something new.
        after: The state after; empty for something deleted.
        mentoring_request_id: The request that it is about.
        profile_id: The person that it is about; empty for none.
        fields: What changed, by name: of a request [before, after] as JSON has it, of all else None.
    """

    by: Identity
    resource: str
    resource_id: str
    action: str
    before: str
    after: str
    mentoring_request_id: str
    profile_id: str = ""
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """One step in the life of a request, as it is read."""

    number: int
    time: datetime
    subject: str
    role: str
    action: str
    fields: dict[str, Any]
