"""The use case: people for a whole cohort of requests."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from datetime import date
from functools import partial
from time import perf_counter
from typing import TypeVar

from prometheus_client import Histogram

from yinling_common.errors import Forbidden, InvalidField, Violation
from yinling_common.identity import Identity, Role, require
from yinling_matching.catalogue.catalogue import Catalogue
from yinling_matching.cohort.domain import Assignments, Cohort, Wanted, of_request
from yinling_matching.cohort.explaining import explain
from yinling_matching.cohort.fixing import check_fixed, check_pairs
from yinling_matching.cohort.gathering import Gathered, Gathering
from yinling_matching.cohort.settling import settle
from yinling_matching.days import today as today_in_china
from yinling_matching.domain import MentoringRequest
from yinling_matching.exposure.ledger import Ledger
from yinling_matching.following.progress import Progress
from yinling_matching.handlers import Requests
from yinling_matching.privacy.reads import Looks
from yinling_matching.ranking.comparing import Question
from yinling_matching.ranking.questions import WeightsOf
from yinling_matching.ranking.questions import questions as questions_of
from yinling_matching.ranking.targets import unkept
from yinling_matching.vectors import Vectors

T = TypeVar("T")

SECONDS = Histogram(
    "yinling_matching_cohort_seconds",
    "Time of assigning a cohort by its part",
    ["part"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000),
)

_AT_ONCE = 8
"""Requests that are scored before looking whether somebody still waits, and before another cohort has a turn."""

_READ_AT_ONCE = 4
"""Kept requests that are read at once: other calls need connections too."""


class Assigning:
    """Assigns people to cohorts.

    Args:
        requests: For requests by id, as far as the caller may see them.
        catalogue: Who there is.
        progress: How far the catalogue is.
        vectors: For the points of requests.
        weights_of: The weights that organisations set.
        ledger: What was said of people; told of those assigned to each kept request.
        compute: Threads in which cohorts are computed. Not those of suggestions, which would wait for minutes.
        looks: Told of those who are assigned to the others.
        today: The day it is.
    """

    def __init__(
        self,
        *,
        requests: Requests,
        catalogue: Catalogue,
        progress: Progress,
        vectors: Vectors,
        weights_of: WeightsOf,
        ledger: Ledger,
        compute: Executor,
        looks: Looks,
        today: Callable[[], date] = today_in_china,
    ) -> None:
        self._requests = requests
        self._catalogue = catalogue
        self._progress = progress
        self._vectors = vectors
        self._compute = compute
        self._weights_of = weights_of
        self._ledger = ledger
        self._looks = looks
        self._today = today

    async def assign(self, cohort: Cohort, *, min_revision: int = 0, time_left: float | None = None) -> Assignments:
        """Assign people to a cohort. Ends soon after the caller has gone away.

        Args:
            cohort: What is asked.
            min_revision: The catalogue must have it.
            time_left: Seconds until the caller gives up; None where unknown.
        """
        caller = require(Role.HR, Role.ADMIN)
        check_pairs(cohort)
        requests = await self._targets(caller, cohort.requests)
        await self._progress.wait(min_revision, time_left)
        today = self._today()
        # At once, and again at the end: nobody shall wait for minutes to hear of a wrong pair.
        await self._in_thread(partial(self._check, cohort, requests, today))
        with SECONDS.labels("embed").time():
            questions = await questions_of(self._vectors, self._weights_of, requests)
        gathered = await self._gather(cohort, questions, today)
        with SECONDS.labels("solve").time():
            settled = await self._in_thread(partial(settle, self._catalogue, cohort, requests, gathered, today))
            found = await self._in_thread(partial(explain, cohort, questions, gathered, settled))
        await self._tell(caller, requests, found)
        return found

    async def _gather(self, cohort: Cohort, questions: Sequence[Question], today: date) -> Gathered:
        started = perf_counter()
        gathering = Gathering(self._catalogue, cohort, questions, today, self._ledger)
        while await self._in_thread(partial(gathering.take, _AT_ONCE)):
            pass
        SECONDS.labels("score").observe(perf_counter() - started)
        return gathering.gathered

    async def _targets(self, caller: Identity, wanted: Sequence[Wanted]) -> list[MentoringRequest]:
        _check_named_once(wanted)
        found: list[MentoringRequest] = []
        for first in range(0, len(wanted), _READ_AT_ONCE):
            numbers = range(first, min(first + _READ_AT_ONCE, len(wanted)))
            reading = [self._target(caller, number, wanted[number].target) for number in numbers]
            answers = await asyncio.gather(*reading, return_exceptions=True)
            for answer in answers:
                if isinstance(answer, BaseException):
                    raise answer
                found.append(answer)
        return found

    async def _target(self, caller: Identity, number: int, target: str | MentoringRequest) -> MentoringRequest:
        if isinstance(target, str):
            return await self._requests.get(target)
        try:
            return replace(unkept(caller, target), id="")
        except InvalidField as error:
            raise of_request(number, error) from error
        except Forbidden as error:
            error.metadata["field"] = f"requests[{number}].mentoring_request.organisation"
            raise

    def _check(self, cohort: Cohort, requests: Sequence[MentoringRequest], today: date) -> None:
        with self._catalogue.reading() as view:
            check_fixed(view, cohort, requests, today)

    async def _tell(self, caller: Identity, requests: Sequence[MentoringRequest], found: Assignments) -> None:
        people: dict[str, list[str]] = {}
        for one in found.assigned:
            people.setdefault(requests[one.request].id, []).append(one.person_id)
        if others := people.pop("", None):
            await self._looks.note(caller, others)
        for request_id, assigned in people.items():
            self._ledger.record(request_id, assigned)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._compute, work)


def _check_named_once(wanted: Sequence[Wanted]) -> None:
    first: dict[str, int] = {}
    for number, one in enumerate(wanted):
        if isinstance(one.target, str) and (before := first.setdefault(one.target, number)) != number:
            message = (
                f"与 requests[{before}] 是同一个需求；请合并，并相应增加 mentors。"
                f"It is that of requests[{before}]; name it once, with all the mentors it wants"
            )
            raise InvalidField([Violation(f"requests[{number}].request_id", "cohort.request_twice", message)])
