"""The use case: the figures of a period, for whoever may have them."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import date

from prometheus_client import Histogram

from yinling_common.errors import ServiceUnavailable
from yinling_common.identity import Role
from yinling_matching.catalogue.catalogue import Catalogue
from yinling_matching.days import today as today_in_china
from yinling_matching.exposure.ledger import Ledger
from yinling_matching.figures.asking import asked_points
from yinling_matching.figures.domain import FEWEST, By, Figures, Period, Scope, period_of, scope_of
from yinling_matching.figures.gaps import find_gaps
from yinling_matching.figures.grouping import idle_supply, unmet_demand
from yinling_matching.figures.kept import Kept, Skills
from yinling_matching.figures.repository import Asked, FiguresRepository
from yinling_matching.following.progress import Progress
from yinling_matching.vectors import Vectors

SECONDS = Histogram(
    "yinling_matching_figures_seconds",
    "Time of figures by their part",
    ["part"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)


class Reporting:
    """Answers GetFigures.

    What is said of skills is worked out one after the other, in a thread of its own, so that it never takes more than
    one processor from the suggestions; and it is kept, see `Kept`.

    Args:
        repository: For what is counted.
        catalogue: Who there is.
        progress: Whether that is everybody.
        vectors: For the texts of requests.
        ledger: What this process shows goes through it.
        work: One thread.
        today: The day it is.
    """

    def __init__(
        self,
        *,
        repository: FiguresRepository,
        catalogue: Catalogue,
        progress: Progress,
        vectors: Vectors,
        ledger: Ledger,
        work: Executor,
        today: Callable[[], date] = today_in_china,
    ) -> None:
        self._repository = repository
        self._catalogue = catalogue
        self._progress = progress
        self._vectors = vectors
        self._ledger = ledger
        self._work = work
        self._today = today
        self._kept = Kept()

    async def figures(
        self, first: date | None, last: date | None, organisation: str, by: By, *, without_skills: bool = False
    ) -> Figures:
        """The figures of a period.

        Args:
            first: None for 90 days before the last.
            last: None for today.
            organisation: Empty for all that the caller may see.
            by: What the organisation is.
            without_skills: Leave out what takes the most time.

        Raises:
            Forbidden: They are not the caller's.
            InvalidField: The period is none.
            ServiceUnavailable: Not everybody is in the catalogue yet, so that nobody would offer anything.
        """
        scope = scope_of(organisation, by)
        period = period_of(first, last, self._today())
        if not self._progress.complete:
            raise ServiceUnavailable("the index is being built: not everybody is there yet; try again shortly")
        people = await asyncio.to_thread(self._people, scope.office)
        await self._ledger.write()  # somebody may have been shown a moment ago
        with SECONDS.labels("count").time():
            counted = await self._repository.count(scope, period, people)
        skills = Skills() if without_skills else await self._skills(scope, period, frozenset(people))
        return Figures(period, scope, counted, len(people), skills.unmet, skills.idle)

    def forget(self) -> None:
        """Forget what was found of people's skills."""
        self._kept.forget()

    def _people(self, office: str) -> list[str]:
        with self._catalogue.reading() as view:
            people = (entry.indexed.person for entry in view.entries())
            return [person.id for person in people if office in {"", person.organisation}]

    async def _skills(self, scope: Scope, period: Period, people: frozenset[str]) -> Skills:
        asked = await self._repository.asked(scope, period)
        fewest = FEWEST if scope.reader is Role.HR else 1
        requests = frozenset((request.id, request.etag) for request in asked.requests)
        key = (scope.office, fewest, asked.unfilled, requests)
        return await self._kept.get(key, self._state(), people, lambda: self._find(asked, scope.office, fewest))

    def _state(self) -> tuple[int, int, int]:
        """Changes with everything that changes the catalogue. Who is taken out ahead changes the number of people."""
        return self._catalogue.generation, self._catalogue.revision, len(self._catalogue)

    async def _find(self, asked: Asked, office: str, fewest: int) -> Skills:
        with SECONDS.labels("skills").time():
            points = await asked_points(self._vectors, asked)

            def work() -> Skills:
                unmet, idle = find_gaps(self._catalogue, points, office)
                told, people = idle_supply(idle, fewest)
                return Skills(unmet_demand(unmet), told, people)

            return await asyncio.get_running_loop().run_in_executor(self._work, work)
