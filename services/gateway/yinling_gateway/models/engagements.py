"""Invitations, opt-ins, engagements and the history of a request, as JSON."""

import json
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field, JsonValue

from yinling_gateway.models.base import Day, Input, Int, Output, Paged, Text

_PERSON, _OTHER = "0f8fad5b-d9cb-469f-a165-70867728950e", "7c9e6679-7425-40de-944b-e07fc1f90ae7"
_ETAG = Field(description="Send it back as If-Match to guard against a lost update.")


class DeclineReason(StrEnum):
    """Why a person says no: 没有时间, 太远, 不对口, 条件不合适, 个人原因, 其他. `other` needs words."""

    NO_TIME = "no_time"
    TOO_FAR = "too_far"
    NOT_MY_FIELD = "not_my_field"
    CONDITIONS = "conditions"
    PERSONAL = "personal"
    OTHER = "other"


class TurnDownReason(StrEnum):
    """Why an enterprise says no: 另有人选, 需要其他经验, 时间地点不合适, 需求有变, 其他. `other` needs words."""

    SOMEBODY_ELSE = "somebody_else"
    OTHER_EXPERIENCE = "other_experience"
    TIME_OR_PLACE = "time_or_place"
    NEED_CHANGED = "need_changed"
    OTHER = "other"


class EndReason(StrEnum):
    """Why an engagement ends early: 师傅另有安排, 需求有变, 配合不好, 个人原因, 其他. `other` needs words."""

    MENTOR_PLANS = "mentor_plans"
    NEED_CHANGED = "need_changed"
    NO_FIT = "no_fit"
    PERSONAL = "personal"
    OTHER = "other"


class ClosedBecause(StrEnum):
    """Why something that waited was closed without a word of either side."""

    FILLED = "filled"
    REQUEST_CLOSED = "request_closed"
    REQUEST_EXPIRED = "request_expired"
    PERSON_GONE = "person_gone"


class InvitationState(StrEnum):
    """Where an invitation stands."""

    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class OptInState(StrEnum):
    """Where an opt-in stands."""

    OFFERED = "offered"
    CONFIRMED = "confirmed"
    TURNED_DOWN = "turned_down"
    WITHDRAWN = "withdrawn"


class EngagementState(StrEnum):
    """Where an engagement stands."""

    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"
    ENDED_EARLY = "ended_early"


class InvitationsInput(Input):
    """Whom an enterprise asks, all or none."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"profile_ids": [_PERSON, _OTHER], "message": "久闻您在矿井通风方面的经验，恳请指导。"}]
        }
    )

    profile_ids: list[Text] | None = Field(None, description="1 to 50 people.")
    message: Text | None = Field(None, description="What is written to each of them.")


class Decline(Input):
    """Why a person says no to an invitation."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "too_far", "words": "路远，远程可以。"}]})

    reason: DeclineReason | None = Field(None, description="Needed.")
    words: Text | None = Field(None, description="In words; needed with `other`.")


class TurnDown(Input):
    """Why an enterprise says no to somebody who offered themselves."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "somebody_else", "words": "感谢您的热心。"}]})

    reason: TurnDownReason | None = Field(None, description="Needed.")
    words: Text | None = Field(None, description="In words; needed with `other`.")


class End(Input):
    """Why an engagement ends before its goal."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "need_changed", "words": "项目延期。"}]})

    reason: EndReason | None = Field(None, description="Needed.")
    words: Text | None = Field(None, description="In words; needed with `other`.")


class OptInInput(Input):
    """Who offers themselves."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"profile_id": _PERSON, "message": "我愿意带徒弟。"}]})

    profile_id: Text | None = Field(None, description="Whom a coordinator offers; null means oneself.")
    message: Text | None = Field(None, description="What is written to the enterprise.")


class Invitation(Output):
    """An enterprise asks a person."""

    id: str
    mentoring_request_id: str
    organisation: str = Field(description="The enterprise.")
    profile_id: str = Field(description="Who is asked.")
    message: str
    state: InvitationState | None
    decline_reason: DeclineReason | None
    decline_words: str
    closed_because: ClosedBecause | None = Field(description="Of withdrawn: why, where nobody did it by hand.")
    engagement_id: str = Field(description="Of accepted: what it led to; empty otherwise.")
    expire_time: datetime | None = Field(description="Until when it can be accepted.")
    create_time: datetime | None
    update_time: datetime | None
    etag: str = _ETAG
    mentoring_request_title: str
    profile_name: str = Field(description="Empty where they are no longer here.")
    remind_time: datetime | None = Field(description="When the person was reminded.")


class OptIn(Output):
    """A person offers themselves for a request."""

    id: str
    mentoring_request_id: str
    organisation: str = Field(description="The enterprise.")
    profile_id: str = Field(description="Who offers themselves.")
    message: str
    state: OptInState | None
    turn_down_reason: TurnDownReason | None
    turn_down_words: str
    closed_because: ClosedBecause | None = Field(description="Why, where nobody did it by hand.")
    engagement_id: str = Field(description="Of confirmed: what it led to; empty otherwise.")
    create_time: datetime | None
    update_time: datetime | None
    etag: str = _ETAG
    mentoring_request_title: str
    profile_name: str = Field(description="Empty where they are no longer here.")


class GoalInput(Input):
    """Something that an engagement is to reach."""

    id: Text | None = Field(None, description="Of a goal that is there already; null for a new one.")
    text: Text | None = Field(None, description="What. Needed.")
    progress: Int | None = Field(None, description="How far, in percent.")
    note: Text | None = Field(None, description="What is to be said of it.")


class Goal(Output):
    """Something that an engagement is to reach."""

    id: str
    text: str
    progress: int = Field(description="How far, in percent.")
    note: str
    update_time: datetime | None


class EnterpriseContactInput(Input):
    """Whom the person turns to at the enterprise."""

    name: Text | None = None
    phone: Text | None = Field(None, description="Digits, spaces, + - ( ).")
    email: Text | None = None


class EnterpriseContact(Output):
    """Whom the person turns to at the enterprise."""

    name: str
    phone: str
    email: str


class EngagementInput(Input):
    """What can be changed of an engagement. Goals are replaced as a list; send the `id` of those that stay."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "goals": [{"text": "独立完成通风系统核定", "progress": 40, "note": "已完成两个采区"}],
                    "planned_end_date": "2027-06-30",
                    "enterprise_contact": {"name": "李敏", "phone": "0871 6300 0000", "email": "li.min@example.com"},
                }
            ],
            "minProperties": 1,
        }
    )

    goals: list[GoalInput] | None = Field(None, description="At most 20. Written by either side.")
    planned_end_date: Day | None = Field(None, description="The last day as planned; null for open.")
    enterprise_contact: EnterpriseContactInput | None = Field(None, description="Written by the enterprise alone.")


class Engagement(Output):
    """Both said yes. It takes one of the request's places, and one of the person's until it is over."""

    id: str
    mentoring_request_id: str
    organisation: str = Field(description="The enterprise.")
    profile_id: str = Field(description="The mentor.")
    state: EngagementState | None
    invitation_id: str = Field(description="What it came from; empty where it was an opt-in.")
    opt_in_id: str = Field(description="What it came from; empty where it was an invitation.")
    end_reason: EndReason | None
    end_words: str
    create_time: datetime | None
    update_time: datetime | None
    end_time: datetime | None = Field(description="When it was completed or ended.")
    etag: str = _ETAG
    mentoring_request_title: str
    profile_name: str = Field(description="Empty where they are no longer here.")
    goals: list[Goal]
    planned_end_date: date | None
    held_minutes: int = Field(description="Of the sessions held so far.")
    held_sessions: int
    enterprise_contact: EnterpriseContact | None


class MentorContact(Output):
    """How to reach a mentor. The person can read who asked for it."""

    name: str
    phone: str
    email: str
    wechat: str


class InvitationList(Output):
    """Invitations just made, in the order of the people named."""

    invitations: list[Invitation]


class _Query(Paged):
    mentoring_request_id: Text = Field("", description="Only of this request.")
    profile_id: Text = Field("", description="Only of this person.")


class InvitationQuery(_Query):
    """Conditions of the list of invitations."""

    state: InvitationState | None = Field(None, description="Only in this state.")


class OptInQuery(_Query):
    """Conditions of the list of opt-ins."""

    state: OptInState | None = Field(None, description="Only in this state.")


class EngagementQuery(_Query):
    """Conditions of the list of engagements."""

    state: EngagementState | None = Field(None, description="Only in this state.")


class InvitationPage(Output):
    """One page of invitations."""

    invitations: list[Invitation]
    next_page_token: str = Field(description="Empty on the last page.")


class OptInPage(Output):
    """One page of opt-ins."""

    opt_ins: list[OptIn]
    next_page_token: str = Field(description="Empty on the last page.")


class EngagementPage(Output):
    """One page of engagements."""

    engagements: list[Engagement]
    next_page_token: str = Field(description="Empty on the last page.")


class RequestAction(StrEnum):
    """What was done to a request."""

    CREATE = "create"
    UPDATE = "update"
    PUBLISH = "publish"
    CLOSE = "close"
    REOPEN = "reopen"
    FILL = "fill"
    EXPIRE = "expire"
    DUPLICATE = "duplicate"
    DELETE = "delete"


def _plain(value: object) -> JsonValue:
    result: JsonValue = json.loads(value) if isinstance(value, str) else None
    return result


Plain = Annotated[JsonValue, BeforeValidator(_plain)]
"""A value that the service tells as JSON text."""


class FieldChange(Output):
    """A field that changed."""

    name: str
    before: Plain
    after: Plain


class RequestChange(Output):
    """One step in the life of a request."""

    action: RequestAction | None
    create_time: datetime | None
    subject: str = Field(description="Account of whoever did it.")
    role: str
    fields: list[FieldChange]


class RequestChangePage(Output):
    """One page of the history of a request, the latest first."""

    changes: list[RequestChange]
    next_page_token: str = Field(description="Empty on the last page.")
