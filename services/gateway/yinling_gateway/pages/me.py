"""A retiree's pages: their profile, their consent, and the requests that suit them."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from google.protobuf.field_mask_pb2 import FieldMask
from starlette.responses import Response
from yinling.matching.v1 import matching_pb2 as matching
from yinling.matching.v1 import matching_service_pb2 as matching_service
from yinling.talent.v1 import talent_pb2 as talent
from yinling.talent.v1 import talent_service_pb2 as service

from yinling_common.errors import DeadlineExceeded, IndexBehind, InvalidField, NotFound, ServiceUnavailable, StaleEtag
from yinling_gateway.pages import profile_form
from yinling_gateway.pages.engaging.reading import or_nothing
from yinling_gateway.pages.engaging.waiting import Waiting, waiting_for
from yinling_gateway.pages.forms import Form
from yinling_gateway.pages.profile_page import render_form
from yinling_gateway.pages.violations import place
from yinling_gateway.pages.visit import RetireeVisit, Visit, see

router = APIRouter(prefix="/me", include_in_schema=False)

SUGGESTED = 10


@router.get("")
async def show_me(
    visit: RetireeVisit,
    revision: Annotated[int, Query(ge=0, le=2**62)] = 0,
    done: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Show the person's own page.

    `revision` is that of a change just made: the requests shown have seen it.
    """
    _thank(visit, done)
    # Nothing of the page waits for anything else of it.
    suggesting = asyncio.create_task(_suggested(visit, revision))
    reading = asyncio.create_task(or_nothing(visit, waiting_for(visit), Waiting()))
    try:
        profile = await _get(visit)
        findable = profile.consent.granted and not profile.paused
        found = await suggesting if findable else []
        waiting = await reading
    finally:
        suggesting.cancel()
        reading.cancel()
        await asyncio.gather(suggesting, reading, return_exceptions=True)
    return visit.page.render(
        "me/show.html",
        profile=profile,
        suggestions=found or [],
        late=found is None,
        waiting=waiting,
        weak=matching.LABEL_WEAK,
    )


async def _suggested(visit: Visit, revision: int) -> list[matching.RequestSuggestion] | None:
    """The requests that suit; None where they are late, as the own profile is worth showing without them."""
    asked = matching_service.SuggestRequestsRequest(
        profile_id=visit.identity.profile_id, limit=SUGGESTED, min_revision=revision
    )
    try:
        return list((await visit.backend.suggest_requests(visit.identity, asked)).suggestions)
    except (NotFound, IndexBehind, ServiceUnavailable, DeadlineExceeded):
        return None


@router.get("/edit")
async def edit_me(visit: RetireeVisit) -> Response:
    """Show the form with the person's profile."""
    profile = await _get(visit)
    return render_form(visit, profile_form.filled(profile), own=True, name=profile.name)


@router.post("/edit")
async def save_me(visit: RetireeVisit) -> Response:
    """Change the profile, or show the form again with what is wrong beside each field."""
    form = Form.posted(await visit.request.form())
    before = await _get(visit)
    if form.get("action") == "add_row":
        profile_form.take_rows(form, spare=2)
        return render_form(visit, form, own=True, name=before.name)
    status = 422
    profile = profile_form.read(form, visit.texts)
    # The office's fields are not in this form; the service wants a whole profile and writes what the mask names.
    profile.id, profile.organisation, profile.employee_number = before.id, before.organisation, before.employee_number
    if not form.errors:
        try:
            saved = await _update(visit, profile, profile_form.OWN_FIELDS)
        except InvalidField as error:
            place(form, error.violations, visit.texts, profile_form.NAMES)
        except StaleEtag:
            form.overtaken(visit.texts, before.etag, "/me/edit")
            status = 409
        else:
            return see(f"/me?done=saved&revision={saved.revision}")
    return render_form(visit, form, own=True, name=before.name, status=status)


@router.post("/consent")
async def change_consent(visit: RetireeVisit) -> Response:
    """Give consent, or take it back."""
    form = Form.posted(await visit.request.form())
    profile = await _get(visit)
    profile.consent.granted = form.get("granted") == "1"
    profile.etag = ""
    saved = await _update(visit, profile, ("consent.granted",))
    return see(f"/me?done={'agreed' if saved.consent.granted else 'withdrawn'}&revision={saved.revision}")


@router.post("/pause")
async def change_pause(visit: RetireeVisit) -> Response:
    """Take a break, or come back."""
    form = Form.posted(await visit.request.form())
    profile = await _get(visit)
    profile.paused = form.get("paused") == "1"
    profile.etag = ""
    saved = await _update(visit, profile, ("paused",))
    return see(f"/me?done={'paused' if saved.paused else 'back'}&revision={saved.revision}")


async def _get(visit: Visit) -> talent.Profile:
    return await visit.backend.get_profile(visit.identity, service.GetProfileRequest(id=visit.identity.profile_id))


async def _update(visit: Visit, profile: talent.Profile, fields: tuple[str, ...]) -> talent.Profile:
    return await visit.backend.update_profile(
        visit.identity, service.UpdateProfileRequest(profile=profile, update_mask=FieldMask(paths=fields))
    )


def _thank(visit: Visit, done: str) -> None:
    words = {
        "saved": visit.gettext("Your profile is saved. Thank you."),
        "agreed": visit.gettext("Thank you. Enterprises can find you now."),
        "withdrawn": visit.gettext("Your consent is taken back. Enterprises no longer find you."),
        "paused": visit.gettext("Enjoy your break. Nobody is shown your profile until you come back."),
        "back": visit.gettext("Welcome back. Enterprises can find you again."),
    }.get(done)
    if words:
        visit.page.notices.append(("good", words))
