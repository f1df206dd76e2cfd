"""How the fake of matching scores: it counts shared characters, which is enough to have an order and reasons."""

from collections.abc import Collection, Iterable

from yinling.matching.v1.matching_pb2 import (
    FACET_KIND_SKILL,
    HARD_RULE_MODE,
    HARD_RULE_PHYSICAL,
    LABEL_GOOD,
    LABEL_POSSIBLE,
    LABEL_STRONG,
    LABEL_WEAK,
    Adjustment,
    Check,
    Evidence,
    Exclusion,
    HardRule,
    Label,
    MentoringRequest,
    Relaxation,
    Requirement,
    Suggestion,
    Weights,
)
from yinling.talent.v1.talent_pb2 import Profile

DEFAULTS = Weights(
    about=2, must=1, nice=0.4, words=1, years=1, title_level=1, feedback=1, wishes=1, broken_wishes=1,
)  # fmt: skip


def effective(*said: Weights) -> Weights:
    """Every weight, the first word winning."""
    result = Weights()
    result.CopyFrom(DEFAULTS)
    for weights in reversed(said):
        result.MergeFrom(weights)
    return result


def broken(wanted: MentoringRequest, profile: Profile) -> set[HardRule.ValueType]:
    """The rules that a person breaks; the fake knows two of them."""
    result = set()
    if wanted.mode and profile.modes and wanted.mode not in profile.modes:
        result.add(HARD_RULE_MODE)
    if set(profile.limits) & set(wanted.physical_demands):
        result.add(HARD_RULE_PHYSICAL)
    return result


def suggestion(wanted: MentoringRequest, profile: Profile) -> Suggestion:
    """A person for a request, with reasons."""
    points = list(wanted.requirements) or [Requirement(text=wanted.title)]
    found = [_evidence(point, profile) for point in points]
    adjustments = [
        Adjustment(kind=Adjustment.KIND_BROKEN_WISH, effect=-0.1, rule=rule)
        for rule in sorted(broken(wanted, profile) & set(wanted.wishes))
    ]
    if profile.years < wanted.min_years:
        adjustments.append(Adjustment(kind=Adjustment.KIND_YEARS, effect=-0.06))
    score = sum(each.strength for each in found) / len(found) + sum(each.effect for each in adjustments)
    score = min(1.0, max(0.0, score))
    return Suggestion(
        profile_id=profile.id,
        score=score,
        label=label(score),
        evidence=found,
        adjustments=adjustments,
        checks=[
            Check(rule=HARD_RULE_PHYSICAL, outcome=Check.OUTCOME_PASSED),
            Check(rule=HARD_RULE_MODE, outcome=Check.OUTCOME_NOT_STATED),
        ],
        name=profile.name,
        city=profile.city,
        last_position=profile.last_position,
        former_employer=profile.former_employer,
        organisation=profile.organisation,
        title_level=profile.title_level,
        years=profile.years,
    )


def in_turn(suggestions: Iterable[Suggestion], turns: Collection[str]) -> list[Suggestion]:
    """The best first; whose turn it is stands above who scores up to .1 more."""
    ordered = sorted(suggestions, key=lambda s: -s.score - 0.1 * (s.profile_id in turns))
    for place, one in enumerate(ordered):
        one.by_turn = any(below.score > one.score for below in ordered[place:])
    return ordered


def exclusions(wanted: MentoringRequest, people: Iterable[Profile]) -> list[Exclusion]:
    """Who is kept out by which rule."""
    kept_out = [broken(wanted, person) - set(wanted.wishes) for person in people]
    return [
        Exclusion(
            rule=rule,
            people=sum(rule in rules for rules in kept_out),
            only_this_rule=sum(rules == {rule} for rules in kept_out),
        )
        for rule in (HARD_RULE_PHYSICAL, HARD_RULE_MODE)
        if any(rule in rules for rules in kept_out)
    ]


def relaxations(wanted: MentoringRequest, people: Iterable[Profile]) -> list[Relaxation]:
    """What it would bring to relax a rule."""
    result: dict[HardRule.ValueType, Relaxation] = {}
    for person in people:
        rules = broken(wanted, person) - set(wanted.wishes)
        if len(rules) != 1:
            continue
        (rule,) = rules
        scored = suggestion(wanted, person)
        entry = result.setdefault(rule, Relaxation(rule=rule))
        if rule == HARD_RULE_PHYSICAL:
            entry.physical_demand = wanted.physical_demands[0]
        entry.strong += scored.label == LABEL_STRONG
        entry.good += scored.label == LABEL_GOOD
        entry.best_score = max(entry.best_score, scored.score)
    return [entry for entry in result.values() if entry.strong or entry.good]


def label(score: float) -> Label.ValueType:
    """A score in a word."""
    if score >= 0.8:
        return LABEL_STRONG
    if score >= 0.6:
        return LABEL_GOOD
    return LABEL_POSSIBLE if score >= 0.3 else LABEL_WEAK


def _evidence(point: Requirement, profile: Profile) -> Evidence:
    letters = set(point.text)
    strengths = {skill: len(letters & set(skill)) / max(1, len(letters)) for skill in profile.skills}
    best = max(strengths, key=lambda skill: strengths[skill], default="")
    if not best or not strengths[best]:
        return Evidence(requirement=point.text, importance=point.importance)
    return Evidence(
        requirement=point.text,
        importance=point.importance,
        found=True,
        facet_kind=FACET_KIND_SKILL,
        facet_text=best,
        strength=strengths[best],
        label=label(strengths[best]),
        shared_words=[best] if best in point.text else [],
    )
