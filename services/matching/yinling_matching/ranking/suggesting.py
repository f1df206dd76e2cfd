"""Use cases: people for a request, and requests for a person."""

import asyncio
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TypeVar

from prometheus_client import Histogram

from yinling_common.errors import Forbidden, InvalidField, NotFound, Violation
from yinling_common.identity import Identity, Role, current, require
from yinling_matching import days
from yinling_matching.catalogue.catalogue import Catalogue
from yinling_matching.domain import HardRule, MentoringRequest
from yinling_matching.exposure.ledger import Ledger
from yinling_matching.following.progress import Progress
from yinling_matching.handlers import Requests, as_seen
from yinling_matching.privacy.reads import Looks
from yinling_matching.ranking.comparing import Question
from yinling_matching.ranking.listing import Asked
from yinling_matching.ranking.open_requests import OpenRequests
from yinling_matching.ranking.points import aligned, asked
from yinling_matching.ranking.questions import WeightsOf, questions, unweighed
from yinling_matching.ranking.ranking import Ranking, rank
from yinling_matching.ranking.requests_for import best_requests, look
from yinling_matching.ranking.suggestions import MentorSuggestions, RequestSuggestion, RequestSuggestions, Verdict
from yinling_matching.ranking.targets import unkept
from yinling_matching.repository import RequestRepository
from yinling_matching.rules.bitmaps import FEWEST_BODIES, not_of_few
from yinling_matching.rules.pairs import shown_to_enterprise
from yinling_matching.scoring import Point
from yinling_matching.vectors import Vectors

T = TypeVar("T")

SECONDS = Histogram(
    "yinling_matching_suggest_seconds",
    "Time of a suggestion by its part",
    ["method", "part"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

_FULL_LIMIT = 100
_DEFAULT_LIMIT = 10


class Suggesting:
    """Finds people for requests and requests for people.

    Args:
        requests: For requests by id, as far as the caller may see them.
        repository: For the open ones, and for who was asked.
        catalogue: Who there is.
        progress: How far the catalogue is.
        vectors: For the points of requests.
        weights_of: The weights that an organisation set.
        ledger: Who was shown how often, and what was said of them.
        compute: Threads in which ranking is done: it takes longer than the event loop may be blocked.
        looks: Told of who is shown where the ledger is not.
        today: The day it is.
    """

    def __init__(
        self,
        *,
        requests: Requests,
        repository: RequestRepository,
        catalogue: Catalogue,
        progress: Progress,
        vectors: Vectors,
        weights_of: WeightsOf,
        ledger: Ledger,
        compute: Executor,
        looks: Looks,
        today: Callable[[], date] = days.today,
    ) -> None:
        self._requests = requests
        self._repository = repository
        self._open = OpenRequests(repository, partial(unweighed, vectors))
        self._catalogue = catalogue
        self._progress = progress
        self._vectors = vectors
        self._weights_of = weights_of
        self._ledger = ledger
        self._compute = compute
        self._looks = looks
        self._today = today

    async def mentors(
        self,
        target: str | MentoringRequest,
        *,
        limit: int,
        full: bool,
        organisations: Collection[str],
        min_revision: int,
        time_left: float | None,
        leave_out_asked: bool = False,
    ) -> MentorSuggestions:
        """People for a request.

        Args:
            target: Id of a kept request, or one that is not kept.
            limit: People at most; 0 means 10.
            full: With everything that is told of a match.
            organisations: Only people kept by these; empty means all.
            min_revision: The catalogue must have it.
            time_left: Seconds until the caller gives up; None where unknown.
            leave_out_asked: Not who was asked for the kept request or offered themselves, whatever came of it.
        """
        if full and limit > _FULL_LIMIT:
            message = f"at most {_FULL_LIMIT} in the FULL view; ask for the SCORES view to rank more"
            raise InvalidField([Violation("limit", "suggest.limit_full", message)])
        caller = require(Role.HR, Role.ADMIN)
        request = await self._target(caller, target)
        await self._progress.wait(min_revision, time_left)
        points = request.points()
        with _timed("SuggestMentors", "embed"):
            question = (await questions(self._vectors, self._weights_of, [request]))[0]
        without = await self._repository.asked_for(request.id) if leave_out_asked and request.id else ()
        asked_for = Asked(self._today(), frozenset(organisations), limit or _DEFAULT_LIMIT, full, without)
        with _timed("SuggestMentors", "rank"):
            ranking = await self._in_thread(partial(rank, self._catalogue, question, asked_for, self._ledger))
        ranking = _without_bodies(ranking)
        if full:
            ranking = _for_enterprise(ranking, points)
            # Who stands under another was named too: after everybody who has a place of their own.
            under = [similar.person.id for match in ranking.matches for similar in match.similar]
            named = [*(match.person.id for match in ranking.matches), *under]
            if request.id and caller.role is Role.HR:
                self._ledger.record(request.id, named)
            else:
                await self._looks.note(caller, named)
        return MentorSuggestions(_verdict(question, ranking), ranking, asked(request, points), full, question.weights)

    async def requests(
        self, profile_id: str, *, limit: int, min_revision: int, time_left: float | None
    ) -> RequestSuggestions:
        """Open requests for a person, for themselves, their coordinator or an administrator."""
        caller = require(Role.RETIREE, Role.COORDINATOR, Role.ADMIN)
        if caller.role is Role.RETIREE and caller.profile_id != profile_id:
            raise Forbidden("you can ask for your own profile only", metadata={"role": caller.role})
        await self._progress.wait(min_revision, time_left)
        batches = await self._open.current()
        today = self._today()
        looked = await self._in_thread(partial(look, self._catalogue, profile_id, batches, today))
        if looked is None or (caller.role is Role.COORDINATOR and caller.organisation != looked.person.organisation):
            raise NotFound("profile", profile_id)
        with _timed("SuggestRequests", "embed"):
            for batch, suiting in looked.batches:
                await self._open.make_ready(batch, suiting.rows)
        set_by = await self._weights_of(looked.organisations)
        limit = limit or _DEFAULT_LIMIT
        with _timed("SuggestRequests", "rank"):
            found = await self._in_thread(partial(best_requests, self._catalogue, looked, set_by, today, limit))
        if found is None:  # gone since we looked
            raise NotFound("profile", profile_id)
        revision, matches = found
        suggestions = []
        for one in matches:
            request = as_seen(caller, one.question.request)
            points = request.points()
            suggestions.append(RequestSuggestion(request, asked(request, points), aligned(one.match, points)))
        return RequestSuggestions(suggestions, revision, looked.open_requests)

    async def _target(self, caller: Identity, target: str | MentoringRequest) -> MentoringRequest:
        if isinstance(target, str):
            return await self._requests.get(target)
        return unkept(caller, target)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._compute, work)


def check_signed_in() -> None:
    """Anyone who is signed in may know how fresh the index is."""
    current()


@contextmanager
def _timed(method: str, part: str) -> Iterator[None]:
    with SECONDS.labels(method, part).time():
        yield


def _verdict(question: Question, ranking: Ranking) -> Verdict:
    if not question.kinds:
        return Verdict.NOT_ENOUGH_INFORMATION
    return Verdict.RANKED if ranking.eligible else Verdict.NOBODY_ELIGIBLE


def _for_enterprise(ranking: Ranking, points: Sequence[Point]) -> Ranking:
    matches = (aligned(match, points) for match in ranking.matches)
    return replace(ranking, matches=[replace(match, outcomes=shown_to_enterprise(match.outcomes)) for match in matches])


def _without_bodies(ranking: Ranking) -> Ranking:
    """Without what would tell of somebody's body: of very few people a count is a person."""
    return replace(
        ranking,
        exclusions=[counted for one in ranking.exclusions if (counted := not_of_few(one))],
        relaxations=[
            one
            for one in ranking.relaxations
            if one.rule is not HardRule.PHYSICAL or one.strong + one.good >= FEWEST_BODIES
        ],
    )
