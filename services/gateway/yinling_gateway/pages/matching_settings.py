"""An organisation's weights: what holds for its requests where they set nothing themselves."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.responses import Response
from yinling.matching.v1 import matching_pb2 as matching
from yinling.matching.v1 import matching_service_pb2 as service

from yinling_common.errors import InvalidField, StaleEtag
from yinling_gateway.pages import weights
from yinling_gateway.pages.forms import Form
from yinling_gateway.pages.violations import place
from yinling_gateway.pages.visit import EnterpriseVisit, Visit, see

router = APIRouter(prefix="/settings/matching", include_in_schema=False)

Organisation = Annotated[str, Query(max_length=100)]


@router.get("")
async def show_settings(
    visit: EnterpriseVisit, organisation: Organisation = "", done: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """Show the weights; an administrator first names the organisation."""
    name = visit.identity.organisation or organisation.strip()
    if not name:
        return visit.page.render("settings/matching.html", settings=None, form=Form(), weights=[])
    settings = await _get(visit, name)
    if done == "saved":
        visit.page.notices.append(
            ("good", visit.gettext("The weights are saved. They hold for every list from now on."))
        )
    form = Form({"etag": [settings.etag]})
    weights.fill(form, settings.weights)
    return _page(visit, form, settings)


@router.post("")
async def save_settings(visit: EnterpriseVisit, organisation: Organisation = "") -> Response:
    """Write the weights as a whole, or show them again with what is wrong."""
    name = visit.identity.organisation or organisation.strip()
    form = Form.posted(await visit.request.form())
    if form.get("action") == "reset":
        for field in weights.WORDS:
            form.set(weights.PREFIX + field, "")
    asked = matching.MatchingSettings(
        organisation=name, weights=weights.read(form, visit.texts), etag=form.text("etag")
    )
    status = 422
    if not form.errors:
        try:
            await visit.backend.update_matching_settings(
                visit.identity, service.UpdateMatchingSettingsRequest(settings=asked)
            )
        except InvalidField as error:
            place(form, error.violations, visit.texts, {})
        except StaleEtag:
            status = 409
            newest = f"/settings/matching?{urlencode({'organisation': name})}"
            form.overtaken(visit.texts, (await _get(visit, name)).etag, newest)
        else:
            query = "" if visit.identity.organisation else urlencode({"organisation": name}) + "&"
            return see(f"/settings/matching?{query}done=saved")
    return _page(visit, form, await _get(visit, name), status=status)


async def _get(visit: Visit, organisation: str) -> matching.MatchingSettings:
    return await visit.backend.get_matching_settings(
        visit.identity, service.GetMatchingSettingsRequest(organisation=organisation)
    )


def _page(visit: Visit, form: Form, settings: matching.MatchingSettings, *, status: int = 200) -> Response:
    defaults = matching.MatchingSettings(effective=settings.effective)
    for name in weights.values(settings.weights):
        defaults.effective.ClearField(name)  # type: ignore[arg-type]  # a name of the message's own
    return visit.page.render(
        "settings/matching.html",
        status=status,
        settings=settings,
        form=form,
        weights=weights.parts(visit.texts, defaults),
    )
