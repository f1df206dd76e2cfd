"""Mentoring requests as JSON."""

from datetime import date, datetime
from enum import StrEnum

from pydantic import ConfigDict, Field, JsonValue

from yinling_gateway.models.base import (
    SAYS_SOMETHING,
    Day,
    HardRule,
    Input,
    Int,
    Mode,
    Output,
    Paged,
    PhysicalDemand,
    Text,
    TitleLevel,
    needing,
)
from yinling_gateway.models.weights import Weights, WeightsInput

EXAMPLE: dict[str, JsonValue] = {
    "organisation": "云南铜业矿山分公司",
    "title": "青年技术员井下通风与瓦斯治理传帮带",
    "description": "新建矿井投产，八名青年技术员需要有经验的通风专家带教，每月到矿一次，其余远程答疑。",
    "requirements": [
        {"text": "矿井通风系统设计与改造经验", "importance": "must"},
        {"text": "带过徒弟或讲过安全课", "importance": "nice"},
    ],
    "industry": "矿山",
    "city": "昆明",
    "mode": "on_site",
    "hours_per_week": 6,
    "physical_demands": ["long_journeys"],
    "mentees": 8,
    "months": 12,
    "language": "zh",
    "start_date": "2026-12-01",
    "wishes": ["hours", "availability"],
    "min_years": 20,
    "min_title_level": "senior",
    "max_distance_km": 500,
    "weights": {"must": 1.5},
    "state": "open",
}


class RequestState(StrEnum):
    """Where a request stands."""

    DRAFT = "draft"
    OPEN = "open"
    FILLED = "filled"
    CLOSED = "closed"
    EXPIRED = "expired"


class Importance(StrEnum):
    """How much a requirement matters."""

    MUST = "must"
    NICE = "nice"


class Requirement(Input):
    """One point that a mentor is asked for."""

    text: Text | None = Field(None, description="The point in words.")
    importance: Importance | None = Field(None, description="Null means must.")


class MentoringRequestInput(Input):
    """Fields of a request. In a change absent ones stay and null clears; elsewhere they are the same."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"title": EXAMPLE["title"], "months": 6}]})

    organisation: Text | None = Field(None, description="Name of the enterprise. HR can name only their own.")
    title: Text | None = Field(None, description="What it is about, in a line. Needed.")
    description: Text | None = Field(None, description="The matter in detail.")
    requirements: list[Requirement] | None = Field(None, description="What a mentor must or should have.")
    industry: Text | None = Field(None, description="Industry, in words.")
    city: Text | None = Field(None, description="Where the work is: a prefecture-level city of China.")
    mode: Mode | None = Field(None, description="Null means either suits.")
    hours_per_week: Int | None = Field(None, description="Hours a week asked of a mentor.")
    physical_demands: list[PhysicalDemand] | None = Field(None, description="What the work asks of the body.")
    other_demands: list[Text] | None = Field(None, description="Further demands in a word each.")
    mentees: Int | None = Field(None, description="How many people are to be mentored.")
    months: Int | None = Field(None, description="For how many months.")
    language: Text | None = Field(None, description="BCP 47 tag; null means zh.")
    start_date: Day | None = Field(None, description="First day of the work; null means now.")
    blocked_profile_ids: list[Text] | None = Field(None, description="People who must not be suggested.")
    wishes: list[HardRule] | None = Field(
        None,
        description="Rules that cost score instead of keeping people out: availability (the dates), mode, distance, "
        "hours, language.",
    )
    min_years: Int | None = Field(None, description="Years of experience asked for.")
    min_title_level: TitleLevel | None = Field(None, description="Level of title asked for.")
    max_distance_km: Int | None = Field(None, description="Work on site: people who live farther away are kept out.")
    weights: WeightsInput | None = Field(None, description="What is not set is as the organisation has it.")
    mentors_wanted: Int | None = Field(None, description="How many mentors are wanted; null means 1.")
    expire_date: Day | None = Field(
        None, description="Last day on which people can be found for it; null means no end."
    )
    state: RequestState | None = Field(None, description="A new request may be draft or open.")


class NewMentoringRequest(MentoringRequestInput):
    """A request to be made. Null and absent are the same."""

    model_config = needing(EXAMPLE, organisation=SAYS_SOMETHING, title=SAYS_SOMETHING)


class MentoringRequest(Output):
    """A request."""

    id: str
    organisation: str
    title: str
    description: str
    requirements: list[Requirement]
    industry: str
    city: str
    mode: Mode | None
    hours_per_week: int | None
    physical_demands: list[PhysicalDemand]
    other_demands: list[str]
    mentees: int | None
    months: int | None
    language: str
    start_date: date | None
    blocked_profile_ids: list[str]
    wishes: list[HardRule]
    min_years: int | None
    min_title_level: TitleLevel | None
    max_distance_km: int | None
    weights: Weights | None
    mentors_wanted: int | None
    expire_date: date | None
    state: RequestState | None
    create_time: datetime | None
    update_time: datetime | None
    open_time: datetime | None = Field(description="When it was first opened; null for a draft that never was.")
    etag: str = Field(description="Send it back as If-Match to guard against a lost update.")


class MentoringRequestQuery(Paged):
    """Conditions of the list of requests."""

    organisation: Text = Field("", description="Only this organisation.")
    state: RequestState | None = Field(None, description="Only this state.")


class MentoringRequestPage(Output):
    """One page of requests."""

    mentoring_requests: list[MentoringRequest]
    next_page_token: str = Field(description="Empty on the last page.")
