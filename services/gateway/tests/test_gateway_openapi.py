"""The OpenAPI document: names, roles, links, and an example of everything that is sent and answered."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from jsonschema_rs import Draft202012Validator
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


def test_every_operation_has_examples_that_keep_its_schema(document: dict[str, Any], subtests: pytest.Subtests) -> None:
    """Of what is sent, of every good answer, and of every error."""
    shown = 0
    for name, operation in operations(document):
        parts = {"sent": operation["requestBody"]} if "requestBody" in operation else {}
        for place, said in (parts | operation["responses"]).items():
            for media_type, content in said.get("content", {}).items():
                if content.get("schema", {}).get("contentMediaType") == media_type:
                    continue  # a workbook
                with subtests.test(operation=name, place=place):
                    examples = _examples(content, document)
                    assert examples
                    for example in examples:
                        _validator(content.get("schema", {}), document).validate(example)
                        if media_type == "application/problem+json":
                            assert example["status"] == int(place)
                    shown += len(examples)
    assert shown > 800


def test_every_error_is_a_problem(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for status, said in operation["responses"].items():
            if status >= "4":
                assert list(said["content"]) == ["application/problem+json"], (name, status)


def test_what_any_body_and_any_change_can_be_refused_for_is_told(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert "413" in operation["responses"] or "requestBody" not in operation, (method, path)
            assert "507" in operation["responses"] or method == "get", (method, path)


def test_examples_of_parameters_keep_their_schemas(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for parameter in operation.get("parameters", []):
            if parameter["required"] or parameter["in"] == "header":
                assert "example" in parameter, (name, parameter["name"])
            if "example" in parameter:
                _validator(parameter["schema"], document).validate(parameter["example"])


def test_examples_are_taken_and_answered_by_the_code(document: dict[str, Any], subtests: pytest.Subtests) -> None:
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


def _examples(content: dict[str, Any], document: dict[str, Any]) -> list[Any]:
    """Those of a body: its own, or those of its model."""
    if "example" in content:
        return [content["example"]]
    model = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    examples: list[Any] = document["components"]["schemas"].get(model, {}).get("examples", [])
    return examples


def _validator(schema: dict[str, Any], document: dict[str, Any]) -> Draft202012Validator:
    refers = {"components": document["components"]} if "$ref" in str(schema) else {}
    return Draft202012Validator({**refers, **schema}, validate_formats=True)


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
