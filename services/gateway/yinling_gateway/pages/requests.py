"""HR's pages: the requests of the enterprise, posting one and changing it."""

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query
from google.protobuf.field_mask_pb2 import FieldMask
from starlette.responses import Response
from yinling.matching.v1 import engagement_pb2 as pb
from yinling.matching.v1 import matching_pb2 as matching
from yinling.matching.v1 import matching_service_pb2 as service

from yinling_common.errors import InvalidField, StaleEtag
from yinling_gateway.pages import labels, request_form, weights
from yinling_gateway.pages.engaging.once import key_of
from yinling_gateway.pages.engaging.reading import opt_ins, or_nothing
from yinling_gateway.pages.forms import Form
from yinling_gateway.pages.suggestions import get_request, settings_of
from yinling_gateway.pages.texts import pairs
from yinling_gateway.pages.trial import of_key, relaxed
from yinling_gateway.pages.violations import place
from yinling_gateway.pages.visit import EnterpriseVisit, HrVisit, Visit, see

router = APIRouter(prefix="/requests", include_in_schema=False)

_State = matching.MentoringRequest
STATES = {
    "open": _State.STATE_OPEN,
    "draft": _State.STATE_DRAFT,
    "filled": _State.STATE_FILLED,
    "closed": _State.STATE_CLOSED,
    "expired": _State.STATE_EXPIRED,
}
PAGE_SIZE = 20
INDUSTRIES = (
    "矿业",
    "钢铁",
    "电力",
    "铁路",
    "化工",
    "机械",
    "建筑",
    "金融",
    "医疗卫生",
    "教育",
    "农业",
    "文化",
    "信息技术",
)

Id = Annotated[str, Path(max_length=64)]


@router.get("")
async def list_requests(
    visit: EnterpriseVisit,
    state: Literal["", "open", "draft", "filled", "closed", "expired"] = "",
    page_token: Annotated[str, Query(max_length=1000)] = "",
) -> Response:
    """List the requests of the enterprise, the newest first."""
    asked = STATES.get(state, _State.STATE_UNSPECIFIED)
    answer = await visit.backend.list_mentoring_requests(
        visit.identity,
        service.ListMentoringRequestsRequest(page_size=PAGE_SIZE, page_token=page_token, state=asked),
    )
    here = "/requests" + (f"?state={state}" if state else "")
    query = {"state": state, "page_token": answer.next_page_token} if state else {"page_token": answer.next_page_token}
    offers = []
    if visit.page.role == "hr" and not page_token:
        offers = await or_nothing(visit, opt_ins(visit, state=pb.OptIn.STATE_OFFERED), [])
    return visit.page.render(
        "requests/list.html",
        offers=offers,
        requests=answer.mentoring_requests,
        state=asked,
        states=[(value, key, visit.gettext(labels.STATE[value])) for key, value in STATES.items()],
        first_page=not page_token,
        first_page_address=here,
        next_page=f"/requests?{urlencode(query)}" if answer.next_page_token else "",
    )


@router.get("/new")
async def new_request(visit: HrVisit) -> Response:
    """Show the empty form."""
    return await _form(visit, request_form.empty())


@router.post("/new")
async def post_request(visit: HrVisit) -> Response:
    """Make a request, or show the form again with what is wrong beside each field."""
    form = Form.posted(await visit.request.form())
    if form.get("action") == "add_row":
        request_form.take_rows(form, spare=2)
        return await _form(visit, form)
    asked = request_form.read(form, visit.texts)
    asked.organisation = visit.identity.organisation
    asked.state = _State.STATE_DRAFT if form.get("action") == "draft" else _State.STATE_OPEN
    if not form.errors:
        try:
            made = await visit.backend.create_mentoring_request(
                visit.identity,
                service.CreateMentoringRequestRequest(mentoring_request=asked, request_id=key_of(form)),
            )
        except InvalidField as error:
            place(form, error.violations, visit.texts, request_form.NAMES)
        else:
            return see(f"/requests/{made.id}?done={'drafted' if asked.state == _State.STATE_DRAFT else 'posted'}")
    return await _form(visit, form, status=422)


@router.get("/{request_id}/edit")
async def edit_request(visit: HrVisit, request_id: Id, relax: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Show the form with a request, or with what a trial of it had changed."""
    item = await get_request(visit, request_id)
    trial = of_key(relax)
    return await _form(visit, request_form.filled(relaxed(item, trial) if trial else item), request_id=request_id)


@router.post("/{request_id}/edit")
async def save_request(visit: HrVisit, request_id: Id) -> Response:
    """Change a request, or show the form again with what is wrong beside each field."""
    form = Form.posted(await visit.request.form())
    if form.get("action") == "add_row":
        request_form.take_rows(form, spare=2)
        return await _form(visit, form, request_id=request_id)
    asked = request_form.read(form, visit.texts)
    asked.id, asked.organisation = request_id, visit.identity.organisation
    if not form.errors:
        try:
            await visit.backend.update_mentoring_request(
                visit.identity,
                service.UpdateMentoringRequestRequest(
                    mentoring_request=asked,
                    update_mask=FieldMask(paths=request_form.UPDATED),
                    request_id=key_of(form),
                ),
            )
        except InvalidField as error:
            place(form, error.violations, visit.texts, request_form.NAMES)
        except StaleEtag:
            kept = await get_request(visit, request_id)
            form.overtaken(visit.texts, kept.etag, f"/requests/{request_id}/edit")
            return await _form(visit, form, request_id=request_id, status=409)
        else:
            return see(f"/requests/{request_id}?done=saved")
    return await _form(visit, form, request_id=request_id, status=422)


async def _form(visit: Visit, form: Form, *, request_id: str = "", status: int = 200) -> Response:
    texts = visit.texts
    return visit.page.render(
        "requests/form.html",
        status=status,
        form=form,
        request_id=request_id,
        modes=pairs({0: labels.EITHER, **labels.MODE}, texts),
        demands=pairs(labels.PHYSICAL_DEMAND, texts),
        languages=[(tag, texts.gettext(name)) for tag, name in labels.LANGUAGES.items()],
        industries=INDUSTRIES,
        title_levels=pairs(labels.TITLE_LEVEL, texts),
        weights=weights.parts(texts, await settings_of(visit, visit.identity.organisation)),
        weights_open=weights.any_in(form),
    )
