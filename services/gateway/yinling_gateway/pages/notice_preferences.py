"""How the reader wants to be told; administrators choose for others too."""

from datetime import time
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from yinling_common.errors import InvalidField, StaleEtag
from yinling_gateway.domain import Account
from yinling_gateway.notices.domain import Preferences, QuietHours
from yinling_gateway.pages.forms import Form
from yinling_gateway.pages.visit import AdminVisit, AnyVisit, Visit, see

router = APIRouter(include_in_schema=False)

Id = Annotated[str, Path(max_length=64)]

_OWN = "/notices/preferences"


@router.get(_OWN)
async def show_own(visit: AnyVisit, done: str = "") -> Response:
    """Show the reader's own choices."""
    return await _show(visit, visit.account.account, _OWN, done)


@router.post(_OWN)
async def save_own(visit: AnyVisit) -> Response:
    """Keep the reader's own choices."""
    return await _save(visit, visit.account.account, _OWN)


@router.get("/admin/accounts/{account_id}/notices")
async def show(visit: AdminVisit, account_id: Id, done: str = "") -> Response:
    """Show the choices of an account."""
    account = await visit.parts.accounts.get(account_id)
    return await _show(visit, account, f"/admin/accounts/{account.id}/notices", done)


@router.post("/admin/accounts/{account_id}/notices")
async def save(visit: AdminVisit, account_id: Id) -> Response:
    """Keep the choices for an account."""
    account = await visit.parts.accounts.get(account_id)
    return await _save(visit, account, f"/admin/accounts/{account.id}/notices")


async def _show(visit: Visit, account: Account, address: str, done: str) -> Response:
    if done:
        visit.page.notices.append(("good", visit.gettext("Your choices are kept.")))
    kept = await visit.parts.notices.preferences.get(account.id)
    return _render(visit, account, address, _filled(kept))


async def _save(visit: Visit, account: Account, address: str) -> Response:
    form = Form.posted(await visit.request.form())
    status = 422
    try:
        await visit.parts.notices.preferences.put(account.id, _wanted(form), expected=form.get("etag"))
    except InvalidField as error:
        for violation in error.violations:
            form.fail(violation.field, _advice(visit, violation.field))
    except StaleEtag:
        status = 409
        form.overtaken(visit.texts, (await visit.parts.notices.preferences.get(account.id)).etag, address)
    else:
        return see(f"{address}?done=1")
    return _render(visit, account, address, form, status=status)


def _render(visit: Visit, account: Account, address: str, form: Form, *, status: int = 200) -> Response:
    own = account.id == visit.account.account.id
    return visit.page.render(
        "notices/preferences.html",
        status=status,
        form=form,
        address=address,
        whose="" if own else account.display_name or account.username,
        mail_on=visit.parts.notices.mail_on,
        clocks=_clocks(form),
        hours=[(str(hour), f"{hour}:00") for hour in range(24)],
    )


def _filled(kept: Preferences) -> Form:
    form = Form()
    form.set("channels", *[name for name in ("in_app", "email") if getattr(kept, name)])
    form.set("address", kept.address)
    form.set("quiet_from", f"{kept.quiet.start:%H:%M}" if kept.quiet else "")
    form.set("quiet_to", f"{kept.quiet.end:%H:%M}" if kept.quiet else "")
    form.set("when", "at_once" if kept.digest_hour is None else "daily")
    form.set("digest_hour", "18" if kept.digest_hour is None else str(kept.digest_hour))
    form.set("etag", kept.etag)
    return form


def _wanted(form: Form) -> Preferences:
    start, end = _clock(form.get("quiet_from")), _clock(form.get("quiet_to"))
    return Preferences(
        in_app="in_app" in form.all("channels"),
        email="email" in form.all("channels"),
        address=form.text("address"),
        quiet=QuietHours(start, end) if start and end else None,
        digest_hour=form.choice("digest_hour") if form.get("when") == "daily" else None,
    )


def _clock(chosen: str) -> time | None:
    """A time of day from the list; anything else counts as not chosen."""
    try:
        return time.fromisoformat(chosen) if len(chosen) == 5 else None
    except ValueError:
        return None


def _clocks(form: Form) -> list[tuple[str, str]]:
    """Every full hour, and what is chosen already."""
    chosen = {form.get("quiet_from"), form.get("quiet_to")}
    known = {f"{hour:02}:00" for hour in range(24)}
    return [(clock, clock) for clock in sorted(known | {clock for clock in chosen if _clock(clock)})]


def _advice(visit: Visit, field: str) -> str:
    if field == "address":
        return visit.gettext("This is not an e-mail address. It looks like name@example.com.")
    return visit.gettext("Please choose an hour from the list.")
