"""People and open requests, and the two ways to put them together."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np

from bench.pieces import in_pieces
from bench.smoke import people
from yinling_common.database import Database
from yinling_common.identity import Identity, Role
from yinling_common.migrations import migrate
from yinling_common.types import Mode, PhysicalDemand
from yinling_matching.bootstrap import migration_files
from yinling_matching.catalogue.catalogue import Catalogue
from yinling_matching.catalogue.entries import Indexed, Put
from yinling_matching.catalogue.facets import facets_of
from yinling_matching.converters.profiles import person
from yinling_matching.days import today
from yinling_matching.domain import Importance, MentoringRequest, Person, RequestState, Requirement
from yinling_matching.embedding import Embedder
from yinling_matching.exposure.ledger import Ledger
from yinling_matching.exposure.repository import SqlLedgerRepository
from yinling_matching.following.progress import Progress
from yinling_matching.handlers import Requests
from yinling_matching.index import FlatIndex
from yinling_matching.organisation_settings import SettingsOfOrganisations
from yinling_matching.privacy.reads import Looks, Reads
from yinling_matching.ranking.comparing import Question
from yinling_matching.ranking.offers import rank_requests
from yinling_matching.ranking.questions import unweighed, weighed
from yinling_matching.ranking.suggesting import Suggesting
from yinling_matching.ranking.wanted import feasible
from yinling_matching.repository import RequestFilter, SqlEmbeddingRepository, SqlRequestRepository
from yinling_matching.request_rows import insert_request
from yinling_matching.settings import SCHEMA
from yinling_matching.settings_repository import SqlSettingsRepository
from yinling_matching.vectors import Vectors
from yinling_talent.converters import profile_to
from yinling_talent.roster import RosterRow, read_roster

Answer = list[tuple[str, float, int]]
"""Of each suggestion the request, the score, and how many of its points are answered."""

_SINCE = datetime(2026, 6, 1, tzinfo=UTC)
_OPEN = RequestFilter(states=frozenset({RequestState.OPEN}))
_SHOWN = 10
_ENTERPRISES = 100
_PIECE = 2048


@dataclass
class World:
    """See the module."""

    everybody: Sequence[Person]
    catalogue: Catalogue
    repository: SqlRequestRepository
    vectors: Vectors
    settings: SettingsOfOrganisations
    suggesting: Suggesting
    compute: ThreadPoolExecutor
    _kept: dict[str, MentoringRequest] = field(default_factory=dict)
    _questions: dict[str, Question] = field(default_factory=dict)

    async def at_once(self, person_id: str) -> Answer:
        """As the service does it."""
        found = await self.suggesting.requests(person_id, limit=_SHOWN, min_revision=0, time_left=None)
        return [
            (one.request.id, one.match.score, sum(answer.facet is not None for answer in one.match.answers))
            for one in found.suggestions
        ]

    async def one_by_one(self, person_id: str) -> Answer:
        """The slow and obvious way, with all requests and their vectors at hand."""
        etags = await self.repository.etags(_OPEN)
        if missing := [id_ for id_, etag in etags.items() if id_ not in self._kept or self._kept[id_].etag != etag]:
            read = await self.repository.read(missing)
            self._kept |= {one.id: one for one in read}
            self._questions |= {one.request.id: one for one in await unweighed(self.vectors, read)}
        with self.catalogue.reading() as view:
            entry = view.entry(person_id)
        if entry is None:
            raise ValueError(f"nobody is {person_id}")
        day = today()
        run = asyncio.get_running_loop().run_in_executor
        suitable = await run(self.compute, feasible, entry.indexed.person, [self._kept[id_] for id_ in etags], day)
        ready = await weighed(self.settings.weights_of_several, [self._questions[one.request.id] for one in suitable])
        pairs = list(zip(suitable, ready, strict=True))
        found = await run(
            self.compute, lambda: rank_requests(self.catalogue, person_id, pairs, today=day, limit=_SHOWN)
        )
        return [
            (one.question.request.id, one.match.score, sum(answer.facet is not None for answer in one.match.answers))
            for one in (found or (0, []))[1]
        ]

    async def change_request(self, number: int) -> None:
        """One of the open requests gets another title, which is embedded before anybody asks."""
        ids = sorted(await self.repository.etags(_OPEN))
        title = people.requests(number + 1, seed=77)[-1]["title"]
        changed = await self.repository.update(
            ids[7 * number % len(ids)], lambda kept: replace(kept, title=title, etag=uuid4().hex)
        )
        await unweighed(self.vectors, [changed])

    async def change_person(self, number: int) -> None:
        """Somebody else learns something."""
        one = self.everybody[-1 - number]
        self.catalogue.apply(_puts([replace(one, skills=(*one.skills, f"新技能{number}"))], self.vectors.embedder), 2)


@asynccontextmanager
async def world(url: str, directory: Path, embedder: Embedder, count: int, requests: int) -> AsyncIterator[World]:
    """Make everything, and take it apart at the end."""
    await migrate(url, SCHEMA, migration_files())
    everybody = _people(directory / "roster.csv", count)
    catalogue = Catalogue(lambda: FlatIndex(embedder.dimensions))
    catalogue.apply(_puts(everybody, embedder), 1)
    threads = [ThreadPoolExecutor(1) for _ in range(3)]
    async with Database(url, schema=SCHEMA) as database:
        async with database.transaction() as conn:
            for one in _requests(requests):
                await insert_request(conn, one, Identity("bench", Role.ADMIN))
        repository, settings = SqlRequestRepository(database), SettingsOfOrganisations(SqlSettingsRepository(database))
        vectors = Vectors(embedder, SqlEmbeddingRepository(database), queries=threads[0], passages=threads[1])
        progress = Progress()
        progress.arrived()
        suggesting = Suggesting(
            requests=Requests(repository),
            repository=repository,
            catalogue=catalogue,
            progress=progress,
            vectors=vectors,
            weights_of=settings.weights_of_several,
            ledger=Ledger(SqlLedgerRepository(database)),
            compute=threads[2],
            looks=Looks(database, Reads()),
        )
        yield World(everybody, catalogue, repository, vectors, settings, suggesting, threads[2])
        await vectors.close()
    for thread in threads:
        thread.shutdown()


def _people(roster: Path, count: int) -> list[Person]:
    people.write_roster(roster, count)
    rows = [row for row in read_roster(roster, roster.name, people.ORGANISATION) if isinstance(row, RosterRow)]
    found = [person(profile_to(row.profile)) for row in rows]
    return [replace(one, id=str(UUID(int=n))) for n, one in enumerate(found)]


def _puts(some: Sequence[Person], embedder: Embedder) -> list[Put]:
    facets = [tuple(facets_of(one)) for one in some]
    # Short ones together: a batch takes as long as its longest text.
    texts = sorted({facet.text for of_one in facets for facet in of_one}, key=len)
    row = {text: number for number, text in enumerate(texts)}
    if len(texts) > _PIECE:
        vectors = np.concatenate([made for _, made in in_pieces(embedder.encode_passages, texts, _PIECE)])
    else:
        vectors = embedder.encode_passages(texts)
    return [
        Put(Indexed(one, of_one, tuple(b"" for _ in of_one)), vectors[[row[facet.text] for facet in of_one]])
        for one, of_one in zip(some, facets, strict=True)
    ]


def _requests(count: int) -> list[MentoringRequest]:
    return [
        MentoringRequest(
            f"第{number % _ENTERPRISES}集团",
            given["title"],
            id=str(uuid4()),
            description=given["description"],
            requirements=tuple(
                Requirement(one["text"], Importance[one["importance"].upper()]) for one in given["requirements"]
            ),
            city=given.get("city", ""),
            mode=Mode[given.get("mode", "unspecified").upper()],
            hours_per_week=given.get("hours_per_week", 0),
            physical_demands=frozenset(PhysicalDemand[one.upper()] for one in given.get("physical_demands", ())),
            state=RequestState.OPEN,
            create_time=_SINCE + timedelta(minutes=number),
            update_time=_SINCE,
            etag=str(number),
        )
        for number, given in enumerate(people.requests(count, seed=2))
    ]
