"""An administrator's pages: the state of the services and the index, and the accounts."""

import asyncio
import secrets
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response
from yinling.matching.v1 import matching_service_pb2 as matching_service
from yinling.talent.v1 import talent_service_pb2 as talent_service

from yinling_common.errors import AlreadyExists, InvalidField, Violation, YinlingError
from yinling_common.identity import Role
from yinling_gateway import account_people, messages
from yinling_gateway.calls.core import MATCHING, TALENT
from yinling_gateway.domain import NewAccount
from yinling_gateway.errors import SecretTold
from yinling_gateway.pages import labels
from yinling_gateway.pages.engaging.once import key_of
from yinling_gateway.pages.forms import Form
from yinling_gateway.pages.visit import AdminVisit, Visit, see
from yinling_gateway.repository.once import call_of

router = APIRouter(prefix="/admin", include_in_schema=False)

PAGE_SIZE = 50
ROLES = (Role.HR, Role.RETIREE, Role.COORDINATOR, Role.ADMIN)
Id = Annotated[str, Path(max_length=64)]


@router.get("")
async def state(visit: AdminVisit) -> Response:
    """Show whether everything works."""
    health = await asyncio.gather(_health(visit, TALENT), _health(visit, MATCHING))
    index: matching_service.IndexStatusResponse | None = None
    try:
        index = await visit.backend.index_status(visit.identity)
    except YinlingError:
        index = None  # the service's light says it already
    return visit.page.render("admin/state.html", health=health, index=index)


@router.get("/accounts")
async def list_accounts(
    visit: AdminVisit,
    page_token: Annotated[str, Query(max_length=1000)] = "",
    done: Annotated[str, Query(max_length=20)] = "",
    person: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """List the accounts, with the form for a new one; filled in for a person whose number is given."""
    words = {
        "closed": visit.gettext("The account is closed; its sessions have ended."),
        "opened": visit.gettext("The account is open again."),
    }.get(done)
    if words:
        visit.page.notices.append(("good", words))
    form = await _form_for(visit, person) if person else _empty()
    return await _accounts_page(visit, form, page_token=page_token, begun=bool(person))


@router.post("/accounts")
async def make_account(visit: AdminVisit) -> Response:
    """Make an account; its password is shown once."""
    form = Form.posted(await visit.request.form())
    role = form.get("role") if form.get("role") in ROLES else "hr"
    password = form.get("password") or _new_password()
    new = NewAccount(
        username=form.text("username"),
        role=Role(role),
        organisation=form.text("organisation"),
        profile_id=form.text("profile_id"),
        display_name=form.text("display_name"),
    )
    try:
        new = await account_people.check_new(visit.backend, visit.account.account, new)
        made = await visit.parts.accounts.create(new, password)
    except InvalidField as error:
        for violation in error.violations:
            form.fail(violation.field, _account_advice(visit, violation))
    except AlreadyExists:
        form.fail("username", visit.gettext("This account name is taken. Please choose another."))
    else:
        return await _accounts_page(visit, _empty(), fresh=(made.username, password))
    return await _accounts_page(visit, form, status=422)


@router.post("/accounts/{account_id}/active")
async def set_active(visit: AdminVisit, account_id: Id) -> Response:
    """Close an account, or open it again."""
    form = Form.posted(await visit.request.form())
    active = form.get("active") == "1"
    await visit.parts.accounts.update(account_id, {"active": active}, by=visit.account.account)
    return see(f"/admin/accounts?done={'opened' if active else 'closed'}")


@router.get("/accounts/{account_id}/password")
async def ask_about_password(visit: AdminVisit, account_id: Id) -> Response:
    """Ask before an account gets a new password: who has the old one is shut out at once."""
    return visit.page.render("admin/password.html", account=await visit.parts.accounts.get(account_id))


@router.post("/accounts/{account_id}/password")
async def reset_password(visit: AdminVisit, account_id: Id) -> Response:
    """Give an account a new password, which is shown once.

    The page that shows it may be loaded again: the password that was told by then still holds.
    """
    form = Form.posted(await visit.request.form())
    by, password = visit.account.account, _new_password()
    call = call_of(by, key_of(form), "accounts.reset_password", account_id)
    try:
        account = await visit.parts.accounts.update(account_id, {"password": password}, by=by, call=call)
    except SecretTold:
        words = visit.gettext(
            "The password was reset already, and nothing was done again: it is shown once. If it was not noted down,"
            " reset it once more."
        )
        visit.page.notices.append(("note", words))
        return await _accounts_page(visit, _empty())
    return await _accounts_page(visit, _empty(), fresh=(account.username, password))


async def _health(visit: Visit, service: str) -> tuple[str, bool]:
    try:
        await visit.backend.check_health(service)
    except YinlingError:
        return service, False
    return service, True


def _empty() -> Form:
    return Form({"role": [Role.HR.value]})


async def _form_for(visit: Visit, profile_id: str) -> Form:
    """The form for a person's account, but for the name with which they are to sign in."""
    found = await visit.backend.get_profile(visit.identity, talent_service.GetProfileRequest(id=profile_id))
    given = {
        "role": Role.RETIREE.value,
        "organisation": found.organisation,
        "display_name": found.name,
        "profile_id": found.id,
    }
    return Form({name: [value] for name, value in given.items()})


async def _accounts_page(
    visit: Visit,
    form: Form,
    *,
    page_token: str = "",
    begun: bool = False,
    fresh: tuple[str, str] | None = None,
    status: int = 200,
) -> Response:
    accounts, further = await visit.parts.accounts.page(PAGE_SIZE, page_token)
    form.set("password", "")
    return visit.page.render(
        "admin/accounts.html",
        status=status,
        form=form,
        accounts=accounts,
        own_id=visit.account.account.id,
        roles=[(role.value, visit.gettext(labels.ROLE[role.value])) for role in ROLES],
        fresh=fresh,
        begun=begun,
        first_page=not page_token,
        first_page_address="/admin/accounts",
        next_page=f"/admin/accounts?page_token={further}" if further else "",
    )


def _account_advice(visit: Visit, violation: Violation) -> str:
    if violation.rule in account_people.RULES.values():
        return messages.of_violation(violation, english=visit.page.language == "en")
    return {
        "username": visit.gettext("An account name has 1 to 64 characters."),
        "password": visit.gettext("A password has 8 to 200 characters."),
        "organisation": visit.gettext("HR and retiree offices need the name of their unit, at most 100 characters."),
        "profile_id": visit.gettext(
            "A retired expert needs the id of the profile. Open the person under “People”: an account is made there."
        ),
        "display_name": visit.gettext("The name shown has at most 100 characters."),
    }.get(violation.field, visit.gettext("Please check this field."))


def _new_password() -> str:
    """A password that can be read out on the telephone: no letters that look alike."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))
