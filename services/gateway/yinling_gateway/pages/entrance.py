"""Sign-in, sign-out, language, and the start page of each role."""

import math
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from yinling_common.errors import TooManyRequests, Unauthenticated
from yinling_gateway.auth import address, clear_session_cookie, session_token, set_session_cookie
from yinling_gateway.pages import i18n
from yinling_gateway.pages.forms import Form
from yinling_gateway.pages.visit import AnyVisit, Visit, local_path, mark_unsaved, page_of, see

router = APIRouter(include_in_schema=False)

START = {"hr": "/requests", "retiree": "/me", "coordinator": "/people", "admin": "/admin"}
_YEAR = 365 * 24 * 3600


@router.get("/")
async def start(visit: AnyVisit) -> Response:
    """Send everybody to their own first page."""
    return see(START[visit.page.role]) if visit.signed_in else see("/sign-in")


@router.get("/sign-in")
async def sign_in_form(
    visit: AnyVisit,
    next: Annotated[str, Query(max_length=2000)] = "/",  # noqa: A002 - the name in the address
    ended: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """Show the sign-in form; with `ended` to somebody who sent another form, of which nothing was kept."""
    if visit.signed_in:
        return see(_afterwards(next, ended))
    return visit.page.render("sign_in.html", form=Form(), problem="", next=local_path(next), ended=bool(ended))


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Start a session."""
    visit = _stranger(request)
    form = Form.posted(await request.form())
    next_path, ended = local_path(form.get("next") or "/"), form.get("ended")
    try:
        session = await visit.parts.accounts.sign_in(
            form.get("username"), form.get("password"), address=address(request), old_token=session_token(request)
        )
    except Unauthenticated:
        problem = visit.gettext("The account or the password is not right. Please check both and try again.")
        status, headers = 401, {}
    except TooManyRequests as error:
        minutes = math.ceil((error.retry_after or 60) / 60)
        problem = visit.texts.ngettext(
            "Too many failed tries. For safety, signing in is closed for %(num)d minute.",
            "Too many failed tries. For safety, signing in is closed for %(num)d minutes.",
            minutes,
        )
        status, headers = 429, {"Retry-After": str(math.ceil(error.retry_after or 60))}
    else:
        response = see(_afterwards(next_path, ended))
        set_session_cookie(request, response, session)
        return response
    form.set("password", "")
    return visit.page.render(
        "sign_in.html",
        status=status,
        headers=headers,
        form=form,
        problem=problem,
        next=next_path,
        ended=bool(ended),
    )


@router.post("/sign-out")
async def sign_out(visit: AnyVisit) -> Response:
    """End the session."""
    token = session_token(visit.request)
    if token:
        await visit.parts.accounts.sign_out(token)
    response = see("/sign-in")
    clear_session_cookie(visit.request, response)
    return response


@router.post("/language")
async def language(visit: AnyVisit) -> Response:
    """Change the language, here and in the account."""
    form = Form.posted(await visit.request.form())
    chosen = i18n.known(form.get("language")) or visit.page.language
    if visit.signed_in:
        locale = "en" if chosen == "en" else "zh"
        if visit.signed_in.account.locale != locale:
            await visit.parts.accounts.set_locale(visit.signed_in.account, locale)
    response = see(local_path(form.get("next") or "/"))
    response.set_cookie(
        i18n.COOKIE,
        chosen,
        max_age=_YEAR,
        httponly=True,
        samesite="lax",
        secure=visit.parts.settings.cookie_secure,
    )
    return response


def _afterwards(path: str, ended: str) -> str:
    """Where to go once signed in. The start page says nothing of a form: nobody knows where it stood."""
    path = local_path(path)
    return mark_unsaved(path) if ended and path != "/" else path


def _stranger(request: Request) -> Visit:
    """A visit whose session, if any, plays no part: the form that signs in must work beside an old cookie."""
    return Visit(request, None, page_of(request, None))
