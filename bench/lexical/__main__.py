"""Speed of the lexical index beside bm25s and tantivy: `make bench-lexical`, or `python -m bench.lexical`.

Each is given the same terms of the same synthetic facets, and asked for what ranking needs: how everybody answers the
five points of a request, while profiles change.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.lexical.peers import Rows, with_bm25s, with_tantivy
from bench.lexical.timing import timed
from bench.smoke import machine, people
from yinling_matching.lexical import LexicalIndex, Prepared, Query, ask, prepare

Ids = NDArray[np.int64]
RESULTS = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- lexical: begin -->", "<!-- lexical: end -->"
_SECTION = """
## Words

Written by `make bench-lexical ARGS=--write`; the table below is replaced each time.

Ranking wants the shared words of every facet of everybody who may be suggested, for each point of a request, and a
changed profile must count at once, in the frequencies of words too. bm25s is quick to ask, but has no exact update: a
change takes a new index. tantivy takes changes in, but is made to find the best few: to get the scores of all is slow.
So the postings are our own. They give more than the sums of the other two: for each person the best facet, and all
facets together. Tests hold their sums against those of bm25s.

"""


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m bench.lexical", description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=10_000, help="how many people (default 10000)")
    parser.add_argument("--without-tantivy", action="store_true", help="install nothing")
    parser.add_argument("--write", action="store_true", help=f"keep the table in docs/{RESULTS.name}")
    arguments = parser.parse_args()
    described = machine.describe()
    persons, texts = _facets(arguments.people)
    began = time.thread_time()
    prepared = prepare(texts)
    took = time.thread_time() - began
    queries = [[ask(point) for point in _points(request)] for request in people.requests(50, seed=3)]
    rows = _ours(persons, prepared, queries) + with_bm25s(prepared, queries)
    if not arguments.without_tantivy:
        rows += with_tantivy(persons, prepared, queries)
    held = sum(len(one.counts) for one in prepared) / len(texts)
    given = (
        f"Machine: {described}. {arguments.people:,} people, {len(texts):,} facets with {held:.0f} terms each, cut in "
        f"{1e6 * took / len(texts):.0f} µs each; {len(queries[0])} points a request. Medians in ms; CPU time of the "
        "thread that asks alone."
    )
    lines = [given, "", "| what | CPU time | clock |", "| --- | --- | --- |"]
    lines += [f"| {what} | {timing.own:.2f} | {timing.clock:.2f} |" for what, timing in rows]
    print("\n".join(lines))
    if arguments.write:
        _write("\n".join(lines))
        print(f"written to {RESULTS}")


def _facets(count: int) -> tuple[list[Ids], list[str]]:
    """Slots by person, and texts by slot."""
    persons: list[Ids] = []
    texts: list[str] = []
    for row in people.rows(count):
        facets = [f"{row[7]}\n{row[6]}\n{row[9]}", *row[11].split("、"), row[12], row[13], row[14]]
        known = [facet for facet in facets if facet]
        persons.append(np.arange(len(texts), len(texts) + len(known)))
        texts += known
    return persons, texts


def _points(request: dict[str, str | list[dict[str, str]]]) -> list[str]:
    requirements = [one["text"] for one in request["requirements"] if isinstance(one, dict)]
    return [f"{request['title']}\n{request['description']}", *requirements, "GB/T 19001 质量管理体系，S7-1500 编程"]


def _ours(persons: Sequence[Ids], prepared: Sequence[Prepared], queries: Sequence[list[Query]]) -> Rows:
    index = LexicalIndex()
    index.add(np.arange(len(prepared)), prepared)
    owner = np.repeat(np.arange(len(persons), dtype=np.int32), [len(slots) for slots in persons])
    rows, first = np.arange(len(persons)), np.zeros(1, np.int64)

    def change(person: int) -> None:
        mine = persons[person]
        index.remove(mine)
        index.add(mine, [prepared[slot] for slot in mine])

    def everybody(n: int) -> None:
        index.many(owner).people([index.weighted(query) for query in queries[n]], rows)

    def one_person(_: int) -> None:
        for points in queries:
            index.few(persons[0], first).people([index.weighted(query) for query in points])

    return [
        ("ours: a person changes", timed(change)),
        ("ours: the points of a request, everybody", timed(everybody)),
        ("ours: the same, right after a change", timed(everybody, before_each=change)),
        (f"ours: the points of {len(queries)} requests, one person", timed(one_person)),
    ]


def _write(table: str) -> None:
    text = RESULTS.read_text(encoding="utf-8")
    if BEGIN not in text:
        text = f"{text.rstrip()}\n{_SECTION}{BEGIN}\n{END}\n"
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    RESULTS.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
