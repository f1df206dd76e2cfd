"""The quick checks against protovalidate itself, on random messages."""

from collections.abc import Callable

import protovalidate
import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from protovalidate.internal.rules import Violation
from yinling.matching.v1 import engagement_service_pb2, matching_pb2, matching_service_pb2
from yinling.talent.v1 import talent_pb2, talent_service_pb2

from yinling_common.errors import InvalidField
from yinling_common.validation import _plan, check

REFERENCE = protovalidate.Validator()
UUID = "3f0c2f9e-8f5b-4a53-9a51-0f3a51d6c1aa"
# Values at and beyond the rules' edges; text without NUL, which only we refuse.
TEXTS = st.one_of(
    st.sampled_from(["", "a", "张三", "zh", "en-GB", "ZH", "zh\n", UUID, UUID.upper(), "a@b.cn", "a@b", "@"]),
    st.sampled_from([32, 33, 50, 51, 100, 101, 200, 201, 300, 301, 500, 501, 2001]).map(lambda n: "长" * n),
)
NUMBERS = st.sampled_from([-1, 0, 1, 12, 13, 31, 32, 60, 61, 80, 81, 400, 1899, 1900, 2015, 2016, 2050, 10_000, 10_001])

FRACTIONS = st.sampled_from([-0.1, 0.0, 0.1, 1.0, 3.0, 3.1, 5.0, 5.1, float("nan"), float("inf")])

OF_TYPE: dict[int, st.SearchStrategy[object]] = {
    FieldDescriptor.TYPE_STRING: TEXTS,
    FieldDescriptor.TYPE_BOOL: st.booleans(),
    FieldDescriptor.TYPE_BYTES: st.sampled_from([b"", b"x"]),
    FieldDescriptor.TYPE_ENUM: st.integers(0, 12),
    FieldDescriptor.TYPE_DOUBLE: FRACTIONS,
}


def messages(descriptor: Descriptor, depth: int = 0) -> st.SearchStrategy[Message]:
    def value(field: FieldDescriptor) -> st.SearchStrategy[object]:
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            assert field.message_type
            return messages(field.message_type, depth + 1)
        if field.is_repeated and field.enum_type:  # protovalidate takes what is not defined here, and we do not
            return st.sampled_from(sorted(field.enum_type.values_by_number))
        return OF_TYPE.get(field.type, NUMBERS)

    def build(values: dict[str, object]) -> Message:
        message = GetMessageClass(descriptor)()
        for name, given_value in values.items():
            field = descriptor.fields_by_name[name]
            if field.is_repeated:
                getattr(message, name).extend(given_value)
            elif field.type == FieldDescriptor.TYPE_MESSAGE:
                getattr(message, name).CopyFrom(given_value)
            else:
                setattr(message, name, given_value)
        return message

    fields = {
        field.name: st.lists(value(field), max_size=3) if field.is_repeated else value(field)
        for field in descriptor.fields
        if depth < 3
    }
    # Few fields at a time, so that a broken rule is not drowned by others.
    return st.fixed_dictionaries({}, optional=fields).map(build)


def verdict(of: Callable[[Message], object], message: Message) -> bool:
    try:
        return not of(message)
    except InvalidField:
        return False


ALL_REQUESTS = [
    GetMessageClass(method.input_type)
    for module, service in (
        (talent_service_pb2, "TalentService"),
        (matching_service_pb2, "MatchingService"),
        (engagement_service_pb2, "EngagementService"),
    )
    for method in module.DESCRIPTOR.services_by_name[service].methods
]


@pytest.mark.parametrize("request_class", ALL_REQUESTS, ids=lambda cls: cls.__name__)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_same_verdict_as_protovalidate(request_class: type[Message], data: st.DataObject) -> None:
    message = data.draw(messages(request_class.DESCRIPTOR))
    assert verdict(check, message) == verdict(REFERENCE.collect_violations, message)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(message=messages(talent_pb2.Profile.DESCRIPTOR, depth=1))
def test_same_violations_as_protovalidate(message: Message) -> None:
    def path(violation: Violation) -> str:
        return ".".join(
            f"{e.field_name}[{e.index}]" if e.HasField("index") else e.field_name
            for e in violation.proto.field.elements
        )

    expected = {(path(v), v.proto.rule_id) for v in REFERENCE.collect_violations(message)}
    try:
        check(message)
        found = set()
    except InvalidField as error:
        found = {(v.field, v.rule) for v in error.violations}
    assert found == expected


def test_every_rule_of_every_request_is_known() -> None:
    def visit(descriptor: Descriptor, seen: set[str]) -> None:
        if descriptor.full_name in seen:
            return
        seen.add(descriptor.full_name)
        _plan(descriptor)  # raises for a rule without a check
        for field in descriptor.fields:
            if field.message_type:
                visit(field.message_type, seen)

    seen: set[str] = set()
    for request_class in ALL_REQUESTS:
        visit(request_class.DESCRIPTOR, seen)
    assert matching_pb2.MentoringRequest.DESCRIPTOR.full_name in seen


@pytest.mark.parametrize(
    ("change", "field", "rule"),
    [
        ({"birth_year": 2050}, "profile.birth_year", "int32.gte_lte"),
        ({"hours_per_week": 400}, "profile.hours_per_week", "int32.gte_lte"),
        ({"bio": "长" * 5_000_000}, "profile.bio", "string.max_len"),
        ({"bio": "a\0b"}, "profile.bio", "string.no_nul"),
        ({"skills": ["焊接", "a\0b"]}, "profile.skills", "string.no_nul"),
        ({"gender": 99}, "profile.gender", "enum.defined_only"),
        ({"limits": [1, 1]}, "profile.limits", "repeated.unique"),
        ({"limits": [0]}, "profile.limits[0]", "enum.not_in"),
        ({"limits": [1, 99]}, "profile.limits[1]", "enum.defined_only"),
        ({"modes": [2**31 - 1]}, "profile.modes[0]", "enum.defined_only"),
    ],
)
def test_bad_input_names_the_field_and_the_rule(change: dict[str, object], field: str, rule: str) -> None:
    profile = talent_pb2.Profile(organisation="甲", name="张三")
    for name, value in change.items():
        if isinstance(value, list):
            getattr(profile, name).extend(value)
        else:
            setattr(profile, name, value)
    with pytest.raises(InvalidField) as caught:
        check(talent_service_pb2.CreateProfileRequest(profile=profile))
    assert [(v.field, v.rule) for v in caught.value.violations] == [(field, rule)]
    assert caught.value.violations[0].message


@pytest.mark.parametrize("count", [0, 1, 2, 100, 101])
def test_the_number_of_messages_inside_is_judged_as_protovalidate_does(count: int) -> None:
    message = talent_pb2.Profile(experience=[talent_pb2.ExperienceItem(title="x")] * count)
    expected = [(v.proto.rule_id, v.proto.message) for v in REFERENCE.collect_violations(message)]
    try:
        check(message)
        found = []
    except InvalidField as error:
        found = [(v.rule, v.message) for v in error.violations]
    assert found == expected


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Message]:
    """The messages that protovalidate is asked about."""
    messages: list[Message] = []

    class Spy:
        def collect_violations(self, message: Message) -> object:
            messages.append(message)
            return REFERENCE.collect_violations(message)

    monkeypatch.setattr("yinling_common.validation._validator", Spy)
    return messages


@pytest.mark.parametrize("count", [0, 501])
def test_a_batch_of_a_wrong_size_is_explained_without_looking_into_it(count: int, asked: list[Message]) -> None:
    profile = talent_pb2.Profile(organisation="甲", name="张三")
    with pytest.raises(InvalidField) as caught:
        check(talent_service_pb2.BatchImportProfilesRequest(profiles=[profile] * count))
    assert [v.rule for v in caught.value.violations] == ["repeated.max_items" if count else "repeated.min_items"]
    assert sum(len(message.profiles) for message in asked) <= 1
    assert not any(inside.ByteSize() for message in asked for inside in message.profiles)


def test_no_more_is_explained_than_is_told(asked: list[Message]) -> None:
    profile = talent_pb2.Profile(organisation="甲", name="张三", birth_year=2050)
    with pytest.raises(InvalidField) as caught:
        check(talent_service_pb2.BatchImportProfilesRequest(profiles=[profile] * 500))
    assert len(caught.value.violations) == len(asked) == 100
