"""Accounts, for administrators, and everybody's own API keys."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import SecretStr

from yinling_common.identity import Role
from yinling_gateway import account_people, domain
from yinling_gateway.accounts import Accounts
from yinling_gateway.auth import Admin, Anyone
from yinling_gateway.converters import accounts as convert
from yinling_gateway.dependencies import AccountsDep, BackendDep
from yinling_gateway.models.accounts import (
    Account,
    AccountChange,
    AccountPage,
    ApiKeyList,
    MadeApiKey,
    NewAccount,
    NewApiKey,
)
from yinling_gateway.models.base import Paged
from yinling_gateway.models.problems import documented
from yinling_gateway.repository.once import call_of
from yinling_gateway.rest.auth import own_session
from yinling_gateway.rest.bodies import Id, need_fields, sent
from yinling_gateway.rest.etags import IfMatch, chosen, set_etag
from yinling_gateway.rest.moves import IdempotencyKey, SecretKey

router = APIRouter()


@router.get("/accounts", tags=["accounts"], summary="List accounts", responses=documented())
async def find(query: Annotated[Paged, Query()], _: Admin, accounts: AccountsDep) -> AccountPage:
    """In the order in which they were made."""
    page, token = await accounts.page(query.page_size, query.page_token)
    return AccountPage(accounts=[convert.account(account) for account in page], next_page_token=token)


@router.post("/accounts", status_code=201, tags=["accounts"], summary="Make an account", responses=documented(400, 409))
async def create(
    *,
    body: NewAccount,
    caller: Admin,
    accounts: AccountsDep,
    backend: BackendDep,
    key: IdempotencyKey,
    response: Response,
) -> Account:
    """A retiree's `profile_id` is that of a person of the account's organisation. `Location` names the new account."""
    new = domain.NewAccount(
        username=body.username,
        role=Role(body.role),
        organisation=body.organisation,
        profile_id=body.profile_id,
        display_name=body.display_name,
        locale=body.locale,
    )
    new = await account_people.check_new(backend, caller.account, new)
    asked = body.model_dump(mode="json", exclude={"password"})
    call = call_of(caller.account, key, "accounts.create", asked)
    account = await accounts.create(new, body.password.get_secret_value(), call)
    response.headers["Location"] = f"/api/v1/accounts/{account.id}"
    return _answer(response, account)


@router.get("/accounts/{id:id}", tags=["accounts"], summary="Read an account", responses=documented(404))
async def get(id_: Id, _: Admin, accounts: AccountsDep, response: Response) -> Account:
    """One account."""
    return _answer(response, await accounts.get(id_))


@router.patch("/accounts/{id:id}", tags=["accounts"], summary="Change an account", responses=documented(400, 404, 412))
async def update(
    *,
    id_: Id,
    body: AccountChange,
    caller: Admin,
    accounts: AccountsDep,
    backend: BackendDep,
    response: Response,
    if_match: IfMatch = None,
) -> Account:
    """A new password, another role, organisation or profile, or `active: false` cuts the account off.

    Its sessions end, its API keys are revoked, and the address of its calendar holds no more.
    """
    changes = sent(body)
    need_fields(changes)
    if isinstance(password := changes.get("password"), SecretStr):
        changes["password"] = password.get_secret_value()
    etag = await chosen(if_match, lambda: _etag(accounts, id_))
    changes = await account_people.check_change(backend, caller.account, await accounts.get(id_), changes)
    return _answer(response, await accounts.update(id_, changes, by=caller.account, etag=etag))


@router.delete(
    "/accounts/{id:id}", status_code=204, tags=["accounts"], summary="Delete an account", responses=documented(404, 412)
)
async def delete(id_: Id, caller: Admin, accounts: AccountsDep, if_match: IfMatch = None) -> None:
    """With its sessions and keys."""
    etag = await chosen(if_match, lambda: _etag(accounts, id_))
    await accounts.delete(id_, by=caller.account, etag=etag)


@router.get("/api-keys", tags=["API keys"], summary="List one's own API keys", responses=documented())
async def keys(caller: Anyone, accounts: AccountsDep) -> ApiKeyList:
    """Without their secrets, which nobody has but you."""
    return ApiKeyList(api_keys=[convert.api_key(key) for key in await accounts.keys(caller.account)])


@router.post("/api-keys", status_code=201, tags=["API keys"], summary="Make an API key", responses=documented(400, 409))
async def create_key(body: NewApiKey, caller: Anyone, accounts: AccountsDep, once: SecretKey) -> MadeApiKey:
    """It acts for the account. Needs a session: a key cannot make keys."""
    own_session(caller)
    call = call_of(caller.account, once, "accounts.create_key", body.model_dump(mode="json"))
    made, key = await accounts.create_key(caller.account, body.name, body.expires_in_days, call)
    return MadeApiKey(**convert.api_key(made).model_dump(), key=key)


@router.delete(
    "/api-keys/{id:id}", status_code=204, tags=["API keys"], summary="Revoke an API key", responses=documented(404)
)
async def revoke_key(id_: Id, caller: Anyone, accounts: AccountsDep) -> None:
    """At once. Needs a session: a key that leaked must not take the others away."""
    own_session(caller)
    await accounts.revoke_key(caller.account, id_)


async def _etag(accounts: Accounts, account_id: str) -> str:
    return (await accounts.get(account_id)).etag


def _answer(response: Response, account: domain.Account) -> Account:
    set_etag(response, account.etag)
    return convert.account(account)
