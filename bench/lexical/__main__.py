"""Speed of the lexical index beside bm25s and tantivy: `python -m bench.lexical --people 10000`.

Each is given the same terms of the same synthetic facets, and asked for what ranking needs: the score of every facet
for the five points of a request, after one person's facets were changed. tantivy is measured where it is installed.
"""

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec

import bm25s
import numpy as np
import psutil
from numpy.typing import NDArray

from bench.smoke import machine, people
from yinling_matching.lexical import LexicalIndex, Prepared, Query, ask, prepare

Ids = NDArray[np.int64]
ROUNDS = 30


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m bench.lexical", description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=10_000, help="how many people (default 10000)")
    count = parser.parse_args().people
    print(machine.describe())
    persons, texts = _facets(count)
    with _seconds() as took:
        prepared = prepare(texts)
    held = sum(len(one.counts) for one in prepared)
    print(f"{len(texts)} facets, {held / len(texts):.1f} terms each, cut in {1e6 * took() / len(texts):.0f} µs each")
    asked = [_points(request) for request in people.requests(200, seed=3)]
    with _seconds() as took:
        queries = [[ask(point) for point in points] for points in asked]
    print(f"a request's {len(asked[0])} points cut in {1e3 * took() / len(asked):.2f} ms")
    _ours(persons, prepared, queries)
    _bm25s(prepared, queries)
    if find_spec("tantivy"):
        _tantivy(persons, prepared, queries)


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


def _ours(persons: Sequence[Ids], prepared: Sequence[Prepared], queries: Sequence[list[Query]]) -> None:
    before = psutil.Process().memory_info().rss
    index = LexicalIndex()
    slots = np.arange(len(prepared))
    with _seconds() as took:
        index.load(slots, prepared)
    grown = (psutil.Process().memory_info().rss - before) / 2**20
    print(f"ours: loaded in {took():.2f} s, {grown:.0f} MiB")

    def change(person: int) -> None:
        mine = persons[person]
        index.remove(mine)
        index.add(mine, [prepared[slot] for slot in mine])

    _print("ours: one person taken out and put in again", change)
    _print("ours: 5 points, all facets", lambda n: index.similarities(queries[n], slots))
    some = slots[::2]
    _print("ours: 5 points, half of the facets", lambda n: index.similarities(queries[n], some))
    _print("ours: 5 points, one person", lambda n: index.similarities(queries[n], persons[n]))


def _bm25s(prepared: Sequence[Prepared], queries: Sequence[list[Query]]) -> None:
    tokens = _tokens(prepared)

    def build(_: int = 0) -> bm25s.BM25:
        made = bm25s.BM25(method="lucene")
        made.index(tokens, show_progress=False)
        return made

    _print("bm25s: a change, which is a new index", build, rounds=3)
    index = build()
    known = [[[key for key in query.weights if key in index.vocab_dict] for query in points] for points in queries]
    _print("bm25s: 5 points, all facets", lambda n: [index.get_scores(keys) for keys in known[n] if keys])


def _tantivy(persons: Sequence[Ids], prepared: Sequence[Prepared], queries: Sequence[list[Query]]) -> None:
    import tantivy  # noqa: PLC0415  a peer that need not be here

    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("slot", stored=True, indexed=True, fast=True)
    builder.add_text_field("terms", tokenizer_name="whitespace")
    schema = builder.build()
    index = tantivy.Index(schema)
    writer = index.writer(num_threads=1)

    def put(slots: Ids) -> None:
        for slot in slots.tolist():
            document = tantivy.Document()
            document.add_unsigned("slot", slot)
            document.add_text("terms", " ".join(key.replace(" ", "_") for key in prepared[slot].counts))
            writer.add_document(document)

    put(np.arange(len(prepared)))
    writer.commit()
    index.reload()

    def change(person: int) -> None:
        for slot in persons[person].tolist():
            writer.delete_documents_by_term("slot", slot)
        put(persons[person])
        writer.commit()
        index.reload()

    _print("tantivy: one person taken out and put in again", change)
    searcher = index.searcher()

    def search(n: int) -> None:
        for query in queries[n]:
            words = [tantivy.Query.term_query(schema, "terms", key.replace(" ", "_")) for key in query.weights]
            either = tantivy.Query.boolean_query([(tantivy.Occur.Should, word) for word in words])
            searcher.search(either, limit=len(prepared))  # their scores; to learn the slots would take longer still

    _print("tantivy: 5 points, all facets", search, rounds=5)


def _tokens(prepared: Sequence[Prepared]) -> list[list[str]]:
    return [list(Counter(one.counts).elements()) for one in prepared]


def _print(what: str, work: Callable[[int], object], rounds: int = ROUNDS) -> None:
    """Medians of the time on the clock and of this thread's own, which other work on the machine does not change."""
    walls, own = [], []
    for number in range(rounds):
        began = time.thread_time()
        with _seconds() as took:
            work(number)
        walls.append(1e3 * took())
        own.append(1e3 * (time.thread_time() - began))
    print(f"{what}: {statistics.median(own):.2f} ms of CPU, {statistics.median(walls):.2f} ms", flush=True)


@contextmanager
def _seconds() -> Iterator[Callable[[], float]]:
    begin = time.perf_counter()
    end: list[float] = []
    yield lambda: (end[0] if end else time.perf_counter()) - begin
    end.append(time.perf_counter())


if __name__ == "__main__":
    main()
