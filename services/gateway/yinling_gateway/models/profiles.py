"""Profiles as JSON."""

from datetime import date, datetime

from pydantic import ConfigDict, Field, JsonValue

from yinling_gateway.models.base import (
    SAYS_SOMETHING,
    Day,
    Flag,
    Gender,
    Input,
    Int,
    Mode,
    Output,
    Paged,
    PhysicalDemand,
    Text,
    TitleLevel,
    TravelRange,
    needing,
)

_EXAMPLE: dict[str, JsonValue] = {
    "organisation": "攀钢集团离退休职工管理处",
    "employee_number": "PG-10231",
    "name": "王建国",
    "birth_year": 1956,
    "city": "攀枝花",
    "former_employer": "攀钢集团矿业有限公司",
    "last_position": "通风区总工程师",
    "title_level": "senior",
    "industry": "矿山",
    "years": 36,
    "skills": ["矿井通风", "瓦斯治理", "安全培训"],
    "experience": [
        {"title": "主持矿井通风系统改造", "organisation": "攀钢集团矿业有限公司", "start_year": 2003, "end_year": 2006}
    ],
    "credentials": [{"name": "注册安全工程师", "year": 2005}],
    "modes": ["on_site", "remote"],
    "hours_per_week": 8,
    "travel": "province",
    "limits": ["underground"],
    "consent": {"granted": True, "wording_version": "2026-11"},
}


class ExperienceItem(Input):
    """One position, project or work."""

    title: Text | None = Field(None, description="What it was.")
    organisation: Text | None = Field(None, description="Where.")
    start_year: Int | None = Field(None, description="First year.")
    end_year: Int | None = Field(None, description="Last year; null where it is not over.")
    description: Text | None = Field(None, description="What was done and achieved.")


class Credential(Input):
    """A title or certificate."""

    name: Text | None = Field(None, description="Its name, for example 注册安全工程师.")
    issuer: Text | None = Field(None, description="Who gave it.")
    year: Int | None = Field(None, description="Year it was given.")


class ConsentInput(Input):
    """Consent to be found by enterprises."""

    granted: Flag | None = Field(None, description="Given or not. Without it the person is in no result.")
    wording_version: Text | None = Field(None, description="Version of the wording that was agreed to.")


class Consent(ConsentInput):
    """Consent to be found by enterprises."""

    update_time: datetime | None = Field(None, description="When it was last given or taken back.")


class Contact(Input):
    """How to reach a person."""

    phone: Text | None = Field(None, description="Telephone, any form.")
    email: Text | None = Field(None, description="E-mail.")
    wechat: Text | None = Field(None, description="WeChat name.")
    address: Text | None = Field(None, description="Postal address.")


class ProfileInput(Input):
    """Fields of a profile that can be changed: absent ones stay, null clears."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"city": "攀枝花", "hours_per_week": 6, "bio": None}], "minProperties": 1}
    )

    organisation: Text | None = Field(None, description="Unit whose retiree office keeps the profile. Needed.")
    employee_number: Text | None = Field(None, description="Employee number inside the organisation.")
    name: Text | None = Field(None, description="Full name. Needed.")
    gender: Gender | None = None
    birth_year: Int | None = Field(None, description="Year of birth.")
    city: Text | None = Field(None, description="City of residence: a prefecture-level city of China.")
    former_employer: Text | None = Field(None, description="Employer before retirement.")
    last_position: Text | None = Field(None, description="Position before retirement.")
    title_level: TitleLevel | None = None
    industry: Text | None = Field(None, description="Industry, in words.")
    years: Int | None = Field(None, description="Years of professional experience.")
    skills: list[Text] | None = Field(None, description="Skills, a short phrase each.")
    experience: list[ExperienceItem] | None = Field(None, description="The most telling first.")
    credentials: list[Credential] | None = Field(None, description="Titles and certificates.")
    bio: Text | None = Field(None, description="The person in their own words.")
    modes: list[Mode] | None = Field(None, description="Ways of working that the person accepts. None means both.")
    hours_per_week: Int | None = Field(None, description="Hours a week, all engagements together.")
    travel: TravelRange | None = None
    max_distance_km: Int | None = Field(
        None, description="For work on site at most so far from home, as the crow flies; takes the place of `travel`."
    )
    limits: list[PhysicalDemand] | None = Field(None, description="What the body does not allow. Health data.")
    other_limits: list[Text] | None = Field(None, description="Further limits in a word each.")
    languages: list[Text] | None = Field(None, description="BCP 47 tags. None means zh.")
    wishes: Text | None = Field(None, description="What the person would like to do, or not.")
    capacity: Int | None = Field(None, description="Engagements at once; null means 1, 0 none for now.")
    available_from: Day | None = Field(None, description="First day available; null means now.")
    available_to: Day | None = Field(None, description="Last day available; null means no end.")
    paused: Flag | None = Field(None, description="Takes a break: suggested to nobody.")
    consent: ConsentInput | None = None
    contact: Contact | None = Field(None, description="Shown to the person and their coordinator alone.")


class NewProfile(ProfileInput):
    """A profile to be made. Null and absent are the same."""

    model_config = needing(_EXAMPLE, organisation=SAYS_SOMETHING, name=SAYS_SOMETHING)


class Profile(Output):
    """A profile. What the caller may not see is null or empty."""

    id: str
    organisation: str
    employee_number: str
    name: str
    gender: Gender | None
    birth_year: int | None
    city: str
    former_employer: str
    last_position: str
    title_level: TitleLevel | None
    industry: str
    years: int
    skills: list[str]
    experience: list[ExperienceItem]
    credentials: list[Credential]
    bio: str
    modes: list[Mode]
    hours_per_week: int | None
    travel: TravelRange | None
    max_distance_km: int | None
    limits: list[PhysicalDemand]
    other_limits: list[str]
    languages: list[str]
    wishes: str
    capacity: int | None
    available_from: date | None
    available_to: date | None
    paused: bool
    consent: Consent | None
    contact: Contact | None
    revision: int = Field(description="Revision of the feed that made this state; for `min_revision`.")
    create_time: datetime | None
    update_time: datetime | None
    etag: str = Field(description="Send it back as If-Match to guard against a lost update.")


class ProfileQuery(Paged):
    """Conditions of the list of profiles; all that are given must hold."""

    query: Text = Field("", description="Words that must all occur somewhere in the profile.")
    organisation: Text = Field("", description="Only this organisation.")
    city: Text = Field("", description="Only this city.")
    industry: Text = Field("", description="Only this industry, word for word.")
    min_title_level: TitleLevel | None = Field(None, description="Only this title level or above.")
    skill: Text = Field("", description="Only those with this skill, word for word.")
    mode: Mode | None = Field(None, description="Only those who accept this mode.")
    employee_number: Text = Field("", description="Only the one with this employee number.")


class ProfilePage(Output):
    """One page of profiles."""

    profiles: list[Profile]
    next_page_token: str = Field(description="Empty on the last page.")
