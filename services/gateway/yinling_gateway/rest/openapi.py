"""What the OpenAPI document says beyond what FastAPI knows: roles, headers, links, examples."""

import json
from collections.abc import Iterator
from importlib import resources
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from yinling_common.identity import Role
from yinling_gateway.models.problems import problem
from yinling_gateway.rest.contract import constrain_models, constrain_parameters
from yinling_gateway.rest.links import LINKS

Operation = dict[str, Any]

_EVERYBODY = tuple(role.value for role in Role if role is not Role.SERVICE)

_ETAG = {
    "description": "Send it back as If-Match to guard against a lost update.",
    "schema": {"type": "string"},
    "example": '"9f86d081884c7d65"',
}
_EXAMPLES = {
    "id": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "Idempotency-Key": "3f2b8c1e-6f0a-4f6e-9a53-0c6a2d1b7e44",
    "If-Match": _ETAG["example"],
    "If-None-Match": _ETAG["example"],
    "token": "Zk3x8Qm1r5vYt0uBw7cDhJ2nLfPaGsXe9KiVoTqRy4",
}
_LOCATION = {"description": "Where what was made can be read.", "schema": {"type": "string", "format": "uri-reference"}}


def complete(app: FastAPI, schema: dict[str, Any]) -> None:
    """Add what is missing to a document."""
    by_id = dict(operations(schema))
    constrain_models(schema["components"]["schemas"])
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIRoute) and route.include_in_schema:
            operation = by_id[route.unique_id]
            _add_roles(operation, route.dependant)
            constrain_parameters(operation.get("parameters", []), route.dependant)
    for methods in schema["paths"].values():
        for method, operation in methods.items():
            _add_refusals(method, operation)
    for operation in by_id.values():
        _add_headers(operation, schema)
        _add_examples(operation)
    for model, example in json.loads((resources.files(__package__) / "assets" / "examples.json").read_text()).items():
        schema["components"]["schemas"][model].setdefault("examples", [example])
    for source, status, name, target, parameters, body in LINKS:
        link: dict[str, Any] = {"operationId": target, "parameters": parameters}
        if body is not None:
            link["requestBody"] = body
        by_id[source]["responses"][status].setdefault("links", {})[name] = link


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, Operation]]:
    """Every operation of a document by its id."""
    for methods in schema["paths"].values():
        for operation in methods.values():
            yield operation["operationId"], operation


def _add_roles(operation: Operation, dependant: Dependant) -> None:
    """Say who may call an operation."""
    if operation.get("security") == []:
        return
    roles = set(_EVERYBODY)
    for asked in _roles(dependant):
        roles &= {role.value for role in asked}
    operation["x-roles"] = [role for role in _EVERYBODY if role in roles]


def _roles(dependant: Dependant) -> Iterator[tuple[Role, ...]]:
    for inner in dependant.dependencies:
        if roles := getattr(inner.call, "roles", None):
            yield roles
        yield from _roles(inner)


def _add_refusals(method: str, operation: Operation) -> None:
    """Any body may be too large, and for any change the disk may be full."""
    responses = operation["responses"]
    for status, possible in ((413, "requestBody" in operation), (507, method != "get")):
        if possible:
            responses.setdefault(str(status), problem(status))
    operation["responses"] = dict(sorted(responses.items()))


def _add_examples(operation: Operation) -> None:
    """An example of each parameter that has a form of its own."""
    for said in operation.get("parameters", []):
        if (example := _EXAMPLES.get(said["name"])) and not (said["name"] == "id" and said["in"] != "path"):
            said["example"] = example


def _add_headers(operation: Operation, schema: dict[str, Any]) -> None:
    """Say which answers come with an ETag or a Location."""
    for status, response in operation["responses"].items():
        if not status.startswith("2"):
            continue
        content = response.get("content", {}).get("application/json", {})
        model = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
        fields = schema["components"]["schemas"].get(model, {}).get("properties", {})
        if "etag" in fields or model in {"LoggedSession", "Account"}:
            response.setdefault("headers", {})["ETag"] = _ETAG
        if status in {"201", "202"} and "Location" in operation.get("description", ""):
            response.setdefault("headers", {})["Location"] = _LOCATION
