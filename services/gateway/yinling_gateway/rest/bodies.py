"""What routes share: the id in the path, and how fields of a body are named in answers about mistakes."""

import re
from typing import Annotated

from fastapi import Depends, Path, Request
from fastapi.params import Depends as DependsParam
from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError
from starlette.convertors import StringConvertor, register_url_convertor

from yinling_common.errors import InvalidField, Violation
from yinling_gateway.models.base import Input

_UUID = re.compile(r"^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$")


class _IdConvertor(StringConvertor):
    """One part of a path without a colon or a dot: `/things/{id:id}` is not `/things/…:move` nor `/things/….ics`."""

    regex = "[^/:.]+"


register_url_convertor("id", _IdConvertor())


def is_uuid(value: str) -> bool:
    """Whether a text is a UUID as it is commonly written."""
    return _UUID.match(value) is not None


def _uuid(value: str) -> str:
    if is_uuid(value):
        return value
    raise PydanticCustomError("string_uuid", "must be a UUID")


Uuid = Annotated[str, AfterValidator(_uuid), WithJsonSchema({"type": "string", "format": "uuid"})]

Id = Annotated[Uuid, Path(alias="id")]


def body_is(root: str) -> DependsParam:
    """Says that the body of a route is what the service calls `root`: "profile.name" is then "name"."""

    def remember(request: Request) -> None:
        request.state.body_root = root

    result: DependsParam = Depends(remember)
    return result


def need_fields(paths: object) -> None:
    """Raise InvalidField where a change names no field."""
    if not paths:
        raise InvalidField([Violation("body", "patch.empty", "name at least one field to change")])


def sent(model: Input) -> dict[str, object]:
    """The fields of a body that were sent and are not null."""
    return {name: value for name in model.model_fields_set if (value := getattr(model, name)) is not None}
