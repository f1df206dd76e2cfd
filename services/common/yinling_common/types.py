"""What talent and matching call by the same name: the enums of `yinling/common/v1/types.proto`.

The numbers are those of the contract; databases and snapshots keep them.
"""

from enum import IntEnum


class Gender(IntEnum):
    """Gender as the roster states it, for the record only."""

    UNSPECIFIED = 0
    FEMALE = 1
    MALE = 2


class TitleLevel(IntEnum):
    """Level of a professional or craft title, 职称级别."""

    UNSPECIFIED = 0
    JUNIOR = 1
    ASSISTANT = 2
    INTERMEDIATE = 3
    SENIOR = 4
    CHIEF = 5


class Mode(IntEnum):
    """Way of working together."""

    UNSPECIFIED = 0
    ON_SITE = 1
    REMOTE = 2


class PhysicalDemand(IntEnum):
    """What work asks of the body; in a profile, what the body does not allow, 身体限制."""

    UNSPECIFIED = 0
    UNDERGROUND = 1
    HEIGHTS = 2
    NIGHT_SHIFT = 3
    LONG_JOURNEYS = 4
    STANDING = 5
    HEAVY_WORK = 6
    DUST_AND_NOISE = 7


class TravelRange(IntEnum):
    """How far a person goes for work on site. Not stated counts as the own city."""

    UNSPECIFIED = 0
    CITY = 1
    PROVINCE = 2
    NATIONWIDE = 3
