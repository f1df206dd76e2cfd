"""Days, moments and the numbers of enums."""

from datetime import date, datetime
from enum import IntEnum
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from yinling.common.v1 import types_pb2


def day(message: types_pb2.Date) -> date | None:
    """A day; None where it is not in the calendar."""
    try:
        return date(message.year, message.month, message.day)
    except ValueError:
        return None


def day_message(value: date | None) -> types_pb2.Date | None:
    """A day, unset where there is none."""
    return types_pb2.Date(year=value.year, month=value.month, day=value.day) if value else None


def number(member: IntEnum) -> Any:  # noqa: ANN401 - see below
    """A domain enum as protobuf's, whose numbers are the same. Its type cannot say which of protobuf's it becomes."""
    return member.value


def timestamp(moment: datetime | None) -> Timestamp | None:
    """A moment, unset where there is none."""
    if moment is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
