"""Names of fields and rules, from pydantic's and the services' words to those of the JSON API."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from yinling_common.errors import Violation

# A date in JSON is one text; in a message it has three fields.
_DATE_PART = re.compile(r"^((?:.*\.)?(?:available_(?:from|to)|(?:\w+_)?date))\.(?:year|month|day)$")

# pydantic's type of error -> our rule and words. Where a rule exists in the protos its name is the same.
_RULES = {
    "missing": ("required", "is needed"),
    "extra_forbidden": ("field.unknown", "is not a field, or is set by the service; leave it out"),
    "enum": ("enum.defined_only", "{msg}"),
    "literal_error": ("enum.defined_only", "{msg}"),
    "string_uuid": ("string.uuid", "must be a UUID, such as 3f2b8c1e-6f0a-4f6e-9a53-0c6a2d1b7e44"),
    "string_type": ("type.string", "must be a text"),
    "string_unicode": ("string.no_nul", "must not contain broken characters"),
    "string_too_short": ("string.min_len", "{msg}"),
    "string_too_long": ("string.max_len", "{msg}"),
    "int_type": ("type.int", "must be a whole number"),
    "int_parsing": ("type.int", "must be a whole number"),
    "int_from_float": ("type.int", "must be a whole number"),
    "float_type": ("type.number", "must be a number"),
    "float_parsing": ("type.number", "must be a number"),
    "finite_number": ("type.number", "must be a number"),
    "page_size": ("int32.gte_lte", "{msg}"),
    "int_parsing_size": ("type.int", "must be a whole number of at most 32 bits"),
    "greater_than_equal": ("int32.gte", "{msg}"),
    "less_than_equal": ("int32.lte", "{msg}"),
    "bool_type": ("type.bool", "must be true or false"),
    "bool_parsing": ("type.bool", "must be true or false"),
    "list_type": ("type.list", "must be a list"),
    "dict_type": ("type.object", "must be an object"),
    "model_attributes_type": ("type.object", "must be an object"),
    "model_type": ("type.object", "must be an object"),
    "json_invalid": ("json.valid", "is not valid JSON"),
    "date_type": ("type.date", "must be a date such as 2026-09-01"),
    "date_parsing": ("date.exists", "must be a day of the calendar, such as 2026-09-01"),
    "date_from_datetime_parsing": ("date.exists", "must be a day of the calendar, such as 2026-09-01"),
    "datetime_type": ("time.format", "must be a moment such as 2026-09-01T09:30:00+08:00"),
    "datetime_parsing": ("time.format", "must be a moment such as 2026-09-01T09:30:00+08:00"),
    "datetime_from_date_parsing": ("time.format", "must be a moment such as 2026-09-01T09:30:00+08:00"),
    "datetime_range": ("time.range", "{msg}"),
    "timezone_aware": ("time.zone", "needs its time zone, such as +08:00 at the end"),
    "date_from_datetime_inexact": ("date.exists", "must be a day of the calendar, such as 2026-09-01"),
}


def to_json_path(field: str, body_root: str = "") -> str:
    """The path in the JSON body of a field that a service names.

    Args:
        field: For example "profile.available_from.month".
        body_root: Name of the message's field that the body as a whole stands for, for example "profile".
    """
    if body_root and (field == body_root or field.startswith(f"{body_root}.")):
        field = field[len(body_root) + 1 :]
    match = _DATE_PART.match(field)
    return match.group(1) if match else field


def from_pydantic(errors: Sequence[Mapping[str, Any]]) -> list[Violation]:
    """Violations for what pydantic found in a body or in parameters."""
    return [_violation(error) for error in errors[:100]]


def _violation(error: Mapping[str, Any]) -> Violation:
    kind, location = str(error["type"]), list(error["loc"])
    rule, message = _RULES.get(kind, (kind, "{msg}"))
    if kind == "json_invalid":
        position = location[-1] if len(location) > 1 else 0
        return Violation("body", rule, f"{message}, at character {position}")
    place = location[1:] if location[:1] and location[0] in {"body", "query", "path", "header"} else location
    path = ""
    for part in place:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += f".{part}" if path else str(part)
    return Violation(path or "body", rule, message.format(msg=error["msg"]))
