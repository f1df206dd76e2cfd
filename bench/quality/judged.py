"""The judged set: 30 requests of our own, put to the sample roster. `sample/README.md` tells how it was made."""

import csv
import json
from importlib import resources
from importlib.resources.abc import Traversable

import numpy as np
from numpy.typing import NDArray
from yinling.talent.v1 import talent_pb2

from bench.quality.sample.pool import findable
from bench.quality.sets import LabelledSet, Query, corpus_of
from yinling_matching.scoring import PointKind
from yinling_talent.converters import profile_to

NAME = "sample"
HERE: Traversable = resources.files("bench.quality.sample")
READINGS = ("reading_a.tsv", "reading_b.tsv")
GOOD = 1.5
"""From this mean grade on a person counts as good: one reading at least said 2 or 3, and the other not 0."""

Pair = tuple[str, str]
Grades = dict[Pair, tuple[int, int]]
"""The grades of both readings, 0 to 3, by request and candidate."""


def grades() -> Grades:
    """What the two readings say of each pair of the pool."""
    first, second = (_reading(name) for name in READINGS)
    if first.keys() != second.keys():
        raise ValueError(f"{READINGS[0]} and {READINGS[1]} do not grade the same pairs")
    return {pair: (grade, second[pair]) for pair, grade in first.items()}


def means(judged: Grades) -> dict[Pair, float]:
    """The mean of both readings."""
    return {pair: sum(both) / 2 for pair, both in judged.items()}


def by_request(judged: Grades, queries: list[str], people: list[str]) -> NDArray[np.float64]:
    """Mean grades, shape (queries, people); people outside the pool have 0."""
    found = means(judged)
    return np.array([[found.get((query, name), 0.0) for name in people] for query in queries])


def judged_set() -> LabelledSet:
    """The requests with their requirements, and the people with what they were judged by."""
    profiles = [(name, _as_judged(profile_to(profile))) for name, profile in findable().items()]
    kinds = {"must": PointKind.MUST, "nice": PointKind.NICE}
    queries = [
        Query(
            one["id"],
            one["title"],
            one["description"],
            tuple((asked["text"], kinds[asked["importance"]]) for asked in one["requirements"]),
        )
        for one in json.loads((HERE / "requests.json").read_text("utf-8"))
    ]
    return LabelledSet(NAME, corpus_of(NAME, profiles), queries)


def _as_judged(profile: talent_pb2.Profile) -> talent_pb2.Profile:
    """What the readers went by. Not wishes, hours and dates: they were told not to, and dates pass."""
    return talent_pb2.Profile(
        city=profile.city,
        former_employer=profile.former_employer,
        last_position=profile.last_position,
        title_level=profile.title_level,
        industry=profile.industry,
        years=profile.years,
        skills=profile.skills,
        experience=profile.experience,
        credentials=profile.credentials,
        bio=profile.bio,
    )


def _reading(name: str) -> dict[Pair, int]:
    with (HERE / name).open(encoding="utf-8") as file:
        return {(request, candidate): int(grade) for request, candidate, grade in csv.reader(file, delimiter="\t")}
