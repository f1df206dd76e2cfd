"""Cohorts and their assignments."""

from yinling.matching.v1 import matching_pb2 as pb
from yinling.matching.v1 import matching_service_pb2 as service_pb

from yinling_common.errors import InvalidField
from yinling_matching.cohort.domain import (
    Assigned,
    Assignments,
    Cohort,
    Objective,
    Pair,
    Unassigned,
    Wanted,
    of_request,
)
from yinling_matching.converters.requests import unkept_request
from yinling_matching.converters.values import number
from yinling_matching.scoring import POSSIBLE, label_of


def cohort(message: service_pb.AssignCohortRequest) -> Cohort:
    """What is asked.

    Raises:
        InvalidField: The start of a request is not a day of the calendar.
    """
    return Cohort(
        requests=[_wanted(number, one) for number, one in enumerate(message.requests)],
        objective=Objective(message.objective),
        organisations=frozenset(message.organisations),
        fixed=[Pair(pair.request, pair.profile_id.lower()) for pair in message.fixed],
        forbidden=[Pair(pair.request, pair.profile_id.lower()) for pair in message.forbidden],
        min_score=message.min_score if message.HasField("min_score") else POSSIBLE,
    )


def assignments_message(found: Assignments) -> service_pb.AssignCohortResponse:
    """Who is assigned to what."""
    return service_pb.AssignCohortResponse(
        assignments=[_assignment(one) for one in found.assigned],
        unassigned=[_unassigned(one) for one in found.unassigned],
        total=found.total,
        greedy_total=found.greedy_total,
        greedy_assigned=found.greedy_assigned,
        revision=found.revision,
    )


def _wanted(position: int, message: pb.CohortRequest) -> Wanted:
    mentors = message.mentors or 1
    if message.WhichOneof("target") == "request_id":
        return Wanted(message.request_id.lower(), mentors)
    try:
        return Wanted(unkept_request(message.mentoring_request), mentors)
    except InvalidField as error:
        raise of_request(position, error) from error


def _assignment(one: Assigned) -> pb.Assignment:
    message = pb.Assignment(
        request=one.request, profile_id=one.person_id, name=one.name, score=one.score, fixed=one.fixed
    )
    if one.score:  # nothing is known of somebody who was fixed and scores 0
        message.label = number(label_of(one.score))
    return message


def _unassigned(one: Unassigned) -> pb.Unassigned:
    return pb.Unassigned(
        request=one.request,
        missing=one.missing,
        reason=number(one.reason),
        taken=[_assignment(taken) for taken in one.taken],
        best_score=one.best_score,
    )
