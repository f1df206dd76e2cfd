"""A store in memory that keeps the promises of the real one; both pass the same tests."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from yinling_common.errors import AlreadyExists
from yinling_common.identity import Identity, Role
from yinling_talent import audit
from yinling_talent.audit import Entry
from yinling_talent.domain import Profile, number_key, person_key, search_text
from yinling_talent.feed import Bell
from yinling_talent.storage import Change, Changes, Filter, ProfileStore, Unit


class MemoryStore(ProfileStore):
    """Profiles in a dict. One unit of work at a time."""

    def __init__(self, bell: Bell | None = None) -> None:
        self.profiles: dict[str, Profile] = {}
        self.latest: dict[str, int] = {}
        self.log: list[Entry] = []
        self.head = 0
        self._bell = bell
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[Unit]:
        """See `ProfileStore`."""
        async with self._lock:
            unit = _MemoryUnit(self)
            yield unit
            self._write(unit)
        if self._bell:
            self._bell.ring()

    async def get(self, profile_id: str) -> Profile | None:
        """See `ProfileStore`."""
        return self.profiles.get(profile_id)

    async def find(self, which: Filter, before: int | None, limit: int) -> list[Profile]:
        """See `ProfileStore`."""
        found = [p for p in self.profiles.values() if _passes(which, p) and (before is None or p.revision < before)]
        return sorted(found, key=lambda p: -p.revision)[:limit]

    async def changes(self, after: int, limit: int, *, removals_only: bool = False) -> Changes:
        """See `ProfileStore`."""
        newer = sorted((revision, id_) for id_, revision in self.latest.items() if revision > after)
        changes = []
        for revision, id_ in newer:
            profile = self.profiles.get(id_)
            shown = profile if profile and profile.consent.granted else None
            if shown is None or not removals_only:
                changes.append(Change(revision, id_, shown))
        return Changes(self.head, tuple(changes[:limit]))

    async def record_reads(self, profile_ids: Sequence[str], by: Identity, now: dt.datetime) -> None:
        """See `ProfileStore`."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        told = {(e.profile_id, e.subject) for e in self.log if e.action == "read" and e.time >= hour}
        for profile_id in sorted(set(profile_ids) & set(self.profiles)):
            if (profile_id, by.subject) not in told:
                self.write_down([audit.entry(by, "read", profile_id, now)])

    async def audit(self, profile_id: str, before: int | None, limit: int) -> list[Entry]:
        """See `ProfileStore`."""
        found = [e for e in self.log if e.profile_id == profile_id and (before is None or e.number < before)]
        return found[::-1][:limit]

    def write_down(self, entries: Sequence[Entry]) -> None:
        """Add to the log."""
        self.log += (dataclasses.replace(e, number=len(self.log) + n) for n, e in enumerate(entries, 1))

    async def tidy(self) -> None:
        """See `ProfileStore`."""

    async def ping(self) -> None:
        """See `ProfileStore`."""

    def _write(self, unit: _MemoryUnit) -> None:
        written = unit.inserted | unit.updated
        after = {id_: p for id_, p in (self.profiles | written).items() if id_ not in unit.deleted}
        numbers = [(p.organisation, number_key(p)) for p in after.values() if number_key(p)]
        if len(numbers) != len(set(numbers)):
            raise AlreadyExists("profile", "with the employee number")
        for id_ in [*written, *unit.deleted]:
            self.head += 1
            self.latest[id_] = unit.revisions[id_] = self.head
            if id_ in after:
                after[id_] = dataclasses.replace(after[id_], revision=self.head)
        self.profiles = after
        self.log = [_anonymous(e) if e.profile_id in unit.forgotten else e for e in self.log]
        self.write_down(unit.entries)


class _MemoryUnit(Unit):
    def __init__(self, store: MemoryStore) -> None:
        super().__init__()
        self._store = store
        self.forgotten: set[str] = set()

    async def tombstone(self, profile_id: str) -> int | None:
        return None if profile_id in self._store.profiles else self._store.latest.get(profile_id)

    async def forget(self, profile_id: str) -> None:
        self.forgotten.add(profile_id)

    async def lock(self, profile_id: str) -> Profile | None:
        return self._store.profiles.get(profile_id)

    async def lock_matching(self, profiles: Sequence[Profile]) -> list[Profile]:
        organisations = {p.organisation for p in profiles}
        numbers = {number_key(p) for p in profiles} - {""}
        persons = {person_key(p) for p in profiles}
        return [
            p
            for _, p in sorted(self._store.profiles.items())
            if p.organisation in organisations and (number_key(p) in numbers or person_key(p) in persons)
        ]


def _anonymous(entry: Entry) -> Entry:
    subject = "" if entry.role == Role.RETIREE else entry.subject
    return dataclasses.replace(entry, profile_id="", resource_id="", subject=subject)


def _passes(which: Filter, p: Profile) -> bool:
    found_in = search_text(p)
    return all(
        (
            which.organisation in ("", p.organisation),
            p.consent.granted or not which.consented,
            which.city in ("", p.city),
            which.industry in ("", p.industry),
            p.title_level >= which.min_title_level,
            not which.skill or which.skill in p.skills,
            not which.mode or not p.modes or which.mode in p.modes,
            which.number_key in ("", number_key(p)),
            all(word in found_in for word in which.words),
        )
    )
