"""Checks messages by the protovalidate rules written in the protos.

protovalidate runs every rule through a CEL interpreter in Python: about 60 ms for one profile, half a minute for a
batch of 500. So the standard rules are compiled once, from the same descriptors, into plain Python checks that find
the messages with a broken rule (microseconds), and protovalidate is asked about these alone: it has the last word on
what is wrong and how it is said. `tests/test_validation.py` holds the two against each other on random messages.
"""

from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice
from re import compile as regex
from typing import Any
from uuid import UUID

import protovalidate
from buf.validate import validate_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from yinling_common.errors import InvalidField, Violation

Check = Callable[[Any], bool]
"""Whether a value keeps a rule."""

_MAX_VIOLATIONS = 100
_FORBIDDEN_TEXT = regex("[\x00\ud800-\udfff]")
_MESSAGE_TYPE = FieldDescriptor.TYPE_MESSAGE
_DEFINED_ONLY = "enum.defined_only"


def check(message: Message) -> None:
    """Raise InvalidField with every broken rule, at most 100, their paths counted from the message."""
    explained = (v for path, part in _suspects(message, "") for v in _explain(path, part))
    if violations := list(islice(explained, _MAX_VIOLATIONS)):
        raise InvalidField(violations)


def _suspects(message: Message, path: str) -> Iterator[tuple[str, Message]]:
    """Messages, this one and those inside, of which a direct field breaks a rule; with their path."""
    plan = _plan(message.DESCRIPTOR)
    if not all(keeps(message) for keeps in plan.checks):
        yield path, message
    for name, repeated in plan.children:
        prefix = f"{path}.{name}" if path else name
        value = getattr(message, name)
        if repeated:
            for i, item in enumerate(value):
                yield from _suspects(item, f"{prefix}[{i}]")
        elif message.HasField(name):
            yield from _suspects(value, prefix)


def _explain(path: str, message: Message) -> Iterator[Violation]:
    """What is wrong with the direct fields of a message, in protovalidate's words."""
    prefix = f"{path}." if path else ""
    for field in message.DESCRIPTOR.fields:
        if field.type == FieldDescriptor.TYPE_STRING:
            value = getattr(message, field.name)
            for text in value if field.is_repeated else [value]:
                if _FORBIDDEN_TEXT.search(text):
                    yield Violation(
                        prefix + field.name, "string.no_nul", "must not contain NUL characters; remove them"
                    )
    plan = _plan(message.DESCRIPTOR)
    for name, most in plan.most_messages:
        if len(getattr(message, name)) > most:
            yield Violation(prefix + name, "repeated.max_items", f"must contain no more than {most} item(s)")
    for name, defined in plan.defined_items:
        for i, item in enumerate(getattr(message, name)):
            if item not in defined:
                yield Violation(f"{prefix}{name}[{i}]", _DEFINED_ONLY, "value must be one of the defined enum values")
    for violation in _validator().collect_violations(_alone(message)):
        elements = violation.proto.field.elements
        if len(elements) > 1:  # inside another message, which is looked at for itself
            continue
        name = "".join(f"{e.field_name}[{e.index}]" if e.HasField("index") else e.field_name for e in elements)
        if violation.proto.rule_id == _DEFINED_ONLY and elements and elements[0].HasField("index"):
            continue  # told above; protovalidate 1.2 does not look at the items of a list
        yield Violation(prefix + name, violation.proto.rule_id, violation.proto.message)


def _alone(message: Message) -> Message:
    """A copy with the messages inside emptied, and of many no more than are needed.

    Those are looked at for themselves: a batch of 501 profiles took half a minute to be told that it is too large.
    """
    copy = type(message)()
    for field, value in message.ListFields():
        inside = getattr(copy, field.name)
        if field.type == _MESSAGE_TYPE and field.is_repeated:
            for _ in range(min(len(value), field.GetOptions().Extensions[validate_pb2.field].repeated.min_items)):
                inside.add()
        elif field.type == _MESSAGE_TYPE:
            inside.SetInParent()
        elif field.is_repeated:
            inside.extend(value)
        else:
            setattr(copy, field.name, value)
    return copy


@cache
def _validator() -> protovalidate.Validator:
    return protovalidate.Validator()  # type: ignore[no-untyped-call] # its constructor has no annotations


class _Plan:
    """The compiled rules of one message type.

    Attributes:
        checks: Each takes the message.
        children: Message fields to descend into: (name, repeated).
        most_messages: Repeated message fields with a limit: (name, items at most).
        defined_items: Repeated enum fields whose items must be defined: (name, numbers that are).
    """

    def __init__(self, descriptor: Descriptor) -> None:
        self.checks: list[Check] = []
        self.children: list[tuple[str, bool]] = []
        self.most_messages: list[tuple[str, int]] = []
        self.defined_items: list[tuple[str, frozenset[int]]] = []
        if descriptor.GetOptions().HasExtension(validate_pb2.message):
            raise NotImplementedError(f"{descriptor.full_name}: message rules are checked in the domain, not here")
        for oneof in descriptor.oneofs:
            if oneof.GetOptions().Extensions[validate_pb2.oneof].required:
                self.checks.append(_oneof_set(oneof.name))
        for field in descriptor.fields:
            self._add(field)

    def _add(self, field: FieldDescriptor) -> None:
        rules = field.GetOptions().Extensions[validate_pb2.field]
        name = field.name
        if field.type == _MESSAGE_TYPE:
            if field.message_type and field.message_type.file.package.startswith("yinling."):
                self.children.append((name, field.is_repeated))
            if rules.required and not field.is_repeated:
                self.checks.append(_field_set(name))
            if field.is_repeated:
                self.checks.extend(_on_value(name, keeps) for keeps in _repeated(field, rules.repeated))
                if rules.repeated.HasField("max_items"):
                    self.most_messages.append((name, rules.repeated.max_items))
            return
        if field.is_repeated:
            checks = _repeated(field, rules.repeated)
            if rules.repeated.items.enum.defined_only and field.enum_type:
                self.defined_items.append((name, frozenset(field.enum_type.values_by_number)))
        else:
            checks = list(_scalar(field, rules))
            if rules.ignore == validate_pb2.IGNORE_IF_ZERO_VALUE:
                checks = [_unless_zero(keeps) for keeps in checks]
            if field.type == FieldDescriptor.TYPE_STRING:
                checks.append(_clean_text)
        on = _on_present if field.has_presence else _on_value
        self.checks.extend(on(name, keeps) for keeps in checks)


@cache
def _plan(descriptor: Descriptor) -> _Plan:
    return _Plan(descriptor)


def _repeated(field: FieldDescriptor, rules: validate_pb2.RepeatedRules) -> list[Check]:
    _known(rules, {"min_items", "max_items", "unique", "items"})
    checks: list[Check] = []
    if rules.HasField("min_items"):
        checks.append(_not_shorter_than(rules.min_items))
    if rules.HasField("max_items"):
        checks.append(_not_longer_than(rules.max_items))
    if rules.unique:
        checks.append(_unique)
    of_items = [] if field.type == _MESSAGE_TYPE else list(_scalar(field, rules.items))
    if field.type == FieldDescriptor.TYPE_STRING:
        of_items.append(_clean_text)
    checks.extend(_each(keeps) for keeps in of_items)
    return checks


def _scalar(field: FieldDescriptor, rules: validate_pb2.FieldRules) -> Iterator[Check]:
    """Checks of one value."""
    if rules.cel:
        raise NotImplementedError(f"{field.full_name}: CEL rules are checked in the domain, not here")
    kind = rules.WhichOneof("type")
    if kind is None:
        return
    of_kind = getattr(rules, kind)
    if kind == "string":
        yield from _string(of_kind)
    elif kind in {"int32", "int64", "double"}:
        _known(of_kind, {"gte", "lte"})
        if of_kind.HasField("gte"):
            yield _at_least(of_kind.gte)
        if of_kind.HasField("lte"):
            yield _at_most(of_kind.lte)
    elif kind == "enum":
        _known(of_kind, {"defined_only", "in", "not_in"})
        listed = getattr(of_kind, "in")  # a word of Python
        defined = field.enum_type.values_by_number if field.enum_type else ()
        yield _one_of(frozenset(listed or defined) - frozenset(of_kind.not_in))
    elif kind == "bytes":
        _known(of_kind, {"max_len"})
        yield _not_longer_than(of_kind.max_len)
    elif kind != "repeated":
        raise NotImplementedError(f"{field.full_name}: no check for {kind} rules")


def _string(rules: validate_pb2.StringRules) -> Iterator[Check]:
    _known(rules, {"min_len", "max_len", "pattern", "uuid", "email"})
    if rules.HasField("min_len"):
        yield _not_shorter_than(rules.min_len)
    if rules.HasField("max_len"):
        yield _not_longer_than(rules.max_len)
    if rules.HasField("pattern"):
        yield _matches(rules.pattern)
    if rules.uuid:
        yield _is_uuid
    if rules.email:
        # Stricter than the rule, which is enough: whatever is refused here is judged by protovalidate.
        yield _matches(r"^[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$")


def _known(rules: Message, names: set[str]) -> None:
    """Fail at first use, not silently, where a proto uses a rule that has no check here."""
    unknown = {field.name for field, _ in rules.ListFields()} - names
    if unknown:
        raise NotImplementedError(f"no check for {rules.DESCRIPTOR.full_name} {sorted(unknown)}")


def _is_uuid(value: str) -> bool:
    try:
        return str(UUID(value)) == value
    except ValueError:
        return False


def _clean_text(value: str) -> bool:
    return _FORBIDDEN_TEXT.search(value) is None


def _at_least(least: float) -> Check:
    return lambda value: value >= least


def _at_most(most: float) -> Check:
    return lambda value: value <= most


def _not_shorter_than(least: int) -> Check:
    return lambda value: len(value) >= least


def _not_longer_than(most: int) -> Check:
    return lambda value: len(value) <= most


def _one_of(values: frozenset[int]) -> Check:
    return lambda value: value in values


def _matches(pattern: str) -> Check:
    compiled = regex(pattern)
    # The last test is for `$`, which in Python also matches before a final newline.
    return lambda value: compiled.search(value) is not None and "\n" not in value


def _unique(values: Any) -> bool:  # noqa: ANN401 - a repeated field of anything
    return len(set(values)) == len(values)


def _each(keeps: Check) -> Check:
    return lambda values: all(map(keeps, values))


def _unless_zero(keeps: Check) -> Check:
    return lambda value: not value or keeps(value)


def _on_value(name: str, keeps: Check) -> Check:
    return lambda message: keeps(getattr(message, name))


def _on_present(name: str, keeps: Check) -> Check:
    return lambda message: not message.HasField(name) or keeps(getattr(message, name))


def _field_set(name: str) -> Check:
    return lambda message: message.HasField(name)


def _oneof_set(name: str) -> Check:
    return lambda message: message.WhichOneof(name) is not None
