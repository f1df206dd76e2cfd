"""Update masks: which fields of a profile an update names."""

from collections.abc import Iterable

from yinling_common.errors import InvalidUpdateMask
from yinling_talent.domain import NESTED, SETTABLE

PATHS = frozenset(SETTABLE) | {f"{top}.{name}" for top, names in NESTED.items() for name in names}


def paths(mask: Iterable[str]) -> list[str]:
    """The paths of a mask, none twice; all that can be set for an empty mask or "*".

    Raises:
        InvalidUpdateMask: A path is no field, or one that only the service sets.
    """
    named = list(dict.fromkeys(mask))
    if named in ([], ["*"]):
        return list(SETTABLE)
    for path in named:
        if path not in PATHS:
            raise InvalidUpdateMask(path)
    return named
