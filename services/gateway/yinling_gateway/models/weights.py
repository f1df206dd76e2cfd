"""Weights, and the settings of an organisation, as JSON."""

from datetime import datetime

from pydantic import ConfigDict, Field

from yinling_gateway.models.base import Input, Number, Output, Text

_ABOUT = "What the request is about, title and description: 0 to 5."
_MUST = "Each requirement that must be met: 0.1 to 5."
_NICE = "Each requirement that is welcome: 0 to 5."
_WORDS = "Shared words beside meaning: 0 to 3; 0 means meaning alone."
_YEARS = "Years of experience, where asked for: 0 to 3."
_TITLE_LEVEL = "Level of title, where asked for: 0 to 3."
_FEEDBACK = "What enterprises said after earlier work: 0 to 3."
_WISHES = "What the person wishes for: 0 to 3."
_BROKEN_WISHES = "Broken rules that the request made wishes: 0 to 3."


class WeightsInput(Input):
    """How much the parts of a score count. What is null or absent is as it is by default."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"must": 1.5, "words": 2}]})

    about: Number | None = Field(None, description=_ABOUT)
    must: Number | None = Field(None, description=_MUST)
    nice: Number | None = Field(None, description=_NICE)
    words: Number | None = Field(None, description=_WORDS)
    years: Number | None = Field(None, description=_YEARS)
    title_level: Number | None = Field(None, description=_TITLE_LEVEL)
    feedback: Number | None = Field(None, description=_FEEDBACK)
    wishes: Number | None = Field(None, description=_WISHES)
    broken_wishes: Number | None = Field(None, description=_BROKEN_WISHES)


class Weights(Output):
    """How much the parts of a score count; null where it is not set."""

    about: float | None = Field(description=_ABOUT)
    must: float | None = Field(description=_MUST)
    nice: float | None = Field(description=_NICE)
    words: float | None = Field(description=_WORDS)
    years: float | None = Field(description=_YEARS)
    title_level: float | None = Field(description=_TITLE_LEVEL)
    feedback: float | None = Field(description=_FEEDBACK)
    wishes: float | None = Field(description=_WISHES)
    broken_wishes: float | None = Field(description=_BROKEN_WISHES)


class MatchingSettingsQuery(Input):
    """Whose settings."""

    organisation: Text = Field("", description="Name of the organisation; empty means the caller's own.")


class MatchingSettingsInput(Input):
    """Settings as a whole: what is absent is as it is by default from then on."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"weights": {"must": 1.5, "feedback": 0.5}}]})

    weights: WeightsInput | None = Field(None, description="For requests that set nothing themselves.")


class MatchingSettings(Output):
    """Settings of an organisation."""

    organisation: str
    weights: Weights | None = Field(description="As they were set.")
    update_time: datetime | None = Field(description="Null where they never were.")
    etag: str = Field(description="Send it back as If-Match to guard against a lost update.")
    effective: Weights | None = Field(description="What holds: these, and the defaults where they are not set.")
