"""One visit to a page: who came, in which language, and what the page needs to answer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request, Response
from starlette.responses import RedirectResponse

from yinling_common.errors import Forbidden, Unauthenticated
from yinling_common.identity import Identity, Role
from yinling_gateway.auth import SignedIn, clear_session_cookie, maybe_account
from yinling_gateway.backend import Backend
from yinling_gateway.dependencies import Parts, parts
from yinling_gateway.pages import i18n
from yinling_gateway.pages.rendering import Page
from yinling_gateway.pages.texts import Texts


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
    """Send a reader to the sign-in page, and back afterwards. A cookie that has ended is taken away."""
    target = "/sign-in"
    if request.method == "GET" and request.url.path != "/":
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        target = f"/sign-in?next={quote(path, safe='/')}"
    response = RedirectResponse(target, 303)
    clear_session_cookie(request, response)
    return response


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
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return Page(
        language=language,
        path=path if request.method == "GET" else request.url.path,
        role=str(account.role) if account else "",
        organisation=account.organisation if account else "",
        account_name=(account.display_name or account.username) if account else "",
        csrf_token=signed_in.csrf_token if signed_in else "",
    )
