"""Fits the constants of the scale that scores are shown on: `python -m bench.quality.calibrate --data ../shared/data`.

Embeds the labelled sets as the services would, without the services, and fits a logistic map from the raw values of
`yinling_matching.scoring` to the chance that a person fits. Sets count alike, and within a set those who fit and those
who do not count alike, whatever their numbers. Then the map is moved to what a request meets: one person in five fits
(`PRIOR`), not one in two, or half of a roster would look suitable.
"""

import argparse
import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.quality.sets import LabelledSet, read
from yinling_matching.converters.profiles import person
from yinling_matching.embedding import Embedder, Vectors, load_embedder
from yinling_matching.facets import facets_of
from yinling_matching.scoring import FOUND, fit, points_of

Values = NDArray[np.float64]

PRIOR = 0.2
"""Share of those who fit among the people one looks at. With it nearly all of the wrong people of the sample roster
stay below 0.5, and those whom its Chinese requests were written for come out above 0.8."""
Label = tuple[str, str, int]
"""Query, candidate, and 1 where they fit, 0 where they do not."""


@dataclass(frozen=True)
class Labelled:
    """Raw values of the pairs of a set, by whether the person fits."""

    name: str
    fitting: Values
    others: Values


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.quality.calibrate", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with the sets")
    arguments = parser.parse_args()
    embedder = load_embedder()
    sets = [_labelled(one, embedder, arguments.data) for one in read(arguments.data)]
    slope, middle = logistic([(one.fitting, one.others) for one in sets])
    middle += float(np.log((1 - PRIOR) / PRIOR)) / slope
    print(f"{embedder.name}\nMIDDLE, SLOPE = {middle:.3f}, {slope:.1f}\n")
    print(f"| set | fitting pairs | their median | others' median | fitting above {FOUND} | others above {FOUND} |")
    print("| --- | --- | --- | --- | --- | --- |")
    for one in sets:
        fitting, others = (1 / (1 + np.exp(-slope * (v - middle))) for v in (one.fitting, one.others))
        print(
            f"| {one.name} | {len(fitting)} | {np.median(fitting):.2f} | {np.median(others):.2f} "
            f"| {(fitting >= FOUND).mean():.1%} | {(others >= FOUND).mean():.1%} |"
        )


def _labelled(one: LabelledSet, embedder: Embedder, data: Path) -> Labelled:
    people = [[facet.text for facet in facets_of(person(profile))] for profile in one.corpus.profiles]
    texts = sorted({text for facets in people for text in facets})
    places = {text: row for row, text in enumerate(texts)}
    known = _in_pieces(embedder.encode_passages, texts)
    vectors = known[[places[text] for facets in people for text in facets]]
    starts = np.cumsum([0, *(len(facets) for facets in people[:-1])])
    points = [points_of(query.title, query.description, ()) for query in one.queries]
    asked = _in_pieces(embedder.encode_queries, [point.text for found in points for point in found])
    fits = np.stack(
        [fit([found[0].kind], row[None] @ vectors.T, starts) for found, row in zip(points, asked, strict=True)]
    )
    names = {profile.name: column for column, profile in enumerate(one.corpus.profiles)}
    rows = {query.id: row for row, query in enumerate(one.queries)}
    label = np.full(fits.shape, 0 if one.name not in _RATED else -1)
    for query, name, fitting in _LABELS[one.name](data):
        label[rows[query], names[name]] = fitting
    print(f"{one.name}: {len(texts)} facets and {len(asked)} requests embedded", flush=True)
    return Labelled(one.name, fits[label == 1].astype(float), fits[label == 0].astype(float))


def _in_pieces(encode: Callable[[list[str]], Vectors], texts: list[str]) -> Vectors:
    return np.concatenate([encode(texts[start : start + 256]) for start in range(0, len(texts), 256)])


def logistic(sets: list[tuple[Values, Values]]) -> tuple[float, float]:
    """Slope and middle of the logistic map, by Newton's method."""
    values = np.concatenate([v for pair in sets for v in pair])
    labels = np.concatenate(
        [np.full(len(v), float(fits)) for pair in sets for v, fits in zip(pair, (1, 0), strict=True)]
    )
    weights = np.concatenate([np.full(len(v), 1 / len(v)) for pair in sets for v in pair])
    design = np.stack([values, np.ones_like(values)], axis=1)
    theta = np.zeros(2)
    for _ in range(50):
        chance = 1 / (1 + np.exp(-design @ theta))
        gradient = design.T @ (weights * (labels - chance))
        curvature = (design * (weights * chance * (1 - chance))[:, None]).T @ design
        step = np.linalg.solve(curvature, gradient)
        theta += step
        if np.abs(step).max() < 1e-9:
            break
    return float(theta[0]), float(-theta[1] / theta[0])


def _ratings(data: Path) -> list[Label]:
    """Experts said how well they can judge a paper: 4 and 5 fit, 1 and 2 do not, and what lies between says little."""
    with (data / "expertise_en" / "ratings.tsv").open(encoding="utf-8") as file:
        rated = [(row["request"], row["expert"], float(row["rating"])) for row in csv.DictReader(file, delimiter="\t")]
    return [(query, expert, int(rating >= 4)) for query, expert, rating in rated if not 2 < rating < 4]


def _titles(pair: str) -> Callable[[Path], list[Label]]:
    def labels(data: Path) -> list[Label]:
        lines = (data / "job_titles_zh_en" / f"qrels.{pair}.tsv").read_text("utf-8").splitlines()
        return [(query, candidate, 1) for query, _, candidate, _ in map(str.split, lines)]

    return labels


def _occupations(data: Path) -> list[Label]:
    with (data / "occupations_zh" / "aliases.dev.tsv").open(encoding="utf-8") as file:
        return [(row["alias"], row["code"], 1) for row in csv.DictReader(file, delimiter="\t")]


def _abstracts(data: Path) -> list[Label]:
    """A title fits its own abstract. Others of the discipline are neither: many of them share nothing with it."""
    lines = (data / "abstracts_zh" / "abstracts.dev.jsonl").read_text("utf-8").splitlines()
    papers = [json.loads(line) for line in lines]
    same = [(a, b) for a in papers for b in papers if a["discipline"] == b["discipline"]]
    return [(str(a["id"]), str(b["id"]), 1 if a["id"] == b["id"] else -1) for a, b in same]


_LABELS: dict[str, Callable[[Path], list[Label]]] = {
    "expertise_en": _ratings,
    "titles_zh": _titles("zh-zh"),
    "titles_en": _titles("en-en"),
    "titles_zh_en": _titles("zh-en"),
    "titles_en_zh": _titles("en-zh"),
    "occupations": _occupations,
    "abstracts": _abstracts,
}
_RATED = {"expertise_en"}
"""Sets that say who does not fit. In the others that is everybody of whom they do not say that they do."""

if __name__ == "__main__":
    main()
