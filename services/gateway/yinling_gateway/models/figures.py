"""Figures as JSON."""

from datetime import date
from enum import StrEnum

from pydantic import Field

from yinling_gateway.models.base import Day, Input, Output, Text


class FiguresBy(StrEnum):
    """What an organisation is: 用人单位, 人才所在单位."""

    ENTERPRISE = "enterprise"
    OFFICE = "office"


class FiguresFileQuery(Input):
    """Parameters of the figures."""

    start_date: Day | None = Field(None, description="First day; 90 days before the last where not stated.")
    end_date: Day | None = Field(None, description="Last day, in China's time; today where not stated.")
    organisation: Text = Field("", description="Whose; empty for all that the caller may see.")
    by: FiguresBy | None = Field(
        None, description="What `organisation` is; the enterprise where not stated, for a coordinator the office."
    )


class FiguresQuery(FiguresFileQuery):
    """The same as JSON."""

    without_skills: bool = Field(False, description="Leave out unmet_demand and idle_supply, which take longest.")


class NamedCount(Output):
    """How many of something there are."""

    name: str = Field(description="A state or reason of the API; fewer_than_three for reasons of very few together.")
    count: int


class TimeTo(Output):
    """How long something took."""

    count: int = Field(description="How many it was measured on.")
    median_seconds: float = Field(description="Half took no longer.")
    ninth_decile_seconds: float = Field(description="Nine in ten took no longer.")


class SkillGap(Output):
    """What is asked for and nobody offers, or offered and nobody asks for."""

    skill: str = Field(description="In the words of a request or a profile; what says nearly the same is one.")
    city: str = Field(
        description="Of demand: where nobody who offers it would work; empty where nobody offers it anywhere."
        " Of supply: where all who offer it live; empty where they live in several."
    )
    count: int = Field(description="Requests that ask for it, or people who offer it.")


class Figures(Output):
    """Figures of a period. Null means that there was nothing to be measured."""

    start_date: date
    end_date: date
    requests: list[NamedCount] = Field(description="Requests made in the period, by the state in which they are now.")
    open_requests: int = Field(description="Requests that are open now.")
    fill_rate: float | None = Field(description="Of the requests made that are no drafts, the part that is filled.")
    time_to_suggestion: TimeTo | None = Field(description="From the opening of a request to the first person shown.")
    time_to_reply: TimeTo | None = Field(description="From an invitation or opt-in to its answer.")
    time_to_engagement: TimeTo | None = Field(description="From the opening of a request to its first engagement.")
    invitations: list[NamedCount] = Field(description="Invitations sent in the period, by where they stand.")
    opt_ins: list[NamedCount] = Field(description="Opt-ins made in the period, by where they stand.")
    acceptance_rate: float | None = Field(description="Of these invitations, the part of the answered ones accepted.")
    decline_reasons: list[NamedCount] = Field(description="Why invitations were declined.")
    turn_down_reasons: list[NamedCount] = Field(description="Why opt-ins were turned down, or what closed them.")
    engagements: list[NamedCount] = Field(description="Engagements begun in the period, by where they stand.")
    end_reasons: list[NamedCount] = Field(description="Why they ended early.")
    hours_given: float = Field(description="Hours of the sessions held in the period.")
    mentors_active: int = Field(description="People who gave them.")
    people_shown: int = Field(description="People who were shown for a request in the period.")
    people: int = Field(description="People who can be found.")
    unmet_demand: list[SkillGap] = Field(description="What is asked for and nobody offers, the most asked first.")
    idle_supply: list[SkillGap] = Field(description="What is offered and nobody asked for, the most offered first.")
    enterprise_rating: float | None = Field(
        description="Mean of the enterprises' answers at the end, 1 to 5; null of fewer than three people."
    )
    mentor_rating: float | None = Field(
        description="Mean of the mentors' answers at the end, 1 to 5; null of fewer than three people."
    )
