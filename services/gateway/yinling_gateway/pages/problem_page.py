"""Errors as pages: what happened and what to do, with the same status and request id as problem+json."""

from contextlib import suppress
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from yinling_common.errors import ErrorReason, YinlingError
from yinling_gateway import problems
from yinling_gateway.auth import reader
from yinling_gateway.pages.labels import _
from yinling_gateway.pages.rendering import Page
from yinling_gateway.pages.visit import came_from, local_path, page_of, to_sign_in
from yinling_gateway.request_context import request_id

_LEAST_RETRY = 3


@dataclass
class Words:
    """What an error page says.

    Attributes:
        retry: Seconds after which the page loads again by itself; 0 for never.
        again: Address to try again.
        back: Address of the page before.
        details: Further lines, one for each field that was refused.
    """

    status: int
    title: str
    what_happened: str
    what_to_do: str
    request_id: str = ""
    retry: int = 0
    again: str = ""
    back: str = ""
    details: list[str] = field(default_factory=list)


_AWAY = (
    _("A part of Yinling does not answer just now"),
    _("Nothing of yours is lost, but this page can’t be made at the moment."),
    _("Please wait a moment and try again; the page also tries by itself."),
)
# Of what was sent nobody knows for certain, and the page can't send it again by itself.
_AWAY_AFTER_SENDING = (
    _AWAY[0],
    _("It is not certain that what you sent was saved."),
    _("Please wait a moment, look whether it is there, and send it once more if not."),
)

# Title, what happened, what to do.
_WORDS: dict[str, tuple[str, str, str]] = {
    ErrorReason.INVALID_FIELD: (
        _("Something in the address or the form is not right"),
        _("It was refused, and nothing was changed."),
        _("Go back, mend what is named below and send it again."),
    ),
    ErrorReason.INVALID_PAGE_TOKEN: (
        _("This page of the list is no longer there"),
        _("The address belongs to another list, or is damaged."),
        _("Start again with the first page of the list."),
    ),
    ErrorReason.FORBIDDEN: (
        _("This is not open to you"),
        _("You are signed in, but your account has no right to this, or the form was too old."),
        _("Go back, load the page again and repeat it. If it stays so, ask your administrator."),
    ),
    ErrorReason.NOT_FOUND: (
        _("There is nothing here"),
        _("It may have been deleted, or it is not yours to see, or the address has a typing error."),
        _("Check the address, or begin at the start page."),
    ),
    ErrorReason.ALREADY_EXISTS: (
        _("There is one like it already"),
        _("It was not made a second time."),
        _("Look for the one that exists and change it."),
    ),
    ErrorReason.STALE_ETAG: (
        _("Somebody changed it in the meantime"),
        _("Your change was not saved, so that theirs is not lost."),
        _("Load it again, look at what is new and repeat your change."),
    ),
    ErrorReason.WRONG_STATE: (
        _("This can’t be done any more"),
        _("It is in a state that does not allow this."),
        _("Load it again to see where it stands."),
    ),
    ErrorReason.HOURS_EXCEEDED: (
        _("More hours than the person gives"),
        _("With this the week would be longer than the person wants."),
        _("Choose another week, make it shorter, or ask the person to give more hours."),
    ),
    ErrorReason.TOO_MANY_REQUESTS: (
        _("Too much at once"),
        _("There were too many requests in a short time."),
        _("Please wait a minute and try again."),
    ),
    ErrorReason.STORAGE_FULL: (
        _("The disk is full"),
        _("Nothing was saved."),
        _("Please tell your administrator; until then reading still works."),
    ),
    ErrorReason.INDEX_BEHIND: _AWAY,
    ErrorReason.DATABASE_UNAVAILABLE: _AWAY,
    ErrorReason.SERVICE_UNAVAILABLE: _AWAY,
    ErrorReason.DEADLINE_EXCEEDED: _AWAY,
}

_TOO_LARGE = (
    _("This is too large"),
    _("What you sent is larger than what is taken, and was refused."),
    _("Make the file smaller, for example by splitting the roster in two."),
)

_INTERNAL = (
    _("Something went wrong on our side"),
    _("It has been written into the log."),
    _("Please try again. If it stays so, tell your administrator the number below."),
)


async def render_problem(request: Request, problem: problems.Problem) -> Response:
    """Show an error as a page; who must sign in first is sent to do so."""
    if problem.status == 401:
        return to_sign_in(request)
    page = await _page(request, problem)
    safe = request.method in {"GET", "HEAD"}
    words = _words(problem)
    if words is _AWAY and not safe:
        words = _AWAY_AFTER_SENDING
    title, happened, todo = (page.texts.gettext(word) for word in words)
    away = problem.status == 503
    told = Words(
        problem.status,
        title,
        happened,
        todo,
        request_id=request_id.get(),
        retry=max(_LEAST_RETRY, round(problem.retry_after or 0)) if away and safe else 0,
        again=page.path if safe and (problem.status >= 500 or problem.status == 429) else "",
        back=_before(request),
        details=[f"{error.field}: {error.message}" for error in problem.errors[:10]],
    )
    return page.render("problem.html", status=problem.status, problem=told)


async def _page(request: Request, problem: problems.Problem) -> Page:
    """In the reader's language and with their menu, also where the error came before anybody asked who they are."""
    page: Page | None = getattr(request.state, "page", None)
    if page is not None and page.role:
        return page
    known = None
    if problem.reason != ErrorReason.DATABASE_UNAVAILABLE:  # it would be waited for once more
        with suppress(YinlingError):  # a page about one error is no place for another
            known = await reader(request)
    return page_of(request, known)


def _before(request: Request) -> str:
    """The page of ours that the reader came from; empty where that is not known, or is this one.

    A form is mostly sent to the address at which it stands: there it is the page before.
    """
    path = came_from(request)
    if not path or (path.partition("?")[0] == request.url.path and request.method in {"GET", "HEAD"}):
        return ""
    return local_path(path)


def _words(problem: problems.Problem) -> tuple[str, str, str]:
    if problem.status == 413:
        return _TOO_LARGE
    if problem.status in {404, 405}:
        return _WORDS[ErrorReason.NOT_FOUND]
    if problem.status == 429:
        return _WORDS[ErrorReason.TOO_MANY_REQUESTS]
    if problem.status < 500:
        return _WORDS.get(problem.reason, _WORDS[ErrorReason.INVALID_FIELD])
    return _WORDS.get(problem.reason, _INTERNAL)
