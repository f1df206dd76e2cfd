"""What was found of skills, kept for whoever asks next."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from time import monotonic

from yinling_matching.figures.domain import SkillGap

_MOST = 64
"""Answers that are kept."""

_PATIENCE = 10.0
"""An answer that took a second may be ten seconds old. So while the catalogue changes all the time, as in an import,
the answers take a tenth of one processor at most."""


@dataclass(frozen=True, slots=True)
class Skills:
    """What is asked for and offered in vain.

    Attributes:
        people: Ids of those whose skills are told of.
    """

    unmet: Sequence[SkillGap] = ()
    idle: Sequence[SkillGap] = ()
    people: Collection[str] = ()


@dataclass(slots=True)
class _Answer:
    state: object
    work: asyncio.Task[Skills]
    began: float
    ended: float | None = None


class Kept:
    """Keeps an answer for as long as nothing changes, and a little longer where it took long."""

    def __init__(self) -> None:
        self._answers: OrderedDict[object, _Answer] = OrderedDict()

    async def get(
        self, key: object, state: object, people: frozenset[str], find: Callable[[], Awaitable[Skills]]
    ) -> Skills:
        """The answer to a question, found now or before. What `find` raises passes through.

        Args:
            key: The question.
            state: Of what the answer depends on.
            people: Who is here. An answer that tells of somebody else is not given again, however new it is.
            find: Finds it. Whoever asks may give up: it goes on, and whoever asks next is given what it found.
        """
        answer = self._answers.get(key)
        if answer is None or not _holds(answer, state, people):
            answer = self._answers[key] = self._begin(state, find)
        self._answers.move_to_end(key)
        while len(self._answers) > _MOST:
            self._answers.popitem(last=False)
        return await asyncio.shield(answer.work)

    def forget(self) -> None:
        """Forget all of them: somebody was erased whose skills they may tell of."""
        self._answers.clear()

    def _begin(self, state: object, find: Callable[[], Awaitable[Skills]]) -> _Answer:
        async def work() -> Skills:
            return await find()

        answer = _Answer(state, asyncio.create_task(work()), monotonic())

        def ended(task: asyncio.Task[Skills]) -> None:
            answer.ended = monotonic()
            if not task.cancelled():
                task.exception()  # looked at, should nobody wait for it any more

        answer.work.add_done_callback(ended)
        return answer


def _holds(answer: _Answer, state: object, people: frozenset[str]) -> bool:
    if answer.ended is None:
        return True  # it is being found
    if answer.work.cancelled() or answer.work.exception():
        return False
    old = monotonic() - answer.ended > _PATIENCE * (answer.ended - answer.began)
    return people.issuperset(answer.work.result().people) and (answer.state == state or not old)
