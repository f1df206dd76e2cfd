"""The history of a request as JSON."""

import json
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field, JsonValue

from yinling_gateway.models.base import Output


class RequestAction(StrEnum):
    """What was done to a request."""

    CREATE = "create"
    UPDATE = "update"
    PUBLISH = "publish"
    CLOSE = "close"
    REOPEN = "reopen"
    FILL = "fill"
    EXPIRE = "expire"
    DUPLICATE = "duplicate"
    DELETE = "delete"


def _plain(value: object) -> JsonValue:
    result: JsonValue = json.loads(value) if isinstance(value, str) else None
    return result


Plain = Annotated[JsonValue, BeforeValidator(_plain)]
"""A value that the service tells as JSON text."""


class FieldChange(Output):
    """A field that changed."""

    name: str
    before: Plain
    after: Plain


class RequestChange(Output):
    """One step in the life of a request."""

    action: RequestAction | None
    create_time: datetime | None
    subject: str = Field(description="Account of whoever did it.")
    role: str
    fields: list[FieldChange]


class RequestChangePage(Output):
    """One page of the history of a request, the latest first."""

    changes: list[RequestChange]
    next_page_token: str = Field(description="Empty on the last page.")
