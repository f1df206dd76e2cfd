"""Who is asking: a browser by its session cookie, a machine by its API key."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hmac import compare_digest
from typing import Annotated

from fastapi import Depends, Request, Response

from yinling_common.errors import Forbidden, Unauthenticated
from yinling_common.identity import Identity, Role
from yinling_gateway.dependencies import parts
from yinling_gateway.domain import API_KEY_START, Account, Session
from yinling_gateway.settings import GatewaySettings

CSRF_HEADER, CSRF_FIELD = "x-csrf-token", "csrf_token"

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True)
class SignedIn:
    """Somebody who has proved who they are.

    Attributes:
        account: Their account.
        session: Their browser's session; None for a machine with an API key.
    """

    account: Account
    session: Session | None = None

    @property
    def identity(self) -> Identity:
        """What the services are told."""
        return self.account.identity

    @property
    def csrf_token(self) -> str:
        """What forms of our pages carry in the field `csrf_token`, and scripts in the header `X-CSRF-Token`."""
        return self.session.csrf_token if self.session else ""


async def maybe_account(request: Request) -> SignedIn | None:
    """Who is asking; None where nobody has signed in. A credential that is wrong raises Unauthenticated."""
    if "signed_in" in request.scope:  # asked before, by another dependency of the same route
        known: SignedIn | None = request.scope["signed_in"]
        return known
    request.scope["signed_in"] = signed_in = await _authenticate(request)
    return signed_in


async def _authenticate(request: Request) -> SignedIn | None:
    held = parts(request)
    key = _api_key(request)
    if key is not None:
        try:
            signed_in = SignedIn(await held.accounts.account_of_key(key))
        except Unauthenticated:
            held.rate_limit.take(f"address:{address(request)}")
            raise
    else:
        token = session_token(request)
        session = await held.accounts.session(token) if token else None
        if session is None:
            held.rate_limit.take(f"address:{address(request)}")
            return None
        signed_in = SignedIn(session.account, session)
    request.scope["account_id"] = signed_in.account.id
    request.scope["reader"] = signed_in
    held.rate_limit.take(signed_in.account.id)
    if signed_in.session and request.method not in _SAFE_METHODS:
        await _check_csrf(request, signed_in.session)
    return signed_in


async def reader(request: Request) -> SignedIn | None:
    """Whose browser it is, where nothing more is to be decided: for a page that says what went wrong."""
    if "reader" not in request.scope:
        token = session_token(request)
        if token:
            parts(request).rate_limit.take(f"address:{address(request)}")
        session = await parts(request).accounts.session(token) if token else None
        request.scope["reader"] = SignedIn(session.account, session) if session else None
    known: SignedIn | None = request.scope["reader"]
    return known


async def current_account(request: Request) -> SignedIn:
    """Who is asking. Raises Unauthenticated where nobody has signed in, Forbidden without the CSRF token."""
    signed_in = await maybe_account(request)
    if signed_in is None:
        raise Unauthenticated
    return signed_in


def require_role(*roles: Role) -> Callable[[Request], Awaitable[SignedIn]]:
    """A dependency: who is asking, if they have one of the roles; raises Forbidden otherwise."""

    async def check(request: Request) -> SignedIn:
        signed_in = await current_account(request)
        if signed_in.account.role not in roles:
            needs = " or ".join(roles)
            raise Forbidden(f"this needs the role {needs}", metadata={"role": signed_in.account.role, "needs": needs})
        return signed_in

    check.roles = roles  # type: ignore[attr-defined] # for the documentation
    return check


Anyone = Annotated[SignedIn, Depends(current_account)]
Admin = Annotated[SignedIn, Depends(require_role(Role.ADMIN))]
Enterprise = Annotated[SignedIn, Depends(require_role(Role.HR, Role.ADMIN))]
RetireeOffice = Annotated[SignedIn, Depends(require_role(Role.COORDINATOR, Role.ADMIN))]
ProfileKeeper = Annotated[SignedIn, Depends(require_role(Role.RETIREE, Role.COORDINATOR, Role.ADMIN))]

# The same checks for routes whose functions are given the caller by another dependency.
HR = Depends(require_role(Role.HR))
ENTERPRISE = Depends(require_role(Role.HR, Role.ADMIN))
PERSON = Depends(require_role(Role.RETIREE, Role.COORDINATOR))


def cookie_name(settings: GatewaySettings) -> str:
    """Name of the session cookie; over HTTPS one that no other host or path can set."""
    return "__Host-yinling" if settings.cookie_secure else "yinling_session"


def session_token(request: Request) -> str:
    """The session token that the browser sent, or nothing."""
    return request.cookies.get(cookie_name(parts(request).settings), "")


def set_session_cookie(request: Request, response: Response, session: Session) -> None:
    """Give the browser its session."""
    settings = parts(request).settings
    response.set_cookie(
        cookie_name(settings),
        session.token,
        max_age=round(settings.session_max_hours * 3600),
        path="/",
        secure=settings.cookie_secure,
        httponly=True,
        samesite="lax",
    )


def clear_session_cookie(request: Request, response: Response) -> None:
    """Take the browser's session away."""
    settings = parts(request).settings
    response.delete_cookie(
        cookie_name(settings), path="/", secure=settings.cookie_secure, httponly=True, samesite="lax"
    )


def address(request: Request) -> str:
    """Where the request comes from."""
    return request.client.host if request.client else "unknown"


def _api_key(request: Request) -> str | None:
    given = request.headers.get("x-api-key")
    if given is None and (header := request.headers.get("authorization")) is not None:
        scheme, _, given = header.partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated("only Bearer with an API key is understood", metadata={"rule": "api_key.scheme"})
    if given is not None and not given.strip().startswith(API_KEY_START):
        raise Unauthenticated("the API key is not valid, or no longer", metadata={"rule": "api_key.wrong"})
    return given.strip() if given is not None else None


async def _check_csrf(request: Request, session: Session) -> None:
    given = request.headers.get(CSRF_HEADER, "")
    if not given and request.headers.get("content-type", "").startswith(_FORM_TYPES):
        field = (await request.form()).get(CSRF_FIELD, "")
        given = field if isinstance(field, str) else ""
    if not compare_digest(given.encode(), session.csrf_token.encode()):
        raise Forbidden(
            "the form is too old, or does not come from this site; load the page again",
            metadata={"rule": "csrf.token"},
        )
