"""What is kept about a person: an overview, who looked at it, and everything on a page to print."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from yinling_gateway.pages import labels
from yinling_gateway.pages.engaging.reading import or_nothing
from yinling_gateway.pages.privacy.told import told
from yinling_gateway.pages.privacy.whose import OfOffice, Own, Whose, router
from yinling_gateway.pages.visit import Visit

pages = router()

_SHOWN = 8
_PAGE = 50
Token = Annotated[str, Query(max_length=1000)]
Done = Annotated[str, Query(max_length=20)]


@pages.get("/me/privacy")
async def own(whose: Own, done: Done = "") -> Response:
    """Show a person their data and their rights."""
    return await _overview(whose, done)


@pages.get("/people/{profile_id}/privacy")
async def of_office(whose: OfOffice, done: Done = "") -> Response:
    """The same for somebody whom the office keeps."""
    return await _overview(whose, done)


@pages.get("/me/privacy/log")
async def own_log(whose: Own, page_token: Token = "") -> Response:
    """Show the whole log."""
    return await _log(whose, page_token)


@pages.get("/people/{profile_id}/privacy/log")
async def log_of_office(whose: OfOffice, page_token: Token = "") -> Response:
    """The same for somebody whom the office keeps."""
    return await _log(whose, page_token)


@pages.get("/me/privacy/print")
async def own_print(whose: Own) -> Response:
    """Show everything on one page, to be read or printed."""
    return await _print(whose)


@pages.get("/people/{profile_id}/privacy/print")
async def print_of_office(whose: OfOffice) -> Response:
    """The same for somebody whom the office keeps."""
    return await _print(whose)


async def _overview(whose: Whose, done: str) -> Response:
    visit = whose.visit
    profile = await whose.profile()
    wordings = await whose.wordings()
    reading = visit.parts.privacy.audit(visit.identity, profile.id, _SHOWN, "")
    entries, token = await or_nothing(visit, reading, ([], ""))
    _say_done(visit, done)
    return visit.page.render(
        "privacy/show.html",
        whose=whose,
        profile=profile,
        present=wordings[0],
        agreed=next((one for one in wordings if one.version == profile.consent.wording_version), None),
        lines=[told(entry, visit.texts, own=whose.own) for entry in entries],
        more=bool(token),
    )


async def _log(whose: Whose, page_token: str) -> Response:
    visit = whose.visit
    profile = await whose.profile()
    entries, token = await visit.parts.privacy.audit(visit.identity, profile.id, _PAGE, page_token)
    return visit.page.render(
        "privacy/log.html",
        whose=whose,
        profile=profile,
        lines=[told(entry, visit.texts, own=whose.own) for entry in entries],
        first_page=not page_token,
        first_page_address=f"{whose.base}/log",
        next_page=f"{whose.base}/log?page_token={token}" if token else "",
    )


async def _print(whose: Whose) -> Response:
    visit = whose.visit
    found = await visit.parts.privacy.everything(visit.identity, whose.profile_id)
    return visit.page.render(
        "privacy/print.html",
        whose=whose,
        found=found,
        profile=found.profile,
        gender=visit.gettext(labels.GENDER.get(found.profile.gender, "")),
        between=found.matching,
        lines=[told(entry, visit.texts, own=whose.own) for entry in found.audit],
    )


def _say_done(visit: Visit, done: str) -> None:
    words = {
        "agreed": visit.gettext("Thank you. Enterprises can find this profile now."),
        "withdrawn": visit.gettext("The consent is taken back. Enterprises no longer find this profile."),
    }.get(done)
    if words:
        visit.page.notices.append(("good", words))
