"""Creates and transitions: who asks for them, under which key, and from which state that was read."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Response

from yinling_common.errors import Violation
from yinling_common.identity import Identity
from yinling_gateway.auth import Anyone, SignedIn
from yinling_gateway.backend import Backend
from yinling_gateway.dependencies import BackendDep
from yinling_gateway.errors import BadHeader
from yinling_gateway.rest.bodies import Id, is_uuid
from yinling_gateway.rest.etags import IfMatch, chosen, set_etag

_A_KEY = "A new UUID for each thing to be done. Sent again with the same content within a week, nothing is done twice"

_KEY = Header(
    alias="Idempotency-Key",
    description=f"{_A_KEY} and the answer is the same; with other content it is refused.",
    json_schema_extra={"format": "uuid"},
)
_SECRET_KEY = Header(
    alias="Idempotency-Key",
    description=f"{_A_KEY}: the answer is 409 with the id of what was made, for a secret is told once. With other "
    "content it is refused.",
    json_schema_extra={"format": "uuid"},
)


def _idempotency_key(given: Annotated[str | None, _KEY] = None) -> str:
    if given is not None and not is_uuid(given):
        message = "must be a UUID, such as 3f2b8c1e-6f0a-4f6e-9a53-0c6a2d1b7e44"
        raise BadHeader([Violation("Idempotency-Key", "string.uuid", message)])
    return given or ""


def _secret_key(given: Annotated[str | None, _SECRET_KEY] = None) -> str:
    return _idempotency_key(given)


IdempotencyKey = Annotated[str, Depends(_idempotency_key)]
"""The key under which a call is recognised when it comes again; empty for none. Anything but a UUID is 400."""

SecretKey = Annotated[str, Depends(_secret_key)]
"""The same of a call that is answered a secret, which is told once."""


@dataclass(frozen=True)
class Move:
    """A create or a transition that a client asks for.

    Attributes:
        id: Of what.
        caller: Who asks.
        backend: Whom to ask.
        key: Under which the call is recognised when it comes again; empty for none.
        if_match: The header: which state was read.
        response: To put headers on.
    """

    id: str
    caller: SignedIn
    backend: Backend
    key: str
    if_match: str | None
    response: Response

    @property
    def identity(self) -> Identity:
        """What the services are told."""
        return self.caller.identity

    async def etag(self, read: Callable[[], Awaitable[str]]) -> str:
        """The etag that guards it; empty for none. `read` gives the present one. Raises StaleEtag."""
        return await chosen(self.if_match, read)

    def say(self, etag: str, location: str = "") -> None:
        """Put headers on the answer."""
        if etag:
            set_etag(self.response, etag)
        if location:
            self.response.headers["Location"] = location


def _move(
    *,
    id_: Id,
    caller: Anyone,
    backend: BackendDep,
    key: IdempotencyKey,
    response: Response,
    if_match: IfMatch = None,
) -> Move:
    return Move(id_, caller, backend, key, if_match, response)


def _making(*, id_: Id, caller: Anyone, backend: BackendDep, key: IdempotencyKey, response: Response) -> Move:
    return Move(id_, caller, backend, key, None, response)


MoveDep = Annotated[Move, Depends(_move)]
"""A transition of what the path names."""

MakingDep = Annotated[Move, Depends(_making)]
"""Something that is made below what the path names."""
