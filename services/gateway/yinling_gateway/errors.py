"""Errors of HTTP itself that the services do not know."""

from yinling_common.errors import InvalidField


class BadHeader(InvalidField):
    """A header cannot be understood. Answered 400, for no field of the body is wrong."""
