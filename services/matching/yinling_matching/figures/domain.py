"""What the figures are, whose they are, and what of them is told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum

from yinling_common.errors import Forbidden, InvalidField, Violation
from yinling_common.identity import Role, require
from yinling_matching.days import CHINA
from yinling_matching.domain import RequestState
from yinling_matching.engaging.states import InvitationState

DAYS = 90
"""A period goes so far back where its first day is not stated."""

LONGEST = 3660
"""Days of the longest period: ten years."""

FEWEST = 3
"""Of fewer people nothing is told that would be about each of them."""


class By(IntEnum):
    """Whose figures. The numbers are those of the contract."""

    UNSPECIFIED = 0
    ENTERPRISE = 1
    OFFICE = 2


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose figures, and who reads them.

    Attributes:
        by: What the organisation is.
        organisation: Empty for everything.
        reader: Role of whoever reads them.
    """

    by: By
    organisation: str
    reader: Role

    @property
    def folds(self) -> bool:
        """Whether reasons of very few stand together. The office that keeps the people answers for each of them."""
        return self.reader is not Role.COORDINATOR

    @property
    def office(self) -> str:
        """The office that keeps the people; empty where it is not about one."""
        return self.organisation if self.by is By.OFFICE else ""

    @property
    def enterprise(self) -> str:
        """The enterprise that asks; empty where it is not about one."""
        return self.organisation if self.by is By.ENTERPRISE else ""


@dataclass(frozen=True, slots=True)
class Period:
    """Some days in China. A moment belongs to it from `start` on and before `end`."""

    first: date
    last: date

    @property
    def start(self) -> datetime:
        """When the first day begins."""
        return datetime.combine(self.first, time(), CHINA)

    @property
    def end(self) -> datetime:
        """When the last day is over."""
        if self.last == date.max:  # it is the calendar's too
            return datetime.max.replace(tzinfo=CHINA)
        return datetime.combine(self.last, time(), CHINA) + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Count:
    """How many of something there are, and of how many different people; 0 people where it is not about any."""

    what: IntEnum
    count: int
    people: int = 0


@dataclass(frozen=True, slots=True)
class Folded:
    """Things of several names together, as each alone would be about too few people."""

    count: int


@dataclass(frozen=True, slots=True)
class TimeTo:
    """How long something took, measured on `count`; nothing where that is 0."""

    count: int = 0
    median: timedelta = timedelta()
    ninth_decile: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class SkillGap:
    """What is asked for and nobody offers, or offered and nobody asks for. See the contract for the city."""

    skill: str
    city: str
    count: int


@dataclass(frozen=True, slots=True)
class Rating:
    """What one side answered at the end: the mean of the means of each, and about or from how many people."""

    mean: float = 0.0
    people: int = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """What the database knows of a period. The fields are those of the contract."""

    requests: Sequence[Count]
    open_requests: int
    time_to_suggestion: TimeTo
    time_to_reply: TimeTo
    time_to_engagement: TimeTo
    invitations: Sequence[Count]
    opt_ins: Sequence[Count]
    decline_reasons: Sequence[Count]
    turn_down_reasons: Sequence[Count]
    engagements: Sequence[Count]
    end_reasons: Sequence[Count]
    hours_given: float
    mentors_active: int
    people_shown: int
    enterprise_rating: Rating
    mentor_rating: Rating

    @property
    def fill_rate(self) -> float:
        """Part of the requests that are no drafts which are filled; 0 where there are none."""
        asked = sum(one.count for one in self.requests if one.what is not RequestState.DRAFT)
        return _part(_of(self.requests, RequestState.FILLED), asked)

    @property
    def acceptance_rate(self) -> float:
        """Part of the answered invitations that were accepted; 0 where none was answered."""
        accepted = _of(self.invitations, InvitationState.ACCEPTED)
        return _part(accepted, accepted + _of(self.invitations, InvitationState.DECLINED))


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of a period for whoever reads them.

    Attributes:
        people: That there are.
    """

    period: Period
    scope: Scope
    counted: Counted
    people: int
    unmet_demand: Sequence[SkillGap] = ()
    idle_supply: Sequence[SkillGap] = ()

    def told(self, reasons: Sequence[Count]) -> list[Count | Folded]:
        """Reasons; those that too few people gave stand together, but for the office that keeps the people."""
        if not self.scope.folds:
            return list(reasons)
        kept: list[Count | Folded] = [one for one in reasons if one.people >= FEWEST]
        if few := sum(one.count for one in reasons if one.people < FEWEST):
            kept.append(Folded(few))
        return kept

    def rating(self, of: Rating) -> float:
        """A mean rating; 0 where it would tell what one of very few said."""
        return of.mean if of.people >= FEWEST else 0.0


def scope_of(organisation: str, by: By) -> Scope:
    """Whose figures the caller asks for. Raises Forbidden where they are not theirs."""
    caller = require(Role.HR, Role.COORDINATOR, Role.ADMIN)
    if caller.role is Role.ADMIN:
        return Scope(by if by is By.OFFICE else By.ENTERPRISE, organisation, caller.role)
    own = By.OFFICE if caller.role is Role.COORDINATOR else By.ENTERPRISE
    if not caller.organisation or organisation not in {"", caller.organisation} or by not in {By.UNSPECIFIED, own}:
        raise Forbidden(_OWN[own], metadata={"role": caller.role, "organisation": caller.organisation})
    return Scope(own, caller.organisation, caller.role)


_OWN = {
    By.ENTERPRISE: "you can have the figures of your own organisation's requests only",
    By.OFFICE: "you can have the figures of the people of your own organisation only",
}


def period_of(first: date | None, last: date | None, today: date) -> Period:
    """The days asked for. Raises InvalidField."""
    end = last or today
    begin = first or date.fromordinal(max(1, end.toordinal() - DAYS))
    if begin > end:
        message = f"{begin} is after the last day, {end}; give a day that is not"
        raise InvalidField([Violation("start_date", "date.order", message)])
    if (end - begin).days > LONGEST:
        message = f"from {begin} to {end} is more than ten years; give a later day"
        raise InvalidField([Violation("start_date", "date.period", message)])
    return Period(begin, end)


def _of(counts: Iterable[Count], what: IntEnum) -> int:
    return sum(one.count for one in counts if one.what is what)


def _part(some: int, everything: int) -> float:
    return some / everything if everything else 0.0
