"""Webhooks: other programs are told what an organisation is told."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from yinling_common.identity import Role
from yinling_gateway.auth import SignedIn, require_role
from yinling_gateway.converters import notices as convert
from yinling_gateway.dependencies import NoticesDep
from yinling_gateway.models.base import Paged
from yinling_gateway.models.problems import documented
from yinling_gateway.models.webhooks import (
    NewWebhook,
    TriedOut,
    Webhook,
    WebhookChange,
    WebhookPage,
    WebhookWithSecret,
)
from yinling_gateway.notices.parts import Notices
from yinling_gateway.notices.webhooks import WantedWebhook
from yinling_gateway.rest.bodies import Id, need_fields, sent
from yinling_gateway.rest.etags import IfMatch, chosen, set_etag
from yinling_gateway.rest.moves import SecretKey

router = APIRouter(prefix="/webhooks", tags=["webhooks"])

Keeper = Annotated[SignedIn, Depends(require_role(Role.HR, Role.COORDINATOR, Role.ADMIN))]

_SIGNED = """HR's webhooks are told what the enterprise is told, those of an office what its people are told.

Each call is a POST of JSON with `id`, `kind`, `audience`, ids, `facts` and a `subject` in both languages; no names and
no contacts. `X-Yinling-Event` is the event's id: the same when a call is repeated. Answer 2xx; anything else, or no
answer in 10 seconds, is tried again for three days, 410 is not. Check `X-Yinling-Signature` over the raw body:

    t, v1 = (part.split("=", 1)[1] for part in header.split(","))
    expected = hmac.new(secret.encode(), f"{t}.".encode() + body, hashlib.sha256).hexdigest()
    genuine = hmac.compare_digest(expected, v1) and abs(time.time() - int(t)) < 300

WeCom and DingTalk robots take a form of their own: a bridge of a few lines checks the signature and passes `subject.zh`
on as their `text`. The answer's `Location` names the new webhook."""


@router.get("", summary="List webhooks", responses=documented())
async def find(query: Annotated[Paged, Query()], caller: Keeper, notices: NoticesDep) -> WebhookPage:
    """Those that the caller keeps; all for administrators."""
    page, token = await notices.webhooks.page(caller.account, query.page_size, query.page_token)
    return WebhookPage(webhooks=[convert.webhook(webhook) for webhook in page], next_page_token=token)


@router.post(
    "", status_code=201, summary="Make a webhook", description=_SIGNED, responses=documented(400, 409, 413, 507)
)
async def create(
    body: NewWebhook, caller: Keeper, notices: NoticesDep, key: SecretKey, response: Response
) -> WebhookWithSecret:
    """See `_SIGNED`."""
    wanted = WantedWebhook(
        url=body.url.strip(),
        kinds=convert.kinds(body.kinds),
        organisation=body.organisation,
        audience=convert.audience(body.audience),
    )
    made, secret = await notices.webhooks.create(caller.account, wanted, key)
    response.headers["Location"] = f"/api/v1/webhooks/{made.id}"
    set_etag(response, made.etag)
    return WebhookWithSecret(**convert.webhook(made).model_dump(), secret=secret)


@router.get("/{id:id}", summary="Read a webhook", responses=documented(404))
async def get(id_: Id, caller: Keeper, notices: NoticesDep, response: Response) -> Webhook:
    """Without its secret."""
    found = await notices.webhooks.get(caller.account, id_)
    set_etag(response, found.etag)
    return convert.webhook(found)


@router.patch("/{id:id}", summary="Change a webhook", responses=documented(400, 404, 412, 413, 507))
async def update(
    *, id_: Id, body: WebhookChange, caller: Keeper, notices: NoticesDep, response: Response, if_match: IfMatch = None
) -> Webhook:
    """Its address, what it is told, and whether it is called at all."""
    need_fields(sent(body))
    changed = await notices.webhooks.update(
        caller.account,
        id_,
        url=body.url.strip() if body.url is not None else None,
        kinds=convert.kinds(body.kinds) if body.kinds is not None else None,
        active=body.active,
        expected=await _expected(if_match, caller, notices, id_),
    )
    set_etag(response, changed.etag)
    return convert.webhook(changed)


@router.delete("/{id:id}", status_code=204, summary="Delete a webhook", responses=documented(404, 412))
async def delete(id_: Id, caller: Keeper, notices: NoticesDep, if_match: IfMatch = None) -> None:
    """With what waits for it."""
    await notices.webhooks.delete(caller.account, id_, await _expected(if_match, caller, notices, id_))


@router.post("/{id:id}:test", summary="Call a webhook now", responses=documented(404))
async def test(id_: Id, caller: Keeper, notices: NoticesDep) -> TriedOut:
    """Once, with an event that did not happen: its `test` is true."""
    outcome = await notices.webhooks.try_out(caller.account, id_)
    return TriedOut(delivered=outcome.sent, error=outcome.error)


@router.post("/{id:id}:new-secret", summary="Give a webhook a new secret", responses=documented(400, 404, 409, 412))
async def new_secret(
    *, id_: Id, caller: Keeper, notices: NoticesDep, key: SecretKey, response: Response, if_match: IfMatch = None
) -> WebhookWithSecret:
    """The old one signs nothing any more."""
    expected = await _expected(if_match, caller, notices, id_)
    changed, secret = await notices.webhooks.new_secret(caller.account, id_, key, expected)
    set_etag(response, changed.etag)
    return WebhookWithSecret(**convert.webhook(changed).model_dump(), secret=secret)


async def _expected(if_match: str | None, caller: SignedIn, notices: Notices, webhook_id: str) -> str:
    async def present() -> str:
        return (await notices.webhooks.get(caller.account, webhook_id)).etag

    return await chosen(if_match, present)
