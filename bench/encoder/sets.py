"""The labelled sets as raw vectors, and what a way of comparing makes of them, without the services.

People are ranked by their best three facets alone, with neither words nor the profile as a whole: what differs between
two rows of a table is the encoder. `make quality` measures all of it together.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bench.encoder.vectors import Kept
from bench.quality import table
from bench.quality.sets import LabelledSet, read
from yinling_matching.catalogue.facets import facets_of
from yinling_matching.converters.profiles import person
from yinling_matching.embedding import Embedder, Vectors

BEST, COMMON = 3, 0.1
_DEEP = {"occupations": 100, "abstracts": 20}
"""How many of the best the scorer needs to see; all, where the set is not named."""

Compare = Callable[[str, str], tuple[Vectors, Vectors]]


@dataclass(frozen=True)
class Side:
    """Texts as the plain model embeds them: as queries (None for what is found) and as passages."""

    texts: list[str]
    queries: Vectors | None
    passages: Vectors


@dataclass(frozen=True)
class Embedded:
    """A labelled set: what is asked, and the facets of people, which lie side by side."""

    source: LabelledSet
    asked: Side
    found: Side
    owners: list[int]


def embedded(data: Path, plain: Embedder, folder: Path) -> list[Embedded]:
    """Embed all sets with the plain model."""
    queries, passages = Kept(plain, folder, "queries"), Kept(plain, folder)
    sets = []
    for one in read(data):
        asked = ["\n".join(part for part in (query.title, query.description) if part) for query in one.queries]
        people = [[facet.text for facet in facets_of(person(profile))] for profile in one.corpus.profiles]
        facets = [facet for person_ in people for facet in person_]
        owners = [owner for owner, person_ in enumerate(people) for _ in person_]
        sides = Side(asked, queries(asked), passages(asked)), Side(facets, None, passages(facets))
        sets.append(Embedded(one, *sides, owners))
    return sets


def figures(sets: list[Embedded], vectors: Callable[[Side], Vectors], scorer: Path) -> Mapping[str, dict[str, float]]:
    """What the scorer says of each set, where `vectors` makes the vectors to compare of a side."""
    scores = {}
    with TemporaryDirectory() as folder:
        for one in sets:
            similarity = best_three(vectors(one.asked) @ vectors(one.found).T, np.array(one.owners))
            path = Path(folder) / one.source.name
            _write(path, one.source, similarity)
            scores[one.source.name] = table.score(scorer, one.source.name, path)
    return scores


def best_three(similarity: Vectors, owners: np.ndarray) -> Vectors:
    """Answers of people, shape (queries, people). A facet that somebody lacks counts as halfway to `COMMON`."""
    counts = np.bincount(owners)
    starts = np.cumsum(counts) - counts
    padded = np.full((len(similarity), len(counts), max(BEST, counts.max())), -np.inf, dtype=np.float32)
    padded[:, owners, np.arange(len(owners)) - starts[owners]] = similarity
    best = -np.sort(-padded, axis=2)[:, :, :BEST]
    first = best[:, :, :1]
    lacking = np.minimum(first, (first + COMMON) / 2)
    answers: Vectors = np.where(np.isinf(best), lacking, best).mean(axis=2)
    return answers


def _write(path: Path, one: LabelledSet, similarity: Vectors) -> None:
    names = [profile.name for profile in one.corpus.profiles]
    deep = _DEEP.get(one.name, len(names))
    with path.open("w", encoding="utf-8") as run:
        for query, row in zip(one.queries, similarity, strict=True):
            order = np.argsort(-row, kind="stable")[:deep]
            run.writelines(
                f"{query.id} Q0 {names[place]} {rank} {row[place]:.7f} encoder\n" for rank, place in enumerate(order, 1)
            )
