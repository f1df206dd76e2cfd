"""The use cases on single profiles and lists of them. They ask who is calling, and know neither gRPC nor SQL."""

import dataclasses
import datetime as dt
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from uuid import uuid4

from prometheus_client import Counter

from yinling_common import cities, paging, text
from yinling_common.errors import AlreadyExists, Forbidden, InvalidField, InvalidPageToken, StaleEtag
from yinling_common.identity import Identity, Role, current
from yinling_common.types import Mode, TitleLevel
from yinling_talent import access, audit, importing, masks, once, rules
from yinling_talent.audit import Readers
from yinling_talent.consent import Wordings, without_old_wording
from yinling_talent.domain import Consent, ImportedRow, ImportRow, Profile, changed, searchable
from yinling_talent.feed import Bell, CaughtUp, follow
from yinling_talent.storage import Change, Filter, ProfileStore, Unit

CHANGES = Counter("yinling_talent_profile_changes", "Changes of profiles that were written", ["kind"])

PAGE_BYTES = 8 * 1024 * 1024
"""Where a page ends early. A profile may have some 3 MiB, and a message 16 MiB."""

_TRIES = 3
"""Of an import that meets a profile being made with the same employee number."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Conditions of a search as the caller gives them; what is empty does not count."""

    query: str = ""
    organisation: str = ""
    city: str = ""
    industry: str = ""
    min_title_level: TitleLevel = TitleLevel.UNSPECIFIED
    skill: str = ""
    mode: Mode = Mode.UNSPECIFIED
    employee_number: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """Part of a list; the token is empty on the last one."""

    profiles: list[Profile]
    next_page_token: str


class TalentHandlers:
    """Every use case but the import of a workbook and those of privacy.

    Args:
        store: Keeps the profiles.
        bell: Wakes followers.
        wordings: Of the consent.
        readers: Who has read whom in this hour.
    """

    def __init__(self, store: ProfileStore, bell: Bell, wordings: Wordings, readers: Readers) -> None:
        self._store = store
        self._bell = bell
        self._wordings = wordings
        self._readers = readers

    async def create(self, profile: Profile, request_id: str = "") -> Profile:
        """Make a profile.

        Args:
            profile: What is to be kept.
            request_id: A UUID under which it is made once, however often the caller asks; empty for none.

        Raises:
            InvalidField: A rule is broken, or the request id was used for something else.
            AlreadyExists: The organisation has the employee number already.
        """
        identity = access.keeper()
        profile = rules.normalise(profile)
        access.check_organisations(identity, [profile.organisation])
        now = _now()
        profile = self._wordings.settle(profile, Consent(), now)
        profile_id = once.profile_id(identity, request_id) if request_id else str(uuid4())
        profile = dataclasses.replace(profile, id=profile_id, version=1, create_time=now, update_time=now)
        if request_id and (kept := await self._store.get(profile_id)):
            return once.again(access.seen(identity, kept, profile_id), profile)
        try:
            async with self._store.unit() as unit:
                if request_id and await unit.tombstone(profile_id) is not None:
                    raise once.reused()
                unit.insert(profile)
                unit.note(audit.entry(identity, "create", profile.id, now, audit.differing(Profile(), profile)))
        except AlreadyExists:
            kept = await self._store.get(profile_id)  # the same call at the same time
            if kept is None:
                raise
            return once.again(access.seen(identity, kept, profile_id), profile)
        CHANGES.labels("created").inc()
        return dataclasses.replace(profile, revision=unit.revisions[profile.id])

    async def get(self, profile_id: str) -> Profile:
        """Read one profile as the caller may see it. Raises NotFound."""
        identity = access.reader()
        profile = access.seen(identity, await self._store.get(profile_id), profile_id)
        await self._read(identity, [profile])
        return profile

    async def list_profiles(self, organisation: str, page_size: int, page_token: str) -> Page:
        """Profiles that the caller may see, the latest change first."""
        identity = access.lister()
        return await self._page("list", identity, Search(organisation=organisation), page_size, page_token)

    async def search(self, search: Search, page_size: int, page_token: str) -> Page:
        """Profiles that the caller may see and that meet all conditions, the latest change first."""
        identity = access.lister()
        if search.employee_number and identity.role is Role.HR:
            # What is not shown must not be found out by asking either.
            raise Forbidden(
                "employee numbers are not open to enterprises; search by words or skill",
                metadata={"role": identity.role, "needs": Role.COORDINATOR, "field": "employee_number"},
            )
        return await self._page("search", identity, search, page_size, page_token)

    async def update(self, profile: Profile, etag: str, mask: Iterable[str]) -> Profile:
        """Change the fields of a profile that the mask names; one that is just so already is left alone.

        Raises:
            NotFound: There is none that the caller may see.
            StaleEtag: It was changed since the caller read it.
            InvalidUpdateMask, InvalidField, Forbidden, AlreadyExists: As their names say.
        """
        identity = access.editor()
        paths = masks.paths(mask)
        async with self._store.unit() as unit:
            old = await self._locked(unit, identity, profile.id, etag)
            now = _now()
            new = rules.normalise(changed(old, profile, paths))
            access.check_change(identity, old, new)
            new = self._wordings.settle(without_old_wording(old, new, paths), old.consent, now)
            if new == old:
                return old
            new = dataclasses.replace(new, version=old.version + 1, update_time=now)
            unit.update(new)
            unit.note(audit.entry(identity, "update", new.id, now, audit.differing(old, new)))
        CHANGES.labels("updated").inc()
        return dataclasses.replace(new, revision=unit.revisions[new.id])

    async def delete(self, profile_id: str, etag: str) -> None:
        """Delete a profile; the feed keeps its tombstone. Raises NotFound or StaleEtag."""
        identity = access.keeper()
        async with self._store.unit() as unit:
            await self._locked(unit, identity, profile_id, etag)
            unit.delete(profile_id)
            unit.note(audit.entry(identity, "delete", profile_id, _now()))
        CHANGES.labels("deleted").inc()

    async def batch_import(self, rows: Sequence[ImportRow]) -> tuple[list[ImportedRow], int]:
        """Make or change up to 500 profiles by their roster key, all or none.

        Returns:
            The answer to each, in order, and the revision that includes all of them.

        Raises:
            InvalidField: Any of them breaks a rule.
        """
        identity = access.keeper()
        normalised, violations = [], []
        for i, row in enumerate(rows):
            try:
                normalised.append(dataclasses.replace(row, profile=rules.normalise(row.profile, f"profiles[{i}].")))
            except InvalidField as error:
                violations += error.violations
        if violations:
            raise InvalidField(violations[:100])
        access.check_organisations(identity, {row.profile.organisation for row in normalised})
        results, revision = await self.import_rows(normalised, all_or_none=True)
        return [result for result in results if isinstance(result, ImportedRow)], revision

    async def import_rows(
        self, rows: Sequence[ImportRow], *, all_or_none: bool, dry: bool = False
    ) -> tuple[Sequence[importing.Result], int]:
        """Write normalised rows in one transaction, changing only the fields that they state.

        Who is calling was asked before. With `all_or_none` a row that does not go together with what is stored
        raises; otherwise it is answered for itself and the others are written. With `dry` nothing is.
        """
        for attempt in range(_TRIES):
            try:
                return await self._import(rows, all_or_none, dry)
            except AlreadyExists:  # somebody made one between our look and our write
                if attempt == _TRIES - 1:
                    raise
        raise AssertionError("unreachable")

    async def watch(self, after: int, *, removals_only: bool = False) -> AsyncGenerator[Change | CaughtUp]:
        """Follow the change feed; see `feed.follow`. People are given as followers may see them."""
        access.follower()
        async with aclosing(follow(self._store, self._bell, after, removals_only=removals_only)) as events:
            async for event in events:
                if isinstance(event, Change) and event.profile is not None:
                    yield dataclasses.replace(event, profile=access.for_followers(event.profile))
                else:
                    yield event

    async def _import(
        self, rows: Sequence[ImportRow], all_or_none: bool, dry: bool
    ) -> tuple[Sequence[importing.Result], int]:
        async with self._store.unit() as unit:
            stored = await unit.lock_matching([row.profile for row in rows])
            now = _now()
            plan = importing.plan(rows, stored, self._wordings, now)
            for i, result in enumerate(plan.results):
                if isinstance(result, InvalidField) and all_or_none:
                    raise InvalidField(
                        [
                            dataclasses.replace(v, field=v.field.replace("profile.", f"profiles[{i}].", 1))
                            for v in result.violations
                        ]
                    )
            if dry:
                return plan.results, 0
            for profile in plan.inserts:
                unit.insert(profile)
            for profile in plan.updates:
                unit.update(profile)
            by = current()
            for profile in (*plan.inserts, *plan.updates):
                fields = audit.differing(plan.originals.get(profile.id, Profile()), profile)
                unit.note(audit.entry(by, "import", profile.id, now, fields))
        CHANGES.labels("created").inc(len(plan.inserts))
        CHANGES.labels("updated").inc(len(plan.updates))
        revisions = {profile.id: profile.revision for profile in stored} | unit.revisions
        touched = [revisions[r.id] for r in plan.results if isinstance(r, ImportedRow) and r.id in revisions]
        return plan.results, max(touched, default=0)

    async def _locked(self, unit: Unit, identity: Identity, profile_id: str, etag: str) -> Profile:
        profile = access.seen(identity, await unit.lock(profile_id), profile_id)
        if etag and etag != profile.etag:
            raise StaleEtag(metadata={"resource": "profile", "id": profile_id})
        return profile

    async def _read(self, reader: Identity, profiles: Sequence[Profile]) -> None:
        """Write down who was read, before it is shown: what cannot be written down is not shown."""
        now = _now()
        if unseen := self._readers.unseen(reader, (profile.id for profile in profiles), now):
            await self._store.record_reads(unseen, reader, now)
            self._readers.saw(reader, unseen)

    async def _page(self, scope: str, identity: Identity, search: Search, page_size: int, page_token: str) -> Page:
        filters = dataclasses.asdict(search)
        key = paging.decode(page_token, f"profiles.{scope}", filters)
        before = None
        if key is not None:
            match key:
                case [int(revision)] if 0 < revision < 2**63:
                    before = revision
                case _:
                    raise InvalidPageToken
        which = _filter(identity, search)
        if which is None:
            return Page([], "")
        size = paging.page_size(page_size)
        found = await self._store.find(which, before, size + 1)
        page = _that_fit([access.seen(identity, profile, profile.id) for profile in found[:size]])
        await self._read(identity, page)
        more = len(found) > len(page)
        token = paging.encode(f"profiles.{scope}", filters, [found[len(page) - 1].revision]) if more else ""
        return Page(page, token)


def _that_fit(profiles: list[Profile]) -> list[Profile]:
    """The first profiles, up to the one with which they reach `PAGE_BYTES`."""
    size = 0
    for number, profile in enumerate(profiles, start=1):
        size += len(repr(profile).encode("utf-8", "replace"))  # never less than the message will have
        if size >= PAGE_BYTES:
            return profiles[:number]
    return profiles


def _filter(identity: Identity, search: Search) -> Filter | None:
    """What to look for on behalf of the caller; None where it can only be nothing."""
    organisation = search.organisation
    if identity.role is Role.COORDINATOR:
        if organisation not in ("", identity.organisation) or not identity.organisation:
            return None
        organisation = identity.organisation
    city = ""
    if search.city:
        found = cities.resolve(search.city)
        if found is None:
            raise InvalidField([rules.unknown_city("city", search.city)])
        city = found.name
    return Filter(
        organisation=organisation,
        consented=identity.role is Role.HR,
        city=city,
        industry=text.clean(search.industry),
        min_title_level=search.min_title_level,
        skill=text.clean(search.skill),
        mode=search.mode,
        number_key=text.fold(search.employee_number),
        words=tuple(dict.fromkeys(searchable(search.query).split())),
    )


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
