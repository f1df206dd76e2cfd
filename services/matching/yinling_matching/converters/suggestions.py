"""Suggestions, and the state of the index."""

from collections.abc import Sequence
from dataclasses import fields

from yinling.matching.v1 import matching_pb2 as pb
from yinling.matching.v1 import matching_service_pb2 as service_pb

from yinling_matching.converters.requests import request_message
from yinling_matching.converters.values import number, timestamp
from yinling_matching.domain import HardRule, Requirement
from yinling_matching.excerpts import excerpt
from yinling_matching.ranking import Answer, Match
from yinling_matching.rules import Outcome
from yinling_matching.suggesting import IndexState, MentorSuggestions, RequestSuggestions, Verdict


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
    )


def _evidence(match: Match, points: Sequence[Requirement]) -> list[pb.Evidence]:
    return [_answer(point, answer) for point, answer in zip(points, match.answers, strict=True)]


def _answer(point: Requirement, answer: Answer) -> pb.Evidence:
    evidence = pb.Evidence(requirement=point.text, importance=number(point.importance), found=answer.facet is not None)
    if answer.facet is not None:
        evidence.facet_kind = number(answer.facet.kind)
        evidence.facet_text = excerpt(answer.facet.text, point.text)
        evidence.strength = answer.strength
    return evidence


def _checks(outcomes: dict[HardRule, Outcome] | None) -> list[pb.Check]:
    # A rule that is broken all the same is a wish of the request, and stands among the adjustments.
    kept = {rule: outcome for rule, outcome in (outcomes or {}).items() if outcome is not Outcome.BROKEN}
    return [pb.Check(rule=number(rule), outcome=number(outcome)) for rule, outcome in kept.items()]
