"""The OpenAPI document: names, roles, links, and an example of everything that is sent and answered."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import BaseModel

from yinling_gateway import pages, rest
from yinling_gateway.models.base import Input, Output
from yinling_gateway.rest.health import Alive, Ready
from yinling_gateway.rest.openapi import operations


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    app = FastAPI(title="x", version="1", generate_unique_id_function=rest.operation_id)
    rest.install(app)
    app.include_router(pages.router)  # whose functions have the same names now and then
    return app.openapi()


def test_every_operation_has_a_name_of_its_own_and_says_who_may(document: dict[str, Any]) -> None:
    found = list(operations(document))
    assert len(found) == len(dict(found))
    for name, operation in found:
        assert operation["summary"], name
        assert operation["description"], name
        assert operation.get("x-roles") or operation["security"] == [], name
    by_id = dict(found)
    assert by_id["invitations_accept"]["x-roles"] == ["retiree", "coordinator"]
    assert by_id["invitations_invite"]["x-roles"] == ["hr"]


def test_everything_that_is_sent_and_answered_has_an_example(
    document: dict[str, Any], subtests: pytest.Subtests
) -> None:
    models = {model.__name__: model for model in (*_below(Input), *_below(Output), Alive, Ready)}
    for name in sorted(_bodies(document)):
        with subtests.test(model=name):
            for example in document["components"]["schemas"][name]["examples"]:
                models[name].model_validate(example)


def test_links_lead_to_operations_and_name_their_parameters(document: dict[str, Any]) -> None:
    by_id = dict(operations(document))
    links = 0
    for operation in by_id.values():
        for response in operation["responses"].values():
            for link in response.get("links", {}).values():
                target = by_id[link["operationId"]]
                assert set(link["parameters"]) == {p["name"] for p in target["parameters"] if p["in"] == "path"}
                assert "requestBody" not in link or "requestBody" in target
                links += 1
    assert links > 50


def test_what_changes_something_can_be_sent_twice_and_guarded(document: dict[str, Any]) -> None:
    """Where the services know both: everything between a request and a person."""
    by_id = dict(operations(document))
    for name in ("profiles_create", "requests_create", "requests_update", "webhooks_create"):
        assert "Idempotency-Key" in {p["name"] for p in by_id[name]["parameters"]}, name
    about = ("request_life_", "invitations_", "opt_ins_", "engagements_", "sessions_")
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if not operation["operationId"].startswith(about) or method == "get":
                continue
            headers = {p["name"] for p in operation.get("parameters", []) if p["in"] == "header"}
            assert "Idempotency-Key" in headers, operation["operationId"]
            if method == "patch" or (":" in path and not path.endswith(":duplicate")):
                assert "If-Match" in headers, operation["operationId"]
                assert "412" in operation["responses"], operation["operationId"]


def _bodies(document: dict[str, Any]) -> Iterator[str]:
    """Names of the models that bodies and good answers are made of."""
    for _, operation in operations(document):
        good = [said for status, said in operation["responses"].items() if status.startswith("2")]
        for part in [operation.get("requestBody", {}), *good]:
            schema = part.get("content", {}).get("application/json", {}).get("schema", {})
            if "$ref" in schema:
                yield schema["$ref"].rpartition("/")[2]


def _below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for inner in model.__subclasses__():
        yield inner
        yield from _below(inner)
