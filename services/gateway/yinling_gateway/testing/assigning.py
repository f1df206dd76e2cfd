"""How the fake of matching assigns a cohort: each request in turn takes the best who is left."""

from collections.abc import Sequence

from yinling.matching.v1.matching_pb2 import Assignment, MentoringRequest, Unassigned
from yinling.matching.v1.matching_service_pb2 import AssignCohortRequest, AssignCohortResponse
from yinling.talent.v1.talent_pb2 import Profile

from yinling_gateway.testing.scoring import broken, suggestion

LOWEST = 0.2


def assign(
    request: AssignCohortRequest, wanted: Sequence[MentoringRequest], people: list[Profile]
) -> AssignCohortResponse:
    """Assign people to requests.

    Args:
        request: What was asked.
        wanted: Its requests, those that are kept looked up.
        people: Who there is; each has one place.
    """
    lowest = request.min_score if request.HasField("min_score") else LOWEST
    taken: dict[str, Assignment] = {}
    answer = AssignCohortResponse()
    for number, (entry, item) in enumerate(zip(request.requests, wanted, strict=True)):
        fit = [suggestion(item, person) for person in people if not broken(item, person)]
        fit.sort(key=lambda found: -found.score)
        good = [found for found in fit if found.score >= lowest]
        free = [found for found in good if found.profile_id not in taken][: entry.mentors or 1]
        for found in free:
            taken[found.profile_id] = answer.assignments.add(
                request=number, profile_id=found.profile_id, name=found.name, score=found.score, label=found.label
            )
        missing = (entry.mentors or 1) - len(free)
        if missing:
            reason = Unassigned.REASON_ALL_TAKEN if good else Unassigned.REASON_NOBODY_FITS
            answer.unassigned.add(
                request=number,
                missing=missing,
                reason=reason if fit else Unassigned.REASON_NOBODY_ELIGIBLE,
                taken=[taken[found.profile_id] for found in good if found.profile_id in taken][:3],
                best_score=max((found.score for found in fit), default=0.0),
            )
    answer.total = sum(each.score for each in answer.assignments)
    answer.greedy_total = answer.total * 0.9
    answer.greedy_assigned = len(answer.assignments)
    return answer
