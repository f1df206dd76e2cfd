"""Use cases: people for a request, requests for a person, and how fresh the answer is."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from enum import Enum
from functools import partial
from time import perf_counter
from typing import TypeVar

from prometheus_client import Histogram

from yinling_common.errors import Forbidden, IndexBehind, InvalidField, NotFound, Violation
from yinling_common.identity import Identity, Role, current, require
from yinling_matching.catalogue import Catalogue
from yinling_matching.domain import MentoringRequest, RequestState, Requirement
from yinling_matching.handlers import Requests, as_seen, canonical
from yinling_matching.points import aligned, asked, telling
from yinling_matching.progress import Progress
from yinling_matching.ranking import Match, Question, Ranking, rank, rank_requests
from yinling_matching.repository import RequestFilter, RequestRepository, position_of
from yinling_matching.rules import shown_to_enterprise
from yinling_matching.scoring import Point
from yinling_matching.vectors import Vectors

T = TypeVar("T")

SECONDS = Histogram(
    "yinling_matching_suggest_seconds",
    "Time of a suggestion by its part",
    ["method", "part"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

CHINA = timezone(timedelta(hours=8))
"""Where a day begins and ends for the people concerned."""

_FULL_LIMIT = 100
_DEFAULT_LIMIT = 10
_LONGEST_WAIT = 5.0
_PAGE = 500


class Verdict(Enum):
    """Whether there was enough to go by."""

    RANKED = "ranked"
    NOT_ENOUGH_INFORMATION = "not enough information"
    NOBODY_ELIGIBLE = "nobody eligible"


@dataclass(frozen=True, slots=True)
class MentorSuggestions:
    """People for a request.

    Attributes:
        verdict: Whether there was enough to go by.
        ranking: Who.
        points: What was asked, in the order of each match's answers.
        full: Whether answers and checks are given.
    """

    verdict: Verdict
    ranking: Ranking
    points: Sequence[Requirement]
    full: bool


@dataclass(frozen=True, slots=True)
class RequestSuggestion:
    """A request for a person, with what it asks in the order of the match's answers."""

    request: MentoringRequest
    points: Sequence[Requirement]
    match: Match


@dataclass(frozen=True, slots=True)
class RequestSuggestions:
    """Requests for a person, best first."""

    suggestions: Sequence[RequestSuggestion]
    revision: int
    open_requests: int


@dataclass(frozen=True, slots=True)
class IndexState:
    """How fresh and how large the index is. The names are those of the contract."""

    revision: int
    caught_up: bool
    people: int
    facets: int
    model: str
    dimensions: int
    feed_time: datetime | None
    snapshot_time: datetime | None
    snapshot_revision: int
    texts_embedded: int


class Suggesting:
    """Finds people for requests and requests for people.

    Args:
        requests: For requests by id, as far as the caller may see them.
        repository: For the open ones.
        catalogue: Who there is.
        progress: How far the catalogue is.
        vectors: For the points of requests.
        compute: Threads in which ranking is done: it takes longer than the event loop may be blocked.
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
        compute: Executor,
        today: Callable[[], date] = lambda: datetime.now(CHINA).date(),
    ) -> None:
        self._requests = requests
        self._repository = repository
        self._catalogue = catalogue
        self._progress = progress
        self._vectors = vectors
        self._compute = compute
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
    ) -> MentorSuggestions:
        """People for a request.

        Args:
            target: Id of a kept request, or one that is not kept.
            limit: People at most; 0 means 10.
            full: With answers and checks.
            organisations: Only people kept by these; empty means all.
            min_revision: The catalogue must have it.
            time_left: Seconds until the caller gives up; None where unknown.
        """
        if full and limit > _FULL_LIMIT:
            message = f"at most {_FULL_LIMIT} in the FULL view; ask for the SCORES view to rank more"
            raise InvalidField([Violation("limit", "suggest.limit_full", message)])
        caller = require(Role.HR, Role.ADMIN)
        request = await self._target(caller, target)
        await self._wait(min_revision, time_left)
        points = request.points()
        question = await self._question(request, points)
        started = perf_counter()
        ranking = await self._in_thread(
            partial(
                rank,
                self._catalogue,
                question,
                today=self._today(),
                organisations=frozenset(organisations),
                limit=limit or _DEFAULT_LIMIT,
                explain=full,
            )
        )
        SECONDS.labels("SuggestMentors", "rank").observe(perf_counter() - started)
        if full:
            matches = [_for_enterprise(aligned(match, points)) for match in ranking.matches]
            ranking = replace(ranking, matches=matches)
        return MentorSuggestions(_verdict(question, ranking), ranking, asked(request, points), full)

    async def requests(
        self, profile_id: str, *, limit: int, min_revision: int, time_left: float | None
    ) -> RequestSuggestions:
        """Open requests for a person, for themselves, their coordinator or an administrator."""
        caller = require(Role.RETIREE, Role.COORDINATOR, Role.ADMIN)
        if caller.role is Role.RETIREE and caller.profile_id != profile_id:
            raise Forbidden("you can ask for your own profile only", metadata={"role": caller.role})
        await self._wait(min_revision, time_left)
        organisation = await self._in_thread(partial(self._organisation_of, profile_id))
        if organisation is None or (caller.role is Role.COORDINATOR and caller.organisation != organisation):
            raise NotFound("profile", profile_id)
        open_requests = await self._open_requests()
        questions = await self._questions(open_requests)
        found = await self._in_thread(
            partial(
                rank_requests,
                self._catalogue,
                profile_id,
                questions,
                today=self._today(),
                limit=limit or _DEFAULT_LIMIT,
            )
        )
        if found is None:  # gone since we looked
            raise NotFound("profile", profile_id)
        revision, matches = found
        suggestions = []
        for one in matches:
            request = as_seen(caller, one.question.request)
            points = request.points()
            suggestions.append(RequestSuggestion(request, asked(request, points), aligned(one.match, points)))
        return RequestSuggestions(suggestions, revision, len(open_requests))

    async def _target(self, caller: Identity, target: str | MentoringRequest) -> MentoringRequest:
        if isinstance(target, str):
            return await self._requests.get(target)
        request = canonical(target)
        if caller.role is Role.HR and request.organisation not in {"", caller.organisation}:
            raise Forbidden("you can ask for your own organisation only", metadata={"role": caller.role})
        return request

    async def _wait(self, min_revision: int, time_left: float | None) -> None:
        """Until the catalogue has the revision, but so long that the caller still hears that it has not."""
        patience = _LONGEST_WAIT if time_left is None else max(0.0, min(_LONGEST_WAIT, 0.8 * time_left))
        if not await self._progress.reached(min_revision, patience):
            raise IndexBehind(self._progress.revision, min_revision)

    async def _question(self, request: MentoringRequest, points: Sequence[Point]) -> Question:
        started = perf_counter()
        chosen = telling(points)
        vectors = await self._vectors.queries([point.text for point in chosen])
        SECONDS.labels("SuggestMentors", "embed").observe(perf_counter() - started)
        return Question(request, [point.kind for point in chosen], vectors)

    async def _questions(self, requests: Sequence[MentoringRequest]) -> list[Question]:
        """All at once: one look into the table and one call of the model, whatever the number of requests."""
        chosen = [telling(request.points()) for request in requests]
        vectors = await self._vectors.queries([point.text for points in chosen for point in points])
        questions, first = [], 0
        for request, points in zip(requests, chosen, strict=True):
            last = first + len(points)
            questions.append(Question(request, [point.kind for point in points], vectors[first:last]))
            first = last
        return questions

    async def _open_requests(self) -> list[MentoringRequest]:
        wanted = RequestFilter(states=frozenset({RequestState.OPEN}))
        found: list[MentoringRequest] = []
        while True:
            page = await self._repository.list(wanted, position_of(found[-1]) if found else None, _PAGE)
            found += page
            if len(page) < _PAGE:
                return found

    def _organisation_of(self, profile_id: str) -> str | None:
        with self._catalogue.reading() as view:
            entry = view.entry(profile_id)
            return entry.indexed.person.organisation if entry else None

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._compute, work)


def check_signed_in() -> None:
    """Anyone who is signed in may know how fresh the index is."""
    current()


def _verdict(question: Question, ranking: Ranking) -> Verdict:
    if not question.kinds:
        return Verdict.NOT_ENOUGH_INFORMATION
    return Verdict.RANKED if ranking.eligible else Verdict.NOBODY_ELIGIBLE


def _for_enterprise(match: Match) -> Match:
    return replace(match, outcomes=shown_to_enterprise(match.outcomes or {}))
