"""JSON models to messages and back.

Fields have the same names on both sides, so one walk over the descriptors serves them all; a test holds the models
against the protos, so that a field added there is not forgotten here. What differs: enums are lower-case words, dates
one text, and "not stated" is null.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from pydantic import BaseModel
from yinling.common.v1.types_pb2 import Date

from yinling_gateway.models.base import Input, Output

MessageT = TypeVar("MessageT", bound=Message)
OutputT = TypeVar("OutputT", bound=Output)

_NOT_STATED_AS_ZERO = frozenset(
    {
        "again",
        "allowed_minutes",
        "birth_year",
        "cooperation",
        "end_year",
        "goals",
        "hours_per_week",
        "max_distance_km",
        "mentees",
        "mentors_wanted",
        "min_years",
        "months",
        "rating",
        "start_year",
        "year",
    }
)
"""Numbers of which the protos say that 0 means "not known" or "not stated"."""

_MASKED_BELOW = frozenset({"consent", "contact"})
"""Messages of which a mask can name single fields; others are replaced as a whole."""

_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")


def fill(message: MessageT, model: Input) -> MessageT:
    """Set the fields of a message that a model has; null leaves the default."""
    for name in model.model_fields_set:
        _set(message, _field(message, name), getattr(model, name))
    return message


def mask(model: Input) -> FieldMask:
    """The fields that were sent, null included, as an update mask."""
    paths: list[str] = []
    for name in sorted(model.model_fields_set):
        value = getattr(model, name)
        if name in _MASKED_BELOW and isinstance(value, BaseModel):
            paths += [f"{name}.{inner}" for inner in sorted(value.model_fields_set)]
        else:
            paths.append(name)
    return FieldMask(paths=paths)


def answer(cls: type[OutputT], message: Message) -> OutputT:
    """The model of an answer."""
    return cls.model_validate(to_json(message))


def to_json(message: Message) -> dict[str, Any]:
    """A message as plain values."""
    result = {}
    for name, get in _getters(message.DESCRIPTOR.full_name, message.DESCRIPTOR):
        result[name] = get(message)
    return result


def _field(message: Message, name: str) -> FieldDescriptor:
    field: Any = message.DESCRIPTOR.fields_by_name[name]  # two classes by their stubs, one in fact
    result: FieldDescriptor = field
    return result


def _set(message: Message, field: FieldDescriptor, value: Any) -> None:  # noqa: ANN401 - whatever the field holds
    if value is None:
        return
    name = field.name
    if field.is_repeated:
        target = getattr(message, name)
        if field.message_type is not None:
            for item in value:
                fill(target.add(), item)
        else:
            target.extend(_scalar(field, item) for item in value)
    elif isinstance(value, datetime):  # which is a date too
        getattr(message, name).FromDatetime(value)
    elif isinstance(value, date):
        getattr(message, name).CopyFrom(Date(year=value.year, month=value.month, day=value.day))
    elif isinstance(value, Input):
        target = getattr(message, name)
        target.SetInParent()
        fill(target, value)
    else:
        setattr(message, name, _scalar(field, value))


def _scalar(field: FieldDescriptor, value: Any) -> Any:  # noqa: ANN401 - whatever the field holds
    if isinstance(value, Enum) and field.enum_type is not None:
        numbers: int = field.enum_type.values_by_name[_prefix(field.enum_type) + str(value.value).upper()].number
        return numbers
    return value


@cache
def _getters(_: str, descriptor: Any) -> list[tuple[str, Callable[[Message], Any]]]:  # noqa: ANN401 - upb's descriptor
    """For each field of a message type: its name, and what gives its value."""
    return [(field.name, _getter(field)) for field in descriptor.fields]


def _getter(field: FieldDescriptor) -> Callable[[Message], Any]:
    name = field.name
    convert = _converter(field)
    if field.is_repeated:
        if convert is None:
            return lambda message: list(getattr(message, name))
        return lambda message: [convert(item) for item in getattr(message, name)]
    if field.has_presence:
        return lambda message: (
            (convert(getattr(message, name)) if convert else getattr(message, name)) if message.HasField(name) else None
        )
    if name in _NOT_STATED_AS_ZERO:
        return lambda message: getattr(message, name) or None
    if convert is None:
        return lambda message: getattr(message, name)
    return lambda message: convert(getattr(message, name))


def _converter(field: FieldDescriptor) -> Callable[[Any], Any] | None:
    if field.enum_type is not None:
        return words(field.enum_type).get
    if field.message_type is None:
        return None
    if field.message_type is Date.DESCRIPTOR:
        return lambda day: date(day.year, day.month, day.day)
    if field.message_type is Timestamp.DESCRIPTOR:
        return lambda time: time.ToDatetime(tzinfo=UTC)
    return to_json


def words(enum: EnumDescriptor) -> dict[int, str | None]:
    """The words of the JSON API for the values of an enum, by number; None for "not stated"."""
    prefix = _prefix(enum)
    return {v.number: v.name.removeprefix(prefix).lower() if v.number else None for v in enum.values}


def _prefix(enum: EnumDescriptor) -> str:
    return _WORD_START.sub("_", enum.name).upper() + "_"
