"""What is known of the HTTP request being served, wherever its code is."""

import re
from contextvars import ContextVar
from uuid import uuid4

_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{1,64}$")

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The request's id: goes into the answer, the log, and every call to a service."""


_CALENDAR = re.compile(r"^/calendars/.+")


def shown_path(path: str) -> str:
    """A path as the log may have it: the address of a calendar is a secret."""
    return _CALENDAR.sub("/calendars/…", path)


def accept_request_id(given: str | None) -> str:
    """The id that a client gave, if it is a plain one; a new one otherwise."""
    return given if given and _REQUEST_ID.match(given) else uuid4().hex
