"""The open requests, kept in this process from call to call: each is read and made ready to be compared once."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from yinling_matching.domain import MentoringRequest, RequestState
from yinling_matching.repository import RequestFilter, RequestRepository, position_of

T = TypeVar("T")

Prepare = Callable[[Sequence[MentoringRequest]], Awaitable[Sequence[T]]]
"""Makes requests ready, one result each in their order: embeds what they ask."""

_OPEN = RequestFilter(states=frozenset({RequestState.OPEN}))
_PAGE = 500


class OpenRequests(Generic[T]):
    """Reads the ids and etags of all open requests at each call, and of the requests only those that are new to it.

    So a change, a close or a delete counts from the next call on, on whichever replica it was made. Requests are made
    ready only when somebody asks for them: who judges the rules first embeds nothing that they leave out.

    Calls may overlap: at worst two of them do the same work.

    Args:
        repository: Where they are kept.
        prepare: Makes them ready.
        remembered: How many results are kept; the ones that were asked for last.
    """

    def __init__(self, repository: RequestRepository, prepare: Prepare[T], *, remembered: int = 5_000) -> None:
        self._repository = repository
        self._prepare = prepare
        self._remembered = remembered
        self._kept: dict[str, MentoringRequest] = {}
        self._prepared: OrderedDict[tuple[str, str], T] = OrderedDict()  # by id and etag

    async def current(self) -> list[MentoringRequest]:
        """All of them as they are now, the newest first. Raises DatabaseUnavailable."""
        etags = await self._repository.etags(_OPEN)
        before = self._kept
        now = {id_: before[id_] for id_, etag in etags.items() if id_ in before and before[id_].etag == etag}
        missing = [id_ for id_ in etags if id_ not in now]
        for first in range(0, len(missing), _PAGE):
            for request in await self._repository.read(missing[first : first + _PAGE]):
                if request.state is RequestState.OPEN:  # it may have been closed since its etag was read
                    now[request.id] = request
        self._kept = now
        for key in [key for key in self._prepared if key[0] not in now or now[key[0]].etag != key[1]]:
            del self._prepared[key]
        return sorted(now.values(), key=position_of, reverse=True)

    async def prepared(self, requests: Sequence[MentoringRequest]) -> list[T]:
        """The results for some of them, in their order. What `prepare` raises passes through."""
        keys = [(request.id, request.etag) for request in requests]
        found = {key: self._prepared[key] for key in keys if key in self._prepared}
        missing = {key: request for key, request in zip(keys, requests, strict=True) if key not in found}
        if missing:
            found |= zip(missing, await self._prepare(list(missing.values())), strict=True)
        for key in keys:
            self._prepared[key] = found[key]
            self._prepared.move_to_end(key)
        while len(self._prepared) > self._remembered:
            self._prepared.popitem(last=False)
        return [found[key] for key in keys]
