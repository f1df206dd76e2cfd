"""The sets compared as the services compare them, without the services: embedded once, kept, and asked again.

The catalogue, the comparison and the scoring are those of `yinling_matching`. All sets lie in one catalogue, as they do
in `make quality`: what the words of a request are worth depends on all that is there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.quality.judged import judged_set
from bench.quality.kept import KeptEmbedder
from bench.quality.sets import LabelledSet, Query, read
from yinling_matching.catalogue.catalogue import Catalogue, View
from yinling_matching.catalogue.entries import Indexed, Put
from yinling_matching.catalogue.facets import facets_of
from yinling_matching.catalogue.slots import Selection
from yinling_matching.converters.profiles import person
from yinling_matching.domain import MentoringRequest, Person
from yinling_matching.embedding import Embedder, load_embedder
from yinling_matching.embedding.cache import default_cache_dir
from yinling_matching.index import FlatIndex
from yinling_matching.lexical import ask
from yinling_matching.ranking.comparing import Question, compare
from yinling_matching.ranking.weights import Effective
from yinling_matching.scoring import Compared, Point, PointKind, answers_of, fits_of, points_of

Floats = NDArray[np.float32]
DEFAULT = Effective()


@dataclass(frozen=True)
class OfflineSet:
    """A set, compared.

    Attributes:
        source: The set.
        people: Names in the order of all arrays; people of whom nothing can be said are left out.
        kinds: Kinds of the points of each query.
        compared: Everything about each query and all people.
    """

    source: LabelledSet
    people: list[str]
    kinds: list[list[PointKind]]
    compared: list[Compared]

    @property
    def name(self) -> str:
        """Name of the set."""
        return self.source.name

    @property
    def queries(self) -> list[str]:
        """Their ids, in the order of all arrays."""
        return [query.id for query in self.source.queries]

    def answers(self, weights: Effective = DEFAULT) -> list[Floats]:
        """How well people answer the points of each query, each of shape (points, people)."""
        return [answers_of(*one, weights) for one in zip(self.kinds, self.compared, strict=True)]

    def fits(self, weights: Effective = DEFAULT) -> Floats:
        """What people are ranked by, shape (queries, people)."""
        answered = zip(self.kinds, self.answers(weights), strict=True)
        return np.stack([fits_of(kinds, answers, weights) for kinds, answers in answered])


def offline_sets(data: Path, kept: Path | None = None) -> tuple[str, list[OfflineSet]]:
    """The model's name, and the labelled sets and the judged set, compared.

    Args:
        data: Folder with the labelled sets.
        kept: Where vectors are kept; None takes a folder in the cache of the user.
    """
    embedder = KeptEmbedder(load_embedder(), kept or default_cache_dir() / "bench-quality")
    sets = [*read(data), judged_set()]
    catalogue = Catalogue(lambda: FlatIndex(embedder.dimensions))
    for corpus in {one.corpus.organisation: one.corpus for one in sets}.values():
        indexed = [
            _indexed(replace(person(profile), id=f"{profile.organisation} {profile.name}"))
            for profile in corpus.profiles
        ]
        vectors = embedder.encode_passages([facet.text for one in indexed for facet in one.facets])
        ends = np.cumsum([len(one.facets) for one in indexed])
        parts = np.split(vectors, ends[:-1])
        catalogue.apply([Put(one, part) for one, part in zip(indexed, parts, strict=True)], 1)
    with catalogue.reading() as view:
        return embedder.name, [_compared(view, embedder, one) for one in sets]


def _compared(view: View, embedder: Embedder, one: LabelledSet) -> OfflineSet:
    request = MentoringRequest(organisation="quality", title="")
    mask = view.columns.assess(request, date(2026, 11, 1), {one.corpus.organisation}).eligible
    chosen = view.select(mask)
    points = [_points(query) for query in one.queries]
    vectors = np.split(
        embedder.encode_queries([point.text for found in points for point in found]),
        np.cumsum([len(found) for found in points])[:-1],
    )
    return OfflineSet(
        source=one,
        people=[view.at(int(row)).indexed.person.name for row in chosen.rows],
        kinds=[[point.kind for point in found] for found in points],
        compared=[_ask(view, request, chosen, *asked) for asked in zip(points, vectors, strict=True)],
    )


def _points(query: Query) -> list[Point]:
    return points_of(query.title, query.description, query.requirements)


def _ask(
    view: View, request: MentoringRequest, chosen: Selection, points: Sequence[Point], vectors: Floats
) -> Compared:
    kinds = [point.kind for point in points]
    return compare(view, Question(request, kinds, vectors, [ask(point.text) for point in points], DEFAULT), chosen)


def _indexed(one: Person) -> Indexed:
    facets = tuple(facets_of(one))
    return Indexed(one, facets, ())
