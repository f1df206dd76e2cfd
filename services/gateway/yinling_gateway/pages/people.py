"""A retiree office's pages: its people, one by one."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query
from google.protobuf.field_mask_pb2 import FieldMask
from starlette.responses import Response
from yinling.talent.v1 import talent_pb2 as talent
from yinling.talent.v1 import talent_service_pb2 as service

from yinling_common.errors import AlreadyExists, Forbidden, InvalidField, StaleEtag
from yinling_gateway.pages import profile_form
from yinling_gateway.pages.engaging.once import key_of
from yinling_gateway.pages.forms import Form
from yinling_gateway.pages.profile_page import render_form
from yinling_gateway.pages.violations import place
from yinling_gateway.pages.visit import OfficeVisit, Visit, see

router = APIRouter(prefix="/people", include_in_schema=False)

PAGE_SIZE = 50
_CONSENT = ("consent.granted",)
Id = Annotated[str, Path(max_length=64)]


@router.get("")
async def list_people(
    visit: OfficeVisit,
    q: Annotated[str, Query(max_length=200)] = "",
    page_token: Annotated[str, Query(max_length=1000)] = "",
    done: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """List the people of the office, or those in whose profiles all the words occur."""
    q = q.strip()
    answer: service.SearchProfilesResponse | service.ListProfilesResponse
    if q:
        answer = await visit.backend.search_profiles(
            visit.identity, service.SearchProfilesRequest(query=q, page_size=PAGE_SIZE, page_token=page_token)
        )
    else:
        answer = await visit.backend.list_profiles(
            visit.identity, service.ListProfilesRequest(page_size=PAGE_SIZE, page_token=page_token)
        )
    query = {"q": q, "page_token": answer.next_page_token} if q else {"page_token": answer.next_page_token}
    words = {
        "saved": visit.gettext("The changes are saved."),
        "made": visit.gettext("The person is in the roster now."),
        "deleted": visit.gettext("The profile is deleted."),
    }.get(done)
    if words:
        visit.page.notices.append(("good", words))
    return visit.page.render(
        "people/list.html",
        people=answer.profiles,
        q=q,
        first_page=not page_token,
        first_page_address="/people" + (f"?{urlencode({'q': q})}" if q else ""),
        next_page=f"/people?{urlencode(query)}" if answer.next_page_token else "",
    )


@router.get("/new")
async def new_person(visit: OfficeVisit) -> Response:
    """Show the empty form."""
    _own_organisation(visit)
    return render_form(visit, profile_form.empty(), own=False)


@router.post("/new")
async def make_person(visit: OfficeVisit) -> Response:
    """Make a profile, or show the form again with what is wrong beside each field."""
    organisation = _own_organisation(visit)
    form = Form.posted(await visit.request.form())
    if form.get("action") == "add_row":
        profile_form.take_rows(form, spare=2)
        return render_form(visit, form, own=False)
    profile = _read(form, visit)
    profile.organisation = organisation
    if not form.errors:
        try:
            asked = service.CreateProfileRequest(profile=profile, request_id=key_of(form))
            await visit.backend.create_profile(visit.identity, asked)
        except InvalidField as error:
            place(form, error.violations, visit.texts, profile_form.NAMES)
        except AlreadyExists:
            form.fail("employee_number", visit.gettext("There is a person with this employee number already."))
        else:
            return see("/people?done=made")
    return render_form(visit, form, own=False, status=422)


@router.get("/{profile_id}/edit")
async def edit_person(visit: OfficeVisit, profile_id: Id) -> Response:
    """Show the form with a profile."""
    profile = await _get(visit, profile_id)
    form = profile_form.filled(profile)
    if profile.consent.granted:
        form.set("consent", "1")
    return render_form(visit, form, own=False, name=profile.name, profile_id=profile_id)


@router.post("/{profile_id}/edit")
async def save_person(visit: OfficeVisit, profile_id: Id) -> Response:
    """Change a profile, or show the form again with what is wrong beside each field."""
    form = Form.posted(await visit.request.form())
    before = await _get(visit, profile_id)
    if form.get("action") == "add_row":
        profile_form.take_rows(form, spare=2)
        return render_form(visit, form, own=False, name=before.name, profile_id=profile_id)
    profile = _read(form, visit)
    profile.id, profile.organisation = profile_id, before.organisation
    fields: tuple[str, ...] = profile_form.OFFICE_FIELDS
    if profile.consent.granted != before.consent.granted:
        fields += _CONSENT
    status = 422
    if not form.errors:
        try:
            await visit.backend.update_profile(
                visit.identity, service.UpdateProfileRequest(profile=profile, update_mask=FieldMask(paths=fields))
            )
        except InvalidField as error:
            place(form, error.violations, visit.texts, profile_form.NAMES)
        except AlreadyExists:
            form.fail("employee_number", visit.gettext("There is a person with this employee number already."))
        except StaleEtag:
            form.overtaken(visit.texts, before.etag, f"/people/{profile_id}/edit")
            # Not the box as it was ticked: the person may have taken the consent back in the meantime.
            form.set("consent", "1" if before.consent.granted else "")
            status = 409
        else:
            return see("/people?done=saved")
    return render_form(visit, form, own=False, name=before.name, profile_id=profile_id, status=status)


async def _get(visit: Visit, profile_id: str) -> talent.Profile:
    return await visit.backend.get_profile(visit.identity, service.GetProfileRequest(id=profile_id))


def _read(form: Form, visit: Visit) -> talent.Profile:
    profile = profile_form.read(form, visit.texts)
    profile.consent.granted = form.get("consent") == "1"
    return profile


def _own_organisation(visit: Visit) -> str:
    """The office's unit. An administrator has none, and makes profiles through the API or an import."""
    if not visit.identity.organisation:
        raise Forbidden("an account without an organisation cannot make profiles here")
    return visit.identity.organisation
