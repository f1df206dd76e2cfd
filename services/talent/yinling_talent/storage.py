"""What the use cases need of a store. `repository` is the real one, `testing` has one in memory."""

import dataclasses
import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from yinling_common.identity import Identity
from yinling_common.types import Mode, TitleLevel
from yinling_talent.audit import Entry
from yinling_talent.domain import Profile


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which profiles to list; what is empty does not count.

    Attributes:
        consented: Only those who agreed to be found.
        number_key: The folded employee number.
        words: Each must occur in the search text; as `domain.searchable` gives them.
    """

    organisation: str = ""
    consented: bool = False
    city: str = ""
    industry: str = ""
    min_title_level: TitleLevel = TitleLevel.UNSPECIFIED
    skill: str = ""
    mode: Mode = Mode.UNSPECIFIED
    number_key: str = ""
    words: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """The latest change of one profile. `profile` is None where followers drop it: deleted, or without consent."""

    revision: int
    profile_id: str
    profile: Profile | None


@dataclasses.dataclass(frozen=True, slots=True)
class Changes:
    """Changes after a revision, in order, and the revision of the newest change at that same moment."""

    head: int
    changes: tuple[Change, ...]


class Unit(ABC):
    """One unit of work: what was locked is nobody else's until the end, and all of it is written or nothing.

    Attributes:
        revisions: After the end, the new revision of each profile that was written, by id.
    """

    def __init__(self) -> None:
        self.revisions: dict[str, int] = {}
        self.inserted: dict[str, Profile] = {}
        self.updated: dict[str, Profile] = {}
        self.deleted: list[str] = []
        self.entries: list[Entry] = []

    @abstractmethod
    async def lock(self, profile_id: str) -> Profile | None:
        """One profile, as it is now."""

    @abstractmethod
    async def lock_matching(self, profiles: Sequence[Profile]) -> list[Profile]:
        """Every profile that shares organisation, and employee number or person key, with one of these.

        No other unit that has called this for the same organisation goes on before this one ends.
        """

    @abstractmethod
    async def tombstone(self, profile_id: str) -> int | None:
        """The revision with which somebody who is not here any more went; None where there never was anybody."""

    @abstractmethod
    async def forget(self, profile_id: str) -> None:
        """Make everything that the log says of a person anonymous, in this unit."""

    def note(self, entry: Entry) -> None:
        """Write an entry of the log at the end of the unit."""
        self.entries.append(entry)

    def insert(self, profile: Profile) -> None:
        """Write a new profile at the end of the unit."""
        self.inserted[profile.id] = profile

    def update(self, profile: Profile) -> None:
        """Write a locked profile at the end of the unit."""
        self.updated[profile.id] = profile

    def delete(self, profile_id: str) -> None:
        """Delete a locked profile at the end of the unit."""
        self.deleted.append(profile_id)


class ProfileStore(ABC):
    """Keeps profiles and their change feed.

    Everything raises DatabaseUnavailable where the store does not answer.
    """

    @abstractmethod
    def unit(self) -> AbstractAsyncContextManager[Unit]:
        """A unit of work, written at the end of the block unless it raises.

        Raises at its end:
            AlreadyExists: Another profile of the organisation has the employee number.
        """

    @abstractmethod
    async def get(self, profile_id: str) -> Profile | None:
        """One profile."""

    @abstractmethod
    async def find(self, which: Filter, before: int | None, limit: int) -> list[Profile]:
        """Profiles that pass, the latest change first, from below a revision on."""

    @abstractmethod
    async def changes(self, after: int, limit: int, *, removals_only: bool = False) -> Changes:
        """The first changes after a revision, at most `limit`; or of these only who followers drop."""

    @abstractmethod
    async def record_reads(self, profile_ids: Sequence[str], by: Identity, now: dt.datetime) -> None:
        """Write down that somebody read some profiles: once a person, a reader and an hour."""

    @abstractmethod
    async def audit(self, profile_id: str, before: int | None, limit: int) -> list[Entry]:
        """What the log says of a person, the newest first, from below a number on."""

    @abstractmethod
    async def tidy(self) -> None:
        """Give the room of deleted rows back at once, where that can be done: they lie in the files until then."""

    @abstractmethod
    async def ping(self) -> None:
        """Raise unless the store answers."""
