"""The use cases about what a person may know and decide of their own data."""

import dataclasses
import datetime as dt

from yinling_common import paging
from yinling_common.errors import InvalidPageToken, NotFound, StaleEtag
from yinling_common.identity import Identity, Role
from yinling_talent import access, audit
from yinling_talent.audit import Entry, Readers
from yinling_talent.consent import Wording, Wordings
from yinling_talent.domain import Contact
from yinling_talent.storage import ProfileStore

_SCOPE = "profiles.audit"


@dataclasses.dataclass(frozen=True, slots=True)
class Reader:
    """On whose behalf a service reads how to reach a person, and of which engagement they are a party."""

    subject: str
    role: str
    organisation: str
    engagement_id: str


@dataclasses.dataclass(frozen=True, slots=True)
class AuditPage:
    """Part of the log; the token is empty on the last one."""

    entries: list[Entry]
    next_page_token: str


class PrivacyHandlers:
    """Contact details, the log, erasure and the wordings of the consent.

    Args:
        store: Keeps the profiles.
        wordings: All there were.
        readers: Shared with whoever records reads.
    """

    def __init__(self, store: ProfileStore, wordings: Wordings, readers: Readers) -> None:
        self._store = store
        self._wordings = wordings
        self._readers = readers

    async def contact(self, profile_id: str, reader: Reader) -> Contact:
        """How to reach a person, for a service; that the reader read it is written down. Raises NotFound."""
        access.follower()
        async with self._store.unit() as unit:
            profile = await unit.lock(profile_id)
            if profile is None:
                raise NotFound("profile", profile_id)
            unit.note(
                Entry(
                    time=dt.datetime.now(dt.UTC),
                    subject=reader.subject,
                    role=reader.role,
                    organisation=reader.organisation,
                    action="read_contact",
                    profile_id=profile.id,
                    resource="engagement",
                    resource_id=reader.engagement_id,
                )
            )
        return profile.contact

    async def audit(self, profile_id: str, page_size: int, page_token: str) -> AuditPage:
        """Who read or changed a person's profile, the newest first. Raises NotFound."""
        identity = access.editor()
        await self._check_own(identity, profile_id)
        filters = {"profile_id": profile_id.lower()}
        match paging.decode(page_token, _SCOPE, filters):
            case None:
                before = None
            case [int(number)] if 0 < number < 2**63:
                before = number
            case _:
                raise InvalidPageToken
        size = paging.page_size(page_size)
        found = await self._store.audit(profile_id, before, size + 1)
        token = paging.encode(_SCOPE, filters, [found[size - 1].number]) if len(found) > size else ""
        return AuditPage(found[:size], token)

    async def erase(self, profile_id: str, etag: str) -> int:
        """Erase a person for ever; done again it does nothing.

        Returns:
            The revision of the tombstone, which is all that stays.

        Raises:
            NotFound: There is none that the caller may see, and never was.
            StaleEtag: The profile was changed since the caller read it.
        """
        identity = access.editor()
        async with self._store.unit() as unit:
            profile = await unit.lock(profile_id)
            if profile is None:
                kept = await unit.tombstone(profile_id)
                if kept is None or not await self._may_finish(identity, profile_id):
                    raise NotFound("profile", profile_id)
                await unit.forget(profile_id)
                revision = kept
            else:
                access.seen(identity, profile, profile_id)
                if etag and etag != profile.etag:
                    raise StaleEtag(metadata={"resource": "profile", "id": profile_id})
                unit.delete(profile_id)
                await unit.forget(profile_id)
                unit.note(dataclasses.replace(_anonymous(identity, profile_id), profile_id=""))
                revision = 0
        self._readers.forget(profile_id)
        if not revision:
            await self._store.tidy()
        return revision or unit.revisions[profile_id]

    def wordings(self) -> tuple[Wording, ...]:
        """All wordings of the consent, the newest first."""
        access.reader()
        return self._wordings.all

    async def _check_own(self, identity: Identity, profile_id: str) -> None:
        profile = await self._store.get(profile_id)
        if profile is not None:
            access.seen(identity, profile, profile_id)
        elif not await self._may_finish(identity, profile_id) or not await self._store.audit(profile_id, None, 1):
            # Of somebody who was deleted, and not erased, the log is still there.
            raise NotFound("profile", profile_id)

    async def _may_finish(self, identity: Identity, profile_id: str) -> bool:
        """Whether the caller may know what is left of somebody whose profile is gone.

        It no longer says whose office kept it: a coordinator is answered only where nothing is left.
        """
        match identity.role:
            case Role.ADMIN:
                return True
            case Role.RETIREE:
                return identity.profile_id == profile_id.lower()
            case _:
                return not await self._store.audit(profile_id, None, 1)


def _anonymous(by: Identity, profile_id: str) -> Entry:
    """That somebody was erased; where they did it themselves, not by which account."""
    done = audit.entry(by, "erase", profile_id, dt.datetime.now(dt.UTC))
    return dataclasses.replace(done, subject="") if by.role is Role.RETIREE else done
