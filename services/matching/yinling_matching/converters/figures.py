"""Figures."""

from collections.abc import Iterable, Sequence
from enum import IntEnum

from google.protobuf.duration_pb2 import Duration
from yinling.matching.v1 import engagement_pb2, matching_pb2
from yinling.matching.v1 import figures_service_pb2 as pb

from yinling_matching.converters.values import day_message, number
from yinling_matching.domain import RequestState
from yinling_matching.engaging.states import (
    ClosedBecause,
    DeclineReason,
    EndReason,
    EngagementState,
    InvitationState,
    OptInState,
    TurnDownReason,
)
from yinling_matching.figures.domain import Count, Figures, Folded, SkillGap, TimeTo

FEWER = "FEWER_THAN_THREE"

_ENUMS = {
    RequestState: matching_pb2.MentoringRequest.State,
    InvitationState: engagement_pb2.Invitation.State,
    OptInState: engagement_pb2.OptIn.State,
    EngagementState: engagement_pb2.Engagement.State,
    DeclineReason: engagement_pb2.DeclineReason,
    TurnDownReason: engagement_pb2.TurnDownReason,
    ClosedBecause: engagement_pb2.ClosedBecause,
    EndReason: engagement_pb2.EndReason,
}


def figures_message(found: Figures) -> pb.Figures:
    """Figures as their reader may see them."""
    counted = found.counted
    return pb.Figures(
        start_date=day_message(found.period.first),
        end_date=day_message(found.period.last),
        requests=_counts(counted.requests),
        open_requests=counted.open_requests,
        fill_rate=counted.fill_rate,
        time_to_suggestion=_time_to(counted.time_to_suggestion),
        time_to_reply=_time_to(counted.time_to_reply),
        time_to_engagement=_time_to(counted.time_to_engagement),
        invitations=_counts(counted.invitations),
        opt_ins=_counts(counted.opt_ins),
        acceptance_rate=counted.acceptance_rate,
        decline_reasons=_counts(found.told(counted.decline_reasons)),
        turn_down_reasons=_counts(found.told(counted.turn_down_reasons)),
        engagements=_counts(counted.engagements),
        end_reasons=_counts(found.told(counted.end_reasons)),
        hours_given=counted.hours_given,
        mentors_active=counted.mentors_active,
        people_shown=counted.people_shown,
        people=found.people,
        unmet_demand=[_gap(gap) for gap in found.unmet_demand],
        idle_supply=[_gap(gap) for gap in found.idle_supply],
        enterprise_rating=found.rating(counted.enterprise_rating),
        mentor_rating=found.rating(counted.mentor_rating),
    )


def _counts(counts: Iterable[Count | Folded]) -> Sequence[pb.NamedCount]:
    return [
        pb.NamedCount(name=FEWER if isinstance(one, Folded) else _name(one.what), count=one.count) for one in counts
    ]


def _name(what: IntEnum) -> str:
    """As the contract has it."""
    return str(_ENUMS[type(what)].Name(number(what)))


def _time_to(took: TimeTo) -> pb.TimeTo:
    if not took.count:
        return pb.TimeTo()
    median, ninth = Duration(), Duration()
    median.FromTimedelta(took.median)
    ninth.FromTimedelta(took.ninth_decile)
    return pb.TimeTo(count=took.count, median=median, ninth_decile=ninth)


def _gap(gap: SkillGap) -> pb.SkillGap:
    return pb.SkillGap(skill=gap.skill, city=gap.city, count=gap.count)
