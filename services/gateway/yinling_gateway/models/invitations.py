"""Invitations as JSON: an enterprise asks a person."""

from datetime import datetime
from enum import StrEnum

from pydantic import ConfigDict, Field

from yinling_gateway.models.base import Input, Output, Text
from yinling_gateway.models.between import ETAG, OTHER, PERSON, BetweenQuery, ClosedBecause


class DeclineReason(StrEnum):
    """Why a person says no: 没有时间, 太远, 不对口, 条件不合适, 个人原因, 其他. `other` needs words."""

    NO_TIME = "no_time"
    TOO_FAR = "too_far"
    NOT_MY_FIELD = "not_my_field"
    CONDITIONS = "conditions"
    PERSONAL = "personal"
    OTHER = "other"


class InvitationState(StrEnum):
    """Where an invitation stands."""

    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class InvitationsInput(Input):
    """Whom an enterprise asks, all or none."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"profile_ids": [PERSON, OTHER], "message": "久闻您在矿井通风方面的经验，恳请指导。"}]
        }
    )

    profile_ids: list[Text] | None = Field(None, description="1 to 50 people.")
    message: Text | None = Field(None, description="What is written to each of them.")


class Decline(Input):
    """Why a person says no to an invitation."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "too_far", "words": "路远，远程可以。"}]})

    reason: DeclineReason | None = Field(None, description="Needed.")
    words: Text | None = Field(None, description="In words; needed with `other`.")


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
    etag: str = ETAG
    mentoring_request_title: str
    profile_name: str = Field(description="Empty where they are no longer here.")
    remind_time: datetime | None = Field(description="When the person was reminded.")


class InvitationList(Output):
    """Invitations just made, in the order of the people named."""

    invitations: list[Invitation]


class InvitationQuery(BetweenQuery):
    """Conditions of the list of invitations."""

    state: InvitationState | None = Field(None, description="Only in this state.")


class InvitationPage(Output):
    """One page of invitations."""

    invitations: list[Invitation]
    next_page_token: str = Field(description="Empty on the last page.")
