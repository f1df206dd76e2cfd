"""What both fakes share: things in a dict, with etags, masks and pages."""

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar
from uuid import uuid4

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from yinling.matching.v1.matching_pb2 import MentoringRequest
from yinling.talent.v1.talent_pb2 import Profile

from yinling_common import paging
from yinling_common.errors import InvalidField, InvalidUpdateMask, NotFound, StaleEtag, Violation, YinlingError

ThingT = TypeVar("ThingT", Profile, MentoringRequest)

_OUTPUT_ONLY = frozenset({"id", "revision", "create_time", "update_time", "open_time", "etag"})


class Resources(Generic[ThingT]):
    """Profiles or requests, the newest change last.

    Attributes:
        items: By id.
        number: Grows with every write.
    """

    def __init__(self, name: str, kind: type[ThingT]) -> None:
        self.items: dict[str, ThingT] = {}
        self.number = 0
        self._name = name
        self._kind: type[ThingT] = kind

    def create(self, given: ThingT) -> ThingT:
        """Keep a new one."""
        item: ThingT = self._kind()
        item.CopyFrom(given)
        item.id = str(uuid4())
        item.create_time.GetCurrentTime()
        return self.put(item)

    def put(self, item: ThingT) -> ThingT:
        """Write one down."""
        self.number += 1
        item.update_time.CopyFrom(_now())
        item.etag = f"e{self.number}"
        self.items.pop(item.id, None)
        self.items[item.id] = item
        return item

    def get(self, id_: str, may_see: Callable[[ThingT], bool]) -> ThingT:
        """One that the caller may see. Raises NotFound."""
        item = self.items.get(id_)
        if item is None or not may_see(item):
            raise NotFound(self._name, id_)
        return item

    def merged(self, present: ThingT, given: ThingT, mask: FieldMask) -> ThingT:
        """What an update makes of the present state. Raises InvalidUpdateMask, or StaleEtag."""
        check_etag(present.etag, given.etag)
        settable = {field.name for field in present.DESCRIPTOR.fields} - _OUTPUT_ONLY
        item: ThingT = self._kind()
        item.CopyFrom(present)
        for path in mask.paths or sorted(settable):
            top, _, below = path.partition(".")
            if top not in settable:
                raise InvalidUpdateMask(path)
            copy_field(given, item, top, below)
        return item

    def page(
        self, items: Iterable[ThingT], filters: dict[str, object], page_size: int, page_token: str
    ) -> tuple[Sequence[ThingT], str]:
        """One page, the latest change first."""
        key = paging.decode(page_token, self._name, filters)
        start = int(str(key[0])) if key else 0
        size = paging.page_size(page_size)
        found = list(items)[::-1][start : start + size + 1]
        token = paging.encode(self._name, filters, [start + size]) if len(found) > size else ""
        return found[:size], token


def check_etag(present: str, given: str) -> None:
    """Raise StaleEtag where an etag is given and is not the present one."""
    if given and given != present:
        raise StaleEtag


def copy_field(source: Message, target: Message, name: str, below: str = "") -> None:
    """Make one field of a message what it is in another one, also where that is "not set"."""
    if below:
        inner = getattr(target, name)
        inner.SetInParent()
        copy_field(getattr(source, name), inner, below)
        return
    target.ClearField(name)
    for field, value in source.ListFields():
        if field.name != name:
            continue
        if field.is_repeated:
            getattr(target, name).extend(value)
        elif field.message_type is not None:
            getattr(target, name).CopyFrom(value)
        else:
            setattr(target, name, value)


def check_required(path: str, item: Message, names: Iterable[str]) -> None:
    """Raise InvalidField where a text that is needed is empty."""
    missing = [name for name in names if not getattr(item, name)]
    if missing:
        raise InvalidField(
            [Violation(f"{path}.{name}", "string.min_len", "must not be empty; fill it in") for name in missing]
        )


def check_known_city(path: str, city: str) -> None:
    """Raise InvalidField where a city is not known: here, every name with 亚特兰蒂斯."""
    if "亚特兰蒂斯" in city:
        raise InvalidField([Violation(path, "city.unknown", f'"{city}" is not a known city of China')])


class Troubles:
    """What a fake is told to do wrong.

    Attributes:
        error: Raised by every call until it is None again.
        delay: Seconds before every answer.
    """

    def __init__(self) -> None:
        self.error: YinlingError | None = None
        self.delay = 0.0


def _now() -> Timestamp:
    now = Timestamp()
    now.GetCurrentTime()
    return now
