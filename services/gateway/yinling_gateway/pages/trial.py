"""Trying a request with one condition relaxed, before it is changed."""

from dataclasses import dataclass

from yinling.common.v1 import types_pb2 as types
from yinling.matching.v1 import matching_pb2 as matching

from yinling_gateway.pages.request_form import CAN_BE_WISHES

_RULES = {
    "availability": matching.HARD_RULE_AVAILABILITY,
    "mode": matching.HARD_RULE_MODE,
    "distance": matching.HARD_RULE_DISTANCE,
    "hours": matching.HARD_RULE_HOURS,
    "language": matching.HARD_RULE_LANGUAGE,
    "physical": matching.HARD_RULE_PHYSICAL,
}
_NAMES = {rule: name for name, rule in _RULES.items()}

# Where the form asks for what a rule is about.
_FIELDS = {
    matching.HARD_RULE_AVAILABILITY: "start_date",
    matching.HARD_RULE_MODE: "mode",
    matching.HARD_RULE_DISTANCE: "max_distance_km",
    matching.HARD_RULE_HOURS: "hours_per_week",
    matching.HARD_RULE_LANGUAGE: "language",
    matching.HARD_RULE_PHYSICAL: "physical_demands",
}


@dataclass(frozen=True)
class Trial:
    """One condition relaxed.

    Attributes:
        rule: The rule.
        key: How an address names it.
        field: Field of the request's form that it is about.
        demand: Of PHYSICAL: the demand that is left away; 0 for all of them.
        other: Of PHYSICAL: the same, in the request's own words.
    """

    rule: int
    key: str
    field: str
    demand: int = 0
    other: str = ""


def of_rule(rule: int, demand: int = 0, other: str = "") -> Trial | None:
    """The trial that relaxes a rule; None where a request can't relax it."""
    if rule not in _NAMES:
        return None
    about = str(demand) if demand else other
    field = "other_demands" if other else _FIELDS[matching.HardRule.ValueType(rule)]
    return Trial(rule, _NAMES[matching.HardRule.ValueType(rule)] + (f":{about}" if about else ""), field, demand, other)


def of_key(key: str) -> Trial | None:
    """The trial that an address names; None where it names none."""
    name, _, about = key.partition(":")
    rule = _RULES.get(name)
    if rule is None:
        return None
    demand = int(about) if about.isascii() and about.isdigit() and int(about) in types.PhysicalDemand.values() else 0
    return of_rule(rule, demand, "" if demand else about)


def relaxed(request: matching.MentoringRequest, trial: Trial) -> matching.MentoringRequest:
    """A copy of a request with one condition relaxed: a wish, or a demand that is left away."""
    result = matching.MentoringRequest()
    result.CopyFrom(request)
    if trial.rule != matching.HARD_RULE_PHYSICAL:
        rule = matching.HardRule.ValueType(trial.rule)
        if rule in CAN_BE_WISHES and rule not in result.wishes:
            result.wishes.append(rule)
        return result
    everything = not trial.demand and not trial.other
    left = [] if everything else [demand for demand in request.physical_demands if demand != trial.demand]
    other = [] if everything else [words for words in request.other_demands if words != trial.other]
    del result.physical_demands[:], result.other_demands[:]
    result.physical_demands.extend(left)
    result.other_demands.extend(other)
    return result
