"""Nonsense sent to every method of matching, by anybody: it is refused for what it is, at once, and nothing breaks."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from yinling.matching.v1 import (
    engagement_service_pb2,
    figures_service_pb2,
    matching_service_pb2,
    notice_service_pb2,
    privacy_service_pb2,
)

from tests.faults.machine import COMPANY, OFFICE, Machine
from yinling_common.client import call_metadata
from yinling_common.identity import NOTICE_DELIVERER, Identity, Role

pytestmark = pytest.mark.faults

SERVICES = [
    module.DESCRIPTOR.services_by_name[name]
    for module, name in (
        (engagement_service_pb2, "EngagementService"),
        (notice_service_pb2, "NoticeService"),
        (privacy_service_pb2, "PrivacyService"),
        (figures_service_pb2, "FiguresService"),
        (matching_service_pb2, "MatchingService"),
    )
]
METHODS = [method for service in SERVICES for method in service.methods]

KNOWN = [f"@{n}" for n in range(12)]
"""Stand for ids of what is there; see `Prepared`."""

_PATHS = ["state", "title", "*", "goals", "planned_end_date", "start_time", "minutes", "enterprise_contact", "weights"]

# Everything else says what was wrong with the call, or that the caller may not.
BROKEN = {
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.UNKNOWN,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.UNIMPLEMENTED,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.DATA_LOSS,
}

WITHOUT_END = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],  # shrinking would change what is there
)


class Prepared:
    """Something of everything, and callers of every kind."""

    def __init__(self, machine: Machine, new_key: Callable[[], str]) -> None:
        request, (first, second), (person, other) = machine.asked()
        made = machine.insist(
            "POST", f"/invitations/{first}:accept", "office-1", headers={"Idempotency-Key": new_key()}
        )
        waiting, (third, _), (asked, _) = machine.asked()
        ids = [request, first, second, made["id"], waiting, third, person, other, asked]
        self.ids = [*ids, first.upper(), new_key(), "no-uuid"]
        assert len(self.ids) == len(KNOWN)
        self._log = machine.matching.log
        self.channel = grpc.insecure_channel(machine.matching.address)
        self._callers = self._metadata(machine, asked)

    def _metadata(self, machine: Machine, person: str) -> list[Sequence[tuple[str, str]]]:
        signers = {
            "gateway": machine.keys.signer("gateway", ttl=3600),
            "matching": machine.keys.signer("matching", 3600),
        }
        people = [
            Identity("hr-1", Role.HR, organisation=COMPANY),
            Identity("hr-2", Role.HR, organisation="别的集团"),
            Identity("hr-3", Role.HR),
            Identity("co-1", Role.COORDINATOR, organisation=OFFICE),
            Identity("co-2", Role.COORDINATOR),
            Identity("r-1", Role.RETIREE, profile_id=person),
            Identity("r-2", Role.RETIREE, profile_id="no-uuid"),
            Identity("r-3", Role.RETIREE),
            Identity("admin", Role.ADMIN),
            Identity(NOTICE_DELIVERER, Role.ADMIN),
        ]
        known = [call_metadata(signers["gateway"], one, "matching") for one in people]
        known.append(call_metadata(signers["matching"], Identity("matching", Role.SERVICE), "matching"))
        known.append(call_metadata(signers["gateway"], people[0], "talent"))  # meant for somebody else
        return [*known, [], [("authorization", "Bearer nonsense")], [("authorization", "")]]

    def send(self, method: Any, content: bytes, caller: int) -> None:
        """Send bytes as a request, and look how it is answered."""
        path = f"/{method.containing_service.full_name}/{method.name}"
        call = self.channel.unary_unary(path, request_serializer=bytes, response_deserializer=bytes)
        answer = call.future(content, metadata=self._callers[caller], timeout=60)
        # A revision that was never reached is asked for again: that is no fault.
        waits = answer.code() is grpc.StatusCode.UNAVAILABLE and "the index is at revision" in (answer.details() or "")
        if answer.code() in BROKEN and not waits:
            log = self._log.read_text()
            raise AssertionError(f"{answer.code().name}: {answer.details()}\n{log[log.rfind('rpc.failed') :][:4000]}")

    def fill(self, value: Any) -> Any:
        """A message's fields with ids in the place of what stands for them."""
        if isinstance(value, dict):
            return {name: self.fill(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self.fill(one) for one in value]
        return self.ids[KNOWN.index(value)] if value in KNOWN and isinstance(value, str) else value


@pytest.fixture(scope="module")
def prepared(machine: Machine, new_key: Any) -> Iterator[Prepared]:
    there = Prepared(machine, new_key)
    yield there
    there.channel.close()


CALLERS = st.integers(0, 14)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_any_message_from_anybody(prepared: Prepared, method: Any) -> None:
    kind: type[Message] = GetMessageClass(method.input_type)

    @WITHOUT_END
    @given(fields=messages(method.input_type), caller=CALLERS)
    def send(fields: dict[str, Any], caller: int) -> None:
        prepared.send(method, kind(**prepared.fill(fields)).SerializeToString(), caller)

    send()


def test_what_is_no_message(prepared: Prepared) -> None:
    @WITHOUT_END
    @given(method=st.sampled_from(METHODS), content=st.binary(max_size=300), caller=CALLERS)
    def send(method: Any, content: bytes, caller: int) -> None:
        prepared.send(method, content, caller)

    send()


def test_it_still_works(machine: Machine, new_key: Any, prepared: Prepared) -> None:
    """The process is the same, and people find together."""
    assert machine.matching.process.poll() is None
    _, (first, _), _ = machine.asked()
    assert machine.insist("POST", f"/invitations/{first}:accept", "office-1", headers={"Idempotency-Key": new_key()})


@cache
def messages(kind: Descriptor, depth: int = 0) -> st.SearchStrategy[dict[str, Any]]:
    """Fields for a message, some of them, as its constructor takes them."""
    fields = {field.name: values(field, depth) for field in kind.fields if depth < 3 or field.message_type is None}
    likely = {name: fields[name] for name in ("id", "mentoring_request_id", "profile_id") if name in fields}
    rest = {name: field for name, field in fields.items() if name not in likely}
    # Of a message most of the ids, so that not every call ends at the first rule.
    return st.one_of(st.fixed_dictionaries(likely, optional=rest), st.fixed_dictionaries({}, optional=fields))


def values(field: FieldDescriptor, depth: int) -> st.SearchStrategy[Any]:
    """Values of a field."""
    kind = field.message_type
    if kind is None:
        one = _strings(field.name) if field.type == FieldDescriptor.TYPE_STRING else _PLAIN[field.cpp_type]
    else:
        one = _MASKS if kind.full_name == "google.protobuf.FieldMask" else messages(kind, depth + 1)
    return st.lists(one, max_size=3) if field.is_repeated else one


def _strings(name: str) -> st.SearchStrategy[Any]:
    texts = st.text(max_size=40) | st.sampled_from([COMPANY, "攀枝花", "x" * 3000, "\x00", " ", "%s'--"])
    known = st.sampled_from(KNOWN)
    if name == "request_id":
        return st.uuids().map(str) | st.just("") | texts
    return known | known | known | texts if name.endswith(("id", "ids")) else texts | known


_MASKS = st.fixed_dictionaries({"paths": st.lists(st.sampled_from(_PATHS) | st.text(max_size=9), max_size=3)})
_PLAIN: dict[int, st.SearchStrategy[Any]] = {
    FieldDescriptor.CPPTYPE_STRING: st.binary(max_size=50),  # of bytes
    FieldDescriptor.CPPTYPE_BOOL: st.booleans(),
    FieldDescriptor.CPPTYPE_ENUM: st.integers(0, 6) | st.sampled_from([-1, 99, 2**31 - 1]),
    FieldDescriptor.CPPTYPE_DOUBLE: st.floats(),
    FieldDescriptor.CPPTYPE_FLOAT: st.floats(width=32),
    FieldDescriptor.CPPTYPE_INT32: st.integers(0, 60) | st.integers(1900, 2100) | st.integers(-(2**31), 2**31 - 1),
    # seconds since 1970, for example
    FieldDescriptor.CPPTYPE_INT64: st.integers(1_700_000_000, 1_900_000_000) | st.integers(-(2**63), 2**63 - 1),
}
