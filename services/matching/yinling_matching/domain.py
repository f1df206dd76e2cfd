"""What matching knows: people as the profile feed gives them, requests, and the rules of a request's life."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum

from yinling_common.errors import StaleEtag, WrongState
from yinling_common.types import Mode, PhysicalDemand, TitleLevel, TravelRange
from yinling_matching.ranking.weights import NO_WEIGHTS, Weights
from yinling_matching.scoring import Point, PointKind, points_of

# The numbers of all enums are those of the contract: columns, the database and snapshots keep them.


class Importance(IntEnum):
    """How much a requirement matters. Not stated counts as MUST."""

    UNSPECIFIED = 0
    MUST = 1
    NICE = 2


class HardRule(IntEnum):
    """A rule that keeps a person out of the suggestions for a request."""

    AVAILABILITY = 1
    CAPACITY = 2
    PHYSICAL = 3
    MODE = 4
    DISTANCE = 5
    HOURS = 6
    LANGUAGE = 7
    BLOCKED = 8


class RequestState(IntEnum):
    """Where a request stands."""

    UNSPECIFIED = 0
    DRAFT = 1
    OPEN = 2
    FILLED = 3
    CLOSED = 4
    EXPIRED = 5


@dataclass(frozen=True, slots=True)
class ExperienceItem:
    """One position, project or work. Years are 0 where not known."""

    title: str
    organisation: str = ""
    start_year: int = 0
    end_year: int = 0
    description: str = ""


@dataclass(frozen=True, slots=True)
class Credential:
    """A title or certificate. The year is 0 where not known."""

    name: str
    issuer: str = ""
    year: int = 0


@dataclass(frozen=True, slots=True)
class Person:
    """A profile as matching sees it. Whoever is here has agreed to be found: others leave a tombstone in the feed.

    Attributes:
        city: Canonical name; empty where not stated.
        modes: Accepted ways of working; empty means both.
        hours_per_week: 0 where not stated.
        max_distance_km: From home, as the crow flies, for work on site; where it is stated it takes the place of
            `travel`. 0 where not stated.
        languages: BCP 47 tags; empty means "zh".
        capacity: Engagements at once; None where not stated, which counts as 1.
        available_from: First day; None means now.
        available_to: Last day; None means no end.
    """

    id: str
    organisation: str = ""
    name: str = ""
    city: str = ""
    former_employer: str = ""
    last_position: str = ""
    title_level: TitleLevel = TitleLevel.UNSPECIFIED
    industry: str = ""
    years: int = 0
    skills: tuple[str, ...] = ()
    experience: tuple[ExperienceItem, ...] = ()
    credentials: tuple[Credential, ...] = ()
    bio: str = ""
    modes: frozenset[Mode] = frozenset()
    hours_per_week: int = 0
    travel: TravelRange = TravelRange.UNSPECIFIED
    max_distance_km: int = 0
    limits: frozenset[PhysicalDemand] = frozenset()
    other_limits: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    wishes: str = ""
    capacity: int | None = None
    available_from: date | None = None
    available_to: date | None = None
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Requirement:
    """One point that a mentor is asked for."""

    text: str
    importance: Importance = Importance.UNSPECIFIED


@dataclass(frozen=True, slots=True)
class MentoringRequest:
    """What an enterprise asks for.

    Attributes:
        id: Empty for one that is not kept.
        city: Canonical name; empty where not stated.
        hours_per_week: 0 where not stated.
        language: BCP 47 tag; empty means "zh".
        start_date: None means now.
        wishes: Rules that do not keep people out of this request, but cost score.
        min_years: 0 where not asked.
        max_distance_km: As the crow flies, for work on site; 0 where not asked.
        weights: Its own; what is not set is as the organisation has it.
        mentors_wanted: 0 where not stated, which counts as 1.
        expire_date: Last day on which people can be found for it, in China's time; None for no end.
        create_time: None for one that is not kept.
        open_time: When it was first opened; the database notes it.
    """

    organisation: str
    title: str
    id: str = ""
    description: str = ""
    requirements: tuple[Requirement, ...] = ()
    industry: str = ""
    city: str = ""
    mode: Mode = Mode.UNSPECIFIED
    hours_per_week: int = 0
    physical_demands: frozenset[PhysicalDemand] = frozenset()
    other_demands: tuple[str, ...] = ()
    mentees: int = 0
    months: int = 0
    language: str = ""
    start_date: date | None = None
    blocked_profile_ids: frozenset[str] = frozenset()
    wishes: frozenset[HardRule] = frozenset()
    min_years: int = 0
    min_title_level: TitleLevel = TitleLevel.UNSPECIFIED
    max_distance_km: int = 0
    weights: Weights = NO_WEIGHTS
    mentors_wanted: int = 0
    expire_date: date | None = None
    state: RequestState = RequestState.UNSPECIFIED
    create_time: datetime | None = None
    update_time: datetime | None = None
    etag: str = field(default="", compare=False)
    open_time: datetime | None = field(default=None, compare=False)

    def has_expired(self, today: date) -> bool:
        """Whether its last day has passed."""
        return self.expire_date is not None and self.expire_date < today

    def points(self) -> list[Point]:
        """What is asked, one text each, as the scoring wants it."""
        kinds = {Importance.NICE: PointKind.NICE}
        asked = [(r.text, kinds.get(r.importance, PointKind.MUST)) for r in self.requirements]
        return points_of(self.title, self.description, asked)


@dataclass(frozen=True, slots=True)
class OrganisationSettings:
    """How an organisation wants its requests matched.

    Attributes:
        weights: For its requests, where they set nothing themselves.
        update_time: None where nothing was ever written.
        etag: Empty where nothing was ever written.
    """

    organisation: str
    weights: Weights = NO_WEIGHTS
    update_time: datetime | None = None
    etag: str = field(default="", compare=False)


ReviseRequest = Callable[[MentoringRequest], MentoringRequest]
"""Makes the new state of a request from the one that is kept."""

# Invitations and engagements fill and expire requests; until a person's own word only these moves are theirs to make.
_MOVES = {
    RequestState.DRAFT: {RequestState.OPEN},
    RequestState.OPEN: {RequestState.CLOSED},
    RequestState.CLOSED: {RequestState.OPEN},
}


def first_state(asked: RequestState) -> RequestState:
    """The state of a new request: OPEN where not stated. Raises WrongState for anything but DRAFT or OPEN."""
    if asked is RequestState.UNSPECIFIED:
        return RequestState.OPEN
    if asked not in {RequestState.DRAFT, RequestState.OPEN}:
        raise WrongState(asked.name.lower(), "draft or open for a new request")
    return asked


def next_state(now: RequestState, asked: RequestState) -> RequestState:
    """The state after an update: the same where not stated. Raises WrongState where that move does not exist."""
    if asked in {RequestState.UNSPECIFIED, now}:
        return now
    if asked not in _MOVES.get(now, set()):
        moves = " or ".join(sorted(state.name.lower() for state in _MOVES.get(now, ()))) or "to stay so"
        raise WrongState(now.name.lower(), f"the new state {moves}, not {asked.name.lower()}")
    return asked


def check_etag(kept: str, given: str) -> None:
    """Raise StaleEtag where the caller read an older state. No etag given means no matter."""
    if given and given != kept:
        raise StaleEtag


def new_etag() -> str:
    """Another one than before."""
    return secrets.token_hex(8)
