"""Where things stand, and what may happen to them there: one table for each kind, and one function that reads it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum, StrEnum
from typing import Generic, TypeVar

from yinling_common.errors import Forbidden, WrongState
from yinling_common.identity import Identity, Role
from yinling_matching.domain import RequestState

# The numbers of all enums but `Party` are those of the contract, and the database keeps them.


class InvitationState(IntEnum):
    """Where an invitation stands."""

    SENT = 1
    ACCEPTED = 2
    DECLINED = 3
    EXPIRED = 4
    WITHDRAWN = 5


class OptInState(IntEnum):
    """Where an opt-in stands."""

    OFFERED = 1
    CONFIRMED = 2
    TURNED_DOWN = 3
    WITHDRAWN = 4


class EngagementState(IntEnum):
    """Where an engagement stands."""

    ACTIVE = 1
    PAUSED = 2
    COMPLETED = 3
    ENDED_EARLY = 4


class SessionState(IntEnum):
    """Where a mentoring session stands."""

    PLANNED = 1
    HELD = 2
    CANCELLED = 3


class Side(IntEnum):
    """The two sides of an engagement."""

    ENTERPRISE = 1
    MENTOR = 2


class Phase(IntEnum):
    """When in the course of an engagement feedback is given."""

    HALFWAY = 1
    END = 2


class DeclineReason(IntEnum):
    """Why a person says no to an invitation."""

    UNSPECIFIED = 0
    NO_TIME = 1
    TOO_FAR = 2
    NOT_MY_FIELD = 3
    CONDITIONS = 4
    PERSONAL = 5
    OTHER = 6


class TurnDownReason(IntEnum):
    """Why an enterprise says no to somebody who offered themselves."""

    UNSPECIFIED = 0
    SOMEBODY_ELSE = 1
    OTHER_EXPERIENCE = 2
    TIME_OR_PLACE = 3
    NEED_CHANGED = 4
    OTHER = 5


class EndReason(IntEnum):
    """Why an engagement ends before its goal."""

    UNSPECIFIED = 0
    MENTOR_PLANS = 1
    NEED_CHANGED = 2
    NO_FIT = 3
    PERSONAL = 4
    OTHER = 5


class ClosedBecause(IntEnum):
    """Why something that waited was closed without a word of either side."""

    UNSPECIFIED = 0
    FILLED = 1
    REQUEST_CLOSED = 2
    REQUEST_EXPIRED = 3
    PERSON_GONE = 4


class Party(Enum):
    """On whose side somebody acts."""

    ENTERPRISE = "the enterprise's HR"
    MENTOR = "the person"
    OFFICE = "the person's coordinator"
    ADMIN = "an administrator"
    SYSTEM = "the service itself"


State = TypeVar("State", bound=IntEnum)


@dataclass(frozen=True, slots=True)
class Move(Generic[State]):
    """One transition.

    Attributes:
        origins: States that it starts from.
        to: The state that it leads to.
        parties: Who may make it.
    """

    origins: frozenset[State]
    to: State
    parties: frozenset[Party]


_ENTERPRISE = frozenset({Party.ENTERPRISE})
_OWNERS = frozenset({Party.ENTERPRISE, Party.ADMIN})
_PERSON = frozenset({Party.MENTOR, Party.OFFICE})  # a coordinator answers for people who do not go online
_BOTH = _OWNERS | _PERSON
_TIMER = frozenset({Party.SYSTEM, Party.ADMIN})

_OPEN, _ENDED = (
    frozenset({RequestState.OPEN}),
    frozenset({RequestState.FILLED, RequestState.CLOSED, RequestState.EXPIRED}),
)


class RequestMove(StrEnum):
    """What can be done to a request."""

    PUBLISH = "publish"
    CLOSE = "close"
    REOPEN = "reopen"
    FILL = "fill"
    EXPIRE = "expire"


REQUEST_MOVES: Mapping[RequestMove, Move[RequestState]] = {
    RequestMove.PUBLISH: Move(frozenset({RequestState.DRAFT}), RequestState.OPEN, _OWNERS),
    RequestMove.CLOSE: Move(_OPEN, RequestState.CLOSED, _OWNERS),
    RequestMove.REOPEN: Move(_ENDED, RequestState.OPEN, _OWNERS),
    RequestMove.FILL: Move(_OPEN, RequestState.FILLED, _OWNERS),
    RequestMove.EXPIRE: Move(_OPEN, RequestState.EXPIRED, _TIMER),
}


class InvitationMove(StrEnum):
    """What can be done to an invitation."""

    ACCEPT = "accept"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


_SENT = frozenset({InvitationState.SENT})

# Nobody says yes or no in the place of a side, an administrator included.
INVITATION_MOVES: Mapping[InvitationMove, Move[InvitationState]] = {
    InvitationMove.ACCEPT: Move(_SENT, InvitationState.ACCEPTED, _PERSON),
    InvitationMove.DECLINE: Move(_SENT, InvitationState.DECLINED, _PERSON),
    InvitationMove.WITHDRAW: Move(_SENT, InvitationState.WITHDRAWN, _OWNERS),
    InvitationMove.EXPIRE: Move(_SENT, InvitationState.EXPIRED, _TIMER),
}


class OptInMove(StrEnum):
    """What can be done to an opt-in."""

    CONFIRM = "confirm"
    TURN_DOWN = "turn_down"
    WITHDRAW = "withdraw"


_OFFERED = frozenset({OptInState.OFFERED})

OPT_IN_MOVES: Mapping[OptInMove, Move[OptInState]] = {
    OptInMove.CONFIRM: Move(_OFFERED, OptInState.CONFIRMED, _ENTERPRISE),
    OptInMove.TURN_DOWN: Move(_OFFERED, OptInState.TURNED_DOWN, _ENTERPRISE),
    OptInMove.WITHDRAW: Move(_OFFERED, OptInState.WITHDRAWN, _PERSON),
}


class EngagementMove(StrEnum):
    """What can be done to an engagement."""

    PAUSE = "pause"
    RESUME = "resume"
    COMPLETE = "complete"
    END = "end"


UNDER_WAY = frozenset({EngagementState.ACTIVE, EngagementState.PAUSED})
"""The person's place is taken."""

_ACTIVE, _PAUSED = frozenset({EngagementState.ACTIVE}), frozenset({EngagementState.PAUSED})

ENGAGEMENT_MOVES: Mapping[EngagementMove, Move[EngagementState]] = {
    EngagementMove.PAUSE: Move(_ACTIVE, EngagementState.PAUSED, _BOTH),
    EngagementMove.RESUME: Move(_PAUSED, EngagementState.ACTIVE, _BOTH),
    EngagementMove.COMPLETE: Move(_ACTIVE | _PAUSED, EngagementState.COMPLETED, _OWNERS),
    EngagementMove.END: Move(_ACTIVE | _PAUSED, EngagementState.ENDED_EARLY, _BOTH),
}


class SessionMove(StrEnum):
    """What can be done to a mentoring session, beside changing it."""

    HOLD = "hold"
    CANCEL = "cancel"


SIDES = _ENTERPRISE | _PERSON
"""Who does something with an engagement, and not only to it."""

_PLANNED = frozenset({SessionState.PLANNED})

SESSION_MOVES: Mapping[SessionMove, Move[SessionState]] = {
    SessionMove.HOLD: Move(_PLANNED, SessionState.HELD, SIDES),
    SessionMove.CANCEL: Move(_PLANNED | {SessionState.HELD}, SessionState.CANCELLED, SIDES),
}


def party_of(caller: Identity, organisation: str, profile_id: str, office: str) -> Party | None:
    """On whose side the caller is of a thing between two; None where they have no part in it.

    Args:
        caller: Who it is.
        organisation: The enterprise; empty for none.
        profile_id: The person; empty where there is none yet.
        office: The organisation that keeps the person's profile; empty for none.
    """
    match caller.role:
        case Role.ADMIN:
            return Party.ADMIN
        case Role.SERVICE:
            return Party.SYSTEM
        case Role.HR if caller.organisation and caller.organisation == organisation:
            return Party.ENTERPRISE
        case Role.RETIREE if caller.profile_id and caller.profile_id.lower() == profile_id:
            return Party.MENTOR
        case Role.COORDINATOR if caller.organisation and caller.organisation == office:
            return Party.OFFICE
    return None


def side_of(party: Party) -> Side | None:
    """Of which side somebody is; None for who is of neither."""
    match party:
        case Party.ENTERPRISE:
            return Side.ENTERPRISE
        case Party.MENTOR | Party.OFFICE:
            return Side.MENTOR
    return None


def allow(parties: Collection[Party], party: Party) -> None:
    """Raise Forbidden for somebody who may not do what these may."""
    if party not in parties:
        needs = " or ".join(sorted(one.value for one in parties))
        raise Forbidden(f"this is for {needs}", metadata={"needs": needs})


def moved(move: Move[State], state: State) -> State:
    """The state after a move. Raises WrongState, naming the present state, where it does not start there."""
    if state not in move.origins:
        raise WrongState(named(state), " or ".join(named(one) for one in sorted(move.origins)))
    return move.to


def named(state: IntEnum) -> str:
    """A state as errors and the audit name it."""
    return state.name.lower()
