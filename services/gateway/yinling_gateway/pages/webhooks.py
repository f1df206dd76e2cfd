"""Webhooks, for HR, retiree offices and administrators."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from yinling_common.errors import InvalidField, WrongState
from yinling_common.identity import Role
from yinling_gateway.notices.calling import KINDS
from yinling_gateway.notices.domain import Audience, Failure, Outcome, Webhook
from yinling_gateway.notices.webhooks import WantedWebhook
from yinling_gateway.notices.words import TABLES, short
from yinling_gateway.pages.forms import Form
from yinling_gateway.pages.visit import Visit, require, see

router = APIRouter(prefix="/webhooks", include_in_schema=False)

PAGE_SIZE = 50
Id = Annotated[str, Path(max_length=64)]
Keeper = Annotated[Visit, Depends(require(Role.HR, Role.COORDINATOR, Role.ADMIN))]


@router.get("")
async def list_webhooks(visit: Keeper, page_token: Annotated[str, Query(max_length=1000)] = "") -> Response:
    """List them, with the form for a new one."""
    return await _page(visit, Form(), page_token=page_token)


@router.post("")
async def make(visit: Keeper) -> Response:
    """Make one; its secret is shown once."""
    form = Form.posted(await visit.request.form())
    audience = {"person": Audience.PERSON, "enterprise": Audience.ENTERPRISE}.get(form.get("audience"))
    wanted = WantedWebhook(
        url=form.text("url"), kinds=_kinds(form, audience), organisation=form.text("organisation"), audience=audience
    )
    for other in Audience if audience else ():
        if other is not audience and form.all(_field(other)):
            form.fail(
                _field(other),
                visit.gettext("Above the other side is chosen: untick these, or choose this side."),
            )
            return await _page(visit, form, status=422)
    try:
        made, secret = await visit.parts.notices.webhooks.create(visit.account.account, wanted)
    except InvalidField as error:
        for violation in error.violations:
            form.fail(violation.field.partition("[")[0], _advice(visit, violation.field))
    except WrongState:
        form.fail("", visit.gettext("There are as many webhooks as there may be. Delete one first."))
    else:
        return await _page(visit, Form(), fresh=(made, secret))
    return await _page(visit, form, status=422)


@router.post("/{webhook_id}/active")
async def set_active(visit: Keeper, webhook_id: Id) -> Response:
    """Switch one off or on."""
    form = Form.posted(await visit.request.form())
    await visit.parts.notices.webhooks.update(visit.account.account, webhook_id, active=form.get("active") == "1")
    return see("/webhooks")


@router.post("/{webhook_id}/test")
async def try_out(visit: Keeper, webhook_id: Id) -> Response:
    """Call one now, and say what came of it."""
    outcome = await visit.parts.notices.webhooks.try_out(visit.account.account, webhook_id)
    if outcome.sent:
        visit.page.notices.append(("good", visit.gettext("The webhook was called and answered well.")))
    else:
        words = visit.gettext("The webhook was called in vain.")
        visit.page.notices.append(("bad", f"{words} {_why(visit, outcome)}"))
    return await _page(visit, Form())


@router.post("/{webhook_id}/secret")
async def new_secret(visit: Keeper, webhook_id: Id) -> Response:
    """Give one a new secret, which is shown once."""
    return await _page(
        visit, Form(), fresh=await visit.parts.notices.webhooks.new_secret(visit.account.account, webhook_id)
    )


@router.post("/{webhook_id}/delete")
async def delete(visit: Keeper, webhook_id: Id) -> Response:
    """Delete one."""
    await visit.parts.notices.webhooks.delete(visit.account.account, webhook_id)
    return see("/webhooks")


async def _page(
    visit: Visit, form: Form, *, page_token: str = "", fresh: tuple[Webhook, str] | None = None, status: int = 200
) -> Response:
    account = visit.account.account
    webhooks, further = await visit.parts.notices.webhooks.page(account, PAGE_SIZE, page_token)
    audiences = [Audience.ENTERPRISE] if account.role == Role.HR else [Audience.PERSON]
    if account.role == Role.ADMIN:
        audiences = [Audience.ENTERPRISE, Audience.PERSON]
    headings = {
        Audience.ENTERPRISE: visit.gettext("Which notices to HR of an enterprise"),
        Audience.PERSON: visit.gettext("Which notices to a retiree office"),
    }
    return visit.page.render(
        "notices/webhooks.html",
        status=status,
        form=form,
        webhooks=[(webhook, [_kind(visit, kind, webhook.audience) for kind in webhook.kinds]) for webhook in webhooks],
        kinds=[
            (
                _field(one if len(audiences) > 1 else None),
                headings[one] if len(audiences) > 1 else visit.gettext("Which notices"),
                [(name, _kind(visit, KINDS[name], one)) for name in KINDS if KINDS[name] in TABLES[one]],
            )
            for one in audiences
        ],
        chooses_whose=account.role == Role.ADMIN,
        audiences=[("enterprise", visit.gettext("HR of an enterprise")), ("person", visit.gettext("a retiree office"))],
        fresh=fresh,
        first_page=not page_token,
        first_page_address="/webhooks",
        next_page=f"/webhooks?page_token={further}" if further else "",
    )


def _kind(visit: Visit, kind: int, audience: Audience) -> str:
    return short(kind, audience, english=visit.page.language == "en")


def _field(audience: Audience | None) -> str:
    """The field with the kinds of one side; None where the reader sees but one."""
    return f"kinds_{audience.name.lower()}" if audience else "kinds"


def _kinds(form: Form, audience: Audience | None) -> list[int]:
    return [KINDS[name] for name in form.all(_field(audience)) if name in KINDS]


def _why(visit: Visit, outcome: Outcome) -> str:
    """Why a call came to nothing, and what to look at. What the machine said stands in the log."""
    if outcome.why is Failure.ANSWERED:
        return visit.gettext(
            "It was reached, but answered %(status)d instead of success (200 to 299). Look into its log."
        ) % {"status": outcome.status}
    words = {
        Failure.ADDRESS: visit.gettext(
            "The address is not open to everybody: it leads into a private network. Give one that can be reached from"
            " the internet."
        ),
        Failure.NAME: visit.gettext(
            "The name in the address was not found. Look for a typing error; a new name may take some hours."
        ),
        Failure.REFUSED: visit.gettext(
            "Nothing answers at that address: the connection was refused. Look whether the program runs and whether the"
            " port is right."
        ),
        Failure.TIMEOUT: visit.gettext(
            "No answer came in time. Look whether the program runs and whether a firewall lets the call through."
        ),
        Failure.TLS: visit.gettext(
            "No secure connection could be made. The certificate may be out of date, of another name, or of an unknown"
            " issuer; or the port does not speak HTTPS."
        ),
    }
    broken = visit.gettext("The connection broke off before there was an answer. Look whether the program runs.")
    return words.get(outcome.why, broken) if outcome.why else broken


def _advice(visit: Visit, field: str) -> str:
    return {
        "url": visit.gettext("Please write an address that begins with https:// and that everybody can reach."),
        "organisation": visit.gettext("Please name the unit."),
        "audience": visit.gettext("Please choose whose notices it is told."),
    }.get(field, visit.gettext("Please check this field."))
