"""What both sides plan for an engagement: its goals, its last day, and whom the person turns to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import uuid4

from yinling_common.errors import Forbidden, InvalidField, InvalidUpdateMask, Violation
from yinling_common.text import clean
from yinling_matching.days import CHINA
from yinling_matching.engaging.domain import NO_CONTACT, Engagement, EnterpriseContact, Goal
from yinling_matching.engaging.states import Party, Side

_CONTACT = "enterprise_contact"
_SETTABLE = ("goals", "planned_end_date", _CONTACT)


@dataclass(frozen=True, slots=True)
class Plan:
    """What an engagement is to have. Only what an update names counts."""

    goals: tuple[Goal, ...] = ()
    planned_end_date: date | None = None
    enterprise_contact: EnterpriseContact = NO_CONTACT


def named_by(mask: Sequence[str], side: Side) -> list[str]:
    """The fields that an update of one side changes.

    Raises:
        InvalidUpdateMask: There is no such field, or it cannot be set.
        Forbidden: It is the other side's.
    """
    own = [name for name in _SETTABLE if name != _CONTACT or side is Side.ENTERPRISE]
    paths = list(dict.fromkeys(mask))
    if paths in ([], ["*"]):
        return own
    for path in paths:
        if path not in _SETTABLE:
            raise InvalidUpdateMask(path)
        if path not in own:
            needs = Party.ENTERPRISE.value
            raise Forbidden(f"{path} is for {needs}", metadata={"needs": needs, "field": path})
    return paths


def revised(kept: Engagement, plan: Plan, paths: Collection[str], now: datetime) -> Engagement:
    """An engagement with what a plan changes. Raises InvalidField, for every field that breaks a rule at once."""
    wrong: list[Violation] = []
    changes = kept
    if "goals" in paths:
        goals, wrong = _goals(kept, plan.goals, now)
        changes = replace(changes, goals=goals)
    if "planned_end_date" in paths:
        first = kept.create_time.astimezone(CHINA).date()
        if plan.planned_end_date is not None and plan.planned_end_date < first:
            message = f"{plan.planned_end_date} is before the engagement began, on {first}; give a later day, or none"
            wrong.append(Violation("engagement.planned_end_date", "date.order", message))
        changes = replace(changes, planned_end_date=plan.planned_end_date)
    if _CONTACT in paths:
        given = plan.enterprise_contact
        contact = EnterpriseContact(clean(given.name), clean(given.phone), clean(given.email))
        changes = replace(changes, enterprise_contact=contact)
    if wrong:
        raise InvalidField(wrong)
    return changes


def changed_fields(before: Engagement, after: Engagement) -> list[str]:
    """Names of what differs of a plan."""
    return [name for name in _SETTABLE if getattr(before, name) != getattr(after, name)]


def _goals(kept: Engagement, given: Sequence[Goal], now: datetime) -> tuple[tuple[Goal, ...], list[Violation]]:
    """The goals as they become, in the order given; what was not given is no goal any more."""
    known = {goal.id: goal for goal in kept.goals}
    goals: list[Goal] = []
    wrong: list[Violation] = []
    taken: set[str] = set()
    for n, one in enumerate(given):
        if one.id and one.id not in known:
            message = "there is no such goal; leave the id empty for a new one"
            wrong.append(Violation(f"engagement.goals[{n}].id", "goal.unknown", message))
        if one.id and one.id in taken:
            message = "is given twice; give each goal once"
            wrong.append(Violation(f"engagement.goals[{n}].id", "goal.repeated", message))
        if not (text := clean(one.text)):
            message = "must not be empty; say what is to be reached, or leave the goal out"
            wrong.append(Violation(f"engagement.goals[{n}].text", "string.min_len", message))
        taken.add(one.id)
        goal = replace(one, id=one.id or str(uuid4()), text=text, note=clean(one.note))
        before = known.get(goal.id)
        same = before is not None and replace(before, update_time=None) == replace(goal, update_time=None)
        goals.append(before if before is not None and same else replace(goal, update_time=now))
    return tuple(goals), wrong
