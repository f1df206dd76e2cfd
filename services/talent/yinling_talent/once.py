"""A profile that its maker asks for twice: it is made once. The request id becomes the profile's id."""

from uuid import UUID, uuid5

from yinling_common.errors import InvalidField, Violation
from yinling_common.identity import Identity
from yinling_talent import audit
from yinling_talent.domain import Profile

_NAMESPACE = UUID("6d0f3a58-64c0-4f0b-9b0e-2f6f6f0f1a77")


def profile_id(caller: Identity, request_id: str) -> str:
    """The id of what a caller makes under a request id; that of another caller's is another one."""
    return str(uuid5(_NAMESPACE, f"{caller.subject} {request_id.lower()}"))


def again(kept: Profile, asked: Profile) -> Profile:
    """What is answered when a call comes again. Raises InvalidField where it is not the same call."""
    if kept.version == 1 and audit.differing(kept, asked):  # one that was changed since cannot be compared
        raise reused()
    return kept


def reused() -> InvalidField:
    """The request id was used for something else."""
    message = "was used for another call; take a new UUID for each"
    return InvalidField([Violation("request_id", "request_id.reused", message)])
