"""The same terms in bm25s and in tantivy, which is installed into a folder of its own."""

import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import bm25s
import numpy as np
from numpy.typing import NDArray

from bench.lexical.timing import Timing, timed
from yinling_matching.lexical import Prepared, Query

Ids = NDArray[np.int64]
Rows = list[tuple[str, Timing]]
_FOLDER = Path(__file__).resolve().parents[2] / "build" / "bench-lexical"


def with_bm25s(prepared: Sequence[Prepared], queries: Sequence[list[Query]]) -> Rows:
    """A change, which is a new index, and the sums of all facets for the points of a request."""
    tokens = [list(Counter(one.counts).elements()) for one in prepared]

    def build(_: int) -> bm25s.BM25:
        made = bm25s.BM25(method="lucene")
        made.index(tokens, show_progress=False)
        return made

    index = build(0)
    known = [[[key for key in query.weights if key in index.vocab_dict] for query in points] for points in queries]
    name = f"bm25s {version('bm25s')}"
    return [
        (f"{name}: a person changes, which takes a new index", timed(build, rounds=3)),
        (
            f"{name}: the points of a request, a sum for each facet",
            timed(lambda n: [index.get_scores(keys) for keys in known[n] if keys]),
        ),
    ]


def with_tantivy(persons: Sequence[Ids], prepared: Sequence[Prepared], queries: Sequence[list[Query]]) -> Rows:
    """A change, committed and visible, and the scores of all facets that share a term."""
    if not _FOLDER.exists():
        requirements = str(Path(__file__).with_name("requirements.txt"))
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "-q", "--target", _FOLDER, "-r", requirements], check=True
        )
    sys.path.append(str(_FOLDER))
    import tantivy  # noqa: PLC0415  only now it is there

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
            document.add_text("terms", " ".join(map(_word, Counter(prepared[slot].counts).elements())))
            writer.add_document(document)

    def change(person: int) -> None:
        for slot in persons[person].tolist():
            writer.delete_documents_by_term("slot", slot)
        put(persons[person])
        writer.commit()
        index.reload()

    def search(n: int) -> None:
        for query in queries[n]:
            words = [tantivy.Query.term_query(schema, "terms", _word(key)) for key in query.weights]
            either = tantivy.Query.boolean_query([(tantivy.Occur.Should, word) for word in words])
            searcher.search(either, limit=len(prepared))  # to learn the slots of the hits would take longer still

    put(np.arange(len(prepared)))
    writer.commit()
    index.reload()
    changed = timed(change, rounds=10)
    searcher = index.searcher()
    name = f"tantivy {version('tantivy')}"
    return [
        (f"{name}: a person changes, committed", changed),
        (f"{name}: the points of a request, a score for each facet that shares a term", timed(search, rounds=10)),
    ]


def _word(key: str) -> str:
    return key.replace(" ", "_")
