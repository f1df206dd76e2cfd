"""Who read or changed whose data: what an entry says."""

import dataclasses
import datetime as dt
from collections.abc import Iterable

from yinling_common.identity import Identity, Role
from yinling_talent.domain import NESTED, SETTABLE, Profile

READS_AT_MOST = 200_000
"""Pairs of a reader and a person that are remembered inside one hour."""

PROFILE = "profile"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry; see the contract. `number` orders them, 0 until it is written."""

    time: dt.datetime
    subject: str
    role: str
    organisation: str
    action: str
    profile_id: str
    resource: str = PROFILE
    resource_id: str = ""
    fields: tuple[str, ...] = ()
    number: int = 0


def entry(by: Identity, action: str, profile_id: str, now: dt.datetime, fields: Iterable[str] = ()) -> Entry:
    """That somebody did something to a profile."""
    return Entry(
        time=now,
        subject=by.subject,
        role=by.role.value,
        organisation=by.organisation,
        action=action,
        profile_id=profile_id,
        fields=tuple(fields),
    )


def differing(old: Profile, new: Profile) -> list[str]:
    """Names of the fields that differ; of consent and contact the ones below them."""
    names = []
    for name in SETTABLE:
        before, after = getattr(old, name), getattr(new, name)
        if before == after:
            continue
        below = NESTED.get(name)
        if below is None:
            names.append(name)
        else:
            names += (f"{name}.{part}" for part in below if getattr(before, part) != getattr(after, part))
    return names


class Readers:
    """Remembers who has read whom in this hour, so that reading on writes nothing.

    Only a shortcut: the store itself keeps one entry a person, a reader and an hour.
    """

    def __init__(self) -> None:
        self._hour = dt.datetime.min
        self._seen: set[tuple[Identity, str]] = set()

    def unseen(self, reader: Identity, profile_ids: Iterable[str], now: dt.datetime) -> list[str]:
        """Whose reading has to be written down. What people read about themselves never is."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        if hour != self._hour or len(self._seen) > READS_AT_MOST:
            self._hour, self._seen = hour, set()
        return [
            profile_id
            for profile_id in profile_ids
            if not (reader.role is Role.RETIREE and reader.profile_id == profile_id)
            and (reader, profile_id) not in self._seen
        ]

    def saw(self, reader: Identity, profile_ids: Iterable[str]) -> None:
        """It is written down."""
        self._seen.update((reader, profile_id) for profile_id in profile_ids)

    def forget(self, profile_id: str) -> None:
        """The person is erased."""
        self._seen = {pair for pair in self._seen if pair[1] != profile_id}
