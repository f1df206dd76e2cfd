"""Problems as JSON, and how the documentation of each route tells of them."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from yinling_common.errors import ErrorReason
from yinling_gateway.messages import TITLES


class FieldProblem(BaseModel):
    """One field that breaks one rule."""

    field: str = Field(description="Path in the JSON body, or name of the parameter.")
    rule: str = Field(description="Machine-readable name of the rule.")
    message: str = Field(description="What is wrong and what to do.")


class ProblemModel(BaseModel):
    """An error (RFC 9457)."""

    model_config = ConfigDict(title="Problem")

    type: str = Field(description="Where the kind of problem is explained.")
    title: str
    status: int
    detail: str
    instance: str = Field(description="Path of the request.")
    reason: str = Field(description="Machine-readable kind of problem.")
    request_id: str = Field(description="The log has everything under it.")
    errors: list[FieldProblem] = Field(description="Field by field, for 422.")


_MEANINGS = {
    400: "The body is not JSON.",
    401: "Not signed in, or the API key does not hold.",
    403: "The role, or a missing CSRF token, does not allow it.",
    404: "There is no such thing, or none that the caller may see.",
    409: "There is one already, or the state does not allow it.",
    412: "It was changed since it was read: If-Match names an old etag.",
    413: "The body is too large.",
    422: "Fields break their rules; each is named with its rule.",
    429: "Too many requests; Retry-After says how long to wait.",
    503: "A service or the database is away, or the index is behind; Retry-After says how long to wait.",
    507: "The disk is full; nothing was changed.",
}

_BIRTH_YEAR = "must be greater than or equal to 1900 and less than or equal to 2015"

# Reason, and a detail as it is told in English.
_SAID = {
    400: (ErrorReason.INVALID_FIELD, "body: is not valid JSON, at character 17"),
    401: (ErrorReason.UNAUTHENTICATED, "Sign in first."),
    403: (ErrorReason.FORBIDDEN, "this needs the role hr or admin"),
    404: (ErrorReason.NOT_FOUND, "there is no profile 0f8fad5b-d9cb-469f-a165-70867728950e that you may see"),
    409: (ErrorReason.WRONG_STATE, "it is closed; this needs open"),
    412: (ErrorReason.STALE_ETAG, "It was changed since you read it; read it again and repeat your change."),
    422: (ErrorReason.INVALID_FIELD, f"birth_year: {_BIRTH_YEAR}"),
    429: (ErrorReason.TOO_MANY_REQUESTS, "Too many calls; wait before the next."),
    503: (ErrorReason.DATABASE_UNAVAILABLE, "The database does not answer; try again shortly."),
    507: (ErrorReason.STORAGE_FULL, "The disk is full or cannot be written; nothing was changed."),
}

_FIELDS = {
    400: {"field": "body", "rule": "json.valid", "message": "is not valid JSON, at character 17"},
    422: {"field": "birth_year", "rule": "int32.gte_lte", "message": _BIRTH_YEAR},
}


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route: those of every route, and these."""
    return {status: problem(status) for status in sorted({401, 403, 422, 429, 503, *statuses})}


def problem(status: int) -> dict[str, Any]:
    """What the documentation says of an error."""
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": _example(status)}
    return {"description": _MEANINGS[status], "content": {"application/problem+json": content}}


def _example(status: int) -> dict[str, Any]:
    if status == 413:  # HTTP itself says so
        reason, title, detail = "HTTP_413", "Too large", "the request is larger than 1048576 bytes; make it smaller"
    else:
        said, detail = _SAID[status]
        reason, title = said.value, TITLES[said][1]
    return {
        "type": f"/docs/problems#{reason}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": "/api/v1/…",
        "reason": reason,
        "request_id": "5f0c2a7e9b1d4c3e8a6f7b2d1c0e9f8a",
        "errors": [_FIELDS[status]] if status in _FIELDS else [],
    }
