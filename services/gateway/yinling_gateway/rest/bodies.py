"""What routes share: the id in the path, and how fields of a body are named in answers about mistakes."""

from typing import Annotated

from fastapi import Depends, Path, Request
from fastapi.params import Depends as DependsParam

from yinling_common.errors import InvalidField, Violation
from yinling_gateway.models.base import Input

Id = Annotated[str, Path(alias="id", json_schema_extra={"format": "uuid"})]


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
