"""Signing in and out, and one's own account."""

from fastapi import APIRouter, Request, Response

from yinling_common.errors import Forbidden
from yinling_gateway.auth import Anyone, SignedIn, address, clear_session_cookie, session_token, set_session_cookie
from yinling_gateway.converters import accounts as convert
from yinling_gateway.dependencies import AccountsDep
from yinling_gateway.domain import Session
from yinling_gateway.models.accounts import Me, PasswordChange, SignIn
from yinling_gateway.models.problems import documented

router = APIRouter(prefix="/auth", tags=["sign-in"])


@router.post("/sign-in", summary="Sign in", responses=documented(400))
async def sign_in(body: SignIn, request: Request, response: Response, accounts: AccountsDep) -> Me:
    """Sets the session cookie. Requests that change anything then need `csrf_token` as `X-CSRF-Token`."""
    session = await accounts.sign_in(
        body.username,
        body.password.get_secret_value(),
        address=address(request),
        old_token=session_token(request),
    )
    set_session_cookie(request, response, session)
    return _me(SignedIn(session.account, session))


@router.post("/sign-out", status_code=204, summary="Sign out", responses=documented())
async def sign_out(caller: Anyone, request: Request, response: Response, accounts: AccountsDep) -> None:
    """Ends the session at once, wherever its cookie may be."""
    if caller.session:
        await accounts.sign_out(caller.session.token)
    clear_session_cookie(request, response)


@router.get("/me", summary="Who am I?", responses=documented())
async def me(caller: Anyone) -> Me:
    """The account that the session or API key stands for."""
    return _me(caller)


@router.post("/password", status_code=204, summary="Change one's password", responses=documented(400))
async def change_password(body: PasswordChange, caller: Anyone, accounts: AccountsDep) -> None:
    """Every other session of the account ends, and the address of its calendar."""
    await accounts.change_password(
        own_session(caller), body.old_password.get_secret_value(), body.new_password.get_secret_value()
    )


def own_session(caller: SignedIn) -> Session:
    """The caller's session. Raises Forbidden for a machine: a key that leaked must not make itself at home."""
    if caller.session is None:
        raise Forbidden("this needs a person who has signed in; an API key is not enough")
    return caller.session


def _me(caller: SignedIn) -> Me:
    return Me(
        account=convert.account(caller.account),
        csrf_token=caller.csrf_token,
        session_end=caller.session.end if caller.session else None,
    )
