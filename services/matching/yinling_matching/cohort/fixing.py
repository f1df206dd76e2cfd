"""Fixed pairs that cannot be: what is wrong with which."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from yinling_common.errors import InvalidField, Violation, WrongState
from yinling_matching.catalogue.catalogue import View
from yinling_matching.cohort.domain import Cohort, Pair
from yinling_matching.domain import MentoringRequest
from yinling_matching.rules.pairs import judge, keeping_out


def check_pairs(cohort: Cohort) -> None:
    """Raise InvalidField for pairs that say nothing: of a request that is not in the cohort, or fixed twice."""
    found = [
        Violation(
            f"{field}[{number}].request",
            "cohort.request_known",
            f"没有第 {pair.request} 号需求（编号从 0 到 {len(cohort.requests) - 1}）。"
            f"There is no request {pair.request} in the cohort; their numbers go from 0 to {len(cohort.requests) - 1}",
        )
        for field, pairs in (("fixed", cohort.fixed), ("forbidden", cohort.forbidden))
        for number, pair in enumerate(pairs)
        if pair.request >= len(cohort.requests)
    ]
    first: dict[Pair, int] = {}
    for number, pair in enumerate(cohort.fixed):
        if (before := first.setdefault(pair, number)) != number:
            message = (
                f"与 fixed[{before}] 相同；请去掉一个。It is the same pair as fixed[{before}]; leave one of them out"
            )
            found.append(Violation(f"fixed[{number}]", "cohort.fixed_twice", message))
    if found:
        raise InvalidField(found)


def check_fixed(view: View, cohort: Cohort, requests: Sequence[MentoringRequest], today: date) -> None:
    """Raise WrongState where fixed pairs contradict each other, the rules or the places. Every one of them is named."""
    forbidden = set(cohort.forbidden)
    of_request: Counter[int] = Counter()
    of_person: Counter[str] = Counter()
    found: list[Violation] = []
    for number, pair in enumerate(cohort.fixed):
        of_request[pair.request] += 1
        of_person[pair.person_id] += 1
        wrong = wrong_with_person(view, cohort.organisations, requests[pair.request], pair.person_id, today)
        if pair in forbidden:
            wrong = "forbidden", "这一对同时被禁止。The pair is forbidden as well; decide for one"
        elif not wrong and of_request[pair.request] > (wanted := cohort.requests[pair.request].mentors):
            wrong = "mentors", f"第 {pair.request} 号需求只要 {wanted} 人。Request {pair.request} wants {wanted} only"
        elif not wrong and of_person[pair.person_id] > (places := places_of(view, pair.person_id)):
            wrong = "places", f"此人只剩 {places} 个名额。Places that the person has left: {places}"
        if wrong:
            found.append(Violation(f"fixed[{number}]", f"cohort.fixed_{wrong[0]}", wrong[1]))
    if found:
        raise _refusal(found)


def places_of(view: View, person_id: str) -> int:
    """Places that a person has left; 0 where they are not there."""
    entry = view.entry(person_id)
    return int(view.columns.places[entry.row]) if entry else 0


def wrong_with_person(
    view: View, organisations: frozenset[str], request: MentoringRequest, person_id: str, today: date
) -> tuple[str, str] | None:
    """Why a person cannot be assigned to a request, as a rule and its message; None where they can."""
    entry = view.entry(person_id)
    if entry is None:
        return "person", "没有此人的档案，或本人未同意参与。The person is not there, or has taken their consent back"
    person = entry.indexed.person
    if organisations and person.organisation not in organisations:
        return "organisation", "此人不属于所选单位。The person is kept by none of the organisations asked for"
    if keeping_out(request, person, judge(request, person, today)):
        # Which one is not said: it may be health.
        return "rules", "此人不符合这个需求的硬性条件。The person does not pass the hard rules of the request"
    return None


def _refusal(found: Sequence[Violation]) -> WrongState:
    error = WrongState(f"contradictory at {', '.join(v.field for v in found[:10])}", "fixed pairs that can all be")
    error.message = "; ".join(f"{v.field}: {v.message.partition('。')[2]}" for v in found[:10])
    error.metadata |= {"field": found[0].field, "rule": "cohort.fixed"}
    error.violations = list(found)
    return error
