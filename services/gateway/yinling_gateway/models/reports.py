"""Reports as JSON."""

from datetime import date

from pydantic import Field

from yinling_gateway.models.base import Day, Input, Output, Text


class ExposureQuery(Input):
    """Parameters of the report."""

    start_date: Day | None = Field(None, description="First day; 90 days before the last where not stated.")
    end_date: Day | None = Field(None, description="Last day, in China's time; today where not stated.")
    organisation: Text = Field("", description="Only people kept by it; empty for all whom the caller may see.")


class ExposureGroup(Output):
    """Some people together."""

    group: str | None = Field(
        description="What they share; empty where it is not stated, null for groups of fewer than 5 people together."
    )
    people: int = Field(description="People who agreed to be found.")
    shown: int = Field(description="Of these, shown for a request at least once.")
    shown_share: float = Field(description="The same as a part of the people, 0 to 1.")
    exposures: int = Field(description="Requests for which each was shown, all together.")
    exposures_a_head: float = Field(description="The same for one person, on average.")
    first_three: int = Field(description="Of the exposures, those among the first three of a list.")
    first_three_share: float = Field(description="The same as a part of the exposures, 0 to 1.")


class ExposureReport(Output):
    """Who is shown to enterprises."""

    start_date: date
    end_date: date
    everybody: ExposureGroup
    by_gender: list[ExposureGroup] = Field(description="female, male.")
    by_age: list[ExposureGroup] = Field(description="under_60, 60_64, 65_69, 70_74, 75_up.")
    by_organisation: list[ExposureGroup] = Field(description="By the organisation that keeps the profile.")
