"""Fakes of what matching stands on. They ship with the package and pass the same tests as the real ones."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import suppress

import numpy as np
from typing_extensions import override

from yinling_common.errors import NotFound, WrongState
from yinling_common.identity import Identity
from yinling_matching.domain import MentoringRequest, OrganisationSettings, Person, ReviseRequest
from yinling_matching.engaging.audit import OURSELVES
from yinling_matching.engaging.once import NO_CALL, Call, check_same
from yinling_matching.following.feed import CaughtUp, Changed, Event, Feed, Gone
from yinling_matching.repository import (
    CheckRequest,
    EmbeddingRepository,
    Floats,
    Position,
    RequestFilter,
    RequestRepository,
    position_of,
)
from yinling_matching.settings_repository import ReviseSettings, SettingsRepository

_HEARTBEAT = 1.0
"""Seconds between two words that there is nothing new, as the real feed has it."""


class MemoryRequestRepository(RequestRepository):
    """Requests in a dict.

    Attributes:
        parts: Who has a part in a request: its id, the person, and the organisation that keeps their profile.
    """

    def __init__(self) -> None:
        self.parts: set[tuple[str, str, str]] = set()
        self._kept: dict[str, MentoringRequest] = {}
        self._answered: dict[tuple[str, str], tuple[Call, MentoringRequest]] = {}

    @override
    async def create(
        self,
        request: MentoringRequest,
        by: Identity = OURSELVES,
        call: Call = NO_CALL,
        check: CheckRequest = lambda request: None,
    ) -> MentoringRequest:
        if before := self._before(by, call):
            return before
        check(request)
        self._kept[request.id] = request
        return self._answer(by, call, request)

    @override
    async def get(self, request_id: str) -> MentoringRequest | None:
        return self._kept.get(request_id)

    @override
    async def update(
        self, request_id: str, revise: ReviseRequest, by: Identity = OURSELVES, call: Call = NO_CALL
    ) -> MentoringRequest:
        if before := self._before(by, call):
            return before
        kept = self._kept.get(request_id)
        if kept is None:
            raise NotFound("mentoring_request", request_id)
        self._kept[request_id] = revise(kept)
        return self._answer(by, call, self._kept[request_id])

    @override
    async def has_part(self, request_id: str, profile_id: str, office: str) -> bool:
        of_request = [part for part in self.parts if part[0] == request_id]
        return any(profile_id in {"", part[1]} and office in {"", part[2]} for part in of_request)

    @override
    async def asked_for(self, request_id: str) -> frozenset[str]:
        return frozenset(profile_id for request, profile_id, _ in self.parts if request == request_id)

    @override
    async def delete(self, request_id: str, check: CheckRequest, by: Identity = OURSELVES) -> bool:
        kept = self._kept.get(request_id)
        if kept is None:
            return False
        check(kept)
        del self._kept[request_id]
        return True

    @override
    async def list(self, wanted: RequestFilter, after: Position | None, limit: int) -> list[MentoringRequest]:
        found = [one for one in self._wanted(wanted) if after is None or position_of(one) < after]
        return sorted(found, key=position_of, reverse=True)[:limit]

    @override
    async def etags(self, wanted: RequestFilter) -> dict[str, str]:
        return {one.id: one.etag for one in self._wanted(wanted)}

    @override
    async def version(self, wanted: RequestFilter) -> str:
        return str(sorted((await self.etags(wanted)).items()))

    @override
    async def read(self, request_ids: Collection[str]) -> Sequence[MentoringRequest]:
        return [self._kept[id_] for id_ in request_ids if id_ in self._kept]

    def _before(self, by: Identity, call: Call) -> MentoringRequest | None:
        known = self._answered.get((by.subject, call.key)) if call.key else None
        if known is None:
            return None
        check_same(call, known[0].method, known[0].body)
        return known[1]

    def _answer(self, by: Identity, call: Call, reply: MentoringRequest) -> MentoringRequest:
        if call.key:
            self._answered[by.subject, call.key] = call, reply
        return reply

    def _wanted(self, wanted: RequestFilter) -> Iterator[MentoringRequest]:
        for request in self._kept.values():
            in_state = not wanted.states or request.state in wanted.states
            if in_state and wanted.organisation in {"", request.organisation}:
                yield request


class MemorySettingsRepository(SettingsRepository):
    """Settings in a dict."""

    def __init__(self) -> None:
        self._kept: dict[str, OrganisationSettings] = {}

    @override
    async def get(self, organisation: str) -> OrganisationSettings:
        return self._kept.get(organisation) or OrganisationSettings(organisation)

    @override
    async def get_several(self, organisations: Collection[str]) -> Sequence[OrganisationSettings]:
        found = [await self.get(name) for name in organisations]
        return [one for one in found if one.organisation in self._kept]

    @override
    async def update(self, organisation: str, revise: ReviseSettings) -> OrganisationSettings:
        self._kept[organisation] = revise(await self.get(organisation))
        return self._kept[organisation]


class MemoryEmbeddingRepository(EmbeddingRepository):
    """Vectors in a dict.

    Attributes:
        positions: Noted, by follower: model, revision, people.
    """

    def __init__(self) -> None:
        self._vectors: dict[tuple[str, bytes], Floats] = {}
        self.positions: dict[str, tuple[str, int, int]] = {}

    @override
    async def find(self, model: str, keys: Sequence[bytes]) -> dict[bytes, Floats]:
        return {key: self._vectors[model, key] for key in keys if (model, key) in self._vectors}

    @override
    async def store(self, model: str, vectors: Mapping[bytes, Floats]) -> None:
        for key, vector in vectors.items():
            self._vectors.setdefault((model, key), np.array(vector, dtype=np.float32))

    @override
    async def record_position(self, follower: str, model: str, revision: int, people: int) -> None:
        self.positions[follower] = (model, revision, people)


class FakeFeed(Feed):
    """A feed that says what the test makes happen; like the real one, each person once, as they are now."""

    def __init__(self) -> None:
        self.revision = 0
        self.streams = 0
        self._last: dict[str, Event] = {}
        self._changed = asyncio.Event()
        self._broken: Exception | None = None

    def put(self, *people: Person) -> int:
        """People are new or changed; returns the revision."""
        for person in people:
            self.revision += 1
            self._last[person.id] = Changed(person, self.revision)
        self._wake()
        return self.revision

    def remove(self, person_id: str) -> int:
        """A person is gone; returns the revision."""
        self.revision += 1
        self._last[person_id] = Gone(person_id, self.revision)
        self._wake()
        return self.revision

    def skip(self) -> int:
        """A revision that was rolled back."""
        self.revision += 1
        self._wake()
        return self.revision

    def forget(self, revision: int) -> None:
        """The database behind it is restored to an older state."""
        self._last = {key: event for key, event in self._last.items() if event.revision <= revision}
        self.revision = revision
        self._wake()

    def break_streams(self, error: Exception) -> None:
        """Every open stream fails."""
        self._broken = error
        self._wake()

    @override
    async def watch(self, after: int, *, removals_only: bool = False) -> AsyncIterator[Event]:
        self.streams += not removals_only
        self._broken = None
        while True:
            changed, head = self._changed, self.revision
            if head < after:
                raise WrongState(f"at revision {head}", f"at least {after}")
            for event in sorted(self._last.values(), key=lambda event: event.revision):
                if event.revision > after and (isinstance(event, Gone) or not removals_only):
                    yield event
            after = head  # what came while these were taken is still to be said
            yield CaughtUp(after)
            with suppress(TimeoutError):  # not wait_for, which can lose a cancellation in Python 3.11
                async with asyncio.timeout(_HEARTBEAT):
                    await changed.wait()
            if self._broken is not None:
                raise self._broken

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
