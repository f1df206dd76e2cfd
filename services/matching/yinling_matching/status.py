"""How the service is: for callers of IndexStatus, and for whoever decides whether to send it calls."""

from dataclasses import dataclass
from datetime import datetime

from yinling_common.database import Database
from yinling_matching.catalogue.catalogue import Catalogue
from yinling_matching.catalogue.keeper import Keeper
from yinling_matching.following.progress import Progress
from yinling_matching.vectors import Vectors

_TOO_SILENT = 30.0
"""Seconds without a word of the feed, after which answers are too old to be given unasked."""

_TOO_LONG = 90.0
"""Seconds in which nothing could be applied. A batch of long profiles takes a slow machine a minute."""


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


class Status:
    """Reads it from the parts."""

    def __init__(
        self, *, database: Database, catalogue: Catalogue, progress: Progress, vectors: Vectors, keeper: Keeper
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._progress = progress
        self._vectors = vectors
        self._keeper = keeper

    def index(self) -> IndexState:
        """How fresh and how large the index is."""
        return IndexState(
            revision=self._progress.revision,
            caught_up=self._progress.caught_up,
            people=len(self._catalogue),
            facets=self._catalogue.facets,
            model=self._vectors.embedder.name,
            dimensions=self._vectors.embedder.dimensions,
            feed_time=self._progress.feed_time,
            snapshot_time=self._keeper.time,
            snapshot_revision=self._keeper.revision,
            texts_embedded=self._vectors.embedded,
        )

    async def health(self) -> dict[str, str | None]:
        """What is wrong with each part; None where nothing is. Raises DatabaseUnavailable."""
        await self._database.ping()
        return {"database": None, "index": self._index_problem()}

    def _index_problem(self) -> str | None:
        """A short silence is no reason to stop: an answer that is seconds old is better than none."""
        if not self._progress.complete:
            return f"the index is being built; it is at revision {self._progress.revision}"
        if (silence := self._progress.silence()) > _TOO_SILENT:
            return f"the profile feed has been silent for {silence:.0f} s"
        if (standstill := self._progress.standstill()) > _TOO_LONG:
            return f"nothing that the profile feed says could be applied for {standstill:.0f} s"
        return None
