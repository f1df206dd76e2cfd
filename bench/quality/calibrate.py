"""Fits the scale that scores are shown on: `make calibrate`, or `python -m bench.quality.calibrate`.

A score is to be the chance that a judge would call the match good. The pairs are those that a user would see: the
first 20 people of each query, of the experts the pairs that were rated (`labels.py` says what counts as good). Queries
are cut into two halves by a checksum of their ids; the map is fitted on one half and judged on the other, then the
other way round, so that no pair is judged by a map that knew it. What is printed at the top is fitted on both.

The judged set counts as much as all labelled sets together, which count alike among themselves. It alone has what
scores are shown for: requests with requirements, whole profiles, and people who say whether they would send somebody.
The others keep the map from trusting thirty requests too much. Each means something else by a good match, so that no
one map can fit them all: their own errors say how far they are apart.
"""

import argparse
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.quality import judged, table
from bench.quality.diagram import reliability_svg
from bench.quality.labels import labels_of
from bench.quality.metrics import Bin, bins, calibration_error
from bench.quality.offline import OfflineSet, offline_sets
from bench.quality.scales import Platt, isotonic, platt
from bench.quality.strengths import found_table
from yinling_matching.scoring.scale import GOOD, MIDDLE, POSSIBLE, SLOPE, STRONG

Values = NDArray[np.float64]

JUDGED_SHARE = 0.5
"""Of the judged set in the weight of all pairs."""

BEGIN, END = "<!-- calibration: begin -->", "<!-- calibration: end -->"
_LEAST = {"strong": STRONG, "good": GOOD, "possible": POSSIBLE, "weak": 0.0}


@dataclass(frozen=True)
class Pairs:
    """Pairs that a user would see, of all sets. All arrays of shape (pairs,).

    Attributes:
        fits: What people are ranked by.
        good: 1 where a judge calls the match good, else 0.
        half: Of the query, 0 or 1.
        of_set: Number of the set.
        weights: In each half: of the judged set `JUDGED_SHARE`, of the others the same share each.
        alike: In each half the same share for every set.
    """

    fits: Values
    good: Values
    half: NDArray[np.int64]
    of_set: NDArray[np.int64]
    weights: Values
    alike: Values


def main() -> None:
    """Fit, judge and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.quality.calibrate", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with the sets")
    parser.add_argument("--kept", type=Path, help="where vectors are kept (default: in the cache of the user)")
    parser.add_argument("--write", type=Path, help="replace the tables in this Markdown file", metavar="FILE")
    parser.add_argument("--diagram", type=Path, help="write the reliability diagram", metavar="SVG")
    arguments = parser.parse_args()
    model, sets = offline_sets(arguments.data, arguments.kept)
    pairs = pairs_of(sets, arguments.data)
    fitted = platt(pairs.fits, pairs.good, pairs.weights)
    scores = held_out(pairs)
    text = f"Model: `{model}`.\n\n{_errors(sets, pairs, scores)}\n{_labels(sets, fitted)}\n{found_table(sets, fitted)}"
    print(text)
    print(_advice(fitted))
    if arguments.diagram:
        of_judged = pairs.of_set == [one.name for one in sets].index(judged.NAME)
        panels = {
            "all sets": _bins(pairs, scores, np.ones_like(of_judged)),
            "judged set": _bins(pairs, scores, of_judged),
            "labelled sets": _bins(pairs, scores, ~of_judged),
        }
        arguments.diagram.write_text(reliability_svg(panels), encoding="utf-8")
    if arguments.write:
        table.write(arguments.write, text, BEGIN, END)


def pairs_of(sets: list[OfflineSet], data: Path) -> Pairs:
    """The pairs of all sets."""
    fits, good, half, of_set = [], [], [], []
    for number, one in enumerate(sets):
        labels = labels_of(one, data)
        rows, columns = np.nonzero(labels.seen)
        fits.append(one.fits()[rows, columns].astype(np.float64))
        good.append(labels.good[rows, columns].astype(np.float64))
        half.append(np.array([half_of(one.name, query) for query in one.queries])[rows])
        of_set.append(np.full(len(rows), number))
    halves, numbers = np.concatenate(half), np.concatenate(of_set)
    others = (1 - JUDGED_SHARE) / (len(sets) - 1)
    shares = np.array([JUDGED_SHARE if one.name == judged.NAME else others for one in sets])
    together = np.zeros((len(sets), 2))
    np.add.at(together, (numbers, halves), 1)
    each = 1 / together[numbers, halves]
    return Pairs(np.concatenate(fits), np.concatenate(good), halves, numbers, shares[numbers] * each, each / len(sets))


def half_of(name: str, query: str) -> int:
    """In which half a query is: 0 or 1, always the same."""
    return hashlib.sha256(f"{name} {query}".encode()).digest()[0] & 1


def held_out(pairs: Pairs, make: type[Platt] | None = Platt) -> Values:
    """Scores of all pairs by the map that was fitted on the other half; isotonic where `make` is None."""
    scores = np.zeros_like(pairs.fits)
    for half in (0, 1):
        known = pairs.half == half
        fit = isotonic if make is None else platt
        scores[~known] = fit(pairs.fits[known], pairs.good[known], pairs.weights[known])(pairs.fits[~known])
    return scores


def _errors(sets: list[OfflineSet], pairs: Pairs, scores: Values) -> str:
    steps = held_out(pairs, None)

    def row(name: str, within: NDArray[np.bool_], weights: Values) -> str:
        good, chosen = pairs.good[within], weights[within]
        mass, width, other = (
            calibration_error(values[within], good, chosen, equal_mass=equal)
            for values, equal in ((scores, True), (scores, False), (steps, True))
        )
        share, mean = np.average(good, weights=chosen), np.average(scores[within], weights=chosen)
        return f"| {name} | {len(good)} | {share:.2f} | {mean:.2f} | {mass:.3f} | {width:.3f} | {other:.3f} |"

    everything = np.ones(len(scores), np.bool_)
    lines = [
        "| held out | pairs | good | mean score | ECE | ECE, equal widths | ECE of an isotonic map |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        row("**all, weighed as in the fit**", everything, pairs.weights),
        row("all, every set alike", everything, pairs.alike),
        *(row(one.name, pairs.of_set == number, pairs.weights) for number, one in enumerate(sets)),
    ]
    return "\n".join(lines) + "\n"


def _bins(pairs: Pairs, scores: Values, within: NDArray[np.bool_]) -> list[Bin]:
    return bins(scores[within], pairs.good[within], pairs.weights[within], equal_mass=False)


def _labels(sets: list[OfflineSet], scale: Platt) -> str:
    """What the labels say of everybody who was judged, and of those who were not."""
    one = next(one for one in sets if one.name == judged.NAME)
    judgements = judged.means(judged.grades())
    scores, lines = scale(one.fits().astype(np.float64)), []
    rows, columns = ({name: at for at, name in enumerate(names)} for names in (one.queries, one.people))
    pool = [(scores[rows[q], columns[name]], grade) for (q, name), grade in judgements.items() if name in columns]
    found = np.array([score for score, _ in pool])
    grades = np.array([grade for _, grade in pool])
    lines += [
        "| judged set, label | from | pairs | of them good | grade 3 | grade 2 | grade 1 | grade 0 |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    above = np.inf
    for label, least in _LEAST.items():
        within = (found >= least) & (found < above)
        above = least
        cells = [str(np.count_nonzero(within & (np.floor(grades + 0.5) == grade))) for grade in (3, 2, 1, 0)]
        share = f"{(grades[within] >= judged.GOOD).mean():.0%}" if within.any() else ""
        lines.append(f"| {label} | {least:g} | {np.count_nonzero(within)} | {share} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _advice(fitted: Platt) -> str:
    said = f"MIDDLE, SLOPE = {fitted.middle:.3f}, {fitted.slope:.1f}"
    if abs(fitted.middle - MIDDLE) < 0.005 and abs(fitted.slope - SLOPE) < 0.2:
        return f"{said}: as it is."
    return (
        f"{said}\nIt is {MIDDLE:.3f}, {SLOPE:.1f}. Put the new values into yinling_matching/scoring/scale.py, and look "
        "at the tables, whose scores\nare those of the new map, whether STRONG, GOOD, POSSIBLE (there) and FOUND "
        "(matches.py) still hold."
    )


if __name__ == "__main__":
    main()
