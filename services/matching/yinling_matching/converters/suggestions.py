"""Suggestions, and the state of the index."""

from collections.abc import Sequence
from dataclasses import fields

from yinling.matching.v1 import matching_pb2 as pb
from yinling.matching.v1 import matching_service_pb2 as service_pb

from yinling_matching.converters.organisation_settings import weights_message
from yinling_matching.converters.requests import request_message
from yinling_matching.converters.values import number, timestamp
from yinling_matching.domain import HardRule, Requirement
from yinling_matching.lexical import shared_terms
from yinling_matching.ranking.adjustments import Effect
from yinling_matching.ranking.excerpts import excerpt
from yinling_matching.ranking.matches import Answer, Match
from yinling_matching.ranking.questions import query_of
from yinling_matching.ranking.suggestions import MentorSuggestions, RequestSuggestions, Verdict
from yinling_matching.remembering import remembered
from yinling_matching.rules.pairs import Outcome
from yinling_matching.rules.relaxing import Relaxation
from yinling_matching.scoring import label_of
from yinling_matching.status import IndexState

_MOST_WORDS = 8
"""Shared words that are shown of a point: the first tell the most."""


def mentors_message(found: MentorSuggestions) -> service_pb.SuggestMentorsResponse:
    """What was found for a request."""
    ranking = found.ranking
    verdicts = {
        Verdict.RANKED: service_pb.SuggestMentorsResponse.VERDICT_RANKED,
        Verdict.NOT_ENOUGH_INFORMATION: service_pb.SuggestMentorsResponse.VERDICT_NOT_ENOUGH_INFORMATION,
        Verdict.NOBODY_ELIGIBLE: service_pb.SuggestMentorsResponse.VERDICT_NOBODY_ELIGIBLE,
    }
    suggest = _suggestion if found.full else _score
    return service_pb.SuggestMentorsResponse(
        verdict=verdicts[found.verdict],
        suggestions=[suggest(match, found.points) for match in ranking.matches],
        revision=ranking.revision,
        people=ranking.people,
        eligible=ranking.eligible,
        exclusions=[
            pb.Exclusion(rule=number(e.rule), people=e.people, only_this_rule=e.only_this_rule)
            for e in ranking.exclusions
        ],
        without_information=ranking.without_information,
        relaxations=[_relaxation(relaxation) for relaxation in ranking.relaxations],
        weights=weights_message(found.weights),
    )


def requests_message(found: RequestSuggestions) -> service_pb.SuggestRequestsResponse:
    """What was found for a person."""
    return service_pb.SuggestRequestsResponse(
        suggestions=[
            pb.RequestSuggestion(
                request=request_message(suggestion.request),
                score=suggestion.match.score,
                evidence=_evidence(suggestion.match, suggestion.points),
                checks=_checks(suggestion.match.outcomes),
                label=number(label_of(suggestion.match.score)),
                adjustments=_adjustments(suggestion.match.effects),
                distance_km=suggestion.match.distance_km,
            )
            for suggestion in found.suggestions
        ],
        revision=found.revision,
        open_requests=found.open_requests,
    )


def status_message(state: IndexState) -> service_pb.IndexStatusResponse:
    """How fresh and how large the index is."""
    return service_pb.IndexStatusResponse(
        **{f.name: getattr(state, f.name) for f in fields(state) if not f.name.endswith("_time")},
        feed_time=timestamp(state.feed_time),
        snapshot_time=timestamp(state.snapshot_time),
    )


def _score(match: Match, _: Sequence[Requirement]) -> pb.Suggestion:
    return pb.Suggestion(profile_id=match.person.id, score=match.score)


def _suggestion(match: Match, points: Sequence[Requirement]) -> pb.Suggestion:
    return pb.Suggestion(
        profile_id=match.person.id,
        score=match.score,
        evidence=_evidence(match, points),
        checks=_checks(match.outcomes),
        name=match.person.name,
        city=match.person.city,
        last_position=match.person.last_position,
        former_employer=match.person.former_employer,
        organisation=match.person.organisation,
        title_level=number(match.person.title_level),
        years=match.person.years,
        label=number(label_of(match.score)),
        adjustments=_adjustments(match.effects),
        similar=[
            pb.SimilarPerson(profile_id=one.person.id, name=one.person.name, score=one.score) for one in match.similar
        ],
        distance_km=match.distance_km,
        by_turn=match.by_turn,
    )


def _evidence(match: Match, points: Sequence[Requirement]) -> list[pb.Evidence]:
    return [_answer(point, answer) for point, answer in zip(points, match.answers, strict=True)]


def _answer(point: Requirement, answer: Answer) -> pb.Evidence:
    evidence = pb.Evidence(requirement=point.text, importance=number(point.importance), found=answer.facet is not None)
    if answer.facet is not None:
        evidence.facet_kind = number(answer.facet.kind)
        evidence.facet_text = excerpt(answer.facet.text, point.text)
        evidence.strength = answer.strength
        evidence.label = number(label_of(answer.strength))
        evidence.shared_words.extend(_shared_words(point.text, answer.facet.text))
    return evidence


@remembered(maxsize=16_384)
def _shared_words(point: str, facet: str) -> tuple[str, ...]:
    """Kept for a while: the same request is looked at again and again, and a text takes 0.1 ms to be cut into words."""
    return tuple(shared_terms(query_of(point), facet)[:_MOST_WORDS])


def _checks(outcomes: dict[HardRule, Outcome] | None) -> list[pb.Check]:
    # A rule that is broken all the same is a wish of the request, and stands among the adjustments.
    kept = {rule: outcome for rule, outcome in (outcomes or {}).items() if outcome is not Outcome.BROKEN}
    return [pb.Check(rule=number(rule), outcome=number(outcome)) for rule, outcome in kept.items()]


def _adjustments(effects: Sequence[Effect]) -> list[pb.Adjustment]:
    return [
        pb.Adjustment(
            kind=number(one.kind),
            effect=one.effect,
            rule=number(one.rule) if one.rule else pb.HARD_RULE_UNSPECIFIED,
            not_stated=one.not_stated,
        )
        for one in effects
    ]


def _relaxation(one: Relaxation) -> pb.Relaxation:
    return pb.Relaxation(
        rule=number(one.rule),
        physical_demand=number(one.physical_demand),
        other_demand=one.other_demand,
        strong=one.strong,
        good=one.good,
        best_score=one.best_score,
    )
