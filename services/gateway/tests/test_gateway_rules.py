"""What the documentation says of a field is what the services check: both are asked about values around every limit."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from buf.validate import validate_pb2
from fastapi import FastAPI
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.message import Message
from jsonschema_rs import Draft202012Validator
from pydantic import BaseModel, ValidationError

from yinling_common import validation
from yinling_common.errors import InvalidField
from yinling_gateway import rest
from yinling_gateway.converters.messages import fill
from yinling_gateway.converters.rules import constrained, is_needed
from yinling_gateway.models import profiles, requests, sessions
from yinling_gateway.models.base import HardRule, Input
from yinling_gateway.rest.contract import FILLED_IN, STANDS_FOR
from yinling_gateway.rest.openapi import operations

TEXTS = ["", "a", str(uuid4()), "zh-CN", "zh_CN", "0812-3391234", "name@example.com", "name@", "a" * 20 + "-b"]

OWN = {
    "AccountChange", "EraseInput", "NewAccount", "NewApiKey", "NewWebhook", "NoticePreferencesInput", "PasswordChange",
    "QuietHours", "SignIn", "WebhookChange",
}  # fmt: skip
"""Models that no message stands behind: the gateway itself checks them."""

STRICTER = {
    (profiles.NewProfile, "organisation"),
    (profiles.NewProfile, "name"),
    (requests.NewMentoringRequest, "organisation"),
    (requests.NewMentoringRequest, "title"),
    (sessions.NewSession, "minutes"),
    (sessions.EngagementFeedbackInput, "cooperation"),
}
"""What a new thing needs, which its message does not: the message stands for a change too."""


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    app = FastAPI(title="x", version="1", generate_unique_id_function=rest.operation_id)
    rest.install(app)
    return app.openapi()


def test_every_model_that_is_sent_has_its_message(document: dict[str, Any]) -> None:
    known = {model.__name__ for model in STANDS_FOR} | OWN
    sent = {model.__name__ for model in _below(Input)} & document["components"]["schemas"].keys()
    assert sent - known == {"Consent"}  # in answers alone


@pytest.mark.parametrize("model", STANDS_FOR)
def test_what_is_documented_is_what_is_checked(model: type[BaseModel], document: dict[str, Any]) -> None:
    schema = _schema(model, document)
    for name, property_ in schema["properties"].items():
        refers = {"components": document["components"]} if "$ref" in str(property_) else {}
        says = Draft202012Validator({**refers, **property_}, validate_formats=True)
        for value in _values(property_):
            accepted = _accepted(model, STANDS_FOR[model], name, value)
            if value == property_.get("default") == "":
                continue  # the gateway knows what is left out
            if not ((model, name) in STRICTER and accepted):
                assert says.is_valid(value) == accepted, (name, value, property_)


@pytest.mark.parametrize("model", STANDS_FOR)
def test_what_a_message_needs_is_documented_as_needed(model: type[BaseModel], document: dict[str, Any]) -> None:
    schema = _schema(model, document)
    fields = STANDS_FOR[model].DESCRIPTOR.fields_by_name
    for name in schema["properties"]:
        if name in fields and is_needed(fields[name]) and name not in FILLED_IN.get(model, ()):
            assert name in schema["required"], name


def test_a_rule_that_has_no_keyword_yet_is_not_forgotten() -> None:
    for rule in ("prefix", "max_len"):
        field = _field_with(**{rule: "x" if rule == "prefix" else 5})
        if rule == "max_len":
            assert constrained({"type": "string"}, field, needed=False) == {"type": "string", "maxLength": 5}
            continue
        with pytest.raises(NotImplementedError, match=rule):
            constrained({"type": "string"}, field, needed=False)


@pytest.mark.parametrize("pattern", [r"^\d+$", "^(?i)a$", "^[[:alpha:]]$", r"\A\pL", "a"])
def test_a_pattern_that_dialects_read_differently_stays_out(pattern: str) -> None:
    assert "pattern" not in constrained({"type": "string"}, _field_with(pattern=pattern), needed=False)


def _field_with(**rules: object) -> Any:
    """A field that has rules of texts."""
    file = descriptor_pb2.FileDescriptorProto(
        name=f"{uuid4().hex}.proto", syntax="proto3", dependency=["buf/validate/validate.proto"]
    )
    field = file.message_type.add(name=f"M{uuid4().hex}").field.add(name="f", number=1, type=9, label=1)
    field.options.Extensions[validate_pb2.field].string.MergeFrom(validate_pb2.StringRules(**rules))
    pool = descriptor_pool.Default()
    pool.Add(file)
    return pool.FindFileByName(file.name).message_types_by_name[file.message_type[0].name].fields[0]


def _accepted(model: type[BaseModel], message: type[Message], name: str, value: object) -> bool:
    """Whether a value, alone, keeps its field's rules."""
    given = model.model_construct()
    try:
        model.__pydantic_validator__.validate_assignment(given, name, value)
    except ValidationError:
        return False
    try:
        validation.check(fill(message(), given))  # type: ignore[type-var] # they are models of what is sent
    except InvalidField as error:
        return not any(v.field.split(".")[0].split("[")[0] == name for v in error.violations)
    return True


def _schema(model: type[BaseModel], document: dict[str, Any]) -> dict[str, Any]:
    """That of a body, or of the parameters of an operation that has the model's."""
    schemas: dict[str, dict[str, Any]] = document["components"]["schemas"]
    if model.__name__ in schemas:
        return schemas[model.__name__]
    for _, operation in operations(document):
        asked = {said["name"]: said["schema"] for said in operation.get("parameters", []) if said["in"] == "query"}
        if asked.keys() == model.model_fields.keys():
            return {"properties": asked}
    raise LookupError(model.__name__)


def _values(said: dict[str, Any]) -> Iterator[Any]:
    """Values around every limit of a property, as far as it is of a kind that has limits."""
    for branch in said.get("anyOf", [said]):
        kind, items = branch.get("type"), branch.get("items", {})
        if kind == "string" and branch.get("format") not in {"date", "date-time"} and "enum" not in branch:
            yield from _texts(branch)
        elif kind in {"integer", "number"}:
            step = 1 if kind == "integer" else 0.01
            bounds = [branch.get("minimum", 0), branch.get("maximum", 0), 0]
            limits = [bound for bound in bounds if abs(bound) < 10**6]  # else it is that of the type
            yield from (limit + more for limit in limits for more in (-step, 0, step))
        elif kind == "array" and items.get("type") == "string" and "enum" not in items:
            yield from ([text] for text in _texts(items))
            most = branch.get("maxItems", 1)
            texts = [str(uuid4()) if items.get("format") == "uuid" else f"zh-{n:04}" for n in range(most + 1)]
            yield from (texts[:size] for size in {0, 1, most, most + 1})
            yield [texts[0]] * 2
        elif kind == "array" and "enum" in items:
            yield from ([word.value] for word in HardRule)
            yield [items["enum"][0]] * 2


def _texts(said: dict[str, Any]) -> Iterator[str]:
    yield from TEXTS
    for length in {said.get("minLength", 0), said.get("maxLength", 0)}:
        yield from (letter * (length + more) for more in (-1, 0, 1) for letter in "a龄")


def _below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for inner in model.__subclasses__():
        yield inner
        yield from _below(inner)
