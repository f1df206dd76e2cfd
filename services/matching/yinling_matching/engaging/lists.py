"""Reads of what the caller has a part in: one, or a page of many."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Generic
from uuid import UUID

from yinling_common import paging
from yinling_common.database import Connection, Database
from yinling_common.errors import InvalidPageToken, NotFound
from yinling_common.identity import Identity, Role, current
from yinling_matching.engaging.domain import Kind
from yinling_matching.engaging.tables import Position, Table, Wanted
from yinling_matching.engaging.unit import sees
from yinling_matching.privacy.reads import Reads


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page of which list.

    Attributes:
        page_size: 0 for 50.
        page_token: Of the page before.
        mentoring_request_id: Only of this request; empty for any.
        profile_id: Only of this person; empty for any.
        state: Only in this state; None for any.
        engagement_id: Of sessions: only of this engagement; empty for any.
        since: Of sessions: only those that begin at this time or later; None for any.
        until: Of sessions: only those that begin before this time; None for any.
    """

    page_size: int = 0
    page_token: str = ""
    mentoring_request_id: str = ""
    profile_id: str = ""
    state: IntEnum | None = None
    engagement_id: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[Kind]):
    """Some of them, and the token of the next ones."""

    things: Sequence[Kind]
    next_page_token: str


class Lists:
    """Reads for the caller; whoever is not the person is written down.

    Args:
        database: Where it is kept.
        reads: Writes readers down.
    """

    def __init__(self, database: Database, reads: Reads) -> None:
        self._database = database
        self._reads = reads

    async def one(self, table: Table[Kind], id_: str) -> Kind:
        """One, if the caller has a part in it. Raises NotFound."""
        caller = current()
        async with self._database.connection() as conn:
            found = await find(conn, table, id_, caller)
            await self._reads.note(conn, caller, table.resource, [found.profile_id])
        return found

    async def many(self, table: Table[Kind], asked: Asked) -> Page[Kind]:
        """Those that the caller has a part in, the newest, or of sessions the latest start, first."""
        caller = current()
        filters = {
            "request": asked.mentoring_request_id,
            "profile": asked.profile_id,
            "state": int(asked.state or 0),
            "engagement": asked.engagement_id,
            "range": [str(asked.since), str(asked.until)],
            "caller": [caller.role, caller.organisation, caller.profile_id],
        }
        after = _position(paging.decode(asked.page_token, table.name, filters))
        wanted = _wanted(caller, asked)
        if wanted is None:
            return Page([], "")
        size = paging.page_size(asked.page_size)
        async with self._database.connection() as conn:
            found = await table.list(conn, wanted, after, size + 1)
            shown = found[:size]
            await self._reads.note(conn, caller, table.resource, [one.profile_id for one in shown])
        token = ""
        if len(found) > size:
            last = shown[-1]
            token = paging.encode(table.name, filters, [getattr(last, table.order).isoformat(), last.id])
        return Page(shown, token)


async def find(conn: Connection, table: Table[Kind], id_: str, caller: Identity) -> Kind:
    """One, if the caller has a part in it; that it is read is not written down. Raises NotFound."""
    found = await table.get(conn, id_)
    if found is None or not sees(caller, found):
        raise NotFound(table.resource, id_)
    return found


def _wanted(caller: Identity, asked: Asked) -> Wanted | None:
    """What a list may hold; None where nothing that was asked for may be seen."""
    profile_id = asked.profile_id
    organisation = office = ""
    match caller.role:
        case Role.HR:
            organisation = caller.organisation
        case Role.COORDINATOR:
            office = caller.organisation
        case Role.RETIREE:
            own = caller.profile_id.lower()
            if profile_id not in {"", own} or not _is_id(own):
                return None
            profile_id = own
    if caller.role not in {Role.ADMIN, Role.SERVICE} and not (organisation or office or profile_id):
        return None
    states = frozenset({asked.state} if asked.state else ())
    return Wanted(
        organisation,
        office,
        profile_id,
        asked.mentoring_request_id,
        asked.engagement_id,
        states,
        asked.since,
        asked.until,
    )


def _is_id(profile_id: str) -> bool:
    """Whether it can be somebody's: an account may name a profile that there never was."""
    try:
        return str(UUID(profile_id)) == profile_id
    except ValueError:
        return False


def _position(key: Sequence[object] | None) -> Position | None:
    if key is None:
        return None
    try:
        moment, id_ = key
        return datetime.fromisoformat(str(moment)).astimezone(UTC), str(UUID(str(id_)))
    except (ValueError, OverflowError) as error:  # OverflowError: a day before the calendar's first in another zone
        raise InvalidPageToken from error
