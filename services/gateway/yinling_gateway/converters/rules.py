"""Rules of the contract's fields as keywords of JSON Schema.

The contract is the only place where a rule is written down: what stands in the documentation is read from the same
descriptors that the services check by. A rule in CEL has no keyword; it is told in the field's description.
"""

import re
from collections.abc import Collection, Iterator
from typing import Any

from buf.validate import validate_pb2
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

from yinling_gateway.converters.messages import words

Schema = dict[str, Any]

_ZERO: dict[str, object] = {"string": "", "integer": 0, "number": 0}
_ABOUT = ("title", "description", "default", "examples")

# What RE2 and ECMA-262 read alike: plain characters, classes of them, groups, repetitions and anchors.
_SAME_EVERYWHERE = re.compile(r"^(?!.*\(\?)\^(?:[A-Za-z0-9 _+,()\[\]{}|*?-]|\\[-.+*?()\[\]{}|^$\\/])*\$$")
_KEYWORDS = {
    "string": {"min_len": "minLength", "max_len": "maxLength"},
    "number": {"gte": "minimum", "lte": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"},
    "repeated": {"min_items": "minItems", "max_items": "maxItems"},
}


def constrain_object(schema: Schema, descriptor: Descriptor, filled_in: Collection[str] = ()) -> None:
    """Add what a message's rules say to the schema of the model that stands for it.

    Args:
        schema: Of an object; properties that are fields of the message have their names.
        descriptor: The message's.
        filled_in: Fields that the gateway knows where the client leaves them out.
    """
    properties = schema["properties"]
    required = list(schema.get("required", []))
    for name in properties:
        field: Any = descriptor.fields_by_name.get(name)  # two classes by their stubs, one in fact
        if field is None:  # of the gateway's own
            continue
        needed = name not in filled_in and is_needed(field)
        properties[name] = constrained(properties[name], field, needed=needed)
        if needed and name not in required:
            required.append(name)
    if required:
        schema["required"] = required
    for oneof in descriptor.oneofs:
        names = [field.name for field in oneof.fields if field.name in properties]
        if oneof.GetOptions().Extensions[validate_pb2.oneof].required and len(names) > 1:
            schema["anyOf"] = [
                {"required": [name], "properties": {name: {"not": {"type": "null"}}}} for name in names
            ]  # fmt: skip


def constrained(schema: Schema, field: FieldDescriptor, *, needed: bool) -> Schema:
    """The schema of a property, or of a parameter, with the rules of its field. What is needed cannot be null."""
    about = {key: schema[key] for key in _ABOUT if key in schema}
    branches = schema.get("anyOf") or [{key: value for key, value in schema.items() if key not in about}]
    rules = field.GetOptions().Extensions[validate_pb2.field]
    result: list[Schema] = []
    for branch in branches:
        if branch.get("type") == "null":
            if not needed:
                result.append(branch)
            continue
        stricter = _stricter(branch, dict(_keywords(field, rules, branch)))
        zero = _ZERO.get(branch.get("type", ""))
        nothing = rules.ignore == validate_pb2.IGNORE_IF_ZERO_VALUE or about.get("default") == zero == ""
        if zero is not None and nothing and stricter != branch and _breaks(zero, stricter):
            result.append({"const": zero})
        result.append(stricter)
    return (result[0] if len(result) == 1 else {"anyOf": result}) | about


def is_needed(field: FieldDescriptor) -> bool:
    """Whether a message that leaves the field out breaks its rule."""
    rules = field.GetOptions().Extensions[validate_pb2.field]
    if rules.required:
        return True
    if rules.ignore == validate_pb2.IGNORE_IF_ZERO_VALUE or (field.has_presence and not field.is_repeated):
        return False
    kind = rules.WhichOneof("type")
    of_kind = getattr(rules, kind) if kind else None
    if kind == "string":
        return bool(rules.string.min_len or rules.string.uuid or rules.string.email)
    if kind == "enum":
        return 0 in rules.enum.not_in
    if kind == "repeated":
        return bool(rules.repeated.min_items)
    return of_kind is not None and of_kind.HasField("gte") and of_kind.gte > 0


def _keywords(field: FieldDescriptor, rules: validate_pb2.FieldRules, schema: Schema) -> Iterator[tuple[str, Any]]:
    kind = rules.WhichOneof("type")
    if kind is None:
        return
    of_kind = getattr(rules, kind)
    if kind == "string":
        yield from _plain(of_kind, _KEYWORDS["string"], {"pattern", "uuid", "email"})
        if of_kind.uuid or of_kind.email:
            yield "format", "uuid" if of_kind.uuid else "email"
        if _SAME_EVERYWHERE.match(of_kind.pattern):
            yield "pattern", of_kind.pattern
    elif kind in {"int32", "int64", "double"}:
        yield from _plain(of_kind, _KEYWORDS["number"])
    elif kind == "enum":
        _plain(of_kind, {}, {"defined_only", "in", "not_in"})
        if field.enum_type and (listed := getattr(of_kind, "in")):  # a word of Python
            yield "enum", [_word(field.enum_type, number) for number in listed]
    elif kind == "repeated":
        yield from _plain(of_kind, _KEYWORDS["repeated"], {"unique", "items"})
        if of_kind.unique:
            yield "uniqueItems", True
        if of_kind.HasField("items"):
            yield "items", _stricter(schema["items"], dict(_keywords(field, of_kind.items, schema["items"])))
    else:
        raise NotImplementedError(f"{field.full_name}: no keywords for {kind} rules")


def _plain(rules: Message, keywords: dict[str, str], others: Collection[str] = ()) -> list[tuple[str, Any]]:
    """Rules that are a keyword by another name. A rule that nothing here knows fails, so that it is not forgotten."""
    values = {field.name: value for field, value in rules.ListFields()}
    if unknown := values.keys() - keywords.keys() - set(others):
        raise NotImplementedError(f"no keyword for {rules.DESCRIPTOR.full_name} {sorted(unknown)}")
    return [(keywords[name], _number(value)) for name, value in values.items() if name in keywords]


def _stricter(schema: Schema, keywords: Schema) -> Schema:
    """A schema with more keywords."""
    if "enum" in keywords and "$ref" in schema:  # some of its words
        return {"type": "string", "enum": keywords["enum"]}
    bounds = {"minimum": max, "maximum": min}  # a model may be stricter: a new thing needs what a change does not
    for name in bounds.keys() & keywords.keys() & schema.keys():
        keywords[name] = bounds[name](keywords[name], schema[name])
    return schema | keywords


def _breaks(zero: object, schema: Schema) -> bool:
    """Whether the value that stands for nothing is not among those of a schema."""
    if zero == "":
        return "format" in schema or schema.get("minLength", 0) > 0
    return not schema.get("minimum", 0) <= 0 <= schema.get("maximum", 0)


def _number(value: float) -> float:
    """Written as it was: 5 and not 5.0."""
    return int(value) if float(value).is_integer() else value


def _word(enum: EnumDescriptor, number: int) -> str | None:
    return words(enum)[number]
