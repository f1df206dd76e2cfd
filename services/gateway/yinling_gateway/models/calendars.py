"""Calendars as JSON."""

from datetime import datetime

from pydantic import ConfigDict, Field

from yinling_gateway.models.base import Output


class CalendarAddress(Output):
    """Whether one's sessions can be subscribed to."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"active": True, "create_time": "2026-11-23T02:00:00Z", "fetch_time": "2026-11-23T08:00:00Z"}]
        }
    )

    active: bool = Field(description="Whether there is an address. Nobody can read it again: it was shown once.")
    create_time: datetime | None
    fetch_time: datetime | None = Field(description="When a calendar program last asked.")


class NewCalendarAddress(Output):
    """A new address."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "url": "https://yinling.example.cn/calendars/Zk3x8Qm1r5vYt0uBw7cDhJ2nLfPaGsXe9KiVoTqRy4.ics",
                    "create_time": "2026-11-23T02:00:00Z",
                }
            ]
        }
    )

    url: str = Field(description="For a calendar program. Whoever has it can read the sessions; it is shown once.")
    create_time: datetime
