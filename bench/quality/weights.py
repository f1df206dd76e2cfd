"""What each weight and each part of the score brings: `python -m bench.quality.weights --data ../shared/data`.

Ranks the sets offline with one thing changed at a time. The labelled sets ask nothing but what a request is about, so
that only the judged set can tell how much requirements should weigh beside it.
"""

import argparse
import importlib.util
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.quality import judged, table
from bench.quality.metrics import mean_of, ndcg, precision
from bench.quality.offline import DEFAULT, Floats, OfflineSet, offline_sets
from bench.quality.table import MEASURES
from yinling_matching.ranking.weights import Effective
from yinling_matching.scoring import answers

_VARIED = ("about", "must", "nice", "words")
_FACTORS = {"0": 0.0, "half": 0.5, "double": 2.0}
_OF_REQUIREMENTS = {"about", "must", "nice"}
"""Weights that change nothing where there are no requirements."""
_LEADING = {name: measures[-1] if name == "occupations" else measures[0] for name, measures in MEASURES.items()}
BEGIN, END = "<!-- weights: begin -->", "<!-- weights: end -->"
Values = NDArray[np.float64]
Scorers = Mapping[str, Callable[[dict[str, dict[str, float]]], dict[str, float]]]


def main() -> None:
    """Rank and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.quality.weights", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with the sets")
    parser.add_argument("--kept", type=Path, help="where vectors are kept (default: in the cache of the user)")
    parser.add_argument("--write", type=Path, help="replace the table in this Markdown file", metavar="FILE")
    arguments = parser.parse_args()
    model, sets = offline_sets(arguments.data, arguments.kept)
    scorers = _scorers(arguments.data)
    labelled = [one for one in sets if one.name != judged.NAME]
    titles = [f"{one.name} {_LEADING[one.name].name}" for one in labelled]
    lines = [f"Model: `{model}`.", "", f"| changed | judged nDCG@10 | difference | P@5 | {' | '.join(titles)} |"]
    lines.append(f"| --- {'| --- ' * (len(titles) + 3)}|")
    sample = next(one for one in sets if one.name == judged.NAME)
    grades = judged.by_request(judged.grades(), sample.queries, sample.people)
    before = _gains(sample.fits(), grades)
    for label, weights, part, about_alone in _ways():
        with _changed(part):
            cells = _judged_cells(sample.fits(weights), grades, before)
            cells += [_cell(one, weights, scorers) if about_alone else "" for one in labelled]
        lines.append(f"| {label} | {' | '.join(cells)} |")
    text = "\n".join(lines) + "\n"
    print(text)
    if arguments.write:
        table.write(arguments.write, text, BEGIN, END)


def _ways() -> Iterator[tuple[str, Effective, Mapping[str, float], bool]]:
    """Label, weights, constants of the scoring, and whether the labelled sets can tell."""
    shown = ", ".join(f"{field.name} {getattr(DEFAULT, field.name):g}" for field in fields(DEFAULT))
    yield f"nothing ({shown.split(', years')[0]})", DEFAULT, {}, True
    for name in _VARIED:
        for factor, times in _FACTORS.items():
            value = times * getattr(DEFAULT, name)
            weights = replace(DEFAULT, **{name: value})
            yield f"{name} {value:g} ({factor})", weights, {}, name not in _OF_REQUIREMENTS
    yield "facets alone, without the profile as a whole", DEFAULT, {"WHOLE": 0.0}, True
    yield "the profile as a whole alone", DEFAULT, {"WHOLE": 1.0}, True
    yield "the best facet instead of the best three", DEFAULT, {"BEST_FACETS": 1}, True
    yield "both: the best facet alone, no whole, no words", replace(DEFAULT, words=0.0), _BARE, True


_BARE = {"WHOLE": 0.0, "BEST_FACETS": 1}


@contextmanager
def _changed(constants: Mapping[str, float]) -> Iterator[None]:
    """The scoring with other constants until the end of the block."""
    before = {name: getattr(answers, name) for name in constants}
    for name, value in constants.items():
        setattr(answers, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(answers, name, value)


def _gains(fits: Floats, grades: Values) -> Values:
    return np.array([ndcg(*row) for row in zip(fits.astype(np.float64), grades, strict=True)])


def _judged_cells(fits: Floats, grades: Values, before: Values) -> list[str]:
    """Both measures; and by how much nDCG differs, request by request, with its interval."""
    gains = _gains(fits, grades)
    first = np.array([precision(*row) for row in zip(fits.astype(np.float64), grades >= judged.GOOD, strict=True)])
    apart = mean_of(gains - before)
    difference = f"{apart.value:+.3f} ({apart.low:+.3f} to {apart.high:+.3f})" if apart.value else ""
    return [f"{mean_of(gains).value:.3f}", difference, f"{mean_of(first).value:.3f}"]


def _cell(one: OfflineSet, weights: Effective, scorers: Scorers) -> str:
    return f"{scorers[one.name](_as_run(one, one.fits(weights)))[_LEADING[one.name].name]:.3f}"


def _as_run(one: OfflineSet, fits: Floats) -> dict[str, dict[str, float]]:
    rows = zip(one.queries, fits.tolist(), strict=True)
    return {query: dict(zip(one.people, row, strict=True)) for query, row in rows}


def _scorers(data: Path) -> Scorers:
    """The functions of the scorer that lies beside the data."""
    path = data.resolve().parent / "tools" / "score_runs.py"
    spec = importlib.util.spec_from_file_location("score_runs", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    scorers: Scorers = module.SETS
    return scorers


if __name__ == "__main__":
    main()
