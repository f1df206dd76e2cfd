"""Mentoring sessions and feedback, as JSON."""

from datetime import date, datetime
from enum import StrEnum

from pydantic import ConfigDict, Field, JsonValue

from yinling_gateway.models.base import Input, Int, Moment, Output, Paged, Text, needing

_ETAG = Field(description="Send it back as If-Match to guard against a lost update.")


class SessionState(StrEnum):
    """Where a session stands."""

    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class Side(StrEnum):
    """The two sides of an engagement."""

    ENTERPRISE = "enterprise"
    MENTOR = "mentor"


class FeedbackPhase(StrEnum):
    """When in the course of an engagement."""

    HALFWAY = "halfway"
    END = "end"


_NEW_SESSION: dict[str, JsonValue] = {
    "start_time": "2026-12-08T09:30:00+08:00",
    "minutes": 120,
    "summary": "通风系统图读图，现场测风",
    "next_step": "各班组自测一次",
    "place": "二号井会议室",
}


class SessionInput(Input):
    """Fields of a session that can be changed; absent ones stay."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"minutes": 90, "next_step": "各班组自测一次"}], "minProperties": 1}
    )

    start_time: Moment | None = Field(None, description="When it begins, with its time zone. Needed in a new one.")
    minutes: Int | None = Field(None, description="How long, 1 to 720. Needed in a new one.")
    summary: Text | None = Field(None, description="What it is about, or what was done.")
    next_step: Text | None = Field(None, description="What comes next.")
    place: Text | None = Field(None, description="Where, or through what.")


class NewSession(SessionInput):
    """A session to be planned or written down. One that begins in the future is planned, else it was held."""

    model_config = needing(_NEW_SESSION, start_time={}, minutes={"minimum": 1})


class SessionHeld(Input):
    """What became of a planned session."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"minutes": 90, "summary": "完成第一采区核定"}]})

    minutes: Int | None = Field(None, description="How long it was in the end; null for as planned.")
    summary: Text | None = Field(None, description="What was done; null leaves what stands there.")
    next_step: Text | None = Field(None, description="What comes next; null leaves what stands there.")


class MentoringSession(Output):
    """One meeting of an engagement."""

    id: str
    engagement_id: str
    state: SessionState | None
    start_time: datetime | None
    minutes: int
    summary: str
    next_step: str
    place: str
    logged_by: Side | None = Field(description="Which side wrote it last.")
    create_time: datetime | None
    update_time: datetime | None
    etag: str = _ETAG
    mentoring_request_title: str
    profile_name: str = Field(description="The mentor.")


class WeekHours(Output):
    """A week, Monday to Sunday, and what a person gives in it, all engagements together.

    What a person gives to others is not told to an enterprise.
    """

    week_start: date | None
    minutes: int = Field(description="Of sessions held or planned; told to an enterprise, of those with it alone.")
    allowed_minutes: int | None = Field(
        description="What the person allows; null where they did not say, and to an enterprise."
    )
    near_limit: bool = Field(description="Little is left, all engagements together.")


class LoggedSession(Output):
    """A session, and the person's hours in its week."""

    session: MentoringSession | None
    hours: WeekHours | None


class SessionQuery(Paged):
    """Conditions of the list of sessions."""

    engagement_id: Text = Field("", description="Only of this engagement.")
    profile_id: Text = Field("", description="Only of this person.")
    state: SessionState | None = Field(None, description="Only in this state.")
    start_time: Moment | None = Field(None, description="Only those that begin at this time or later.")
    end_time: Moment | None = Field(None, description="Only those that begin before this time.")


class SessionPage(Output):
    """One page of sessions, the latest start first."""

    sessions: list[MentoringSession]
    next_page_token: str = Field(description="Empty on the last page.")


class EngagementFeedbackInput(Input):
    """How an engagement goes, or went. At the end all three answers are needed, halfway `cooperation`."""

    model_config = needing(
        {"phase": "end", "goals": 5, "cooperation": 4, "again": 5, "words": "徒弟进步很快。"},
        phase={},
        cooperation={"minimum": 1},
    )

    phase: FeedbackPhase | None = Field(None, description="Needed.")
    goals: Int | None = Field(None, description="Was reached what was to be reached? 1 (not at all) to 5 (very much).")
    cooperation: Int | None = Field(None, description="Did the two work well together? 1 to 5.")
    again: Int | None = Field(None, description="Would one do it again? 1 to 5.")
    words: Text | None = Field(None, description="In words.")


class EngagementFeedback(Output):
    """What one side says of an engagement."""

    engagement_id: str
    phase: FeedbackPhase | None
    side: Side | None
    goals: int | None
    cooperation: int | None
    again: int | None
    words: str
    update_time: datetime | None


class FeedbackStanding(Output):
    """Whether a side has written."""

    phase: FeedbackPhase | None
    side: Side | None
    written: bool


class EngagementFeedbackList(Output):
    """One's own feedback, and the other side's once both have written."""

    feedback: list[EngagementFeedback]
    standings: list[FeedbackStanding] = Field(description="Both sides in each phase that has begun.")
