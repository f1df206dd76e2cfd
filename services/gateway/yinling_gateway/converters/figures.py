"""Figures from the contract's messages to the models of the API."""

from collections.abc import Iterable
from datetime import date

from yinling.common.v1.types_pb2 import Date
from yinling.matching.v1 import figures_service_pb2 as service

from yinling_gateway.models.figures import Figures, FiguresBy, FiguresFileQuery, NamedCount, SkillGap, TimeTo
from yinling_gateway.reports.figures import Asked, acceptance_rate, fill_rate, seconds

_PREFIXES = ("STATE_", "DECLINE_REASON_", "TURN_DOWN_REASON_", "END_REASON_", "CLOSED_BECAUSE_")
_BY = {
    FiguresBy.ENTERPRISE: service.GetFiguresRequest.BY_ENTERPRISE,
    FiguresBy.OFFICE: service.GetFiguresRequest.BY_OFFICE,
}


def asked_figures(query: FiguresFileQuery) -> Asked:
    """Whose figures a query asks for."""
    return Asked(query.start_date, query.end_date, query.organisation, _BY[query.by] if query.by else 0)


def figures_model(found: service.Figures) -> Figures:
    """Figures as JSON has them."""
    return Figures(
        start_date=_day(found.start_date),
        end_date=_day(found.end_date),
        requests=_counts(found.requests),
        open_requests=found.open_requests,
        fill_rate=_rounded(fill_rate(found)),
        time_to_suggestion=_time_to(found.time_to_suggestion),
        time_to_reply=_time_to(found.time_to_reply),
        time_to_engagement=_time_to(found.time_to_engagement),
        invitations=_counts(found.invitations),
        opt_ins=_counts(found.opt_ins),
        acceptance_rate=_rounded(acceptance_rate(found)),
        decline_reasons=_counts(found.decline_reasons),
        turn_down_reasons=_counts(found.turn_down_reasons),
        engagements=_counts(found.engagements),
        end_reasons=_counts(found.end_reasons),
        hours_given=round(found.hours_given, 2),
        mentors_active=found.mentors_active,
        people_shown=found.people_shown,
        people=found.people,
        unmet_demand=_gaps(found.unmet_demand),
        idle_supply=_gaps(found.idle_supply),
        enterprise_rating=_rounded(found.enterprise_rating or None),
        mentor_rating=_rounded(found.mentor_rating or None),
    )


def plain_name(name: str) -> str:
    """A name of the contract's as the API writes it: STATE_OPEN is open."""
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    return name.lower()


def _counts(counts: Iterable[service.NamedCount]) -> list[NamedCount]:
    return [NamedCount(name=plain_name(one.name), count=one.count) for one in counts]


def _time_to(took: service.TimeTo) -> TimeTo | None:
    measured = seconds(took)
    if measured is None:
        return None
    return TimeTo(count=took.count, median_seconds=measured[0], ninth_decile_seconds=measured[1])


def _gaps(gaps: Iterable[service.SkillGap]) -> list[SkillGap]:
    return [SkillGap(skill=gap.skill, city=gap.city, count=gap.count) for gap in gaps]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _day(value: Date) -> date:
    return date(value.year, value.month, value.day)
