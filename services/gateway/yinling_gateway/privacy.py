"""What people may know of their own data, put together from all services."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import merge
from itertools import islice

from yinling.common.v1.audit_pb2 import AuditEntry
from yinling.matching.v1.privacy_service_pb2 import ExportPersonResponse
from yinling.talent.v1.talent_pb2 import Profile
from yinling.talent.v1.talent_service_pb2 import GetProfileRequest

from yinling_common import paging
from yinling_common.errors import InvalidPageToken
from yinling_common.identity import Identity
from yinling_gateway.accounts import Accounts
from yinling_gateway.backend import Backend
from yinling_gateway.domain import Account

_SCOPE = "privacy.audit"
_MOST_ENTRIES = 10_000
"""Of the log that go into an export."""

_END = "-"
"""Stands for a token where a log has no more."""

ReadPage = Callable[[Identity, str, int, str], Awaitable[tuple[Sequence[AuditEntry], str]]]


@dataclass(frozen=True)
class Everything:
    """Everything that is kept about a person."""

    time: datetime
    profile: Profile
    accounts: list[Account]
    matching: ExportPersonResponse
    audit: list[AuditEntry]


class Privacy:
    """Puts it together.

    Args:
        backend: The services.
        accounts: The gateway's own part.
    """

    def __init__(self, backend: Backend, accounts: Accounts) -> None:
        self._backend = backend
        self._accounts = accounts

    async def audit(
        self, identity: Identity, profile_id: str, page_size: int, page_token: str
    ) -> tuple[list[AuditEntry], str]:
        """Who read or changed what is about a person, in all services, the newest first; and the next page's token.

        Talent is asked first, and says whether the caller may ask at all.
        """
        filters = {"profile_id": profile_id.lower()}
        size = paging.page_size(page_size)
        match paging.decode(page_token, _SCOPE, filters):
            case None:
                tokens = ["", ""]
            case [str(talent), str(matching)]:
                tokens = [talent, matching]
            case _:
                raise InvalidPageToken
        logs: tuple[ReadPage, ReadPage] = (self._backend.privacy.talent_audit, self._backend.privacy.matching_audit)
        pages: list[tuple[Sequence[AuditEntry], str]] = []
        for read, token in zip(logs, tokens, strict=True):
            pages.append(([], "") if token == _END else await read(identity, profile_id, size, token))
        merged = merge(*([(one, n) for one in page] for n, (page, _) in enumerate(pages)), key=_time, reverse=True)
        chosen = list(islice(merged, size))
        following = []
        for n, (read, token) in enumerate(zip(logs, tokens, strict=True)):
            page, after = pages[n]
            taken = sum(1 for _, log in chosen if log == n)
            if taken == len(page):
                following.append(after or _END)
            elif not taken:
                following.append(token)
            else:  # where it goes on behind those that were taken, the log itself must say
                following.append((await read(identity, profile_id, taken, token))[1])
        more = following != [_END, _END]
        return [one for one, _ in chosen], paging.encode(_SCOPE, filters, following) if more else ""

    async def everything(self, identity: Identity, profile_id: str) -> Everything:
        """Everything about a person. Raises NotFound where the caller may not see them."""
        profile = await self._backend.get_profile(identity, GetProfileRequest(id=profile_id))
        matching = await self._backend.privacy.export_person(identity, profile_id)
        audit: list[AuditEntry] = []
        token = ""
        while len(audit) < _MOST_ENTRIES:
            page, token = await self.audit(identity, profile_id, 200, token)
            audit += page
            if not token:
                break
        accounts = await self._accounts.of_profile(profile_id)
        return Everything(datetime.now(UTC), profile, accounts, matching, audit)


def _time(entry: tuple[AuditEntry, int]) -> tuple[int, int]:
    return entry[0].time.seconds, entry[0].time.nanos
