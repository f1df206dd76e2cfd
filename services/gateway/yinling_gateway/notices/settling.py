"""What makes an earlier notice obsolete: whatever it asked for is done, by whoever did it.

Such a notice need not be read any more, and is counted as read for everybody who was told. News that asks for nothing
stays new until it is read.
"""

from dataclasses import dataclass
from enum import Enum, auto

from yinling.matching.v1 import notice_service_pb2 as pb

UNTOLD = frozenset({int(pb.NOTICE_KIND_FEEDBACK_GIVEN)})
"""Of these nobody is told, neither people nor programs: they only settle what was asked."""


class Scope(Enum):
    """What both notices have in common."""

    REQUEST = auto()
    PAIR = auto()
    """The request and the person."""
    THING = auto()
    """The invitation, engagement or session itself, too."""
    PHASE = auto()
    """And the side, and the phase that feedback is of."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind settles some earlier ones.

    Attributes:
        by: Number of the contract's NoticeKind.
        settled: Such numbers.
    """

    by: int
    settled: frozenset[int]
    scope: Scope


_INVITED = (pb.NOTICE_KIND_INVITATION_RECEIVED, pb.NOTICE_KIND_INVITATION_REMINDER)
_OFFERED = (pb.NOTICE_KIND_OPT_IN_RECEIVED,)
_TO_MEET = (pb.NOTICE_KIND_SESSION_PLANNED, pb.NOTICE_KIND_SESSION_REMINDER)
_ASKED = (pb.NOTICE_KIND_FEEDBACK_ASKED,)
_NOBODY_YET = (
    pb.NOTICE_KIND_INVITATION_DECLINED,
    pb.NOTICE_KIND_INVITATION_EXPIRED,
    pb.NOTICE_KIND_REQUEST_EXPIRED,
)


def _rules(scope: Scope, settled: tuple[int, ...], *by: int) -> list[Rule]:
    return [Rule(one, frozenset(settled), scope) for one in by]


RULES = (
    *_rules(
        Scope.PAIR,
        _INVITED,
        pb.NOTICE_KIND_INVITATION_ACCEPTED,
        pb.NOTICE_KIND_INVITATION_DECLINED,
        pb.NOTICE_KIND_INVITATION_EXPIRED,
        pb.NOTICE_KIND_INVITATION_CLOSED,
        pb.NOTICE_KIND_OPT_IN_CONFIRMED,
    ),
    *_rules(
        Scope.PAIR,
        _OFFERED,
        pb.NOTICE_KIND_OPT_IN_CONFIRMED,
        pb.NOTICE_KIND_OPT_IN_TURNED_DOWN,
        pb.NOTICE_KIND_OPT_IN_WITHDRAWN,
        pb.NOTICE_KIND_INVITATION_ACCEPTED,
    ),
    # A session that is moved is told of again.
    *_rules(
        Scope.THING,
        _TO_MEET,
        pb.NOTICE_KIND_SESSION_PLANNED,
        pb.NOTICE_KIND_SESSION_CANCELLED,
        pb.NOTICE_KIND_SESSION_LOGGED,
    ),
    *_rules(Scope.PAIR, _TO_MEET, pb.NOTICE_KIND_ENGAGEMENT_COMPLETED, pb.NOTICE_KIND_ENGAGEMENT_ENDED),
    *_rules(Scope.PHASE, _ASKED, pb.NOTICE_KIND_FEEDBACK_GIVEN),
    # Halfway is over.
    *_rules(Scope.THING, _ASKED, pb.NOTICE_KIND_ENGAGEMENT_COMPLETED, pb.NOTICE_KIND_ENGAGEMENT_ENDED),
    *_rules(Scope.REQUEST, _NOBODY_YET, pb.NOTICE_KIND_REQUEST_FILLED),
)
