"""The open requests, kept in this process from call to call: each is read and made ready to be compared once."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from operator import is_

from yinling_matching.domain import MentoringRequest, RequestState
from yinling_matching.ranking.comparing import Question
from yinling_matching.ranking.packed import Packed
from yinling_matching.repository import RequestFilter, RequestRepository, position_of
from yinling_matching.rules.request_columns import RequestColumns

Prepare = Callable[[Sequence[MentoringRequest]], Awaitable[Sequence[Question]]]
"""Makes requests ready, one question each in their order: embeds what they ask."""

_OPEN = RequestFilter(states=frozenset({RequestState.OPEN}))
_PAGE = 500


class Batch:
    """Some of the open requests, and what was made of them. A change of one of them makes another batch.

    Attributes:
        requests: Which.
        questions: What they ask, in their order; None for those that are not ready.
    """

    def __init__(self, requests: Sequence[MentoringRequest], questions: Sequence[Question | None]) -> None:
        self.requests = requests
        self.questions = list(questions)
        self._packed: Packed | None = None

    @cached_property
    def columns(self) -> RequestColumns:
        """The requests as the rules see them."""
        return RequestColumns(self.requests)

    def packed(self) -> Packed:
        """Those that are ready, in arrays; made again where more are ready by now. From any thread."""
        questions = list(self.questions)
        kept = self._packed
        if kept is None or not all(map(is_, kept.questions, questions)):
            self._packed = kept = Packed(self.requests, questions)
        return kept


class OpenRequests:
    """Asks at each call whether any open request is another than before, and reads only those that are.

    So a change, a close or a delete counts from the next call on, on whichever replica it was made. Requests are made
    ready only when somebody asks for them: who judges the rules first embeds nothing that they leave out.

    Calls may overlap: at worst two of them do the same work.

    Args:
        repository: Where they are kept.
        prepare: Makes them ready.
        size: Requests in a batch at most: a change of one means that a batch is packed again.
        remembered: Batches that stay ready from call to call, 40 KB a request. What is open beside them is made ready
            by each call for itself.
    """

    def __init__(
        self, repository: RequestRepository, prepare: Prepare, *, size: int = 500, remembered: int = 20
    ) -> None:
        self._repository = repository
        self._prepare = prepare
        self._size = size
        self._remembered = remembered
        self._version = ""
        self._batches: Sequence[Batch] = ()

    async def current(self) -> Sequence[Batch]:
        """All of them as they are now. Raises DatabaseUnavailable."""
        version = await self._repository.version(_OPEN)
        if version != self._version:
            # What is read from here on is as new as the version or newer, and then the next call looks again.
            self._batches, self._version = self._batched(self._batches, await self._read()), version
        more = (Batch(one.requests, one.questions) for one in self._batches[self._remembered :])
        return [*self._batches[: self._remembered], *more]

    async def make_ready(self, batch: Batch, rows: Iterable[int]) -> None:
        """Make some requests of a batch ready, those that are not. What `prepare` raises passes through."""
        missing = [row for row in rows if batch.questions[row] is None]
        if missing:
            made = await self._prepare([batch.requests[row] for row in missing])
            for row, question in zip(missing, made, strict=True):
                batch.questions[row] = question

    async def _read(self) -> Mapping[str, MentoringRequest]:
        etags = await self._repository.etags(_OPEN)
        before = {one.id: one for batch in self._batches for one in batch.requests}
        now = {id_: before[id_] for id_, etag in etags.items() if id_ in before and before[id_].etag == etag}
        missing = [id_ for id_ in etags if id_ not in now]
        for first in range(0, len(missing), _PAGE):
            for request in await self._repository.read(missing[first : first + _PAGE]):
                if request.state is RequestState.OPEN:  # it may have been closed since its etag was read
                    now[request.id] = request
        return now

    def _batched(self, before: Sequence[Batch], now: Mapping[str, MentoringRequest]) -> Sequence[Batch]:
        """The requests in batches: those from before stay as far as they can, so that little is packed again."""
        mostly_holes = len(before) > 1 and len(now) < self._size * len(before) / 4
        batches = [] if mostly_holes else [left for batch in before if (left := _left(batch, now)).requests]
        placed = {one.id for batch in batches for one in batch.requests}
        fresh = sorted((one for id_, one in now.items() if id_ not in placed), key=position_of)
        if fresh and batches and len(batches[-1].requests) < self._size:
            fresh = [*batches.pop().requests, *fresh]
        known = {one.id: question for batch in before for one, question in _as_they_are(batch, now)}
        for first in range(0, len(fresh), self._size):
            part = fresh[first : first + self._size]
            batches.append(Batch(part, [known.get(one.id) for one in part]))
        return batches


def _left(batch: Batch, now: Mapping[str, MentoringRequest]) -> Batch:
    """What of a batch is as it was."""
    left = list(_as_they_are(batch, now))
    if len(left) == len(batch.requests):
        return batch
    return Batch([one for one, _ in left], [question for _, question in left])


def _as_they_are(
    batch: Batch, now: Mapping[str, MentoringRequest]
) -> Iterator[tuple[MentoringRequest, Question | None]]:
    pairs = zip(batch.requests, batch.questions, strict=True)
    return ((one, question) for one, question in pairs if now.get(one.id) is one)
