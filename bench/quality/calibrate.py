"""Fits the constants of the scale that scores are shown on: `python -m bench.quality.calibrate --data ../shared/data`.

Embeds the labelled sets as the services would, without the services, and fits a logistic map from the raw values of
`yinling_matching.scoring` to the chance that a person fits. Sets count alike, and within a set those who fit and those
who do not count alike, whatever their numbers: 0.5 is where both are equally likely.
"""

import argparse
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.quality.sets import LabelledSet, read
from yinling_matching.converters.people import person_of
from yinling_matching.embedding import Embedder, load_embedder
from yinling_matching.facets import facets_of
from yinling_matching.scoring import FOUND, PointKind, fit, points_of

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Labelled:
    """Raw values of the pairs of a set, by whether the person fits."""

    name: str
    fitting: Values
    others: Values
    strongest: tuple[Values, Values]


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.quality.calibrate", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with the sets")
    arguments = parser.parse_args()
    embedder = load_embedder()
    sets = [_labelled(one, embedder, arguments.data) for one in read(arguments.data)]
    slope, middle = logistic([(one.fitting, one.others) for one in sets])
    print(f"{embedder.name}\nMIDDLE, SLOPE = {middle:.3f}, {slope:.1f}\n")
    print(f"| set | fitting pairs | their median | others' median | fitting above {FOUND} | others above {FOUND} |")
    print("| --- | --- | --- | --- | --- | --- |")
    for one in sets:
        fitting, others = (1 / (1 + np.exp(-slope * (v - middle))) for v in (one.fitting, one.others))
        print(
            f"| {one.name} | {len(fitting)} | {np.median(fitting):.2f} | {np.median(others):.2f} "
            f"| {(fitting >= FOUND).mean():.1%} | {(others >= FOUND).mean():.1%} |"
        )


def logistic(sets: list[tuple[Values, Values]]) -> tuple[float, float]:
    """Slope and middle of the logistic map, by Newton's method."""
    values = np.concatenate([v for pair in sets for v in pair])
    labels = np.concatenate([np.full(len(v), float(fits)) for pair in sets for v, fits in zip(pair, (1, 0))])
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
