"""Consent: read the wording and agree, or take it back and see what is closed with it."""

from google.protobuf.field_mask_pb2 import FieldMask
from starlette.responses import Response
from yinling.matching.v1 import engagement_pb2 as pb
from yinling.talent.v1 import talent_pb2 as talent
from yinling.talent.v1.talent_service_pb2 import UpdateProfileRequest

from yinling_gateway.pages.engaging.reading import engagements, invitations, opt_ins, or_nothing
from yinling_gateway.pages.forms import Form
from yinling_gateway.pages.privacy.whose import OfOffice, Own, Whose, router
from yinling_gateway.pages.visit import see

pages = router()


@pages.get("/me/privacy/consent")
async def own(whose: Own) -> Response:
    """Show what a person agrees to."""
    return await _wording(whose)


@pages.get("/people/{profile_id}/privacy/consent")
async def of_office(whose: OfOffice) -> Response:
    """The same for somebody whom the office keeps."""
    return await _wording(whose)


@pages.post("/me/privacy/consent")
async def change_own(whose: Own) -> Response:
    """Give consent, or take it back."""
    return await _change(whose)


@pages.post("/people/{profile_id}/privacy/consent")
async def change_of_office(whose: OfOffice) -> Response:
    """The same for somebody whom the office keeps."""
    return await _change(whose)


@pages.get("/me/privacy/withdraw")
async def withdraw_own(whose: Own) -> Response:
    """Show what is closed when consent is taken back."""
    return await _withdraw(whose)


@pages.get("/people/{profile_id}/privacy/withdraw")
async def withdraw_of_office(whose: OfOffice) -> Response:
    """The same for somebody whom the office keeps."""
    return await _withdraw(whose)


async def _wording(whose: Whose) -> Response:
    profile = await whose.profile()
    present = (await whose.wordings())[0]
    return whose.visit.page.render("privacy/consent.html", whose=whose, profile=profile, present=present)


async def _withdraw(whose: Whose) -> Response:
    visit, profile = whose.visit, await whose.profile()
    asked = await or_nothing(visit, invitations(visit, profile_id=profile.id, state=pb.Invitation.STATE_SENT), [])
    offered = await or_nothing(visit, opt_ins(visit, profile_id=profile.id, state=pb.OptIn.STATE_OFFERED), [])
    found = await or_nothing(visit, engagements(visit, profile_id=profile.id), [])
    going_on = [one for one in found if one.state in {pb.Engagement.STATE_ACTIVE, pb.Engagement.STATE_PAUSED}]
    return visit.page.render(
        "privacy/withdraw.html", whose=whose, profile=profile, asked=asked, offered=offered, going_on=going_on
    )


async def _change(whose: Whose) -> Response:
    visit = whose.visit
    form = Form.posted(await visit.request.form())
    granted = form.get("granted") == "1"
    profile = talent.Profile(id=(await whose.profile()).id)
    profile.consent.granted = granted
    fields = ["consent.granted"]
    if granted:  # to the words that were read, not to newer ones
        profile.consent.wording_version = form.text("version")
        fields.append("consent.wording_version")
    await visit.backend.update_profile(
        visit.identity, UpdateProfileRequest(profile=profile, update_mask=FieldMask(paths=fields))
    )
    return see(f"{whose.base}?done={'agreed' if granted else 'withdrawn'}")
