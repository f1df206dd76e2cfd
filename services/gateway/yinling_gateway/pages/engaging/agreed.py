"""What both sides agreed on: goals, the planned last day, and whom the mentor turns to at the enterprise."""

from typing import Annotated

from fastapi import APIRouter, Path
from google.protobuf.field_mask_pb2 import FieldMask
from starlette.responses import Response
from yinling.matching.v1 import engagement_pb2 as pb
from yinling.matching.v1 import engagement_service_pb2 as service

from yinling_gateway.pages.engaging.acting import attempt
from yinling_gateway.pages.engaging.engagements import get_engagement
from yinling_gateway.pages.engaging.once import key_of
from yinling_gateway.pages.forms import Form, day_value
from yinling_gateway.pages.visit import HrVisit, PartyVisit, Visit, see

router = APIRouter(prefix="/engagements", include_in_schema=False)

Id = Annotated[str, Path(max_length=64)]
STEPS = range(0, 101, 10)
MOST = 20
_NAMES = {
    "goals.text": "goal-{}",
    "goals.progress": "goal-{}",
    "goals.note": "goal-{}",
    "goals": "goals",
    "enterprise_contact.name": "name",
    "enterprise_contact.phone": "phone",
    "enterprise_contact.email": "email",
}


@router.get("/{engagement_id}/goals")
async def edit_goals(visit: PartyVisit, engagement_id: Id) -> Response:
    """Show goals and the planned last day to be changed."""
    one = await get_engagement(visit, engagement_id)
    form = Form({"etag": [one.etag]})
    if one.HasField("planned_end_date"):
        form.set("planned_end_date", day_value(one.planned_end_date))
    form.rows = [
        {"id": goal.id, "text": goal.text, "progress": str(goal.progress), "note": goal.note} for goal in one.goals
    ]
    return _goals(visit, one, form, spare=1 if one.goals else 2)


@router.post("/{engagement_id}/goals")
async def save_goals(visit: PartyVisit, engagement_id: Id) -> Response:
    """Change goals and the planned last day."""
    form = Form.posted(await visit.request.form())
    _take_rows(form)
    one = await get_engagement(visit, engagement_id)
    if form.get("action") == "add_row":
        return _goals(visit, one, form, spare=2)
    asked = pb.Engagement(
        id=engagement_id,
        etag=form.text("etag"),
        goals=[
            pb.Goal(id=row["id"], text=row["text"].strip(), progress=int(row["progress"]), note=row["note"].strip())
            for row in form.rows
        ],
    )
    end = form.day("planned_end_date", visit.texts)
    if end:
        asked.planned_end_date.CopyFrom(end)
    if form.errors:
        form.status = 422
        return _goals(visit, one, form)
    return await _save(visit, form, asked, ("goals", "planned_end_date")) or _goals(
        visit, await get_engagement(visit, engagement_id), form
    )


@router.get("/{engagement_id}/contact")
async def edit_contact(visit: HrVisit, engagement_id: Id) -> Response:
    """Show whom the mentor turns to, to be changed."""
    one = await get_engagement(visit, engagement_id)
    contact = one.enterprise_contact
    form = Form({"name": [contact.name], "phone": [contact.phone], "email": [contact.email], "etag": [one.etag]})
    return _contact(visit, one, form)


@router.post("/{engagement_id}/contact")
async def save_contact(visit: HrVisit, engagement_id: Id) -> Response:
    """Change whom the mentor turns to."""
    form = Form.posted(await visit.request.form())
    asked = pb.Engagement(
        id=engagement_id,
        etag=form.text("etag"),
        enterprise_contact=pb.EnterpriseContact(
            name=form.text("name"), phone=form.text("phone"), email=form.text("email")
        ),
    )
    return await _save(visit, form, asked, ("enterprise_contact",)) or _contact(
        visit, await get_engagement(visit, engagement_id), form
    )


async def _save(visit: Visit, form: Form, asked: pb.Engagement, fields: tuple[str, ...]) -> Response | None:
    """Save; None where it was refused. After a lost update the next save is meant to win."""
    request = service.UpdateEngagementRequest(
        engagement=asked, update_mask=FieldMask(paths=fields), request_id=key_of(form)
    )
    done = await attempt(visit, form, visit.backend.engagements.update_engagement(visit.identity, request), _NAMES)
    return see(f"/engagements/{asked.id}?done=changed") if done is not None else None


def _take_rows(form: Form) -> None:
    """Read the rows of goals that were sent, without the empty ones."""
    ids, progress, notes = form.all("goal_id"), form.all("goal_progress"), form.all("goal_note")
    for number, text in enumerate(form.all("goal_text")):
        if text.strip():
            done = _nth(progress, number)
            form.rows.append(
                {
                    "id": _nth(ids, number),
                    "text": text,
                    "progress": done if done.isascii() and done.isdigit() and len(done) < 4 else "0",
                    "note": _nth(notes, number),
                }
            )


def _nth(values: list[str], number: int) -> str:
    return values[number] if number < len(values) else ""


def _goals(visit: Visit, one: pb.Engagement, form: Form, spare: int = 1) -> Response:
    for _ in range(min(spare, MOST - len(form.rows))):
        form.rows.append({"id": "", "text": "", "progress": "0", "note": ""})
    if form.status == 409:  # they were told; a mistake of theirs hides no change of others
        form.set("etag", one.etag)
    return visit.page.render("engaging/goals.html", status=form.status, one=one, form=form, steps=STEPS)


def _contact(visit: Visit, one: pb.Engagement, form: Form) -> Response:
    if form.status == 409:  # they were told; a mistake of theirs hides no change of others
        form.set("etag", one.etag)
    return visit.page.render("engaging/contact.html", status=form.status, one=one, form=form)
