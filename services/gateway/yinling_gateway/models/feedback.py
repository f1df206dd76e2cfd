"""What an enterprise says of people, as JSON."""

from datetime import datetime

from pydantic import ConfigDict, Field

from yinling_gateway.models.base import Input, Int, Output, Text


class FeedbackInput(Input):
    """What an enterprise says of somebody who was shown for its request."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"profile_id": "0f8fad5b-d9cb-469f-a165-70867728950e", "rating": 5}]}
    )

    profile_id: Text | None = Field(None, description="The person.")
    rating: Int | None = Field(None, description="1 (not at all content) to 5 (very content).")


class Feedback(Output):
    """What an enterprise said of somebody."""

    request_id: str
    profile_id: str
    rating: int | None
    update_time: datetime | None


class ShownPerson(Output):
    """Somebody who was shown for a request."""

    profile_id: str
    name: str = Field(description="Empty where the profile is no longer there.")
    last_position: str
    rating: int | None = Field(description="What was said of them, 1 to 5; null where nothing was.")


class ShownPeople(Output):
    """Everybody who was shown for a request."""

    people: list[ShownPerson]
