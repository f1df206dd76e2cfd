"""Problems as JSON, and how the documentation of each route tells of them."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


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

_EXAMPLE = {
    "type": "/docs/problems#INVALID_FIELD",
    "title": "A field is wrong",
    "status": 422,
    "detail": "birth_year: must be greater than or equal to 1900 and less than or equal to 2015",
    "instance": "/api/v1/profiles",
    "reason": "INVALID_FIELD",
    "request_id": "5f0c2a7e9b1d4c3e8a6f7b2d1c0e9f8a",
    "errors": [
        {
            "field": "birth_year",
            "rule": "int32.gte_lte",
            "message": "must be greater than or equal to 1900 and less than or equal to 2015",
        }
    ],
}


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route: those of every route, and these."""
    result: dict[int | str, dict[str, Any]] = {}
    for status in sorted({401, 403, 422, 429, 503, *statuses}):
        content: dict[str, Any] = {"schema": {"$ref": "#/components/schemas/Problem"}}
        if status == 422:
            content["example"] = _EXAMPLE
        result[status] = {"description": _MEANINGS[status], "content": {"application/problem+json": content}}
    return result
