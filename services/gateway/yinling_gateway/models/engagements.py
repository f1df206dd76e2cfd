"""Engagements as JSON: both have said yes."""

from datetime import date, datetime
from enum import StrEnum

from pydantic import ConfigDict, Field

from yinling_gateway.models.base import Day, Input, Int, Output, Text
from yinling_gateway.models.between import ETAG, BetweenQuery


class EndReason(StrEnum):
    """Why an engagement ends early: 师傅另有安排, 需求有变, 配合不好, 个人原因, 其他. `other` needs words."""

    MENTOR_PLANS = "mentor_plans"
    NEED_CHANGED = "need_changed"
    NO_FIT = "no_fit"
    PERSONAL = "personal"
    OTHER = "other"


class EngagementState(StrEnum):
    """Where an engagement stands."""

    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"
    ENDED_EARLY = "ended_early"


class End(Input):
    """Why an engagement ends before its goal."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "need_changed", "words": "项目延期。"}]})

    reason: EndReason | None = Field(None, description="Needed.")
    words: Text | None = Field(None, description="In words; needed with `other`.")


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
    etag: str = ETAG
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


class EngagementQuery(BetweenQuery):
    """Conditions of the list of engagements."""

    state: EngagementState | None = Field(None, description="Only in this state.")


class EngagementPage(Output):
    """One page of engagements."""

    engagements: list[Engagement]
    next_page_token: str = Field(description="Empty on the last page.")
