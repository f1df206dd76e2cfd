"""What the models are made of."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

DateT = TypeVar("DateT", bound=date)


def needing(example: JsonValue, **fields: dict[str, JsonValue]) -> ConfigDict:
    """What the schema of a new thing says more than that of a change.

    Args:
        example: The new thing.
        fields: What must be there and not null, each with the keywords of its values.
    """

    def add(schema: dict[str, Any]) -> None:
        schema["examples"] = [example]
        schema["required"] = list(fields)
        for name, keywords in fields.items():
            said = schema["properties"][name]
            values = next(branch for branch in said.pop("anyOf") if branch != {"type": "null"})
            schema["properties"][name] = values | said | keywords

    return ConfigDict(json_schema_extra=add)


SAYS_SOMETHING: dict[str, JsonValue] = {"minLength": 1, "pattern": "\\S"}
"""A text that is needed: white space alone says nothing."""


def long(least: int, most: int) -> dict[str, JsonValue]:
    """How long a text may be, for the schema of one that a use case checks."""
    return {"minLength": least, "maxLength": most} if least else {"maxLength": most}


class Input(BaseModel):
    """What a client sends. A field that is not known is refused by its name."""

    model_config = ConfigDict(extra="forbid")


class Output(BaseModel):
    """What a client is answered."""


def _only_text(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """A day is written as text: a number would be taken for seconds since 1970."""
    if isinstance(value, str) and len(value) == 10:
        return value
    raise PydanticCustomError("date_parsing", "must be a day of the calendar, such as 2026-09-01")


def _text_of_a_moment(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """A moment is written as text: a number would be taken for seconds since 1970."""
    if isinstance(value, str) and "T" in value.upper():
        return value
    raise PydanticCustomError("datetime_parsing", "must be a moment, such as 2026-09-01T09:30:00+08:00")


def _of_our_time(value: DateT) -> DateT:
    """The contract's days lie so, and a moment far from it may not exist in another time zone."""
    if 1900 <= value.year <= 2200:
        return value
    raise PydanticCustomError("datetime_range", "must lie between the years 1900 and 2200")


def _whole(value: str) -> str:
    """JSON can escape half of a surrogate pair; no message and no database holds one."""
    if value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value):
        return value
    raise PydanticCustomError("string_unicode", "must not contain broken characters")


Text = Annotated[str, AfterValidator(_whole)]
"""A text; the rule of its length is the service's."""


def _whole_number(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """JSON has one kind of number: 24.0 is 24."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Int = Annotated[int, BeforeValidator(_whole_number), Field(strict=True, ge=-(2**31), le=2**31 - 1)]
"""A number that fits into int32; the rule of its field is the service's."""

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
"""A number with or without a fraction; the rule of its field is the service's."""

QueryInt = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
"""The same as a parameter, where everything is text."""


def _a_page(value: int) -> int:
    if 0 <= value <= PAGE_MAX:
        return value
    raise PydanticCustomError("page_size", f"must be greater than or equal to 0 and less than or equal to {PAGE_MAX}")


PAGE_MAX = 200

PageSize = Annotated[
    int, AfterValidator(_a_page), WithJsonSchema({"type": "integer", "minimum": 0, "maximum": PAGE_MAX})
]
"""Some lists are the gateway's own: the rule that the services have stands here too."""

Revision = Annotated[int, Field(ge=0, le=2**53 - 1)]
"""A revision of the profile feed; larger numbers not every reader of JSON can hold."""

Flag = Annotated[bool, Field(strict=True)]
"""True or false, and nothing that looks like it."""

Day = Annotated[date, BeforeValidator(_only_text), AfterValidator(_of_our_time)]
"""A day of the calendar, such as 2026-09-01."""

Moment = Annotated[AwareDatetime, BeforeValidator(_text_of_a_moment), AfterValidator(_of_our_time)]
"""A moment with its time zone, such as 2026-09-01T09:30:00+08:00."""


class Gender(StrEnum):
    """Gender, for the record only."""

    FEMALE = "female"
    MALE = "male"


class TitleLevel(StrEnum):
    """Level of a professional or craft title: 员级, 助理级, 中级, 副高级, 正高级."""

    JUNIOR = "junior"
    ASSISTANT = "assistant"
    INTERMEDIATE = "intermediate"
    SENIOR = "senior"
    CHIEF = "chief"


class Mode(StrEnum):
    """Way of working together: 现场, 远程."""

    ON_SITE = "on_site"
    REMOTE = "remote"


class PhysicalDemand(StrEnum):
    """What work asks of the body: 井下, 高处, 夜班, 长途出行, 久站, 重体力, 粉尘噪声."""

    UNDERGROUND = "underground"
    HEIGHTS = "heights"
    NIGHT_SHIFT = "night_shift"
    LONG_JOURNEYS = "long_journeys"
    STANDING = "standing"
    HEAVY_WORK = "heavy_work"
    DUST_AND_NOISE = "dust_and_noise"


class HardRule(StrEnum):
    """A rule that keeps a person out."""

    AVAILABILITY = "availability"
    CAPACITY = "capacity"
    PHYSICAL = "physical"
    MODE = "mode"
    DISTANCE = "distance"
    HOURS = "hours"
    LANGUAGE = "language"
    BLOCKED = "blocked"


class TravelRange(StrEnum):
    """How far a person goes for work on site: 仅本市, 本省, 全国."""

    CITY = "city"
    PROVINCE = "province"
    NATIONWIDE = "nationwide"


class Paged(Input):
    """Parameters of every list."""

    page_size: PageSize = Field(0, description="At most this many, 1 to 200; 0 means 50.")
    page_token: Text = Field("", description="`next_page_token` of the page before; empty for the first.")
