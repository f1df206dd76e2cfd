"""What is asked about: a kept request by its id, or one that is not kept."""

from dataclasses import replace

from yinling_common.errors import Forbidden
from yinling_common.identity import Identity, Role
from yinling_matching.domain import MentoringRequest
from yinling_matching.handlers import canonical


def unkept(caller: Identity, given: MentoringRequest) -> MentoringRequest:
    """A request that is not kept, as it would be: in its one form, and of its caller's organisation unless it says.

    Raises:
        InvalidField: See `canonical`.
        Forbidden: HR asks for another organisation.
    """
    request = canonical(given)
    if caller.role is Role.HR and request.organisation not in {"", caller.organisation}:
        raise Forbidden("you can ask for your own organisation only", metadata={"role": caller.role})
    return replace(request, organisation=request.organisation or caller.organisation)
