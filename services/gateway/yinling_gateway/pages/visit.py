"""One visit to a page: who came, in which language, and what the page needs to answer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import Depends, Request, Response
from fastapi.routing import iter_route_contexts
from starlette.responses import RedirectResponse

from yinling_common.errors import Forbidden, Unauthenticated
from yinling_common.identity import Identity, Role
from yinling_gateway.auth import SignedIn, clear_session_cookie, maybe_account
from yinling_gateway.backend import Backend
from yinling_gateway.dependencies import Parts, parts
from yinling_gateway.pages import i18n
from yinling_gateway.pages.rendering import Page
from yinling_gateway.pages.texts import Texts

UNSAVED = "unsaved"
"""In an address: the reader comes back to a form that they sent when nobody was signed in any more."""

_NEXT_MAX = 2000


@dataclass
class Visit:
    """One visit.

    Attributes:
        signed_in: Who came; None on the pages that are open to everybody.
        page: What the answer is rendered with.
    """

    request: Request
    signed_in: SignedIn | None
    page: Page

    @property
    def parts(self) -> Parts:
        """Everything that the gateway is made of."""
        return parts(self.request)

    @property
    def backend(self) -> Backend:
        """The services behind."""
        return self.parts.backend

    @property
    def account(self) -> SignedIn:
        """Who came. Raises Unauthenticated where nobody has signed in."""
        if self.signed_in is None:
            raise Unauthenticated
        return self.signed_in

    @property
    def identity(self) -> Identity:
        """What the services are told."""
        return self.account.identity

    @property
    def texts(self) -> Texts:
        """The reader's language."""
        return self.page.texts

    def gettext(self, message: str) -> str:
        """Translate a message."""
        return self.texts.gettext(message)


async def anyone(request: Request) -> Visit:
    """A dependency: a visit by anybody, signed in or not."""
    request.state.page = page_of(request, None)
    signed_in = await maybe_account(request)
    request.state.page = page_of(request, signed_in)
    if signed_in is not None and request.method == "GET":
        request.state.page.unread = await parts(request).notices.inbox.unread(signed_in.account.id)
        if UNSAVED in request.query_params:
            gettext = request.state.page.texts.gettext
            words = gettext("What you sent before you signed in was not saved. Please fill it in again.")
            request.state.page.notices.append(("note", words))
    return Visit(request, signed_in, request.state.page)


def require(*roles: Role) -> Callable[..., Awaitable[Visit]]:
    """A dependency: a visit by somebody with one of the roles."""

    async def check(visit: Annotated[Visit, Depends(anyone)]) -> Visit:
        role = visit.account.account.role
        if role not in roles:
            needs = " or ".join(roles)
            raise Forbidden(f"this needs the role {needs}", metadata={"role": role, "needs": needs})
        return visit

    return check


AnyVisit = Annotated[Visit, Depends(anyone)]
HrVisit = Annotated[Visit, Depends(require(Role.HR))]
EnterpriseVisit = Annotated[Visit, Depends(require(Role.HR, Role.ADMIN))]
RetireeVisit = Annotated[Visit, Depends(require(Role.RETIREE))]
PersonVisit = Annotated[Visit, Depends(require(Role.RETIREE, Role.COORDINATOR))]
PartyVisit = Annotated[Visit, Depends(require(Role.HR, Role.RETIREE, Role.COORDINATOR, Role.ADMIN))]
OfficeVisit = Annotated[Visit, Depends(require(Role.COORDINATOR, Role.ADMIN))]
AdminVisit = Annotated[Visit, Depends(require(Role.ADMIN))]


def to_sign_in(request: Request) -> Response:
    """Send a reader to the sign-in page, and back afterwards. A cookie that has ended is taken away.

    Whoever sent a form goes back to the page of the form, and is told that it was not saved.
    """
    query = {}
    if request.method == "GET" and request.url.path != "/":
        query = {"next": _with_query(request.url.path, request.url.query)}
    elif request.method not in {"GET", "HEAD"}:
        query = {"ended": "1", "next": _form_page(request)}
    target = "/sign-in" + (f"?{urlencode(query, safe='/')}" if query else "")
    response = RedirectResponse(target, 303)
    clear_session_cookie(request, response)
    return response


def came_from(request: Request) -> str:
    """The page of ours on which the reader was; empty where that is not known."""
    try:
        came = urlsplit(request.headers.get("referer", ""))
    except ValueError:  # no browser sends such a thing
        return ""
    return _with_query(came.path, came.query) if came.netloc == request.headers.get("host") else ""


def mark_unsaved(path: str) -> str:
    """An address of ours whose page says that what was sent was not saved."""
    before, _, query = local_path(path).partition("?")
    return f"{before}?{urlencode([*parse_qsl(query, keep_blank_values=True), (UNSAVED, '1')])}"


def _form_page(request: Request) -> str:
    """The page of the form that was sent; the start page where it can't be opened again, or is not known."""
    before, _, query = came_from(request).partition("?")
    kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != UNSAVED]
    path = _with_query(before, urlencode(kept))
    opens = any(
        (pattern := getattr(route, "path_regex", None)) is not None
        and pattern.match(before)
        and "GET" in (route.methods or ())
        for route in iter_route_contexts(request.app.routes)
    )
    return path if opens and before != "/sign-in" and len(path) <= _NEXT_MAX else "/"


def _with_query(path: str, query: str) -> str:
    return path + (f"?{query}" if query else "")


def local_path(given: str) -> str:
    """The path to go to afterwards, if it is one of ours; the start page otherwise."""
    if not given.startswith("/") or given.startswith("//") or "\\" in given or any(ord(sign) < 32 for sign in given):
        return "/"
    return given


def see(path: str) -> Response:
    """Send the browser on to a page with GET."""
    return RedirectResponse(path, 303)


def page_of(request: Request, signed_in: SignedIn | None) -> Page:
    """What an answer is rendered with."""
    account = signed_in.account if signed_in else None
    language = i18n.choose(
        request.cookies.get(i18n.COOKIE),
        account.locale if account else None,
        request.headers.get("accept-language", ""),
    )
    path = _with_query(request.url.path, request.url.query)
    return Page(
        language=language,
        path=path if request.method == "GET" else request.url.path,
        role=str(account.role) if account else "",
        organisation=account.organisation if account else "",
        account_name=(account.display_name or account.username) if account else "",
        csrf_token=signed_in.csrf_token if signed_in else "",
    )
