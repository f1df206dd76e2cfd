"""What is left of a matched cohort without somebody who is erased."""

from yinling.matching.v1 import matching_service_pb2 as service


def without_person(request: bytes, response: bytes | None, profile_id: str) -> tuple[bytes, bytes | None]:
    """An AssignCohortRequest and its answer, neither of which names the person any more."""
    asked = service.AssignCohortRequest.FromString(request)
    for pairs in (asked.fixed, asked.forbidden):
        kept = [pair for pair in pairs if pair.profile_id.lower() != profile_id]
        del pairs[:]
        pairs.extend(kept)
    for one in asked.requests:
        if one.HasField("mentoring_request"):
            blocked = one.mentoring_request.blocked_profile_ids
            blocked[:] = [id_ for id_ in blocked if id_.lower() != profile_id]
    if response is None:
        return asked.SerializeToString(), None
    answered = service.AssignCohortResponse.FromString(response)
    for assignments in (answered.assignments, *(one.taken for one in answered.unassigned)):
        others = [one for one in assignments if one.profile_id != profile_id]
        del assignments[:]
        assignments.extend(others)
    return asked.SerializeToString(), answered.SerializeToString()
