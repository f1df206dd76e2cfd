"""What the caller is told, how they want to be told, and what became of mails and calls."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from yinling_gateway.auth import Admin, Anyone
from yinling_gateway.converters import notices as convert
from yinling_gateway.dependencies import AccountsDep, NoticesDep
from yinling_gateway.models.notices import (
    DeliveryPage,
    DeliveryQuery,
    Notice,
    NoticePage,
    NoticePreferences,
    NoticePreferencesInput,
    NoticeQuery,
    ReadAll,
)
from yinling_gateway.models.problems import documented
from yinling_gateway.notices.parts import Notices
from yinling_gateway.rest.bodies import Id
from yinling_gateway.rest.etags import IfMatch, chosen, set_etag

router = APIRouter(tags=["notices"])


@router.get("/notices", summary="List one's notices", responses=documented())
async def find(query: Annotated[NoticeQuery, Query()], caller: Anyone, notices: NoticesDep) -> NoticePage:
    """What the caller is told, the latest first, in the language of their account."""
    account = caller.account
    page, token = await notices.inbox.page(account.id, query.page_size, query.page_token, unread=query.unread)
    return NoticePage(
        notices=[convert.notice(notice, account) for notice in page],
        unread=await notices.inbox.unread(account.id),
        next_page_token=token,
    )


@router.post("/notices/{id:id}:read", summary="Mark a notice as read", responses=documented(404))
async def read(id_: Id, caller: Anyone, notices: NoticesDep) -> Notice:
    """Again changes nothing."""
    return convert.notice(await notices.inbox.read(caller.account.id, id_), caller.account)


@router.post("/notices:read-all", summary="Mark all notices as read", responses=documented())
async def read_all(caller: Anyone, notices: NoticesDep) -> ReadAll:
    """All that the caller has now."""
    return ReadAll(read=await notices.inbox.read_all(caller.account.id))


@router.get("/me/notice-preferences", summary="Read how one is told", responses=documented())
async def own_preferences(caller: Anyone, notices: NoticesDep, response: Response) -> NoticePreferences:
    """Until something was chosen: what the gateway does by default."""
    return await _get(caller.account.id, notices, response)


@router.put("/me/notice-preferences", summary="Write how one is told", responses=documented(400, 412, 413, 507))
async def put_own_preferences(
    body: NoticePreferencesInput, caller: Anyone, notices: NoticesDep, response: Response, if_match: IfMatch = None
) -> NoticePreferences:
    """As a whole: what is absent is as by default. Mails that wait follow at once."""
    return await _put(caller.account.id, body, notices, response, if_match)


@router.get("/accounts/{id:id}/notice-preferences", summary="Read how an account is told", responses=documented(404))
async def preferences(
    id_: Id, _: Admin, accounts: AccountsDep, notices: NoticesDep, response: Response
) -> NoticePreferences:
    """For administrators."""
    return await _get((await accounts.get(id_)).id, notices, response)


@router.put(
    "/accounts/{id:id}/notice-preferences",
    summary="Write how an account is told",
    responses=documented(400, 404, 412, 413, 507),
)
async def put_preferences(
    *,
    id_: Id,
    body: NoticePreferencesInput,
    _: Admin,
    accounts: AccountsDep,
    notices: NoticesDep,
    response: Response,
    if_match: IfMatch = None,
) -> NoticePreferences:
    """For administrators: for people who cannot do it themselves."""
    return await _put((await accounts.get(id_)).id, body, notices, response, if_match)


@router.get("/deliveries", summary="List mails and calls of webhooks", responses=documented())
async def deliveries(query: Annotated[DeliveryQuery, Query()], _: Admin, notices: NoticesDep) -> DeliveryPage:
    """Above all those that failed, with what the other side said. For administrators."""
    page, token = await notices.deliveries.page(query.state, query.page_size, query.page_token)
    return DeliveryPage(deliveries=[convert.delivery(one) for one in page], next_page_token=token)


@router.post("/deliveries/{id:id}:retry", status_code=204, summary="Try a delivery again", responses=documented(404))
async def retry(id_: Id, _: Admin, notices: NoticesDep) -> None:
    """One that was given up, or waits for its next try. For administrators."""
    await notices.deliveries.retry(id_)


async def _get(account_id: str, notices: Notices, response: Response) -> NoticePreferences:
    found = await notices.preferences.get(account_id)
    set_etag(response, found.etag)
    return convert.preferences(found, email_works=notices.mail_on)


async def _put(
    account_id: str, body: NoticePreferencesInput, notices: Notices, response: Response, if_match: str | None
) -> NoticePreferences:
    async def present() -> str:
        return (await notices.preferences.get(account_id)).etag

    expected = await chosen(if_match, present)
    kept = await notices.preferences.put(account_id, convert.wanted_preferences(body), expected=expected)
    set_etag(response, kept.etag)
    return convert.preferences(kept, email_works=notices.mail_on)
