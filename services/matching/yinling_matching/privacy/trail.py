"""Who read or changed what is about a person: steps between them and enterprises, and for whom they were shown."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from yinling_common import paging
from yinling_common.database import Connection, Database
from yinling_common.errors import InvalidPageToken
from yinling_matching.privacy.asking import Asking

_SCOPE = "privacy.audit"
_KEY = re.compile(r"a[0-9]{20}|e[0-9a-f-]{36}")

# Of whom was shown before moments were kept only the day is known. The keys order what happened in one moment, and no
# two are alike.
_TRAIL = """
    SELECT * FROM (
        SELECT time, subject, role, organisation, action, resource, coalesce(resource_id::text, '') AS resource_id,
            ARRAY(SELECT jsonb_object_keys(fields) ORDER BY 1) AS fields, 'a' || lpad(number::text, 20, '0') AS key
        FROM audit_log WHERE profile_id = %(id)s
        UNION ALL
        SELECT coalesce(e.create_time, e.first_day::timestamp AT TIME ZONE 'Asia/Shanghai'), 'matching', 'service',
            coalesce(r.organisation, ''), 'suggest', 'mentoring_request', e.request_id::text, '{}',
            'e' || e.request_id::text
        FROM exposures e LEFT JOIN mentoring_requests r ON r.id = e.request_id WHERE e.profile_id = %(id)s
    ) AS trail
    WHERE %(time)s::timestamptz IS NULL OR (time, key) < (%(time)s, %(key)s)
    ORDER BY time DESC, key DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; see the contract. `key` orders those of one moment."""

    time: datetime
    subject: str
    role: str
    organisation: str
    action: str
    resource: str
    resource_id: str
    fields: list[str]
    key: str


@dataclass(frozen=True, slots=True)
class TrailPage:
    """Some of them, and the token of the next ones."""

    entries: list[Entry]
    next_page_token: str


class Trail:
    """Reads it for the caller.

    Args:
        database: Where it is kept.
        asking: Says who may.
    """

    def __init__(self, database: Database, asking: Asking) -> None:
        self._database = database
        self._asking = asking

    async def page(self, profile_id: str, page_size: int, page_token: str) -> TrailPage:
        """The newest first."""
        _, answered = await self._asking.caller(profile_id)
        filters = {"profile_id": profile_id}
        time, key = _position(paging.decode(page_token, _SCOPE, filters))
        if not answered:
            return TrailPage([], "")
        size = paging.page_size(page_size)
        async with self._database.connection() as conn:
            found = await _read(conn, profile_id, time, key, size + 1)
        token = ""
        if len(found) > size:
            last = found[size - 1]
            token = paging.encode(_SCOPE, filters, [last.time.isoformat(), last.key])
        return TrailPage(found[:size], token)


async def _read(conn: Connection, profile_id: str, time: datetime | None, key: str, limit: int) -> list[Entry]:
    values = {"id": profile_id, "time": time, "key": key, "limit": limit}
    rows = await (await conn.execute(_TRAIL, values)).fetchall()
    return [Entry(**row) for row in rows]


def _position(token: list[paging.Key] | None) -> tuple[datetime | None, str]:
    match token:
        case None:
            return None, ""
        case [str(moment), str(key)] if _KEY.fullmatch(key):
            try:
                return datetime.fromisoformat(moment).astimezone(UTC), key
            except (ValueError, OverflowError) as error:
                raise InvalidPageToken from error
    raise InvalidPageToken
