"""Being erased, in two steps: read what it means, then type the name."""

from starlette.responses import Response

from yinling_common.errors import InvalidField
from yinling_gateway.auth import clear_session_cookie
from yinling_gateway.pages.forms import Form
from yinling_gateway.pages.privacy.whose import OfOffice, Own, Whose, router
from yinling_gateway.pages.visit import page_of

pages = router()

_PATIENCE = 8.0
"""Seconds that the answer waits for the end, so that most people see it."""


@pages.get("/me/privacy/erase")
async def own(whose: Own) -> Response:
    """Say what it means."""
    return await _ask(whose, Form({}))


@pages.get("/people/{profile_id}/privacy/erase")
async def of_office(whose: OfOffice) -> Response:
    """The same for somebody whom the office keeps."""
    return await _ask(whose, Form({}))


@pages.post("/me/privacy/erase")
async def erase_own(whose: Own) -> Response:
    """Erase the reader, and say goodbye."""
    return await _erase(whose)


@pages.post("/people/{profile_id}/privacy/erase")
async def erase_of_office(whose: OfOffice) -> Response:
    """Erase somebody whom the office keeps."""
    return await _erase(whose)


async def _ask(whose: Whose, form: Form, status: int = 200) -> Response:
    profile = await whose.profile()
    return whose.visit.page.render("privacy/erase.html", whose=whose, profile=profile, form=form, status=status)


async def _erase(whose: Whose) -> Response:
    visit = whose.visit
    form = Form.posted(await visit.request.form())
    erasures = visit.parts.erasures
    try:
        erasure = await erasures.ask(visit.account.account, await whose.profile(), form.text("confirm"))
    except InvalidField:
        form.fail("confirm", visit.gettext("Please type the name exactly as it stands above."))
        return await _ask(whose, form, 422)
    ended = await erasures.wait(erasure.id, _PATIENCE)
    page = page_of(visit.request, None) if whose.own else visit.page
    response = page.render("privacy/erased.html", own=whose.own, ended=ended)
    if whose.own:
        clear_session_cookie(visit.request, response)
    return response
