"""A store in memory that keeps the promises of the real one; both pass the same tests."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from yinling_common.errors import AlreadyExists
from yinling_talent.domain import Profile, number_key, person_key, search_text
from yinling_talent.feed import Bell
from yinling_talent.storage import Change, Changes, Filter, ProfileStore, Unit


class MemoryStore(ProfileStore):
    """Profiles in a dict. One unit of work at a time."""

    def __init__(self, bell: Bell | None = None) -> None:
        self.profiles: dict[str, Profile] = {}
        self.latest: dict[str, int] = {}
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

    async def ping(self) -> None:
        """See `ProfileStore`."""

    def _write(self, unit: Unit) -> None:
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


class _MemoryUnit(Unit):
    def __init__(self, store: MemoryStore) -> None:
        super().__init__()
        self._store = store

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
