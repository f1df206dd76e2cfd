"""Which pairs of the sets are good matches, and which of them a user would see."""

import csv
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.quality import judged
from bench.quality.offline import OfflineSet

SEEN = 20
"""People of each query who count as seen: two pages of the default list."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Labels:
    """What a set says of its pairs.

    Attributes:
        good: Shape (queries, people).
        seen: Pairs that calibration looks at, same shape.
    """

    good: Mask
    seen: Mask


def labels_of(one: OfflineSet, data: Path) -> Labels:
    """The labels of a set.

    The sets mean different things by a good match. The judged set: a mean grade of 1.5 or more. Experts: they said 4 or
    5 of 5 when asked how well they can judge a paper; 3 is neither. Titles: another name of the same job. Occupations:
    the one occupation that a title belongs to. Abstracts: the own one of a title, or one of the same discipline.
    """
    if one.name == judged.NAME:
        grades = judged.by_request(judged.grades(), one.queries, one.people)
        return Labels(grades >= judged.GOOD, _first(one))
    if one.name == "expertise_en":
        ratings = _ratings(data)
        given = np.array([[ratings.get((query, name), np.nan) for name in one.people] for query in one.queries])
        return Labels(given >= 4, (given <= 2) | (given >= 4))  # NaN is neither
    relevant = _RELEVANT[one.name](data)
    return Labels(np.array([[name in relevant[query] for name in one.people] for query in one.queries]), _first(one))


def _first(one: OfflineSet) -> Mask:
    """The first people of each query."""
    fits = one.fits()
    seen = np.zeros(fits.shape, np.bool_)
    np.put_along_axis(seen, np.argsort(-fits, axis=1, kind="stable")[:, :SEEN], True, axis=1)
    return seen


def _ratings(data: Path) -> dict[tuple[str, str], float]:
    with (data / "expertise_en" / "ratings.tsv").open(encoding="utf-8") as file:
        return {(row["request"], row["expert"]): float(row["rating"]) for row in csv.DictReader(file, delimiter="\t")}


Relevant = dict[str, set[str]]


def _titles(pair: str) -> Callable[[Path], Relevant]:
    def relevant(data: Path) -> Relevant:
        found: Relevant = defaultdict(set)
        for line in (data / "job_titles_zh_en" / f"qrels.{pair}.tsv").read_text("utf-8").splitlines():
            query, _, candidate, _ = line.split()
            found[query].add(candidate)
        return found

    return relevant


def _occupations(data: Path) -> Relevant:
    found: Relevant = defaultdict(set)
    with (data / "occupations_zh" / "aliases.dev.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            found[row["alias"]].add(row["code"])
    return found


def _abstracts(data: Path) -> Relevant:
    lines = (data / "abstracts_zh" / "abstracts.dev.jsonl").read_text("utf-8").splitlines()
    papers = [json.loads(line) for line in lines]
    same: Relevant = defaultdict(set)
    for paper in papers:
        same[paper["discipline"]].add(str(paper["id"]))
    return {str(paper["id"]): same[paper["discipline"]] for paper in papers}


_RELEVANT: dict[str, Callable[[Path], Relevant]] = {
    "titles_zh": _titles("zh-zh"),
    "titles_en": _titles("en-en"),
    "titles_zh_en": _titles("zh-en"),
    "titles_en_zh": _titles("en-zh"),
    "occupations": _occupations,
    "abstracts": _abstracts,
}
