"""Opt-ins as JSON: a person offers themselves."""

from datetime import datetime
from enum import StrEnum

from pydantic import ConfigDict, Field

from yinling_gateway.models.base import Input, Output, Text
from yinling_gateway.models.between import ETAG, PERSON, BetweenQuery, ClosedBecause


class TurnDownReason(StrEnum):
    """Why an enterprise says no: 另有人选, 需要其他经验, 时间地点不合适, 需求有变, 其他. `other` needs words."""

    SOMEBODY_ELSE = "somebody_else"
    OTHER_EXPERIENCE = "other_experience"
    TIME_OR_PLACE = "time_or_place"
    NEED_CHANGED = "need_changed"
    OTHER = "other"


class OptInState(StrEnum):
    """Where an opt-in stands."""

    OFFERED = "offered"
    CONFIRMED = "confirmed"
    TURNED_DOWN = "turned_down"
    WITHDRAWN = "withdrawn"


class TurnDown(Input):
    """Why an enterprise says no to somebody who offered themselves."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "somebody_else", "words": "感谢您的热心。"}]})

    reason: TurnDownReason | None = Field(None, description="Needed.")
    words: Text | None = Field(None, description="In words; needed with `other`.")


class OptInInput(Input):
    """Who offers themselves."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"profile_id": PERSON, "message": "我愿意带徒弟。"}]})

    profile_id: Text | None = Field(None, description="Whom a coordinator offers; null means oneself.")
    message: Text | None = Field(None, description="What is written to the enterprise.")


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
    etag: str = ETAG
    mentoring_request_title: str
    profile_name: str = Field(description="Empty where they are no longer here.")


class OptInQuery(BetweenQuery):
    """Conditions of the list of opt-ins."""

    state: OptInState | None = Field(None, description="Only in this state.")


class OptInPage(Output):
    """One page of opt-ins."""

    opt_ins: list[OptIn]
    next_page_token: str = Field(description="Empty on the last page.")
